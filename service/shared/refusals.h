/*
 * Who was refused what, by which rule, how often, and when last: rows that all loops count in, and
 * that another thread takes out in batches, to keep them and to tell of them. It has a fixed
 * number of rows, in memory that is given to it, and one short lock, taken once for each refusal.
 * What is counted is bounded, what strangers can ask for is not: when all rows are in use the one
 * that was not seen for the longest time makes room, and its count is added to what was lost. It
 * knows no file and writes no line.
 */
#ifndef SHARED_REFUSALS_H
#define SHARED_REFUSALS_H

#include "base/addr.h"
#include "base/list.h"
#include "shared/table.h"
#include "sys/thread.h"

enum { REFUSAL_HOST_MAX = 253, REFUSAL_RULE_MAX = 300 };

/* What makes one row. Longer texts are cut, and are one row where what is left is the same. */
struct refusal_key {
    struct addr client;
    struct span host;
    uint16_t port;
    enum err err;
    struct span rule; /* in words */
};

/* A row as it is taken out: a value, with all it needs. */
struct refusal {
    struct addr client;
    uint16_t port;
    uint16_t host_len, rule_len;
    enum err err;
    uint64_t count;
    uint64_t first_ms, last_ms; /* since 1970, of those that are counted here */
    uint8_t host[REFUSAL_HOST_MAX];
    uint8_t rule[REFUSAL_RULE_MAX];
};

struct refusals {
    struct sys_lock lock;
    struct table table;
    struct list seen, free; /* seen: the one not seen for the longest time first */
    uint64_t lost;
};

size_t refusals_size(uint32_t rows); /* bytes of memory for so many rows */

/* `memory` comes from malloc or is aligned as well; `seed` is secret and random. */
void refusals_open(struct refusals *refusals, void *memory, uint32_t rows, const uint64_t seed[2]);
/* What was not taken out is gone; the memory is the caller's. */
void refusals_shut(struct refusals *refusals);

void refusals_note(struct refusals *refusals, const struct refusal_key *key, uint64_t unix_ms);

/*
 * Takes out up to `most` rows, those not seen for the longest time first; gives how many, fewer
 * than `most` when no more are left. The lock is held while they are copied: small batches.
 */
size_t refusals_drain(struct refusals *refusals, struct refusal *batch, size_t most);

/* Refusals in rows that made room, since the beginning: neither in the table nor ever drained. */
uint64_t refusals_lost(struct refusals *refusals);

struct span refusals_host(const struct refusal *refusal);
struct span refusals_rule(const struct refusal *refusal);

#endif
