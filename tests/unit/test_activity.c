/*
 * Proves activity.db: what is noted is read, refusals add up, both are bounded, and the file can be
 * lost, damaged, removed or kept busy at any time without more than its contents being lost.
 */
#include "store/activity_file.h"
#include "unit/activity_reader.h"
#include "unit/threads.h"
#include "unit/unit.h"

#define FOLDER    "test_activity.data"
#define FILE_NAME FOLDER "/activity.db"

enum { SEEN_MAX = 20 };

static struct activity *activity;

/* What a visit brought: everything counted, the first few kept. */
static struct {
    size_t events, refusals, heartbeats;
    uint64_t total; /* of all counts */
    struct activity_heartbeat heartbeat;
    struct {
        uint64_t time_ms;
        uint16_t id;
        char line[512];
    } event[SEEN_MAX];
    struct {
        char event[64], client[64], host[256], rule[520], reason[256];
        uint16_t port;
        uint64_t count, first_ms, last_ms;
    } refusal[SEEN_MAX];
} seen;

static void keep(char *to, size_t size, struct span text)
{
    size_t len = text.len < size ? text.len : size - 1;
    memcpy(to, text.at, len);
    to[len] = '\0';
}

static enum err see_event(void *context, const struct activity_event *event)
{
    (void)context;
    if (seen.events < SEEN_MAX) {
        seen.event[seen.events].time_ms = event->time_ms;
        seen.event[seen.events].id = event->id;
        keep(seen.event[seen.events].line, sizeof seen.event[0].line, event->line);
    }
    seen.events++;
    return ERR_OK;
}

static enum err see_refusal(void *context, const struct activity_refusal *refusal)
{
    (void)context;
    if (seen.refusals < SEEN_MAX) {
        keep(seen.refusal[seen.refusals].event, 64, refusal->event);
        keep(seen.refusal[seen.refusals].client, 64, refusal->client);
        keep(seen.refusal[seen.refusals].host, 256, refusal->host);
        keep(seen.refusal[seen.refusals].rule, 520, refusal->rule);
        keep(seen.refusal[seen.refusals].reason, 256, refusal->reason);
        seen.refusal[seen.refusals].port = refusal->port;
        seen.refusal[seen.refusals].count = refusal->count;
        seen.refusal[seen.refusals].first_ms = refusal->first_ms;
        seen.refusal[seen.refusals].last_ms = refusal->last_ms;
    }
    seen.refusals++;
    seen.total += refusal->count;
    return ERR_OK;
}

static enum err see_heartbeat(void *context, const struct activity_heartbeat *heartbeat)
{
    (void)context;
    seen.heartbeat = *heartbeat;
    seen.heartbeats++;
    return ERR_OK;
}

static enum err see(uint64_t since_ms)
{
    const struct activity_visitor visitor = {.since_ms = since_ms,
                                             .event = see_event,
                                             .refusal = see_refusal,
                                             .heartbeat = see_heartbeat};
    memset(&seen, 0, sizeof seen);
    return activity_read(FOLDER, &visitor);
}

static int fresh(void **state)
{
    static const char *const names[] = {FILE_NAME, FILE_NAME "-journal"};
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
    return activity_open(FOLDER, &activity) == ERR_OK ? 0 : 1;
}

static int close_it(void **state)
{
    (void)state;
    activity_close(activity);
    return 0;
}

static void refuse(const char *client, const char *host, uint64_t unix_ms, bool written)
{
    struct event_record record;
    event_begin(&record, EVENT_TargetForbidden, unix_ms);
    event_text(&record, span_str(client));
    event_text(&record, span_str(host));
    event_number(&record, 443);
    event_text(&record, span_str("the host is not on the list"));
    event_text(&record, span_str("hosts"));
    activity_note(activity, &record, written);
}

static void stop(uint64_t unix_ms)
{
    struct event_record record;
    event_begin(&record, EVENT_ServiceStopped, unix_ms);
    event_text(&record, span_str("asked to"));
    activity_note(activity, &record, true);
}

static enum err write_at(uint64_t time_ms)
{
    const struct activity_heartbeat beat = {.time_ms = time_ms, .start_ms = 5, .pid = 77};
    return activity_write(activity, &beat);
}

static void no_file_is_no_error(void **state)
{
    (void)state;
    assert_int_equal(see(0), ERR_OK);
    assert_int_equal(seen.events + seen.refusals + seen.heartbeats, 0);
}

