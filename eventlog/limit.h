/*
 * How many lines a peer can cause. An event whose row has a number of lines a minute passes here
 * first: in each minute of an id the first of each key gets out, a key being (event, host or rule,
 * client). At most per_minute lines of an id, half of them for one client. The rest is counted, and
 * when the minute ends there is one summary for each key that got a line, and one for all others
 * together. It knows no clock: the moment comes as an argument and never goes back.
 */
#ifndef EVENTLOG_LIMIT_H
#define EVENTLOG_LIMIT_H

#include "eventlog/event.h"

enum {
    LIMIT_MINUTE_MS = 60000,
    LIMIT_LINES_MAX = 600, /* no row of events.def may ask for more */
/* Ids that are limited: not more than rows that are. */
#define EVENT(id, name, severity, level, per_minute, args, english) +((per_minute) > 0)
    LIMIT_IDS_MAX = 0
#include "eventlog/events.def"
#undef EVENT
};

/* One that got its line; what came after it is only counted. */
struct limit_key {
    uint64_t hash, client_hash;
    uint64_t suppressed;
};

struct limit_id {
    uint16_t id;
    bool begun;        /* its minute */
    uint64_t begin_ms; /* of its minute */
    uint32_t lines;    /* and so keys */
    uint64_t others;   /* counted for keys without a line */
    enum event other;  /* what the last of them was */
    struct limit_key keys[LIMIT_LINES_MAX];
    struct event_record first[LIMIT_LINES_MAX]; /* of each key: for its summary */
};

/* Large, and mostly never touched: its owner takes it from zeroed memory. */
struct limit {
    struct limit_id ids[LIMIT_IDS_MAX];
};

/* Where summaries go. They have their `suppressed`; the moment is the receiver's to set. */
struct limit_out {
    void (*write)(void *context, struct event_record *summary);
    void *context;
};

/* Whether this one gets a line; otherwise it was counted. Events without a limit always do. */
bool limit_pass(struct limit *limit, const struct event_record *record, uint64_t now_ms);

/* Ends the minutes that are over, with their summaries: before limit_pass of the same moment. */
void limit_tick(struct limit *limit, uint64_t now_ms, const struct limit_out *out);
/* Ends all of them: the service stops. */
void limit_flush(struct limit *limit, const struct limit_out *out);

#endif
