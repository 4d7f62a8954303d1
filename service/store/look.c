/*
 * Looking at the file before anything in it is believed. Owns the two ways to come to a proven
 * file, for reading and for writing, and the second look that a damage needs before anybody acts
 * on it. Knows nothing of rows.
 */
#include "store/inside.h"
#include "store/schema.h"

#include <string.h>

enum err store_take_lock(struct store *store)
{
    int32_t wait_ms = store->use == STORE_COMMAND ? (int32_t)FILES_WAIT_EVER : STORE_WAIT_MS;
    enum err err = files_lock_take(&store->lock, store->lock_file, wait_ms);
    return err == ERR_EXISTS ? ERR_STORE_BUSY : err;
}

void store_give_lock(struct store *store)
{
    if (store->lock.taken) {
        files_lock_give(&store->lock);
    }
}

void store_end_read(struct store *store)
{
    if (store->read.handle && db_do(&store->read, "ROLLBACK") != ERR_OK) {
        db_close(&store->read);
    }
}

/*
 * The file's identity, all zero where there is none. A file that is missing or empty beside a good
 * copy was lost; without one there never was a change.
 */
static enum err look_identify(struct store *store, struct db *db, struct files_identity *identity)
{
    struct files_identity good;
    enum err err = files_identify(store->file, identity);
    if (err == ERR_ABSENT) {
        memset(identity, 0, sizeof *identity);
        err = ERR_OK;
    }
    if (err != ERR_OK || identity->size > 0) {
        return err;
    }
    err = files_identify(store->good, &good);
    if (err == ERR_OK) {
        return db_damaged(db, span_str("the file is missing, but gateway.db.good is there"));
    }
    return err == ERR_ABSENT ? ERR_OK : err;
}

/* ---- reading ---- */

/* What a connection remembers of the file is no proof of it: each look has one of its own. */
static enum err look_open_read(struct store *store)
{
    struct files_identity now;
    db_close(&store->read);
    TRY(look_identify(store, &store->read, &now));
    store->loaded = now;
    if (now.size == 0) {
        return ERR_OK;
    }
    store->opened = now; /* taken before: a file that came between is seen by the next poll */
    return db_open(&store->read, store->file, DB_READ,
                   store->use == STORE_COMMAND ? STORE_WAIT_MS : 0);
}

/* With the transaction open nobody can write: what is known now is known of what is read. */
static enum err look_prove_read(struct store *store, enum schema_state *state)
{
    TRY(db_do(&store->read, "BEGIN"));
    TRY(schema_judge(&store->read, schema_count, state));
    if (*state != SCHEMA_CURRENT) {
        return ERR_OK;
    }
    TRY(db_get(&store->read, "PRAGMA data_version", &store->data_version));
    TRY(files_identify(store->file, &store->loaded));
    store->loaded.volume = store->opened.volume;
    store->loaded.file = store->opened.file;
    return schema_verify(&store->read);
}

/* One look; `unsettled`: somebody must write before anybody can read. */
static enum err look_read_once(struct store *store, bool *unsettled)
{
    enum schema_state state = SCHEMA_EMPTY;
    enum err err = look_open_read(store);
    if (err == ERR_OK && store->read.handle) {
        err = look_prove_read(store, &state);
    }
    *unsettled = (err == ERR_OK && state == SCHEMA_OLDER) ||
                 (err == ERR_DENIED && store->read.code == SQLITE_READONLY_ROLLBACK);
    if (err != ERR_OK || state != SCHEMA_CURRENT) {
        store->failed_db = &store->read;
        db_close(&store->read);
    }
    return err;
}

static enum err look_prove_write(struct store *store)
{
    struct files_identity now;
    enum schema_state state;
    TRY(look_identify(store, &store->write, &now));
    if (now.size == 0) {
        TRY(files_create(store->file));
    }
    TRY(db_open(&store->write, store->file, DB_WRITE, STORE_WAIT_MS));
    TRY(db_do(&store->write, "BEGIN IMMEDIATE"));
    TRY(schema_judge(&store->write, schema_count, &state));
    if (state != SCHEMA_EMPTY) {
        TRY(schema_verify(&store->write));
    }
    return state == SCHEMA_CURRENT ? ERR_OK
                                   : schema_migrate(&store->write, schema_steps, schema_count);
}

static enum err look_write_once(struct store *store)
{
    enum err err = look_prove_write(store);
    if (err != ERR_OK) {
        store->failed_db = &store->write;
        db_close(&store->write);
    }
    return err;
}

/* A killed program's half change is taken back, an older file brought up to date. */
static enum err look_settle(struct store *store)
{
    bool mine = !store->lock.taken;
    if (mine) {
        TRY(store_take_lock(store));
    }
    enum err err = look_write_once(store);
    err = err == ERR_OK ? db_do(&store->write, "COMMIT") : err;
    db_close(&store->write);
    if (mine) {
        store_give_lock(store);
    }
    return err;
}

static enum err look_read_settled(struct store *store)
{
    bool unsettled;
    enum err err = look_read_once(store, &unsettled);
    if (unsettled) {
        TRY(look_settle(store));
        err = look_read_once(store, &unsettled);
    }
    return err;
}

enum err store_look_read(struct store *store)
{
    enum err err = look_read_settled(store);
    if (err != ERR_STORE_DAMAGED) {
        return err;
    }
    /* The second look is at a file that nobody writes, with nothing remembered. */
    bool mine = store->use == STORE_SERVICE && !store->lock.taken;
    if (mine) {
        TRY(store_take_lock(store));
    }
    err = look_read_settled(store);
    if (err == ERR_STORE_DAMAGED && store->use == STORE_SERVICE) {
        err = store_set_aside(store);
        err = err == ERR_OK ? look_read_settled(store) : err;
    }
    if (mine) {
        store_give_lock(store);
    }
    return err;
}

/* ---- writing ---- */

enum err store_look_write(struct store *store)
{
    CHECK(store->lock.taken);
    enum err err = look_write_once(store);
    err = err == ERR_STORE_DAMAGED ? look_write_once(store) : err;
    if (err == ERR_STORE_DAMAGED) {
        TRY(store_set_aside(store));
        err = look_write_once(store);
    }
    return err;
}
