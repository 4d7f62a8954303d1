/*
 * A hash table of fixed size whose nodes live inside their owners. It knows the buckets, in memory
 * that is given to it, and the secret seed; what a key is, how long its owner lives and which lock
 * is held are its user's matters. It is quick with as many nodes as it was opened for; its chains
 * carry any number.
 */
#ifndef SHARED_TABLE_H
#define SHARED_TABLE_H

#include "base/span.h"

struct table_node {
    struct table_node *next;
    uint64_t hash;
};

struct table {
    struct table_node **buckets;
    uint64_t last; /* index of the last bucket; their number is a power of two */
    uint64_t seed[2];
};

size_t table_size(uint32_t nodes); /* bytes of memory for the buckets */

/* `memory` is aligned for a pointer and outlives the table; `seed` is secret and random. */
void table_open(struct table *table, void *memory, uint32_t nodes, const uint64_t seed[2]);

/* Never changes while the table is open, so it needs no lock. */
uint64_t table_hash(const struct table *table, struct span key);

/* The node with this hash for which same(node, key) holds; NULL: none. */
struct table_node *table_find(const struct table *table, uint64_t hash,
                              bool (*same)(struct table_node *node, const void *key),
                              const void *key);
void table_add(struct table *table, struct table_node *node, uint64_t hash);
void table_remove(struct table *table, struct table_node *node); /* it must be there */

#endif
