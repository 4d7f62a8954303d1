/*
 * The bounded builder. Each public function puts one piece: whole, or not at all and `full`.
 */
#include "base/out.h"

#include "base/utf.h"

#include <string.h>

enum { OUT_QUOTED_MAX = 100 }; /* bytes, with escapes */

void out_begin(struct out *out, char *place, size_t size)
{
    CHECK(place && size >= 1);
    *out = (struct out){place, 0, size, false};
    place[0] = '\0';
}

struct span out_span(const struct out *out)
{
    return span_of(out->at, out->len);
}

enum err out_end(const struct out *out)
{
    CHECK(out->len < out->size && out->at[out->len] == '\0');
    return out->full ? ERR_LONG : ERR_OK;
}

void out_put(struct out *out, struct span text)
{
    CHECK(out->len < out->size);
    if (out->full || text.len > out->size - 1 - out->len) {
        out->full = true;
        return;
    }
    if (text.len > 0) {
        memcpy(out->at + out->len, text.at, text.len);
    }
    out->len += text.len;
    out->at[out->len] = '\0';
}

void out_str(struct out *out, const char *string)
{
    out_put(out, span_str(string));
}

void out_char(struct out *out, char byte)
{
    out_put(out, span_of(&byte, 1));
}

/* Digits of `number` in `base`, at least `digits` of them. */
static void out_digits(struct out *out, uint64_t number, unsigned base, unsigned digits)
{
    uint8_t place[64];
    size_t start = sizeof place;
    CHECK(base >= 2 && base <= 16 && digits <= sizeof place);
    while (number > 0 || sizeof place - start < digits) {
        place[--start] = (uint8_t) "0123456789abcdef"[number % base];
        number /= base;
    }
    out_put(out, span_of(place + start, sizeof place - start));
}

void out_u64(struct out *out, uint64_t number)
{
    out_digits(out, number, 10, 1);
}

void out_padded(struct out *out, uint64_t number, unsigned digits)
{
    out_digits(out, number, 10, digits);
}

void out_hex(struct out *out, uint64_t number)
{
    out_digits(out, number, 16, 1);
}

/* Takes a piece made of several back as a whole when its end did not fit. */
static void out_whole(struct out *out, size_t start)
{
    if (out->full) {
        CHECK(start <= out->len);
        out->len = start;
        out->at[start] = '\0';
    }
}

struct out_range {
    uint32_t first, last;
};

/*
 * Characters that change how a line looks or hide in it: controls, marks of direction, separators,
 * joiners, fillers, selectors of variants, tags. In order.
 */
static const struct out_range out_deceiving[] = {
    {0x0000, 0x001F}, {0x007F, 0x00A0}, {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x061C, 0x061C},
    {0x115F, 0x1160}, {0x17B4, 0x17B5}, {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},
    {0x2060, 0x206F}, {0x2800, 0x2800}, {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0}, {0xFFF9, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0x10FFFF},
};

static bool out_is_deceiving(uint32_t character)
{
    for (size_t i = 0; i < sizeof out_deceiving / sizeof out_deceiving[0]; i++) {
        if (character <= out_deceiving[i].last) {
            return character >= out_deceiving[i].first;
        }
    }
    return false;
}

static void out_json_unit(struct out *out, uint32_t unit)
{
    out_str(out, "\\u");
    out_digits(out, unit, 16, 4);
}

/* A terminal may show the log: what deceives is escaped here too, as JSON does it. */
static void out_json_character(struct out *out, uint32_t character)
{
    uint8_t place[4];
    if (character == '"' || character == '\\') {
        out_char(out, '\\');
        out_char(out, (char)character);
    } else if (!out_is_deceiving(character)) {
        out_put(out, span_of(place, utf_encode(character, place)));
    } else if (character <= 0xFFFF) {
        out_json_unit(out, character);
    } else {
        out_json_unit(out, 0xD800 + ((character - 0x10000) >> 10));
        out_json_unit(out, 0xDC00 + ((character - 0x10000) & 0x3FF));
    }
}

void out_json(struct out *out, struct span text)
{
    size_t start = out->len;
    out_char(out, '"');
    while (text.len > 0) {
        uint32_t character;
        if (utf_next(&text, &character) != ERR_OK) {
            text = span_after(text, 1);
            character = 0xFFFD;
        }
        out_json_character(out, character);
    }
    out_char(out, '"');
    out_whole(out, start);
}

static void out_escaped_character(struct out *out, uint32_t character)
{
    uint8_t place[4];
    if (character == '\\') {
        out_str(out, "\\\\");
    } else if (character < 0x80 && out_is_deceiving(character)) {
        out_str(out, "\\x");
        out_digits(out, character, 16, 2);
    } else if (out_is_deceiving(character)) {
        out_str(out, "\\u{");
        out_hex(out, character);
        out_str(out, "}");
    } else {
        out_put(out, span_of(place, utf_encode(character, place)));
    }
}

void out_escaped(struct out *out, struct span text)
{
    size_t start = out->len;
    while (text.len > 0) {
        uint32_t character;
        if (utf_next(&text, &character) == ERR_OK) {
            out_escaped_character(out, character);
        } else {
            out_str(out, "\\x");
            out_digits(out, text.at[0], 16, 2);
            text = span_after(text, 1);
        }
    }
    out_whole(out, start);
}

bool out_is_plain(struct span text)
{
    while (text.len > 0) {
        char place[16];
        struct out shown;
        struct span character = utf_cut(&text);
        out_begin(&shown, place, sizeof place);
        out_escaped(&shown, character);
        if (!span_equal(out_span(&shown), character) && !span_is(character, "\\")) {
            return false;
        }
    }
    return true;
}

void out_start(struct out *out, struct span text, size_t max)
{
    out_escaped(out, utf_first(text, max));
    out_str(out, text.len > max ? "..." : "");
}

void out_quoted(struct out *out, struct span text)
{
    char place[OUT_QUOTED_MAX + 1];
    struct out shown;
    out_begin(&shown, place, sizeof place);
    while (text.len > 0 && !shown.full) {
        struct span character = utf_cut(&text);
        if (span_is(character, "\"")) {
            out_str(&shown, "\\\"");
        } else {
            out_escaped(&shown, character);
        }
    }
    out_char(out, '"');
    out_put(out, out_span(&shown));
    out_str(out, shown.full ? "...\"" : "\"");
}
