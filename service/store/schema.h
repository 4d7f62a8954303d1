/*
 * The tables of gateway.db, and how a file of an older version gets them. For files of store/
 * alone.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/db.h"

/*
 * One step makes version n of version n - 1; the first makes a file from nothing. A step that was
 * released is never changed again: a file in the world has gone through it.
 */
struct schema_step {
    const char *sql;
    const char *why;
};

extern const struct schema_step schema_steps[];
extern const size_t schema_count; /* and so the version of this program */

enum schema_state { SCHEMA_EMPTY, SCHEMA_OLDER, SCHEMA_CURRENT };

/* What the file is to a program with `count` steps. ERR_STORE_NEWER, ERR_STORE_DAMAGED. */
MUST_CHECK enum err schema_judge(struct db *db, size_t count, enum schema_state *state);

/* Goes the steps that are missing, inside the caller's transaction. */
MUST_CHECK enum err schema_migrate(struct db *db, const struct schema_step *steps, size_t count);

/*
 * Proves that what is in the file is what was written: the structure by SQLite's integrity check,
 * the contents by the sum that the last change left. All versions so far sum the same columns.
 * ERR_STORE_DAMAGED.
 */
MUST_CHECK enum err schema_verify(struct db *db);

/* Writes revision and sum of the contents as they are now: the last act of every change. */
MUST_CHECK enum err schema_seal(struct db *db, uint64_t revision);

#endif
