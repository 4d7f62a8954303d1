/*
 * Proves the store as its users see it: what was put in is loaded, in order; a change is there
 * whole or not at all and gets one revision and its history.
 */
#define FOLDER    "test_store.data"
#define FILE_NAME FOLDER "/gateway.db"
#include "unit/test_store_steps.h"

#include <sqlite3.h>

static bool add(struct store *store, struct store_rule rule)
{
    bool added;
    assert_int_equal(store_add_rule(store, &rule, &added), ERR_OK);
    return added;
}

static bool take_out(struct store *store, struct store_rule rule)
{
    bool removed;
    assert_int_equal(store_remove_rule(store, &rule, &removed), ERR_OK);
    return removed;
}

/* ---- loading and changing ---- */

static void an_absent_store_is_empty_and_stays_absent(void **state)
{
    world_clean(FOLDER);
    world_remove(FOLDER, "gateway.lock");
    expect(*state, "revision 0\n");
    struct store *command = world_open(FOLDER, STORE_COMMAND);
    expect(command, "revision 0\n");
    assert_int_equal(store_poll(command), STORE_SAME);
    store_close(command);
    assert_int_equal(store_keep_good(*state), ERR_OK);
    assert_false(world_has(FOLDER, "gateway.db"));
    assert_false(world_has(FOLDER, "gateway.lock"));
    assert_false(world_has(FOLDER, "gateway.db.good"));
}

static void a_folder_that_is_not_there_is_empty_too(void **state)
{
    (void)state;
    struct store *store = world_open(FOLDER "/not/there", STORE_COMMAND);
    expect(store, "revision 0\n");
    store_close(store);
}

static void what_was_put_in_is_loaded_in_order(void **state)
{
    struct store *store = *state;
    begin(store);
    assert_int_equal(store_set_setting(store, span_str("Zeta"), span_str("")), ERR_OK);
    assert_int_equal(store_set_setting(store, span_str("alpha"), span_str("a=b\tc\xC3\xA9")),
                     ERR_OK);
    assert_true(add(store, world_rule(STORE_HOST, "b.example.com", "")));
    assert_true(add(store, world_rule(STORE_HOST, "*.example.com", "why")));
    assert_true(add(store, world_rule(STORE_CERTIFICATE, "CN=x, OU=y", "")));
    struct store_rule other = world_rule(STORE_HOST, "b.example.com", "from a list");
    other.origin = STORE_DOWNLOAD;
    assert_true(add(store, other));
    assert_int_equal(store_set_relay(store, span_str("http://p:1"), span_str(""), span_str("")),
                     ERR_OK);
    assert_int_equal(commit(store), 1);
    expect(store, "setting alpha=a=b\tc\xC3\xA9\n"
                  "setting Zeta=\n"
                  "certificate local CN=x, OU=y\n"
                  "host local *.example.com #why\n"
                  "host download b.example.com #from a list\n"
                  "host local b.example.com\n"
                  "relay http://p:1  \n"
                  "revision 1\n");
}

static void names_of_settings_know_no_case(void **state)
{
    struct store *store = *state;
    bool was_set;
    assert_int_equal(world_set(store, "ListenPort", "1"), 1);
    assert_int_equal(world_set(store, "LISTENPORT", "2"), 2);
    expect(store, "setting ListenPort=2\nrevision 2\n");
    begin(store);
    assert_int_equal(store_reset_setting(store, span_str("listenport"), &was_set), ERR_OK);
    assert_true(was_set);
    assert_int_equal(store_reset_setting(store, span_str("listenport"), &was_set), ERR_OK);
    assert_false(was_set);
    assert_int_equal(commit(store), 3);
    expect(store, "revision 3\n");
    unit_same(span_str(world_print_history(store)),
              span_str("3 test setting ListenPort: 2 -> (none)\n"
                       "2 test setting LISTENPORT: 1 -> 2\n"
                       "1 test setting ListenPort: (none) -> 1\n"),
              "history");
}

