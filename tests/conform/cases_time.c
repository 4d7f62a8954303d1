/*
 * Rules 1 and 8 where they meet: how long a turn may take, what time it is in it, and ops that
 * submit themselves again.
 */
#include "conform/conform.h"

#include "sys/sys.h"

#include <string.h>

enum { AGAIN = 100 };

/* Submits its own op again, until it was done a hundred times. */
static void done_again(struct io_op *op)
{
    struct probe *probe = (void *)op;
    EXPECT(op->result == ERR_OK && !io_is_out(op));
    if (op->kind == IO_RECV && op->arg.recv.buffer) {
        pool_give(op->arg.recv.pool, op->arg.recv.buffer);
    }
    if (++probe->done >= AGAIN) {
        return;
    }
    if (op->kind == IO_TIMER) {
        io_timer(op->loop, op, 0);
    } else if (op->kind == IO_POST) {
        io_post(op->loop, op);
    } else if (op->kind == IO_SEND) {
        io_send(op->loop, op, op->arg.send.socket, span_str("again"));
    } else {
        io_recv(op->loop, op, op->arg.recv.socket, op->arg.recv.pool, NULL);
    }
}

static void wait_until_again(struct conform *conform, const struct probe *probe)
{
    for (int i = 0; i < CONFORM_TURNS_MAX && probe->done < AGAIN; i++) {
        io_turn(&conform->loop, CONFORM_WAIT_MS);
    }
}

void case_done_may_submit_itself(struct conform *conform)
{
    struct pair pair;
    struct probe timer, post;
    open_pair(conform, &pair);
    probe_init(&timer, conform);
    probe_init(&post, conform);
    timer.op.done = post.op.done = pair.client.send.op.done = pair.server.recv.op.done = done_again;
    io_timer(&conform->loop, &timer.op, 0);
    io_post(&conform->loop, &post.op);
    start_send(conform, &pair.client, "again", 5);
    start_recv(conform, &pair.server);
    wait_until_again(conform, &timer);
    wait_until_again(conform, &post);
    wait_until_again(conform, &pair.client.send);
    shutdown_side(conform, &pair.client); /* what is left of the hundred RECVs are ends */
    wait_until_again(conform, &pair.server.recv);
    turn_idle(conform);
    EXPECT(timer.done == AGAIN && post.done == AGAIN);
    EXPECT(pair.client.send.done == AGAIN && pair.server.recv.done == AGAIN);
    close_pair(conform, &pair);
}

/* ---- rule 8 ---- */

static uint64_t seen_ms[3];

/* Takes some milliseconds, in which the turn's time must stand. */
static void done_takes_its_time(struct io_op *op)
{
    struct probe *probe = (void *)op;
    uint64_t start_ms = sys_monotonic_ms();
    seen_ms[0] = seen_ms[0] == 0 ? io_now_ms(op->loop) : seen_ms[0];
    while (sys_monotonic_ms() < start_ms + 3) {
    }
    EXPECT(io_now_ms(op->loop) == seen_ms[0]);
    probe->done++;
}

void case_time_stands_while_done_works(struct conform *conform)
{
    struct probe probes[3];
    seen_ms[0] = 0;
    for (int i = 0; i < 3; i++) {
        probe_init(&probes[i], conform);
        probes[i].op.done = done_takes_its_time;
        io_timer(&conform->loop, &probes[i].op, 0);
    }
    io_turn(&conform->loop, CONFORM_WAIT_MS);
    EXPECT(probes[0].done == 1 && probes[1].done == 1 && probes[2].done == 1);
}

/* The turn's time is that of its end of waiting, not of its beginning. A wait may end too early. */
void case_time_counts_the_wait(struct conform *conform)
{
    bool counted = false;
    for (int i = 0; i < 10 && !counted; i++) {
        uint64_t start_ms = conform->loop.backend->clock(&conform->loop);
        io_turn(&conform->loop, 50);
        counted = io_now_ms(&conform->loop) >= start_ms + 25;
    }
    EXPECT(counted);
}

