/*
 * Names to addresses, for all loops of a process. The system can only be asked by waiting, so
 * threads wait; everything else is here: answers are kept for a while (also that there is none),
 * one name is asked once however many want it, the queue is bounded, and no client may fill it nor
 * keep all threads waiting. An op that is cancelled leaves; the thread that asks for it goes on and
 * its answer is kept.
 *
 * Names from the command line's table, literal addresses and what is kept are answered inside the
 * loop, without a thread. The system is asked as any program asks it: it has a file of hosts, and
 * may try a name that nobody knows below its search domains.
 */
#ifndef IO_RESOLVE_H
#define IO_RESOLVE_H

#include "io/io.h"
#include "sys/thread.h"

enum {
    RESOLVE_ENTRIES = 1024,   /* names kept or being asked */
    RESOLVE_BUCKETS = 1024,   /* a power of two */
    RESOLVE_QUEUE_MAX = 256,  /* names that wait for a thread */
    RESOLVE_QUEUE_SHARE = 64, /* of these, for one client */
    RESOLVE_THREADS_MAX = 32, /* names that are being asked */
    RESOLVE_ASKED_SHARE = 16, /* of these, for one client */
    RESOLVE_FIXED_MAX = 64    /* rows of the table */
};

enum resolve_state { RESOLVE_FREE, RESOLVE_QUEUED, RESOLVE_ASKED, RESOLVE_KNOWN };

struct resolve_answer {
    enum err result; /* ERR_OK, ERR_NAME_UNKNOWN, ERR_NAME_FAILED */
    uint8_t count;
    struct addr addrs[IO_NAMES_MAX];
};

/* A name: asked for, or answered and kept. */
struct resolve_entry {
    struct list_node order; /* in `free`, `queue`, `asking` or `known`, by state */
    struct resolve_entry *same_hash;
    struct list waiters; /* RESOLVE ops, of any loop */
    uint64_t until_ms;   /* KNOWN: as long as this */
    uint64_t client;     /* QUEUED, ASKED: in whose share */
    struct resolve_answer answer;
    enum resolve_state state;
    uint8_t name_len;
    uint8_t name[IO_NAME_MAX];
};

/* One row of the table: `--resolve HOST=ADDR[,ADDR]`. */
struct resolve_fixed {
    struct span name;
    uint8_t count;
    struct addr addrs[IO_NAMES_MAX];
};

struct resolve_setup {
    uint64_t positive_ms, negative_ms; /* 0: not kept */
    uint32_t threads_max;
    uint64_t seed[2]; /* secret and random */
    const struct resolve_fixed *fixed;
    uint32_t fixed_count;
    /* Asks the system about a name and waits; NULL: resolve_ask. Tests have their own. */
    void (*ask)(struct span name, struct resolve_answer *answer);
    /* Without threads: told that the queue may have an entry to be asked for, see resolve_next. The
     * simulator's. */
    void (*queued)(void *context, struct resolve *resolve);
    void *context;
};

struct resolve {
    struct resolve_setup setup;
    struct sys_lock lock; /* over everything below */
    struct sys_signal work;
    struct list free, queue, asking, known; /* known: the one used longest ago first */
    uint32_t queued, asked, threads;
    bool stopping;
    struct sys_thread thread[RESOLVE_THREADS_MAX];
    struct resolve_entry *buckets[RESOLVE_BUCKETS];
    struct resolve_entry entries[RESOLVE_ENTRIES];
};

void resolve_open(struct resolve *resolve, const struct resolve_setup *setup);
/* No op may be out. Waits for the threads, each of which may still be waiting for the system. */
void resolve_shut(struct resolve *resolve);
/* From now on; what is kept keeps its time. */
void resolve_set_times(struct resolve *resolve, uint64_t positive_ms, uint64_t negative_ms);

/* io.c's: the op is submitted. */
void resolve_start(struct resolve *resolve, struct io_op *op);
void resolve_cancel(struct resolve *resolve, struct io_op *op);

/* Whoever asks the system: the next name (NULL: none, or too many of that client), its answer. */
struct resolve_entry *resolve_next(struct resolve *resolve);
void resolve_answered(struct resolve *resolve, struct resolve_entry *entry,
                      const struct resolve_answer *answer, uint64_t now_ms);

/* resolve_linux.c, resolve_windows.c: asks the system and waits. The name ends nowhere in a NUL. */
void resolve_ask(struct span name, struct resolve_answer *answer);

#endif
