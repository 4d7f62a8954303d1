/*
 * The quota: a note for each client that holds anything, found by its address. A note is taken from
 * the pool with a client's first tunnel and given back with its last.
 */
#include "shared/quota.h"

#include "base/list.h"

struct quota_note {
    struct table_node node;
    struct addr client;
    uint32_t held;
};

_Static_assert(sizeof(struct quota_note) % sizeof(void *) == 0, "what follows is aligned");
_Static_assert(sizeof(struct pool_slot) % sizeof(void *) == 0, "what follows is aligned");

static struct quota_limits quota_acting(const struct quota *quota, const struct quota_limits *said)
{
    struct quota_limits limits = *said;
    if (limits.total > quota->capacity) {
        limits.total = quota->capacity;
    }
    if (limits.per_client == 0) {
        limits.per_client = limits.total > 1 ? limits.total / 2 : 1;
    }
    return limits;
}

size_t quota_size(uint32_t capacity)
{
    return capacity * (sizeof(struct quota_note) + sizeof(struct pool_slot)) + table_size(capacity);
}

/* In the memory the notes lie first, then the pool's slots, then the buckets. */
void quota_open(struct quota *quota, void *memory, uint32_t capacity,
                const struct quota_limits *limits, const uint64_t seed[2])
{
    CHECK(memory && capacity > 0);
    struct quota_note *notes = memory;
    struct pool_slot *slots = (void *)(notes + capacity);
    *quota = (struct quota){.capacity = capacity};
    quota->limits = quota_acting(quota, limits);
    pool_init(&quota->pool, &(struct pool_memory){
                                .items = notes,
                                .slots = slots,
                                .item_size = sizeof(struct quota_note),
                                .count = capacity,
                                .share = capacity,
                            });
    table_open(&quota->clients, slots + capacity, capacity, seed);
    sys_lock_init(&quota->lock);
}

void quota_shut(struct quota *quota)
{
    CHECK(quota->held == 0);
    CHECK(pool_is_full(&quota->pool));
    sys_lock_end(&quota->lock);
}

static struct quota_note *quota_note_of(struct table_node *node)
{
    return list_owner(node, struct quota_note, node);
}

static bool quota_is_client(struct table_node *node, const void *client)
{
    return addr_equal(&quota_note_of(node)->client, client);
}

static uint64_t quota_hash(const struct quota *quota, const struct addr *client)
{
    CHECK(client->family != ADDR_NONE);
    return table_hash(&quota->clients, span_of(client->bytes, sizeof client->bytes));
}

static struct quota_note *quota_find(struct quota *quota, uint64_t hash, const struct addr *client)
{
    struct table_node *node = table_find(&quota->clients, hash, quota_is_client, client);
    return node ? quota_note_of(node) : NULL;
}

static void quota_add(struct quota *quota, uint64_t hash, const struct addr *client)
{
    struct quota_note *note = pool_take(&quota->pool, NULL);
    CHECK(note); /* there are as many as tunnels */
    note->client = *client;
    note->held = 1;
    table_add(&quota->clients, &note->node, hash);
}

static enum err quota_take_locked(struct quota *quota, uint64_t hash, const struct addr *client)
{
    if (quota->held >= quota->limits.total) {
        return ERR_TUNNELS_FULL;
    }
    struct quota_note *note = quota_find(quota, hash, client);
    if ((note ? note->held : 0) >= quota->limits.per_client) {
        return ERR_CLIENT_FULL;
    }
    if (note) {
        note->held++;
    } else {
        quota_add(quota, hash, client);
    }
    quota->held++;
    return ERR_OK;
}

enum err quota_take(struct quota *quota, const struct addr *client)
{
    struct addr key = addr_unmap(client);
    uint64_t hash = quota_hash(quota, &key);
    sys_lock_take(&quota->lock);
    enum err err = quota_take_locked(quota, hash, &key);
    sys_lock_give(&quota->lock);
    return err;
}

static void quota_give_locked(struct quota *quota, uint64_t hash, const struct addr *client)
{
    struct quota_note *note = quota_find(quota, hash, client);
    CHECK(note && note->held > 0);
    CHECK(quota->held >= note->held);
    quota->held--;
    if (--note->held == 0) {
        table_remove(&quota->clients, &note->node);
        pool_give(&quota->pool, note);
    }
}

void quota_give(struct quota *quota, const struct addr *client)
{
    struct addr key = addr_unmap(client);
    uint64_t hash = quota_hash(quota, &key);
    sys_lock_take(&quota->lock);
    quota_give_locked(quota, hash, &key);
    sys_lock_give(&quota->lock);
}

void quota_set_limits(struct quota *quota, const struct quota_limits *limits)
{
    struct quota_limits acting = quota_acting(quota, limits);
    sys_lock_take(&quota->lock);
    quota->limits = acting;
    sys_lock_give(&quota->lock);
}

uint32_t quota_clients(struct quota *quota)
{
    sys_lock_take(&quota->lock);
    uint32_t clients = quota->pool.taken;
    sys_lock_give(&quota->lock);
    return clients;
}
