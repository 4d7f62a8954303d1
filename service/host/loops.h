/*
 * The loops: a thread each, and how other threads get something done on one. What is asked for is
 * done between two turns, and the asker waits until it was: a loop never waits for anybody.
 */
#ifndef HOST_LOOPS_H
#define HOST_LOOPS_H

#include "gateway/gateway.h"
#include "host/watch.h"
#include "sys/thread.h"

enum { LOOPS_MAX = 64 };

struct loop {
    struct gateway gateway;
    struct sys_thread thread;
    struct gateway_port *port; /* where it listens now */
    struct watch watch;        /* of whoever looks after it */
};

struct loops {
    struct loop *loop; /* count */
    uint32_t count;
};

struct loops_setup {
    struct gateway_setup gateway; /* the same for all, but for their feeds */
    struct feed *(*feed)(void *context, uint32_t which);
    void *context;
    uint32_t count;
};

/* All loops turn, listening nowhere, without rules. ERR_MEMORY, ERR_EXHAUSTED, ERR_SYSTEM. */
MUST_CHECK enum err loops_start(struct loops *loops, const struct loops_setup *setup);

/* Runs `run` on one loop's thread and waits for it. */
void loops_call(struct loop *loop, void (*run)(struct loop *loop, void *context), void *context);

/* After gateway_drain on each: waits until all are at rest. What they counted stays. */
void loops_join(struct loops *loops);
void loops_free(struct loops *loops);

#endif
