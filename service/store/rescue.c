/*
 * The good copy, and what happens when the file itself is not to be believed any more. Whoever
 * changes the store renews the copy before he gives the lock back, so that a rescue loses nothing;
 * where he could not, what is lost is counted and stands in the history. Every step can be the last
 * one of this process: whatever is left leads the next one to the same end.
 */
#include "store/inside.h"
#include "store/schema.h"

#include "base/when.h"
#include "sys/sys.h"

/* An empty file of that name, open for writing; nothing is left of an earlier one. */
static enum err rescue_create(const char *path, struct db *db)
{
    enum err err = files_remove(path);
    if (err != ERR_OK && err != ERR_ABSENT) {
        return err;
    }
    TRY(files_create(path));
    return db_open(db, path, DB_WRITE, 0);
}

static enum err rescue_beside(const char *path, const char *ending, char beside[PATHS_MAX])
{
    struct out out;
    out_begin(&out, beside, PATHS_MAX);
    out_str(&out, path);
    out_str(&out, ending);
    return out_end(&out);
}

/* ---- the history of a rescue ---- */

/*
 * The revision of a file that is not to be believed: what its two places for it agree on, which a
 * damage does not hit alike. 0: not known.
 */
static uint64_t rescue_find_revision(struct store *store)
{
    uint64_t revision = 0;
    struct db db = {.handle = NULL};
    enum err err = db_open(&db, store->file, DB_READ, 0);
    err = err == ERR_OK ? db_get(&db,
                                 "SELECT revision FROM meta"
                                 " WHERE revision = (SELECT max(revision) FROM history)",
                                 &revision)
                        : err;
    db_close(&db);
    return err == ERR_OK ? revision : 0;
}

static void rescue_put_revision(uint64_t revision, const char *what, struct out *out)
{
    out_str(out, revision > 0 ? "revision " : "");
    if (revision > 0) {
        out_u64(out, revision);
        out_str(out, ", ");
    }
    out_str(out, what);
}

/*
 * A revision of its own, above all that are known, and a line in the history: who looks there sees
 * from when to when changes are missing.
 */
static enum err rescue_record(struct store *store, struct db *db, struct store_rescue *rescue)
{
    char who[PATHS_USER_MAX], old_place[64], new_place[64];
    struct out old, new;
    TRY(db_get(db, "SELECT revision FROM meta", &rescue->back));
    rescue->revision = (rescue->was > rescue->back ? rescue->was : rescue->back) + 1;
    out_begin(&old, old_place, sizeof old_place);
    out_begin(&new, new_place, sizeof new_place);
    rescue_put_revision(rescue->was, rescue->aside[0] ? "damaged" : "missing", &old);
    rescue_put_revision(rescue->back, rescue->from_good ? "gateway.db.good" : "empty", &new);
    paths_user(who);
    const struct db_value values[] = {
        db_number(rescue->revision),       db_number(sys_unix_ms()), db_text(span_str(who)),
        db_text(span_str(store->program)), db_text(out_span(&old)),  db_text(out_span(&new))};
    TRY(db_run(db, &(struct db_statement){
                       .sql = "INSERT INTO history (revision, time, who, program, what, old, new)"
                              " VALUES (?1, ?2, ?3, ?4, 'store', ?5, ?6)",
                       .values = values,
                       .count = sizeof values / sizeof values[0]}));
    return schema_seal(db, rescue->revision);
}

void store_print_rescue(const struct store_rescue *rescue, struct out *out)
{
    out_str(out, rescue->aside[0] ? "the configuration was damaged" : "the configuration was lost");
    if (rescue->from_good) {
        out_str(out, "; its good copy, of revision ");
        out_u64(out, rescue->back);
        out_str(out, ", took its place: ");
    } else {
        out_str(out, ", and there is no good copy: all settings are at their defaults, and "
                     "everything is refused until hosts are added again");
    }
    if (rescue->from_good && rescue->was >= rescue->back) {
        out_str(out, rescue->was == rescue->back ? "nothing is lost" : "changes that are lost: ");
        if (rescue->was > rescue->back) {
            out_u64(out, rescue->was - rescue->back);
        }
    } else if (rescue->from_good) {
        out_str(out, "changes made after it, if there were any, are lost");
    }
    if (rescue->aside[0]) {
        out_str(out, "; the damaged file is kept as ");
        out_escaped(out, span_str(rescue->aside));
    }
}

/* ---- copies ---- */

/* The content of `from`, proven; NULL: an empty store. */
static enum err rescue_fill(struct db *from, struct db *to)
{
    enum schema_state state;
    if (from) {
        TRY(db_copy(from, to));
    }
    TRY(schema_judge(to, schema_count, &state));
    if (from && state == SCHEMA_EMPTY) {
        return db_damaged(to, span_str("the good copy is empty"));
    }
    return state == SCHEMA_EMPTY ? ERR_OK : schema_verify(to);
}

