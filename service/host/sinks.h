/*
 * The sinks' thread: the only one that writes events and the access log. It takes records from the
 * feeds of all loops and of the other threads, keeps to LogLevel and to the limit of lines, writes,
 * notes what activity.db is to know, and reports what was dropped. It sleeps 100 ms at most; a feed
 * that is half full wakes it earlier.
 */
#ifndef HOST_SINKS_H
#define HOST_SINKS_H

#include "eventlog/feed.h"
#include "eventlog/sink.h"
#include "perfcounters/counter.h"
#include "store/activity.h"

struct sinks;

enum { SINKS_WAIT_MS = 100, SINKS_DROPS_MS = 60000 };

struct sinks_setup {
    size_t feeds;              /* one per loop and per other thread that reports */
    uint64_t events, accesses; /* places in the rings of each: powers of two */
    struct sink sink;          /* where lines of events go */
    enum severity level;
    const char *access_log;    /* path; "": off */
    struct activity *activity; /* NULL: none */
};

/* ERR_MEMORY, ERR_SYSTEM, ERR_LONG. */
MUST_CHECK enum err sinks_start(const struct sinks_setup *setup, struct sinks **sinks);

/*
 * The feed of one putter: each belongs to one thread, and lives until sinks_free. In each round
 * they are emptied in their order; within a feed nothing overtakes.
 */
struct feed *sinks_feed(struct sinks *sinks, size_t which);

/* From any thread; in force within SINKS_WAIT_MS. */
void sinks_set_level(struct sinks *sinks, enum severity level);
MUST_CHECK enum err sinks_set_access_log(struct sinks *sinks, const char *path); /* ERR_LONG */
void sinks_reopen(struct sinks *sinks); /* the access log: logrotate has renamed it */

/* What the thread itself counts: one more array for counter_sum. */
const struct counters *sinks_counters(const struct sinks *sinks);

/*
 * Nobody may put any more. Writes all that is in the rings, the summaries and what was dropped;
 * then the thread has ended, and its counters are final.
 */
void sinks_stop(struct sinks *sinks);
/*
 * Behind sinks_stop: writes `last` (102; NULL: nothing) as the last line, and frees everything.
 * What activity.db is to know of it is noted: activity_write comes after this.
 */
void sinks_free(struct sinks *sinks, const struct event_record *last);

#endif
