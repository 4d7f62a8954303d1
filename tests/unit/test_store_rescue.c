/*
 * Proves what happens to a damaged store: every kind of damage is seen before a row is handed out;
 * reading commands touch nothing; the service and a change set the file aside and go on from the
 * good copy, or from nothing; what a killed program left half done is taken back and no damage.
 */
#include "sys/files.h"
#include "unit/test_store_world.h"
#include "unit/unit.h"

#include <sqlite3.h>

#define FOLDER    "test_store_rescue.data"
#define FILE_NAME FOLDER "/gateway.db"

#define GOOD_TEXT "setting A=good\nhost local a.example.com\n"
#define LAST_TEXT "setting A=last\nhost local a.example.com\nrevision 2\n"

static void expect(struct store *store, const char *want)
{
    unit_same(span_str(world_print(store)), span_str(want), "%s", store_detail(store));
}

static void run_sql(const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(FILE_NAME, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* A store at revision 2 whose good copy is of revision 1: the second change could not make it. */
static void make_store(void)
{
    uint64_t revision;
    bool added;
    size_t good_len;
    struct store_rule rule = world_rule(STORE_HOST, "a.example.com", "");
    world_clean(FOLDER);
    struct store *store = world_open(FOLDER, STORE_SERVICE);
    assert_int_equal(store_begin(store), ERR_OK);
    assert_int_equal(store_set_setting(store, span_str("A"), span_str("good")), ERR_OK);
    assert_int_equal(store_add_rule(store, &rule, &added), ERR_OK);
    assert_int_equal(store_commit(store, &revision), ERR_OK);
    expect(store, GOOD_TEXT "revision 1\n");
    uint8_t *good = world_read(FOLDER, "gateway.db.good", &good_len);
    world_set(store, "A", "last");
    expect(store, LAST_TEXT);
    store_close(store);
    world_write(FOLDER, "gateway.db.good", span_of(good, good_len));
    free(good);
}

/* The same, and the good copy is as new as the store: how it is unless something went wrong. */
static void make_kept_store(void)
{
    make_store();
    struct store *store = world_open(FOLDER, STORE_SERVICE);
    expect(store, LAST_TEXT);
    assert_int_equal(store_keep_good(store), ERR_OK);
    store_close(store);
}

/* ---- kinds of damage ---- */

static void damage_head(void)
{
    world_flip(FOLDER, "gateway.db", 3, 1);
}

static void damage_to_text(void)
{
    world_write(FOLDER, "gateway.db", span_str("ListenPort = 8080\n"));
}

static void damage_to_nothing(void)
{
    world_write(FOLDER, "gateway.db", span_of(NULL, 0));
}

static void damage_away(void)
{
    world_remove(FOLDER, "gateway.db");
}

static void damage_half(void)
{
    size_t len;
    uint8_t *bytes = world_read(FOLDER, "gateway.db", &len);
    world_write(FOLDER, "gateway.db", span_of(bytes, len / 2));
    free(bytes);
}

/* Until what is written has a later time: systems count that of files in coarse steps. */
static void pass_time(void)
{
    struct files_identity before, now;
    assert_int_equal(files_identify(FILE_NAME, &before), ERR_OK);
    do {
        world_write(FOLDER, "clock", span_str("x"));
        assert_int_equal(files_identify(FOLDER "/clock", &now), ERR_OK);
    } while (now.changed_ns <= before.changed_ns);
    world_remove(FOLDER, "clock");
}

/* One letter of a host: SQLite itself is content with that. */
static void damage_letter(void)
{
    size_t len;
    pass_time();
    uint8_t *bytes = world_read(FOLDER, "gateway.db", &len);
    for (size_t i = 0; i + 13 <= len; i++) {
        if (memcmp(bytes + i, "a.example.com", 13) == 0) {
            bytes[i] = 'b'; /* in the row, in its index, and in the history */
        }
    }
    world_write(FOLDER, "gateway.db", span_of(bytes, len));
    free(bytes);
}

static void damage_version(void)
{
    world_flip(FOLDER, "gateway.db", 63, 0x40);
}

static void damage_version_to_none(void)
{
    world_flip(FOLDER, "gateway.db", 63, 0x01);
}

static void damage_owner(void)
{
    world_flip(FOLDER, "gateway.db", 68, 0x01);
}

static void damage_to_read_only(void)
{
    world_flip(FOLDER, "gateway.db", 18, 0x40);
}

static void damage_to_wal(void)
{
    world_flip(FOLDER, "gateway.db", 18, 0x03);
    world_flip(FOLDER, "gateway.db", 19, 0x03);
}

static void damage_by_hand(void)
{
    run_sql("UPDATE setting SET value = 'by hand'");
}

static void damage_lost_rows(void)
{
    run_sql("DELETE FROM rule");
}

static void damage_lost_table(void)
{
    run_sql("DROP TABLE relay");
}

static void damage_lost_meta(void)
{
    run_sql("DELETE FROM meta");
}

static void damage_foreign(void)
{
    damage_away();
    run_sql("CREATE TABLE recipe (name TEXT)");
}

static const struct damage {
    const char *name;
    void (*make)(void);
    bool known; /* the damaged file's revision can still be read */
} damages[] = {
    {"head", damage_head, false},
    {"a text", damage_to_text, false},
    {"nothing", damage_to_nothing, false},
    {"away", damage_away, false},
    {"half", damage_half, false},
    {"letter", damage_letter, true},
    {"version", damage_version, true},
    {"no version", damage_version_to_none, true},
    {"owner", damage_owner, true},
    {"read only", damage_to_read_only, false},
    {"write-ahead log", damage_to_wal, false},
    {"by hand", damage_by_hand, true},
    {"lost rows", damage_lost_rows, true},
    {"lost table", damage_lost_table, true},
    {"lost meta", damage_lost_meta, false},
    {"foreign", damage_foreign, false},
};

/* The bytes of the file, or none where there is no file. */
static struct span file_bytes(const char *name)
{
    size_t len = 0;
    uint8_t *bytes = world_has(FOLDER, name) ? world_read(FOLDER, name, &len) : NULL;
    return span_of(bytes, len);
}

static void free_bytes(struct span bytes)
{
    free((void *)(uintptr_t)bytes.at);
}

/* The report of a rescue; the file set aside must be the damaged one. */
static void expect_rescue(struct store *store, const struct store_rescue *want, struct span damaged,
                          const char *name)
{
    struct store_rescue rescue;
    static uint8_t aside[200000];
    size_t len;
    bool was_there = want->aside[0] != '\0';
    unit_holds(store_take_rescue(store, &rescue), "%s", name);
    unit_holds(rescue.from_good == want->from_good, "%s", name);
    unit_holds(rescue.was == want->was && rescue.back == want->back &&
                   rescue.revision == want->revision,
               "%s: from %u back to %u is %u", name, (unsigned)rescue.was, (unsigned)rescue.back,
               (unsigned)rescue.revision);
    unit_holds((rescue.aside[0] != '\0') == was_there, "%s: %s", name, rescue.aside);
    if (was_there) {
        enum err err = files_read(rescue.aside, aside, sizeof aside, &len);
        unit_holds(err == ERR_OK, "%s: %s", rescue.aside, err_name(err));
        unit_same(span_of(aside, len), damaged, "%s", name);
    }
    unit_holds(!store_take_rescue(store, &rescue), "%s", name);
}

/* What must come of this damage: the file of revision 2, with a good copy of revision `back`. */
static struct store_rescue rescue_wanted(const struct damage *damage, bool from_good, uint64_t back)
{
    uint64_t was = damage->known ? 2 : 0;
    struct store_rescue rescue = {.from_good = from_good, .was = was, .back = back};
    rescue.revision = (was > back ? was : back) + 1;
    rescue.aside[0] = world_has(FOLDER, "gateway.db") ? '?' : '\0';
    return rescue;
}

static void expect_at(struct store *store, const char *text, uint64_t revision, const char *name)
{
    char want[200];
    (void)snprintf(want, sizeof want, "%srevision %u\n", text, (unsigned)revision);
    unit_same(span_str(world_print(store)), span_str(want), "%s: %s", name, store_detail(store));
}

/* The history says what was lost: line number `nth` from the newest. */
static void expect_in_history(struct store *store, size_t nth, const char *want, const char *name)
{
    struct span line, rest = span_str(world_print_history(store));
    bool done = false;
    while (span_cut(&rest, '\n', &done, &line) && nth-- > 0) {
    }
    size_t what = span_find(line, ':'); /* before it: revision and user */
    unit_holds(span_ends_with(span_first(line, what), span_str(" store")), "%s: %.*s", name,
               (int)line.len, (const char *)line.at);
    unit_same(span_after(line, what), span_str(want), "%s", name);
}

/* ---- tests ---- */

static void a_reading_command_only_says_so(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(damages); i++) {
        make_store();
        damages[i].make();
        struct span damaged = file_bytes("gateway.db");
        struct store *store = world_open(FOLDER, STORE_COMMAND);
        struct store_rescue rescue;
        unit_same(span_str(world_print(store)), span_str("ERR_STORE_DAMAGED"), "%s",
                  damages[i].name);
        unit_holds(store_detail(store)[0] != '\0', "%s", damages[i].name);
        assert_int_equal(store_poll(store), STORE_CHANGED);
        store_close(store);
        struct span after = file_bytes("gateway.db");
        unit_same(after, damaged, "%s", damages[i].name);
        free_bytes(after);
        free_bytes(damaged);
        store = world_open(FOLDER, STORE_COMMAND);
        assert_false(store_take_rescue(store, &rescue));
        store_close(store);
    }
}

static const char *history_wanted(const struct store_rescue *rescue)
{
    static char want[200];
    (void)snprintf(want, sizeof want, ": %s%s -> %s%s", rescue->was > 0 ? "revision 2, " : "",
                   rescue->aside[0] ? "damaged" : "missing", rescue->back > 0 ? "revision 1, " : "",
                   rescue->from_good ? "gateway.db.good" : "empty");
    return want;
}

static void the_service_goes_on_from_the_good_copy(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(damages); i++) {
        const char *name = damages[i].name;
        make_store();
        damages[i].make();
        struct store_rescue want = rescue_wanted(&damages[i], true, 1);
        struct span damaged = file_bytes("gateway.db");
        struct store *store = world_open(FOLDER, STORE_SERVICE);
        expect_at(store, GOOD_TEXT, want.revision, name);
        expect_rescue(store, &want, damaged, name);
        expect_in_history(store, 0, history_wanted(&want), name);
        assert_int_equal(store_poll(store), STORE_SAME);
        assert_int_equal(world_set(store, "A", "new"), want.revision + 1);
        assert_int_equal(store_poll(store), STORE_CHANGED);
        store_close(store);
        free_bytes(damaged);
        assert_false(world_has(FOLDER, "gateway.db.new"));
    }
}

