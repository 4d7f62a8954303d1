/*
 * activity.db: its tables, a batch written in one transaction, and reading. Nothing is synced:
 * after a power failure the file may be damaged, and then it is made anew. A killed process leaves
 * a journal that the next write rolls back.
 */
#include "store/activity_file.h"

#include <string.h>

/* "OMGA" and the version: another value is another program's file, or another version's. */
#define ACTIVITY_OURS "1330464577"
#define ACTIVITY_MARK 1330464577
#define ACTIVITY_FORM 1

static const char activity_tables[] =
    "CREATE TABLE event ("
    " number INTEGER PRIMARY KEY, time INTEGER NOT NULL, id INTEGER NOT NULL, line TEXT NOT NULL)"
    " STRICT;"
    "CREATE TABLE refusal ("
    " event TEXT NOT NULL, client TEXT NOT NULL, host TEXT NOT NULL, port INTEGER NOT NULL,"
    " rule TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL,"
    " first INTEGER NOT NULL, last INTEGER NOT NULL,"
    " PRIMARY KEY (host, client, port, event, rule)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX refusal_last ON refusal (last);"
    "CREATE TABLE heartbeat ("
    " one INTEGER PRIMARY KEY CHECK (one = 1), time INTEGER NOT NULL, start INTEGER NOT NULL,"
    " pid INTEGER NOT NULL, lost INTEGER NOT NULL) STRICT;"
    "PRAGMA application_id = " ACTIVITY_OURS ";"
    "PRAGMA user_version = 1;";

enum err activity_file_init(struct activity_file *file, const char *folder)
{
    TRY(paths_join(folder, "activity.db", file->path));
    return paths_join(folder, "activity.db-journal", file->journal);
}

void activity_file_shut(struct activity_file *file)
{
    if (file->db.handle) {
        db_close(&file->db);
    }
}

enum err activity_file_judge(struct db *db)
{
    uint64_t mark, form;
    TRY(db_get(db, "PRAGMA application_id", &mark));
    TRY(db_get(db, "PRAGMA user_version", &form));
    bool ours = mark == ACTIVITY_MARK && form == ACTIVITY_FORM;
    return ours ? ERR_OK : db_damaged(db, span_str("the file is not one of this version"));
}

static enum err activity_take_verdict(void *context, sqlite3_stmt *row)
{
    bool *sound = context;
    *sound = span_is(db_column(row, 0), "ok");
    return ERR_OK;
}

static enum err activity_check(struct db *db)
{
    bool sound = false;
    const struct db_statement check = {
        .sql = "PRAGMA quick_check(1)", .row = activity_take_verdict, .context = &sound};
    TRY(activity_file_judge(db));
    TRY(db_run(db, &check));
    return sound ? ERR_OK : db_damaged(db, span_str("the file's structure is broken"));
}

static enum err activity_connect(struct activity_file *file)
{
    TRY(db_open(&file->db, file->path, DB_WRITE, 0));
    TRY(db_script(&file->db, "PRAGMA synchronous = OFF"));
    return files_identify(file->path, &file->opened);
}

static enum err activity_remove(const char *path)
{
    enum err err = files_remove(path);
    return err == ERR_ABSENT ? ERR_OK : err;
}

static enum err activity_make(struct activity_file *file)
{
    activity_file_shut(file);
    TRY(activity_remove(file->journal));
    TRY(activity_remove(file->path));
    TRY(files_create(file->path));
    TRY(activity_connect(file));
    TRY(db_do(&file->db, "BEGIN IMMEDIATE"));
    TRY(db_script(&file->db, activity_tables));
    return db_do(&file->db, "COMMIT");
}

/* Somebody may have removed the file, or put another in its place, since it was opened. */
static enum err activity_ready(struct activity_file *file)
{
    struct files_identity now;
    enum err err = files_identify(file->path, &now);
    if (err == ERR_ABSENT) {
        return activity_make(file);
    }
    TRY(err);
    if (file->db.handle && now.volume == file->opened.volume && now.file == file->opened.file) {
        return ERR_OK;
    }
    activity_file_shut(file);
    err = activity_connect(file);
    return err == ERR_OK ? activity_check(&file->db) : err;
}

