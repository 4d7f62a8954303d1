/*
 * A span: bytes that lie somewhere else, and how many. It owns nothing and ends nowhere by itself
 * (no NUL needed); whoever holds the bytes must outlive it. All text inside the program is spans
 * of UTF-8; comparisons that fold case fold ASCII letters only, because host names are ASCII.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
    const uint8_t *at;
    size_t len;
};

/* A string literal as a span, also in static tables. */
#define SPAN(literal)                                                                              \
    {                                                                                              \
        (const uint8_t *)("" literal), sizeof(literal) - 1                                         \
    }

struct span span_of(const void *bytes, size_t len);
struct span span_str(const char *string); /* up to its NUL */

bool span_equal(struct span a, struct span b);
bool span_equal_nocase(struct span a, struct span b);
bool span_is(struct span a, const char *string);
bool span_is_nocase(struct span a, const char *string);
bool span_starts_with(struct span a, struct span start);
bool span_ends_with(struct span a, struct span end);

/* The first `count` bytes; all but the first `count`. Both need count <= len. */
struct span span_first(struct span a, size_t count);
struct span span_after(struct span a, size_t count);

/* Index of the first / last such byte, or a.len where there is none. */
size_t span_find(struct span a, uint8_t byte);
size_t span_find_last(struct span a, uint8_t byte);
bool span_has_any(struct span a, const char *bytes); /* one of them, which end in a NUL */

/*
 * Cuts the part up to the next `separator` off *rest into *part, the separator gone. True while
 * there is a part: "a,,b" gives "a", "", "b"; an empty *rest gives one empty part, then false.
 * Start with done = false.
 */
bool span_cut(struct span *rest, uint8_t separator, bool *done, struct span *part);

/* Without spaces and tabs at both ends. */
struct span span_trim(struct span a);

/*
 * A decimal number, strictly: digits only, no sign, no space, no leading zero (0 itself is fine).
 * ERR_NUMBER, or ERR_RANGE when it is outside min..max.
 */
MUST_CHECK enum err span_number(struct span a, uint64_t min, uint64_t max, uint64_t *value);

uint8_t span_lower(uint8_t byte); /* ASCII only */
bool span_is_digit(uint8_t byte);
bool span_hex_digit(uint8_t byte, uint8_t *value); /* false: not one */

#endif
