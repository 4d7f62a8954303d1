/*
 * Records for occasions. All but one go the feed of the store's thread, which is also whoever
 * starts the engine before that thread runs.
 */
#include "host/tell.h"

#include "base/version.h"
#include "base/when.h"
#include "sys/sys.h"

#include <string.h>

static void tell_begin(struct event_record *record, enum event event)
{
    event_begin(record, event, sys_unix_ms());
}

static void tell_end(struct engine *engine, const struct event_record *record)
{
    (void)feed_event(engine->feed, record);
}

void tell_still(struct engine *engine, uint32_t which)
{
    struct event_record record;
    tell_begin(&record, EVENT_LoopStill);
    event_number(&record, which);
    event_number(&record, engine->loops.count);
    (void)feed_event(engine->control_feed, &record);
}

/* ---- beginning ---- */

/* All addresses are a star, as in the settings. */
static void tell_address(struct event_record *record, const struct endpoint *at)
{
    char place[ADDR_TEXT_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    if (at->addr.family == ADDR_NONE) {
        out_char(&out, '*');
    } else {
        addr_print(&at->addr, &out);
    }
    event_text(record, out_span(&out));
    event_number(record, at->port);
}

void tell_started(struct engine *engine)
{
    struct event_record record;
    tell_begin(&record, EVENT_ServiceStarted);
    event_text(&record, span_str(version_text()));
    tell_address(&record, &engine->at);
    tell_end(engine, &record);
}

static void tell_moment(struct event_record *record, uint64_t unix_ms)
{
    char place[40];
    struct out out;
    out_begin(&out, place, sizeof place);
    when_print(unix_ms, &out);
    event_text(record, out_span(&out));
}

void tell_crash(struct engine *engine, const struct publish_map_view *last)
{
    struct event_record record;
    tell_begin(&record, EVENT_EndedUnexpectedly);
    event_number(&record, last->pid);
    tell_moment(&record, last->start_ms);
    tell_moment(&record, last->heartbeat_ms);
    tell_end(engine, &record);
}

static void tell_failure(struct engine *engine, const char *work, const char *reason,
                         uint32_t os_error)
{
    struct event_record record;
    tell_begin(&record, EVENT_ApplicationError);
    event_text(&record, span_str(work));
    event_text(&record, span_str(reason));
    event_number(&record, os_error);
    tell_end(engine, &record);
}

void tell_no_map(struct engine *engine)
{
    tell_failure(engine, "publishing the counters in counters.map",
                 "the file cannot be written, so `status` knows nothing", 0);
}

void tell_no_copy(struct engine *engine, enum err err)
{
    tell_failure(engine,
                 "keeping gateway.db.good, the copy that a damaged configuration goes back to",
                 err_sentence(err), 0);
}

void tell_no_perf(struct engine *engine, uint32_t os_error)
{
    tell_failure(engine, "showing the counters in Performance Monitor",
                 "Windows does not take them; `status` shows them all the same", os_error);
}

void tell_tunnels_lowered(struct engine *engine, uint64_t wanted, uint64_t possible)
{
    struct event_record record;
    tell_begin(&record, EVENT_TunnelsLowered);
    event_number(&record, wanted);
    event_number(&record, possible);
    tell_end(engine, &record);
}

/* ---- where we listen ---- */

void tell_listening(struct engine *engine)
{
    struct event_record record;
    tell_begin(&record, EVENT_Listening);
    tell_address(&record, &engine->at);
    tell_end(engine, &record);
}

void tell_cannot_listen(struct engine *engine, const struct endpoint *wanted, enum err err)
{
    struct event_record record;
    char place[ENDPOINT_TEXT_MAX];
    struct out kept;
    out_begin(&kept, place, sizeof place);
    tell_begin(&record, engine->listening ? EVENT_MoveFailed : EVENT_ListenFailed);
    tell_address(&record, wanted);
    event_text(&record, span_str(err_sentence(err)));
    if (engine->listening) {
        endpoint_print(&engine->at, &kept);
        event_text(&record, out_span(&kept));
    }
    tell_end(engine, &record);
}

/* ---- the configuration ---- */

static void tell_entry(struct engine *engine, enum event event, struct span entry,
                       struct span reason)
{
    struct event_record record;
    tell_begin(&record, event);
    event_text(&record, entry);
    event_text(&record, reason);
    tell_end(engine, &record);
}

void tell_wrong(struct engine *engine, struct span entry, struct span reason)
{
    tell_entry(engine, EVENT_ConfigurationWrong, entry, reason);
}

void tell_left_out(struct engine *engine, struct span entry, struct span reason)
{
    tell_entry(engine, EVENT_EntryLeftOut, entry, reason);
}

/* What is not there is a hyphen, as in Windows' own logs. */
static void tell_text(struct event_record *record, struct span text)
{
    event_text(record, text.len > 0 ? text : span_str("-"));
}

void tell_rescue(struct engine *engine, const struct store_rescue *rescue)
{
    struct event_record record;
    char place[24];
    struct out lost;
    out_begin(&lost, place, sizeof place);
    if (rescue->was >= rescue->back) {
        out_u64(&lost, rescue->was - rescue->back);
    } else {
        out_str(&lost, "not known");
    }
    tell_begin(&record, rescue->from_good ? EVENT_StoreRestored : EVENT_StoreLost);
    if (rescue->from_good) {
        event_number(&record, rescue->back);
        event_text(&record, out_span(&lost));
    }
    tell_text(&record, span_str(rescue->aside));
    tell_end(engine, &record);
}

void tell_applied(struct engine *engine)
{
    struct event_record record;
    tell_begin(&record, EVENT_ConfigurationApplied);
    event_number(&record, engine->revision);
    tell_end(engine, &record);
}

struct tell_changes {
    struct engine *engine;
    uint64_t told, more;
};

static enum err tell_change(void *context, const struct store_event *change)
{
    struct tell_changes *changes = context;
    struct event_record record;
    if (changes->told == TELL_CHANGES_MAX) {
        changes->more++;
        return ERR_OK;
    }
    changes->told++;
    tell_begin(&record, EVENT_ConfigurationChanged);
    event_number(&record, change->revision);
    tell_text(&record, change->who);
    tell_text(&record, change->program);
    tell_text(&record, change->what);
    tell_text(&record, change->old);
    tell_text(&record, change->new);
    tell_end(changes->engine, &record);
    return ERR_OK;
}

void tell_changes(struct engine *engine, uint64_t *told)
{
    struct tell_changes changes = {.engine = engine};
    struct event_record record;
    uint64_t revision;
    enum err err = store_load(
        engine->store,
        &(struct store_visitor){.context = &changes, .since = *told, .change = tell_change},
        &revision);
    *told = err == ERR_OK ? revision : *told;
    if (err == ERR_OK && changes.more > 0) {
        tell_begin(&record, EVENT_ConfigurationChangedMore);
        event_number(&record, revision);
        event_number(&record, changes.more);
        tell_end(engine, &record);
    }
}

static bool tell_same(const struct settings *a, const struct settings *b, enum setting setting)
{
    char places[2][SETTINGS_VALUE_MAX];
    struct out values[2];
    out_begin(&values[0], places[0], sizeof places[0]);
    out_begin(&values[1], places[1], sizeof places[1]);
    settings_print(a, setting, &values[0]);
    settings_print(b, setting, &values[1]);
    return span_equal(out_span(&values[0]), out_span(&values[1]));
}

void tell_not_yet(struct engine *engine, const struct settings *old)
{
    struct event_record record;
    const struct settings *new = &engine->settings;
    for (unsigned i = 0; i < SETTING_COUNT; i++) {
        const struct settings_row *row = settings_row((enum setting)i);
        if (!row->live && !tell_same(old, new, (enum setting)i) &&
            !tell_same(&engine->begun, new, (enum setting)i)) {
            tell_begin(&record, EVENT_RestartNeeded);
            event_text(&record, span_str(row->name));
            tell_end(engine, &record);
        }
    }
    if (engine->setup.pinned &&
        !(tell_same(old, new, SETTING_ListenPort) && tell_same(old, new, SETTING_ListenAddress))) {
        tell_begin(&record, EVENT_AddressPinned);
        tell_address(&record, &engine->at);
        tell_end(engine, &record);
    }
}

void tell_hidden(struct engine *engine, uint64_t subjects)
{
    struct event_record record;
    tell_begin(&record, EVENT_CertificatesHidden);
    event_number(&record, subjects);
    tell_end(engine, &record);
}
