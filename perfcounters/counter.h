/*
 * Counters: the table, the array that each loop owns, and sums over several. Who counts is one
 * thread, the array's owner; any thread may read. Because nobody else writes, an addition is a load
 * and a store, no locked instruction: as cheap as a plain variable where it matters.
 */
#ifndef PERFCOUNTERS_COUNTER_H
#define PERFCOUNTERS_COUNTER_H

#include "base/atom.h"
#include "base/err.h"
#include "base/pool.h"

enum counter {
#define COUNTER(name, kind, help, perfmon) COUNTER_##name,
#include "perfcounters/counters.def"
#undef COUNTER
    COUNTER_COUNT
};

/* Zero at first. Lies among what else its owner writes: two loops share no cache line then. */
struct counters {
    struct atom_u64 at[COUNTER_COUNT];
};

/* Plain numbers: what a reader has. */
struct counter_sums {
    uint64_t at[COUNTER_COUNT];
};

/* For the owner's thread alone. */
static inline void counter_set(struct counters *counters, enum counter which, uint64_t value)
{
    atom_store(&counters->at[which], value);
}

static inline uint64_t counter_get(const struct counters *counters, enum counter which)
{
    return atom_load(&counters->at[which]);
}

static inline void counter_add(struct counters *counters, enum counter which, uint64_t more)
{
    atom_store(&counters->at[which], atom_load(&counters->at[which]) + more);
}

/*
 * Of a LEVEL. What one loop added another may subtract (a client's first and last connection may be
 * on two loops): only the sum means something.
 */
static inline void counter_sub(struct counters *counters, enum counter which, uint64_t less)
{
    atom_store(&counters->at[which], atom_load(&counters->at[which]) - less);
}

/*
 * Counts a request or a tunnel that ended with an error: its group (refused_..., failed_network),
 * and, as err.def's event says, `errors` or `rejections`. What no event reports counts nothing.
 */
void counter_refusal(struct counters *counters, enum err err);

/* Level, peak and refusals of a pool; `taken` is the pool's row ..._taken. For once a second. */
void counter_pool(struct counters *counters, enum counter taken, const struct pool *pool);

/*
 * Adds up the arrays of all loops (the greatest of each PEAK). They count on meanwhile: each number
 * is one that was true, they need not be of one moment. A LEVEL is never below zero.
 */
void counter_sum(const struct counters *const loops[], size_t count, struct counter_sums *sums);

const char *counter_name(enum counter which);    /* "client_connections" */
const char *counter_perfmon(enum counter which); /* "" where Performance Monitor shows it not */
/* Tells one table from another: names, kinds and their order. */
uint64_t counter_layout(void);

#endif
