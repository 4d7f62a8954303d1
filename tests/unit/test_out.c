/*
 * Proves the bounded builder: each piece at each size of place is there whole or not at all, the
 * NUL always, nothing behind the place; numbers at their ends; JSON and escaped text read back to
 * what went in, with nothing in them that a terminal or a log's reader could trip over.
 */
#include "base/out.h"
#include "base/utf.h"
#include "unit/deceiving.h"
#include "unit/unit.h"

enum { PLACE = 128, CANARY = 0xA5 };

static void put_nothing(struct out *out)
{
    out_put(out, span_of(NULL, 0));
}

static void put_span(struct out *out)
{
    out_put(out, span_of("a\0b", 3));
}

static void put_str(struct out *out)
{
    out_str(out, "text");
}

static void put_char(struct out *out)
{
    out_char(out, 'x');
}

static void put_zero(struct out *out)
{
    out_u64(out, 0);
}

static void put_most(struct out *out)
{
    out_u64(out, UINT64_MAX);
}

static void put_padded(struct out *out)
{
    out_padded(out, 42, 5);
}

static void put_overfull(struct out *out)
{
    out_padded(out, 12345, 2);
}

static void put_hex(struct out *out)
{
    out_hex(out, 0xFEDCBA9876543210);
}

static void put_json(struct out *out)
{
    out_json(out, span_str("a\"\\\n\x7F\xFF\xC3\xA4"));
}

static void put_json_deceiving(struct out *out)
{
    out_json(out, span_str("\xC2\x9B\xE2\x80\xAE\xF3\xA0\x80\xA0"));
}

static void put_json_nothing(struct out *out)
{
    out_json(out, span_of(NULL, 0));
}

static void put_escaped(struct out *out)
{
    out_escaped(out, span_str("a\\\n\xFF\xE2\x80\xAE\xC3\xA4"));
}

static void put_escaped_nothing(struct out *out)
{
    out_escaped(out, span_of(NULL, 0));
}

static const struct {
    const char *name;
    void (*put)(struct out *);
    struct span want;
} pieces[] = {
    {"nothing", put_nothing, SPAN("")},
    {"span", put_span, SPAN("a\0b")},
    {"str", put_str, SPAN("text")},
    {"char", put_char, SPAN("x")},
    {"zero", put_zero, SPAN("0")},
    {"most", put_most, SPAN("18446744073709551615")},
    {"padded", put_padded, SPAN("00042")},
    {"overfull", put_overfull, SPAN("12345")},
    {"hex", put_hex, SPAN("fedcba9876543210")},
    {"json", put_json, SPAN("\"a\\\"\\\\\\u000a\\u007f\xEF\xBF\xBD\xC3\xA4\"")},
    {"json that deceives", put_json_deceiving, SPAN("\"\\u009b\\u202e\\udb40\\udc20\"")},
    {"json of nothing", put_json_nothing, SPAN("\"\"")},
    {"escaped", put_escaped, SPAN("a\\\\\\x0a\\xff\\u{202e}\xC3\xA4")},
    {"escaped nothing", put_escaped_nothing, SPAN("")},
};

/* One piece behind `before` in a place of `size` bytes; what lies behind the place is kept. */
static void judge_piece(size_t i, struct span before, size_t size)
{
    char place[PLACE];
    struct out out;
    memset(place, CANARY, sizeof place);
    out_begin(&out, place, size);
    out_put(&out, before);
    pieces[i].put(&out);
    bool fits = before.len + pieces[i].want.len < size;
    unit_holds(out.full == !fits, "%s in %zu", pieces[i].name, size);
    unit_same(span_first(out_span(&out), before.len), before, "%s in %zu", pieces[i].name, size);
    unit_same(span_after(out_span(&out), before.len), fits ? pieces[i].want : span_of(NULL, 0),
              "%s in %zu", pieces[i].name, size);
    unit_holds(out.at == place && out.size == size, "%s in %zu", pieces[i].name, size);
    unit_holds(place[out.len] == '\0', "%s in %zu", pieces[i].name, size);
    unit_holds(out_end(&out) == (fits ? ERR_OK : ERR_LONG), "%s in %zu", pieces[i].name, size);
    for (size_t k = size; k < sizeof place; k++) {
        unit_holds((uint8_t)place[k] == CANARY, "%s in %zu, byte %zu", pieces[i].name, size, k);
    }
    if (!fits) { /* full stays full, also for what would fit */
        out_put(&out, span_of(NULL, 0));
        out_char(&out, '!');
        unit_same(out_span(&out), before, "%s in %zu", pieces[i].name, size);
        unit_holds(out_end(&out) == ERR_LONG, "%s in %zu", pieces[i].name, size);
    }
}

