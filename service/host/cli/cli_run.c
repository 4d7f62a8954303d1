/*
 * run: the gateway in the foreground. The engine comes with its room; until then the process says
 * that it has started, listens nowhere, and stops when it is told to.
 */
#include "host/cli/cli.h"

#include "eventlog/sink.h"
#include "host/host.h"
#include "host/version.h"
#include "sys/sys.h"

static bool run_find_form(struct span name, enum sink_form *form)
{
    *form = span_is(name, "json") ? SINK_JSON : SINK_TEXT;
    return *form == SINK_JSON || span_is(name, "text");
}

static void run_report_started(const struct sink *sink)
{
    struct event_record record;
    event_begin(&record, EVENT_ServiceStarted, sys_unix_ms());
    event_text(&record, span_str(host_version()));
    event_text(&record, span_str(""));
    event_number(&record, 0);
    sink_write(sink, &record);
}

static void run_report_stopped(const struct sink *sink, const char *reason)
{
    struct event_record record;
    event_begin(&record, EVENT_ServiceStopped, sys_unix_ms());
    event_text(&record, span_str(reason));
    sink_write(sink, &record);
}

int cli_run(struct args *args)
{
    struct sink sink = {stdout, SINK_TEXT};
    struct span form;
    if (cli_take_option(args, "--log", &form) && !run_find_form(form, &sink.form)) {
        return cli_misused(CLI_run, "--log takes text or json, not", form);
    }
    int status = cli_end(args, CLI_run);
    if (status != CLI_DONE) {
        return status;
    }
    host_catch_stop();
    run_report_started(&sink);
    run_report_stopped(&sink, host_wait_stop());
    return CLI_DONE;
}
