/*
 * The pool: a stack of free slots, threaded through the slots by index.
 */
#include "base/pool.h"

#include <string.h>

void pool_init(struct pool *pool, const struct pool_memory *memory)
{
    CHECK(memory->items && memory->slots);
    CHECK(memory->item_size > 0 && memory->count > 0);
    CHECK(memory->share > 0 && memory->share <= memory->count);
    *pool = (struct pool){.memory = *memory};
    for (uint32_t i = 0; i < memory->count; i++) {
        memory->slots[i] = (struct pool_slot){.next = i + 1};
    }
    if (memory->poison) {
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

void *pool_take(struct pool *pool, struct pool_owner *owner)
{
    uint32_t index = pool->first_free;
    if (index == pool->memory.count || (owner && owner->held >= pool->memory.share)) {
        pool->refused++;
        return NULL;
    }
    struct pool_slot *slot = &pool->memory.slots[index];
    uint8_t *item = pool_item(pool, index);
    CHECK(!slot->taken);
    CHECK(!pool->memory.poison || pool_is_poisoned(item, pool->memory.item_size));
    slot->taken = true;
    slot->owner = owner;
    pool->first_free = slot->next;
    pool->taken++;
    pool->most_taken = pool->taken > pool->most_taken ? pool->taken : pool->most_taken;
    if (owner) {
        owner->held++;
    }
    return item;
}

static uint32_t pool_index(const struct pool *pool, const void *item)
{
    uintptr_t offset = (uintptr_t)item - (uintptr_t)pool->memory.items;
    CHECK(offset % pool->memory.item_size == 0);
    CHECK(offset / pool->memory.item_size < pool->memory.count);
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
    *slot = (struct pool_slot){.next = pool->first_free};
    pool->first_free = index;
    pool->taken--;
    if (pool->memory.poison) {
        memset(item, POOL_POISON, pool->memory.item_size);
    }
}

bool pool_is_full(const struct pool *pool)
{
    return pool->taken == 0;
}
