/*
 * Rules 1, 2 and 8: when done() comes, whose the op is, and what time it is.
 */
#include "conform/conform.h"

#include <string.h>

static void submit_flagged(struct probe *probe, void (*submit)(struct probe *))
{
    probe->submitting = true;
    submit(probe);
    probe->submitting = false;
}

static struct pair flagged;

static void submit_accept(struct probe *probe)
{
    io_accept(&probe->conform->loop, &probe->op, &flagged.listener, &flagged.server.socket,
              &flagged.server.accepted);
}

static void submit_connect(struct probe *probe)
{
    io_connect(&probe->conform->loop, &probe->op, &flagged.client.socket, &flagged.listener.at,
               NULL);
}

static void submit_send(struct probe *probe)
{
    io_send(&probe->conform->loop, &probe->op, &flagged.client.socket, span_str("x"));
}

static void submit_recv(struct probe *probe)
{
    io_recv(&probe->conform->loop, &probe->op, &flagged.server.socket, &probe->conform->pool, NULL);
}

static void submit_shutdown(struct probe *probe)
{
    io_shutdown(&probe->conform->loop, &probe->op, &flagged.client.socket);
}

static void submit_close(struct probe *probe)
{
    io_close(&probe->conform->loop, &probe->op, &flagged.client.socket, false);
}

static void submit_timer(struct probe *probe)
{
    io_timer(&probe->conform->loop, &probe->op, 0);
}

static void submit_post(struct probe *probe)
{
    io_post(&probe->conform->loop, &probe->op);
}

static void submit_and_cancel(struct probe *probe)
{
    submit_recv(probe);
    io_cancel(&probe->conform->loop, &probe->op);
}

void case_done_comes_from_turn(struct conform *conform)
{
    struct probe accept, probe;
    probe_init(&accept, conform);
    probe_init(&probe, conform);
    side_init(&flagged.client, conform);
    side_init(&flagged.server, conform);
    open_listener(conform, &flagged.listener);
    submit_flagged(&accept, submit_accept);
    submit_flagged(&probe, submit_connect);
    wait_for_err(&probe, ERR_OK);
    if (accept.done == 0) {
        wait_for_err(&accept, ERR_OK);
    }
    submit_flagged(&probe, submit_and_cancel);
    wait_for_err(&probe, ERR_CANCELLED);
    submit_flagged(&probe, submit_send);
    wait_for_err(&probe, ERR_OK);
    turn_idle(conform); /* the byte lies there: RECV could end at once */
    submit_flagged(&probe, submit_recv);
    wait_for_err(&probe, ERR_OK);
    pool_give(&conform->pool, probe.op.arg.recv.buffer);
    void (*const others[])(struct probe *) = {submit_shutdown, submit_timer, submit_post,
                                              submit_close};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        submit_flagged(&probe, others[i]);
        wait_for_err(&probe, ERR_OK);
    }
    close_side(conform, &flagged.server, false);
    close_listener(conform, &flagged.listener);
}

void case_done_comes_once(struct conform *conform)
{
    struct pair pair;
    struct probe timer, post;
    open_pair(conform, &pair);
    probe_init(&timer, conform);
    probe_init(&post, conform);
    start_recv(conform, &pair.server);
    start_send(conform, &pair.client, "once", 4);
    io_timer(&conform->loop, &timer.op, io_now_ms(&conform->loop));
    io_post(&conform->loop, &post.op);
    settle_err(&pair.server.recv, ERR_OK);
    settle_err(&pair.client.send, ERR_OK);
    settle_err(&timer, ERR_OK);
    settle_err(&post, ERR_OK);
    turn_idle(conform);
    turn_idle(conform);
    EXPECT(pair.server.recv.done == 1 && pair.client.send.done == 1);
    EXPECT(timer.done == 1 && post.done == 1);
    EXPECT(pair.server.other.done == 1 && pair.client.other.done == 1);
    give_back(conform, &pair.server);
    close_pair(conform, &pair);
}

/* ---- done() that acts ---- */

struct echo {
    struct probe recv, send; /* first: done() finds the echo by its probe */
    struct io_socket *socket;
    struct conform *conform;
    uint64_t echoed;
    bool ended;
};

static void echo_receive(struct echo *echo)
{
    io_recv(&echo->conform->loop, &echo->recv.op, echo->socket, &echo->conform->pool, NULL);
}

static void echo_on_recv(struct io_op *op)
{
    struct echo *echo = (void *)op;
    if (op->bytes == 0) {
        echo->ended = true;
        return;
    }
    io_send(op->loop, &echo->send.op, echo->socket, span_of(op->arg.recv.buffer, op->bytes));
}

static void echo_on_send(struct io_op *op)
{
    struct echo *echo = list_owner(op, struct echo, send.op);
    EXPECT(op->result == ERR_OK);
    echo->echoed += op->bytes;
    pool_give(&echo->conform->pool, echo->recv.op.arg.recv.buffer);
    echo_receive(echo);
}

