/*
 * The good copy, and what happens when the file itself is not to be believed any more. Every step
 * can be the last one of this process: whatever is left leads the next one to the same end.
 */
#include "store/inside.h"
#include "store/schema.h"

#include "base/when.h"
#include "sys/sys.h"

/* A copy of `from` at `path`, open for writing; nothing is left of an earlier one. */
static enum err rescue_copy(struct db *from, const char *path, struct db *copy)
{
    enum err err = files_remove(path);
    if (err != ERR_OK && err != ERR_ABSENT) {
        return err;
    }
    TRY(files_create(path));
    TRY(db_open(copy, path, DB_WRITE, 0));
    return db_copy(from, copy);
}

static enum err rescue_beside(const char *path, const char *ending, char beside[PATHS_MAX])
{
    struct out out;
    out_begin(&out, beside, PATHS_MAX);
    out_str(&out, path);
    out_str(&out, ending);
    return out_end(&out);
}

/* The copy under the path's name with `.new`, which then takes its place, proven or not at all. */
static enum err rescue_replace(struct store *store, struct db *from, const char *path)
{
    char beside[PATHS_MAX];
    enum schema_state state;
    TRY(rescue_beside(path, ".new", beside));
    store->failed_db = &store->write;
    enum err err = rescue_copy(from, beside, &store->write);
    err = err == ERR_OK ? schema_judge(&store->write, schema_count, &state) : err;
    if (err == ERR_OK && state == SCHEMA_EMPTY) {
        err = db_damaged(&store->write, span_str("the good copy is empty"));
    }
    err = err == ERR_OK ? schema_verify(&store->write, state) : err;
    db_close(&store->write);
    return err == ERR_OK ? files_rename(beside, path) : err;
}

enum err store_keep_good(struct store *store)
{
    uint64_t version;
    CHECK(!store->changing);
    if (!store->is_loaded || !store->read.handle) {
        return store->is_loaded ? ERR_OK : ERR_STORE_BUSY; /* OK: nothing was ever changed */
    }
    store->failed_db = &store->read;
    TRY(db_do(&store->read, "BEGIN"));
    enum err err = db_get(&store->read, "PRAGMA data_version", &version);
    if (err == ERR_OK && version != store->data_version) {
        err = ERR_STORE_BUSY;
    }
    err = err == ERR_OK ? rescue_replace(store, &store->read, store->good) : err;
    store_end_read(store);
    return err;
}

/* "PATH.damaged-2026-11-21T10-00-00.123Z", with no colon: Windows takes none in a name. */
static enum err rescue_name(const char *path, char aside[PATHS_MAX])
{
    struct out out;
    out_begin(&out, aside, PATHS_MAX);
    out_str(&out, path);
    out_str(&out, ".damaged-");
    size_t at = out.len;
    when_print(sys_unix_ms(), &out);
    for (; at < out.len; at++) {
        aside[at] = aside[at] == ':' ? '-' : aside[at];
    }
    return out_end(&out);
}

/* Renames what is there. */
static enum err rescue_move(const char *from, const char *to, bool *was_there)
{
    enum err err = files_rename(from, to);
    *was_there = err == ERR_OK;
    return err == ERR_ABSENT ? ERR_OK : err;
}

/* A good copy that is none goes out of the way too; of those the last is enough. */
static enum err rescue_from_good(struct store *store, bool *from_good)
{
    char aside[PATHS_MAX];
    struct files_identity good;
    *from_good = false;
    enum err err = files_identify(store->good, &good);
    if (err != ERR_OK) {
        return err == ERR_ABSENT ? ERR_OK : err;
    }
    store->failed_db = &store->read;
    err = db_open(&store->read, store->good, DB_READ, 0);
    err = err == ERR_OK ? rescue_replace(store, &store->read, store->file) : err;
    db_close(&store->read);
    *from_good = err == ERR_OK;
    if (err != ERR_STORE_DAMAGED) {
        return err;
    }
    TRY(rescue_beside(store->good, ".damaged", aside));
    return files_rename(store->good, aside);
}

enum err store_set_aside(struct store *store)
{
    struct store_rescue rescue;
    char journal[PATHS_MAX];
    bool was_there;
    CHECK(store->lock.taken);
    db_close(&store->read);
    db_close(&store->write);
    TRY(rescue_name(store->file, rescue.aside));
    TRY(rescue_beside(rescue.aside, "-journal", journal));
    /* The journal first: it must never be there when another file gets its name. */
    TRY(rescue_move(store->journal, journal, &was_there));
    TRY(rescue_move(store->file, rescue.aside, &was_there));
    if (!was_there) {
        rescue.aside[0] = '\0';
    }
    TRY(rescue_from_good(store, &rescue.from_good));
    store->rescue = rescue;
    store->was_rescued = true;
    return ERR_OK;
}

bool store_take_rescue(struct store *store, struct store_rescue *rescue)
{
    bool was = store->was_rescued;
    *rescue = store->rescue;
    store->was_rescued = false;
    return was;
}
