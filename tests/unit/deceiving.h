/*
 * Which characters must never reach a line of a log as they are: written down here from the
 * contract, once for all tests, and on purpose not taken from the product's own table.
 */
#ifndef TESTS_UNIT_DECEIVING_H
#define TESTS_UNIT_DECEIVING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DECEIVING_RANGES = 20 };

static const struct deceiving_range {
    uint32_t first, last;
} deceiving_ranges[DECEIVING_RANGES] = {
    {0x00, 0x1F},        /* controls */
    {0x7F, 0xA0},        /* DEL, C1, the space that does not break */
    {0xAD, 0xAD},        /* soft hyphen */
    {0x34F, 0x34F},      /* grapheme joiner */
    {0x61C, 0x61C},      /* Arabic letter mark */
    {0x115F, 0x1160},    /* Hangul fillers */
    {0x17B4, 0x17B5},    /* Khmer vowels that are not seen */
    {0x180B, 0x180F},    /* Mongolian selectors */
    {0x200B, 0x200F},    /* of no width, marks of direction */
    {0x2028, 0x202E},    /* separators, embeddings, overrides */
    {0x2060, 0x206F},    /* joiner, operators, isolates */
    {0x2800, 0x2800},    /* braille without a dot */
    {0x3164, 0x3164},    /* Hangul filler */
    {0xFE00, 0xFE0F},    /* variants */
    {0xFEFF, 0xFEFF},    /* byte order mark */
    {0xFFA0, 0xFFA0},    /* Hangul filler, half width */
    {0xFFF9, 0xFFFB},    /* annotations */
    {0x1BCA0, 0x1BCA3},  /* shorthand's controls */
    {0x1D173, 0x1D17A},  /* music's controls */
    {0xE0000, 0x10FFFF}, /* tags, more variants, private planes */
};

static inline bool deceiving_is(uint32_t character)
{
    bool is = false;
    for (size_t i = 0; i < DECEIVING_RANGES; i++) {
        is |= character >= deceiving_ranges[i].first && character <= deceiving_ranges[i].last;
    }
    return is;
}

#endif