static void a_change_goes_on_from_the_good_copy(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(damages); i++) {
        make_store();
        damages[i].make();
        struct store_rescue want = rescue_wanted(&damages[i], true, 1);
        struct span damaged = file_bytes("gateway.db");
        struct store *store = world_open(FOLDER, STORE_COMMAND);
        assert_int_equal(world_set(store, "B", "new"), want.revision + 1);
        expect_rescue(store, &want, damaged, damages[i].name);
        expect_at(store, "setting A=good\nsetting B=new\nhost local a.example.com\n",
                  want.revision + 1, damages[i].name);
        expect_in_history(store, 1, history_wanted(&want), damages[i].name);
        store_close(store);
        free_bytes(damaged);
    }
}

/* Every change made its copy, so whatever happens to the file, nothing is lost. */
static void a_copy_that_is_new_loses_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(damages); i++) {
        make_kept_store();
        damages[i].make();
        struct store *store = world_open(FOLDER, i % 2 == 0 ? STORE_COMMAND : STORE_SERVICE);
        assert_int_equal(world_set(store, "B", "new"), 4);
        expect_at(store, "setting A=last\nsetting B=new\nhost local a.example.com\n", 4,
                  damages[i].name);
        store_close(store);
    }
}

/* Without a good copy, or with one that is damaged as well: everything is refused. */
static void without_a_good_copy_the_store_is_empty(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(damages) * 2; i++) {
        const char *name = damages[i / 2].name;
        make_store();
        damages[i / 2].make();
        if (i % 2 == 0) {
            world_remove(FOLDER, "gateway.db.good");
        } else {
            world_flip(FOLDER, "gateway.db.good", 4096 + 3, 0xFF);
        }
        bool good = i % 2 == 1;
        struct store_rescue want = rescue_wanted(&damages[i / 2], false, 0);
        struct span damaged = file_bytes("gateway.db");
        bool nothing = damaged.len == 0 && !good;
        uint64_t revision = nothing ? 0 : want.revision;
        struct store *store = world_open(FOLDER, STORE_SERVICE);
        expect_at(store, "", revision, name);
        if (!nothing) {
            expect_rescue(store, &want, damaged, name);
            expect_in_history(store, 0, history_wanted(&want), name);
        }
        unit_holds(world_has(FOLDER, "gateway.db.good.damaged") == good, "%s", name);
        unit_holds(!world_has(FOLDER, "gateway.db.good"), "%s", name);
        expect_at(store, "", revision, name);
        assert_int_equal(world_set(store, "A", "new"), revision + 1);
        expect_at(store, "setting A=new\n", revision + 1, name);
        store_close(store);
        free_bytes(damaged);
    }
}

