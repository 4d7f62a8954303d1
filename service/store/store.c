/*
 * store.h: a store's life, loading and polling. The rows it hands out are read inside one
 * transaction on a file that look.c has proven.
 */
#include "store/inside.h"

#include <stdlib.h>
#include <string.h>

static const char *const store_kinds[] = {"host", "certificate"};
static const char *const store_origins[] = {
#define ORIGIN(name, word) word,
#include "policy/origins.def"
#undef ORIGIN
};

enum {
    STORE_KINDS = sizeof store_kinds / sizeof store_kinds[0],
    STORE_ORIGINS = sizeof store_origins / sizeof store_origins[0]
};

const char *store_kind_name(enum store_kind kind)
{
    CHECK((unsigned)kind < STORE_KINDS);
    return store_kinds[kind];
}

const char *store_origin_name(enum store_origin origin)
{
    CHECK((unsigned)origin < STORE_ORIGINS);
    return store_origins[origin];
}

static enum err store_name_files(struct store *store, const struct store_setup *setup)
{
    struct out out;
    out_begin(&out, store->program, sizeof store->program);
    out_str(&out, setup->program);
    TRY(out_end(&out));
    TRY(paths_join(setup->folder, "", store->folder));
    TRY(paths_join(setup->folder, "gateway.db", store->file));
    TRY(paths_join(setup->folder, "gateway.db.good", store->good));
    TRY(paths_join(setup->folder, "gateway.db-journal", store->journal));
    return paths_join(setup->folder, "gateway.lock", store->lock_file);
}

enum err store_open(const struct store_setup *setup, struct store **store)
{
    struct store *fresh = calloc(1, sizeof *fresh);
    *store = NULL;
    if (!fresh) {
        return ERR_MEMORY;
    }
    fresh->use = setup->use;
    fresh->waits = setup->use == STORE_COMMAND;
    fresh->failed_db = &fresh->read;
    enum err err = store_name_files(fresh, setup);
    if (err != ERR_OK) {
        free(fresh);
        return err;
    }
    *store = fresh;
    return ERR_OK;
}

void store_close(struct store *store)
{
    if (store) {
        db_close(&store->write);
        db_close(&store->read);
        store_give_lock(store);
        free(store);
    }
}

const char *store_folder(const struct store *store)
{
    return store->folder;
}

const char *store_detail(const struct store *store)
{
    return store->failed_db->detail;
}

/* ---- visiting ---- */

struct visit {
    struct db *db;
    const struct store_visitor *visitor;
    enum err (*event)(void *context, const struct store_event *event); /* who gets them now */
};

static enum err visit_setting(void *context, sqlite3_stmt *row)
{
    const struct visit *visit = context;
    struct store_setting setting = {db_column(row, 0), db_column(row, 1)};
    return visit->visitor->setting(visit->visitor->context, &setting);
}

/* The place of a name in a table of names; `count` where it is none. */
static size_t visit_find(const char *const *names, size_t count, struct span name)
{
    size_t i = 0;
    while (i < count && !span_is(name, names[i])) {
        i++;
    }
    return i;
}

bool store_find_origin(struct span name, enum store_origin *origin)
{
    size_t found = visit_find(store_origins, STORE_ORIGINS, name);
    *origin = (enum store_origin)(found < STORE_ORIGINS ? found : 0);
    return found < STORE_ORIGINS;
}

static enum err visit_rule(void *context, sqlite3_stmt *row)
{
    const struct visit *visit = context;
    size_t kind = visit_find(store_kinds, STORE_KINDS, db_column(row, 1));
    enum store_origin origin;
    if (kind == STORE_KINDS || !store_find_origin(db_column(row, 3), &origin)) {
        return db_damaged(visit->db, span_str("a rule of an unknown kind"));
    }
    struct store_rule rule = {
        .id = db_column_number(row, 0),
        .kind = (enum store_kind)kind,
        .origin = origin,
        .value = db_column(row, 2),
        .comment = db_column(row, 4),
        .time_ms = db_column_number(row, 5),
    };
    return visit->visitor->rule(visit->visitor->context, &rule);
}

