/*
 * Spans: comparing, cutting and strict numbers. Knows bytes and ASCII; UTF-8 is utf.c's.
 */
#include "base/span.h"

#include <string.h>

struct span span_of(const void *bytes, size_t len)
{
    CHECK(bytes || len == 0);
    return (struct span){bytes, len};
}

struct span span_str(const char *string)
{
    return span_of(string, strlen(string));
}

uint8_t span_lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + ('a' - 'A')) : byte;
}

bool span_is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

bool span_hex_digit(uint8_t byte, uint8_t *value)
{
    uint8_t lower = span_lower(byte);
    if (span_is_digit(byte)) {
        *value = (uint8_t)(byte - '0');
        return true;
    }
    if (lower >= 'a' && lower <= 'f') {
        *value = (uint8_t)(lower - 'a' + 10);
        return true;
    }
    return false;
}

bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool span_equal_nocase(struct span a, struct span b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (span_lower(a.at[i]) != span_lower(b.at[i])) {
            return false;
        }
    }
    return true;
}

bool span_is(struct span a, const char *string)
{
    return span_equal(a, span_str(string));
}

bool span_is_nocase(struct span a, const char *string)
{
    return span_equal_nocase(a, span_str(string));
}

bool span_starts_with(struct span a, struct span start)
{
    return a.len >= start.len && span_equal(span_first(a, start.len), start);
}

bool span_ends_with(struct span a, struct span end)
{
    return a.len >= end.len && span_equal(span_after(a, a.len - end.len), end);
}

struct span span_first(struct span a, size_t count)
{
    CHECK(count <= a.len);
    return (struct span){a.at, count};
}

struct span span_after(struct span a, size_t count)
{
    CHECK(count <= a.len);
    return (struct span){count == 0 ? a.at : a.at + count, a.len - count};
}

size_t span_find(struct span a, uint8_t byte)
{
    const uint8_t *found = a.len == 0 ? NULL : memchr(a.at, byte, a.len);
    return found ? (size_t)(found - a.at) : a.len;
}

size_t span_find_last(struct span a, uint8_t byte)
{
    for (size_t i = a.len; i > 0; i--) {
        if (a.at[i - 1] == byte) {
            return i - 1;
        }
    }
    return a.len;
}

bool span_has_any(struct span a, const char *bytes)
{
    while (*bytes && span_find(a, (uint8_t)*bytes) == a.len) {
        bytes++;
    }
    return *bytes != '\0';
}

bool span_cut(struct span *rest, uint8_t separator, bool *done, struct span *part)
{
    if (*done) {
        return false;
    }
    size_t end = span_find(*rest, separator);
    *part = span_first(*rest, end);
    *done = end == rest->len;
    *rest = span_after(*rest, *done ? end : end + 1);
    return true;
}

static bool span_is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

struct span span_trim(struct span a)
{
    while (a.len > 0 && span_is_blank(a.at[0])) {
        a = span_after(a, 1);
    }
    while (a.len > 0 && span_is_blank(a.at[a.len - 1])) {
        a = span_first(a, a.len - 1);
    }
    return a;
}

enum err span_number(struct span a, uint64_t min, uint64_t max, uint64_t *value)
{
    CHECK(min <= max);
    if (a.len == 0 || (a.len > 1 && a.at[0] == '0')) {
        return ERR_NUMBER;
    }
    uint64_t number = 0;
    bool over = false;
    for (size_t i = 0; i < a.len; i++) {
        if (!span_is_digit(a.at[i])) {
            return ERR_NUMBER;
        }
        uint64_t digit = (uint64_t)(a.at[i] - '0');
        over = over || number > (UINT64_MAX - digit) / 10;
        number = over ? number : number * 10 + digit;
    }
    if (over || number < min || number > max) {
        return ERR_RANGE;
    }
    *value = number;
    return ERR_OK;
}