static void a_running_service_sees_it_too(void **state)
{
    (void)state;
    struct store_rescue rescue;
    make_store();
    struct store *store = world_open(FOLDER, STORE_SERVICE);
    expect(store, LAST_TEXT);
    damage_by_hand();
    assert_int_equal(store_poll(store), STORE_CHANGED);
    expect(store, GOOD_TEXT "revision 3\n");
    assert_true(store_take_rescue(store, &rescue));
    store_close(store);
}

/* What SQLite keeps in memory of the file hides no damage of it. */
static void a_running_service_looks_at_the_file_itself(void **state)
{
    (void)state;
    make_kept_store();
    struct store *store = world_open(FOLDER, STORE_SERVICE);
    expect(store, LAST_TEXT);
    damage_letter();
    assert_int_equal(store_poll(store), STORE_CHANGED);
    expect(store, "setting A=last\nhost local a.example.com\nrevision 3\n");
    store_close(store);
}

/*
 * A service that has not looked has the file open, which on Windows keeps it where it is: a command
 * makes it look.
 */
static void a_command_hands_it_to_a_running_service(void **state)
{
    (void)state;
    struct store_rescue rescue;
    struct files_identity before, after;
    make_kept_store();
    struct store *service = world_open(FOLDER, STORE_SERVICE);
    struct store *command = world_open(FOLDER, STORE_COMMAND);
    expect(service, LAST_TEXT);
    damage_letter();
    assert_int_equal(files_identify(FILE_NAME, &before), ERR_OK);
    pass_time();
    world_write(FOLDER, "gateway.db-journal", span_of("\0\0\0", 4)); /* of nothing half done */
    enum err err = store_begin(command);
    unit_holds(err == (world_holds_open_files() ? ERR_STORE_HELD : ERR_OK), "%s", err_name(err));
    store_rollback(command);
    if (world_holds_open_files()) {
        assert_int_equal(files_identify(FILE_NAME, &after), ERR_OK);
        assert_true(after.changed_ns > before.changed_ns);
        assert_true(
            world_has(FOLDER, "gateway.db-journal")); /* goes with the file, or not at all */
    }
    assert_int_equal(store_poll(service), STORE_CHANGED);
    expect(service, "setting A=last\nhost local a.example.com\nrevision 3\n");
    assert_int_equal(store_take_rescue(service, &rescue), world_holds_open_files());
    world_set(command, "A", "new");
    store_close(service);
    store_close(command);
}

