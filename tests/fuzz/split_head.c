/*
 * The three ways. The odd sizes come from the bytes themselves, so an input is always cut alike.
 */
#include "split_head.h"

#include <stdlib.h>
#include <string.h>

enum split { SPLIT_WHOLE, SPLIT_BYTES, SPLIT_ODD };

static size_t split_size(enum split split, struct span left, size_t used)
{
    size_t odd = 1 + (left.at[0] * 7U + used * 3U) % 41U;
    size_t size = split == SPLIT_WHOLE ? left.len : split == SPLIT_BYTES ? 1 : odd;
    return size < left.len ? size : left.len;
}

static void split_feed(bool relay, struct span bytes, enum split split, struct split_end *end)
{
    *end = (struct split_end){.err = ERR_OK};
    (relay ? head_begin_relay : head_begin)(&end->head);
    while (end->err == ERR_OK && !end->done && end->used < bytes.len) {
        struct span left = span_after(bytes, end->used);
        size_t size = split_size(split, left, end->used), used;
        uint8_t *copy = malloc(size);
        CHECK(copy);
        memcpy(copy, left.at, size);
        end->err = head_feed(&end->head, span_of(copy, size), &used, &end->done);
        free(copy);
        CHECK(used <= size && (used == size || end->err != ERR_OK || end->done));
        end->used += used;
    }
    CHECK(end->head.size == end->used && end->used <= HEAD_SIZE_MAX);
}

static void split_same(const struct split_end *a, const struct split_end *b)
{
    CHECK(a->err == b->err && a->done == b->done && a->used == b->used);
    CHECK(a->head.status == b->head.status && a->head.fields == b->head.fields);
    CHECK(a->head.http10 == b->head.http10 && a->head.text_len == b->head.text_len);
    CHECK(memcmp(a->head.text, b->head.text, a->head.text_len) == 0);
    CHECK(span_equal(head_method(&a->head), head_method(&b->head)));
    CHECK(!a->done || a->head.relay || authority_equal(&a->head.target, &b->head.target));
}

void split_head(bool relay, struct span bytes, struct split_end *end)
{
    struct split_end other;
    split_feed(relay, bytes, SPLIT_WHOLE, end);
    split_feed(relay, bytes, SPLIT_BYTES, &other);
    split_same(end, &other);
    split_feed(relay, bytes, SPLIT_ODD, &other);
    split_same(end, &other);
}
