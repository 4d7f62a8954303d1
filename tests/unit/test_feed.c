/*
 * Proves the feed: records come out as they went in, the bell rings once when a ring becomes half
 * full and not for each record, what finds no place is counted, and who asks is told what is
 * wanted.
 */
#include "eventlog/feed.h"
#include "unit/unit.h"

enum { PLACES = 8 };

static struct event_record events[PLACES];
static struct access_record accesses[PLACES];
static struct atom_u64 level, access_on;
static struct feed feed;
static int rung;

static void ring_bell(void *context)
{
    assert_ptr_equal(context, &rung);
    rung++;
}

static int fresh_feed(void **state)
{
    (void)state;
    feed = (struct feed){
        .level = &level, .access_on = &access_on, .wake = ring_bell, .context = &rung};
    ring_init(&feed.events, events, sizeof events[0], PLACES);
    ring_init(&feed.access, accesses, sizeof accesses[0], PLACES);
    rung = 0;
    return 0;
}

static bool put_event(uint64_t number)
{
    struct event_record record;
    event_begin(&record, EVENT_ConfigurationApplied, number);
    event_number(&record, number);
    return feed_event(&feed, &record);
}

static bool put_access(uint64_t number)
{
    struct access_record record;
    access_begin(&record);
    record.unix_ms = number;
    return feed_access(&feed, &record);
}

static void the_bell_rings_at_half(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= PLACES; i++) {
        assert_true(put_event(i));
        unit_holds(rung == (i >= PLACES / 2), "%d", (int)i);
    }
    assert_false(put_event(9));
    assert_int_equal(ring_dropped(&feed.events), 1);
    assert_int_equal(rung, 1); /* the taker is behind and knows it */
    for (uint64_t i = 1; i <= PLACES; i++) {
        assert_true(put_access(i));
        unit_holds(rung == 1 + (i >= PLACES / 2), "%d", (int)i);
    }
}

/* A taker that is as fast as the putter is never rung for. */
static void few_records_ring_no_bell(void **state)
{
    (void)state;
    struct event_record record;
    struct access_record access;
    for (uint64_t i = 0; i < 100; i++) {
        for (uint64_t k = 0; k < PLACES / 2 - 1; k++) {
            assert_true(put_event(i * 10 + k));
            assert_true(put_access(i * 10 + k));
        }
        for (uint64_t k = 0; k < PLACES / 2 - 1; k++) {
            assert_true(ring_take(&feed.events, &record));
            assert_int_equal(record.values[0].number, i * 10 + k);
            assert_true(ring_take(&feed.access, &access));
            assert_int_equal(access.unix_ms, i * 10 + k);
        }
    }
    assert_int_equal(rung, 0);
}

static void without_a_bell_it_is_silent(void **state)
{
    (void)state;
    feed.wake = NULL;
    for (uint64_t i = 0; i < PLACES; i++) {
        assert_true(put_event(i));
    }
    assert_int_equal(rung, 0);
}

static void only_debug_may_be_unwanted(void **state)
{
    (void)state;
    for (uint64_t now = SEVERITY_DEBUG; now <= SEVERITY_ERROR; now++) {
        atom_store(&level, now);
        unit_holds(feed_wants(&feed, EVENT_TlsVerified) == (now == SEVERITY_DEBUG), "%d", (int)now);
        unit_holds(feed_wants(&feed, EVENT_NotConnect), "%d", (int)now);
        unit_holds(feed_wants(&feed, EVENT_TargetForbidden), "%d", (int)now);
    }
    atom_store(&access_on, 0);
    assert_false(feed_wants_access(&feed));
    atom_store(&access_on, 1);
    assert_true(feed_wants_access(&feed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_bell_rings_at_half, fresh_feed),
        cmocka_unit_test_setup(few_records_ring_no_bell, fresh_feed),
        cmocka_unit_test_setup(without_a_bell_it_is_silent, fresh_feed),
        cmocka_unit_test_setup(only_debug_may_be_unwanted, fresh_feed),
    };
    return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
