/*
 * Proves events.def against what others rely on: ids, names and arguments are the ones that were
 * promised, frozen openings stand first, what a peer can cause is limited, every id that err.def
 * names exists, and the longest values that can rightly occur are never cut.
 */
#include "eventlog/event.h"
#include "unit/unit.h"

/* The table once more, each event as "id Name argument argument#"; # marks a number. */
#define TEXT_ARG(name)   " " #name
#define NUMBER_ARG(name) " " #name "#"
static const struct {
    uint16_t id;
    const char *name, *severity, *level;
    unsigned per_minute;
    const char *args, *english;
} rows[EVENT_COUNT] = {
#define EVENT(id, name, severity, level, per_minute, args, english)                                \
    [EVENT_##name] = {id, #name, #severity, #level, per_minute, "" args, english},
#include "eventlog/events.def"
#undef EVENT
};

/* Other programs know these; none of them may ever change. More may follow. */
static void promised_names_and_arguments(void **state)
{
    (void)state;
    static const struct {
        uint16_t id;
        const char *name, *args;
    } promised[] = {
        {100, "ConfigurationApplied", " revision#"},
        {100, "Listening", " address port#"},
        {100, "ConfigurationChanged", " revision# who program what old new"},
        {101, "ServiceStarted", " version address port#"},
        {102, "ServiceStopped", " reason"},
        {103, "ConnectReceived", " client host port#"},
        {104, "NotConnect", " client method"},
        {105, "TargetForbidden", " client host port# reason rule"},
        {105, "CertificateForbidden", " client host subject"},
        {106, "TlsRefused", " client host reason"},
        {106, "TlsSilent", " client host reason"},
        {107, "TlsVerified", " client host version sni subject resumed"},
        {402, "TlsUnreadable", " client host reason"},
        {403, "NetworkError", " client host port# reason"},
    };
    for (size_t i = 0; i < unit_count(promised); i++) {
        size_t found = 0;
        while (found < EVENT_COUNT && strcmp(rows[found].name, promised[i].name) != 0) {
            found++;
        }
        unit_holds(found < EVENT_COUNT, "%s is gone", promised[i].name);
        unit_holds(rows[found].id == promised[i].id, "%s: %u", promised[i].name, rows[found].id);
        unit_holds(strcmp(rows[found].args, promised[i].args) == 0, "%s has%s, promised%s",
                   promised[i].name, rows[found].args, promised[i].args);
    }
}

static bool is_id(uint16_t id)
{
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        if (rows[i].id == id) {
            return true;
        }
    }
    return false;
}

static void every_id_of_the_product_is_there(void **state)
{
    (void)state;
    static const uint16_t ids[] = {100, 101, 102, 103, 104, 105, 106,
                                   107, 200, 300, 400, 401, 402, 403};
    for (size_t i = 0; i < unit_count(ids); i++) {
        unit_holds(is_id(ids[i]), "%u", ids[i]);
    }
}

static void rows_are_sorted_and_names_are_there_once(void **state)
{
    (void)state;
    for (size_t i = 1; i < EVENT_COUNT; i++) {
        unit_holds(rows[i].id >= rows[i - 1].id, "%s stands too late", rows[i].name);
        for (size_t k = 0; k < i; k++) {
            unit_holds(strcmp(rows[i].name, rows[k].name) != 0, "%s", rows[i].name);
        }
    }
}

static void every_error_names_an_event_that_exists(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ERR_COUNT; i++) {
        uint16_t id = err_event((enum err)i);
        unit_holds(id == 0 || is_id(id), "%s names event %u", err_name((enum err)i), id);
    }
}

/* Which event tells of a reply follows from its status alone. */
static void every_reply_has_the_event_of_its_status(void **state)
{
    (void)state;
    static const struct {
        uint16_t http, event;
    } events[] = {{0, 0},     {400, 104}, {403, 105}, {405, 104}, {408, 104},
                  {431, 104}, {502, 403}, {503, 100}, {504, 403}};
    for (unsigned i = 0; i < ERR_COUNT; i++) {
        uint16_t http = err_http_status((enum err)i), event = err_event((enum err)i);
        size_t k = 0;
        while (k < unit_count(events) && events[k].http != http) {
            k++;
        }
        unit_holds(k < unit_count(events), "%s: no reply has %u", err_name((enum err)i), http);
        unit_holds(http == 0 || event == events[k].event, "%s: %u is told by %u, not by %u",
                   err_name((enum err)i), http, events[k].event, event);
    }
}

