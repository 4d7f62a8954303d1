/*
 * Fuzz target: UTF-8 and UTF-16. Valid text comes back from 16 bits as it was, also in a place of
 * exactly its size; everybody agrees on what is valid; the same bytes taken as 16-bit units too.
 */
#include "fuzz.h"

#include "base/utf.h"

#include <stdlib.h>

/* Memory for so many bytes, exactly, so that one too many is seen. */
static void *place_of(size_t size)
{
    void *place = malloc(size > 0 ? size : 1);
    CHECK(place);
    return place;
}

/* Units from valid text, one less than they need first; *count says how many. */
static uint16_t *to_16(struct span text, size_t *count)
{
    uint16_t *units = place_of(text.len * sizeof *units);
    CHECK(utf_to_16(text, units, text.len, count) == ERR_OK);
    size_t ignored;
    if (*count > 0) {
        uint16_t *less = place_of((*count - 1) * sizeof *less);
        CHECK(utf_to_16(text, less, *count - 1, &ignored) == ERR_LONG);
        free(less);
    }
    return units;
}

static void try_8(struct span text)
{
    struct span rest = text;
    uint32_t character;
    size_t count, len;
    enum err err = ERR_OK;
    while (rest.len > 0 && err == ERR_OK) {
        struct span before = rest;
        err = utf_next(&rest, &character);
        uint8_t bytes[4];
        CHECK(err != ERR_OK || utf_encode(character, bytes) == before.len - rest.len);
        CHECK(err == ERR_OK || (rest.at == before.at && rest.len == before.len));
    }
    CHECK(utf_valid(text) == (err == ERR_OK));
    if (err != ERR_OK) {
        uint16_t *units = place_of(text.len * sizeof *units);
        CHECK(utf_to_16(text, units, text.len, &count) == err);
        free(units);
        return;
    }
    uint16_t *units = to_16(text, &count);
    char *back = place_of(text.len);
    CHECK(utf_from_16(units, count, back, text.len, &len) == ERR_OK);
    CHECK(span_equal(span_of(back, len), text));
    CHECK(text.len == 0 || utf_from_16(units, count, back, text.len - 1, &len) == ERR_LONG);
    free(back);
    free(units);
}

static void try_16(const uint8_t *data, size_t count)
{
    uint16_t *units = place_of(count * sizeof *units);
    for (size_t i = 0; i < count; i++) {
        units[i] = (uint16_t)(data[2 * i] << 8 | data[2 * i + 1]);
    }
    char *text = place_of(count * 3);
    size_t len, back_count;
    if (utf_from_16(units, count, text, count * 3, &len) == ERR_OK) {
        CHECK(utf_valid(span_of(text, len)));
        uint16_t *back = to_16(span_of(text, len), &back_count);
        CHECK(back_count == count);
        CHECK(span_equal(span_of(back, count * 2), span_of(units, count * 2)));
        free(back);
    }
    free(text);
    free(units);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_8((struct span){data, size});
    try_16(data, size / 2);
    return 0;
}
