/*
 * The engine's beginning and end, and its two threads of once a second. What is begun in order is
 * ended in the opposite one.
 */
#include "host/tell.h"

#include "base/version.h"
#include "crypto/random.h"
#include "sys/machine.h"
#include "sys/sys.h"

#include <stdlib.h>
#include <string.h>

enum {
    ENGINE_TICK_MS = 1000,
    ENGINE_STEP_MS = 30000,   /* one step of beginning or ending may take as long: a slow disk */
    ENGINE_LOOPS_MAX = 8,     /* where the setting leaves it to us */
    ENGINE_DESCRIPTORS = 128, /* for everything but tunnels */
    ENGINE_EVENTS = 1024,     /* places in each ring */
    ENGINE_ACCESSES = 1024,
    ENGINE_SESSIONS_MAX = 16384, /* of TLS, that are remembered: 27 MB at the most */
    ENGINE_KEEPALIVE_S = 60
};

/* ---- once a second ---- */

static void engine_publish(struct engine *engine, uint64_t now_ms, uint64_t stop_ms)
{
    const struct counters *all[LOOPS_MAX + 1];
    struct publish_map_view view = {.pid = machine_process(),
                                    .start_ms = engine->start_ms,
                                    .heartbeat_ms = now_ms,
                                    .stop_ms = stop_ms};
    sys_lock_take(&engine->lock);
    view.revision = engine->shown.revision;
    view.listener_count = engine->shown.listening ? 1 : 0;
    view.listeners[0] = engine->shown.at;
    sys_lock_give(&engine->lock);
    size_t version = strlen(version_text());
    CHECK(version < sizeof view.version);
    memcpy(view.version, version_text(), version);
    for (uint32_t i = 0; i < engine->loops.count; i++) {
        all[i] = &engine->loops.loop[i].gateway.counters;
    }
    all[engine->loops.count] = sinks_counters(engine->sinks);
    counter_sum(all, engine->loops.count + 1, &view.counters);
    view.counters.at[COUNTER_connected_clients] = quota_clients(&engine->quota);
    publish_map_write(&engine->map, &view);
}

static void engine_show(struct engine *engine)
{
    sys_lock_take(&engine->lock);
    engine->shown = (struct engine_shown){engine->revision, engine->listening, engine->at};
    sys_lock_give(&engine->lock);
}

static void engine_hurry(struct engine *engine, struct engine_beat *beat)
{
    sys_lock_take(&engine->lock);
    beat->hurry = true;
    sys_signal_all(&beat->signal);
    sys_lock_give(&engine->lock);
}

/* A loop that stands still says nothing itself, and whoever asks it for something waits with it. */
static void engine_watch_loops(struct engine *engine)
{
    for (uint32_t i = 0; i < engine->loops.count; i++) {
        struct loop *loop = &engine->loops.loop[i];
        uint64_t ticks = counter_get(&loop->gateway.counters, COUNTER_loop_ticks);
        if (watch_look(&loop->watch, ticks, sys_monotonic_ms())) {
            tell_still(engine, i + 1);
        }
    }
}

static void engine_turn_control(struct engine *engine)
{
    engine_watch_loops(engine);
    engine_publish(engine, sys_unix_ms(), 0);
}

static void engine_write_activity(struct engine *engine)
{
    const struct activity_heartbeat heartbeat = {
        .time_ms = sys_unix_ms(), .start_ms = engine->start_ms, .pid = machine_process()};
    (void)(activity_write(engine->activity, &heartbeat) == ERR_OK); /* it tries again, or is lost */
}

/* Whoever reads what is new in the log finds it in the status soon. */
static void engine_turn_keeper(struct engine *engine)
{
    uint64_t before = engine->revision;
    reload_look(engine);
    engine_show(engine);
    if (engine->revision != before) {
        engine_hurry(engine, &engine->control);
    }
    engine_write_activity(engine);
}

static void engine_run_beat(void *context)
{
    struct engine_beat *beat = context;
    struct engine *engine = beat->engine;
    sys_thread_name(beat->name);
    sys_lock_take(&engine->lock);
    while (!engine->stopping) {
        sys_lock_give(&engine->lock);
        beat->turn(engine);
        sys_lock_take(&engine->lock);
        if (!engine->stopping && !beat->hurry) {
            sys_signal_wait_ms(&beat->signal, &engine->lock, ENGINE_TICK_MS);
        }
        beat->hurry = false;
    }
    sys_lock_give(&engine->lock);
}

