/*
 * Proves records and their lines: the exact text and JSON of known events, what a peer's bytes
 * become in them, where long text is cut, that a wrong argument trips a CHECK, and for every event
 * of the table that its longest line fits and is one JSON object with the right members.
 */
#include "base/utf.h"
#include "eventlog/event.h"
#include "unit/unit.h"

static const uint64_t moment = UINT64_C(1795255200123);

/* The table once more: of each event its id, its severity, and the kind and name of each argument.
 */
#define TEXT_ARG(name)   {'T', #name},
#define NUMBER_ARG(name) {'N', #name},
static const struct {
    uint16_t id;
    const char *name, *severity, *english;
    struct {
        char kind;
        const char *name;
    } args[EVENT_ARGS_MAX + 1];
} events[EVENT_COUNT] = {
#define EVENT(id, name, severity, level, per_minute, args, english)                                \
    [EVENT_##name] = {id, #name, #severity, english, {args{0, NULL}}},
#include "eventlog/events.def"
#undef EVENT
};

static char place[EVENT_LINE_MAX];

/* A line in a place as large as the sinks' (they keep one byte for the line's end). */
static struct span line(const struct event_record *record, bool json)
{
    struct out out;
    out_begin(&out, place, sizeof place - 1);
    if (json) {
        event_print_json(record, &out);
    } else {
        event_print_text(record, &out);
    }
    unit_holds(out_end(&out) == ERR_OK, "%s", events[record->event].name);
    return out_span(&out);
}

static void stopped(struct event_record *record, struct span reason)
{
    memset(record, 0xEE, sizeof *record);
    event_begin(record, EVENT_ServiceStopped, moment);
    event_text(record, reason);
}

static void known_lines(void **state)
{
    (void)state;
    struct event_record record;
    memset(&record, 0xEE, sizeof record);
    event_begin(&record, EVENT_ServiceStarted, moment);
    event_text(&record, span_str("1.2.3"));
    event_text(&record, span_str("2001:db8::1"));
    event_number(&record, 8080);
    unit_same(line(&record, false),
              span_str("2026-11-21T10:00:00.123Z INFO 101 ServiceStarted - OMS Gateway 1.2.3 has "
                       "started; address: 2001:db8::1, port: 8080."),
              "started");
    unit_same(line(&record, true),
              span_str("{\"time\":\"2026-11-21T10:00:00.123Z\",\"severity\":\"INFO\",\"id\":101,"
                       "\"name\":\"ServiceStarted\",\"text\":\"OMS Gateway 1.2.3 has started; "
                       "address: 2001:db8::1, port: 8080.\",\"version\":\"1.2.3\","
                       "\"address\":\"2001:db8::1\",\"port\":8080}"),
              "started");
    stopped(&record, span_str("asked to"));
    unit_same(line(&record, false),
              span_str("2026-11-21T10:00:00.123Z INFO 102 ServiceStopped - OMS Gateway has stopped:"
                       " asked to."),
              "stopped");
    unit_same(line(&record, true),
              span_str("{\"time\":\"2026-11-21T10:00:00.123Z\",\"severity\":\"INFO\",\"id\":102,"
                       "\"name\":\"ServiceStopped\",\"text\":\"OMS Gateway has stopped: asked to."
                       "\",\"reason\":\"asked to\"}"),
              "stopped");
}

/* A peer's bytes as they stand in a line of text, in JSON's text, and in JSON's argument. */
static void a_peers_bytes_are_escaped(void **state)
{
    (void)state;
    static const struct {
        struct span bytes;
        const char *text, *json_text, *json_argument;
    } rows[] = {
        {SPAN(""), "", "", ""},
        {SPAN("a\r\nb"), "a\\x0d\\x0ab", "a\\\\x0d\\\\x0ab", "a\\u000d\\u000ab"},
        {SPAN("\x1B[2J"), "\\x1b[2J", "\\\\x1b[2J", "\\u001b[2J"},
        {SPAN("say \"x\""), "say \"x\"", "say \\\"x\\\"", "say \\\"x\\\""},
        {SPAN("C:\\x0a"), "C:\\\\x0a", "C:\\\\\\\\x0a", "C:\\\\x0a"},
        {SPAN("\0"), "\\x00", "\\\\x00", "\\u0000"},
        {SPAN("\x7F"), "\\x7f", "\\\\x7f", "\\u007f"},
        {SPAN("\xC3("), "\\xc3(", "\\\\xc3(", "\xEF\xBF\xBD("},
        {SPAN("\xED\xA0\x80"), "\\xed\\xa0\\x80", "\\\\xed\\\\xa0\\\\x80",
         "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {SPAN("\xE2\x80\xAE"), "\\u{202e}", "\\\\u{202e}", "\xE2\x80\xAE"},
        {SPAN("\xC3\xA4\xF0\x9F\x98\x80"), "\xC3\xA4\xF0\x9F\x98\x80", "\xC3\xA4\xF0\x9F\x98\x80",
         "\xC3\xA4\xF0\x9F\x98\x80"},
        {SPAN("{reason} {port} }{"), "{reason} {port} }{", "{reason} {port} }{",
         "{reason} {port} }{"},
        {SPAN("%s%n"), "%s%n", "%s%n", "%s%n"},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct event_record record;
        char want[512];
        stopped(&record, rows[i].bytes);
        (void)snprintf(want, sizeof want,
                       "2026-11-21T10:00:00.123Z INFO 102 ServiceStopped - OMS "
                       "Gateway has stopped: %s.",
                       rows[i].text);
        unit_same(line(&record, false), span_str(want), "%zu", i);
        (void)snprintf(want, sizeof want,
                       "{\"time\":\"2026-11-21T10:00:00.123Z\",\"severity\":"
                       "\"INFO\",\"id\":102,\"name\":\"ServiceStopped\",\"text\":\"OMS Gateway has "
                       "stopped: %s.\",\"reason\":\"%s\"}",
                       rows[i].json_text, rows[i].json_argument);
        unit_same(line(&record, true), span_str(want), "%zu", i);
    }
}

/* Letters, then one kind of character over and over: what is kept ends between two of them. */
static void long_text_is_cut_between_characters(void **state)
{
    (void)state;
    static const struct span characters[] = {SPAN("z"), SPAN("\xC3\xA4"), SPAN("\xE2\x82\xAC"),
                                             SPAN("\xF0\x9F\x98\x80")};
    for (size_t i = 0; i < unit_count(characters); i++) {
        for (size_t letters = EVENT_TEXT_MAX - 9; letters <= EVENT_TEXT_MAX + 1; letters++) {
            uint8_t text[EVENT_TEXT_MAX + 64];
            size_t len = letters, want = letters;
            memset(text, 'a', sizeof text);
            while (len + characters[i].len <= sizeof text) {
                memcpy(text + len, characters[i].at, characters[i].len);
                len += characters[i].len;
                want = len <= EVENT_TEXT_MAX ? len : want;
            }
            want = want < EVENT_TEXT_MAX ? want : EVENT_TEXT_MAX;
            struct event_record record;
            stopped(&record, span_of(text, len));
            unit_same(span_of(record.text, record.text_len), span_of(text, want),
                      "%zu letters, characters of %zu", letters, characters[i].len);
            unit_holds(utf_valid(span_of(record.text, record.text_len)), "%zu", letters);
        }
    }
}

/* No text, however broken, loses more than an unfinished character: three bytes at the most. */
static void broken_text_is_cut_like_any_other(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct span start;
        uint8_t fill;
    } rows[] = {
        {"no character begins", SPAN(""), 0x80},
        {"letters, then none begins", SPAN("evil"), 0xBF},
        {"one begins and never ends", SPAN("evil\xF0"), 0x80},
        {"each byte begins one", SPAN("evil"), 0xC3},
        {"each byte is none", SPAN("evil"), 0xFF},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        uint8_t text[EVENT_TEXT_MAX + 64];
        struct event_record record;
        memset(text, rows[i].fill, sizeof text);
        memcpy(text, rows[i].start.at, rows[i].start.len);
        stopped(&record, span_of(text, sizeof text));
        unit_holds(record.text_len <= EVENT_TEXT_MAX, "%s: %u", rows[i].name, record.text_len);
        unit_holds(record.text_len + 3 >= EVENT_TEXT_MAX, "%s: %u of %d bytes are kept",
                   rows[i].name, record.text_len, EVENT_TEXT_MAX);
        unit_same(span_of(record.text, record.text_len), span_of(text, record.text_len), "%s",
                  rows[i].name);
    }
}

/* Two texts share the room: the first has it first, the second what is left. */
static void texts_share_the_room(void **state)
{
    (void)state;
    static const size_t lens[] = {
        0, 1, EVENT_TEXT_MAX - 1, EVENT_TEXT_MAX, EVENT_TEXT_MAX + 1, 5 * EVENT_TEXT_MAX, 70000};
    static uint8_t text[70000];
    memset(text, 'v', sizeof text);
    for (size_t i = 0; i < unit_count(lens) * unit_count(lens); i++) {
        size_t first = lens[i / unit_count(lens)], second = lens[i % unit_count(lens)];
        struct event_record record;
        event_begin(&record, EVENT_ServiceStarted, moment);
        event_text(&record, span_of(text, first));
        event_text(&record, span_of(text, second));
        event_number(&record, 1);
        size_t kept = first < EVENT_TEXT_MAX ? first : EVENT_TEXT_MAX, left = EVENT_TEXT_MAX - kept;
        unit_holds(record.values[0].start == 0 && record.values[0].len == kept, "%zu %zu", first,
                   second);
        unit_holds(record.values[1].start == kept, "%zu %zu", first, second);
        unit_holds(record.values[1].len == (second < left ? second : left), "%zu %zu", first,
                   second);
        unit_holds(span_ends_with(line(&record, false), span_str(", port: 1.")), "%zu %zu", first,
                   second);
    }
}

/* Cuts `text` off the front of *rest, or fails. */
static void expect(struct span *rest, const char *text, const char *row)
{
    unit_holds(span_starts_with(*rest, span_str(text)), "%s: %s, want %s", row, unit_show(*rest),
               text);
    *rest = span_after(*rest, strlen(text));
}

/* One member of an object: its name, and its value as a string that ends up in `value`. */
static struct span expect_member(struct span *rest, const char *name, uint8_t *value)
{
    char start[128];
    size_t len;
    (void)snprintf(start, sizeof start, "\"%s\":", name);
    expect(rest, start, name);
    if (!span_starts_with(*rest, span_str("\""))) { /* a number stays as it is written */
        for (len = 0; len < rest->len && span_is_digit(rest->at[len]); len++) {
            value[len] = rest->at[len];
        }
        *rest = span_after(*rest, len);
    } else {
        unit_holds(unit_json_string(rest, value, &len), "%s: %s", name, unit_show(*rest));
    }
    return span_of(value, len);
}

/* The event with every argument as long and as bad as it can be. */
static void fill(struct event_record *record, size_t event, struct span bytes)
{
    uint8_t text[EVENT_TEXT_MAX] = {0};
    size_t texts = 0;
    for (size_t i = 0; events[event].args[i].kind != 0; i++) {
        texts += events[event].args[i].kind == 'T';
    }
    size_t len = 0, most = texts > 0 ? sizeof text / texts : 0;
    for (; len + bytes.len <= most; len += bytes.len) {
        memcpy(text + len, bytes.at, bytes.len);
    }
    event_begin(record, (enum event)event, UINT64_MAX);
    for (size_t i = 0; events[event].args[i].kind != 0; i++) {
        if (events[event].args[i].kind == 'T') {
            event_text(record, span_of(text, len));
        } else {
            event_number(record, UINT64_MAX);
        }
    }
}

static void judge_json(const struct event_record *record, size_t event)
{
    static uint8_t value[EVENT_LINE_MAX], want[EVENT_LINE_MAX];
    char id[16];
    struct span rest = line(record, true);
    unit_holds(utf_valid(rest), "%s", events[event].name);
    (void)snprintf(id, sizeof id, "%u", events[event].id);
    expect(&rest, "{", events[event].name);
    unit_same(expect_member(&rest, "time", value), span_str("584556019-04-03T14:25:51.615Z"), "%s",
              events[event].name);
    expect(&rest, ",", events[event].name);
    unit_same(expect_member(&rest, "severity", value), span_str(events[event].severity), "%s",
              events[event].name);
    expect(&rest, ",", events[event].name);
    unit_same(expect_member(&rest, "id", value), span_str(id), "%s", events[event].name);
    expect(&rest, ",", events[event].name);
    unit_same(expect_member(&rest, "name", value), span_str(events[event].name), "%s",
              events[event].name);
    expect(&rest, ",", events[event].name);
    unit_holds(expect_member(&rest, "text", value).len > 0, "%s", events[event].name);
    for (size_t i = 0; events[event].args[i].kind != 0; i++) {
        expect(&rest, ",", events[event].name);
        struct span got = expect_member(&rest, events[event].args[i].name, value);
        if (events[event].args[i].kind == 'N') {
            unit_same(got, span_str("18446744073709551615"), "%s", events[event].name);
        } else if (utf_valid(span_of(record->text, record->text_len))) {
            memcpy(want, record->text + record->values[i].start, record->values[i].len);
            unit_same(got, span_of(want, record->values[i].len), "%s", events[event].name);
        }
    }
    unit_same(rest, span_str("}"), "%s", events[event].name);
}

static void every_event_at_its_longest(void **state)
{
    (void)state;
    static const struct span worst[] = {
        SPAN("\x01"),     SPAN("\x7F"),         SPAN("\xFF"),
        SPAN("\\"),       SPAN("\""),           SPAN("a"),
        SPAN("\xC2\x80"), SPAN("\xE2\x80\xAE"), SPAN("\xF3\xA0\x80\xA0")};
    for (size_t event = 0; event < EVENT_COUNT; event++) {
        for (size_t i = 0; i < unit_count(worst); i++) {
            struct event_record record;
            char start[128];
            fill(&record, event, worst[i]);
            judge_json(&record, event);
            (void)snprintf(start, sizeof start, "584556019-04-03T14:25:51.615Z %s %u %s - ",
                           events[event].severity, events[event].id, events[event].name);
            struct span text = line(&record, false);
            unit_holds(span_starts_with(text, span_str(start)), "%s", unit_show(text));
            for (size_t k = 0; k < text.len; k++) {
                unit_holds(text.at[k] >= 0x20 && text.at[k] != 0x7F, "%s", unit_show(text));
            }
        }
    }
}

/* What a person and a parser need of each row. */
static void every_row_has_the_form(void **state)
{
    (void)state;
    static const char *const members[] = {"time", "severity", "id", "name", "text"};
    for (size_t event = 0; event < EVENT_COUNT; event++) {
        const char *name = events[event].name;
        unit_holds(event_id((enum event)event) == events[event].id, "%s", name);
        unit_holds(events[event].id >= 100 && events[event].id <= 999, "%s", name);
        for (size_t i = 0; events[event].args[i].kind != 0; i++) {
            const char *arg = events[event].args[i].name;
            char wanted[64];
            (void)snprintf(wanted, sizeof wanted, "{%s}", arg);
            unit_holds(strstr(events[event].english, wanted), "%s says nothing of %s", name, arg);
            for (size_t k = 0; k < unit_count(members); k++) {
                unit_holds(strcmp(arg, members[k]) != 0, "%s: %s is a line's own", name, arg);
            }
            for (size_t k = 0; k < i; k++) {
                unit_holds(strcmp(arg, events[event].args[k].name) != 0, "%s: %s", name, arg);
            }
        }
    }
}

static void number_for_text(void *arg)
{
    event_begin(arg, EVENT_ServiceStarted, moment);
    event_number(arg, 1);
}

static void text_for_number(void *arg)
{
    event_begin(arg, EVENT_ServiceStarted, moment);
    event_text(arg, span_str("v"));
    event_text(arg, span_str("a"));
    event_text(arg, span_str("8080"));
}

static void one_text_too_many(void *arg)
{
    stopped(arg, span_str("once"));
    event_text(arg, span_str("twice"));
}

static void one_number_too_many(void *arg)
{
    stopped(arg, span_str("once"));
    event_number(arg, 2);
}

static void text_line_too_early(void *arg)
{
    struct out out;
    out_begin(&out, place, sizeof place);
    event_begin(arg, EVENT_ServiceStarted, moment);
    event_text(arg, span_str("v"));
    event_print_text(arg, &out);
}

static void json_line_too_early(void *arg)
{
    struct out out;
    out_begin(&out, place, sizeof place);
    event_begin(arg, EVENT_ServiceStarted, moment);
    event_print_json(arg, &out);
}

static void no_such_event(void *arg)
{
    event_begin(arg, EVENT_COUNT, moment);
}

static void no_such_id(void *arg)
{
    ((struct event_record *)arg)->count = event_id((enum event) - 1);
}

static void wrong_arguments_trip_a_check(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*body)(void *);
    } rows[] = {
        {"a number for a text", number_for_text},
        {"a text for a number", text_for_number},
        {"one text too many", one_text_too_many},
        {"one number too many", one_number_too_many},
        {"a line of text too early", text_line_too_early},
        {"a line of JSON too early", json_line_too_early},
        {"no such event", no_such_event},
        {"no such id", no_such_id},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct event_record record;
        const char *sentence = unit_expect_check(rows[i].body, &record);
        unit_holds(strstr(sentence, "event.c:"), "%s: %s", rows[i].name, sentence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_lines),
        cmocka_unit_test(a_peers_bytes_are_escaped),
        cmocka_unit_test(long_text_is_cut_between_characters),
        cmocka_unit_test(broken_text_is_cut_like_any_other),
        cmocka_unit_test(texts_share_the_room),
        cmocka_unit_test(every_event_at_its_longest),
        cmocka_unit_test(every_row_has_the_form),
        cmocka_unit_test(wrong_arguments_trip_a_check),
    };
    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
