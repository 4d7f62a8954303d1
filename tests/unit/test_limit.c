/*
 * Proves the limit of lines, on a clock of its own: the first of each key, the rest counted; 600
 * lines an id and 300 a client; summaries when the minute is over, exact to the last record; events
 * without a limit untouched.
 */
#include "eventlog/limit.h"
#include "unit/unit.h"

enum { SUMMARIES_MAX = 8192 };

static struct limit limit; /* large: not on the stack */

static struct event_record summaries[SUMMARIES_MAX];
static size_t summary_count;

static void take_summary(void *context, struct event_record *summary)
{
    (void)context;
    if (summary_count < SUMMARIES_MAX) {
        summaries[summary_count] = *summary;
    }
    summary_count++;
}

static const struct limit_out out = {take_summary, NULL};

static int fresh_limit(void **state)
{
    (void)state;
    memset(&limit, 0, sizeof limit);
    summary_count = 0;
    return 0;
}

static void forbidden(struct event_record *record, const char *client, const char *host,
                      const char *rule)
{
    event_begin(record, EVENT_TargetForbidden, 1);
    event_text(record, span_str(client));
    event_text(record, span_str(host));
    event_number(record, 443);
    event_text(record, span_str("reason"));
    event_text(record, span_str(rule));
}

static void not_connect(struct event_record *record, const char *client, const char *method)
{
    event_begin(record, EVENT_NotConnect, 1);
    event_text(record, span_str(client));
    event_text(record, span_str(method));
}

static bool pass(const char *client, const char *host, uint64_t now_ms)
{
    struct event_record record;
    forbidden(&record, client, host, "rule");
    return limit_pass(&limit, &record, now_ms);
}

static void a_key_gets_one_line_a_minute(void **state)
{
    (void)state;
    assert_true(pass("10.0.0.1", "a.example", 1000));
    for (uint64_t i = 0; i < 41; i++) {
        assert_false(pass("10.0.0.1", "a.example", 1000 + i));
    }
    assert_true(pass("10.0.0.2", "a.example", 1001));
    assert_true(pass("10.0.0.1", "b.example", 1002));
    limit_tick(&limit, 1000 + LIMIT_MINUTE_MS - 1, &out);
    assert_int_equal(summary_count, 0);
    assert_false(pass("10.0.0.1", "a.example", 1000 + LIMIT_MINUTE_MS - 1));
    limit_tick(&limit, 1000 + LIMIT_MINUTE_MS, &out);
    assert_int_equal(summary_count, 1); /* the other two had no more than their line */
    assert_int_equal(summaries[0].suppressed, 42);
    assert_true(span_is(event_find_text(&summaries[0], "client"), "10.0.0.1"));
    assert_true(span_is(event_find_text(&summaries[0], "host"), "a.example"));
    assert_int_equal(event_find_number(&summaries[0], "port"), 443);
    assert_true(pass("10.0.0.1", "a.example", 1000 + LIMIT_MINUTE_MS));
    limit_tick(&limit, 1000 + 2 * LIMIT_MINUTE_MS, &out);
    assert_int_equal(summary_count, 1); /* nothing was suppressed in the second minute */
}

/* What makes a key: event, host or what stands for it, client; and not the rest. */
static void keys_are_of_the_right_parts(void **state)
{
    (void)state;
    struct event_record record;
    assert_true(pass("10.0.0.1", "a.example", 5));
    forbidden(&record, "10.0.0.1", "a.example", "another rule");
    assert_false(limit_pass(&limit, &record, 5));
    event_begin(&record, EVENT_CertificateForbidden, 1); /* the same id, another event */
    event_text(&record, span_str("10.0.0.1"));
    event_text(&record, span_str("a.example"));
    event_text(&record, span_str("CN=x"));
    assert_true(limit_pass(&limit, &record, 5));
    not_connect(&record, "10.0.0.1", "GET");
    assert_true(limit_pass(&limit, &record, 5));
    not_connect(&record, "10.0.0.1", "POST"); /* what a peer says is no key */
    assert_false(limit_pass(&limit, &record, 5));
    event_begin(&record, EVENT_LimitReached, 1);
    event_text(&record, span_str("10.0.0.1"));
    event_text(&record, span_str("MaxTunnels"));
    assert_true(limit_pass(&limit, &record, 5));
    event_begin(&record, EVENT_LimitReached, 1);
    event_text(&record, span_str("10.0.0.1"));
    event_text(&record, span_str("MaxTunnelsPerClient"));
    assert_true(limit_pass(&limit, &record, 5));
    assert_false(pass("10.0.0.1", "a.example", 6));
}

static void events_without_a_limit_pass(void **state)
{
    (void)state;
    struct event_record record;
    for (int i = 0; i < 2000; i++) {
        event_begin(&record, EVENT_ServiceStopped, 1);
        event_text(&record, span_str("same"));
        assert_true(limit_pass(&limit, &record, 5));
    }
    limit_flush(&limit, &out);
    assert_int_equal(summary_count, 0);
}

