/*
 * Half of what a relay does, for the parties of the small world; the engine has its own.
 */
#ifndef TESTS_SIM_HALF_H
#define TESTS_SIM_HALF_H

#include "sim/party.h"

/*
 * One direction: what `from` receives goes to `to`, and after the last byte its end does. It says
 * through `over` that its end was passed on, through `broken` that it cannot go on.
 */
struct half {
    struct party *party;
    struct io_socket *from, *to;
    struct pool *pool;
    struct io_op recv, send, shutdown;
    uint64_t bytes;
    bool ended;
    void (*over)(struct half *half);
    void (*broken)(struct half *half);
};

void half_init(struct half *half, struct party *party, struct io_socket *from, struct io_socket *to,
               struct pool *pool);
void half_begin(struct half *half);

#endif
