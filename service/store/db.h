/*
 * SQLite in the few words the store needs: open a file with everything dangerous switched off, run
 * a statement with values, visit its rows, copy a file. All results are enum err; what SQLite said
 * beside is kept as text. For files of store/ alone.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/span.h"

#include <sqlite3.h>

enum { DB_DETAIL_MAX = 200 };

struct db {
    sqlite3 *handle; /* NULL: not open */
    int code;        /* SQLite's extended result of the last call that failed */
    char detail[DB_DETAIL_MAX];
};

/* Reading never waits for a writer and never writes, not even to finish a killed writer's work. */
enum db_use { DB_READ, DB_WRITE };

/* One value of a statement. */
struct db_value {
    enum { DB_NUMBER, DB_TEXT, DB_BLOB } type;
    struct span bytes;
    uint64_t number;
};

struct db_value db_number(uint64_t number);
struct db_value db_text(struct span text);
struct db_value db_blob(struct span bytes);

struct db_statement {
    const char *sql;
    size_t count; /* of the values */
    const struct db_value *values;
    enum err (*row)(void *context, sqlite3_stmt *row); /* NULL: its rows do not matter */
    void *context;
};

/* The file must be there. ERR_STORE_DAMAGED also for a header that we never write. */
MUST_CHECK enum err db_open(struct db *db, const char *path, enum db_use use, int wait_ms);
void db_close(struct db *db); /* rolls back what is open; fine when it is not open */

MUST_CHECK enum err db_run(struct db *db, const struct db_statement *statement);
MUST_CHECK enum err db_do(struct db *db, const char *sql);     /* one statement without values */
MUST_CHECK enum err db_script(struct db *db, const char *sql); /* several */
MUST_CHECK enum err db_put(struct db *db, const char *sql, uint64_t number); /* one, its ?1 */
/* The one number that a statement gives; 0 where it gives no row. */
MUST_CHECK enum err db_get(struct db *db, const char *sql, uint64_t *number);

/* Whether the last INSERT, UPDATE or DELETE did anything. */
bool db_changed(const struct db *db);

/* The columns of a row; the span lives until the visit of the row ends. */
uint64_t db_column_number(sqlite3_stmt *row, int column);
struct span db_column(sqlite3_stmt *row, int column); /* at is NULL for NULL */

/* Copies the whole content of one open file into another one that is empty, and syncs it. */
MUST_CHECK enum err db_copy(struct db *from, struct db *to);

/* Notes what is wrong where SQLite itself saw nothing: ERR_STORE_DAMAGED. */
MUST_CHECK enum err db_damaged(struct db *db, struct span what);

#endif