static void each_piece_whole_or_not_at_all(void **state)
{
    (void)state;
    static const struct span befores[] = {SPAN(""), SPAN("b"), SPAN("before")};
    for (size_t i = 0; i < unit_count(pieces); i++) {
        for (size_t k = 0; k < unit_count(befores); k++) {
            size_t most = befores[k].len + pieces[i].want.len + 3;
            for (size_t size = befores[k].len + 1; size <= most; size++) {
                judge_piece(i, befores[k], size);
            }
        }
    }
}

static void two_pieces_lie_side_by_side(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(pieces); i++) {
        for (size_t k = 0; k < unit_count(pieces); k++) {
            char place[PLACE];
            struct out out;
            out_begin(&out, place, sizeof place);
            pieces[i].put(&out);
            pieces[k].put(&out);
            assert_int_equal(out_end(&out), ERR_OK);
            size_t first = pieces[i].want.len;
            unit_same(span_first(out_span(&out), first), pieces[i].want, "%zu %zu", i, k);
            unit_same(span_after(out_span(&out), first), pieces[k].want, "%zu %zu", i, k);
        }
    }
}

/* The span in `place` that one number gives; base 10, with `digits` at least, or base 16. */
static struct span number(char place[PLACE], uint64_t value, unsigned base, unsigned digits)
{
    struct out out;
    out_begin(&out, place, PLACE);
    if (base == 16) {
        out_hex(&out, value);
    } else if (digits == 1) {
        out_u64(&out, value);
    } else {
        out_padded(&out, value, digits);
    }
    assert_int_equal(out_end(&out), ERR_OK);
    return out_span(&out);
}

static void numbers_at_every_length(void **state)
{
    (void)state;
    for (unsigned power = 0; power < 64; power++) {
        for (unsigned more = 0; more < 3; more++) {
            uint64_t ten = 1, two = (UINT64_C(1) << power) + more - 1;
            for (unsigned i = 0; i < power % 20; i++) {
                ten *= 10;
            }
            char got[PLACE], want[PLACE];
            (void)snprintf(want, sizeof want, "%" PRIu64, ten + more - 1);
            unit_same(number(got, ten + more - 1, 10, 1), span_str(want), "10^%u", power % 20);
            (void)snprintf(want, sizeof want, "%" PRIx64, two);
            unit_same(number(got, two, 16, 1), span_str(want), "2^%u", power);
            (void)snprintf(want, sizeof want, "%0*" PRIu64, (int)power + 1, two);
            unit_same(number(got, two, 10, power + 1), span_str(want), "2^%u, padded", power);
        }
    }
}

static struct span json(char *place, size_t size, struct span text)
{
    struct out out;
    out_begin(&out, place, size);
    out_json(&out, text);
    assert_int_equal(out_end(&out), ERR_OK);
    return out_span(&out);
}

/* No character of the line deceives, and all of it is UTF-8. */
static void judge_line(struct span line, struct span text)
{
    while (line.len > 0) {
        uint32_t character;
        unit_holds(utf_next(&line, &character) == ERR_OK, "%s", unit_show(text));
        unit_holds(!deceiving_is(character), "%s: U+%04X", unit_show(text), (unsigned)character);
    }
}

/* The text as JSON is one strict string in which nothing deceives, and means `want`. */
static void judge_json(struct span text, struct span want)
{
    char place[PLACE];
    uint8_t meant[PLACE];
    size_t len;
    struct span got = json(place, sizeof place, text), rest = got;
    judge_line(got, text);
    unit_holds(unit_json_string(&rest, meant, &len) && rest.len == 0, "%s gives %s",
               unit_show(text), unit_show(got));
    unit_same(span_of(meant, len), want, "%s", unit_show(text));
}

