/*
 * A feed: how one thread tells what happened. It puts event records and access records into two
 * rings; the sinks' thread takes them out. Putting never waits; what finds no place is counted and
 * reported. Half full, the taker is woken once; until then it looks by itself ten times a second,
 * so an ordinary record costs its maker no system call.
 *
 * Each loop has one, and each other thread that reports. Floor 4 knows this file and nothing behind
 * it.
 */
#ifndef EVENTLOG_FEED_H
#define EVENTLOG_FEED_H

#include "base/ring.h"
#include "eventlog/access.h"
#include "eventlog/event.h"

struct feed {
    struct ring events, access;
    const struct atom_u64 *level;     /* enum severity: LogLevel now */
    const struct atom_u64 *access_on; /* 0: nobody reads access records */
    void (*wake)(void *context);      /* from the putter's thread; NULL in tests */
    void *context;
};

/* Whether anybody would read such an event: a loop that asks first makes no DEBUG record in vain.
 * Refusals are always wanted, they are counted whatever the level is. */
bool feed_wants(const struct feed *feed, enum event event);
bool feed_wants_access(const struct feed *feed);

/* The record must be complete. False: no place, counted. */
bool feed_event(struct feed *feed, const struct event_record *record);
bool feed_access(struct feed *feed, const struct access_record *record);

#endif