/* Rules are compared without case, so SQLite itself misses a capital, above all in its index. */
static void no_letter_changes_its_case(void **state)
{
    (void)state;
    size_t len, found = 0;
    make_kept_store();
    uint8_t *bytes = world_read(FOLDER, "gateway.db", &len);
    for (size_t i = 0; i + 13 <= len; i++) {
        if (memcmp(bytes + i, "a.example.com", 13) == 0) {
            found++;
            world_flip(FOLDER, "gateway.db", i, 0x20);
            struct store *store = world_open(FOLDER, STORE_COMMAND);
            const char *text = world_print(store);
            bool whole = strcmp(text, LAST_TEXT) == 0 || strcmp(text, "ERR_STORE_DAMAGED") == 0;
            unit_holds(whole, "byte %zu: %s", i, text);
            store_close(store);
            world_flip(FOLDER, "gateway.db", i, 0x20);
        }
    }
    unit_holds(found >= 3, "%zu", found); /* the row, its index, the history */
    free(bytes);
}

static void a_newer_version_is_no_damage(void **state)
{
    (void)state;
    struct store_rescue rescue;
    uint64_t revision;
    make_store();
    run_sql("PRAGMA user_version = 99; UPDATE meta SET version = 99");
    struct span before = file_bytes("gateway.db");
    struct store *store = world_open(FOLDER, STORE_SERVICE);
    expect(store, "ERR_STORE_NEWER");
    assert_int_equal(world_change(store, 1, &revision), ERR_STORE_NEWER);
    assert_false(store_take_rescue(store, &rescue));
    store_close(store);
    struct span after = file_bytes("gateway.db");
    unit_same(after, before, "untouched");
    free_bytes(before);
    free_bytes(after);
}

