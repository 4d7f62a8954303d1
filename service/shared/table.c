/*
 * The table: buckets of singly linked chains, and SipHash to spread what strangers choose.
 */
#include "shared/table.h"

#include "base/hash.h"

/* A power of two, as many as nodes at the least. */
static uint64_t table_buckets(uint32_t nodes)
{
    uint64_t count = 1;
    while (count < nodes) {
        count *= 2;
    }
    return count;
}

size_t table_size(uint32_t nodes)
{
    return (size_t)table_buckets(nodes) * sizeof(struct table_node *);
}

void table_open(struct table *table, void *memory, uint32_t nodes, const uint64_t seed[2])
{
    CHECK(memory && nodes > 0);
    *table = (struct table){memory, table_buckets(nodes) - 1, {seed[0], seed[1]}};
    for (uint64_t i = 0; i <= table->last; i++) {
        table->buckets[i] = NULL;
    }
}

uint64_t table_hash(const struct table *table, struct span key)
{
    return hash_keyed(table->seed, key);
}

struct table_node *table_find(const struct table *table, uint64_t hash,
                              bool (*same)(struct table_node *node, const void *key),
                              const void *key)
{
    struct table_node *node = table->buckets[hash & table->last];
    while (node && (node->hash != hash || !same(node, key))) {
        node = node->next;
    }
    return node;
}

void table_add(struct table *table, struct table_node *node, uint64_t hash)
{
    struct table_node **bucket = &table->buckets[hash & table->last];
    node->hash = hash;
    node->next = *bucket;
    *bucket = node;
}

void table_remove(struct table *table, struct table_node *node)
{
    struct table_node **link = &table->buckets[node->hash & table->last];
    while (*link != node) {
        CHECK(*link);
        link = &(*link)->next;
    }
    *link = node->next;
    node->next = NULL;
}
