/*
 * loops.h. A call is an op on the caller's stack that is posted to the loop.
 */
#include "host/loops.h"

#include <stdlib.h>

enum { LOOPS_WAIT_MS = 1000 };

struct loops_call {
    struct io_op op;
    struct loop *loop;
    void (*run)(struct loop *loop, void *context);
    void *context;
    struct sys_lock lock;
    struct sys_signal over;
    bool done;
};

static void loops_turn(void *context)
{
    struct loop *loop = context;
    sys_thread_name("loop");
    while (!gateway_is_idle(&loop->gateway)) {
        io_turn(&loop->gateway.loop, LOOPS_WAIT_MS);
    }
    gateway_shut(&loop->gateway);
}

static void loops_drain_now(struct loop *loop, void *context)
{
    (void)context;
    gateway_drain(&loop->gateway, 0);
}

static enum err loops_start_one(struct loop *loop, const struct loops_setup *setup, uint32_t which)
{
    struct gateway_setup gateway = setup->gateway;
    gateway.feed = setup->feed(setup->context, which);
    TRY(gateway_open(&loop->gateway, &gateway));
    enum err err = sys_thread_start(&loop->thread, loops_turn, loop);
    if (err != ERR_OK) {
        gateway_drain(&loop->gateway, 0);
        gateway_shut(&loop->gateway);
    }
    return err;
}

enum err loops_start(struct loops *loops, const struct loops_setup *setup)
{
    CHECK(setup->count > 0 && setup->count <= LOOPS_MAX);
    *loops = (struct loops){.loop = calloc(setup->count, sizeof *loops->loop)};
    if (!loops->loop) {
        return ERR_MEMORY;
    }
    for (uint32_t i = 0; i < setup->count; i++) {
        enum err err = loops_start_one(&loops->loop[i], setup, i);
        if (err != ERR_OK) {
            for (uint32_t k = 0; k < loops->count; k++) {
                loops_call(&loops->loop[k], loops_drain_now, NULL);
            }
            loops_join(loops);
            loops_free(loops);
            return err;
        }
        loops->count++;
    }
    return ERR_OK;
}

static void loops_called(struct io_op *op)
{
    struct loops_call *call = list_owner(op, struct loops_call, op);
    call->run(call->loop, call->context);
    sys_lock_take(&call->lock);
    call->done = true;
    sys_signal_all(&call->over);
    sys_lock_give(&call->lock);
}

void loops_call(struct loop *loop, void (*run)(struct loop *loop, void *context), void *context)
{
    struct loops_call call = {.loop = loop, .run = run, .context = context};
    io_op_init(&call.op, loops_called);
    sys_lock_init(&call.lock);
    sys_signal_init(&call.over);
    io_post(&loop->gateway.loop, &call.op);
    sys_lock_take(&call.lock);
    while (!call.done) {
        sys_signal_wait(&call.over, &call.lock);
    }
    sys_lock_give(&call.lock);
    sys_signal_end(&call.over);
    sys_lock_end(&call.lock);
}

void loops_join(struct loops *loops)
{
    for (uint32_t i = 0; i < loops->count; i++) {
        sys_thread_join(&loops->loop[i].thread);
    }
}

void loops_free(struct loops *loops)
{
    free(loops->loop);
    *loops = (struct loops){0};
}
