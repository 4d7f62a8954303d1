/*
 * What is in activity.db, for tests: no part of the program reads it yet.
 */
#ifndef TESTS_UNIT_ACTIVITY_READER_H
#define TESTS_UNIT_ACTIVITY_READER_H

#include "store/activity.h"

struct activity_event {
    uint64_t time_ms;
    uint16_t id;
    struct span line; /* as JSON */
};

struct activity_refusal {
    struct span event; /* "TargetForbidden" */
    struct span client, host;
    struct span rule;   /* which refused; of a certificate its subject, of a handshake the reason */
    struct span reason; /* of the last one */
    uint16_t port;      /* 0: the event knows none */
    uint64_t count, first_ms, last_ms;
};

/*
 * A reader's side, any process. Events newest first, refusals the last refused first, both not
 * older than `since_ms`. What is NULL is passed over; an error ends the visit and is its result.
 */
struct activity_visitor {
    void *context;
    uint64_t since_ms;
    enum err (*event)(void *context, const struct activity_event *event);
    enum err (*refusal)(void *context, const struct activity_refusal *refusal);
    enum err (*heartbeat)(void *context, const struct activity_heartbeat *heartbeat);
};

/* Without a file nothing is visited: ERR_OK. ERR_STORE_BUSY, ERR_STORE_DAMAGED, ERR_STORE, ... */
MUST_CHECK enum err activity_read(const char *folder, const struct activity_visitor *visitor);

#endif