static void engine_init_beat(struct engine *engine, struct engine_beat *beat, const char *name,
                             void (*turn)(struct engine *engine))
{
    beat->engine = engine;
    beat->name = name;
    beat->turn = turn;
    sys_signal_init(&beat->signal);
}

static void engine_stop_beat(struct engine *engine, struct engine_beat *beat)
{
    sys_lock_take(&engine->lock);
    engine->stopping = true;
    sys_signal_all(&beat->signal);
    sys_lock_give(&engine->lock);
    sys_thread_join(&beat->thread);
}

static enum err engine_start_beats(struct engine *engine)
{
    TRY(sys_thread_start(&engine->control.thread, engine_run_beat, &engine->control));
    enum err err = sys_thread_start(&engine->keeper.thread, engine_run_beat, &engine->keeper);
    if (err != ERR_OK) {
        engine_stop_beat(engine, &engine->control);
    }
    return err;
}

/* ---- beginning ---- */

static enum err engine_lock(struct engine *engine, struct out *why)
{
    char path[PATHS_MAX];
    TRY(files_make_folder(engine->folder));
    TRY(paths_join(engine->folder, "gateway.run", path));
    enum err err = files_lock_try(&engine->run_lock, path);
    if (err == ERR_EXISTS) {
        out_str(why, "another gateway runs on the data folder ");
        out_str(why, engine->folder);
        out_str(why, ": stop it first, or give this one a folder of its own with --data DIR");
    }
    return err;
}

static uint32_t engine_loop_count(const struct engine *engine)
{
    uint32_t processors = machine_processors();
    uint32_t chosen = engine->settings.loops;
    uint32_t automatic = processors < ENGINE_LOOPS_MAX ? processors : ENGINE_LOOPS_MAX;
    return chosen > 0 ? chosen : automatic;
}

/* Two a tunnel, one for a mere 503; an attempt beside another that finds no third fails alone. */
static void engine_fit_tunnels(struct engine *engine)
{
    uint64_t descriptors = machine_raise_descriptors();
    uint64_t least = ENGINE_DESCRIPTORS + (uint64_t)engine_loop_count(engine) * GATEWAY_OVER;
    uint64_t fit = descriptors > least + 2 ? (descriptors - least) / 2 : 1;
    engine->tunnels_max = engine->settings.max_tunnels;
    if (fit < engine->tunnels_max) {
        tell_tunnels_lowered(engine, engine->tunnels_max, fit);
        engine->tunnels_max = (uint32_t)fit;
    }
}

/* Only for the settings needed before there are loops; all of it comes with reload_first. */
static enum err engine_read_settings(struct engine *engine, struct out *why)
{
    const struct load_own own = {.sealed = true, .leave_out = load_say_nothing};
    struct load load;
    store_wait(engine->store, true);
    enum err err = load_rules(engine->store, &own, &load, why);
    if (err == ERR_OK) {
        engine->settings = engine->begun = load.snapshot->settings;
    }
    load_free(&load);
    return err;
}

static enum err engine_open_store(struct engine *engine, struct out *why)
{
    const struct store_setup setup = {
        .folder = engine->folder, .program = "omsgateway", .use = STORE_SERVICE};
    TRY(store_open(&setup, &engine->store));
    TRY(engine_read_settings(engine, why));
    return activity_open(engine->folder, &engine->activity);
}

static enum err engine_open_sinks(struct engine *engine)
{
    const struct sinks_setup setup = {.feeds = engine_loop_count(engine) + 2,
                                      .events = ENGINE_EVENTS,
                                      .accesses = ENGINE_ACCESSES,
                                      .sink = engine->setup.sink,
                                      .level = (enum severity)engine->settings.log_level,
                                      .access_log = engine->settings.access_log.text,
                                      .activity = engine->activity};
    TRY(sinks_start(&setup, &engine->sinks));
    engine->feed = sinks_feed(engine->sinks, engine_loop_count(engine));
    engine->control_feed = sinks_feed(engine->sinks, engine_loop_count(engine) + 1);
    return ERR_OK;
}

static struct feed *engine_loop_feed(void *context, uint32_t which)
{
    struct engine *engine = context;
    return sinks_feed(engine->sinks, which);
}

