/*
 * schema.h. The version stands twice, in the header and in the table `meta`: were it only in the
 * header, one wrong byte would turn a damaged file into "written by a newer version".
 *
 * SQLite sees a damaged structure, but not a damaged text: one wrong byte would make another host
 * of a host. Hence the sum, over all that decides something; it is no protection against people who
 * may write the file, and needs none: they may do anything.
 */
#include "store/schema.h"

#include "base/out.h"

#define SCHEMA_TEXT(number)   #number
#define SCHEMA_IN_SQL(number) SCHEMA_TEXT(number)
#define SCHEMA_APPLICATION    1330464599 /* "OMGW": what file(1) shows of the file */

const struct schema_step schema_steps[] = {
    {"CREATE TABLE meta ("
     " one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL,"
     " revision INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT;"
     "INSERT INTO meta VALUES (1, 0, 0, 0);"
     "CREATE TABLE setting ("
     " name TEXT PRIMARY KEY COLLATE NOCASE NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
     "CREATE TABLE rule ("
     " id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, value TEXT NOT NULL,"
     " origin TEXT NOT NULL, comment TEXT NOT NULL, time INTEGER NOT NULL,"
     " UNIQUE (kind, value, origin)) STRICT;"
     "CREATE TABLE relay ("
     " one INTEGER PRIMARY KEY CHECK (one = 1),"
     " url TEXT NOT NULL, username TEXT NOT NULL, password BLOB NOT NULL) STRICT;"
     "CREATE TABLE history ("
     " id INTEGER PRIMARY KEY AUTOINCREMENT, revision INTEGER NOT NULL, time INTEGER NOT NULL,"
     " who TEXT NOT NULL, program TEXT NOT NULL, what TEXT NOT NULL, old TEXT, new TEXT) STRICT;"
     "CREATE TABLE request ("
     " id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, who TEXT NOT NULL,"
     " what TEXT NOT NULL, argument TEXT NOT NULL, UNIQUE (what, argument)) STRICT;"
     "PRAGMA application_id = " SCHEMA_IN_SQL(SCHEMA_APPLICATION) ";",
     "the first version"},
    {"CREATE TABLE fresh ("
     " id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,"
     " value TEXT NOT NULL COLLATE NOCASE,"
     " origin TEXT NOT NULL, comment TEXT NOT NULL, time INTEGER NOT NULL,"
     " UNIQUE (kind, value, origin)) STRICT;"
     "INSERT OR IGNORE INTO fresh SELECT * FROM rule ORDER BY id;"
     "DROP TABLE rule;"
     "ALTER TABLE fresh RENAME TO rule;",
     "a subject is one row, in whatever letters it is written"},
};

const size_t schema_count = sizeof schema_steps / sizeof schema_steps[0];

/* ---- versions ---- */

static enum err schema_judge_version(struct db *db, uint64_t version)
{
    uint64_t application, again;
    TRY(db_get(db, "PRAGMA application_id", &application));
    if (application != SCHEMA_APPLICATION) {
        return db_damaged(db, span_str("the file is not one of this program"));
    }
    TRY(db_get(db, "SELECT version FROM meta", &again));
    return version == again ? ERR_OK : db_damaged(db, span_str("the file has two versions"));
}

enum err schema_judge(struct db *db, size_t count, enum schema_state *state)
{
    uint64_t version, tables;
    *state = SCHEMA_EMPTY;
    TRY(db_get(db, "PRAGMA user_version", &version));
    TRY(db_get(db, "SELECT count(*) FROM sqlite_schema", &tables));
    if (version == 0 && tables == 0) {
        return ERR_OK;
    }
    TRY(schema_judge_version(db, version));
    *state = version < count ? SCHEMA_OLDER : SCHEMA_CURRENT;
    return version <= count ? ERR_OK : ERR_STORE_NEWER;
}

/* A pragma takes no values, so the number becomes part of the statement. */
static enum err schema_set_version(struct db *db, uint64_t version)
{
    char sql[64];
    struct out out;
    out_begin(&out, sql, sizeof sql);
    out_str(&out, "PRAGMA user_version = ");
    out_u64(&out, version);
    TRY(out_end(&out));
    TRY(db_do(db, sql));
    return db_put(db, "UPDATE meta SET version = ?", version);
}

enum err schema_migrate(struct db *db, const struct schema_step *steps, size_t count)
{
    uint64_t version, revision;
    TRY(db_get(db, "PRAGMA user_version", &version));
    CHECK(version < count);
    for (; version < count; version++) {
        TRY(db_script(db, steps[version].sql));
        TRY(schema_set_version(db, version + 1));
    }
    TRY(db_get(db, "SELECT revision FROM meta", &revision));
    return schema_seal(db, revision); /* a step may have moved what is summed */
}

/* ---- proof ---- */

/* FNV-1a: with one byte wrong it is never the same hash. */
static uint64_t schema_mix(uint64_t hash, struct span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        hash = (hash ^ bytes.at[i]) * 0x100000001B3;
    }
    return hash;
}

/* Adds the hash of one row, so that the order of rows does not matter. */
static enum err schema_add_row(void *context, sqlite3_stmt *row)
{
    uint64_t *sum = context, hash = 0xCBF29CE484222325;
    for (int i = 0; i < sqlite3_column_count(row); i++) {
        uint64_t number;
        struct span bytes = span_of(&number, sizeof number);
        if (sqlite3_column_type(row, i) == SQLITE_INTEGER) {
            number = db_column_number(row, i);
        } else {
            bytes = db_column(row, i);
        }
        hash = schema_mix(hash, span_of(&bytes.len, sizeof bytes.len));
        hash = schema_mix(hash, bytes);
    }
    *sum += hash;
    return ERR_OK;
}

/* History and requests decide nothing and are left out. */
static enum err schema_sum(struct db *db, uint64_t *sum)
{
    static const char *const contents[] = {
        "SELECT 'meta', version, revision FROM meta",
        "SELECT 'setting', name, value FROM setting",
        "SELECT 'rule', id, kind, value, origin, comment, time FROM rule",
        "SELECT 'relay', url, username, password FROM relay",
    };
    *sum = 0;
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        TRY(db_run(
            db, &(struct db_statement){.sql = contents[i], .row = schema_add_row, .context = sum}));
    }
    return ERR_OK;
}

enum err schema_seal(struct db *db, uint64_t revision)
{
    uint64_t sum;
    TRY(db_put(db, "UPDATE meta SET revision = ?", revision));
    TRY(schema_sum(db, &sum));
    return db_put(db, "UPDATE meta SET sum = ?", sum);
}

struct schema_integrity {
    struct db *db;
    bool well;
};

static enum err schema_read_integrity(void *context, sqlite3_stmt *row)
{
    struct schema_integrity *integrity = context;
    struct span text = db_column(row, 0);
    integrity->well = span_is(text, "ok");
    return integrity->well ? ERR_OK : db_damaged(integrity->db, text);
}

enum err schema_verify(struct db *db)
{
    struct schema_integrity integrity = {.db = db, .well = false};
    uint64_t sum, wanted;
    TRY(db_run(db, &(struct db_statement){.sql = "PRAGMA integrity_check(1)",
                                          .row = schema_read_integrity,
                                          .context = &integrity}));
    if (!integrity.well) {
        return db_damaged(db, span_str("the integrity check says nothing"));
    }
    TRY(schema_sum(db, &sum));
    TRY(db_get(db, "SELECT sum FROM meta", &wanted));
    return sum == wanted ? ERR_OK : db_damaged(db, span_str("the contents have another sum"));
}
