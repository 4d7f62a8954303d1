/*
 * Proves records and their lines: the exact text and JSON of known events, what a peer's bytes
 * become in them, where long text is cut, that a wrong argument trips a CHECK, and for every event
 * of the table that its longest line fits and is one JSON object with the right members.
 */
#include "base/utf.h"
#include "eventlog/event.h"
#include "unit/deceiving.h"
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
        {SPAN("\xC2\x9B"), "\\u{9b}", "\\\\u{9b}", "\\u009b"},
        {SPAN("\xE2\x80\xAE"), "\\u{202e}", "\\\\u{202e}", "\\u202e"},
        {SPAN("\xEF\xBB\xBF"), "\\u{feff}", "\\\\u{feff}", "\\ufeff"},
        {SPAN("\xF3\xA0\x80\xA0"), "\\u{e0020}", "\\\\u{e0020}", "\\udb40\\udc20"},
        {SPAN("\xF4\x8F\xBF\xBF"), "\\u{10ffff}", "\\\\u{10ffff}", "\\udbff\\udfff"},
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

/* What just fits is whole, whatever bytes lie behind it in memory. */
static void text_that_just_fits_is_not_cut(void **state)
{
    (void)state;
    uint8_t text[EVENT_TEXT_MAX + 1];
    memset(text, 'a', sizeof text);
    text[EVENT_TEXT_MAX] = 0x80;
    struct event_record record;
    stopped(&record, span_of(text, EVENT_TEXT_MAX));
    unit_same(span_of(record.text, record.text_len), span_of(text, EVENT_TEXT_MAX), "just fits");
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

static size_t count_texts(size_t event)
{
    size_t texts = 0;
    for (size_t i = 0; events[event].args[i].kind != 0; i++) {
        texts += events[event].args[i].kind == 'T';
    }
    return texts;
}

static uint8_t much[70000];

/* A text takes what it needs of the room that is left, but for a fair share of each later one. */
static size_t want_kept(size_t len, size_t used, size_t to_come, size_t share)
{
    size_t room = EVENT_TEXT_MAX - used - to_come * share;
    return len < room ? len : room;
}

/* Gives the event texts of these lengths, and judges what is kept of each. */
static void judge_shares(size_t event, const size_t *lens, size_t texts)
{
    size_t used = 0, given = 0, share = EVENT_TEXT_MAX / texts;
    struct event_record record;
    event_begin(&record, (enum event)event, moment);
    for (size_t i = 0; events[event].args[i].kind != 0; i++) {
        if (events[event].args[i].kind == 'N') {
            event_number(&record, 1);
            continue;
        }
        size_t len = lens[given++], want = want_kept(len, used, texts - given, share);
        event_text(&record, span_of(much, len));
        unit_holds(record.values[i].start == used && record.values[i].len == want,
                   "%s, text %zu: %u bytes of %zu at %u, want %zu", events[event].name, given,
                   record.values[i].len, len, record.values[i].start, want);
        unit_holds(want == len || want >= share, "%s, text %zu", events[event].name, given);
        used += want;
    }
    unit_holds(record.text_len == used, "%s", events[event].name);
}

/* Every event with every mixture of short and long texts, so in every order. */
static void each_text_has_a_fair_share_of_the_room(void **state)
{
    (void)state;
    size_t most = 0;
    memset(much, 'v', sizeof much);
    for (size_t event = 0; event < EVENT_COUNT; event++) {
        size_t texts = count_texts(event), lens[EVENT_ARGS_MAX];
        most = texts > most ? texts : most;
        if (texts == 0) {
            continue;
        }
        const size_t choice[] = {0, EVENT_TEXT_MAX / texts, EVENT_TEXT_MAX / texts + 1,
                                 sizeof much};
        struct unit_words words = {.letters = unit_count(choice), .max = texts};
        while (unit_words_next(&words)) {
            for (size_t i = 0; i < words.len; i++) {
                lens[i] = choice[words.index[i]];
            }
            if (words.len == texts) {
                judge_shares(event, lens, texts);
            }
        }
    }
    assert_true(most >= 2);
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

/* The event with the bytes over and over: all of them in its text number `which`, or shared where
 * there is no such; the last then takes what the others left. Numbers are the largest there are. */
static void fill(struct event_record *record, size_t event, struct span bytes, size_t which)
{
    uint8_t text[EVENT_TEXT_MAX + 4];
    size_t texts = count_texts(event), len = 0, text_index = 0;
    size_t share = texts > 0 && bytes.len > 0 ? EVENT_TEXT_MAX / texts / bytes.len * bytes.len : 0;
    for (; bytes.len > 0 && len + bytes.len <= sizeof text; len += bytes.len) {
        memcpy(text + len, bytes.at, bytes.len);
    }
    event_begin(record, (enum event)event, UINT64_MAX);
    for (size_t i = 0; events[event].args[i].kind != 0; i++) {
        if (events[event].args[i].kind == 'N') {
            event_number(record, UINT64_MAX);
            continue;
        }
        bool rest = which < texts ? text_index == which : text_index == texts - 1;
        event_text(record, span_of(text, rest ? len : which < texts ? 0 : share));
        text_index++;
    }
}

/* No character of the line deceives, and all of it is UTF-8. */
static void judge_line(struct span rest)
{
    struct span all = rest;
    while (rest.len > 0) {
        uint32_t character;
        unit_holds(utf_next(&rest, &character) == ERR_OK, "%s", unit_show(all));
        unit_holds(!deceiving_is(character), "U+%04X: %s", (unsigned)character, unit_show(all));
    }
}

static void judge_json(const struct event_record *record, size_t event, struct span sentence)
{
    static uint8_t value[EVENT_LINE_MAX], want[EVENT_LINE_MAX];
    char id[16];
    struct span rest = line(record, true);
    judge_line(rest);
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
    unit_same(expect_member(&rest, "text", value), sentence, "%s", events[event].name);
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

/* The line of text has its start and nothing that deceives; its sentence ends up in `place`. */
static struct span judge_text(const struct event_record *record, size_t event, uint8_t *sentence)
{
    char start[128];
    (void)snprintf(start, sizeof start, "584556019-04-03T14:25:51.615Z %s %u %s - ",
                   events[event].severity, events[event].id, events[event].name);
    struct span text = line(record, false);
    judge_line(text);
    expect(&text, start, events[event].name);
    memcpy(sentence, text.at, text.len);
    return span_of(sentence, text.len);
}

/*
 * A byte of text is at most 4 bytes of a line of text, \x00; and at most 5 and 6 of a line of JSON,
 * \\x00 in its sentence and \u0000 in its argument. Control characters are as long as that.
 */
static void judge_longest(size_t event, struct span bytes, size_t which)
{
    static uint8_t sentence[EVENT_LINE_MAX];
    struct event_record empty, record;
    fill(&empty, event, span_of(NULL, 0), which);
    fill(&record, event, bytes, which);
    size_t texts = count_texts(event), behind = which < texts ? texts - 1 - which : 0;
    unit_holds(texts == 0 ||
                   record.text_len + bytes.len > EVENT_TEXT_MAX - behind * (EVENT_TEXT_MAX / texts),
               "%s", events[event].name);
    bool exact = bytes.at[0] < 0x20;
    size_t frame = line(&empty, false).len, got = line(&record, false).len;
    size_t most = frame + (size_t)record.text_len * 4;
    unit_holds(exact ? got == most : got <= most, "%s: %zu of %zu", events[event].name, got, most);
    frame = line(&empty, true).len;
    got = line(&record, true).len;
    most = frame + (size_t)record.text_len * (6 + 5);
    unit_holds(exact ? got == most : got <= most, "%s: %zu of %zu", events[event].name, got, most);
    unit_holds(frame + EVENT_TEXT_MAX * (6 + 5) + 2 <= EVENT_LINE_MAX, "%s: %zu without its texts",
               events[event].name, frame); /* 2: the line's end and the NUL */
    judge_json(&record, event, judge_text(&record, event, sentence));
}

static void every_event_at_its_longest(void **state)
{
    (void)state;
    static const struct span worst[] = {SPAN("\x01"),
                                        SPAN("\0"),
                                        SPAN("\x7F"),
                                        SPAN("\xFF"),
                                        SPAN("\x80"),
                                        SPAN("\\"),
                                        SPAN("\""),
                                        SPAN("a"),
                                        SPAN("\xC2\x80"),
                                        SPAN("\xC3\xA4"),
                                        SPAN("\xE2\x80\xAE"),
                                        SPAN("\xE2\x82\xAC"),
                                        SPAN("\xEF\xBB\xBF"),
                                        SPAN("\xF0\x9B\xB2\xA0"),
                                        SPAN("\xF3\xA0\x80\xA0"),
                                        SPAN("\xF4\x8F\xBF\xBF")};
    for (size_t event = 0; event < EVENT_COUNT; event++) {
        for (size_t i = 0; i < unit_count(worst); i++) {
            for (size_t which = 0; which <= count_texts(event); which++) {
                judge_longest(event, worst[i], which);
            }
        }
    }
}

/* The bytes make a record's lines longer than `empty` by no more than a control would. */
static void judge_growth(struct span bytes, const size_t empty[2])
{
    struct event_record record;
    stopped(&record, bytes);
    size_t text = line(&record, false).len - empty[0], json = line(&record, true).len - empty[1];
    unit_holds(text <= bytes.len * 4, "%s: %zu", unit_show(bytes), text);
    unit_holds(json <= bytes.len * (6 + 5), "%s: %zu", unit_show(bytes), json);
}

/* Each character, and each byte that is none: all text is made of these. */
static void nothing_is_longer_than_a_control(void **state)
{
    (void)state;
    struct event_record record;
    stopped(&record, span_of(NULL, 0));
    size_t empty[2] = {line(&record, false).len, line(&record, true).len};
    for (uint32_t character = 0; character <= 0x10FFFF; character++) {
        uint8_t bytes[4];
        if (character < 0xD800 || character > 0xDFFF) {
            judge_growth(span_of(bytes, utf_encode(character, bytes)), empty);
        }
    }
    for (unsigned i = 0x80; i <= 0xFF; i++) {
        uint8_t byte = (uint8_t)i;
        judge_growth(span_of(&byte, 1), empty);
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
            const char *found = strstr(events[event].english, wanted);
            unit_holds(found, "%s says nothing of %s", name, arg);
            unit_holds(!strstr(found + 1, wanted), "%s says %s twice: too long", name, arg);
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
        memset(&record, 0, sizeof record); /* what was not given looks like something harmless */
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
        cmocka_unit_test(text_that_just_fits_is_not_cut),
        cmocka_unit_test(broken_text_is_cut_like_any_other),
        cmocka_unit_test(each_text_has_a_fair_share_of_the_room),
        cmocka_unit_test(every_event_at_its_longest),
        cmocka_unit_test(nothing_is_longer_than_a_control),
        cmocka_unit_test(every_row_has_the_form),
        cmocka_unit_test(wrong_arguments_trip_a_check),
    };
    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