static void engine_close_shared(struct engine *engine)
{
    resolve_shut(&engine->resolve);
    quota_shut(&engine->quota);
    sessions_shut(&engine->sessions);
    free(engine->quota_memory);
    free(engine->sessions_memory);
}

static enum err engine_open_loops(struct engine *engine)
{
    const struct settings *settings = &engine->settings;
    uint64_t seed[4];
    TRY(random_bytes(seed, sizeof seed));
    engine->quota_memory = malloc(quota_size(engine->tunnels_max));
    uint32_t sessions = engine->tunnels_max;
    sessions = sessions < ENGINE_SESSIONS_MAX ? sessions : ENGINE_SESSIONS_MAX;
    engine->sessions_memory = malloc(sessions_size(sessions));
    if (!engine->quota_memory || !engine->sessions_memory) {
        free(engine->quota_memory);
        free(engine->sessions_memory);
        return ERR_MEMORY;
    }
    sessions_open(&engine->sessions, engine->sessions_memory, sessions, seed);
    quota_open(&engine->quota, engine->quota_memory, engine->tunnels_max,
               &(struct quota_limits){engine->tunnels_max, settings->max_tunnels_per_client}, seed);
    resolve_open(&engine->resolve,
                 &(struct resolve_setup){.positive_ms = settings->resolve_cache_ms,
                                         .negative_ms = settings->resolve_failure_cache_ms,
                                         .threads_max = RESOLVE_THREADS_MAX,
                                         .seed = {seed[2], seed[3]},
                                         .fixed = engine->setup.fixed,
                                         .fixed_count = engine->setup.fixed_count});
    const struct loops_setup setup = {.gateway = {.io = {.backend = host_backend(),
                                                         .resolve = &engine->resolve,
                                                         .keepalive_s = ENGINE_KEEPALIVE_S},
                                                  .tunnels_max = engine->tunnels_max,
                                                  .spare = GATEWAY_SPARE,
                                                  .quota = &engine->quota,
                                                  .sessions = &engine->sessions,
                                                  .seed = {seed[0], seed[1]}},
                                      .feed = engine_loop_feed,
                                      .context = engine,
                                      .count = engine_loop_count(engine)};
    enum err err = loops_start(&engine->loops, &setup);
    if (err != ERR_OK) {
        engine_close_shared(engine);
    }
    return err;
}

static void engine_drain_one(struct loop *loop, void *context)
{
    const uint64_t *time_ms = context;
    gateway_drain(&loop->gateway, *time_ms);
}

static void engine_drain(struct engine *engine, uint64_t time_ms)
{
    for (uint32_t i = 0; i < engine->loops.count; i++) {
        loops_call(&engine->loops.loop[i], engine_drain_one, &time_ms);
    }
    loops_join(&engine->loops);
}

static void engine_close_loops(struct engine *engine)
{
    loops_free(&engine->loops);
    engine_close_shared(engine);
    reload_free_retired(engine);
}

/* Without either it works as well, only unseen. */
static void engine_open_map(struct engine *engine)
{
    uint32_t os_error;
    if (publish_map_open(&engine->map, engine->folder) != ERR_OK) {
        tell_no_map(engine);
    } else if (publish_perf_begin(&engine->perf, &engine->map, &os_error) != ERR_OK) {
        tell_no_perf(engine, os_error);
    }
}

/* Whoever reads it then sees that it ended in order. */
static void engine_close_map(struct engine *engine, uint64_t now_ms)
{
    engine->listening = false;
    engine_show(engine);
    engine_publish(engine, now_ms, now_ms);
    publish_perf_end(&engine->perf);
    publish_map_shut(&engine->map);
}

/*
 * The rules of the store are in force before anybody can come. What the last run left in
 * counters.map says whether it ended in order, and which changes it knew: the lock is ours, so it
 * does not run any more.
 */
static enum err engine_go(struct engine *engine, struct out *why)
{
    struct publish_map_view last = {.start_ms = 0};
    enum err err = publish_map_read(engine->folder, &last);
    bool known = last.start_ms > 0; /* another version's, too */
    engine->told = known ? last.revision : err == ERR_ABSENT ? 0 : INT64_MAX;
    reload_first(engine);
    store_wait(engine->store, false);
    if (!engine->listening) {
        out_str(why, "the gateway listens nowhere; the events above say why");
        return ERR_ADDRESS_IN_USE;
    }
    if (known && last.stop_ms == 0) {
        tell_crash(engine, &last);
    }
    engine->start_ms = sys_unix_ms();
    engine_open_map(engine);
    engine_show(engine);
    engine_publish(engine, engine->start_ms, 0); /* who reads 101 may ask for the status */
    tell_started(engine);
    err = engine_start_beats(engine);
    if (err != ERR_OK) {
        engine_close_map(engine, sys_unix_ms());
    }
    return err;
}