/* Longer than a test may take: who waits to its end fails by that, or by the simulator's clock. */
enum { LONG_MS = 3600000, SOON_MS = LONG_MS / 2 };

void case_timer_ends_a_long_wait(struct conform *conform)
{
    struct probe probe;
    probe_init(&probe, conform);
    uint64_t at_ms = io_now_ms(&conform->loop) + 20;
    io_timer(&conform->loop, &probe.op, at_ms);
    for (int i = 0; i < 100 && probe.done == 0; i++) {
        io_turn(&conform->loop, LONG_MS);
    }
    EXPECT(probe.done == 1 && probe.done_at_ms >= at_ms && probe.done_at_ms < at_ms + SOON_MS);
}

void case_ready_op_ends_a_long_wait(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    uint64_t start_ms = io_now_ms(&conform->loop);
    start_send(conform, &pair.client, "at once", 7);
    for (int i = 0; i < 100 && pair.client.send.done == 0; i++) {
        io_turn(&conform->loop, LONG_MS);
    }
    EXPECT(pair.client.send.done == 1 && pair.client.send.done_at_ms < start_ms + SOON_MS);
    expect_text(conform, &pair.server, "at once");
    close_pair(conform, &pair);
}

void case_turn_keeps_its_limit(struct conform *conform)
{
    struct probe probe;
    probe_init(&probe, conform);
    uint64_t start_ms = io_now_ms(&conform->loop);
    io_timer(&conform->loop, &probe.op, start_ms + LONG_MS);
    io_turn(&conform->loop, 10);
    io_turn(&conform->loop, 10);
    EXPECT(probe.done == 0 && io_now_ms(&conform->loop) < start_ms + SOON_MS);
    io_cancel(&conform->loop, &probe.op);
    wait_for_err(&probe, ERR_CANCELLED);
}

static bool posting;

static void done_posts_again(struct io_op *op)
{
    if (posting) {
        io_post(op->loop, op);
    }
}

void case_timer_ends_beside_posts(struct conform *conform)
{
    struct probe post, timer;
    probe_init(&post, conform);
    probe_init(&timer, conform);
    post.op.done = done_posts_again;
    posting = true;
    io_post(&conform->loop, &post.op);
    io_timer(&conform->loop, &timer.op, 0);
    for (int i = 0; i < 10; i++) {
        io_turn(&conform->loop, CONFORM_WAIT_MS);
    }
    EXPECT(timer.done == 1);
    posting = false;
    for (int i = 0; i < CONFORM_TURNS_MAX && io_is_out(&post.op); i++) {
        io_turn(&conform->loop, CONFORM_WAIT_MS);
    }
    EXPECT(!io_is_out(&post.op));
}

enum { TIMERS = 1000, SPAN_MS = 40 };

static struct probe timers[TIMERS];

/* Cancels out of the middle, again and again, while others end. */
void case_timers_cancelled_among_others(struct conform *conform)
{
    uint64_t start_ms = io_now_ms(&conform->loop), mixed = 7;
    uint32_t left = TIMERS;
    for (int i = 0; i < TIMERS; i++) {
        mixed = mixed * 6364136223846793005 + 1442695040888963407;
        probe_init(&timers[i], conform);
        io_timer(&conform->loop, &timers[i].op, start_ms + 1 + (mixed >> 33) % SPAN_MS);
    }
    for (int turn = 0; turn < CONFORM_TURNS_MAX && left > 0; turn++) {
        for (int i = turn % 5; i < TIMERS; i += 11 + turn) {
            if (io_is_out(&timers[i].op)) {
                io_cancel(&conform->loop, &timers[i].op);
            }
        }
        io_turn(&conform->loop, 1);
        left = 0;
        for (int i = 0; i < TIMERS; i++) {
            left += timers[i].done == 0 ? 1 : 0;
        }
    }
    for (int i = 0; i < TIMERS; i++) {
        const struct io_op *op = &timers[i].op;
        EXPECT(timers[i].done == 1 && (op->result == ERR_OK || op->result == ERR_CANCELLED));
        EXPECT(op->result != ERR_OK || timers[i].done_at_ms >= op->arg.timer.at_ms);
        for (int k = 0; k < i && op->result == ERR_OK; k++) {
            bool before = timers[k].op.arg.timer.at_ms <= op->arg.timer.at_ms;
            EXPECT(timers[k].op.result != ERR_OK ||
                   before == (timers[k].done_number < timers[i].done_number));
        }
    }
}

