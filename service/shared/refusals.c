/*
 * The refusals: rows found by their hash, and in a list by when they were last seen. The row is
 * filled and its hash made before the lock is taken.
 */
#include "shared/refusals.h"

#include <string.h>

struct refusal_row {
    struct table_node node;
    struct list_node link; /* in seen or free */
    struct refusal refusal;
};

_Static_assert(sizeof(struct refusal_row) % sizeof(void *) == 0, "what follows is aligned");

size_t refusals_size(uint32_t rows)
{
    return rows * sizeof(struct refusal_row) + table_size(rows);
}

/* In the memory the rows lie first, then the buckets. */
void refusals_open(struct refusals *refusals, void *memory, uint32_t rows, const uint64_t seed[2])
{
    CHECK(memory && rows > 0);
    struct refusal_row *row = memory;
    *refusals = (struct refusals){.lost = 0};
    list_init(&refusals->seen);
    list_init(&refusals->free);
    for (uint32_t i = 0; i < rows; i++, row++) {
        list_node_init(&row->link);
        list_push_last(&refusals->free, &row->link);
    }
    table_open(&refusals->table, row, rows, seed);
    sys_lock_init(&refusals->lock);
}

void refusals_shut(struct refusals *refusals)
{
    sys_lock_end(&refusals->lock);
}

struct span refusals_host(const struct refusal *refusal)
{
    return span_of(refusal->host, refusal->host_len);
}

struct span refusals_rule(const struct refusal *refusal)
{
    return span_of(refusal->rule, refusal->rule_len);
}

static uint16_t refusals_put(uint8_t *place, size_t max, struct span text)
{
    size_t len = text.len < max ? text.len : max;
    if (len > 0) {
        memcpy(place, text.at, len);
    }
    return (uint16_t)len;
}

static void refusals_fill(struct refusal *refusal, const struct refusal_key *key, uint64_t unix_ms)
{
    refusal->client = key->client;
    refusal->port = key->port;
    refusal->err = key->err;
    refusal->host_len = refusals_put(refusal->host, sizeof refusal->host, key->host);
    refusal->rule_len = refusals_put(refusal->rule, sizeof refusal->rule, key->rule);
    refusal->count = 1;
    refusal->first_ms = refusal->last_ms = unix_ms;
}

/* Of what differs most; the rest is compared. */
static uint64_t refusals_hash(const struct refusals *refusals, const struct refusal *refusal)
{
    uint8_t key[sizeof refusal->client.bytes + sizeof refusal->port + REFUSAL_HOST_MAX];
    size_t len = sizeof refusal->client.bytes;
    memcpy(key, refusal->client.bytes, len);
    key[len++] = (uint8_t)(refusal->port >> 8);
    key[len++] = (uint8_t)refusal->port;
    len += refusals_put(key + len, sizeof key - len, refusals_host(refusal));
    return table_hash(&refusals->table, span_of(key, len));
}

static bool refusals_is_same(struct table_node *node, const void *key)
{
    const struct refusal *a = &list_owner(node, struct refusal_row, node)->refusal, *b = key;
    return addr_equal(&a->client, &b->client) && a->port == b->port && a->err == b->err &&
           span_equal(refusals_host(a), refusals_host(b)) &&
           span_equal(refusals_rule(a), refusals_rule(b));
}

/* A row that is in no list: a free one, or the one not seen for the longest time. */
static struct refusal_row *refusals_make_room(struct refusals *refusals)
{
    struct list_node *link = list_take_first(&refusals->free);
    if (link) {
        return list_owner(link, struct refusal_row, link);
    }
    link = list_take_first(&refusals->seen);
    CHECK(link);
    struct refusal_row *row = list_owner(link, struct refusal_row, link);
    refusals->lost += row->refusal.count;
    table_remove(&refusals->table, &row->node);
    return row;
}

static void refusals_count(struct refusals *refusals, uint64_t hash, const struct refusal *refusal)
{
    struct table_node *node = table_find(&refusals->table, hash, refusals_is_same, refusal);
    struct refusal_row *row;
    if (node) {
        row = list_owner(node, struct refusal_row, node);
        row->refusal.count++;
        row->refusal.last_ms = refusal->last_ms;
        list_unlink(&row->link);
    } else {
        row = refusals_make_room(refusals);
        row->refusal = *refusal;
        table_add(&refusals->table, &row->node, hash);
    }
    list_push_last(&refusals->seen, &row->link);
}

void refusals_note(struct refusals *refusals, const struct refusal_key *key, uint64_t unix_ms)
{
    struct refusal refusal;
    refusals_fill(&refusal, key, unix_ms);
    uint64_t hash = refusals_hash(refusals, &refusal);
    sys_lock_take(&refusals->lock);
    refusals_count(refusals, hash, &refusal);
    sys_lock_give(&refusals->lock);
}

static size_t refusals_take_out(struct refusals *refusals, struct refusal *batch, size_t most)
{
    size_t count = 0;
    while (count < most && !list_empty(&refusals->seen)) {
        struct list_node *link = list_take_first(&refusals->seen);
        struct refusal_row *row = list_owner(link, struct refusal_row, link);
        batch[count++] = row->refusal;
        table_remove(&refusals->table, &row->node);
        list_push_first(&refusals->free, &row->link);
    }
    return count;
}

size_t refusals_drain(struct refusals *refusals, struct refusal *batch, size_t most)
{
    sys_lock_take(&refusals->lock);
    size_t count = refusals_take_out(refusals, batch, most);
    sys_lock_give(&refusals->lock);
    return count;
}

uint64_t refusals_lost(struct refusals *refusals)
{
    sys_lock_take(&refusals->lock);
    uint64_t lost = refusals->lost;
    sys_lock_give(&refusals->lock);
    return lost;
}
