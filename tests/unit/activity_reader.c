/*
 * Reading activity.db: any process, while the service writes it, for whose transaction it waits a
 * second at most. It writes nothing but what a killed service left to be undone.
 */
#include "unit/activity_reader.h"

#include "store/activity_file.h"

enum { ACTIVITY_READ_WAIT_MS = 1000 };

static enum err activity_visit_event(void *context, sqlite3_stmt *row)
{
    const struct activity_visitor *visitor = context;
    const struct activity_event event = {.time_ms = db_column_number(row, 0),
                                         .id = (uint16_t)db_column_number(row, 1),
                                         .line = db_column(row, 2)};
    return visitor->event(visitor->context, &event);
}

static enum err activity_visit_refusal(void *context, sqlite3_stmt *row)
{
    const struct activity_visitor *visitor = context;
    const struct activity_refusal refusal = {
        .event = db_column(row, 0),
        .client = db_column(row, 1),
        .host = db_column(row, 2),
        .port = (uint16_t)db_column_number(row, 3),
        .rule = db_column(row, 4),
        .reason = db_column(row, 5),
        .count = db_column_number(row, 6),
        .first_ms = db_column_number(row, 7),
        .last_ms = db_column_number(row, 8),
    };
    return visitor->refusal(visitor->context, &refusal);
}

static enum err activity_visit_heartbeat(void *context, sqlite3_stmt *row)
{
    const struct activity_visitor *visitor = context;
    const struct activity_heartbeat heartbeat = {.time_ms = db_column_number(row, 0),
                                                 .start_ms = db_column_number(row, 1),
                                                 .pid = db_column_number(row, 2),
                                                 .lost = db_column_number(row, 3)};
    return visitor->heartbeat(visitor->context, &heartbeat);
}

static enum err activity_visit(struct db *db, const char *sql,
                               enum err (*row)(void *context, sqlite3_stmt *row),
                               const struct activity_visitor *visitor)
{
    struct activity_visitor copy = *visitor;
    const struct db_value since = db_number(visitor->since_ms);
    return db_run(db, &(struct db_statement){
                          .sql = sql, .count = 1, .values = &since, .row = row, .context = &copy});
}

static enum err activity_visit_all(struct db *db, const struct activity_visitor *visitor)
{
    TRY(activity_file_judge(db));
    if (visitor->heartbeat) {
        TRY(activity_visit(db, "SELECT time, start, pid, lost FROM heartbeat WHERE ?1 >= 0",
                           activity_visit_heartbeat, visitor));
    }
    if (visitor->event) {
        TRY(activity_visit(db,
                           "SELECT time, id, line FROM event WHERE time >= ?1"
                           " ORDER BY number DESC",
                           activity_visit_event, visitor));
    }
    if (visitor->refusal) {
        TRY(activity_visit(db,
                           "SELECT event, client, host, port, rule, reason, count, first, last"
                           " FROM refusal WHERE last >= ?1 ORDER BY last DESC, host, client, port",
                           activity_visit_refusal, visitor));
    }
    return ERR_OK;
}

static enum err activity_read_as(struct activity_file *file, enum db_use use,
                                 const struct activity_visitor *visitor)
{
    enum err err = db_open(&file->db, file->path, use, ACTIVITY_READ_WAIT_MS);
    if (err == ERR_OK) {
        err = db_do(&file->db, "BEGIN"); /* one moment for all of it */
        err = err == ERR_OK ? activity_visit_all(&file->db, visitor) : err;
    }
    activity_file_shut(file);
    return err;
}

enum err activity_read(const char *folder, const struct activity_visitor *visitor)
{
    struct activity_file file = {.db = {.handle = NULL}};
    struct files_identity seen;
    TRY(activity_file_init(&file, folder));
    enum err err = files_identify(file.path, &seen);
    if (err == ERR_ABSENT) {
        return ERR_OK;
    }
    TRY(err);
    err = activity_read_as(&file, DB_READ, visitor);
    if (err == ERR_DENIED) { /* a service was killed while it wrote: that is to be undone first */
        err = activity_read_as(&file, DB_WRITE, visitor);
    }
    return err;
}