static enum err visit_relay(void *context, sqlite3_stmt *row)
{
    const struct visit *visit = context;
    struct store_relay relay = {db_column(row, 0), db_column(row, 1), db_column(row, 2)};
    return visit->visitor->relay(visit->visitor->context, &relay);
}

static enum err visit_event(void *context, sqlite3_stmt *row)
{
    const struct visit *visit = context;
    struct store_event event = {
        .revision = db_column_number(row, 0),
        .time_ms = db_column_number(row, 1),
        .who = db_column(row, 2),
        .program = db_column(row, 3),
        .what = db_column(row, 4),
        .old = db_column(row, 5),
        .new = db_column(row, 6),
    };
    return visit->event(visit->visitor->context, &event);
}

#define VISIT_EVENTS "SELECT revision, time, who, program, what, old, new FROM history"

/* Everything in the file to the visitor; the connection has a transaction open. */
static enum err store_visit(struct db *db, const struct store_visitor *visitor, uint64_t *revision)
{
    struct visit visit = {.db = db, .visitor = visitor};
    const struct {
        bool wanted;
        const char *sql;
        enum err (*row)(void *context, sqlite3_stmt *row);
        bool since;
    } parts[] = {
        {visitor->setting, "SELECT name, value FROM setting ORDER BY name", visit_setting, false},
        /* From the table, which the sum proves: of its index no letter's case is proven. */
        {visitor->rule,
         "SELECT id, kind, value, origin, comment, time FROM rule NOT INDEXED"
         " ORDER BY kind, value, origin",
         visit_rule, false},
        {visitor->relay, "SELECT url, username, password FROM relay", visit_relay, false},
        {visitor->event, VISIT_EVENTS " ORDER BY id DESC", visit_event, false},
        {visitor->change, VISIT_EVENTS " WHERE revision > ?1 ORDER BY id", visit_event, true},
    };
    const struct db_value since = db_number(visitor->since);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].wanted) {
            visit.event = parts[i].since ? visitor->change : visitor->event;
            TRY(db_run(db, &(struct db_statement){.sql = parts[i].sql,
                                                  .count = parts[i].since,
                                                  .values = &since,
                                                  .row = parts[i].row,
                                                  .context = &visit}));
        }
    }
    return db_get(db, "SELECT revision FROM meta", revision);
}

/* ---- loading ---- */

void store_wait(struct store *store, bool wait)
{
    store->waits = wait;
}

/* Whoever may not lock can still read. */
static enum err store_wait_for_change(struct store *store)
{
    struct files_identity now;
    if (!store->waits || files_identify(store->file, &now) != ERR_OK) {
        return ERR_OK; /* nothing to wait for, and reading makes no files */
    }
    enum err err = store_take_lock(store);
    return err == ERR_DENIED ? ERR_OK : err;
}

enum err store_load(struct store *store, const struct store_visitor *visitor, uint64_t *revision)
{
    *revision = 0;
    if (store->changing) {
        return store_visit(&store->write, visitor, revision);
    }
    store->is_loaded = false;
    TRY(store_wait_for_change(store));
    enum err err = store_look_read(store);
    if (err == ERR_OK && store->read.handle) {
        err = store_visit(&store->read, visitor, revision);
        store_end_read(store);
    }
    store_give_lock(store);
    store->is_loaded = err == ERR_OK;
    return err;
}

void store_forget(struct store *store)
{
    store->is_loaded = false;
}

static bool store_same(const struct files_identity *a, const struct files_identity *b)
{
    return a->volume == b->volume && a->file == b->file && a->size == b->size &&
           a->changed_ns == b->changed_ns;
}

enum store_news store_poll(struct store *store)
{
    struct files_identity now = {0};
    uint64_t version;
    enum err err = files_identify(store->file, &now);
    if (!store->is_loaded || (err != ERR_OK && err != ERR_ABSENT) ||
        !store_same(&now, &store->loaded)) {
        return STORE_CHANGED;
    }
    if (!store->read.handle) {
        return STORE_SAME;
    }
    err = db_get(&store->read, "PRAGMA data_version", &version);
    if (err == ERR_STORE_BUSY) {
        return STORE_BUSY;
    }
    return err == ERR_OK && version == store->data_version ? STORE_SAME : STORE_CHANGED;
}
