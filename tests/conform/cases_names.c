/*
 * RESOLVE on every backend: what is answered inside the loop, what is asked once, and that slow
 * names and greedy clients hold up nobody. backends.c makes the names up.
 */
#include "conform/backends.h"

#include <string.h>

struct question {
    struct probe probe;
    struct io_names names;
};

static struct question questions[RESOLVE_QUEUE_MAX + RESOLVE_THREADS_MAX + 8];

static struct question *ask(struct conform *conform, int i, const char *name, uint64_t client)
{
    struct question *question = &questions[i];
    probe_init(&question->probe, conform);
    memset(&question->names, 0xEE, sizeof question->names);
    question->names.name_len = (uint8_t)strlen(name);
    memcpy(question->names.name, name, strlen(name));
    question->names.client = client;
    io_resolve(&conform->loop, &question->probe.op, &question->names);
    return question;
}

static void expect_answer(struct question *question, enum err result, uint8_t last_byte)
{
    if (io_is_out(&question->probe.op)) {
        wait_for(&question->probe);
    }
    EXPECT(question->probe.op.result == result);
    EXPECT(question->names.count == (result == ERR_OK ? 1 : 0));
    struct addr expected = {ADDR_IPV4, {192, 0, 2, last_byte}};
    EXPECT(result != ERR_OK || addr_equal(&question->names.addrs[0], &expected));
}

void case_resolve_without_asking(struct conform *conform)
{
    expect_answer(ask(conform, 0, "192.0.2.77", 1), ERR_OK, 77);
    expect_answer(ask(conform, 1, "Fixed.Test", 1), ERR_OK, 9);
    struct question *six = ask(conform, 2, "2001:db8::1", 1);
    wait_for_err(&six->probe, ERR_OK);
    EXPECT(six->names.count == 1 && six->names.addrs[0].family == ADDR_IPV6);
    EXPECT(six->names.from_cache);
    EXPECT(backend_times_asked() == 0);
}

void case_resolve_asks_once(struct conform *conform)
{
    for (int i = 0; i < 20; i++) {
        ask(conform, i, i % 2 == 0 ? "good.test" : "GOOD.test", 1);
    }
    for (int i = 0; i < 20; i++) {
        expect_answer(&questions[i], ERR_OK, 1);
    }
    EXPECT(backend_times_asked() == 1);
    expect_answer(ask(conform, 0, "good.test", 1), ERR_OK, 1);
    EXPECT(questions[0].names.from_cache && backend_times_asked() == 1);
    struct probe timer;
    probe_init(&timer, conform);
    io_timer(&conform->loop, &timer.op, io_now_ms(&conform->loop) + BACKEND_KEPT_MS + 1);
    wait_for_err(&timer, ERR_OK);
    expect_answer(ask(conform, 0, "good.test", 1), ERR_OK, 1);
    EXPECT(!questions[0].names.from_cache && backend_times_asked() == 2);
}

void case_resolve_unknown(struct conform *conform)
{
    expect_answer(ask(conform, 0, "unknown.test", 1), ERR_NAME_UNKNOWN, 0);
    expect_answer(ask(conform, 1, "unknown.test", 1), ERR_NAME_UNKNOWN, 0);
    EXPECT(backend_times_asked() == 1);
    expect_answer(ask(conform, 2, "failing.test", 1), ERR_NAME_FAILED, 0);
    resolve_set_times(conform->resolve, 0, 0);
    expect_answer(ask(conform, 3, "other.unknown.test", 1), ERR_NAME_UNKNOWN, 0);
    expect_answer(ask(conform, 4, "other.unknown.test", 1), ERR_NAME_UNKNOWN, 0);
    EXPECT(backend_times_asked() == 4);
}

void case_resolve_cancelled(struct conform *conform)
{
    backend_hold_slow_names(true);
    for (int i = 0; i < 3; i++) {
        ask(conform, i, "slow1.test", 1);
    }
    turn_idle(conform);
    io_cancel(&conform->loop, &questions[1].probe.op);
    expect_answer(&questions[1], ERR_CANCELLED, 0);
    EXPECT(io_is_out(&questions[0].probe.op) && io_is_out(&questions[2].probe.op));
    backend_hold_slow_names(false);
    expect_answer(&questions[0], ERR_OK, 2);
    expect_answer(&questions[2], ERR_OK, 2);
    EXPECT(backend_times_asked() == 1);
}

void case_resolve_slow_names_stall_nobody(struct conform *conform)
{
    const char *slow[] = {"slow1.test", "slow2.test", "slow3.test", "slow4.test"};
    backend_hold_slow_names(true);
    for (int i = 0; i < 4; i++) {
        ask(conform, i, slow[i], 1);
    }
    expect_answer(ask(conform, 4, "good.test", 1), ERR_OK, 1);
    for (int i = 0; i < 4; i++) {
        EXPECT(io_is_out(&questions[i].probe.op));
    }
    backend_hold_slow_names(false);
    for (int i = 0; i < 4; i++) {
        expect_answer(&questions[i], ERR_OK, 2);
    }
}

static struct question *ask_numbered(struct conform *conform, int i, uint64_t client)
{
    char name[32];
    struct out out;
    out_begin(&out, name, sizeof name);
    out_str(&out, "slow");
    out_u64(&out, (uint64_t)i);
    out_str(&out, ".test");
    return ask(conform, i, name, client);
}

void case_resolve_queue_has_shares(struct conform *conform)
{
    int next = 0, busy = RESOLVE_THREADS_MAX;
    backend_hold_slow_names(true);
    while (next < busy) { /* every thread is waiting for a name: what follows is queued */
        ask_numbered(conform, next++, 1);
        for (int i = 0; i < CONFORM_TURNS_MAX && backend_times_asked() < (uint32_t)next; i++) {
            io_turn(&conform->loop, 1);
        }
    }
    for (int i = 0; i < RESOLVE_QUEUE_SHARE; i++) {
        ask_numbered(conform, next++, 1);
    }
    expect_answer(ask_numbered(conform, next, 1), ERR_EXHAUSTED, 0);
    for (uint64_t client = 2; next < busy + RESOLVE_QUEUE_MAX; next++) {
        ask_numbered(conform, next, client);
        client += (next - busy) % RESOLVE_QUEUE_SHARE == RESOLVE_QUEUE_SHARE - 1 ? 1 : 0;
    }
    expect_answer(ask_numbered(conform, next, 99), ERR_EXHAUSTED, 0);
    backend_hold_slow_names(false);
    for (int i = 0; i < next; i++) {
        expect_answer(&questions[i], ERR_OK, 2);
    }
}
