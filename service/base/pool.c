/*
 * The pool: a stack of free slots, threaded through the slots by index, and behind it the fresh
 * items, which are only counted.
 */
#include "base/pool.h"

#include <string.h>

void pool_init(struct pool *pool, const struct pool_memory *memory)
{
    CHECK(memory->items && memory->slots);
    CHECK(memory->item_size > 0 && memory->count > 0);
    CHECK(memory->share > 0 && memory->share <= memory->count);
    *pool = (struct pool){.memory = *memory, .first_free = memory->count};
    if (memory->poison) {
        CHECK(!memory->commit);
        memset(memory->items, POOL_POISON, memory->count * memory->item_size);
    }
}

static uint8_t *pool_item(const struct pool *pool, uint32_t index)
{
    return (uint8_t *)pool->memory.items + index * pool->memory.item_size;
}

static bool pool_is_poisoned(const uint8_t *item, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (item[i] != POOL_POISON) {
            return false;
        }
    }
    return true;
}

/* Of the stack. */
static uint32_t pool_take_idle(struct pool *pool)
{
    uint32_t index = pool->first_free;
    const struct pool_slot *slot = &pool->memory.slots[index];
    CHECK(index < pool->fresh && !slot->taken && pool->idle > 0);
    pool->first_free = slot->next;
    pool->idle--;
    pool->least_idle = pool->idle < pool->least_idle ? pool->idle : pool->least_idle;
    return index;
}

/* Their memory is there, and untouched: what was taken before is still taken first. */
bool pool_ready(struct pool *pool, uint32_t count)
{
    const struct pool_memory *memory = &pool->memory;
    CHECK(count <= memory->count && pool->fresh <= pool->ready);
    while (pool->ready < count) {
        if (memory->commit && !memory->commit(pool_item(pool, pool->ready), memory->item_size)) {
            return false;
        }
        pool->ready++;
    }
    return true;
}

/* The first that was never taken; count: none, or the system has no memory for it. */
static uint32_t pool_take_fresh(struct pool *pool)
{
    bool one = pool->fresh < pool->memory.count && pool_ready(pool, pool->fresh + 1);
    return one ? pool->fresh++ : pool->memory.count;
}

void *pool_take(struct pool *pool, struct pool_owner *owner)
{
    uint32_t index = pool->memory.count;
    if (!owner || owner->held < pool->memory.share) {
        index = pool->first_free < index ? pool_take_idle(pool) : pool_take_fresh(pool);
    }
    if (index == pool->memory.count) {
        pool->refused++;
        return NULL;
    }
    CHECK(!pool->memory.poison || pool_is_poisoned(pool_item(pool, index), pool->memory.item_size));
    pool->memory.slots[index] = (struct pool_slot){.owner = owner, .taken = true, .used = true};
    pool->taken++;
    pool->most_taken = pool->taken > pool->most_taken ? pool->taken : pool->most_taken;
    if (owner) {
        owner->held++;
    }
    return pool_item(pool, index);
}

static uint32_t pool_index(const struct pool *pool, const void *item)
{
    uintptr_t offset = (uintptr_t)item - (uintptr_t)pool->memory.items;
    CHECK(offset % pool->memory.item_size == 0);
    CHECK(offset / pool->memory.item_size < pool->fresh);
    return (uint32_t)(offset / pool->memory.item_size);
}

void pool_give(struct pool *pool, void *item)
{
    uint32_t index = pool_index(pool, item);
    struct pool_slot *slot = &pool->memory.slots[index];
    CHECK(slot->taken);
    CHECK(pool->taken > 0);
    if (slot->owner) {
        CHECK(slot->owner->held > 0);
        slot->owner->held--;
    }
    *slot = (struct pool_slot){.next = pool->first_free, .used = true};
    pool->first_free = index;
    pool->idle++;
    pool->taken--;
    if (pool->memory.poison) {
        memset(item, POOL_POISON, pool->memory.item_size);
    }
}

void pool_trim(struct pool *pool, void (*discard)(void *start, size_t bytes))
{
    CHECK(!pool->memory.poison);
    uint32_t index = pool->first_free;
    for (uint32_t depth = 0; depth < pool->idle; depth++) {
        struct pool_slot *slot = &pool->memory.slots[index];
        if (depth >= pool->idle - pool->least_idle && slot->used) {
            slot->used = false;
            discard(pool_item(pool, index), pool->memory.item_size);
        }
        index = slot->next;
    }
    pool->least_idle = pool->idle;
}

bool pool_is_full(const struct pool *pool)
{
    return pool->taken == 0;
}
