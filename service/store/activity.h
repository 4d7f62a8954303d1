/*
 * activity.db in the data folder: what happened lately. The last events, who was refused what by
 * which rule and how often, and a heartbeat. It can be lost and is bounded: a damaged file is made
 * anew, the oldest rows go. The service never waits for it: who notes holds a short lock, and the
 * store's thread writes what was gathered, once a second at most, in one transaction.
 */
#ifndef STORE_ACTIVITY_H
#define STORE_ACTIVITY_H

#include "eventlog/event.h"

struct activity;

enum {
    ACTIVITY_EVENTS_MAX = 1000,    /* kept in the file */
    ACTIVITY_REFUSALS_MAX = 10000, /* kept in the file */
    ACTIVITY_BATCH_EVENTS = 128,   /* gathered between two writes: the newest */
    ACTIVITY_BATCH_REFUSALS = 512, /* what finds no place here is counted as lost */
    ACTIVITY_HEARTBEAT_MS = 60000  /* how often it is written when nothing else is */
};

/* The service's side. Touches no file yet. ERR_MEMORY, ERR_LONG. */
MUST_CHECK enum err activity_open(const char *folder, struct activity **activity);
void activity_close(struct activity *activity); /* NULL is fine; does not write */

/*
 * From any thread; the record is complete. Refusals (105, 106, 402) are counted whether the line of
 * the event was written or not; a line that was written is kept.
 */
void activity_note(struct activity *activity, const struct event_record *record, bool written);

struct activity_heartbeat {
    uint64_t time_ms, start_ms, pid;
    uint64_t lost; /* activity_write fills it in: refusals that were not noted since the start */
};

/*
 * From the store's thread: writes what was gathered, if anything was. ERR_STORE_BUSY (a reader):
 * it stays gathered. ERR_DISK_FULL, ERR_DENIED, ERR_ABSENT (no folder), ERR_STORE, ERR_MEMORY: it
 * is lost, and the next call tries anew. A damaged file is removed and made again, that is no
 * error.
 */
MUST_CHECK enum err activity_write(struct activity *activity,
                                   const struct activity_heartbeat *heartbeat);

#endif
