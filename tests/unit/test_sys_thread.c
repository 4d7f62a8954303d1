/*
 * Proves waiting with an end, which the sinks' thread lives on: it ends by itself, and at once when
 * the signal comes. What else threads do is shown by the tests that use them.
 */
#include "sys/sys.h"
#include "sys/thread.h"
#include "unit/unit.h"

enum { LONG_MS = 250000 }; /* longer than the test may take: it ends by the signal or fails */

static struct meeting {
    struct sys_lock lock;
    struct sys_signal signal;
    bool there;
} meeting;

static void it_ends_by_itself(void **state)
{
    (void)state;
    static const uint32_t waits[] = {0, 1, 20};
    sys_lock_take(&meeting.lock);
    for (size_t i = 0; i < unit_count(waits); i++) {
        uint64_t before = sys_monotonic_ms();
        while (sys_monotonic_ms() - before < waits[i]) { /* it may wake for nothing */
            sys_signal_wait_ms(&meeting.signal, &meeting.lock, waits[i]);
        }
    }
    sys_lock_give(&meeting.lock);
}

static void come(void *context)
{
    struct meeting *with = context;
    sys_lock_take(&with->lock);
    with->there = true;
    sys_signal_one(&with->signal);
    sys_lock_give(&with->lock);
}

static void the_signal_ends_it(void **state)
{
    (void)state;
    struct sys_thread thread;
    uint64_t before = sys_monotonic_ms();
    sys_lock_take(&meeting.lock);
    assert_int_equal(sys_thread_start(&thread, come, &meeting), ERR_OK);
    while (!meeting.there) { /* the lock is free while waiting, or `come` could not come */
        sys_signal_wait_ms(&meeting.signal, &meeting.lock, LONG_MS);
    }
    sys_lock_give(&meeting.lock);
    sys_thread_join(&thread);
    assert_true(sys_monotonic_ms() - before < LONG_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_ends_by_itself),
        cmocka_unit_test(the_signal_ends_it),
    };
    sys_lock_init(&meeting.lock);
    sys_signal_init(&meeting.signal);
    int failed = cmocka_run_group_tests_name("sys_thread", tests, NULL, NULL);
    sys_signal_end(&meeting.signal);
    sys_lock_end(&meeting.lock);
    return failed;
}