static void engine_free(struct engine *engine)
{
    activity_close(engine->activity);
    store_close(engine->store);
    if (engine->run_lock.taken) {
        files_lock_give(&engine->run_lock);
    }
    sys_signal_end(&engine->control.signal);
    sys_signal_end(&engine->keeper.signal);
    sys_lock_end(&engine->lock);
    free(engine);
}

static enum err engine_begin(struct engine *engine, struct out *why)
{
    host_tell(HOST_STARTING, ENGINE_STEP_MS);
    TRY(engine_lock(engine, why));
    TRY(engine_open_store(engine, why));
    machine_keep_dumps(engine->settings.crash_dumps == CRASH_DUMPS_ON);
    host_tell(HOST_STARTING, ENGINE_STEP_MS);
    TRY(engine_open_sinks(engine));
    engine_fit_tunnels(engine);
    enum err err = engine_open_loops(engine);
    if (err == ERR_OK) {
        host_tell(HOST_STARTING, ENGINE_STEP_MS);
        err = engine_go(engine, why);
        if (err != ERR_OK) {
            engine_drain(engine, 0);
            engine_close_loops(engine);
        }
    }
    if (err != ERR_OK) {
        sinks_stop(engine->sinks);
        sinks_free(engine->sinks, NULL);
    }
    return err;
}

/* What is wrong, with the folder, and with the words of who noticed it. */
static void engine_explain(const struct engine *engine, enum err err, struct out *why)
{
    const char *detail = engine->store ? store_detail(engine->store) : "";
    out_str(why, err_sentence(err));
    out_str(why, " (");
    out_str(why, engine->folder);
    out_str(why, detail[0] ? ": " : "");
    out_str(why, detail);
    out_str(why, ")");
}

enum err engine_start(const struct engine_setup *setup, struct engine **engine, struct out *why)
{
    struct engine *made = calloc(1, sizeof *made);
    if (!made) {
        out_str(why, err_sentence(ERR_MEMORY));
        return ERR_MEMORY;
    }
    CHECK(strlen(setup->folder) < sizeof made->folder);
    made->setup = *setup;
    memcpy(made->folder, setup->folder, strlen(setup->folder) + 1);
    sys_lock_init(&made->lock);
    engine_init_beat(made, &made->control, "control", engine_turn_control);
    engine_init_beat(made, &made->keeper, "store", engine_turn_keeper);
    enum err err = engine_begin(made, why);
    if (err != ERR_OK) {
        if (why->len == 0) {
            engine_explain(made, err, why);
        }
        engine_free(made);
        return err;
    }
    *engine = made;
    return ERR_OK;
}

void engine_reopen_log(struct engine *engine)
{
    sinks_reopen(engine->sinks);
}

void engine_look(struct engine *engine)
{
    engine_hurry(engine, &engine->keeper);
}

static void engine_stop_loops(struct engine *engine, uint32_t drain_ms_max)
{
    uint64_t drain_ms = engine->settings.drain_timeout_ms;
    drain_ms = drain_ms < drain_ms_max ? drain_ms : drain_ms_max;
    host_tell(HOST_STOPPING, (uint32_t)drain_ms + ENGINE_STEP_MS);
    engine_drain(engine, drain_ms);
    host_tell(HOST_STOPPING, ENGINE_STEP_MS);
}

void engine_stop(struct engine *engine, const struct host_stop *stop)
{
    struct event_record last;
    engine_stop_beat(engine, &engine->keeper);
    engine_stop_beat(engine, &engine->control);
    engine_stop_loops(engine, stop->drain_ms_max);
    uint64_t now_ms = sys_unix_ms();
    sinks_stop(engine->sinks); /* what it counts is published, too */
    engine_close_map(engine, now_ms);
    event_begin(&last, EVENT_ServiceStopped, sys_unix_ms());
    event_text(&last, span_str(stop->reason));
    sinks_free(engine->sinks, &last);
    engine_write_activity(engine);
    engine_close_loops(engine); /* last: a thread may be waiting for the system to resolve a name */
    engine_free(engine);
}
