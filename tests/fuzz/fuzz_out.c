/*
 * Fuzz target: the bounded builder with a peer's text. The first byte says how large the place is
 * and what is put; nothing is ever put behind the place, JSON and escaped text are valid UTF-8 on
 * one line without a character that deceives, whole or not there at all, and read back to the text.
 */
#include "fuzz.h"

#include "../unit/deceiving.h"
#include "base/out.h"
#include "base/utf.h"

#include <stdlib.h>

enum { BROKEN = 0x110000 }; /* and the byte: no character of UTF-8 */

/* The next character of the text, or a byte that is none. */
static uint32_t next_wanted(struct span *text)
{
    uint32_t character;
    if (utf_next(text, &character) != ERR_OK) {
        character = BROKEN + text->at[0];
        *text = span_after(*text, 1);
    }
    return character;
}

/* The number in front, of `least` to `most` digits in lower case. */
static uint32_t next_hex(struct span *rest, size_t least, size_t most)
{
    uint32_t value = 0;
    uint8_t digit;
    size_t used = 0;
    while (used < most && used < rest->len && span_hex_digit(rest->at[used], &digit)) {
        CHECK(rest->at[used] < 'A' || rest->at[used] > 'F');
        value = value * 16 + digit;
        used++;
    }
    CHECK(used >= least);
    *rest = span_after(*rest, used);
    return value;
}

static void skip(struct span *rest, const char *text)
{
    CHECK(span_starts_with(*rest, span_str(text)));
    *rest = span_after(*rest, span_str(text).len);
}

/* What stands there as it is must not deceive. */
static uint32_t next_shown(struct span *rest)
{
    uint32_t character;
    CHECK(utf_next(rest, &character) == ERR_OK);
    CHECK(!deceiving_is(character));
    return character;
}

/* The next character that a string of JSON means: no escape but these, and none without need. */
static uint32_t next_json(struct span *rest)
{
    CHECK(rest->len > 0 && rest->at[0] != '"');
    if (rest->at[0] != '\\') {
        return next_shown(rest);
    }
    *rest = span_after(*rest, 1);
    if (rest->len > 0 && (rest->at[0] == '"' || rest->at[0] == '\\')) {
        return next_shown(rest);
    }
    skip(rest, "u");
    uint32_t character = next_hex(rest, 4, 4);
    CHECK(character < 0xDC00 || character > 0xDFFF);
    if (character >= 0xD800 && character <= 0xDBFF) {
        skip(rest, "\\u");
        uint32_t low = next_hex(rest, 4, 4);
        CHECK(low >= 0xDC00 && low <= 0xDFFF);
        character = 0x10000 + ((character & 0x3FF) << 10 | (low & 0x3FF));
    }
    CHECK(deceiving_is(character));
    return character;
}

/* The next character that escaped text means, or byte that is none. */
static uint32_t next_escaped(struct span *rest)
{
    uint32_t character;
    if (rest->len == 0 || rest->at[0] != '\\') {
        return next_shown(rest);
    }
    *rest = span_after(*rest, 1);
    if (span_starts_with(*rest, span_str("x"))) {
        skip(rest, "x");
        character = next_hex(rest, 2, 2);
        CHECK(character >= 0x80 || deceiving_is(character));
        return character < 0x80 ? character : BROKEN + character;
    }
    if (span_starts_with(*rest, span_str("u"))) {
        skip(rest, "u{");
        character = next_hex(rest, 2, 6);
        skip(rest, "}");
        CHECK(character >= 0x80 && deceiving_is(character));
        return character;
    }
    skip(rest, "\\");
    return '\\';
}

/* What was put means the text: in JSON with U+FFFD for each byte that is no character. */
static void judge_whole(struct span rest, struct span text, bool json)
{
    if (json) {
        CHECK(rest.len >= 2 && rest.at[rest.len - 1] == '"');
        rest = span_first(rest, rest.len - 1);
        skip(&rest, "\"");
    }
    while (text.len > 0) {
        uint32_t wanted = next_wanted(&text);
        if (json) {
            CHECK(next_json(&rest) == (wanted < BROKEN ? wanted : 0xFFFD));
        } else {
            CHECK(next_escaped(&rest) == wanted);
        }
    }
    CHECK(rest.len == 0);
}

/* Also of what did not fit: the NUL is there, and nothing deceives. */
static void judge(const struct out *out)
{
    struct span rest = out_span(out);
    CHECK(rest.len < out->size && out->at[rest.len] == '\0');
    while (rest.len > 0) {
        (void)next_shown(&rest);
    }
}

static void put(struct out *out, struct span text, bool json)
{
    if (json) {
        out_json(out, text);
    } else {
        out_escaped(out, text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    bool json = data[0] % 2 == 1;
    size_t place_size = 1 + data[0] / 2;
    struct span text = span_after((struct span){data, size}, 1);
    struct out out, whole;

    /* \u0000 and the quotes, or \x00, are the longest there are; and the NUL. */
    size_t most = json ? 6 * text.len + 3 : 4 * text.len + 1;
    char *place = malloc(most);
    CHECK(place);
    out_begin(&whole, place, most);
    put(&whole, text, json);
    CHECK(out_end(&whole) == ERR_OK);
    judge(&whole);
    judge_whole(out_span(&whole), text, json);

    char *small = malloc(place_size);
    CHECK(small);
    out_begin(&out, small, place_size);
    out_char(&out, '-');
    put(&out, text, json);
    judge(&out);
    bool fits = 1 + whole.len < place_size;
    CHECK(out.full == !fits);
    CHECK(out.len == (fits ? 1 + whole.len : place_size > 1));
    CHECK(!fits || span_equal(span_after(out_span(&out), 1), out_span(&whole)));
    size_t len = out.len;
    out_put(&out, span_of(NULL, 0));
    out_char(&out, '!');
    CHECK(fits || (out.full && out.len == len)); /* full stays full */
    free(small);
    free(place);
    return 0;
}
