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

static struct question *ask_on(struct conform *conform, struct io_loop *loop, int i,
                               const char *name, uint64_t client)
{
    struct question *question = &questions[i];
    probe_init(&question->probe, conform);
    memset(&question->names, 0xEE, sizeof question->names);
    question->names.name_len = (uint8_t)strlen(name);
    memcpy(question->names.name, name, strlen(name));
    question->names.client = client;
    question->probe.submitting = true;
    io_resolve(loop, &question->probe.op, &question->names);
    question->probe.submitting = false;
    return question;
}

static struct question *ask(struct conform *conform, int i, const char *name, uint64_t client)
{
    return ask_on(conform, &conform->loop, i, name, client);
}

static void cancel(struct question *question)
{
    question->probe.submitting = true;
    io_cancel(question->probe.op.loop, &question->probe.op);
    question->probe.submitting = false;
}

static void expect_answer(struct question *question, enum err result, uint8_t last_byte)
{
    settle(&question->probe);
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
    EXPECT(backend_times_asked() == 1);
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

/* Every thread is waiting for a name: what follows is queued. Says which number is the next. */
static int keep_threads_busy(struct conform *conform)
{
    int next = 0;
    backend_hold_slow_names(true);
    while (next < RESOLVE_THREADS_MAX) {
        ask_numbered(conform, next, next < RESOLVE_ASKED_SHARE ? 1 : 2);
        next++;
        for (int i = 0; i < CONFORM_TURNS_MAX && backend_times_asked() < (uint32_t)next; i++) {
            io_turn(&conform->loop, 1);
        }
    }
    return next;
}

void case_resolve_queue_has_shares(struct conform *conform)
{
    int next = keep_threads_busy(conform), busy = next;
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

/* One client has asked for more names than there are threads, and none is answered. */
void case_resolve_leaves_threads_to_others(struct conform *conform)
{
    enum { GREEDY = RESOLVE_ASKED_SHARE + RESOLVE_QUEUE_SHARE };
    backend_hold_slow_names(true);
    for (int i = 0; i < GREEDY; i++) {
        uint32_t most = i < RESOLVE_ASKED_SHARE ? (uint32_t)i + 1 : RESOLVE_ASKED_SHARE;
        ask_numbered(conform, i, 1);
        for (int k = 0; k < CONFORM_TURNS_MAX && backend_times_asked() < most; k++) {
            io_turn(&conform->loop, 1);
        }
    }
    expect_answer(ask(conform, GREEDY, "good.test", 2), ERR_OK, 1);
    EXPECT(backend_times_asked() == RESOLVE_ASKED_SHARE + 1);
    backend_hold_slow_names(false);
    for (int i = 0; i < GREEDY; i++) {
        expect_answer(&questions[i], ERR_OK, 2);
    }
}

/* ---- cancelled questions ---- */

/* Nobody waits any more: the queue has room again. Somebody does: the name stays in it. */
void case_resolve_cancelled_in_queue(struct conform *conform)
{
    int first = keep_threads_busy(conform), next = first;
    for (int i = 0; i < RESOLVE_QUEUE_SHARE; i++) {
        ask_numbered(conform, next++, 1);
    }
    struct question *both[2] = {&questions[first], ask_numbered(conform, next + 1, 1)};
    expect_answer(both[1], ERR_EXHAUSTED, 0);
    both[1] = ask(conform, next + 1, "slow32.test", 1); /* the name of both[0] */
    EXPECT(io_is_out(&both[1]->probe.op));
    for (int i = first; i < next; i++) {
        cancel(&questions[i]);
        expect_answer(&questions[i], ERR_CANCELLED, 0);
    }
    for (int i = 0; i < RESOLVE_QUEUE_SHARE - 1; i++) {
        EXPECT(io_is_out(&ask_numbered(conform, next + 2 + i, 1)->probe.op));
    }
    backend_hold_slow_names(false);
    expect_answer(both[1], ERR_OK, 2);
    for (int i = 0; i < RESOLVE_QUEUE_SHARE - 1; i++) {
        expect_answer(&questions[next + 2 + i], ERR_OK, 2);
    }
    for (int i = 0; i < first; i++) {
        expect_answer(&questions[i], ERR_OK, 2);
    }
}

/* The one who asks goes on without waiters: who comes later joins it, and the answer is kept. */
void case_resolve_flight_outlives_waiters(struct conform *conform)
{
    backend_hold_slow_names(true);
    for (int i = 0; i < 3; i++) {
        ask(conform, 0, "slow1.test", 1);
        for (int k = 0; k < CONFORM_TURNS_MAX && backend_times_asked() == 0; k++) {
            io_turn(&conform->loop, 1);
        }
        cancel(&questions[0]);
        expect_answer(&questions[0], ERR_CANCELLED, 0);
        EXPECT(backend_times_asked() == 1);
    }
    memset(&questions[0].names, 0xEE, sizeof questions[0].names);
    backend_hold_slow_names(false);
    expect_answer(ask(conform, 1, "slow1.test", 1), ERR_OK, 2);
    turn_idle(conform);
    EXPECT(questions[0].probe.done == 1 && questions[0].names.count == 0xEE);
    expect_answer(ask(conform, 1, "slow1.test", 1), ERR_OK, 2);
    EXPECT(backend_times_asked() == 1);
}

/* The answer has come but the loop has not turned: it is told, or that the op was cancelled. */
void case_resolve_cancelled_too_late(struct conform *conform)
{
    ask(conform, 0, "good.test", 1);
    while (conform->has_threads && !atom_load_ptr(&conform->loop.inbox)) {
    }
    cancel(&questions[0]);
    wait_for(&questions[0].probe);
    enum err result = questions[0].probe.op.result;
    EXPECT(result == ERR_OK || result == ERR_CANCELLED);
    turn_idle(conform);
    EXPECT(questions[0].probe.done == 1);
}

/* ---- what is kept ---- */

/* So long after this moment, not only after the beginning of the turn that was the last. */
static void wait_ms(struct conform *conform, uint64_t ms)
{
    struct probe timer;
    probe_init(&timer, conform);
    io_turn(&conform->loop, 0);
    io_timer(&conform->loop, &timer.op, io_now_ms(&conform->loop) + ms);
    wait_for_err(&timer, ERR_OK);
}

void case_resolve_keeps_by_result(struct conform *conform)
{
    for (int good = 0; good < 2; good++) { /* whose time is the short one */
        resolve_set_times(conform->resolve, good ? 20 : BACKEND_KEPT_MS,
                          good ? BACKEND_KEPT_MS : 20);
        uint32_t asked = backend_times_asked();
        const char *const names[] = {good ? "slow.test" : "good.test",
                                     good ? "b.unknown.test" : "a.unknown.test"};
        expect_answer(ask(conform, 0, names[0], 1), ERR_OK, good ? 2 : 1);
        expect_answer(ask(conform, 1, names[1], 1), ERR_NAME_UNKNOWN, 0);
        EXPECT(backend_times_asked() == asked + 2);
        wait_ms(conform, 20);
        expect_answer(ask(conform, 0, names[0], 1), ERR_OK, good ? 2 : 1);
        expect_answer(ask(conform, 1, names[1], 1), ERR_NAME_UNKNOWN, 0);
        EXPECT(backend_times_asked() == asked + 3);
    }
}

static struct question *ask_unknown(struct conform *conform, int number)
{
    char name[32];
    struct out out;
    out_begin(&out, name, sizeof name);
    out_str(&out, "unknown");
    out_u64(&out, (uint64_t)number);
    out_str(&out, ".test");
    return ask(conform, 1, name, 1);
}

/* More names than there is room for: the one used longest ago goes, nobody is refused. */
void case_resolve_forgets_the_oldest(struct conform *conform)
{
    enum { MANY = RESOLVE_ENTRIES + 200 };
    expect_answer(ask(conform, 0, "good.test", 1), ERR_OK, 1);
    for (int i = 0; i < MANY; i++) {
        expect_answer(ask_unknown(conform, i), ERR_NAME_UNKNOWN, 0);
        if (i % 100 == 0) {
            expect_answer(ask(conform, 0, "good.test", 1), ERR_OK, 1);
        }
    }
    EXPECT(backend_times_asked() == MANY + 1);
    expect_answer(ask_unknown(conform, MANY - 2), ERR_NAME_UNKNOWN, 0);
    EXPECT(backend_times_asked() == MANY + 1);
    expect_answer(ask_unknown(conform, 0), ERR_NAME_UNKNOWN, 0);
    EXPECT(backend_times_asked() == MANY + 2);
}

void case_resolve_for_two_loops(struct conform *conform)
{
    conform_open_second(conform);
    backend_hold_slow_names(true);
    for (int i = 0; i < 6; i++) {
        struct io_loop *loop = i % 2 == 0 ? &conform->loop : &conform->second;
        ask_on(conform, loop, i, "slow1.test", 1);
    }
    turn_idle(conform);
    backend_hold_slow_names(false);
    for (int i = 0; i < 6; i++) {
        expect_answer(&questions[i], ERR_OK, 2);
        EXPECT(questions[i].probe.op.loop == (i % 2 == 0 ? &conform->loop : &conform->second));
    }
    EXPECT(backend_times_asked() == 1);
}

/* ---- ops that end at once ---- */

enum { ENDLESS = 10000 };

static void done_asks_again(struct io_op *op)
{
    struct question *question = (void *)op;
    if (++question->probe.done < ENDLESS) {
        io_resolve(op->loop, op, &question->names);
    }
}

void case_turn_ends(struct conform *conform)
{
    struct question *question = &questions[0];
    probe_init(&question->probe, conform);
    question->probe.op.done = done_asks_again;
    memcpy(question->names.name, "192.0.2.1", 9);
    question->names.name_len = 9;
    io_resolve(&conform->loop, &question->probe.op, &question->names);
    io_turn(&conform->loop, CONFORM_WAIT_MS);
    EXPECT(question->probe.done < ENDLESS);
    for (int i = 0; i < ENDLESS && question->probe.done < ENDLESS; i++) {
        io_turn(&conform->loop, CONFORM_WAIT_MS);
    }
    EXPECT(question->probe.done == ENDLESS);
}