#define BAD "\xEF\xBF\xBD" /* U+FFFD, once for each byte that is not UTF-8 */

static void json_of_all_one_and_two_bytes(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 0x10000; i++) {
        uint8_t bytes[2] = {(uint8_t)(i >> 8), (uint8_t)i};
        bool pair = bytes[0] >= 0xC2 && bytes[0] <= 0xDF && bytes[1] >= 0x80 && bytes[1] <= 0xBF;
        char want[PLACE] = {0};
        size_t len = 0;
        for (size_t k = 0; k < 2; k++) {
            bool good = pair || bytes[k] < 0x80;
            memcpy(want + len, good ? (const char *)&bytes[k] : BAD, good ? 1 : 3);
            len += good ? 1 : 3;
            if (k == 0 && bytes[1] == 0 && !pair) {
                judge_json(span_of(bytes, 1), span_of(want, len));
            }
        }
        judge_json(span_of(bytes, 2), span_of(want, len));
    }
}

static void json_of_bad_utf8(void **state)
{
    (void)state;
    static const struct {
        struct span text, want;
    } rows[] = {
        {SPAN("a\x80z"), SPAN("a" BAD "z")},                  /* continuation alone */
        {SPAN("a\xBF\xBF\xBFz"), SPAN("a" BAD BAD BAD "z")},  /* three of them */
        {SPAN("\xC3"), SPAN(BAD)},                            /* too early an end, of 2 */
        {SPAN("\xE2\x82"), SPAN(BAD BAD)},                    /* of 3 */
        {SPAN("\xE2"), SPAN(BAD)},                            /* of 3 */
        {SPAN("\xF0\x9D\x84"), SPAN(BAD BAD BAD)},            /* of 4 */
        {SPAN("\xF0\x9D\x84z"), SPAN(BAD BAD BAD "z")},       /* something else in it */
        {SPAN("\xE2\x82\xC3\xA4"), SPAN(BAD BAD "\xC3\xA4")}, /* a character in it */
        {SPAN("\xE2\"\x82"), SPAN(BAD "\"" BAD)},             /* a quote in it */
        {SPAN("\xC0\x80"), SPAN(BAD BAD)},                    /* overlong NUL */
        {SPAN("\xC0\xA2"), SPAN(BAD BAD)},                    /* overlong quote */
        {SPAN("\xC1\x9C"), SPAN(BAD BAD)},                    /* overlong backslash */
        {SPAN("\xE0\x80\xA2"), SPAN(BAD BAD BAD)},            /* the quote in 3 bytes */
        {SPAN("\xE0\x9F\xBF"), SPAN(BAD BAD BAD)},            /* overlong U+07FF */
        {SPAN("\xF0\x80\x80\xA2"), SPAN(BAD BAD BAD BAD)},    /* the quote in 4 bytes */
        {SPAN("\xF0\x8F\xBF\xBF"), SPAN(BAD BAD BAD BAD)},    /* overlong U+FFFF */
        {SPAN("\xED\xA0\x80"), SPAN(BAD BAD BAD)},            /* high surrogate */
        {SPAN("\xED\xBF\xBF"), SPAN(BAD BAD BAD)},            /* low surrogate */
        {SPAN("\xED\xA0\xB4\xED\xB4\x9E"), SPAN(BAD BAD BAD BAD BAD BAD)},    /* CESU-8 */
        {SPAN("\xF4\x90\x80\x80"), SPAN(BAD BAD BAD BAD)},                    /* U+110000 */
        {SPAN("\xF7\xBF\xBF\xBF"), SPAN(BAD BAD BAD BAD)},                    /* U+1FFFFF */
        {SPAN("\xF8\x88\x80\x80\x80"), SPAN(BAD BAD BAD BAD BAD)},            /* of 5 */
        {SPAN("\xFC\x84\x80\x80\x80\x80"), SPAN(BAD BAD BAD BAD BAD BAD)},    /* of 6 */
        {SPAN("\xFE\xFF"), SPAN(BAD BAD)},                                    /* UTF-16's mark */
        {SPAN("\xED\x9F\xBF\xEE\x80\x80"), SPAN("\xED\x9F\xBF\xEE\x80\x80")}, /* beside them */
        {SPAN("\xF4\x8F\xBF\xBF"), SPAN("\xF4\x8F\xBF\xBF")}, /* U+10FFFF, the last */
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        uint8_t *copy = unit_copy(rows[i].text);
        judge_json(span_of(copy, rows[i].text.len), rows[i].want);
        free(copy);
    }
}

