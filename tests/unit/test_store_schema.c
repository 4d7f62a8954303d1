/*
 * Proves the schema: each released version is what it was, from each older one a file gets to this
 * one with its contents, a step that fails leaves the file as it was, and the sum notices every
 * column that decides something.
 */
#include "base/out.h"
#include "store/schema.h"
#include "unit/test_store_world.h"
#include "unit/unit.h"

#define FOLDER    "test_store_schema.data"
#define FILE_NAME FOLDER "/gateway.db"

/*
 * Version 1 as it was released, word by word: what lies on disks out there. A new version adds its
 * own text below; none of these is ever changed.
 */
static const char version_1[] =
    "CREATE TABLE meta ("
    " one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL,"
    " revision INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT\n"
    "CREATE TABLE setting ("
    " name TEXT PRIMARY KEY COLLATE NOCASE NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID\n"
    "CREATE TABLE rule ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, value TEXT NOT NULL,"
    " origin TEXT NOT NULL, comment TEXT NOT NULL, time INTEGER NOT NULL,"
    " UNIQUE (kind, value, origin)) STRICT\n"
    "CREATE TABLE sqlite_sequence(name,seq)\n"
    "CREATE TABLE relay ("
    " one INTEGER PRIMARY KEY CHECK (one = 1),"
    " url TEXT NOT NULL, username TEXT NOT NULL, password BLOB NOT NULL) STRICT\n"
    "CREATE TABLE history ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, revision INTEGER NOT NULL, time INTEGER NOT NULL,"
    " who TEXT NOT NULL, program TEXT NOT NULL, what TEXT NOT NULL, old TEXT, new TEXT) STRICT\n"
    "CREATE TABLE request ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, who TEXT NOT NULL,"
    " what TEXT NOT NULL, argument TEXT NOT NULL, UNIQUE (what, argument)) STRICT\n";

static const char version_2[] =
    "CREATE TABLE meta ("
    " one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL,"
    " revision INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT\n"
    "CREATE TABLE setting ("
    " name TEXT PRIMARY KEY COLLATE NOCASE NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID\n"
    "CREATE TABLE sqlite_sequence(name,seq)\n"
    "CREATE TABLE relay ("
    " one INTEGER PRIMARY KEY CHECK (one = 1),"
    " url TEXT NOT NULL, username TEXT NOT NULL, password BLOB NOT NULL) STRICT\n"
    "CREATE TABLE history ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, revision INTEGER NOT NULL, time INTEGER NOT NULL,"
    " who TEXT NOT NULL, program TEXT NOT NULL, what TEXT NOT NULL, old TEXT, new TEXT) STRICT\n"
    "CREATE TABLE request ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, who TEXT NOT NULL,"
    " what TEXT NOT NULL, argument TEXT NOT NULL, UNIQUE (what, argument)) STRICT\n"
    "CREATE TABLE \"rule\" ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,"
    " value TEXT NOT NULL COLLATE NOCASE,"
    " origin TEXT NOT NULL, comment TEXT NOT NULL, time INTEGER NOT NULL,"
    " UNIQUE (kind, value, origin)) STRICT\n";

static const char *const versions[] = {version_1, version_2};

enum { STEPS_MAX = 16 };

static struct db db;

static void open_file(void)
{
    assert_int_equal(db_open(&db, FILE_NAME, DB_WRITE, 0), ERR_OK);
}

static void run_sql(const char *sql)
{
    enum err err = db_script(&db, sql);
    unit_holds(err == ERR_OK, "%s: %s", sql, db.detail);
}

static int fresh_file(void **state)
{
    (void)state;
    world_clean(FOLDER);
    struct store *store = world_open(FOLDER, STORE_COMMAND);
    world_set(store, "ListenPort", "8081");
    uint64_t revision;
    enum err err = world_change(store, 1, &revision);
    store_close(store);
    open_file();
    return err == ERR_OK ? 0 : 1;
}

static int shut(void **state)
{
    (void)state;
    db_close(&db);
    return 0;
}

struct texts {
    char room[8192];
    struct out out;
};

static enum err add_text(void *context, sqlite3_stmt *row)
{
    struct texts *texts = context;
    out_put(&texts->out, db_column(row, 0));
    out_char(&texts->out, '\n');
    return ERR_OK;
}

static struct span schema_text(struct texts *texts)
{
    out_begin(&texts->out, texts->room, sizeof texts->room);
    enum err err =
        db_run(&db, &(struct db_statement){.sql = "SELECT sql FROM sqlite_schema WHERE sql"
                                                  " IS NOT NULL ORDER BY rowid",
                                           .row = add_text,
                                           .context = texts});
    assert_int_equal(err, ERR_OK);
    assert_int_equal(out_end(&texts->out), ERR_OK);
    return out_span(&texts->out);
}

