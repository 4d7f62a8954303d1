/*
 * The thread: a round is everything that lies in the rings, then a nap. What other threads ask of
 * it (another access log, reopen, stop) waits under the lock until the round begins.
 */
#include "host/sinks.h"

#include "eventlog/limit.h"
#include "eventlog/sink_access.h"
#include "sys/sys.h"
#include "sys/thread.h"

#include <stdlib.h>
#include <string.h>

struct sinks {
    struct sys_lock lock;
    struct sys_signal signal;
    /* Under the lock. */
    bool woken, stopping, reopen, use;
    char path[PATHS_MAX]; /* of the access log, when `use` */

    struct atom_u64 level, access_on;
    struct sys_thread thread;
    size_t feeds;
    struct feed *feed;
    void *memory; /* of all rings */

    /* The thread alone. */
    struct sink sink;
    struct activity *activity;
    struct counters counters;
    uint64_t untaken;    /* by the system's log */
    uint64_t dropped;    /* reported so far */
    uint64_t dropped_ms; /* when; 0: never */
    uint64_t now_ms;     /* of this round */
    struct limit *limit;
    struct sink_access access;
};

/* Sets one of the thread's wishes, and wakes it. */
static void sinks_ask(struct sinks *sinks, bool *wish)
{
    sys_lock_take(&sinks->lock);
    *wish = sinks->woken = true;
    sys_signal_one(&sinks->signal);
    sys_lock_give(&sinks->lock);
}

static void sinks_wake(void *context)
{
    struct sinks *sinks = context;
    sinks_ask(sinks, &sinks->woken);
}

/* ---- one record ---- */

static void sinks_count(struct sinks *sinks, enum counter which)
{
    counter_add(&sinks->counters, which, 1);
}

static void sinks_write(struct sinks *sinks, const struct event_record *record)
{
    sinks->untaken += sink_write(&sinks->sink, record) ? 0 : 1;
    if (sinks->activity) {
        activity_note(sinks->activity, record, true);
    }
}

static void sinks_write_summary(void *context, struct event_record *summary)
{
    summary->unix_ms = sys_unix_ms();
    sinks_write(context, summary);
}

/* Failures of the gateway itself; those of the network are counted where they happen. */
static bool sinks_is_failure(const struct event_record *record)
{
    uint16_t id = event_id(record->event);
    return id == 400 || id == 401;
}

static void sinks_take_event(struct sinks *sinks, const struct event_record *record)
{
    if (sinks_is_failure(record)) {
        sinks_count(sinks, COUNTER_errors);
    }
    bool wanted = event_level(record->event) >= atom_load(&sinks->level);
    if (wanted) {
        sinks_count(sinks, COUNTER_events);
    }
    if (wanted && limit_pass(sinks->limit, record, sinks->now_ms)) {
        sinks_write(sinks, record);
        return;
    }
    if (wanted) {
        sinks_count(sinks, COUNTER_events_suppressed);
    }
    if (sinks->activity) {
        activity_note(sinks->activity, record, false);
    }
}

/* What the thread has to say itself. */
static void sinks_report_dropped(struct sinks *sinks, uint64_t number)
{
    struct event_record record;
    event_begin(&record, EVENT_RecordsDropped, sys_unix_ms());
    event_number(&record, number);
    sinks_take_event(sinks, &record);
}

static void sinks_report_access(struct sinks *sinks, enum err err)
{
    struct event_record record;
    event_begin(&record, EVENT_AccessLogFailed, sys_unix_ms());
    event_text(&record, span_str(err_sentence(err)));
    event_text(&record, span_str(sinks->access.path));
    sinks_take_event(sinks, &record);
}

/* ---- one round ---- */

/* So many as the ring has places, so that one busy feed does not keep the others waiting. */
static void sinks_empty_events(struct sinks *sinks, struct feed *feed)
{
    struct event_record record;
    for (uint64_t i = 0; i < feed->events.count && ring_take(&feed->events, &record); i++) {
        sinks_take_event(sinks, &record);
    }
}

