/*
 * Proves the sinks' thread: what several threads put comes out, each feed in its order and nothing
 * twice; LogLevel and the limit hold; what is lost is reported; the access log follows its setting;
 * and whatever was put before the stop stands before 102, the last line.
 */
#include "host/sinks.h"
#include "sys/files.h"
#include "sys/paths.h"
#include "unit/threads.h"
#include "unit/unit.h"

#define FOLDER "test_sinks.data"
#define LINES  FOLDER "/lines"
#define LOG    FOLDER "/access.log"

enum { TEXT_MAX = 8 << 20, PUT = 3000, FEEDS = 3 };

static struct sinks_setup setup;
static struct sinks *sinks;
static char text[TEXT_MAX]; /* what was written, after the stop */

static enum err begin(void)
{
    setup.sink.stream = fopen(LINES, "wb");
    assert_non_null(setup.sink.stream);
    enum err err = sinks_start(&setup, &sinks);
    if (err != ERR_OK) {
        (void)fclose(setup.sink.stream);
    }
    return err;
}

static int fresh(void **state)
{
    static const char *const names[] = {LINES, LOG, FOLDER "/moved"};
    (void)state;
    if (files_make_folder(FOLDER) != ERR_OK) {
        return 1;
    }
    for (size_t i = 0; i < unit_count(names); i++) {
        enum err err = files_remove(names[i]);
        if (err != ERR_OK && err != ERR_ABSENT) {
            return 1;
        }
    }
    setup = (struct sinks_setup){.feeds = FEEDS,
                                 .events = 4096,
                                 .accesses = 4096,
                                 .sink = {.form = SINK_JSON},
                                 .level = SEVERITY_INFO,
                                 .access_log = ""};
    return 0;
}

static void read_text(const char *path)
{
    size_t len = 0;
    enum err err = files_read(path, text, sizeof text - 1, &len);
    unit_holds(err == ERR_OK || err == ERR_ABSENT, "%s", err_name(err));
    text[len] = '\0';
}

static uint64_t counted_dropped; /* in the end */

/* Stops; `text` then holds every line, of which 102 must be the last. */
static void end(void)
{
    static const char last[] = "\"reason\":\"the end\"}\n";
    struct event_record record;
    event_begin(&record, EVENT_ServiceStopped, 9);
    event_text(&record, span_str("the end"));
    sinks_stop(sinks);
    counted_dropped = atom_load(&sinks_counters(sinks)->at[COUNTER_records_dropped]);
    sinks_free(sinks, &record);
    (void)fclose(setup.sink.stream);
    read_text(LINES);
    size_t len = strlen(text);
    unit_holds(len > strlen(last) && strcmp(text + len - strlen(last), last) == 0, "102 is last");
}

static size_t count(const char *part)
{
    size_t found = 0;
    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part)) {
        found++;
    }
    return found;
}

static bool apply(struct feed *feed, uint64_t revision)
{
    struct event_record record;
    event_begin(&record, EVENT_ConfigurationApplied, 1);
    event_number(&record, revision);
    return feed_event(feed, &record);
}

static bool forbid(struct feed *feed, const char *client, const char *host)
{
    struct event_record record;
    event_begin(&record, EVENT_TargetForbidden, 1);
    event_text(&record, span_str(client));
    event_text(&record, span_str(host));
    event_number(&record, 443);
    event_text(&record, span_str("reason"));
    event_text(&record, span_str("rule"));
    return feed_event(feed, &record);
}

static bool tell_access(struct feed *feed, uint64_t bytes)
{
    struct access_record record;
    access_begin(&record);
    record.bytes_to_client = bytes;
    return feed_access(feed, &record);
}

static uint64_t counted(enum counter which)
{
    return atom_load(&sinks_counters(sinks)->at[which]);
}

/* Waits for the thread; without it the test would hang, and CTest ends it. */
static void wait_for(enum counter which, uint64_t value)
{
    while (counted(which) < value) {
        thread_pause();
    }
}

struct putter {
    struct feed *feed;
    uint64_t first, put;
};

static void keep_putting(void *arg)
{
    struct putter *putter = arg;
    for (uint64_t i = 0; i < PUT; i++) {
        putter->put += apply(putter->feed, putter->first + i);
        (void)tell_access(putter->feed, putter->first + i);
    }
}

/* The number behind `before` in a line; false: it is not there. */
static bool find_number(struct span line, const char *before, uint64_t *number)
{
    char copy[4096]; /* strstr under a sanitizer looks at all of its text: a line, not the file */
    size_t len = 0;
    assert_true(line.len < sizeof copy);
    memcpy(copy, line.at, line.len);
    copy[line.len] = '\0';
    const char *found = strstr(copy, before);
    if (!found) {
        return false;
    }
    struct span rest = span_str(found + strlen(before));
    while (len < rest.len && span_is_digit(rest.at[len])) {
        len++;
    }
    assert_int_equal(span_number(span_first(rest, len), 0, UINT64_MAX, number), ERR_OK);
    return true;
}