/* So many records of different hosts from so many clients, by turns: how many get a line. */
static size_t flood(size_t records, size_t clients)
{
    size_t lines = 0;
    for (size_t i = 0; i < records; i++) {
        char client[32], host[32];
        (void)snprintf(client, sizeof client, "10.0.0.%zu", i % clients);
        (void)snprintf(host, sizeof host, "h%zu.example", i);
        lines += pass(client, host, 10);
    }
    return lines;
}

static void lines_have_an_end(void **state)
{
    (void)state;
    static const struct {
        size_t records, clients, lines;
    } rows[] = {
        {299, 1, 299}, {300, 1, 300}, {301, 1, 300}, {5000, 1, 300}, {600, 2, 600},
        {601, 2, 600}, {599, 7, 599}, {600, 7, 600}, {5000, 7, 600}, {900, 300, 600},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        (void)fresh_limit(NULL);
        unit_holds(flood(rows[i].records, rows[i].clients) == rows[i].lines, "row %zu", i);
        limit_flush(&limit, &out);
        bool more = rows[i].records > rows[i].lines;
        unit_holds(summary_count == more, "row %zu", i);
        unit_holds(!more || summaries[0].suppressed == rows[i].records - rows[i].lines, "row %zu",
                   i);
        unit_holds(!more || summaries[0].count == 0, "row %zu: of many, so without arguments", i);
    }
}

/* One that floods leaves the other half to the others. */
static void one_client_cannot_silence_the_others(void **state)
{
    (void)state;
    assert_int_equal(flood(100000, 1), 300);
    for (size_t i = 0; i < 300; i++) {
        char client[32];
        (void)snprintf(client, sizeof client, "10.1.0.%zu", i);
        unit_holds(pass(client, "b.example", 11), "%s", client);
    }
    assert_false(pass("10.9.9.9", "b.example", 11));
}

static void ids_do_not_share(void **state)
{
    (void)state;
    struct event_record record;
    assert_int_equal(flood(5000, 7), 600);
    not_connect(&record, "10.0.0.1", "GET");
    assert_true(limit_pass(&limit, &record, 12));
}

/* Lines and what summaries count is everything that came, minute for minute. */
static void nothing_is_lost_or_counted_twice(void **state)
{
    (void)state;
    uint64_t came = 0, lines = 0, counted = 0, number = 1;
    for (uint64_t now_ms = 0; now_ms < 10 * LIMIT_MINUTE_MS; now_ms += 37) {
        limit_tick(&limit, now_ms, &out);
        for (int i = 0; i < 3; i++) {
            char client[32], host[32];
            number = number * UINT64_C(6364136223846793005) + 1442695040888963407;
            (void)snprintf(client, sizeof client, "10.0.0.%u", (unsigned)(number >> 60));
            (void)snprintf(host, sizeof host, "h%u.example", (unsigned)(number >> 40 & 0x7F));
            lines += pass(client, host, now_ms);
            came++;
        }
    }
    limit_flush(&limit, &out);
    assert_true(summary_count <= SUMMARIES_MAX);
    for (size_t i = 0; i < summary_count; i++) {
        counted += summaries[i].suppressed;
    }
    assert_int_equal(lines + counted, came);
    assert_true(lines <= 11 * 600);
}

/* Texts made to have one hash would otherwise hide each other. */
static void equal_hashes_are_not_equal_keys(void **state)
{
    (void)state;
    assert_true(pass("10.0.0.1", "a.example", 5));
    for (size_t i = 0; i < LIMIT_IDS_MAX; i++) {
        for (uint32_t k = 0; k < limit.ids[i].lines; k++) {
            limit.ids[i].keys[k].hash = 77; /* as if the first had the hash of ... */
        }
    }
    (void)pass("10.0.0.1", "b.example", 5);
    for (size_t i = 0; i < LIMIT_IDS_MAX; i++) {
        for (uint32_t k = 0; k < limit.ids[i].lines; k++) {
            limit.ids[i].keys[0].hash = limit.ids[i].keys[k].hash; /* ... the second */
        }
    }
    assert_false(pass("10.0.0.1", "b.example", 5));
    limit_flush(&limit, &out);
    assert_int_equal(summary_count, 1);
    assert_true(span_is(event_find_text(&summaries[0], "host"), "b.example"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_key_gets_one_line_a_minute, fresh_limit),
        cmocka_unit_test_setup(keys_are_of_the_right_parts, fresh_limit),
        cmocka_unit_test_setup(events_without_a_limit_pass, fresh_limit),
        cmocka_unit_test_setup(lines_have_an_end, fresh_limit),
        cmocka_unit_test_setup(one_client_cannot_silence_the_others, fresh_limit),
        cmocka_unit_test_setup(ids_do_not_share, fresh_limit),
        cmocka_unit_test_setup(nothing_is_lost_or_counted_twice, fresh_limit),
        cmocka_unit_test_setup(equal_hashes_are_not_equal_keys, fresh_limit),
    };
    return cmocka_run_group_tests_name("limit", tests, NULL, NULL);
}
