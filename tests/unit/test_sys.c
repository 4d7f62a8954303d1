/*
 * Proves sys: threads run what they were given and are over when joined, a lock lets one in at a
 * time, a signal wakes who waits for it, and the clocks agree with the C library's and between
 * threads. Waiting is always for something that must come; under the thread sanitizer the plain
 * variables here prove what the lock and the join order.
 */
#include "sys/sys.h"
#include "sys/thread.h"
#include "unit/unit.h"

#include <time.h>

enum { THREADS = 4, ROUNDS = 5000 };

struct worker {
    struct sys_thread thread;
    int given, done;
};

static void work(void *context)
{
    struct worker *worker = context;
    worker->done = worker->given + 1;
}

static void a_thread_runs_what_it_was_given(void **state)
{
    (void)state;
    struct worker workers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.given = 10 * i};
        assert_int_equal(sys_thread_start(&workers[i].thread, work, &workers[i]), ERR_OK);
    }
    for (int i = 0; i < THREADS; i++) {
        sys_thread_join(&workers[i].thread);
        assert_int_equal(workers[i].done, 10 * i + 1);
    }
}

static void a_thread_may_be_started_again_and_again(void **state)
{
    (void)state;
    for (int i = 0; i < 500; i++) {
        struct worker worker = {.given = i};
        assert_int_equal(sys_thread_start(&worker.thread, work, &worker), ERR_OK);
        sys_thread_join(&worker.thread);
        assert_int_equal(worker.done, i + 1);
    }
}

struct counter {
    struct sys_lock lock;
    uint64_t count, twice; /* twice is 2 * count whenever the lock is free */
    bool torn;
};

static void count_under_lock(void *context)
{
    struct counter *counter = context;
    for (int i = 0; i < ROUNDS; i++) {
        sys_lock_take(&counter->lock);
        counter->torn = counter->torn || counter->twice != 2 * counter->count;
        counter->count++;
        counter->twice += 2;
        sys_lock_give(&counter->lock);
    }
}

static void a_lock_lets_one_in_at_a_time(void **state)
{
    (void)state;
    struct sys_thread threads[THREADS];
    struct counter counter = {.count = 0};
    sys_lock_init(&counter.lock);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(sys_thread_start(&threads[i], count_under_lock, &counter), ERR_OK);
    }
    for (int i = 0; i < THREADS; i++) {
        sys_thread_join(&threads[i]);
    }
    sys_lock_end(&counter.lock);
    assert_false(counter.torn);
    assert_int_equal(counter.count, THREADS * ROUNDS);
}

/* A ball that two threads throw to each other: each waits until it has it. */
struct game {
    struct sys_lock lock;
    struct sys_signal thrown;
    int ball; /* who has it */
    int throws;
};

struct player {
    struct game *game;
    int number;
};

static void play(void *context)
{
    const struct player *player = context;
    struct game *game = player->game;
    for (int i = 0; i < ROUNDS; i++) {
        sys_lock_take(&game->lock);
        while (game->ball != player->number) {
            sys_signal_wait(&game->thrown, &game->lock);
        }
        game->ball = 1 - player->number;
        game->throws++;
        sys_signal_one(&game->thrown);
        sys_lock_give(&game->lock);
    }
}

static void a_signal_wakes_who_waits(void **state)
{
    (void)state;
    struct game game = {.ball = 1};
    struct player players[2] = {{&game, 0}, {&game, 1}};
    struct sys_thread other;
    sys_lock_init(&game.lock);
    sys_signal_init(&game.thrown);
    assert_int_equal(sys_thread_start(&other, play, &players[1]), ERR_OK);
    play(&players[0]);
    sys_thread_join(&other);
    sys_signal_end(&game.thrown);
    sys_lock_end(&game.lock);
    assert_int_equal(game.throws, 2 * ROUNDS);
    assert_int_equal(game.ball, 1);
}

/* A gate that opens once for all who wait in front of it. */
struct gate {
    struct sys_lock lock;
    struct sys_signal changed;
    int waiting, through;
    bool open;
};

static void pass_gate(void *context)
{
    struct gate *gate = context;
    sys_lock_take(&gate->lock);
    gate->waiting++;
    sys_signal_all(&gate->changed);
    while (!gate->open) {
        sys_signal_wait(&gate->changed, &gate->lock);
    }
    gate->through++;
    sys_lock_give(&gate->lock);
}

static void a_signal_to_all_wakes_all(void **state)
{
    (void)state;
    struct sys_thread threads[THREADS];
    struct gate gate = {.open = false};
    sys_lock_init(&gate.lock);
    sys_signal_init(&gate.changed);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(sys_thread_start(&threads[i], pass_gate, &gate), ERR_OK);
    }
    sys_lock_take(&gate.lock);
    while (gate.waiting < THREADS) {
        sys_signal_wait(&gate.changed, &gate.lock);
    }
    int early = gate.through;
    gate.open = true;
    sys_signal_all(&gate.changed);
    sys_lock_give(&gate.lock);
    for (int i = 0; i < THREADS; i++) {
        sys_thread_join(&threads[i]);
    }
    sys_signal_end(&gate.changed);
    sys_lock_end(&gate.lock);
    assert_int_equal(early, 0);
    assert_int_equal(gate.through, THREADS);
}

static void the_wall_clock_is_the_c_librarys(void **state)
{
    (void)state;
    uint64_t before = (uint64_t)time(NULL) * 1000;
    uint64_t now = sys_unix_ms();
    uint64_t after = (uint64_t)time(NULL) * 1000;
    /* Its ticks may come earlier or later than time()'s, by less than one of them. */
    unit_holds(now + 1000 >= before && now <= after + 2000, "%" PRIu64 " %" PRIu64 " %" PRIu64,
               before, now, after);
}

struct look {
    struct sys_thread thread;
    uint64_t first, last;
    bool back;
};

static void look_at_clock(void *context)
{
    struct look *look = context;
    look->first = look->last = sys_monotonic_ms();
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t now = sys_monotonic_ms();
        look->back = look->back || now < look->last;
        look->last = now;
    }
}

/* Also from one thread to the next: what a thread saw before it ended is never later than now. */
static void the_monotonic_clock_never_goes_back(void **state)
{
    (void)state;
    uint64_t seen = sys_monotonic_ms();
    for (int i = 0; i < THREADS; i++) {
        struct look look = {.back = false};
        assert_int_equal(sys_thread_start(&look.thread, look_at_clock, &look), ERR_OK);
        sys_thread_join(&look.thread);
        unit_holds(!look.back && look.first >= seen, "%" PRIu64 " after %" PRIu64, look.first,
                   seen);
        seen = look.last;
    }
    assert_true(sys_monotonic_ms() >= seen);
}

/* It does go on: a loop that waits for its next tick ends. */
static void the_monotonic_clock_goes_on(void **state)
{
    (void)state;
    uint64_t start = sys_monotonic_ms(), now = start;
    while (now == start) {
        now = sys_monotonic_ms();
    }
    assert_true(now > start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_runs_what_it_was_given),
        cmocka_unit_test(a_thread_may_be_started_again_and_again),
        cmocka_unit_test(a_lock_lets_one_in_at_a_time),
        cmocka_unit_test(a_signal_wakes_who_waits),
        cmocka_unit_test(a_signal_to_all_wakes_all),
        cmocka_unit_test(the_wall_clock_is_the_c_librarys),
        cmocka_unit_test(the_monotonic_clock_never_goes_back),
        cmocka_unit_test(the_monotonic_clock_goes_on),
    };
    return cmocka_run_group_tests_name("sys", tests, NULL, NULL);
}