static void what_is_noted_is_read(void **state)
{
    (void)state;
    refuse("10.0.0.1", "a.example", 1000, true);
    refuse("10.0.0.1", "a.example", 3000, false);
    refuse("10.0.0.2", "a.example", 2000, false);
    stop(4000);
    assert_int_equal(write_at(4500), ERR_OK);
    assert_int_equal(see(0), ERR_OK);
    assert_int_equal(seen.events, 2);
    assert_int_equal(seen.event[0].id, 102);
    assert_int_equal(seen.event[0].time_ms, 4000);
    assert_non_null(strstr(seen.event[0].line, "\"reason\":\"asked to\"}"));
    assert_int_equal(seen.event[1].id, 105);
    assert_int_equal(seen.refusals, 2);
    assert_string_equal(seen.refusal[0].event, "TargetForbidden");
    assert_string_equal(seen.refusal[0].client, "10.0.0.1");
    assert_string_equal(seen.refusal[0].host, "a.example");
    assert_string_equal(seen.refusal[0].rule, "hosts");
    assert_string_equal(seen.refusal[0].reason, "the host is not on the list");
    assert_int_equal(seen.refusal[0].port, 443);
    assert_int_equal(seen.refusal[0].count, 2);
    assert_int_equal(seen.refusal[0].first_ms, 1000);
    assert_int_equal(seen.refusal[0].last_ms, 3000);
    assert_int_equal(seen.refusal[1].count, 1);
    assert_int_equal(seen.heartbeats, 1);
    assert_int_equal(seen.heartbeat.time_ms, 4500);
    assert_int_equal(seen.heartbeat.start_ms, 5);
    assert_int_equal(seen.heartbeat.pid, 77);
    assert_int_equal(seen.heartbeat.lost, 0);
    assert_int_equal(see(2500), ERR_OK);
    assert_int_equal(seen.events, 1);
    assert_int_equal(seen.refusals, 1);
}

/* Each refusing event with what stands for its rule. */
static void each_refusal_has_its_rule(void **state)
{
    (void)state;
    struct event_record record;
    event_begin(&record, EVENT_CertificateForbidden, 40);
    event_text(&record, span_str("c"));
    event_text(&record, span_str("h"));
    event_text(&record, span_str("CN=x"));
    activity_note(activity, &record, false);
    event_begin(&record, EVENT_TlsRefused, 30);
    event_text(&record, span_str("c"));
    event_text(&record, span_str("h"));
    event_text(&record, span_str("too old"));
    activity_note(activity, &record, false);
    event_begin(&record, EVENT_TlsUnreadable, 20);
    event_text(&record, span_str("c"));
    event_text(&record, span_str("h"));
    event_text(&record, span_str("nonsense"));
    activity_note(activity, &record, false);
    event_begin(&record, EVENT_NotConnect, 10); /* refuses no host */
    event_text(&record, span_str("c"));
    event_text(&record, span_str("GET"));
    activity_note(activity, &record, false);
    refuse("c", "h", 5, false);
    event_begin_others(&record, EVENT_TargetForbidden, 9); /* were counted one by one */
    activity_note(activity, &record, true);
    assert_int_equal(write_at(50), ERR_OK);
    assert_int_equal(see(0), ERR_OK);
    assert_int_equal(seen.refusals, 4);
    assert_string_equal(seen.refusal[0].rule, "CN=x");
    assert_string_equal(seen.refusal[1].rule, "too old");
    assert_string_equal(seen.refusal[2].rule, "nonsense");
    assert_string_equal(seen.refusal[3].rule, "hosts");
    assert_int_equal(seen.total, 4);
    assert_int_equal(seen.events, 1);
}

static void counts_go_on_over_writes_and_runs(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 10; i++) {
        refuse("10.0.0.1", "a.example", 1000 + i, false);
        assert_int_equal(write_at(2000 + i), ERR_OK);
        activity_close(activity);
        assert_int_equal(activity_open(FOLDER, &activity), ERR_OK);
    }
    assert_int_equal(see(0), ERR_OK);
    assert_int_equal(seen.refusals, 1);
    assert_int_equal(seen.refusal[0].count, 10);
    assert_int_equal(seen.refusal[0].first_ms, 1000);
    assert_int_equal(seen.refusal[0].last_ms, 1009);
}

