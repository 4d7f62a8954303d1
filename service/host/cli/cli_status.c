/*
 * status: what counters.map says about the service, as text or as one JSON object. A service that
 * does not run is said on stderr, with status 1; what it left behind is printed all the same.
 */
#include "host/cli/cli_data.h"

#include "base/when.h"
#include "perfcounters/publish_map.h"
#include "sys/sys.h"

#include <stdio.h>

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

static void status_print_text(const struct status *status, struct out *out)
{
    const struct publish_map_view *view = &status->view;
    out_str(out, "state\t");
    out_str(out, status_words[status->life]);
    out_str(out, "\nversion\t");
    out_str(out, view->version);
    out_str(out, "\nprocess\t");
    out_u64(out, view->pid);
    out_str(out, "\nstarted\t");
    when_print(view->start_ms, out);
    out_str(out, "\nuptime\t");
    status_print_span(status_uptime_ms(status), out);
    out_str(out, "\nrevision\t");
    out_u64(out, view->revision);
    for (size_t i = 0; i < view->listener_count; i++) {
        out_str(out, "\nlistener\t");
        endpoint_print(&view->listeners[i], out);
    }
    for (size_t i = 0; i < COUNTER_COUNT; i++) {
        out_char(out, '\n');
        out_str(out, counter_name((enum counter)i));
        out_char(out, '\t');
        out_u64(out, view->counters.at[i]);
    }
    out_char(out, '\n');
}

static void status_print_moment(const char *name, uint64_t unix_ms, struct out *out)
{
    out_str(out, name);
    out_str(out, "\"");
    when_print(unix_ms, out);
    out_str(out, "\"");
}

static void status_print_listeners(const struct publish_map_view *view, struct out *out)
{
    for (size_t i = 0; i < view->listener_count; i++) {
        out_str(out, i > 0 ? ",\"" : "\"");
        endpoint_print(&view->listeners[i], out);
        out_char(out, '"');
    }
}

static void status_print_json(const struct status *status, struct out *out)
{
    const struct publish_map_view *view = &status->view;
    out_str(out, "{\"state\":\"");
    out_str(out, status_words[status->life]);
    out_str(out, "\",\"version\":");
    out_json(out, span_str(view->version));
    out_str(out, ",\"pid\":");
    out_u64(out, view->pid);
    status_print_moment(",\"started\":", view->start_ms, out);
    status_print_moment(",\"heartbeat\":", view->heartbeat_ms, out);
    out_str(out, ",\"uptime_s\":");
    out_u64(out, status_uptime_ms(status) / 1000);
    out_str(out, ",\"revision\":");
    out_u64(out, view->revision);
    out_str(out, ",\"listeners\":[");
    status_print_listeners(view, out);
    out_str(out, "],\"counters\":{");
    for (size_t i = 0; i < COUNTER_COUNT; i++) {
        out_str(out, i > 0 ? ",\"" : "\"");
        out_str(out, counter_name((enum counter)i));
        out_str(out, "\":");
        out_u64(out, view->counters.at[i]);
    }
    out_str(out, "}}\n");
}

static void status_complain(const struct status *status)
{
    char place[40];
    struct out when;
    if (status->life != PUBLISH_MAP_RUNS) {
        out_begin(&when, place, sizeof place);
        when_print(status->since_ms, &when);
        cli_complain(status->life == PUBLISH_MAP_STOPPED
                         ? "the gateway does not run; it was stopped at"
                         : "the gateway does not run; it ended without a word, its last sign at",
                     out_span(&when));
    }
}

static int status_show(const char *folder, bool json)
{
    char place[STATUS_TEXT_MAX];
    struct status status;
    struct out out;
    enum err err = publish_map_read(folder, &status.view);
    if (err == ERR_ABSENT) {
        cli_complain("no gateway has run on this data folder", span_str(folder));
        return CLI_FAILED;
    }
    if (err != ERR_OK) {
        cli_complain(err_sentence(err), span_str(folder));
        return CLI_FAILED;
    }
    status.now_ms = sys_unix_ms();
    status.life = publish_map_judge(&status.view, status.now_ms, &status.since_ms);
    out_begin(&out, place, sizeof place);
    if (json) {
        status_print_json(&status, &out);
    } else {
        status_print_text(&status, &out);
    }
    CHECK(!out.full);
    (void)fwrite(out.at, 1, out.len, stdout);
    status_complain(&status);
    return status.life == PUBLISH_MAP_RUNS ? CLI_DONE : CLI_FAILED;
}

int cli_status(const struct cli_line *line)
{
    struct paths_data data;
    int status = cli_data_find(line, &data);
    return status == CLI_DONE ? status_show(data.folder, cli_has(line, CLI_JSON)) : status;
}
