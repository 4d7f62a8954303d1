/*
 * Unicode, strictly: UTF-8 and UTF-16 in both directions. Overlong forms, surrogates in UTF-8,
 * unpaired surrogates in UTF-16 and anything above U+10FFFF are errors, never repaired here.
 * Inside the program text is UTF-8; UTF-16 exists only at Windows' edge.
 */
#ifndef BASE_UTF_H
#define BASE_UTF_H

#include "base/span.h"

/* Cuts one character off the front of *text. ERR_SHORT when it is empty, ERR_UTF: *text unmoved. */
MUST_CHECK enum err utf_next(struct span *text, uint32_t *character);

/* The first character, cut off, or the first byte where it is part of none; one must be there. */
struct span utf_cut(struct span *text);

bool utf_valid(struct span text);

/* As much of the text as fits into `max` bytes; a UTF-8 sequence is not cut, broken text is. */
struct span utf_first(struct span text, size_t max);

/* Bytes put at `place` for one character (1 to 4); it must be a Unicode scalar value. */
size_t utf_encode(uint32_t character, uint8_t place[4]);

/* Both write `*count` units, without a terminator; ERR_LONG when `max` are too few. */
MUST_CHECK enum err utf_to_16(struct span text, uint16_t *place, size_t max, size_t *count);
MUST_CHECK enum err utf_from_16(const uint16_t *units, size_t len, char *place, size_t max,
                                size_t *count);

#endif