static void at_rest_only_the_heartbeat_is_written(void **state)
{
    (void)state;
    assert_int_equal(write_at(1000), ERR_OK);
    assert_int_equal(write_at(1000 + ACTIVITY_HEARTBEAT_MS - 1), ERR_OK);
    assert_int_equal(see(0), ERR_OK);
    assert_int_equal(seen.heartbeat.time_ms, 1000);
    assert_int_equal(write_at(1000 + ACTIVITY_HEARTBEAT_MS), ERR_OK);
    assert_int_equal(see(0), ERR_OK);
    assert_int_equal(seen.heartbeat.time_ms, 1000 + ACTIVITY_HEARTBEAT_MS);
}

static void a_batch_is_bounded(void **state)
{
    (void)state;
    char host[32];
    for (int i = 0; i < ACTIVITY_BATCH_REFUSALS + 30; i++) {
        (void)snprintf(host, sizeof host, "h%d", i);
        refuse("10.0.0.1", host, 1000, false);
    }
    refuse("10.0.0.1", "h0", 1001, false); /* has its place: not lost */
    for (int i = 0; i < ACTIVITY_BATCH_EVENTS + 50; i++) {
        stop(2000 + (uint64_t)i);
    }
    assert_int_equal(write_at(5000), ERR_OK);
    assert_int_equal(see(0), ERR_OK);
    assert_int_equal(seen.refusals, ACTIVITY_BATCH_REFUSALS);
    assert_int_equal(seen.total, ACTIVITY_BATCH_REFUSALS + 1);
    assert_int_equal(seen.heartbeat.lost, 30);
    assert_int_equal(seen.events, ACTIVITY_BATCH_EVENTS);
    assert_int_equal(seen.event[0].time_ms, 2000 + ACTIVITY_BATCH_EVENTS + 49); /* the newest */
}

static void the_file_is_bounded(void **state)
{
    (void)state;
    enum { ROUNDS = 22 };
    char host[32];
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < ACTIVITY_BATCH_REFUSALS; i++) {
            (void)snprintf(host, sizeof host, "h%d.%d", round, i);
            refuse("10.0.0.1", host, (uint64_t)(1000 + round * 1000 + i), false);
        }
        for (int i = 0; i < ACTIVITY_BATCH_EVENTS; i++) {
            stop((uint64_t)(1000 + round * 1000 + i));
        }
        assert_int_equal(write_at(1000), ERR_OK);
    }
    assert_int_equal(see(0), ERR_OK);
    assert_int_equal(seen.refusals, ACTIVITY_REFUSALS_MAX);
    assert_string_equal(seen.refusal[0].host, "h21.511");
    assert_int_equal(seen.events, ACTIVITY_EVENTS_MAX);
    assert_int_equal(seen.event[0].time_ms, 1000 + 21 * 1000 + ACTIVITY_BATCH_EVENTS - 1);
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    char client[200], host[600];
    memset(client, 'c', sizeof client);
    memset(host, 'h', sizeof host);
    client[sizeof client - 1] = host[sizeof host - 1] = '\0';
    refuse(client, host, 1000, true);
    assert_int_equal(write_at(1000), ERR_OK);
    assert_int_equal(see(0), ERR_OK);
    assert_int_equal(strlen(seen.refusal[0].client), ENDPOINT_TEXT_MAX - 1);
    assert_int_equal(strlen(seen.refusal[0].host), ACTIVITY_HOST_MAX - 1);
}

/* What may lie under the name instead of our file. Each is replaced at the next write. */
static void what_is_damaged_is_made_anew(void **state)
{
    (void)state;
    static const char *const contents[] = {
        "", "x", "SQLite format 3",
        ("this is another program's file, longer than a header "
         "of SQLite, which has one hundred bytes in all its ver")};
    for (size_t i = 0; i < unit_count(contents); i++) {
        activity_close(activity);
        assert_int_equal(files_write(FILE_NAME, span_str(contents[i])), ERR_OK);
        enum err err = see(0);
        unit_holds(err == ERR_STORE_DAMAGED, "%zu: %s", i, err_name(err));
        assert_int_equal(activity_open(FOLDER, &activity), ERR_OK);
        refuse("10.0.0.1", "a.example", 1000, true);
        assert_int_equal(write_at(2000), ERR_OK);
        assert_int_equal(see(0), ERR_OK);
        unit_holds(seen.refusals == 1 && seen.events == 1, "%zu", i);
    }
}

/* Any page of it may be wrong, seen or unseen by SQLite: the service goes on, what is new is there.
 */
