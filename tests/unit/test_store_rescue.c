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

#define GOOD_TEXT "setting A=good\nhost local a.example.com\nrevision 1\n"
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

/* A store at revision 2 whose good copy is of revision 1. */
static void make_store(void)
{
    uint64_t revision;
    bool added;
    struct store_rule rule = world_rule(STORE_HOST, "a.example.com", "");
    world_clean(FOLDER);
    struct store *store = world_open(FOLDER, STORE_SERVICE);
    assert_int_equal(store_begin(store), ERR_OK);
    assert_int_equal(store_set_setting(store, span_str("A"), span_str("good")), ERR_OK);
    assert_int_equal(store_add_rule(store, &rule, &added), ERR_OK);
    assert_int_equal(store_commit(store, &revision), ERR_OK);
    expect(store, GOOD_TEXT);
    assert_int_equal(store_keep_good(store), ERR_OK);
    world_set(store, "A", "last");
    expect(store, LAST_TEXT);
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

/* One letter of a host: SQLite itself is content with that. */
static void damage_letter(void)
{
    size_t len;
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

static const struct {
    const char *name;
    void (*make)(void);
} damages[] = {
    {"head", damage_head},
    {"a text", damage_to_text},
    {"nothing", damage_to_nothing},
    {"away", damage_away},
    {"half", damage_half},
    {"letter", damage_letter},
    {"version", damage_version},
    {"no version", damage_version_to_none},
    {"owner", damage_owner},
    {"read only", damage_to_read_only},
    {"write-ahead log", damage_to_wal},
    {"by hand", damage_by_hand},
    {"lost rows", damage_lost_rows},
    {"lost table", damage_lost_table},
    {"lost meta", damage_lost_meta},
    {"foreign", damage_foreign},
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
static void expect_rescue(struct store *store, bool from_good, struct span damaged, bool was_there,
                          const char *name)
{
    struct store_rescue rescue;
    static uint8_t aside[200000];
    size_t len;
    unit_holds(store_take_rescue(store, &rescue), "%s", name);
    unit_holds(rescue.from_good == from_good, "%s", name);
    unit_holds((rescue.aside[0] != '\0') == was_there, "%s: %s", name, rescue.aside);
    if (was_there) {
        enum err err = files_read(rescue.aside, aside, sizeof aside, &len);
        unit_holds(err == ERR_OK, "%s: %s", rescue.aside, err_name(err));
        unit_same(span_of(aside, len), damaged, "%s", name);
    }
    unit_holds(!store_take_rescue(store, &rescue), "%s", name);
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

static void the_service_goes_on_from_the_good_copy(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(damages); i++) {
        make_store();
        damages[i].make();
        bool was_there = world_has(FOLDER, "gateway.db");
        struct span damaged = file_bytes("gateway.db");
        struct store *store = world_open(FOLDER, STORE_SERVICE);
        unit_same(span_str(world_print(store)), span_str(GOOD_TEXT), "%s: %s", damages[i].name,
                  store_detail(store));
        expect_rescue(store, true, damaged, was_there, damages[i].name);
        assert_int_equal(store_poll(store), STORE_SAME);
        assert_int_equal(world_set(store, "A", "new"), 2);
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
        bool was_there = world_has(FOLDER, "gateway.db");
        struct span damaged = file_bytes("gateway.db");
        struct store *store = world_open(FOLDER, STORE_COMMAND);
        assert_int_equal(world_set(store, "B", "new"), 2);
        expect_rescue(store, true, damaged, was_there, damages[i].name);
        expect(store, "setting A=good\nsetting B=new\nhost local a.example.com\nrevision 2\n");
        store_close(store);
        free_bytes(damaged);
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
        bool was_there = world_has(FOLDER, "gateway.db"), good = i % 2 == 1;
        struct span damaged = file_bytes("gateway.db");
        bool nothing = damaged.len == 0 && !good;
        struct store *store = world_open(FOLDER, STORE_SERVICE);
        unit_same(span_str(world_print(store)), span_str("revision 0\n"), "%s", name);
        if (!nothing) {
            expect_rescue(store, false, damaged, was_there, name);
        }
        unit_holds(world_has(FOLDER, "gateway.db.good.damaged") == good, "%s", name);
        unit_holds(!world_has(FOLDER, "gateway.db.good"), "%s", name);
        unit_same(span_str(world_print(store)), span_str("revision 0\n"), "%s", name);
        assert_int_equal(world_set(store, "A", "new"), 1);
        expect(store, "setting A=new\nrevision 1\n");
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
    expect(store, GOOD_TEXT);
    assert_true(store_take_rescue(store, &rescue));
    store_close(store);
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
    expect(store, GOOD_TEXT);
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
        cmocka_unit_test(without_a_good_copy_the_store_is_empty),
        cmocka_unit_test(a_running_service_sees_it_too),
        cmocka_unit_test(a_newer_version_is_no_damage),
        cmocka_unit_test(a_journal_goes_with_its_file),
        cmocka_unit_test(half_a_change_is_taken_back),
    };
    return cmocka_run_group_tests_name("store_rescue", tests, NULL, NULL);
}