static void frozen_openings_stand_first(void **state)
{
    (void)state;
    static const struct {
        enum event event;
        const char *opening;
    } frozen[] = {
#define FROZEN(name, fragment) {EVENT_##name, fragment},
#include "eventlog/frozen.def"
#undef FROZEN
    };
    /* Written out: the table itself must not change either. */
    assert_int_equal(unit_count(frozen), 2);
    assert_string_equal(frozen[0].opening, "Target host ({host}) is forbidden");
    assert_string_equal(frozen[1].opening, "Invalid Client certificate: {subject}");
    for (size_t i = 0; i < unit_count(frozen); i++) {
        const char *english = rows[frozen[i].event].english;
        unit_holds(strncmp(english, frozen[i].opening, strlen(frozen[i].opening)) == 0, "%s",
                   english);
    }
}

/* Whoever is named as client has caused the event, and could cause any number of them. */
static void what_a_peer_causes_is_limited(void **state)
{
    (void)state;
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        bool peer = strncmp(rows[i].args, " client", 7) == 0;
        unit_holds(rows[i].per_minute == (peer ? 600 : 0), "%s: %u a minute", rows[i].name,
                   rows[i].per_minute);
    }
}

/* Failures are errors, what only DEBUG adds is DEBUG, and the level is never above the severity. */
static void severities_follow_the_ids(void **state)
{
    (void)state;
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        bool debug = rows[i].id == 103 || rows[i].id == 107 || rows[i].id == 200;
        unit_holds(debug == (strcmp(rows[i].severity, "DEBUG") == 0), "%s", rows[i].name);
        unit_holds(strcmp(rows[i].severity, rows[i].level) == 0, "%s", rows[i].name);
        unit_holds(rows[i].id < 400 || strcmp(rows[i].severity, "ERROR") == 0, "%s", rows[i].name);
    }
}

static void every_text_has_the_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        const char *english = rows[i].english;
        size_t len = strlen(english);
        unit_holds(len > 8 && len < 400 && english[len - 1] == '.', "%s", rows[i].name);
        unit_holds(!strstr(english, "  "), "%s: two spaces", rows[i].name);
        for (size_t k = 0; k < len; k++) {
            unit_holds(english[k] >= 0x20 && english[k] < 0x7F, "%s: %s", rows[i].name, english);
        }
    }
}

/* The longest that each argument can rightly be; sentences are err.def's and the settings' names.
 */
static size_t longest(struct span arg)
{
    static const struct {
        const char *arg;
        size_t len;
    } lens[] = {
        {"client", 45},  {"address", 45}, {"host", 253},   {"sni", 253},  {"subject", 512},
        {"version", 8},  {"resumed", 8},  {"reason", 200}, {"rule", 260}, {"method", 64},
        {"step", 200},   {"work", 200},   {"entry", 512},  {"who", 64},   {"program", 32},
        {"what", 64},    {"old", 512},    {"new", 512},    {"seen", 24},  {"setting", 64},
        {"aside", 1100}, {"path", 1024},  {"started", 24}, {"kept", 47},  {"lost", 20},
    };
    for (size_t i = 0; i < unit_count(lens); i++) {
        if (span_is(arg, lens[i].arg)) {
            return lens[i].len;
        }
    }
    unit_holds(false, "how long can %s be?", unit_show(arg));
    return 0;
}

static void what_can_rightly_occur_is_never_cut(void **state)
{
    (void)state;
    static uint8_t text[2048];
    memset(text, 'v', sizeof text);
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        struct event_record record;
        struct span rest = span_str(rows[i].args), arg;
        bool done = false;
        size_t count = 0;
        event_begin(&record, (enum event)i, 0);
        (void)span_cut(&rest, ' ', &done, &arg); /* what is before the first space */
        while (span_cut(&rest, ' ', &done, &arg)) {
            if (span_ends_with(arg, span_str("#"))) {
                event_number(&record, 1);
            } else {
                event_text(&record, span_of(text, longest(arg)));
                unit_holds(record.values[count].len == longest(arg), "%s cuts %s to %u",
                           rows[i].name, unit_show(arg), record.values[count].len);
            }
            count++;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(promised_names_and_arguments),
        cmocka_unit_test(every_id_of_the_product_is_there),
        cmocka_unit_test(rows_are_sorted_and_names_are_there_once),
        cmocka_unit_test(every_error_names_an_event_that_exists),
        cmocka_unit_test(every_reply_has_the_event_of_its_status),
        cmocka_unit_test(frozen_openings_stand_first),
        cmocka_unit_test(what_a_peer_causes_is_limited),
        cmocka_unit_test(severities_follow_the_ids),
        cmocka_unit_test(every_text_has_the_form),
        cmocka_unit_test(what_can_rightly_occur_is_never_cut),
    };
    return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