static void a_damaged_page_is_survived(void **state)
{
    (void)state;
    static uint8_t bytes[1 << 20];
    size_t len;
    for (int i = 0; i < 100; i++) {
        char host[32];
        (void)snprintf(host, sizeof host, "h%d", i);
        refuse("10.0.0.1", host, 1000, true);
    }
    assert_int_equal(write_at(2000), ERR_OK);
    activity_close(activity);
    assert_int_equal(files_read(FILE_NAME, bytes, sizeof bytes, &len), ERR_OK);
    for (size_t page = 0; page < len; page += 4096) {
        memset(bytes + page + 100, 0xA5, 200);
        assert_int_equal(files_write(FILE_NAME, span_of(bytes, len)), ERR_OK);
        assert_int_equal(activity_open(FOLDER, &activity), ERR_OK);
        refuse("10.0.0.9", "new.example", 3000, true);
        assert_int_equal(write_at(4000), ERR_OK);
        assert_int_equal(see(3000), ERR_OK);
        unit_holds(seen.events > 0 && seen.event[0].time_ms == 3000, "page at %zu", page);
        unit_holds(seen.refusals > 0, "page at %zu", page);
        activity_close(activity);
        assert_int_equal(files_read(FILE_NAME, bytes, sizeof bytes, &len), ERR_OK);
    }
    assert_int_equal(activity_open(FOLDER, &activity), ERR_OK);
}

/* On Linux a file that is open can be removed; elsewhere that is refused, which is as good. */
static void a_removed_file_comes_back(void **state)
{
    (void)state;
    refuse("10.0.0.1", "a.example", 1000, true);
    assert_int_equal(write_at(1000), ERR_OK);
    enum err removed = files_remove(FILE_NAME);
    refuse("10.0.0.1", "b.example", 2000, true);
    assert_int_equal(write_at(2000), ERR_OK);
    assert_int_equal(see(0), ERR_OK);
    assert_int_equal(seen.refusals, removed == ERR_OK ? 1 : 2);
    assert_string_equal(seen.refusal[0].host, "b.example");
}

static void a_reader_delays_but_loses_nothing(void **state)
{
    (void)state;
    struct db reader = {.handle = NULL};
    refuse("10.0.0.1", "a.example", 1000, true);
    assert_int_equal(write_at(1000), ERR_OK);
    assert_int_equal(db_open(&reader, FILE_NAME, DB_READ, 0), ERR_OK);
    assert_int_equal(db_do(&reader, "BEGIN"), ERR_OK);
    uint64_t number;
    assert_int_equal(db_get(&reader, "SELECT count(*) FROM event", &number), ERR_OK);
    for (uint64_t i = 0; i < 3; i++) {
        refuse("10.0.0.1", "a.example", 2000 + i, true);
        assert_int_equal(write_at(2000 + i), ERR_STORE_BUSY);
    }
    db_close(&reader);
    assert_int_equal(write_at(3000), ERR_OK);
    assert_int_equal(write_at(3001), ERR_OK);
    assert_int_equal(see(0), ERR_OK);
    assert_int_equal(seen.refusal[0].count, 4);
    assert_int_equal(seen.events, 4);
}

static void copy(const char *from, const char *to)
{
    static uint8_t bytes[1 << 20];
    size_t len;
    assert_int_equal(files_read(from, bytes, sizeof bytes, &len), ERR_OK);
    assert_int_equal(files_write(to, span_of(bytes, len)), ERR_OK);
}

/* What lies there when the service is killed while it writes: half a transaction and its journal.
 */
static void half_a_transaction_is_undone(void **state)
{
    (void)state;
    struct db writer = {.handle = NULL};
    refuse("10.0.0.1", "a.example", 1000, true);
    assert_int_equal(write_at(1000), ERR_OK);
    assert_int_equal(db_open(&writer, FILE_NAME, DB_WRITE, 0), ERR_OK);
    assert_int_equal(db_script(&writer, "PRAGMA synchronous = OFF; PRAGMA cache_size = 1"), ERR_OK);
    assert_int_equal(db_do(&writer, "BEGIN IMMEDIATE"), ERR_OK);
    for (uint64_t i = 0; i < 200; i++) {
        assert_int_equal(db_put(&writer,
                                "INSERT INTO event (time, id, line)"
                                " VALUES (?1, 1, hex(zeroblob(500)))",
                                i),
                         ERR_OK);
    }
    copy(FILE_NAME, FOLDER "/copy");
    copy(FILE_NAME "-journal", FOLDER "/copy-journal");
    db_close(&writer);
    activity_close(activity);
    copy(FOLDER "/copy", FILE_NAME);
    copy(FOLDER "/copy-journal", FILE_NAME "-journal");
    assert_int_equal(see(0), ERR_OK);
    assert_int_equal(seen.events, 1);
    assert_int_equal(seen.refusals, 1);
    copy(FOLDER "/copy", FILE_NAME);
    copy(FOLDER "/copy-journal", FILE_NAME "-journal");
    assert_int_equal(activity_open(FOLDER, &activity), ERR_OK);
    refuse("10.0.0.1", "a.example", 2000, true);
    assert_int_equal(write_at(2000), ERR_OK);
    assert_int_equal(see(0), ERR_OK);
    assert_int_equal(seen.events, 2);
    assert_int_equal(seen.refusal[0].count, 2);
}

