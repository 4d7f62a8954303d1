/*
 * change.h. Every change of a row writes its line of history in the same statement's neighbour and
 * the same transaction; old values go from table to table and never through this program.
 */
#include "store/change.h"

#include "base/utf.h"
#include "store/inside.h"
#include "store/schema.h"
#include "sys/sys.h"

/* How a relay stands in the history: of its login is told that there is one. */
#define CHANGE_RELAY "url || iif(username = '', '', ' with a login')"

/* Remembers the first error: what came after it would be half a change. */
static enum err change_result(struct store *store, enum err err)
{
    if (err != ERR_OK) {
        store->failed = err;
        store->failed_db = &store->write;
    }
    return err;
}

/* Runs a statement whose values follow ?1 revision, ?2 time, ?3 who, ?4 program. */
static enum err change_run(struct store *store, const char *sql, const struct db_value *more,
                           size_t count)
{
    struct db_value values[8] = {db_number(store->revision + 1), db_number(store->time_ms),
                                 db_text(span_str(store->who)), db_text(span_str(store->program))};
    CHECK(store->changing && 4 + count <= sizeof values / sizeof values[0]);
    TRY(store->failed);
    for (size_t i = 0; i < count; i++) {
        values[4 + i] = more[i];
    }
    return change_result(
        store, db_run(&store->write,
                      &(struct db_statement){.sql = sql, .values = values, .count = 4 + count}));
}

/* Whether it changed anything; then the whole change is one. */
static bool change_happened(struct store *store)
{
    bool happened = db_changed(&store->write);
    store->changed = store->changed || happened;
    return happened;
}

static enum err change_check_text(struct store *store, struct span text)
{
    TRY(store->failed);
    bool well = utf_valid(text) && span_find(text, 0) == text.len;
    return change_result(store, well ? ERR_OK : ERR_UTF);
}

/* ---- begin and end ---- */

static void change_end(struct store *store)
{
    db_close(&store->write);
    store_give_lock(store);
    store->changing = false;
}

enum err store_begin(struct store *store)
{
    CHECK(!store->changing);
    TRY(files_make_folder(store->folder));
    TRY(store_take_lock(store));
    enum err err = store_look_write(store);
    err =
        err == ERR_OK ? db_get(&store->write, "SELECT revision FROM meta", &store->revision) : err;
    if (err != ERR_OK) {
        change_end(store);
        return err;
    }
    paths_user(store->who);
    store->time_ms = sys_unix_ms();
    store->failed = ERR_OK;
    store->changed = false;
    store->changing = true;
    return ERR_OK;
}

static enum err change_finish(struct store *store)
{
    TRY(store->failed);
    if (store->changed) {
        TRY(db_put(&store->write,
                   "DELETE FROM history WHERE id <= (SELECT max(id) FROM history) - ?",
                   STORE_HISTORY_MAX));
        TRY(schema_seal(&store->write, store->revision + 1));
    }
    return db_do(&store->write, "COMMIT");
}

enum err store_commit(struct store *store, uint64_t *revision)
{
    CHECK(store->changing);
    enum err err = change_result(store, change_finish(store));
    *revision = store->revision + (err == ERR_OK && store->changed ? 1 : 0);
    if (err == ERR_OK && store->changed) {
        /* It is there, whatever comes of its copy: the next change or load makes that one. */
        store->kept = store_renew_good(store, &store->write);
    }
    change_end(store);
    return err;
}

enum err store_judge_good(const struct store *store)
{
    return store->kept;
}

void store_rollback(struct store *store)
{
    if (store->changing) {
        change_end(store);
    }
}

/* ---- settings ---- */

