/*
 * Activity: what is gathered in memory between two writes. Two batches: one takes notes, one is
 * being written; they are exchanged under the lock, the disk is met without it. The file is
 * activity_file.c's matter.
 */
#include "store/activity_file.h"

#include "sys/thread.h"

#include <stdlib.h>
#include <string.h>

struct activity {
    struct sys_lock lock; /* for `gather`, what is in it, and `lost` */
    struct activity_batch *gather;
    uint64_t lost;
    /* The store's thread alone. */
    struct activity_batch *pending;
    uint64_t written_ms; /* heartbeat of the last write; 0: none */
    struct activity_file file;
};

enum err activity_open(const char *folder, struct activity **activity)
{
    struct activity *made = calloc(1, sizeof *made);
    enum err err = ERR_MEMORY;
    *activity = NULL;
    if (!made) {
        return err;
    }
    sys_lock_init(&made->lock);
    made->gather = calloc(1, sizeof *made->gather);
    made->pending = calloc(1, sizeof *made->pending);
    if (made->gather && made->pending) {
        err = activity_file_init(&made->file, folder);
    }
    if (err != ERR_OK) {
        activity_close(made);
        return err;
    }
    *activity = made;
    return ERR_OK;
}

void activity_close(struct activity *activity)
{
    if (activity) {
        activity_file_shut(&activity->file);
        sys_lock_end(&activity->lock);
        free(activity->gather);
        free(activity->pending);
        free(activity);
    }
}

static void activity_put(char *place, size_t size, struct span text)
{
    struct span kept = utf_first(text, size - 1);
    if (kept.len > 0) {
        memcpy(place, kept.at, kept.len);
    }
    place[kept.len] = '\0';
}

static bool activity_is_refusal(enum event event)
{
    uint16_t id = event_id(event);
    return id == 105 || id == 106 || id == 402;
}

static void activity_key(const struct event_record *record, struct activity_row *row)
{
    struct span rule = event_find_text(record, "rule");
    struct span subject = event_find_text(record, "subject");
    struct span reason = event_find_text(record, "reason");
    rule = rule.at ? rule : subject.at ? subject : reason;
    memset(row, 0, sizeof *row); /* rows are compared byte by byte */
    row->key.event = record->event;
    row->key.port = (uint16_t)event_find_number(record, "port");
    activity_put(row->key.client, sizeof row->key.client, event_find_text(record, "client"));
    activity_put(row->key.host, sizeof row->key.host, event_find_text(record, "host"));
    activity_put(row->key.rule, sizeof row->key.rule, rule);
    activity_put(row->reason, sizeof row->reason, reason);
    row->first_ms = record->unix_ms;
    row->last_ms = record->unix_ms;
    row->count = 1;
}

/* Few differ within a second; those that do differ early. */
static void activity_count(struct activity *activity, const struct activity_row *row)
{
    struct activity_batch *batch = activity->gather;
    for (size_t i = 0; i < batch->refusals; i++) {
        struct activity_row *seen = &batch->rows[i];
        if (memcmp(&seen->key, &row->key, sizeof row->key) == 0) {
            seen->count++;
            seen->last_ms = row->last_ms > seen->last_ms ? row->last_ms : seen->last_ms;
            return;
        }
    }
    if (batch->refusals == ACTIVITY_BATCH_REFUSALS) {
        activity->lost++;
        return;
    }
    batch->rows[batch->refusals++] = *row;
}

void activity_note(struct activity *activity, const struct event_record *record, bool written)
{
    struct activity_row row;
    bool refusal = activity_is_refusal(record->event) && record->suppressed == 0;
    if (refusal) {
        activity_key(record, &row);
    }
    sys_lock_take(&activity->lock);
    if (refusal) {
        activity_count(activity, &row);
    }
    if (written) {
        struct activity_batch *batch = activity->gather;
        batch->events[batch->events_ever++ % ACTIVITY_BATCH_EVENTS] = *record;
    }
    sys_lock_give(&activity->lock);
}

static bool activity_is_empty(const struct activity_batch *batch)
{
    return batch->refusals == 0 && batch->events_ever == 0;
}

static void activity_empty(struct activity_batch *batch)
{
    batch->refusals = 0;
    batch->events_ever = 0;
}

/* What could not be written last time goes first, or `gather` becomes what is to be written. */
static uint64_t activity_exchange(struct activity *activity)
{
    sys_lock_take(&activity->lock);
    uint64_t lost = activity->lost;
    if (activity_is_empty(activity->pending)) {
        struct activity_batch *batch = activity->pending;
        activity->pending = activity->gather;
        activity->gather = batch;
    }
    sys_lock_give(&activity->lock);
    return lost;
}

enum err activity_write(struct activity *activity, const struct activity_heartbeat *heartbeat)
{
    struct activity_heartbeat beat = *heartbeat;
    beat.lost = activity_exchange(activity);
    bool rests =
        activity->written_ms != 0 && beat.time_ms - activity->written_ms < ACTIVITY_HEARTBEAT_MS;
    if (rests && activity_is_empty(activity->pending)) {
        return ERR_OK;
    }
    enum err err = activity_file_write(&activity->file, activity->pending, &beat);
    if (err != ERR_STORE_BUSY) {
        activity_empty(activity->pending);
    }
    activity->written_ms = err == ERR_OK ? beat.time_ms : activity->written_ms;
    return err;
}
