/*
 * The chain of blocks. Between calls a chain is either empty, without a block, or its first and
 * last block both hold at least one byte.
 */
#include "tls/chain.h"

#include <string.h>

enum { CHAIN_BLOCK_BYTES = sizeof(((struct chain_block *)0)->bytes) };

static enum err chain_grow(struct chain *chain, const struct chain_source *source)
{
    CHECK(source->pool->memory.item_size == sizeof(struct chain_block));
    struct chain_block *block = pool_take(source->pool, source->owner);
    if (!block) {
        return ERR_EXHAUSTED;
    }
    block->next = NULL;
    if (chain->last) {
        chain->last->next = block;
    } else {
        chain->first = block;
        chain->start = 0;
    }
    chain->last = block;
    chain->end = 0;
    return ERR_OK;
}

enum err chain_put(struct chain *chain, const struct chain_source *source, struct span bytes)
{
    while (bytes.len > 0) {
        if (!chain->last || chain->end == CHAIN_BLOCK_BYTES) {
            TRY(chain_grow(chain, source));
        }
        size_t room = CHAIN_BLOCK_BYTES - (size_t)chain->end;
        size_t count = bytes.len < room ? bytes.len : room;
        memcpy(chain->last->bytes + chain->end, bytes.at, count);
        chain->end = (uint16_t)(chain->end + count);
        chain->len += (uint32_t)count;
        bytes = span_after(bytes, count);
    }
    return ERR_OK;
}

static uint16_t chain_first_end(const struct chain *chain)
{
    return chain->first == chain->last ? chain->end : (uint16_t)CHAIN_BLOCK_BYTES;
}

static void chain_give_first(struct chain *chain, const struct chain_source *source)
{
    struct chain_block *block = chain->first;
    chain->first = block->next;
    chain->start = 0;
    if (!chain->first) {
        chain->last = NULL;
        chain->end = 0;
    }
    pool_give(source->pool, block);
}

void chain_drop(struct chain *chain, const struct chain_source *source, uint32_t count)
{
    CHECK(count <= chain->len);
    chain->len -= count;
    while (count > 0) {
        uint32_t here = (uint32_t)chain_first_end(chain) - chain->start;
        uint32_t part = count < here ? count : here;
        chain->start = (uint16_t)(chain->start + part);
        count -= part;
        if (part == here) {
            chain_give_first(chain, source);
        }
    }
}

void chain_clear(struct chain *chain, const struct chain_source *source)
{
    while (chain->first) {
        chain_give_first(chain, source);
    }
    chain->len = 0;
}

bool chain_next(const struct chain *chain, const struct chain_block **block, struct span *piece)
{
    const struct chain_block *next = *block ? (*block)->next : chain->first;
    if (!next) {
        return false;
    }
    size_t start = next == chain->first ? chain->start : 0;
    size_t end = next == chain->last ? chain->end : (size_t)CHAIN_BLOCK_BYTES;
    *piece = span_of(next->bytes + start, end - start);
    *block = next;
    return true;
}
