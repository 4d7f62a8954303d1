/*
 * db.h: the only file that turns SQLite's results into ours.
 */
#include "store/db.h"

#include "base/out.h"

#include <limits.h>
#include <string.h>

struct db_value db_number(uint64_t number)
{
    return (struct db_value){.type = DB_NUMBER, .number = number};
}

struct db_value db_text(struct span text)
{
    return (struct db_value){.type = DB_TEXT, .bytes = text};
}

struct db_value db_blob(struct span bytes)
{
    return (struct db_value){.type = DB_BLOB, .bytes = bytes};
}

/*
 * On a file of ours, with statements that are constants, SQLITE_ERROR (no such table) and
 * SQLITE_CONSTRAINT mean that its schema is not ours any more. Whether that is so is decided by the
 * store's second look.
 */
static enum err db_judge(int code)
{
    switch (code & 0xFF) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return ERR_OK;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_STORE_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
        return ERR_STORE_DAMAGED;
    case SQLITE_NOMEM:
        return ERR_MEMORY;
    case SQLITE_FULL:
        return ERR_DISK_FULL;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
        return ERR_DENIED;
    default:
        return code == SQLITE_IOERR_NOMEM ? ERR_MEMORY : ERR_STORE;
    }
}

static enum err db_result(struct db *db, int code)
{
    struct out out;
    enum err err = db_judge(code);
    if (err == ERR_OK) {
        return ERR_OK;
    }
    db->code = code;
    out_begin(&out, db->detail, sizeof db->detail);
    out_str(&out, "SQLite ");
    out_u64(&out, (uint64_t)code);
    out_str(&out, ": ");
    out_str(&out, sqlite3_errstr(code));
    if (db->handle && sqlite3_system_errno(db->handle) > 0) {
        out_str(&out, ", system error ");
        out_u64(&out, (uint64_t)sqlite3_system_errno(db->handle));
    }
    return err;
}

enum err db_damaged(struct db *db, struct span what)
{
    struct out out;
    out_begin(&out, db->detail, sizeof db->detail);
    out_put(&out, what.len < sizeof db->detail ? what : span_first(what, sizeof db->detail - 1));
    return ERR_STORE_DAMAGED;
}

/*
 * What the file's header says about how it may be read and written is fixed by us. Were it turned
 * into "write-ahead log" or "read only" by a damage, SQLite would believe it.
 */
static enum err db_judge_header(struct db *db)
{
    static const uint8_t ours[] = {'S', 'Q', 'L', 'i', 't', 'e', ' ', 'f', 'o', 'r',
                                   'm', 'a', 't', ' ', '3', 0,   16,  0,   1,   1};
    uint8_t header[sizeof ours];
    sqlite3_file *file = NULL;
    sqlite3_int64 size = 0;
    TRY(db_result(db, sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_FILE_POINTER, &file)));
    TRY(db_result(db, file->pMethods->xFileSize(file, &size)));
    if (size == 0) {
        return ERR_OK;
    }
    if (size < (sqlite3_int64)sizeof header) {
        return db_damaged(db, span_str("the file is too short"));
    }
    TRY(db_result(db, file->pMethods->xRead(file, header, (int)sizeof header, 0)));
    return memcmp(header, ours, sizeof ours) == 0
               ? ERR_OK
               : db_damaged(db, span_str("the file's header is not ours"));
}

/* Nothing that a file brings along may run: no triggers, no views, no functions in its schema. */
static enum err db_restrict(struct db *db)
{
    static const int off[] = {SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_TRIGGER,
                              SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_DQS_DDL,
                              SQLITE_DBCONFIG_DQS_DML};
    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++) {
        TRY(db_result(db, sqlite3_db_config(db->handle, off[i], 0, (int *)NULL)));
    }
    return db_result(db, sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL));
}

enum err db_open(struct db *db, const char *path, enum db_use use, int wait_ms)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= use == DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    CHECK(!db->handle);
    db->detail[0] = '\0';
    enum err err = db_result(db, sqlite3_open_v2(path, &db->handle, flags, NULL));
    err = err == ERR_OK ? db_judge_header(db) : err;
    err = err == ERR_OK ? db_restrict(db) : err;
    err = err == ERR_OK ? db_result(db, sqlite3_busy_timeout(db->handle, wait_ms)) : err;
    err = err == ERR_OK ? db_script(db, "PRAGMA cell_size_check = ON;"
                                        "PRAGMA foreign_keys = ON;"
                                        "PRAGMA mmap_size = 0;"
                                        "PRAGMA temp_store = MEMORY;")
                        : err;
    if (err == ERR_OK && use == DB_WRITE) {
        /* EXTRA is FULL, and the folder is synced too when the journal is gone. What is deleted is
         * overwritten: a password that was replaced has no business in the file. */
        err = db_script(db, "PRAGMA page_size = 4096;"
                            "PRAGMA synchronous = EXTRA;"
                            "PRAGMA secure_delete = ON;");
    }
    if (err != ERR_OK) {
        db_close(db);
    }
    return err;
}