static void a_comment_is_changed_alone(void **state)
{
    struct store *store = *state;
    bool did;
    struct store_rule rule = world_rule(STORE_HOST, "x.example.com", "why");
    begin(store);
    assert_int_equal(store_comment_rule(store, &rule, &did), ERR_OK);
    assert_false(did);
    assert_true(add(store, world_rule(STORE_HOST, "x.example.com", "first")));
    assert_int_equal(commit(store), 1);
    for (int turn = 0; turn < 2; turn++) {
        begin(store);
        assert_int_equal(store_comment_rule(store, &rule, &did), ERR_OK);
        assert_int_equal(did, turn == 0);
        assert_int_equal(commit(store), 2);
    }
    expect(store, "host local x.example.com #why\nrevision 2\n");
    unit_same(span_str(world_print_history(store)),
              span_str("2 test comment of host x.example.com: first -> why\n"
                       "1 test host: (none) -> x.example.com\n"),
              "history");
}

static void a_rule_is_found_in_any_origin(void **state)
{
    struct store *store = *state;
    struct store_rule rule = world_rule(STORE_HOST, "x.example.com", "");
    bool found, added;
    enum store_origin origin;
    rule.origin = STORE_HOSTSET;
    begin(store);
    assert_int_equal(store_add_rule(store, &rule, &added), ERR_OK);
    assert_int_equal(store_find_rule(store, STORE_HOST, span_str("X.example.com"), &found, &origin),
                     ERR_OK);
    assert_true(found && origin == STORE_HOSTSET);
    assert_int_equal(
        store_find_rule(store, STORE_CERTIFICATE, span_str("x.example.com"), &found, &origin),
        ERR_OK);
    assert_false(found);
    assert_int_equal(commit(store), 1);
}

/* A subject in other letters is the same one; how it was written first is how it stands there. */
static void letters_make_no_other_rule(void **state)
{
    struct store *store = *state;
    begin(store);
    assert_true(add(store, world_rule(STORE_CERTIFICATE, "CN=Agent 7", "")));
    assert_false(add(store, world_rule(STORE_CERTIFICATE, "CN=AGENT 7", "")));
    assert_true(take_out(store, world_rule(STORE_CERTIFICATE, "CN=agent 7", "")));
    assert_int_equal(commit(store), 1);
    unit_same(span_str(world_print_history(store)),
              span_str("1 test certificate: CN=Agent 7 -> (none)\n"
                       "1 test certificate: (none) -> CN=Agent 7\n"),
              "history");
}

static void what_changes_nothing_is_no_change(void **state)
{
    struct store *store = *state;
    bool did;
    begin(store);
    assert_int_equal(store_set_setting(store, span_str("A"), span_str("1")), ERR_OK);
    assert_true(add(store, world_rule(STORE_HOST, "x.example.com", "first")));
    assert_int_equal(commit(store), 1);
    begin(store);
    assert_int_equal(store_set_setting(store, span_str("a"), span_str("1")), ERR_OK);
    assert_false(add(store, world_rule(STORE_HOST, "x.example.com", "second")));
    assert_false(take_out(store, world_rule(STORE_CERTIFICATE, "x.example.com", "")));
    assert_false(take_out(store, world_rule(STORE_HOST, "y.example.com", "")));
    assert_false(add(store, world_rule(STORE_HOST, "X.Example.com", "")));
    assert_int_equal(store_reset_setting(store, span_str("B"), &did), ERR_OK);
    assert_false(did);
    assert_int_equal(store_clear_relay(store, &did), ERR_OK);
    assert_false(did);
    assert_int_equal(commit(store), 1);
    begin(store);
    assert_int_equal(commit(store), 1);
    expect(store, "setting A=1\nhost local x.example.com #first\nrevision 1\n");
}