/* The number in hexadecimal at the front of `text`, in front of `end`; *used counts its digits. */
static uint32_t read_hex(struct span text, size_t most, size_t *used)
{
    uint32_t value = 0;
    uint8_t digit;
    *used = 0;
    while (*used < most && *used < text.len && span_hex_digit(text.at[*used], &digit)) {
        value = value * 16 + digit;
        ++*used;
    }
    return value;
}

/* Reads escaped text back; the only escapes are two backslashes, \xHH and \u{H...}. */
static size_t unescape(struct span text, uint8_t *place)
{
    size_t len = 0, used;
    while (text.len > 0) {
        if (text.at[0] != '\\') {
            place[len++] = text.at[0];
            text = span_after(text, 1);
            continue;
        }
        unit_holds(text.len >= 2, "a backslash at the end");
        uint8_t kind = text.at[1];
        text = span_after(text, 2);
        if (kind == '\\') {
            place[len++] = '\\';
        } else if (kind == 'x') {
            place[len++] = (uint8_t)read_hex(text, 2, &used);
            unit_holds(used == 2, "%s", unit_show(text));
            text = span_after(text, 2);
        } else {
            unit_holds(kind == 'u' && text.len > 0 && text.at[0] == '{', "%s", unit_show(text));
            uint32_t character = read_hex(span_after(text, 1), 6, &used);
            len += utf_encode(character, place + len);
            unit_holds(used > 0 && text.len > used + 1 && text.at[used + 1] == '}', "%s",
                       unit_show(text));
            text = span_after(text, used + 2);
        }
    }
    return len;
}

static struct span escaped(char *place, size_t size, struct span text)
{
    struct out out;
    out_begin(&out, place, size);
    out_escaped(&out, text);
    assert_int_equal(out_end(&out), ERR_OK);
    return out_span(&out);
}

/* The text escaped is one visible line of valid UTF-8, and nothing of the text is lost in it. */
static void judge_escaped(struct span text)
{
    char place[PLACE];
    uint8_t back[PLACE];
    struct span got = escaped(place, sizeof place, text);
    judge_line(got, text);
    unit_same(span_of(back, unescape(got, back)), text, "%s", unit_show(text));
}

static void escaped_all_one_and_two_bytes(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 0x10000; i++) {
        uint8_t bytes[2] = {(uint8_t)(i >> 8), (uint8_t)i};
        judge_escaped(span_of(bytes, 1));
        judge_escaped(span_of(bytes, 2));
    }
}

/* The one spelling of a character in JSON; `raw` is its UTF-8. */
static void spell_json(char place[PLACE], uint32_t character, const char *raw)
{
    unsigned high = 0xD7C0 + (character >> 10), low = 0xDC00 + (character & 0x3FF);
    if (character == '"' || character == '\\') {
        (void)snprintf(place, PLACE, "\"a\\%cz\"", (char)character);
    } else if (!deceiving_is(character)) {
        (void)snprintf(place, PLACE, "\"a%sz\"", raw);
    } else if (character < 0x10000) {
        (void)snprintf(place, PLACE, "\"a\\u%04xz\"", (unsigned)character);
    } else {
        (void)snprintf(place, PLACE, "\"a\\u%04x\\u%04xz\"", high, low);
    }
}

/* The one spelling of a character that is escaped for a log. */
static void spell_escaped(char place[PLACE], uint32_t character, const char *raw)
{
    if (character == '\\') {
        (void)snprintf(place, PLACE, "a\\\\z");
    } else if (!deceiving_is(character)) {
        (void)snprintf(place, PLACE, "a%sz", raw);
    } else if (character < 0x80) {
        (void)snprintf(place, PLACE, "a\\x%02xz", (unsigned)character);
    } else {
        (void)snprintf(place, PLACE, "a\\u{%x}z", (unsigned)character);
    }
}