static void sinks_empty_access(struct sinks *sinks, struct feed *feed)
{
    struct access_record record;
    for (uint64_t i = 0; i < feed->access.count && ring_take(&feed->access, &record); i++) {
        sink_access_write(&sinks->access, &record);
    }
}

static void sinks_flush_access(struct sinks *sinks)
{
    enum err err;
    sink_access_flush(&sinks->access);
    counter_set(&sinks->counters, COUNTER_access_lost, sinks->access.lost);
    if (sink_access_take_trouble(&sinks->access, &err)) {
        sinks_report_access(sinks, err);
    }
}

/* The first loss is reported at once, then once a minute at most, and at the end. */
static void sinks_look_for_dropped(struct sinks *sinks, bool last)
{
    uint64_t dropped = sinks->untaken;
    for (size_t i = 0; i < sinks->feeds; i++) {
        dropped += ring_dropped(&sinks->feed[i].events) + ring_dropped(&sinks->feed[i].access);
    }
    counter_set(&sinks->counters, COUNTER_records_dropped, dropped);
    bool due = last || sinks->dropped == 0 || sinks->now_ms - sinks->dropped_ms >= SINKS_DROPS_MS;
    if (dropped > sinks->dropped && due) {
        sinks_report_dropped(sinks, dropped - sinks->dropped);
        sinks->dropped = dropped;
        sinks->dropped_ms = sinks->now_ms;
    }
}

static void sinks_round(struct sinks *sinks)
{
    const struct limit_out out = {sinks_write_summary, sinks};
    sinks->now_ms = sys_monotonic_ms();
    limit_tick(sinks->limit, sinks->now_ms, &out);
    for (size_t i = 0; i < sinks->feeds; i++) {
        sinks_empty_events(sinks, &sinks->feed[i]);
        sinks_empty_access(sinks, &sinks->feed[i]);
    }
    sinks_flush_access(sinks);
    sinks_look_for_dropped(sinks, false);
}

/* Whether a ring is more than empty, or more than half full. */
static bool sinks_have_more(const struct sinks *sinks, bool than_half)
{
    for (size_t i = 0; i < sinks->feeds; i++) {
        const struct feed *feed = &sinks->feed[i];
        if (ring_inside(&feed->events) > (than_half ? feed->events.count / 2 : 0) ||
            ring_inside(&feed->access) > (than_half ? feed->access.count / 2 : 0)) {
            return true;
        }
    }
    return false;
}

/* ---- the thread ---- */

/* Naps; then takes over what was asked meanwhile. False: stop. */
static bool sinks_nap(struct sinks *sinks)
{
    char path[PATHS_MAX];
    /* A ring that was more than half full all the time has rung no bell. */
    bool behind = sinks_have_more(sinks, true);
    sys_lock_take(&sinks->lock);
    if (!sinks->woken && !behind) {
        sys_signal_wait_ms(&sinks->signal, &sinks->lock, SINKS_WAIT_MS);
    }
    bool use = sinks->use, reopen = sinks->reopen, go_on = !sinks->stopping;
    sinks->woken = sinks->use = sinks->reopen = false;
    memcpy(path, sinks->path, sizeof path);
    sys_lock_give(&sinks->lock);
    if (use) {
        CHECK(sink_access_use(&sinks->access, path) == ERR_OK);
        /* Not earlier: what is put from now on finds the file. */
        atom_store(&sinks->access_on, path[0] != '\0');
    }
    if (reopen) {
        sink_access_reopen(&sinks->access);
    }
    return go_on;
}

static void sinks_run(void *context)
{
    struct sinks *sinks = context;
    const struct limit_out out = {sinks_write_summary, sinks};
    sys_thread_name("sink");
    while (sinks_nap(sinks)) {
        sinks_round(sinks);
    }
    do {
        sinks_round(sinks);
    } while (sinks_have_more(sinks, false));
    sink_access_shut(&sinks->access);
    sinks_look_for_dropped(sinks, true);
    limit_flush(sinks->limit, &out);
}

/* ---- beginning and end ---- */

