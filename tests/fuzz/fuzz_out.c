/*
 * Fuzz target: the bounded builder with a peer's text. The first byte says how large the place is
 * and what is put; nothing is ever put behind the place, JSON and escaped text are valid UTF-8 on
 * one line without a control, whole or not there at all.
 */
#include "fuzz.h"

#include "base/out.h"
#include "base/utf.h"

#include <stdlib.h>

/* Controls and marks of direction, which must not reach a line of a log. */
static bool is_control(uint32_t character)
{
    return character < 0x20 || (character >= 0x7F && character < 0xA0);
}

static bool is_direction(uint32_t character)
{
    return character == 0x061C || character == 0x200E || character == 0x200F ||
           (character >= 0x2028 && character <= 0x202E) ||
           (character >= 0x2066 && character <= 0x2069);
}

static void judge(const struct out *out, bool json)
{
    struct span rest = out_span(out);
    CHECK(rest.len < out->size && out->at[rest.len] == '\0');
    while (rest.len > 0) {
        uint32_t character;
        CHECK(utf_next(&rest, &character) == ERR_OK);
        CHECK(character >= 0x20 && character != 0x7F);
        CHECK(json || (!is_control(character) && !is_direction(character)));
    }
}

/* A quote inside only behind a backslash, none left open; and one quote at each end. */
static void judge_quotes(struct span json)
{
    CHECK(json.len >= 2 && json.at[0] == '"' && json.at[json.len - 1] == '"');
    bool escaped = false;
    for (size_t i = 1; i + 1 < json.len; i++) {
        CHECK(escaped || json.at[i] != '"');
        escaped = !escaped && json.at[i] == '\\';
    }
    CHECK(!escaped);
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

    size_t most = 10 * text.len + 3; /* \u{10ffff} and quotes are the longest there are */
    char *place = malloc(most);
    CHECK(place);
    out_begin(&whole, place, most);
    put(&whole, text, json);
    CHECK(out_end(&whole) == ERR_OK);
    judge(&whole, json);
    if (json) {
        judge_quotes(out_span(&whole));
    }

    char *small = malloc(place_size);
    CHECK(small);
    out_begin(&out, small, place_size);
    out_char(&out, '-');
    put(&out, text, json);
    judge(&out, json);
    bool fits = 1 + whole.len < place_size;
    CHECK(out.full == !fits);
    CHECK(out.len == (fits ? 1 + whole.len : place_size > 1));
    CHECK(!fits || span_equal(span_after(out_span(&out), 1), out_span(&whole)));
    free(small);
    free(place);
    return 0;
}
