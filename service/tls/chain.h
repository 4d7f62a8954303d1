/*
 * Bytes of a handshake that have to wait, in 4 KiB blocks borrowed from the engine's pool. A chain
 * grows at its end and shrinks at its front; an empty one holds no block. Owns its blocks; knows
 * nothing of what the bytes mean.
 */
#ifndef TLS_CHAIN_H
#define TLS_CHAIN_H

#include "base/pool.h"
#include "base/span.h"

/* One item of the handshake pool. */
struct chain_block {
    struct chain_block *next;
    uint8_t bytes[4096 - sizeof(struct chain_block *)];
};

/* Where blocks come from and who is charged for them (NULL: nobody). */
struct chain_source {
    struct pool *pool;
    struct pool_owner *owner;
};

/* Zero is an empty chain. */
struct chain {
    struct chain_block *first, *last;
    uint32_t len;
    uint16_t start; /* where the bytes begin in the first block */
    uint16_t end;   /* where they end in the last one */
};

/* ERR_EXHAUSTED: the pool, or the owner's share of it, is used up; some of the bytes may be in. */
MUST_CHECK enum err chain_put(struct chain *chain, const struct chain_source *source,
                              struct span bytes);
/* Drops the first `count` bytes, count <= len; blocks that end there go back. */
void chain_drop(struct chain *chain, const struct chain_source *source, uint32_t count);
void chain_clear(struct chain *chain, const struct chain_source *source);

/*
 * The bytes piece by piece: start with *block = NULL; false behind the last piece.
 *
 *     const struct chain_block *block = NULL;
 *     while (chain_next(chain, &block, &piece)) { ... }
 */
bool chain_next(const struct chain *chain, const struct chain_block **block, struct span *piece);

#endif
