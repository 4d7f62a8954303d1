/*
 * The bounded reader. All byte order of the program's parsers is in this file.
 */
#include "base/rd.h"

void rd_begin(struct rd *rd, struct span bytes)
{
    *rd = (struct rd){bytes, NULL, ERR_OK};
}

static void rd_mark(struct rd *rd, enum err bad)
{
    for (struct rd *scope = rd; scope; scope = scope->parent) {
        if (scope->bad == ERR_OK) {
            scope->bad = bad;
        }
        scope->left = span_after(scope->left, scope->left.len);
    }
}

struct span rd_bytes(struct rd *rd, size_t count)
{
    if (count > rd->left.len) {
        rd_mark(rd, ERR_SHORT);
    }
    if (rd->bad != ERR_OK) {
        return span_of(NULL, 0);
    }
    struct span bytes = span_first(rd->left, count);
    rd->left = span_after(rd->left, count);
    return bytes;
}

struct span rd_rest(struct rd *rd)
{
    return rd_bytes(rd, rd->left.len);
}

static uint32_t rd_number(struct rd *rd, size_t width)
{
    struct span bytes = rd_bytes(rd, width);
    uint32_t value = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        value = value << 8 | bytes.at[i];
    }
    return value;
}

uint8_t rd_u8(struct rd *rd)
{
    return (uint8_t)rd_number(rd, 1);
}

uint16_t rd_u16(struct rd *rd)
{
    return (uint16_t)rd_number(rd, 2);
}

uint32_t rd_u24(struct rd *rd)
{
    return rd_number(rd, 3);
}

uint32_t rd_u32(struct rd *rd)
{
    return rd_number(rd, 4);
}

void rd_sub(struct rd *outer, struct rd *inner, size_t count)
{
    CHECK(outer != inner);
    struct span bytes = rd_bytes(outer, count);
    *inner = (struct rd){bytes, outer, outer->bad};
}

void rd_sub8(struct rd *outer, struct rd *inner)
{
    size_t count = rd_u8(outer);
    rd_sub(outer, inner, count);
}

void rd_sub16(struct rd *outer, struct rd *inner)
{
    size_t count = rd_u16(outer);
    rd_sub(outer, inner, count);
}

bool rd_more(const struct rd *rd)
{
    return rd->bad == ERR_OK && rd->left.len > 0;
}

void rd_end(struct rd *rd)
{
    if (rd_more(rd)) {
        rd_mark(rd, ERR_TRAILING);
    }
}

enum err rd_result(const struct rd *rd)
{
    return rd->bad;
}
