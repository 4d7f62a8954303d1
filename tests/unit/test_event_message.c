/*
 * Proves records as messages of Windows' event log: ids that are known to whoever filters them, no
 * two alike, strings in which nothing is an insert, and room for the longest of them.
 */
#include "eventlog/event_message.h"
#include "unit/unit.h"

#define TEXT_ARG(name)   't',
#define NUMBER_ARG(name) 'n',
static const char kinds[EVENT_COUNT][EVENT_ARGS_MAX + 1] = {
#define EVENT(id, name, severity, level, per_minute, args, english) [EVENT_##name] = {args '\0'},
#include "eventlog/events.def"
#undef EVENT
};

static void fill(struct event_record *record, enum event event, struct span text)
{
    event_begin(record, event, 0);
    for (const char *kind = kinds[event]; *kind; kind++) {
        if (*kind == 't') {
            event_text(record, text);
        } else {
            event_number(record, UINT64_MAX);
        }
    }
}

static void known_ids(void **state)
{
    (void)state;
    static const struct {
        enum event event;
        uint32_t id;
    } rows[] = {
        {EVENT_ConfigurationApplied, 0x40000064}, {EVENT_Listening, 0x40010064},
        {EVENT_LimitReached, 0x80020064},         {EVENT_ServiceStarted, 0x40000065},
        {EVENT_ServiceStopped, 0x40000066},       {EVENT_ConnectReceived, 0x40000067},
        {EVENT_NotConnect, 0x80000068},           {EVENT_TargetForbidden, 0xC0000069},
        {EVENT_CertificateForbidden, 0xC0010069}, {EVENT_TlsRefused, 0xC000006A},
        {EVENT_TlsVerified, 0x4000006B},          {EVENT_AgentNotFound, 0x8000012C},
        {EVENT_NetworkError, 0xC0000193},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct event_record record;
        fill(&record, rows[i].event, span_str("x"));
        unit_holds(event_message_id(&record) == rows[i].id, "%s: %08" PRIx32,
                   event_name(rows[i].event), event_message_id(&record));
    }
}

/* Each event plain, and as the two summaries where there are such. */
static void no_two_are_alike(void **state)
{
    (void)state;
    static uint32_t ids[EVENT_COUNT * 3];
    size_t count = 0;
    for (unsigned i = 0; i < EVENT_COUNT; i++) {
        struct event_record record;
        fill(&record, (enum event)i, span_str("x"));
        ids[count++] = event_message_id(&record);
        assert_int_equal(ids[count - 1] & 0xFFFF, event_id((enum event)i));
        if (event_per_minute((enum event)i) > 0) {
            event_suppress(&record, 1);
            ids[count++] = event_message_id(&record);
            event_begin_others(&record, (enum event)i, 1);
            ids[count++] = event_message_id(&record);
        }
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            unit_holds(ids[i] != ids[k], "%08" PRIx32, ids[i]);
        }
    }
}

static void strings_have_no_inserts(void **state)
{
    (void)state;
    static char place[EVENT_MESSAGE_MAX];
    const char *strings[EVENT_MESSAGE_STRINGS];
    struct event_record record;
    event_begin(&record, EVENT_TargetForbidden, 0);
    event_text(&record, span_str("fe80::1%eth0"));
    event_text(&record, span_str("a%1\r\n\x1b[2J\xe2\x80\xae%%5"));
    event_number(&record, 443);
    event_text(&record, span_str(""));
    event_text(&record, span_str("\xff\\"));
    assert_int_equal(event_message_strings(&record, place, strings), 5);
    static const char *const want[] = {"fe80::1\\x25eth0",
                                       "a\\x251\\x0d\\x0a\\x1b[2J\\u{202e}\\x25\\x255", "443", "",
                                       "\\xff\\\\"};
    for (size_t i = 0; i < unit_count(want); i++) {
        assert_string_equal(strings[i], want[i]);
    }
    event_suppress(&record, 41);
    assert_int_equal(event_message_strings(&record, place, strings), 6);
    assert_string_equal(strings[1], want[1]);
    assert_string_equal(strings[5], "41");
    event_begin_others(&record, EVENT_TargetForbidden, 7);
    assert_int_equal(event_message_strings(&record, place, strings), 1);
    assert_string_equal(strings[0], "7");
}

/* What grows most on its way, as long as a record takes it. */
static void the_longest_fit(void **state)
{
    (void)state;
    static const char *const worst[] = {
        "%", "\n", "\xff", "\\", "\xc2\xad", "\xe2\x80\xae", "\xf3\xa0\x80\x81"};
    static char place[EVENT_MESSAGE_MAX];
    const char *strings[EVENT_MESSAGE_STRINGS];
    for (size_t k = 0; k < unit_count(worst); k++) {
        char text[EVENT_TEXT_MAX];
        size_t len = strlen(worst[k]);
        for (size_t i = 0; i < sizeof text; i++) {
            text[i] = worst[k][i % len];
        }
        for (unsigned i = 0; i < EVENT_COUNT; i++) {
            struct event_record record;
            fill(&record, (enum event)i, span_of(text, sizeof text));
            event_suppress(&record, UINT64_MAX);
            assert_int_equal(event_message_strings(&record, place, strings), strlen(kinds[i]) + 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_ids),
        cmocka_unit_test(no_two_are_alike),
        cmocka_unit_test(strings_have_no_inserts),
        cmocka_unit_test(the_longest_fit),
    };
    return cmocka_run_group_tests_name("event_message", tests, NULL, NULL);
}