/* Both forms of every character between letters: all planes, the surrogates left out. */
static void every_character_is_escaped_or_shown(void **state)
{
    (void)state;
    for (uint32_t character = 0; character <= 0x10FFFF; character++) {
        uint8_t text[8] = {'a'}; /* ends in NULs */
        char want_json[PLACE], want[PLACE], got[PLACE];
        if (character >= 0xD800 && character <= 0xDFFF) {
            continue;
        }
        size_t len = utf_encode(character, text + 1) + 1;
        spell_json(want_json, character, (const char *)text + 1);
        spell_escaped(want, character, (const char *)text + 1);
        text[len++] = 'z';
        judge_json(span_of(text, len), span_of(text, len));
        unit_same(json(got, sizeof got, span_of(text, len)), span_str(want_json), "U+%04X",
                  (unsigned)character);
        judge_escaped(span_of(text, len));
        unit_same(escaped(got, sizeof got, span_of(text, len)), span_str(want), "U+%04X",
                  (unsigned)character);
    }
}

/* A character that is shown is the same in both forms, but for JSON's quotes. */
static bool is_shown(uint32_t character)
{
    uint8_t raw[4];
    char place[PLACE];
    struct span text = span_of(raw, utf_encode(character, raw));
    struct span quoted = json(place, sizeof place, text);
    bool shown = span_equal(span_first(span_after(quoted, 1), quoted.len - 2), text);
    unit_holds(span_equal(escaped(place, sizeof place, text), text) == shown, "U+%04X",
               (unsigned)character);
    return shown;
}

/* The borders of each range, just inside and just outside. */
static void the_ranges_end_where_they_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < DECEIVING_RANGES; i++) {
        uint32_t first = deceiving_ranges[i].first, last = deceiving_ranges[i].last;
        unit_holds(!is_shown(first), "U+%04X", (unsigned)first);
        unit_holds(!is_shown(last), "U+%04X", (unsigned)last);
        unit_holds(first == 0 || is_shown(first - 1), "U+%04X", (unsigned)first - 1);
        unit_holds(last == 0x10FFFF || is_shown(last + 1), "U+%04X", (unsigned)last + 1);
    }
}

/* The tests' own reader, which the ones above rest on: what it reads, and refuses. */
static void the_reader_of_json_is_strict(void **state)
{
    (void)state;
    static const struct {
        struct span text, want; /* no bytes at all: refused */
    } rows[] = {
        {SPAN("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), SPAN("\"\\/\b\f\n\r\t")},
        {SPAN("\"\\u0000\\u007f\\u0080\\u07FF\""), SPAN("\0\x7F\xC2\x80\xDF\xBF")},
        {SPAN("\"\\u0800\\ud7ff\\uE000\\uffff\""),
         SPAN("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF")},
        {SPAN("\"\\ud800\\udc00\\uDBFF\\uDFFF\""), SPAN("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF")},
        {SPAN("\"\\uD83D\\uDE00z\""), SPAN("\xF0\x9F\x98\x80z")},
        {SPAN("\"\\ud800\""), {0}}, /* half a pair */
        {SPAN("\"\\udbffz\""), {0}},
        {SPAN("\"\\ud800udc00\""), {0}},
        {SPAN("\"\\ud800\\n\""), {0}},
        {SPAN("\"\\ud800\\u0041\""), {0}},
        {SPAN("\"\\ud800\\ud800\\udc00\""), {0}},
        {SPAN("\"\\ud800\\ue000\""), {0}},
        {SPAN("\"\\ud800\\udbff\""), {0}},
        {SPAN("\"\\ud800\\udc0\""), {0}},
        {SPAN("\"\\ud800\\"), {0}},
        {SPAN("\"\\udc00\""), {0}},
        {SPAN("\"\\udfff\""), {0}},
        {SPAN("\"\\udc00\\ud800\""), {0}},
        {SPAN("\"\\u004\""), {0}}, /* no escape */
        {SPAN("\"\\u+041\""), {0}},
        {SPAN("\"\\u 041\""), {0}},
        {SPAN("\"\\u004g\""), {0}},
        {SPAN("\"\\u{41}\""), {0}},
        {SPAN("\"\\U0041\""), {0}},
        {SPAN("\"\\x41\""), {0}},
        {SPAN("\"\\0\""), {0}},
        {SPAN("\"\\"), {0}},
        {SPAN("\"\\\""), {0}}, /* no end, no start, a control */
        {SPAN("\""), {0}},
        {SPAN("x\""), {0}},
        {SPAN("\"\n\""), {0}},
        {SPAN("\"\0\""), {0}},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        uint8_t meant[PLACE], *copy = unit_copy(rows[i].text);
        struct span rest = span_of(copy, rows[i].text.len);
        size_t len;
        bool read = unit_json_string(&rest, meant, &len) && rest.len == 0;
        unit_holds(read == (rows[i].want.len > 0), "%s", unit_show(rows[i].text));
        unit_same(span_of(meant, read ? len : 0), rows[i].want, "%s", unit_show(rows[i].text));
        free(copy);
    }
}

