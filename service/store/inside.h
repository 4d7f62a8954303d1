/*
 * What a store is, for files of store/ alone: two connections, a lock, and what is known of the
 * file. The reading connection stays open from one look to the next, because SQLite tells one only
 * what others changed since it last looked; the writing one lives from begin to commit.
 */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include "base/out.h"
#include "store/db.h"
#include "store/store.h"
#include "sys/files.h"

enum {
    STORE_PROGRAM_MAX = 64,
    STORE_WAIT_MS = 30000,    /* for somebody else's change */
    STORE_HISTORY_MAX = 10000 /* events; the oldest go */
};

struct store {
    char folder[PATHS_MAX], program[STORE_PROGRAM_MAX];
    char file[PATHS_MAX], good[PATHS_MAX], journal[PATHS_MAX], lock_file[PATHS_MAX];
    enum store_use use;
    bool waits; /* for those who change, when it loads */
    struct files_lock lock;
    struct db read, write;
    struct db copy;       /* open only while one is made or looked at */
    struct db *failed_db; /* whose words store_detail gives */

    /* The file as it was opened for reading, and as it was loaded. */
    struct files_identity opened, loaded;
    bool is_loaded;
    uint64_t data_version;

    /* The open change. */
    bool changing, changed;
    enum err failed;            /* its first error: from then on nothing is done any more */
    uint64_t revision, time_ms; /* before the change; when it began */
    char who[PATHS_USER_MAX];
    enum err kept; /* what came of the copy of the last one */

    bool was_rescued;
    struct store_rescue rescue;
};

/*
 * Opens the file, looks at it, and leaves a transaction open on a connection whose file is proven;
 * damaged twice it is set aside, where that is allowed. Reading: no handle means an empty store.
 */
MUST_CHECK enum err store_look_read(struct store *store);
MUST_CHECK enum err store_look_write(struct store *store); /* the lock is held */
void store_end_read(struct store *store);                  /* ends the transaction */

/*
 * Sets the damaged file aside and puts the good copy in its place, or an empty store, with a line
 * in its history; the lock is held.
 */
MUST_CHECK enum err store_set_aside(struct store *store);
/* Makes gateway.db.good of what is open there; the lock is held. */
MUST_CHECK enum err store_renew_good(struct store *store, struct db *from);

MUST_CHECK enum err store_take_lock(struct store *store); /* a service: ERR_STORE_BUSY */
void store_give_lock(struct store *store);                /* does nothing when it is not held */

/* The origin of that name; false where it is none. */
bool store_find_origin(struct span name, enum store_origin *origin);

#endif