static void a_change_is_one_revision_with_its_history(void **state)
{
    struct store *store = *state;
    begin(store);
    assert_true(add(store, world_rule(STORE_HOST, "x.example.com", "")));
    assert_int_equal(store_set_setting(store, span_str("A"), span_str("1")), ERR_OK);
    assert_int_equal(store_set_setting(store, span_str("A"), span_str("2")), ERR_OK);
    assert_int_equal(commit(store), 1);
    begin(store);
    assert_true(take_out(store, world_rule(STORE_HOST, "x.example.com", "")));
    assert_true(add(store, world_rule(STORE_CERTIFICATE, "x.example.com", "")));
    assert_int_equal(commit(store), 2);
    unit_same(span_str(world_print_history(store)),
              span_str("2 test certificate: (none) -> x.example.com\n"
                       "2 test host: x.example.com -> (none)\n"
                       "1 test setting A: 1 -> 2\n"
                       "1 test setting A: (none) -> 1\n"
                       "1 test host: (none) -> x.example.com\n"),
              "history");
}

static void what_is_rolled_back_never_was(void **state)
{
    struct store *store = *state;
    world_set(store, "A", "1");
    begin(store);
    assert_int_equal(store_set_setting(store, span_str("A"), span_str("2")), ERR_OK);
    assert_true(add(store, world_rule(STORE_HOST, "x.example.com", "")));
    /* Inside the change it is there already, which a validation needs. */
    expect(store, "setting A=2\nhost local x.example.com\nrevision 1\n");
    store_rollback(store);
    store_rollback(store);
    expect(store, "setting A=1\nrevision 1\n");
    begin(store);
    assert_int_equal(store_set_setting(store, span_str("A"), span_str("3")), ERR_OK);
    store_close(store);
    *state = world_open(FOLDER, STORE_SERVICE);
    expect(*state, "setting A=1\nrevision 1\n");
    assert_int_equal(world_set(*state, "A", "4"), 2);
}

enum { TEXTS = 7 };

/* One call with a text in one of its places. */
static enum err put_text(struct store *store, size_t place, struct span bad)
{
    struct span good = span_str("x");
    struct store_rule rule = world_rule(STORE_HOST, "x", "y");
    bool did;
    rule.value = place == 3 || place == 5 ? bad : rule.value;
    rule.comment = place == 4 ? bad : rule.comment;
    switch (place) {
    case 0:
        return store_set_setting(store, bad, good);
    case 1:
        return store_set_setting(store, good, bad);
    case 2:
        return store_reset_setting(store, bad, &did);
    case 3:
    case 4:
        return store_add_rule(store, &rule, &did);
    case 5:
        return store_remove_rule(store, &rule, &did);
    default:
        return store_set_relay(store, bad, good, good);
    }
}

static void what_is_no_text_fails_the_whole_change(void **state)
{
    struct store *store = *state;
    static const struct span bad[] = {SPAN("\xFF"), SPAN("a\0b"), SPAN("\xED\xA0\x80")};
    bool did;
    world_set(store, "A", "1");
    for (size_t i = 0; i < TEXTS * unit_count(bad); i++) {
        uint64_t revision;
        begin(store);
        assert_true(add(store, world_rule(STORE_HOST, "half", "")));
        enum err err = put_text(store, i / unit_count(bad), bad[i % unit_count(bad)]);
        unit_holds(err == ERR_UTF, "%zu: %s", i, err_name(err));
        /* Nothing is done any more, and the end says why. */
        struct store_rule rule = world_rule(STORE_HOST, "later", "");
        assert_int_equal(store_add_rule(store, &rule, &did), ERR_UTF);
        assert_int_equal(store_clear_relay(store, &did), ERR_UTF);
        assert_int_equal(store_commit(store, &revision), ERR_UTF);
        assert_int_equal(revision, 1);
        store_rollback(store);
        expect(store, "setting A=1\nrevision 1\n");
    }
}