static void a_journal_goes_with_its_file(void **state)
{
    (void)state;
    struct store_rescue rescue;
    char journal[PATHS_MAX + 16];
    make_store();
    damage_head(); /* so SQLite never gets as far as the journal */
    world_write(FOLDER, "gateway.db-journal", span_str("not a journal"));
    struct store *store = world_open(FOLDER, STORE_SERVICE);
    expect(store, GOOD_TEXT "revision 2\n");
    assert_false(world_has(FOLDER, "gateway.db-journal"));
    assert_true(store_take_rescue(store, &rescue));
    (void)snprintf(journal, sizeof journal, "%s-journal", rescue.aside);
    assert_int_equal(files_remove(journal), ERR_OK);
    store_close(store);
}

/*
 * A file in the middle of a change, with the journal that takes it back: what a killed program
 * leaves. The change is larger than SQLite's memory for it, so that it is half in the file.
 */
static void leave_half_a_change(void)
{
    sqlite3 *db;
    make_store();
    assert_int_equal(sqlite3_open(FILE_NAME, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "PRAGMA cache_size = 5; BEGIN;"
                                  "UPDATE setting SET value = 'half';"
                                  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                                  " WHERE i < 2000) INSERT INTO request (time, who, what, argument)"
                                  " SELECT 1, 'x', 'y', i FROM n",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    struct span file = file_bytes("gateway.db"), journal = file_bytes("gateway.db-journal");
    assert_true(journal.len > 512);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    world_write(FOLDER, "gateway.db", file);
    world_write(FOLDER, "gateway.db-journal", journal);
    free_bytes(file);
    free_bytes(journal);
}

static void half_a_change_is_taken_back(void **state)
{
    (void)state;
    struct store_rescue rescue;
    for (size_t i = 0; i < 3; i++) {
        leave_half_a_change();
        struct store *store = world_open(FOLDER, i == 0 ? STORE_SERVICE : STORE_COMMAND);
        if (i == 2) {
            assert_int_equal(world_set(store, "A", "last"), 2); /* as it was */
        }
        expect(store, LAST_TEXT);
        assert_false(world_has(FOLDER, "gateway.db-journal"));
        assert_false(store_take_rescue(store, &rescue));
        store_close(store);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reading_command_only_says_so),
        cmocka_unit_test(the_service_goes_on_from_the_good_copy),
        cmocka_unit_test(a_change_goes_on_from_the_good_copy),
        cmocka_unit_test(a_copy_that_is_new_loses_nothing),
        cmocka_unit_test(without_a_good_copy_the_store_is_empty),
        cmocka_unit_test(a_running_service_sees_it_too),
        cmocka_unit_test(a_running_service_looks_at_the_file_itself),
        cmocka_unit_test(a_command_hands_it_to_a_running_service),
        cmocka_unit_test(no_letter_changes_its_case),
        cmocka_unit_test(a_newer_version_is_no_damage),
        cmocka_unit_test(a_journal_goes_with_its_file),
        cmocka_unit_test(half_a_change_is_taken_back),
    };
    return cmocka_run_group_tests_name("store_rescue", tests, NULL, NULL);
}