enum err store_set_setting(struct store *store, struct span name, struct span value)
{
    const struct db_value values[] = {db_text(name), db_text(value)};
    TRY(change_check_text(store, name));
    TRY(change_check_text(store, value));
    TRY(change_run(store,
                   "INSERT INTO history (revision, time, who, program, what, old, new)"
                   " SELECT ?1, ?2, ?3, ?4, 'setting ' || ?5,"
                   " (SELECT value FROM setting WHERE name = ?5), ?6"
                   " WHERE ?6 IS NOT (SELECT value FROM setting WHERE name = ?5)",
                   values, 2));
    if (!change_happened(store)) {
        return ERR_OK;
    }
    return change_run(store,
                      "INSERT INTO setting (name, value) VALUES (?5, ?6)"
                      " ON CONFLICT (name) DO UPDATE SET value = ?6",
                      values, 2);
}

enum err store_reset_setting(struct store *store, struct span name, bool *was_set)
{
    const struct db_value values[] = {db_text(name)};
    *was_set = false;
    TRY(change_check_text(store, name));
    TRY(change_run(store,
                   "INSERT INTO history (revision, time, who, program, what, old)"
                   " SELECT ?1, ?2, ?3, ?4, 'setting ' || name, value FROM setting"
                   " WHERE name = ?5",
                   values, 1));
    *was_set = change_happened(store);
    return change_run(store, "DELETE FROM setting WHERE name = ?5", values, 1);
}

/* ---- rules ---- */