/* No more is escaped than must be: what people write stays as they wrote it. */
static void plain_text_stays(void **state)
{
    (void)state;
    static const struct {
        struct span text, want;
    } rows[] = {
        {SPAN("agent-7.example.com:443"), SPAN("agent-7.example.com:443")},
        {SPAN(" !\"#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~"),
         SPAN(" !\"#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~")},
        {SPAN("\xC3\xA4\xE2\x82\xAC\xE6\xBC\xA2\xF0\x9F\x98\x80"),
         SPAN("\xC3\xA4\xE2\x82\xAC\xE6\xBC\xA2\xF0\x9F\x98\x80")},
        {SPAN("\xD7\xA9\xD9\x84"), SPAN("\xD7\xA9\xD9\x84")}, /* letters written right to left */
        {SPAN("C:\\x0a"), SPAN("C:\\\\x0a")},
        {SPAN("\r\n\x1B[2J"), SPAN("\\x0d\\x0a\\x1b[2J")},
        {SPAN("\xC2\x9B\x32J"), SPAN("\\u{9b}2J")}, /* C1's own control sequence */
        {SPAN("\xE2\x80\xAE"), SPAN("\\u{202e}")},
        {SPAN("\xF3\xA0\x80\xA0"), SPAN("\\u{e0020}")},
        {SPAN("\x80\xFF"), SPAN("\\x80\\xff")},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        char place[PLACE];
        struct out out;
        out_begin(&out, place, sizeof place);
        out_escaped(&out, rows[i].text);
        unit_same(out_span(&out), rows[i].want, "%zu", i);
    }
}

static void begin_in_nothing(void *arg)
{
    out_begin(arg, NULL, 1);
}

static void begin_with_nothing(void *arg)
{
    char place[1];
    out_begin(arg, place, 0);
}

static void too_many_digits(void *arg)
{
    out_padded(arg, 0, 65);
}

static void end_without_nul(void *arg)
{
    struct out *out = arg;
    out->at[out->len] = 'x';
    out->full = out_end(out) == ERR_OK;
}

static void misuse_trips_a_check(void **state)
{
    (void)state;
    static void (*const bodies[])(void *) = {begin_in_nothing, begin_with_nothing, too_many_digits,
                                             end_without_nul};
    for (size_t i = 0; i < unit_count(bodies); i++) {
        char place[PLACE];
        struct out out;
        out_begin(&out, place, sizeof place);
        const char *sentence = unit_expect_check(bodies[i], &out);
        unit_holds(strstr(sentence, "out.c:"), "%zu: %s", i, sentence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_piece_whole_or_not_at_all),
        cmocka_unit_test(two_pieces_lie_side_by_side),
        cmocka_unit_test(numbers_at_every_length),
        cmocka_unit_test(json_of_all_one_and_two_bytes),
        cmocka_unit_test(json_of_bad_utf8),
        cmocka_unit_test(escaped_all_one_and_two_bytes),
        cmocka_unit_test(every_character_is_escaped_or_shown),
        cmocka_unit_test(the_ranges_end_where_they_end),
        cmocka_unit_test(the_reader_of_json_is_strict),
        cmocka_unit_test(plain_text_stays),
        cmocka_unit_test(misuse_trips_a_check),
    };
    return cmocka_run_group_tests_name("out", tests, NULL, NULL);
}