/* What a rescue adds to what took the damaged file's place. */
static enum err rescue_finish(struct store *store, struct db *db, struct store_rescue *rescue)
{
    enum schema_state state;
    TRY(db_do(db, "BEGIN IMMEDIATE"));
    TRY(schema_judge(db, schema_count, &state));
    if (state != SCHEMA_CURRENT) {
        TRY(schema_migrate(db, schema_steps, schema_count));
    }
    TRY(rescue_record(store, db, rescue));
    return db_do(db, "COMMIT");
}

/*
 * A file under the path's name with `.new`, which then takes its place, proven or not at all. With
 * a rescue the path is the store's own file.
 */
static enum err rescue_replace(struct store *store, struct db *from, const char *path,
                               struct store_rescue *rescue)
{
    char beside[PATHS_MAX];
    struct db *copy = &store->copy;
    TRY(rescue_beside(path, ".new", beside));
    store->failed_db = copy;
    enum err err = rescue_create(beside, copy);
    err = err == ERR_OK ? rescue_fill(from, copy) : err;
    err = err == ERR_OK && rescue ? rescue_finish(store, copy, rescue) : err;
    db_close(copy);
    return err == ERR_OK ? files_rename(beside, path) : err;
}

enum err store_renew_good(struct store *store, struct db *from)
{
    CHECK(store->lock.taken);
    return rescue_replace(store, from, store->good, NULL);
}

static enum err rescue_read_state(struct db *db, uint64_t *revision, uint64_t *sum)
{
    TRY(db_get(db, "SELECT revision FROM meta", revision));
    return db_get(db, "SELECT sum FROM meta", sum);
}

/* Whether the good copy is one of what is open there, and proven. */
static bool rescue_is_kept(struct store *store, struct db *from)
{
    uint64_t revision, sum, kept_revision, kept_sum;
    struct db *good = &store->copy;
    enum schema_state state;
    enum err err = rescue_read_state(from, &revision, &sum);
    err = err == ERR_OK ? db_open(good, store->good, DB_READ, 0) : err;
    err = err == ERR_OK ? schema_judge(good, schema_count, &state) : err;
    err = err == ERR_OK && state != SCHEMA_CURRENT ? ERR_STORE_DAMAGED : err;
    err = err == ERR_OK ? schema_verify(good) : err;
    err = err == ERR_OK ? rescue_read_state(good, &kept_revision, &kept_sum) : err;
    db_close(good);
    return err == ERR_OK && revision == kept_revision && sum == kept_sum;
}

/* Whoever holds the lock is about to renew the copy himself. */
static enum err rescue_keep(struct store *store)
{
    uint64_t version;
    TRY(db_get(&store->read, "PRAGMA data_version", &version));
    if (version != store->data_version) {
        return ERR_STORE_BUSY;
    }
    enum err err = files_lock_try(&store->lock, store->lock_file);
    if (err != ERR_OK) {
        return err == ERR_EXISTS ? ERR_STORE_BUSY : err;
    }
    if (!rescue_is_kept(store, &store->read)) {
        err = store_renew_good(store, &store->read);
    }
    store_give_lock(store);
    return err;
}

enum err store_keep_good(struct store *store)
{
    CHECK(!store->changing);
    if (!store->is_loaded || !store->read.handle) {
        return store->is_loaded ? ERR_OK : ERR_STORE_BUSY; /* OK: nothing was ever changed */
    }
    store->failed_db = &store->read;
    TRY(db_do(&store->read, "BEGIN"));
    enum err err = rescue_keep(store);
    store_end_read(store);
    return err;
}

/* ---- setting aside ---- */

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
static enum err rescue_from_good(struct store *store, struct store_rescue *rescue)
{
    char aside[PATHS_MAX];
    struct files_identity good;
    rescue->from_good = false;
    enum err err = files_identify(store->good, &good);
    if (err != ERR_OK) {
        return err == ERR_ABSENT ? ERR_OK : err;
    }
    rescue->from_good = true;
    store->failed_db = &store->read;
    err = db_open(&store->read, store->good, DB_READ, 0);
    err = err == ERR_OK ? rescue_replace(store, &store->read, store->file, rescue) : err;
    db_close(&store->read);
    if (err != ERR_STORE_DAMAGED) {
        return err;
    }
    rescue->from_good = false;
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
    rescue.was = rescue_find_revision(store);
    TRY(rescue_name(store->file, rescue.aside));
    TRY(rescue_beside(rescue.aside, "-journal", journal));
    /* The journal first: it must never be there when another file gets its name. */
    TRY(rescue_move(store->journal, journal, &was_there));
    enum err err = rescue_move(store->file, rescue.aside, &was_there);
    if (err == ERR_IN_USE) { /* on Windows; the gateway lets it go when it sees the damage itself */
        TRY(rescue_move(journal, store->journal, &was_there));
        TRY(files_touch(store->file));
        return ERR_STORE_HELD;
    }
    TRY(err);
    if (!was_there) {
        rescue.aside[0] = '\0';
    }
    TRY(rescue_from_good(store, &rescue));
    if (!rescue.from_good) {
        TRY(rescue_replace(store, NULL, store->file, &rescue));
    }
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