void db_close(struct db *db)
{
    /* Busy only with statements that were not finalised: db_run always does. */
    CHECK(sqlite3_close(db->handle) == SQLITE_OK);
    db->handle = NULL;
}

static int db_bind(sqlite3_stmt *statement, int place, const struct db_value *value)
{
    CHECK(value->bytes.len <= INT_MAX);
    /* SQLite takes a pointer to nothing as NULL. */
    const void *at = value->bytes.at ? (const void *)value->bytes.at : "";
    int len = (int)value->bytes.len;
    if (value->type == DB_NUMBER) {
        return sqlite3_bind_int64(statement, place, (sqlite3_int64)value->number);
    }
    return value->type == DB_TEXT ? sqlite3_bind_text(statement, place, at, len, SQLITE_STATIC)
                                  : sqlite3_bind_blob(statement, place, at, len, SQLITE_STATIC);
}

static enum err db_run_prepared(struct db *db, sqlite3_stmt *prepared,
                                const struct db_statement *statement)
{
    int code;
    for (size_t i = 0; i < statement->count; i++) {
        TRY(db_result(db, db_bind(prepared, (int)i + 1, &statement->values[i])));
    }
    while ((code = sqlite3_step(prepared)) == SQLITE_ROW) {
        if (statement->row) {
            TRY(statement->row(statement->context, prepared));
        }
    }
    return db_result(db, code);
}

enum err db_run(struct db *db, const struct db_statement *statement)
{
    sqlite3_stmt *prepared = NULL;
    CHECK(db->handle);
    TRY(db_result(db, sqlite3_prepare_v2(db->handle, statement->sql, -1, &prepared, NULL)));
    enum err err = db_run_prepared(db, prepared, statement);
    (void)sqlite3_finalize(prepared); /* says again what step said */
    return err;
}

enum err db_do(struct db *db, const char *sql)
{
    return db_run(db, &(struct db_statement){.sql = sql});
}

enum err db_script(struct db *db, const char *sql)
{
    return db_result(db, sqlite3_exec(db->handle, sql, NULL, NULL, NULL));
}

enum err db_put(struct db *db, const char *sql, uint64_t number)
{
    const struct db_value value = db_number(number);
    return db_run(db, &(struct db_statement){.sql = sql, .values = &value, .count = 1});
}

static enum err db_take_number(void *context, sqlite3_stmt *row)
{
    uint64_t *number = context;
    *number = db_column_number(row, 0);
    return ERR_OK;
}

enum err db_get(struct db *db, const char *sql, uint64_t *number)
{
    *number = 0;
    return db_run(db, &(struct db_statement){.sql = sql, .row = db_take_number, .context = number});
}

bool db_changed(const struct db *db)
{
    return sqlite3_changes(db->handle) > 0;
}

uint64_t db_column_number(sqlite3_stmt *row, int column)
{
    return (uint64_t)sqlite3_column_int64(row, column);
}

struct span db_column(sqlite3_stmt *row, int column)
{
    const void *at = sqlite3_column_blob(row, column);
    int len = sqlite3_column_bytes(row, column);
    bool null = sqlite3_column_type(row, column) == SQLITE_NULL;
    return span_of(at || null ? at : "", (size_t)len); /* no bytes are no pointer to SQLite */
}

enum err db_copy(struct db *from, struct db *to)
{
    TRY(db_do(to, "PRAGMA journal_mode = MEMORY")); /* what is half copied is thrown away */
    sqlite3_backup *backup = sqlite3_backup_init(to->handle, "main", from->handle, "main");
    if (!backup) {
        return db_result(to, sqlite3_extended_errcode(to->handle));
    }
    int code = sqlite3_backup_step(backup, -1);
    int finish = sqlite3_backup_finish(backup);
    return db_result(to, code == SQLITE_DONE ? finish : code);
}