static enum err activity_put_event(struct db *db, const struct event_record *record)
{
    char place[EVENT_LINE_MAX];
    struct out line;
    out_begin(&line, place, sizeof place);
    event_print_json(record, &line);
    const struct db_value values[] = {db_number(record->unix_ms),
                                      db_number(event_id(record->event)), db_text(out_span(&line))};
    return db_run(
        db, &(struct db_statement){.sql = "INSERT INTO event (time, id, line) VALUES (?1, ?2, ?3)",
                                   .count = sizeof values / sizeof values[0],
                                   .values = values});
}

static enum err activity_put_refusal(struct db *db, const struct activity_row *row)
{
    const struct db_value values[] = {
        db_text(span_str(event_name(row->key.event))),
        db_text(span_str(row->key.client)),
        db_text(span_str(row->key.host)),
        db_number(row->key.port),
        db_text(span_str(row->key.rule)),
        db_text(span_str(row->reason)),
        db_number(row->count),
        db_number(row->first_ms),
        db_number(row->last_ms),
    };
    return db_run(db, &(struct db_statement){
                          .sql = "INSERT INTO refusal"
                                 " (event, client, host, port, rule, reason, count, first, last)"
                                 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
                                 " ON CONFLICT DO UPDATE SET count = count + excluded.count,"
                                 " first = min(first, excluded.first),"
                                 " last = max(last, excluded.last), reason = excluded.reason",
                          .count = sizeof values / sizeof values[0],
                          .values = values});
}

static enum err activity_put_heartbeat(struct db *db, const struct activity_heartbeat *beat)
{
    const struct db_value values[] = {db_number(beat->time_ms), db_number(beat->start_ms),
                                      db_number(beat->pid), db_number(beat->lost)};
    return db_run(db, &(struct db_statement){
                          .sql = "INSERT OR REPLACE INTO heartbeat VALUES (1, ?1, ?2, ?3, ?4)",
                          .count = sizeof values / sizeof values[0],
                          .values = values});
}

static enum err activity_prune(struct db *db)
{
    TRY(db_put(db, "DELETE FROM event WHERE number <= (SELECT max(number) FROM event) - ?1",
               ACTIVITY_EVENTS_MAX));
    return db_put(db,
                  "DELETE FROM refusal WHERE last <="
                  " (SELECT last FROM refusal ORDER BY last DESC LIMIT 1 OFFSET ?1)",
                  ACTIVITY_REFUSALS_MAX);
}

static enum err activity_put_all(struct db *db, const struct activity_batch *batch,
                                 const struct activity_heartbeat *beat)
{
    uint64_t ever = batch->events_ever;
    uint64_t first = ever > ACTIVITY_BATCH_EVENTS ? ever - ACTIVITY_BATCH_EVENTS : 0;
    for (uint64_t i = first; i < ever; i++) {
        TRY(activity_put_event(db, &batch->events[i % ACTIVITY_BATCH_EVENTS]));
    }
    for (size_t i = 0; i < batch->refusals; i++) {
        TRY(activity_put_refusal(db, &batch->rows[i]));
    }
    TRY(activity_put_heartbeat(db, beat));
    return activity_prune(db);
}

static enum err activity_commit(struct db *db, const struct activity_batch *batch,
                                const struct activity_heartbeat *beat)
{
    TRY(db_do(db, "BEGIN IMMEDIATE"));
    enum err err = activity_put_all(db, batch, beat);
    return err == ERR_OK ? db_do(db, "COMMIT") : err;
}

static enum err activity_attempt(struct activity_file *file, const struct activity_batch *batch,
                                 const struct activity_heartbeat *beat)
{
    TRY(activity_ready(file));
    return activity_commit(&file->db, batch, beat);
}

enum err activity_file_write(struct activity_file *file, const struct activity_batch *batch,
                             const struct activity_heartbeat *heartbeat)
{
    enum err err = activity_attempt(file, batch, heartbeat);
    if (err == ERR_STORE_DAMAGED) {
        err = activity_make(file);
        err = err == ERR_OK ? activity_commit(&file->db, batch, heartbeat) : err;
    }
    if (err != ERR_OK) {
        activity_file_shut(file); /* rolls back; a new connection knows nothing of old troubles */
    }
    return err;
}
