/*
 * What counters.map says about the service. Of one that does not run, what it left behind is given
 * all the same.
 */
#include "admin/data.h"
#include "admin/load.h"
#include "base/when.h"
#include "perfcounters/publish_map.h"
#include "policy/explain.h"
#include "sys/sys.h"

enum { STATUS_TEXT_MAX = 16 * 1024 };

static const char *const status_words[] = {
    [PUBLISH_MAP_RUNS] = "running",
    [PUBLISH_MAP_STOPPED] = "stopped",
    [PUBLISH_MAP_GONE] = "gone",
};

struct status {
    struct publish_map_view view;
    enum publish_map_life life;
    uint64_t since_ms, now_ms;
};

/* "2 d 03:04:05" */
static void status_print_span(uint64_t ms, struct out *out)
{
    uint64_t seconds = ms / 1000;
    out_u64(out, seconds / 86400);
    out_str(out, " d ");
    out_padded(out, seconds / 3600 % 24, 2);
    out_char(out, ':');
    out_padded(out, seconds / 60 % 60, 2);
    out_char(out, ':');
    out_padded(out, seconds % 60, 2);
}

static uint64_t status_uptime_ms(const struct status *status)
{
    const struct publish_map_view *view = &status->view;
    uint64_t end = status->life == PUBLISH_MAP_RUNS ? status->now_ms : status->since_ms;
    return end > view->start_ms ? end - view->start_ms : 0;
}

/* As lines, or as an array. */
static void status_print_listeners(const struct publish_map_view *view, bool json, struct out *out)
{
    out_str(out, json ? "[" : "");
    for (size_t i = 0; i < view->listener_count; i++) {
        out_str(out, !json ? "\nlistener\t" : i > 0 ? ",\"" : "\"");
        endpoint_print(&view->listeners[i], out);
        out_str(out, json ? "\"" : "");
    }
    out_str(out, json ? "]" : "");
}

static void status_print_counters(const struct publish_map_view *view, bool json, struct out *out)
{
    for (size_t i = 0; i < COUNTER_COUNT; i++) {
        out_str(out, !json ? "\n" : i > 0 ? ",\"" : "{\"");
        out_str(out, counter_name((enum counter)i));
        out_str(out, json ? "\":" : "\t");
        out_u64(out, view->counters.at[i]);
    }
    out_str(out, json ? "}" : "");
}

static void status_print_text(const struct status *status, const struct span *cells,
                              struct out *out)
{
    static const char *const names[] = {"state\t", "\nversion\t", "\nprocess\t", "\nstarted\t"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        out_str(out, names[i]);
        out_put(out, cells[i]);
    }
    out_str(out, "\nuptime\t");
    status_print_span(status_uptime_ms(status), out);
    out_str(out, "\nrevision\t");
    out_put(out, cells[6]);
    status_print_listeners(&status->view, false, out);
    status_print_counters(&status->view, false, out);
}

/* The piece that was put behind the last one. */
static struct span status_cut(const struct out *out, size_t *from)
{
    struct span piece = span_after(out_span(out), *from);
    *from = out->len;
    return piece;
}

static void status_put_row(const struct admin *admin, const struct status *status)
{
    static const struct sheet_column columns[] = {
        {"state", false},   {"version", false},   {"pid", true},
        {"started", false}, {"heartbeat", false}, {"uptime_s", true},
        {"revision", true}, {"listeners", true},  {"counters", true}};
    static const struct sheet_shape shape = {columns, 9, 9, 10, true};
    const struct publish_map_view *view = &status->view;
    char place[2 * STATUS_TEXT_MAX];
    struct span cells[10] = {span_str(status_words[status->life]), span_str(view->version)};
    struct out out;
    size_t from = 0;
    out_begin(&out, place, sizeof place);
    out_u64(&out, view->pid);
    cells[2] = status_cut(&out, &from);
    when_print(view->start_ms, &out);
    cells[3] = status_cut(&out, &from);
    when_print(view->heartbeat_ms, &out);
    cells[4] = status_cut(&out, &from);
    out_u64(&out, status_uptime_ms(status) / 1000);
    cells[5] = status_cut(&out, &from);
    out_u64(&out, view->revision);
    cells[6] = status_cut(&out, &from);
    status_print_listeners(view, true, &out);
    cells[7] = status_cut(&out, &from);
    status_print_counters(view, true, &out);
    cells[8] = status_cut(&out, &from);
    status_print_text(status, cells, &out);
    cells[9] = status_cut(&out, &from);
    CHECK(!out.full);
    admin->row(admin->context, &shape, cells);
}

static void status_warn(const struct admin *admin, const struct status *status)
{
    char place[40];
    struct out when;
    out_begin(&when, place, sizeof place);
    when_print(status->since_ms, &when);
    admin_tell(admin, ADMIN_WARNING,
               status->life == PUBLISH_MAP_STOPPED
                   ? "the gateway does not run; it was stopped at"
                   : "the gateway does not run; it ended without a word, its last sign at",
               out_span(&when));
}

/* What the list of certificates does not see, in any session that is counted above. */
static enum err status_tell_hidden(struct data *data, void *context)
{
    const struct load_own own = {.sealed = true, .leave_out = load_say_nothing};
    struct load load;
    char place[POLICY_WHY_MAX];
    struct out why;
    (void)context;
    out_begin(&why, place, sizeof place);
    if (load_rules(data->store, &own, &load, &why) == ERR_OK) {
        const struct snapshot *snapshot = load.snapshot;
        const char *hidden = policy_hidden(&snapshot->settings, snapshot->subject_count);
        if (hidden) {
            admin_tell(data->admin, ADMIN_WARNING, hidden, span_str(""));
        }
        load_free(&load);
    }
    return ERR_OK; /* what is wrong with the store is the service's event */
}

enum err admin_get_status(const struct admin *admin)
{
    struct status status;
    struct paths_data where;
    TRY(data_find(admin, &where));
    enum err err = publish_map_read(where.folder, &status.view);
    if (err != ERR_OK) {
        admin_tell(admin, ADMIN_WRONG,
                   err == ERR_ABSENT ? "no gateway has run on this data folder" : err_sentence(err),
                   span_str(where.folder));
        return err;
    }
    status.now_ms = sys_unix_ms();
    status.life = publish_map_judge(&status.view, status.now_ms, &status.since_ms);
    status_put_row(admin, &status);
    if (status.life == PUBLISH_MAP_RUNS) {
        return data_use(admin, NULL, status_tell_hidden);
    }
    status_warn(admin, &status);
    return ERR_NOT_RUNNING;
}