/* ---- posts that race ---- */

enum { RACERS = 4, RACE_EACH = TIMERS / RACERS, RACE_ROUNDS = 50 };

struct racer {
    struct sys_thread thread;
    struct io_loop *loop;
    struct probe *probes;
    struct atom_u64 *gate;
};

static void racer_run(void *context)
{
    struct racer *racer = context;
    (void)atom_add(racer->gate, 1);
    while (atom_load(racer->gate) < RACERS) {
    }
    for (int i = 0; i < RACE_EACH; i++) {
        io_post(racer->loop, &racer->probes[i].op);
    }
}

/* All begin in one moment. One that is lost ends the case: the loop gives up after some seconds. */
void case_posts_race(struct conform *conform)
{
    struct racer racers[RACERS];
    for (int round = 0; round < RACE_ROUNDS && conform->has_threads; round++) {
        struct atom_u64 gate = {0};
        for (int i = 0; i < TIMERS; i++) {
            probe_init(&timers[i], conform);
        }
        for (int i = 0; i < RACERS; i++) {
            racers[i] = (struct racer){
                .loop = &conform->loop, .probes = timers + i * RACE_EACH, .gate = &gate};
            EXPECT(sys_thread_start(&racers[i].thread, racer_run, &racers[i]) == ERR_OK);
        }
        uint32_t turns = 0;
        for (int i = 0; i < TIMERS; i++) {
            for (; timers[i].done == 0; turns++) {
                EXPECT(turns < CONFORM_TURNS_MAX);
                io_turn(&conform->loop, CONFORM_WAIT_MS);
            }
        }
        for (int i = 0; i < RACERS; i++) {
            sys_thread_join(&racers[i].thread);
        }
    }
}

/* ---- a loop with nothing to do ---- */

static void expect_quiet(struct conform *conform)
{
    turn_idle(conform);
    uint64_t start_ms = io_now_ms(&conform->loop);
    for (int i = 0; i < 20; i++) {
        io_turn(&conform->loop, 10);
    }
    EXPECT(io_now_ms(&conform->loop) >= start_ms + 100); /* of 200: nothing keeps waking the loop */
}

void case_idle_turns_wait(struct conform *conform)
{
    struct pair pair;
    struct side queued, never;
    open_pair(conform, &pair);
    side_init(&queued, conform);
    side_init(&never, conform);
    start_recv(conform, &pair.client); /* waits */
    send_all(conform, &pair.client, "unread");
    expect_quiet(conform);
    start_connect(conform, &queued, &pair.listener.at); /* nobody accepts it */
    wait_for_err(&queued.other, ERR_OK);
    expect_quiet(conform);
    start_accept(conform, &never, &pair.listener);
    wait_for_err(&never.other, ERR_OK);
    close_side(conform, &never, false);
    close_side(conform, &queued, false);
    start_accept(conform, &never, &pair.listener);
    turn_idle(conform);
    io_cancel(&conform->loop, &never.other.op);
    wait_for_err(&never.other, ERR_CANCELLED);
    start_connect(conform, &queued,
                  &pair.listener.at); /* and nobody does after a cancelled ACCEPT */
    wait_for_err(&queued.other, ERR_OK);
    shutdown_side(conform, &pair.client); /* an end that nobody reads */
    expect_quiet(conform);
    close_side(conform, &queued, true);
    io_cancel(&conform->loop, &pair.client.recv.op);
    wait_for_err(&pair.client.recv, ERR_CANCELLED);
    expect_text(conform, &pair.server, "unread");
    expect_end(conform, &pair.server);
    close_side(conform, &pair.client, false);
    close_side(conform, &pair.server, false);
    drain_listener(conform, &pair.listener); /* who was reset in the queue may still come */
}
