/*
 * Proves when something is found standing still: once each time, after ten seconds in which it has
 * not ticked, seen at looks that may come early or late. A loop that is held is in e2e.
 */
#include "host/watch.h"
#include "unit/unit.h"

struct look {
    uint64_t after_ms, ticks;
    uint32_t times; /* the same look, so often */
    uint32_t found; /* how often among them */
};

static void run(const char *name, const struct look *looks, size_t count)
{
    struct watch watch = {0};
    uint64_t now_ms = 123456;
    for (size_t i = 0; i < count; i++) {
        uint32_t found = 0;
        for (uint32_t k = 0; k < looks[i].times; k++) {
            now_ms += looks[i].after_ms;
            found += watch_look(&watch, looks[i].ticks, now_ms);
        }
        unit_holds(found == looks[i].found, "%s: look %zu found it %" PRIu32 " times", name, i,
                   found);
    }
}

static void it_is_found_once(void **state)
{
    (void)state;
    static const struct look still[] = {
        {1000, 7, 1, 0}, {1000, 7, 9, 0}, {1000, 7, 1, 1}, {1000, 7, 100, 0}};
    run("still", still, unit_count(still));
    static const struct look never[] = {{1000, 0, 9, 0}, {1000, 0, 1, 1}};
    run("never ticked", never, unit_count(never));
}

static void a_tick_begins_anew(void **state)
{
    (void)state;
    static const struct look slow[] = {{1000, 1, 10, 0}, {1000, 2, 10, 0}, {1000, 3, 10, 0}};
    run("slow", slow, unit_count(slow));
    static const struct look again[] = {
        {1000, 1, 11, 1}, {1000, 2, 1, 0}, {1000, 2, 9, 0}, {1000, 2, 1, 1}};
    run("again", again, unit_count(again));
}

/* Looks are hurried, and late; a machine that slept for a night made nobody stand still. */
static void time_between_looks_counts(void **state)
{
    (void)state;
    static const struct look hurried[] = {{1000, 1, 1, 0}, {10, 1, 999, 0}, {10, 1, 1, 1}};
    run("hurried", hurried, unit_count(hurried));
    static const struct look slept[] = {{1000, 1, 1, 0}, {28800000, 1, 9, 0}, {1000, 1, 1, 1}};
    run("slept", slept, unit_count(slept));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_found_once),
        cmocka_unit_test(a_tick_begins_anew),
        cmocka_unit_test(time_between_looks_counts),
    };
    return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