/* The numbers in `text` that belong to one feed come in order; how many they are. */
static uint64_t judge_order(const char *before, uint64_t first)
{
    uint64_t found = 0, last = first, number;
    struct span rest = span_str(text), line;
    bool done = false;
    while (span_cut(&rest, '\n', &done, &line)) {
        if (find_number(line, before, &number) && number >= first && number < first + PUT) {
            unit_holds(found == 0 || number > last, "%" PRIu64 " behind %" PRIu64, number, last);
            last = number;
            found++;
        }
    }
    return found;
}

static void all_come_out_in_order(void **state)
{
    (void)state;
    struct putter putters[FEEDS];
    struct thread *threads[FEEDS];
    setup.access_log = LOG;
    assert_int_equal(begin(), ERR_OK);
    for (size_t i = 0; i < FEEDS; i++) {
        putters[i] = (struct putter){sinks_feed(sinks, i), (i + 1) * 1000000, 0};
        threads[i] = thread_start(keep_putting, &putters[i]);
    }
    for (size_t i = 0; i < FEEDS; i++) {
        thread_join(threads[i]);
    }
    end();
    for (size_t i = 0; i < FEEDS; i++) {
        assert_int_equal(putters[i].put, PUT); /* the rings are large enough */
        assert_int_equal(judge_order("\"revision\":", putters[i].first), PUT);
    }
    read_text(LOG);
    for (size_t i = 0; i < FEEDS; i++) {
        assert_int_equal(judge_order("\"bytes_to_client\":", putters[i].first), PUT);
    }
}

static void a_level_holds_from_the_next_round(void **state)
{
    (void)state;
    setup.level = SEVERITY_ERROR;
    assert_int_equal(begin(), ERR_OK);
    struct feed *feed = sinks_feed(sinks, 0);
    assert_true(apply(feed, 1));
    assert_true(forbid(feed, "10.0.0.1", "a.example"));
    wait_for(COUNTER_events, 1);
    sinks_set_level(sinks, SEVERITY_INFO);
    assert_true(apply(feed, 2));
    wait_for(COUNTER_events, 2);
    end();
    assert_int_equal(count("\"id\":100"), 1);
    assert_int_equal(count("\"revision\":2"), 1);
    assert_int_equal(count("\"id\":105"), 1);
}

static void what_is_too_much_is_summed_up_before_the_end(void **state)
{
    (void)state;
    assert_int_equal(begin(), ERR_OK);
    for (int i = 0; i < 50; i++) {
        assert_true(forbid(sinks_feed(sinks, 0), "10.0.0.1", "a.example"));
        assert_true(forbid(sinks_feed(sinks, 1), "10.0.0.1", "a.example"));
    }
    wait_for(COUNTER_events, 100);
    assert_int_equal(counted(COUNTER_events), 100);
    wait_for(COUNTER_events_suppressed, 99);
    end();
    assert_int_equal(count("\"id\":105"), 2);
    assert_int_equal(count("\"suppressed\":99"), 1);
    assert_int_equal(count("Target host (a.example) is forbidden"), 2);
}

/* The thread is kept busy by nobody: what finds no place must be what is reported. */
static void what_is_dropped_is_reported(void **state)
{
    (void)state;
    uint64_t dropped = 0;
    setup.events = 2;
    setup.accesses = 2;
    assert_int_equal(begin(), ERR_OK);
    while (dropped < 1000) {
        dropped += !apply(sinks_feed(sinks, 0), 1);
    }
    end();
    char wanted[80];
    uint64_t told = 0;
    static const char before[] = "\"number\":";
    for (const char *at = strstr(text, before); at; at = strstr(at + 1, before)) {
        struct span rest = span_of(at + strlen(before), 20);
        uint64_t number;
        assert_int_equal(span_number(span_first(rest, span_find(rest, '}')), 1, dropped, &number),
                         ERR_OK);
        told += number;
    }
    (void)snprintf(wanted, sizeof wanted, "%" PRIu64, dropped);
    unit_holds(told == dropped, "%" PRIu64 " told of %s", told, wanted);
    unit_holds(counted_dropped == dropped, "%" PRIu64 " counted of %s", counted_dropped, wanted);
    unit_holds(count(before) <= 2, "at once, and at the end");
}

static void wait_for_wish(const struct feed *feed, bool wanted)
{
    while (feed_wants_access(feed) != wanted) {
        thread_pause();
    }
}