static void no_folder_is_an_error_each_time(void **state)
{
    (void)state;
    activity_close(activity);
    assert_int_equal(activity_open(FOLDER "/none", &activity), ERR_OK);
    for (uint64_t i = 0; i < 2; i++) {
        refuse("10.0.0.1", "a.example", 1000, true);
        assert_int_equal(write_at(1000 + i), ERR_ABSENT);
    }
}

static enum err give_up(void *context, const struct activity_refusal *refusal)
{
    (void)context;
    (void)refusal;
    return ERR_CANCELLED;
}

static void a_visitor_may_end_the_visit(void **state)
{
    (void)state;
    const struct activity_visitor nobody = {.since_ms = 0};
    const struct activity_visitor visitor = {.refusal = give_up};
    refuse("10.0.0.1", "a.example", 1000, true);
    assert_int_equal(write_at(1000), ERR_OK);
    assert_int_equal(activity_read(FOLDER, &visitor), ERR_CANCELLED);
    assert_int_equal(activity_read(FOLDER, &nobody), ERR_OK);
}

enum { NOTES = 2000 };

static void keep_noting(void *arg)
{
    (void)arg;
    for (uint64_t i = 0; i < NOTES; i++) {
        refuse("10.0.0.1", i % 2 ? "a.example" : "b.example", 1000 + i, i % 100 == 0);
    }
}

static void notes_and_writes_may_meet(void **state)
{
    (void)state;
    struct thread *thread = thread_start(keep_noting, NULL);
    for (uint64_t i = 0; i < 5; i++) {
        enum err err = write_at(1000 + i);
        unit_holds(err == ERR_OK, "%s", err_name(err));
    }
    thread_join(thread);
    assert_int_equal(write_at(9000), ERR_OK);
    assert_int_equal(see(0), ERR_OK);
    assert_int_equal(seen.refusals, 2);
    assert_int_equal(seen.total, NOTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_file_is_no_error, fresh, close_it),
        cmocka_unit_test_setup_teardown(what_is_noted_is_read, fresh, close_it),
        cmocka_unit_test_setup_teardown(each_refusal_has_its_rule, fresh, close_it),
        cmocka_unit_test_setup_teardown(counts_go_on_over_writes_and_runs, fresh, close_it),
        cmocka_unit_test_setup_teardown(at_rest_only_the_heartbeat_is_written, fresh, close_it),
        cmocka_unit_test_setup_teardown(a_batch_is_bounded, fresh, close_it),
        cmocka_unit_test_setup_teardown(the_file_is_bounded, fresh, close_it),
        cmocka_unit_test_setup_teardown(long_texts_are_cut, fresh, close_it),
        cmocka_unit_test_setup_teardown(what_is_damaged_is_made_anew, fresh, close_it),
        cmocka_unit_test_setup_teardown(a_damaged_page_is_survived, fresh, close_it),
        cmocka_unit_test_setup_teardown(a_removed_file_comes_back, fresh, close_it),
        cmocka_unit_test_setup_teardown(a_reader_delays_but_loses_nothing, fresh, close_it),
        cmocka_unit_test_setup_teardown(half_a_transaction_is_undone, fresh, close_it),
        cmocka_unit_test_setup_teardown(no_folder_is_an_error_each_time, fresh, close_it),
        cmocka_unit_test_setup_teardown(a_visitor_may_end_the_visit, fresh, close_it),
        cmocka_unit_test_setup_teardown(notes_and_writes_may_meet, fresh, close_it),
    };
    return cmocka_run_group_tests_name("activity", tests, NULL, NULL);
}