static void make_version(size_t version)
{
    db_close(&db);
    world_clean(FOLDER);
    world_write(FOLDER, "gateway.db", span_of(NULL, 0));
    open_file();
    run_sql("BEGIN");
    assert_int_equal(schema_migrate(&db, schema_steps, version), ERR_OK);
    run_sql("COMMIT");
}

static void each_version_is_what_was_released(void **state)
{
    (void)state;
    static struct texts texts;
    assert_int_equal(schema_count, unit_count(versions));
    for (size_t i = 0; i < schema_count; i++) {
        make_version(i + 1);
        unit_same(schema_text(&texts), span_str(versions[i]), "version %zu", i + 1);
        unit_holds(schema_steps[i].why[0] != '\0', "version %zu", i + 1);
    }
}

/* A file of each version, with contents, as its own program left it, comes to this version. */
static void each_version_comes_to_this_one(void **state)
{
    (void)state;
    static struct texts texts;
    for (size_t version = 1; version <= schema_count; version++) {
        make_version(version);
        run_sql("INSERT INTO setting VALUES ('A', '1');"
                "INSERT INTO rule (kind, value, origin, comment, time)"
                " VALUES ('host', 'x', 'local', 'why', 1600000000000)");
        assert_int_equal(schema_seal(&db, 7), ERR_OK);
        db_close(&db);
        struct store *store = world_open(FOLDER, STORE_SERVICE);
        unit_same(span_str(world_print(store)),
                  span_str("setting A=1\nhost local x #why\nrevision 7\n"), "version %zu", version);
        store_close(store);
        open_file();
        unit_same(schema_text(&texts), span_str(versions[schema_count - 1]), "version %zu",
                  version);
    }
}

/* An older file whose contents are not those of its sum is damaged like any other. */
static void an_older_file_is_proven(void **state)
{
    (void)state;
    for (size_t version = 1; version <= schema_count; version++) {
        make_version(version);
        run_sql("INSERT INTO setting VALUES ('A', '1')");
        assert_int_equal(schema_seal(&db, 7), ERR_OK);
        run_sql("UPDATE setting SET value = '2'");
        db_close(&db);
        struct store *store = world_open(FOLDER, STORE_COMMAND);
        unit_same(span_str(world_print(store)), span_str("ERR_STORE_DAMAGED"), "version %zu",
                  version);
        store_close(store);
        open_file();
    }
}

/* This version with some more, which no release has. */
static const struct schema_step *more_steps(const char *one, const char *two)
{
    static struct schema_step steps[STEPS_MAX];
    memcpy(steps, schema_steps, schema_count * sizeof steps[0]);
    steps[schema_count] = (struct schema_step){one, "for the test"};
    steps[schema_count + 1] = (struct schema_step){two, "for the test"};
    return steps;
}

static enum schema_state judge(size_t count)
{
    enum schema_state found;
    assert_int_equal(schema_judge(&db, count, &found), ERR_OK);
    return found;
}

/* Of two rows that are one since version 2 the older one stays. */
static void letters_make_no_second_row(void **state)
{
    (void)state;
    make_version(1);
    run_sql("INSERT INTO rule (kind, value, origin, comment, time) VALUES"
            " ('certificate', 'CN=Agent', 'local', 'first', 1600000000001),"
            " ('certificate', 'CN=AGENT', 'local', 'second', 1600000000002),"
            " ('certificate', 'CN=agent', 'download', 'third', 1600000000003)");
    assert_int_equal(schema_seal(&db, 7), ERR_OK);
    db_close(&db);
    struct store *store = world_open(FOLDER, STORE_SERVICE);
    unit_same(span_str(world_print(store)),
              span_str("certificate download CN=agent #third\n"
                       "certificate local CN=Agent #first\nrevision 7\n"),
              "rules");
    store_close(store);
    open_file();
}

static void a_step_moves_the_contents(void **state)
{
    (void)state;
    const struct schema_step *steps =
        more_steps("ALTER TABLE rule ADD COLUMN source TEXT NOT NULL DEFAULT 'hand'",
                   "UPDATE setting SET value = value + 1 WHERE name = 'ListenPort'");
    enum schema_state found;
    uint64_t number;
    assert_int_equal(judge(schema_count + 2), SCHEMA_OLDER);
    assert_int_equal(schema_verify(&db), ERR_OK);
    run_sql("BEGIN");
    assert_int_equal(schema_migrate(&db, steps, schema_count + 2), ERR_OK);
    run_sql("COMMIT");
    assert_int_equal(judge(schema_count + 2), SCHEMA_CURRENT);
    assert_int_equal(schema_verify(&db), ERR_OK);
    assert_int_equal(db_get(&db, "SELECT value FROM setting WHERE name = 'ListenPort'", &number),
                     ERR_OK);
    assert_int_equal(number, 8082);
    assert_int_equal(db_get(&db, "SELECT count(*) FROM rule WHERE source = 'hand'", &number),
                     ERR_OK);
    assert_int_equal(number, 1);
    assert_int_equal(schema_judge(&db, schema_count + 1, &found), ERR_STORE_NEWER);
    assert_int_equal(schema_judge(&db, schema_count, &found), ERR_STORE_NEWER);
}