/* From the moment that access records are wanted, none is thrown away. */
static void the_access_log_follows_its_setting(void **state)
{
    (void)state;
    assert_int_equal(begin(), ERR_OK);
    struct feed *feed = sinks_feed(sinks, 0);
    assert_false(feed_wants_access(feed));
    assert_int_equal(sinks_set_access_log(sinks, LOG), ERR_OK);
    wait_for_wish(feed, true);
    assert_true(tell_access(feed, 1));
    assert_true(apply(feed, 1));
    do { /* the file is written before the counter of the next round can grow */
        thread_pause();
        read_text(LOG);
    } while (count("\"bytes_to_client\":1,") == 0);
    assert_int_equal(files_rename(LOG, FOLDER "/moved"), ERR_OK);
    sinks_reopen(sinks);
    do {
        thread_pause();
        (void)tell_access(feed, 2);
        wait_for(COUNTER_events, 1);
        read_text(LOG);
    } while (count("\"bytes_to_client\":2,") == 0);
    assert_int_equal(sinks_set_access_log(sinks, ""), ERR_OK);
    wait_for_wish(feed, false);
    end();
    assert_int_equal(count("\"id\":401"), 0);
}

static void an_access_log_that_fails_is_an_event(void **state)
{
    (void)state;
    setup.access_log = FOLDER "/none/access.log";
    assert_int_equal(begin(), ERR_OK);
    wait_for(COUNTER_errors, 1);
    for (uint64_t i = 0; i < 10; i++) {
        assert_true(tell_access(sinks_feed(sinks, 0), i));
    }
    wait_for(COUNTER_access_lost, 10);
    end();
    assert_int_equal(count("\"id\":401"), 1);
    assert_int_equal(count("\"name\":\"AccessLogFailed\""), 1);
    assert_int_equal(count("there is no such file or folder"), 2); /* in the text, and alone */
    assert_int_equal(count("\"path\":\"" FOLDER "/none/access.log\""), 1);
}

static void what_is_written_is_noted(void **state)
{
    (void)state;
    struct activity_heartbeat beat = {.time_ms = 1};
    static const char *const names[] = {FOLDER "/activity.db", FOLDER "/activity.db-journal"};
    for (size_t i = 0; i < unit_count(names); i++) {
        enum err err = files_remove(names[i]);
        assert_true(err == ERR_OK || err == ERR_ABSENT);
    }
    assert_int_equal(activity_open(FOLDER, &setup.activity), ERR_OK);
    assert_int_equal(begin(), ERR_OK);
    for (int i = 0; i < 20; i++) {
        assert_true(forbid(sinks_feed(sinks, 0), "10.0.0.1", "a.example"));
    }
    end();
    assert_int_equal(activity_write(setup.activity, &beat), ERR_OK);
    activity_close(setup.activity);
    size_t len;
    assert_int_equal(files_read(FOLDER "/activity.db", text, sizeof text, &len), ERR_OK);
    assert_true(len > 4096); /* what is in it is test_activity's matter */
}

/* A start that failed later stops it without a last word. */
static void it_may_end_without_a_last_line(void **state)
{
    (void)state;
    assert_int_equal(begin(), ERR_OK);
    assert_true(apply(sinks_feed(sinks, 0), 1));
    sinks_stop(sinks);
    sinks_free(sinks, NULL);
    (void)fclose(setup.sink.stream);
    read_text(LINES);
    assert_int_equal(count("\n"), 1);
    assert_int_equal(count("\"revision\":1"), 1);
}

static void a_path_too_long_does_not_start(void **state)
{
    (void)state;
    static char path[PATHS_MAX + 1];
    memset(path, 'a', sizeof path - 1);
    setup.access_log = path;
    assert_int_equal(begin(), ERR_LONG);
    assert_null(sinks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(all_come_out_in_order, fresh),
        cmocka_unit_test_setup(a_level_holds_from_the_next_round, fresh),
        cmocka_unit_test_setup(what_is_too_much_is_summed_up_before_the_end, fresh),
        cmocka_unit_test_setup(what_is_dropped_is_reported, fresh),
        cmocka_unit_test_setup(the_access_log_follows_its_setting, fresh),
        cmocka_unit_test_setup(an_access_log_that_fails_is_an_event, fresh),
        cmocka_unit_test_setup(what_is_written_is_noted, fresh),
        cmocka_unit_test_setup(it_may_end_without_a_last_line, fresh),
        cmocka_unit_test_setup(a_path_too_long_does_not_start, fresh),
    };
    return cmocka_run_group_tests_name("sinks", tests, NULL, NULL);
}