static void echo_begin(struct echo *echo, struct conform *conform, struct io_socket *socket)
{
    *echo = (struct echo){.socket = socket, .conform = conform};
    io_op_init(&echo->recv.op, echo_on_recv);
    io_op_init(&echo->send.op, echo_on_send);
    echo_receive(echo);
}

void case_done_may_submit_again(struct conform *conform)
{
    struct pair pair;
    struct echo echo;
    open_pair(conform, &pair);
    echo_begin(&echo, conform, &pair.server.socket);
    for (int i = 0; i < 100; i++) {
        send_all(conform, &pair.client, "back and forth");
        expect_text(conform, &pair.client, "back and forth");
    }
    EXPECT(echo.echoed == 1400);
    shutdown_side(conform, &pair.client);
    for (int i = 0; i < CONFORM_TURNS_MAX && !echo.ended; i++) {
        io_turn(&conform->loop, CONFORM_WAIT_MS);
    }
    EXPECT(echo.ended);
    close_pair(conform, &pair);
}

static struct probe *cancelled_by_first;

static void done_cancels_another(struct io_op *op)
{
    struct probe *probe = (void *)op;
    probe->done++;
    if (io_is_out(&cancelled_by_first->op)) {
        io_cancel(op->loop, &cancelled_by_first->op);
    }
}

void case_done_may_cancel_others(struct conform *conform)
{
    struct probe first, second;
    probe_init(&first, conform);
    probe_init(&second, conform);
    first.op.done = done_cancels_another;
    cancelled_by_first = &second;
    io_timer(&conform->loop, &first.op, 0);
    io_timer(&conform->loop, &second.op, 0);
    wait_for(&second);
    EXPECT(first.done == 1 && second.done == 1);
    turn_idle(conform);
    EXPECT(first.done == 1 && second.done == 1);
}

static void submit_a_timer_twice(struct conform *conform)
{
    static struct probe probe;
    probe_init(&probe, conform);
    submit_timer(&probe);
    submit_timer(&probe);
}

void case_submit_twice_is_caught(struct conform *conform)
{
    conform_expect_check(conform, submit_a_timer_twice);
}

static void done_turns(struct io_op *op)
{
    io_turn(op->loop, 0);
}

static void turn_inside_done(struct conform *conform)
{
    static struct probe probe;
    probe_init(&probe, conform);
    probe.op.done = done_turns;
    submit_timer(&probe);
    io_turn(&conform->loop, CONFORM_WAIT_MS);
}

void case_turn_in_done_is_caught(struct conform *conform)
{
    conform_expect_check(conform, turn_inside_done);
}

/* ---- rule 2 ---- */

void case_send_buffer_is_free_after_done(struct conform *conform)
{
    struct pair pair;
    uint8_t bytes[3000];
    open_pair(conform, &pair);
    for (uint64_t start = 0; start < 5 * sizeof bytes; start += sizeof bytes) {
        pattern_fill(bytes, sizeof bytes, start);
        start_send(conform, &pair.client, bytes, sizeof bytes);
        wait_for_err(&pair.client.send, ERR_OK);
        memset(bytes, 0xEE, sizeof bytes);
    }
    expect_pattern(conform, &pair.server, 0, 5 * sizeof bytes);
    close_pair(conform, &pair);
}

void case_op_is_free_after_done(struct conform *conform)
{
    struct pair pair;
    struct probe probe;
    open_pair(conform, &pair);
    probe_init(&probe, conform);
    for (int i = 0; i < 10; i++) {
        io_timer(&conform->loop, &probe.op, 0);
        wait_for_err(&probe, ERR_OK);
        io_send(&conform->loop, &probe.op, &pair.client.socket, span_str("one op"));
        wait_for_err(&probe, ERR_OK);
        io_post(&conform->loop, &probe.op);
        wait_for_err(&probe, ERR_OK);
        expect_text(conform, &pair.server, "one op");
    }
    close_pair(conform, &pair);
}

void case_connect_names_are_free_after_done(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    memset(&pair.client.to, 0xEE, sizeof pair.client.to);
    memset(&pair.server.accepted, 0xEE, sizeof pair.server.accepted);
    send_all(conform, &pair.client, "still connected");
    expect_text(conform, &pair.server, "still connected");
    close_pair(conform, &pair);
}

/* ---- rule 8 ---- */

enum { TIMERS = 1000 };

static struct probe timers[TIMERS];

void case_time_stands_in_a_turn(struct conform *conform)
{
    uint64_t now_ms = io_now_ms(&conform->loop);
    for (int i = 0; i < 50; i++) {
        probe_init(&timers[i], conform);
        io_timer(&conform->loop, &timers[i].op, now_ms);
    }
    EXPECT(io_now_ms(&conform->loop) == now_ms);
    wait_for(&timers[49]);
    for (int i = 0; i < 50; i++) {
        EXPECT(timers[i].done == 1 && timers[i].done_at_ms == timers[49].done_at_ms);
    }
}

