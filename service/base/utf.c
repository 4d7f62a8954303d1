/*
 * UTF-8 and UTF-16. The decoder follows Unicode's table of well-formed sequences (3-7): the lead
 * byte gives the length and the least value that needs so many bytes.
 */
#include "base/utf.h"

enum { UTF_LAST = 0x10FFFF, UTF_HIGH = 0xD800, UTF_LOW = 0xDC00, UTF_SURROGATES_END = 0xE000 };

struct utf_lead {
    uint8_t mask, value; /* lead bytes: (byte & mask) == value */
    uint8_t more;        /* bytes that follow */
    uint32_t least;      /* anything below is overlong */
};

static const struct utf_lead utf_leads[] = {
    {0x80, 0x00, 0, 0x0},
    {0xE0, 0xC0, 1, 0x80},
    {0xF0, 0xE0, 2, 0x800},
    {0xF8, 0xF0, 3, 0x10000},
};

static const struct utf_lead *utf_find_lead(uint8_t byte)
{
    for (size_t i = 0; i < sizeof utf_leads / sizeof utf_leads[0]; i++) {
        if ((byte & utf_leads[i].mask) == utf_leads[i].value) {
            return &utf_leads[i];
        }
    }
    return NULL;
}

static bool utf_is_surrogate(uint32_t unit)
{
    return unit >= UTF_HIGH && unit < UTF_SURROGATES_END;
}

enum err utf_next(struct span *text, uint32_t *character)
{
    if (text->len == 0) {
        return ERR_SHORT;
    }
    const struct utf_lead *lead = utf_find_lead(text->at[0]);
    if (!lead || text->len <= lead->more) {
        return ERR_UTF;
    }
    uint32_t value = text->at[0] & (uint8_t)~lead->mask;
    for (size_t i = 1; i <= lead->more; i++) {
        if ((text->at[i] & 0xC0) != 0x80) {
            return ERR_UTF;
        }
        value = value << 6 | (text->at[i] & 0x3F);
    }
    if (value < lead->least || value > UTF_LAST || utf_is_surrogate(value)) {
        return ERR_UTF;
    }
    *text = span_after(*text, (size_t)lead->more + 1);
    *character = value;
    return ERR_OK;
}

struct span utf_cut(struct span *text)
{
    struct span all = *text;
    uint32_t character;
    if (utf_next(text, &character) != ERR_OK) {
        *text = span_after(all, 1);
    }
    return span_first(all, all.len - text->len);
}

bool utf_valid(struct span text)
{
    uint32_t character;
    while (text.len > 0) {
        if (utf_next(&text, &character) != ERR_OK) {
            return false;
        }
    }
    return true;
}

struct span utf_first(struct span text, size_t max)
{
    enum { UTF_SEQUENCE_MAX = 4 };
    if (text.len <= max) {
        return text;
    }
    for (size_t back = 0; back < UTF_SEQUENCE_MAX && back <= max; back++) {
        if ((text.at[max - back] & 0xC0) != 0x80) {
            return span_first(text, max - back);
        }
    }
    return span_first(text, max);
}

size_t utf_encode(uint32_t character, uint8_t place[4])
{
    CHECK(character <= UTF_LAST && !utf_is_surrogate(character));
    size_t lead = 0;
    while (lead < 3 && character >= utf_leads[lead + 1].least) {
        lead++;
    }
    size_t more = utf_leads[lead].more;
    for (size_t i = more; i > 0; i--) {
        place[i] = (uint8_t)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    place[0] = (uint8_t)(utf_leads[lead].value | character);
    return more + 1;
}

enum err utf_to_16(struct span text, uint16_t *place, size_t max, size_t *count)
{
    size_t used = 0;
    while (text.len > 0) {
        uint32_t character;
        TRY(utf_next(&text, &character));
        size_t units = character > 0xFFFF ? 2 : 1;
        if (max - used < units) {
            return ERR_LONG;
        }
        if (units == 2) {
            place[used++] = (uint16_t)(UTF_HIGH + ((character - 0x10000) >> 10));
            place[used++] = (uint16_t)(UTF_LOW + ((character - 0x10000) & 0x3FF));
        } else {
            place[used++] = (uint16_t)character;
        }
    }
    *count = used;
    return ERR_OK;
}

/* One character from units[*i], which must exist; *i moves behind it. */
static enum err utf_next_16(const uint16_t *units, size_t len, size_t *i, uint32_t *character)
{
    uint32_t unit = units[(*i)++];
    if (!utf_is_surrogate(unit)) {
        *character = unit;
        return ERR_OK;
    }
    if (unit >= UTF_LOW || *i == len || units[*i] < UTF_LOW || units[*i] >= UTF_SURROGATES_END) {
        return ERR_UTF;
    }
    uint32_t low = units[(*i)++];
    *character = 0x10000 + ((unit - UTF_HIGH) << 10) + (low - UTF_LOW);
    return ERR_OK;
}

enum err utf_from_16(const uint16_t *units, size_t len, char *place, size_t max, size_t *count)
{
    size_t used = 0;
    for (size_t i = 0; i < len;) {
        uint32_t character;
        TRY(utf_next_16(units, len, &i, &character));
        uint8_t bytes[4];
        size_t more = utf_encode(character, bytes);
        if (max - used < more) {
            return ERR_LONG;
        }
        for (size_t k = 0; k < more; k++) {
            place[used++] = (char)bytes[k];
        }
    }
    *count = used;
    return ERR_OK;
}