static void a_step_that_fails_leaves_the_file_as_it_was(void **state)
{
    (void)state;
    static struct texts texts;
    const struct schema_step *steps = more_steps("CREATE TABLE more (x) STRICT_", "SELECT 1");
    size_t before_len, len;
    uint8_t *before = world_read(FOLDER, "gateway.db", &before_len);
    for (int turn = 0; turn < 2; turn++) {
        run_sql("BEGIN");
        assert_int_not_equal(schema_migrate(&db, steps, schema_count + 2), ERR_OK);
        run_sql("ROLLBACK");
        steps = more_steps("CREATE TABLE more (x TEXT) STRICT; DELETE FROM rule", "SELECT nothing");
    }
    assert_int_equal(judge(schema_count), SCHEMA_CURRENT);
    assert_int_equal(schema_verify(&db), ERR_OK);
    unit_same(schema_text(&texts), span_str(versions[schema_count - 1]), "schema");
    db_close(&db);
    uint8_t *after = world_read(FOLDER, "gateway.db", &len);
    unit_same(span_of(after, len), span_of(before, before_len), "the file");
    free(before);
    free(after);
    open_file();
}

static void an_empty_file_is_no_damage(void **state)
{
    (void)state;
    db_close(&db);
    world_write(FOLDER, "gateway.db", span_of(NULL, 0));
    open_file();
    assert_int_equal(judge(schema_count), SCHEMA_EMPTY);
    run_sql("CREATE TABLE meta (version)");
    enum schema_state found;
    assert_int_equal(schema_judge(&db, schema_count, &found), ERR_STORE_DAMAGED);
}

static void the_sum_notices_every_column(void **state)
{
    (void)state;
    static const char *const damages[] = {
        "UPDATE meta SET revision = revision + 1",
        "UPDATE meta SET sum = sum + 1",
        "UPDATE setting SET name = 'listenport' WHERE name = 'ListenPort'",
        "UPDATE setting SET value = value || ' ' WHERE name = 'ListenPort'",
        "UPDATE rule SET kind = 'certificate'",
        "UPDATE rule SET value = '*.example.com'",
        "UPDATE rule SET origin = 'download'",
        "UPDATE rule SET comment = ''",
        "UPDATE rule SET time = time + 1",
        "UPDATE rule SET id = 99",
        "UPDATE relay SET url = 'http://evil'",
        "UPDATE relay SET username = ''",
        "UPDATE relay SET password = zeroblob(length(password))",
        "DELETE FROM rule",
        "DELETE FROM relay",
        "DELETE FROM setting",
        "DELETE FROM meta",
        "INSERT INTO setting VALUES ('Ech', 'allow')",
        ("INSERT INTO rule (kind, value, origin, comment, time)"
         " VALUES ('host', 'y', 'local', '', 1)"),
        /* What moves from one column to its neighbour is another content. */
        "UPDATE setting SET name = 'ListenPort8', value = '081' WHERE name = 'ListenPort'",
    };
    for (size_t i = 0; i < unit_count(damages); i++) {
        run_sql("BEGIN");
        assert_int_equal(schema_verify(&db), ERR_OK);
        run_sql(damages[i]);
        enum err err = schema_verify(&db);
        unit_holds(err == ERR_STORE_DAMAGED, "%s: %s", damages[i], err_name(err));
        run_sql("ROLLBACK");
    }
    run_sql("DELETE FROM history; INSERT INTO request VALUES (9, 1, 'x', 'y', 'z')");
    assert_int_equal(schema_verify(&db), ERR_OK);
}

#define WITH_A_FILE(test) cmocka_unit_test_setup_teardown(test, fresh_file, shut)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_A_FILE(each_version_is_what_was_released),
        WITH_A_FILE(each_version_comes_to_this_one),
        WITH_A_FILE(an_older_file_is_proven),
        WITH_A_FILE(letters_make_no_second_row),
        WITH_A_FILE(a_step_moves_the_contents),
        WITH_A_FILE(a_step_that_fails_leaves_the_file_as_it_was),
        WITH_A_FILE(an_empty_file_is_no_damage),
        WITH_A_FILE(the_sum_notices_every_column),
    };
    return cmocka_run_group_tests_name("store_schema", tests, NULL, NULL);
}