void case_timers_in_order(struct conform *conform)
{
    uint64_t start_ms = io_now_ms(&conform->loop), mixed = 1;
    struct probe last;
    for (int i = 0; i < TIMERS; i++) {
        mixed = mixed * 6364136223846793005 + 1442695040888963407;
        probe_init(&timers[i], conform);
        io_timer(&conform->loop, &timers[i].op, start_ms + (mixed >> 33) % 50);
    }
    for (int i = 0; i < TIMERS; i += 7) {
        io_cancel(&conform->loop, &timers[i].op);
    }
    probe_init(&last, conform);
    io_timer(&conform->loop, &last.op, start_ms + 51);
    wait_for_err(&last, ERR_OK);
    for (int i = 0; i < TIMERS; i++) {
        EXPECT(timers[i].done == 1);
        EXPECT(timers[i].op.result == (i % 7 == 0 ? ERR_CANCELLED : ERR_OK));
        for (int k = 0; k < i && i % 7 != 0; k++) {
            bool before = timers[k].op.arg.timer.at_ms <= timers[i].op.arg.timer.at_ms;
            EXPECT(k % 7 == 0 || before == (timers[k].done_number < timers[i].done_number));
        }
    }
}

void case_timers_of_one_moment(struct conform *conform)
{
    uint64_t at_ms = io_now_ms(&conform->loop) + 3;
    for (int i = 0; i < 100; i++) {
        probe_init(&timers[i], conform);
        io_timer(&conform->loop, &timers[i].op, at_ms);
    }
    wait_for(&timers[99]);
    for (int i = 1; i < 100; i++) {
        EXPECT(timers[i - 1].done_number < timers[i].done_number);
    }
}

void case_timer_not_early(struct conform *conform)
{
    struct probe probe;
    probe_init(&probe, conform);
    for (uint64_t ms = 0; ms < 30; ms += 7) {
        uint64_t at_ms = io_now_ms(&conform->loop) + ms;
        io_timer(&conform->loop, &probe.op, at_ms);
        wait_for_err(&probe, ERR_OK);
        EXPECT(probe.done_at_ms >= at_ms);
    }
}

void case_timer_in_the_past(struct conform *conform)
{
    struct probe probe;
    probe_init(&probe, conform);
    io_timer(&conform->loop, &probe.op, 0);
    io_turn(&conform->loop, 60000);
    EXPECT(probe.done == 1 && probe.op.result == ERR_OK);
}

void case_post_keeps_order(struct conform *conform)
{
    for (int i = 0; i < 100; i++) {
        probe_init(&timers[i], conform);
        io_post(&conform->loop, &timers[i].op);
    }
    wait_for(&timers[99]);
    for (int i = 1; i < 100; i++) {
        EXPECT(timers[i - 1].done_number < timers[i].done_number);
    }
}

struct poster {
    struct sys_thread thread;
    struct conform *conform;
    struct probe *probes;
    int count;
};

static void poster_run(void *context)
{
    struct poster *poster = context;
    for (int i = 0; i < poster->count; i++) {
        io_post(&poster->conform->loop, &poster->probes[i].op);
    }
}

static void poster_start(struct poster *poster, struct conform *conform, struct probe *probes,
                         int count)
{
    *poster = (struct poster){.conform = conform, .probes = probes, .count = count};
    for (int i = 0; i < count; i++) {
        probe_init(&probes[i], conform);
    }
    if (conform->has_threads) {
        EXPECT(sys_thread_start(&poster->thread, poster_run, poster) == ERR_OK);
    } else {
        poster_run(poster);
    }
}

static void poster_join(struct poster *poster)
{
    if (poster->conform->has_threads) {
        sys_thread_join(&poster->thread);
    }
}

void case_post_wakes_a_waiting_loop(struct conform *conform)
{
    struct poster poster;
    for (int i = 0; i < 20; i++) {
        poster_start(&poster, conform, timers, 1);
        while (timers[0].done == 0) {
            io_turn(&conform->loop, 600000); /* without the wake-up the test ends by its limit */
        }
        poster_join(&poster);
    }
}

void case_posts_from_threads(struct conform *conform)
{
    enum { THREADS = 4, EACH = TIMERS / THREADS };
    struct poster posters[THREADS];
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < THREADS; i++) {
            poster_start(&posters[i], conform, timers + i * EACH, EACH);
        }
        for (int i = 0; i < TIMERS; i++) {
            while (timers[i].done == 0) {
                io_turn(&conform->loop, CONFORM_WAIT_MS);
            }
        }
        for (int i = 0; i < THREADS; i++) {
            poster_join(&posters[i]);
        }
        for (int i = 1; i < TIMERS; i++) {
            bool same = i % EACH != 0;
            EXPECT(timers[i].done == 1);
            EXPECT(!same || timers[i - 1].done_number < timers[i].done_number);
        }
    }
}
