/*
 * A pool: so many items of one size, in memory that the caller reserved at start. Taking never
 * waits and never allocates: an empty pool, or an owner that already holds its share, is an answer
 * (NULL) that becomes a refusal with a counter. The item given back last is taken first, so that
 * few items stay warm and the rest of the memory stays untouched: items that were never taken are
 * not even looked at, and what has been idle for a while can be given back to the system.
 *
 * Debug builds fill what is given back with POOL_POISON and check at the next take that nobody
 * wrote into it meanwhile.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/check.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { POOL_POISON = 0xDB };

/*
 * What one owner (a client, say) holds of one pool; zero at first. It stays where it is while it
 * holds anything: the pool remembers who took what, and counts each item off at its taker's.
 */
struct pool_owner {
    uint32_t held;
};

/* The pool's own note about each item, kept apart so that an idle item's memory is not touched. */
struct pool_slot {
    struct pool_owner *owner; /* who took it; NULL while free, or taken for nobody */
    uint32_t next;            /* index of the next free item */
    bool taken;
    bool used; /* since its memory was given back to the system */
};

struct pool_memory {
    void *items;             /* count * item_size bytes */
    struct pool_slot *slots; /* count */
    size_t item_size;
    uint32_t count;
    uint32_t share; /* most that one owner may hold; count where shares do not matter */
    bool poison;    /* fill and check what is given back: debug builds and tests */
    /* Makes memory usable before an item in it is taken for the first time; NULL: it is. */
    bool (*commit)(void *start, size_t bytes);
};

struct pool {
    struct pool_memory memory;
    uint32_t first_free; /* count: none but fresh ones */
    uint32_t fresh;      /* items from here on were never taken */
    uint32_t ready;      /* items up to here have their memory */
    uint32_t idle;       /* items that were, and are free */
    uint32_t least_idle; /* since the last pool_trim */
    uint32_t taken;
    uint32_t most_taken; /* high water */
    uint64_t refused;    /* takes that found nothing, or a share used up */
};

void pool_init(struct pool *pool, const struct pool_memory *memory);

/* NULL: none is left, or the owner holds its share. `owner` may be NULL: it counts for nobody. */
void *pool_take(struct pool *pool, struct pool_owner *owner);
void pool_give(struct pool *pool, void *item);
/* From now on so many can be out at once, if no share stands against it; false: no memory left. */
bool pool_ready(struct pool *pool, uint32_t count);

/*
 * Gives back to the system, by `discard`, the memory of items that no take since the last trim came
 * near to. For pools without poison, now and then.
 */
void pool_trim(struct pool *pool, void (*discard)(void *start, size_t bytes));

bool pool_is_full(const struct pool *pool); /* everything was given back: asked at exit */

#endif