static void sinks_release(struct sinks *sinks)
{
    sys_signal_end(&sinks->signal);
    sys_lock_end(&sinks->lock);
    free(sinks->limit);
    free(sinks->memory);
    free(sinks->feed);
    free(sinks);
}

static void sinks_init_feeds(struct sinks *sinks, const struct sinks_setup *setup)
{
    size_t events = (size_t)setup->events * sizeof(struct event_record);
    size_t accesses = (size_t)setup->accesses * sizeof(struct access_record);
    uint8_t *memory = sinks->memory;
    for (size_t i = 0; i < setup->feeds; i++) {
        struct feed *feed = &sinks->feed[i];
        *feed = (struct feed){.level = &sinks->level,
                              .access_on = &sinks->access_on,
                              .wake = sinks_wake,
                              .context = sinks};
        ring_init(&feed->events, memory, sizeof(struct event_record), setup->events);
        memory += events;
        ring_init(&feed->access, memory, sizeof(struct access_record), setup->accesses);
        memory += accesses;
    }
}

/* Memory from calloc that nobody touched costs nothing yet: most of this is never touched. */
static enum err sinks_make(const struct sinks_setup *setup, struct sinks **made)
{
    size_t each = (size_t)setup->events * sizeof(struct event_record) +
                  (size_t)setup->accesses * sizeof(struct access_record);
    struct sinks *sinks = calloc(1, sizeof *sinks);
    if (!sinks) {
        return ERR_MEMORY;
    }
    sys_lock_init(&sinks->lock);
    sys_signal_init(&sinks->signal);
    sinks->feeds = setup->feeds;
    sinks->feed = calloc(setup->feeds, sizeof *sinks->feed);
    sinks->memory = calloc(setup->feeds, each);
    sinks->limit = calloc(1, sizeof *sinks->limit);
    if (!sinks->feed || !sinks->memory || !sinks->limit) {
        sinks_release(sinks);
        return ERR_MEMORY;
    }
    *made = sinks;
    return ERR_OK;
}

enum err sinks_start(const struct sinks_setup *setup, struct sinks **sinks)
{
    struct sinks *made;
    *sinks = NULL;
    CHECK(setup->feeds > 0);
    TRY(sinks_make(setup, &made));
    sinks_init_feeds(made, setup);
    made->sink = setup->sink;
    made->activity = setup->activity;
    sink_access_init(&made->access, sink_access_rotate_bytes());
    sinks_set_level(made, setup->level);
    atom_store(&made->access_on, setup->access_log[0] != '\0');
    enum err err = sink_access_use(&made->access, setup->access_log);
    err = err == ERR_OK ? sys_thread_start(&made->thread, sinks_run, made) : err;
    if (err != ERR_OK) {
        sinks_release(made);
        return err;
    }
    *sinks = made;
    return ERR_OK;
}

struct feed *sinks_feed(struct sinks *sinks, size_t which)
{
    CHECK(which < sinks->feeds);
    return &sinks->feed[which];
}

void sinks_set_level(struct sinks *sinks, enum severity level)
{
    atom_store(&sinks->level, (uint64_t)level);
}

enum err sinks_set_access_log(struct sinks *sinks, const char *path)
{
    size_t len = strlen(path);
    if (len >= PATHS_MAX) {
        return ERR_LONG;
    }
    sys_lock_take(&sinks->lock);
    memcpy(sinks->path, path, len + 1);
    sys_lock_give(&sinks->lock);
    sinks_ask(sinks, &sinks->use);
    return ERR_OK;
}

void sinks_reopen(struct sinks *sinks)
{
    sinks_ask(sinks, &sinks->reopen);
}

const struct counters *sinks_counters(const struct sinks *sinks)
{
    return &sinks->counters;
}

void sinks_stop(struct sinks *sinks)
{
    sinks_ask(sinks, &sinks->stopping);
    sys_thread_join(&sinks->thread);
}

void sinks_free(struct sinks *sinks, const struct event_record *last)
{
    if (last) {
        sinks_write(sinks, last);
    }
    sinks_release(sinks);
}