enum err store_add_rule(struct store *store, const struct store_rule *rule, bool *added)
{
    const struct db_value values[] = {
        db_text(span_str(store_kind_name(rule->kind))), db_text(rule->value),
        db_text(span_str(store_origin_name(rule->origin))), db_text(rule->comment)};
    *added = false;
    TRY(change_check_text(store, rule->value));
    TRY(change_check_text(store, rule->comment));
    TRY(change_run(store,
                   "INSERT INTO rule (kind, value, origin, comment, time)"
                   " VALUES (?5, ?6, ?7, ?8, ?2) ON CONFLICT DO NOTHING",
                   values, 4));
    *added = change_happened(store);
    if (!*added) {
        return ERR_OK;
    }
    return change_run(store,
                      "INSERT INTO history (revision, time, who, program, what, new)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                      values, 2);
}

enum err store_comment_rule(struct store *store, const struct store_rule *rule, bool *changed)
{
    const struct db_value values[] = {
        db_text(span_str(store_kind_name(rule->kind))), db_text(rule->value),
        db_text(span_str(store_origin_name(rule->origin))), db_text(rule->comment)};
    *changed = false;
    TRY(change_check_text(store, rule->value));
    TRY(change_check_text(store, rule->comment));
    TRY(change_run(store,
                   "INSERT INTO history (revision, time, who, program, what, old, new)"
                   " SELECT ?1, ?2, ?3, ?4, 'comment of ' || kind || ' ' || value, comment, ?8"
                   " FROM rule WHERE kind = ?5 AND value = ?6 AND origin = ?7 AND comment <> ?8",
                   values, 4));
    *changed = change_happened(store);
    return change_run(store,
                      "UPDATE rule SET comment = ?8"
                      " WHERE kind = ?5 AND value = ?6 AND origin = ?7 AND comment <> ?8",
                      values, 4);
}

enum err store_remove_rule(struct store *store, const struct store_rule *rule, bool *removed)
{
    const struct db_value values[] = {db_text(span_str(store_kind_name(rule->kind))),
                                      db_text(rule->value),
                                      db_text(span_str(store_origin_name(rule->origin)))};
    *removed = false;
    TRY(change_check_text(store, rule->value));
    TRY(change_run(store,
                   "INSERT INTO history (revision, time, who, program, what, old)"
                   " SELECT ?1, ?2, ?3, ?4, kind, value FROM rule"
                   " WHERE kind = ?5 AND value = ?6 AND origin = ?7",
                   values, 3));
    *removed = change_happened(store);
    return change_run(store, "DELETE FROM rule WHERE kind = ?5 AND value = ?6 AND origin = ?7",
                      values, 3);
}

struct change_found {
    bool found;
    enum store_origin origin;
};

static enum err change_take_origin(void *context, sqlite3_stmt *row)
{
    struct change_found *found = context;
    found->found = store_find_origin(db_column(row, 0), &found->origin);
    return ERR_OK;
}

enum err store_find_rule(struct store *store, enum store_kind kind, struct span value, bool *found,
                         enum store_origin *origin)
{
    const struct db_value values[] = {db_text(span_str(store_kind_name(kind))), db_text(value)};
    struct change_found row = {.found = false};
    CHECK(store->changing);
    TRY(store->failed);
    enum err err =
        db_run(&store->write,
               &(struct db_statement){.sql = "SELECT origin FROM rule WHERE kind = ? AND value = ?",
                                      .values = values,
                                      .count = 2,
                                      .row = change_take_origin,
                                      .context = &row});
    *found = row.found;
    *origin = row.origin;
    return change_result(store, err);
}

/* ---- relay ---- */

/* What a sealed password is bound to. */
static enum err change_put_context(struct span url, struct span username, struct out *context)
{
    out_str(context, "relay");
    out_char(context, '\0');
    out_put(context, url);
    out_char(context, '\0');
    out_put(context, username);
    return out_end(context);
}

static enum err change_seal(struct store *store, struct span url, struct span username,
                            struct span password, uint8_t sealed[SECRETS_SEALED_MAX], size_t *len)
{
    char room[SECRETS_CONTEXT_MAX];
    struct out context;
    *len = 0;
    if (password.len == 0) {
        return ERR_OK;
    }
    out_begin(&context, room, sizeof room);
    TRY(change_put_context(url, username, &context));
    return secrets_seal(store->folder, out_span(&context), password, sealed, len);
}

enum err store_set_relay(struct store *store, struct span url, struct span username,
                         struct span password)
{
    uint8_t sealed[SECRETS_SEALED_MAX];
    size_t len;
    TRY(change_check_text(store, url));
    TRY(change_check_text(store, username));
    TRY(change_result(store, change_seal(store, url, username, password, sealed, &len)));
    const struct db_value values[] = {db_text(url), db_text(username),
                                      db_blob(span_of(sealed, len))};
    TRY(change_run(store,
                   "INSERT INTO history (revision, time, who, program, what, old, new)"
                   " SELECT ?1, ?2, ?3, ?4, 'relay', (SELECT " CHANGE_RELAY " FROM relay),"
                   " " CHANGE_RELAY " FROM (SELECT ?5 AS url, ?6 AS username, ?7 AS password)"
                   " WHERE NOT EXISTS (SELECT 1 FROM relay WHERE url = ?5 AND username = ?6"
                   " AND password = ?7)", /* one that is sealed is never the same bytes */
                   values, 3));
    if (!change_happened(store)) {
        return ERR_OK;
    }
    return change_run(store,
                      "REPLACE INTO relay (one, url, username, password)"
                      " VALUES (1, ?5, ?6, ?7)",
                      values, 3);
}

enum err store_clear_relay(struct store *store, bool *was_set)
{
    *was_set = false;
    TRY(change_run(store,
                   "INSERT INTO history (revision, time, who, program, what, old)"
                   " SELECT ?1, ?2, ?3, ?4, 'relay', " CHANGE_RELAY " FROM relay",
                   NULL, 0));
    *was_set = change_happened(store);
    return change_result(store, db_do(&store->write, "DELETE FROM relay"));
}

enum err store_unseal(const struct store *store, const struct store_relay *relay,
                      uint8_t plain[SECRETS_PLAIN_MAX], size_t *len)
{
    char room[SECRETS_CONTEXT_MAX];
    struct out context;
    *len = 0;
    out_begin(&context, room, sizeof room);
    TRY(change_put_context(relay->url, relay->username, &context));
    return secrets_unseal(store->folder, out_span(&context), relay->sealed, plain, len);
}
