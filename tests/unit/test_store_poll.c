/*
 * Proves what a store is told of changes that others make: polling is cheap, never waits, and says
 * what is new, down to another file under the same name.
 */
#define FOLDER    "test_store_poll.data"
#define FILE_NAME FOLDER "/gateway.db"
#include "sys/files.h"
#include "unit/test_store_steps.h"

#include <sqlite3.h>

/* ---- the time, played by the linker where a test wants to ---- */

static struct files_lock held;
static uint64_t played_ms, given_ms; /* 0: the time is the system's; when it is given back */

uint64_t __real_sys_monotonic_ms(void);
uint64_t __wrap_sys_monotonic_ms(void);

uint64_t __wrap_sys_monotonic_ms(void)
{
    if (played_ms == 0) {
        return __real_sys_monotonic_ms();
    }
    played_ms += 1000;
    if (held.taken && played_ms >= given_ms) {
        files_lock_give(&held);
    }
    return played_ms;
}

/* A command that somebody suspended keeps nobody waiting for ever. */
static void a_lock_that_is_held_is_waited_for_a_while(void **state)
{
    struct store *store = *state;
    uint64_t revision;
    world_set(store, "A", "1");
    assert_int_equal(files_lock_try(&held, FOLDER "/gateway.lock"), ERR_OK);
    played_ms = 1;
    given_ms = UINT64_MAX;
    assert_int_equal(store_begin(store), ERR_STORE_BUSY);
    store_wait(store, true); /* as a service does that begins */
    assert_int_equal(store_load(store, &(struct store_visitor){0}, &revision), ERR_STORE_BUSY);
    assert_true(played_ms > 20000 && played_ms < 100000);
    given_ms = played_ms + 10000;
    assert_int_equal(store_load(store, &(struct store_visitor){0}, &revision), ERR_OK);
    assert_true(played_ms >= given_ms && !held.taken);
    played_ms = 0;
}

/* ---- polling ---- */

static void polling_tells_what_is_new(void **state)
{
    struct store *store = *state, *other = world_open(FOLDER, STORE_COMMAND);
    assert_int_equal(store_poll(store), STORE_CHANGED); /* nothing was loaded yet */
    expect(store, "revision 0\n");
    assert_int_equal(store_poll(store), STORE_SAME);
    world_set(other, "A", "1");
    assert_int_equal(store_poll(store), STORE_CHANGED);
    expect(store, "setting A=1\nrevision 1\n");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(store_poll(store), STORE_SAME);
    }
    store_forget(store);
    assert_int_equal(store_poll(store), STORE_CHANGED);
    expect(store, "setting A=1\nrevision 1\n");
    assert_int_equal(store_poll(store), STORE_SAME);
    world_set(other, "A", "2");
    assert_int_equal(store_poll(store), STORE_CHANGED);
    assert_int_equal(store_poll(store), STORE_CHANGED);
    expect(store, "setting A=2\nrevision 2\n");
    assert_int_equal(store_poll(store), STORE_SAME);
    world_set(store, "A", "3"); /* its own change is one too */
    assert_int_equal(store_poll(store), STORE_CHANGED);
    expect(store, "setting A=3\nrevision 3\n");
    store_close(other);
}

static void run_sql(sqlite3 *db, const char *sql)
{
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void the_service_never_waits(void **state)
{
    struct store *store = *state;
    sqlite3 *db;
    world_set(store, "A", "1");
    expect(store, "setting A=1\nrevision 1\n");
    assert_int_equal(sqlite3_open(FILE_NAME, &db), SQLITE_OK);
    run_sql(db, "BEGIN EXCLUSIVE");
    assert_int_equal(store_poll(store), STORE_BUSY);
    assert_int_equal(store_keep_good(store), ERR_STORE_BUSY);
    expect(store, "ERR_STORE_BUSY");
    assert_int_equal(store_poll(store), STORE_CHANGED);
    run_sql(db, "ROLLBACK");
    sqlite3_close(db);
    expect(store, "setting A=1\nrevision 1\n");
    assert_int_equal(store_poll(store), STORE_SAME);
    assert_int_equal(store_keep_good(store), ERR_OK);
}

static void a_file_that_was_replaced_is_new(void **state)
{
    struct store *store = *state;
    size_t len;
    world_set(store, "A", "1");
    uint8_t *first = world_read(FOLDER, "gateway.db", &len);
    world_set(store, "A", "2");
    expect(store, "setting A=2\nrevision 2\n");
    store_close(store); /* Windows would not let an open file go */
    *state = store = world_open(FOLDER, STORE_SERVICE);
    world_write(FOLDER, "other", span_of(first, len));
    assert_int_equal(files_rename(FOLDER "/other", FILE_NAME), ERR_OK);
    expect(store, "setting A=1\nrevision 1\n");
    free(first);
}

static void what_was_kept_is_what_was_loaded(void **state)
{
    struct store *store = *state, *other = world_open(FOLDER, STORE_COMMAND);
    size_t len;
    assert_int_equal(store_keep_good(store), ERR_STORE_BUSY);
    world_set(store, "A", "1");
    expect(store, "setting A=1\nrevision 1\n");
    world_set(other, "A", "2");
    assert_int_equal(store_keep_good(store), ERR_STORE_BUSY);
    world_remove(FOLDER, "gateway.db.good"); /* the change made it */
    expect(store, "setting A=2\nrevision 2\n");
    assert_int_equal(store_keep_good(store), ERR_OK);
    uint8_t *good = world_read(FOLDER, "gateway.db.good", &len);
    world_clean(FOLDER "/copy");
    world_write(FOLDER "/copy", "gateway.db", span_of(good, len));
    free(good);
    struct store *copy = world_open(FOLDER "/copy", STORE_SERVICE);
    expect(copy, "setting A=2\nrevision 2\n");
    store_close(copy);
    assert_false(world_has(FOLDER, "gateway.db.good.new"));
    store_close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(a_lock_that_is_held_is_waited_for_a_while),
        IN_A_WORLD(polling_tells_what_is_new),
        IN_A_WORLD(the_service_never_waits),
        IN_A_WORLD(a_file_that_was_replaced_is_new),
        IN_A_WORLD(what_was_kept_is_what_was_loaded),
    };
    return cmocka_run_group_tests_name("store_poll", tests, NULL, NULL);
}