static void the_history_is_bounded(void **state)
{
    struct store *store = *state;
    begin(store);
    for (unsigned i = 0; i < 10050; i++) {
        char value[16];
        (void)snprintf(value, sizeof value, "%u", i);
        assert_int_equal(store_set_setting(store, span_str("A"), span_str(value)), ERR_OK);
    }
    commit(store);
    sqlite3 *db;
    sqlite3_stmt *count;
    assert_int_equal(sqlite3_open(FILE_NAME, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT count(*), min(new) + 0 FROM history", -1, &count, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(count), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(count, 0), 10000);
    sqlite3_finalize(count);
    sqlite3_close(db);
    expect(store, "setting A=10049\nrevision 1\n");
}

/* ---- visiting ---- */

static enum err stop_at_two(void *context, const struct store_rule *rule)
{
    unsigned *seen = context;
    (void)rule;
    return ++*seen == 2 ? ERR_RANGE : ERR_OK;
}

static void a_visitor_may_stop(void **state)
{
    struct store *store = *state;
    unsigned seen = 0;
    uint64_t revision;
    begin(store);
    assert_true(add(store, world_rule(STORE_HOST, "1", "")));
    assert_true(add(store, world_rule(STORE_HOST, "2", "")));
    assert_true(add(store, world_rule(STORE_HOST, "3", "")));
    commit(store);
    struct store_visitor visitor = {.context = &seen, .rule = stop_at_two};
    assert_int_equal(store_load(store, &visitor, &revision), ERR_RANGE);
    assert_int_equal(seen, 2);
    assert_int_equal(store_poll(store), STORE_CHANGED);
    assert_int_equal(store_keep_good(store), ERR_STORE_BUSY);
    expect(store, "host local 1\nhost local 2\nhost local 3\nrevision 1\n");
}

/* ---- what the program promises itself ---- */

static void begin_again(void *store)
{
    enum err err = store_begin(store);
    (void)err;
}

static void set_without(void *store)
{
    enum err err = store_set_setting(store, span_str("A"), span_str("1"));
    (void)err;
}

static void commit_without(void *store)
{
    uint64_t revision;
    enum err err = store_commit(store, &revision);
    (void)err;
}

static void keep_inside(void *store)
{
    enum err err = store_keep_good(store);
    (void)err;
}

static void calls_come_in_order(void **state)
{
    (void)unit_expect_check(set_without, *state);
    (void)unit_expect_check(commit_without, *state);
    begin(*state);
    (void)unit_expect_check(begin_again, *state);
    (void)unit_expect_check(keep_inside, *state);
    store_rollback(*state);
}

static void a_path_too_long_is_refused(void **state)
{
    (void)state;
    static char folder[PATHS_MAX + 1], program[PATHS_MAX];
    struct store *store;
    memset(folder, 'x', sizeof folder - 1);
    memset(program, 'x', sizeof program - 1);
    struct store_setup setup = {folder, "test", STORE_COMMAND};
    assert_int_equal(store_open(&setup, &store), ERR_LONG);
    assert_null(store);
    setup = (struct store_setup){FOLDER, program, STORE_COMMAND};
    assert_int_equal(store_open(&setup, &store), ERR_LONG);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(an_absent_store_is_empty_and_stays_absent),
        IN_A_WORLD(a_folder_that_is_not_there_is_empty_too),
        IN_A_WORLD(what_was_put_in_is_loaded_in_order),
        IN_A_WORLD(names_of_settings_know_no_case),
        IN_A_WORLD(a_comment_is_changed_alone),
        IN_A_WORLD(letters_make_no_other_rule),
        IN_A_WORLD(a_rule_is_found_in_any_origin),
        IN_A_WORLD(what_changes_nothing_is_no_change),
        IN_A_WORLD(a_change_is_one_revision_with_its_history),
        IN_A_WORLD(what_is_rolled_back_never_was),
        IN_A_WORLD(what_is_no_text_fails_the_whole_change),
        IN_A_WORLD(the_history_is_bounded),
        IN_A_WORLD(a_visitor_may_stop),
        IN_A_WORLD(calls_come_in_order),
        IN_A_WORLD(a_path_too_long_is_refused),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
