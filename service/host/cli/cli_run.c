/*
 * run: the gateway until it is told to stop, in the foreground with its events on standard output,
 * or as the system's service.
 */
#include "admin/data.h"
#include "host/cli/cli_admin.h"

#include "eventlog/sink_system.h"
#include "host/engine.h"
#include "sys/sys.h"

#include <stdio.h>

static bool run_find_form(struct span name, enum sink_form *form)
{
    *form = span_is(name, "json") ? SINK_JSON : SINK_TEXT;
    return *form == SINK_JSON || span_is(name, "text");
}

/* "HOST=ADDR[,ADDR]...", as curl has it for its own purposes. */
static bool run_read_fixed(struct span text, struct resolve_fixed *fixed)
{
    size_t equals = span_find(text, '=');
    struct span rest = span_after(text, equals < text.len ? equals + 1 : equals), word;
    bool done = false;
    fixed->name = span_first(text, equals);
    fixed->count = 0;
    while (span_cut(&rest, ',', &done, &word)) {
        if (fixed->count == IO_NAMES_MAX ||
            addr_parse(word, &fixed->addrs[fixed->count]) != ERR_OK) {
            return false;
        }
        fixed->count++;
    }
    return fixed->name.len > 0 && fixed->count > 0;
}

static int run_read_options(const struct cli_line *line, struct engine_setup *setup,
                            struct resolve_fixed fixed[RESOLVE_FIXED_MAX])
{
    struct span word;
    if (cli_value(line, CLI_LOG, &word) && !run_find_form(word, &setup->sink.form)) {
        return cli_misused(CLI_run, "--log takes text or json, not", word);
    }
    setup->pinned = cli_value(line, CLI_LISTEN, &word);
    if (setup->pinned && endpoint_parse_bind(word, &setup->pin) != ERR_OK) {
        return cli_misused(CLI_run, "--listen takes ADDR:PORT, not", word);
    }
    for (int at = 0; cli_next(line, CLI_RESOLVE, &at, &word); setup->fixed_count++) {
        if (setup->fixed_count == RESOLVE_FIXED_MAX) {
            return cli_misused(CLI_run, "one --resolve too many", word);
        }
        if (!run_read_fixed(word, &fixed[setup->fixed_count])) {
            return cli_misused(CLI_run, "--resolve takes HOST=ADDR[,ADDR], not", word);
        }
    }
    return CLI_DONE;
}

static void run_reopen(void *context)
{
    engine_reopen_log(context);
}

static void run_look(void *context)
{
    engine_look(context);
}

struct run {
    const struct cli_line *line;
    struct engine_setup setup;
};

/* Why it did not start, as an event, and that event's id. Where we cannot listen is one already. */
static uint32_t run_fail(const struct run *run, enum err err, const char *why)
{
    struct event_record record;
    if (err == ERR_ADDRESS_IN_USE) {
        return event_id(EVENT_ListenFailed);
    }
    event_begin(&record, EVENT_StartFailed, sys_unix_ms());
    event_text(&record, span_str(why));
    sink_write(&run->setup.sink, &record);
    return event_id(record.event);
}

/* 0, or the id of the event that says why it could not start. */
static uint32_t run_work(void *context)
{
    struct run *run = context;
    struct cli_admin verbs;
    struct paths_data data;
    struct engine *engine;
    char place[ENGINE_WHY_MAX];
    struct out why;
    enum err err = data_find(cli_admin_begin(&verbs, run->line), &data);
    (void)cli_admin_end(&verbs, err);
    if (err != ERR_OK) {
        return run_fail(run, err, err_sentence(err));
    }
    run->setup.folder = data.folder;
    host_catch_stop();
    out_begin(&why, place, sizeof place);
    err = engine_start(&run->setup, &engine, &why);
    if (err != ERR_OK) {
        cli_complain(place, span_str(""));
        return run_fail(run, err, place);
    }
    host_tell(HOST_RUNNING, 0);
    const struct host_stop stop =
        host_wait_stop(&(struct host_calls){run_reopen, run_look, engine});
    engine_stop(engine, &stop);
    return 0;
}

static struct sink run_system;

/* The last words of a service that nobody watches: past the rings, whose thread may be this one. */
static void run_tell_check(const char *sentence)
{
    struct event_record record;
    event_begin(&record, EVENT_ApplicationError, sys_unix_ms());
    event_text(&record, span_str("a check of the service's own state, so it ends"));
    event_text(&record, span_str(sentence));
    event_number(&record, 0);
    (void)sink_write(&run_system, &record);
}

/* A service writes to its system's log, where there is one. */
static void run_use_system(struct sink *sink)
{
    sink->system = sink_system_open();
    if (sink->system) {
        sink->form = SINK_SYSTEM;
        run_system = *sink;
        check_set_hook(run_tell_check);
    }
}

int cli_run(const struct cli_line *line)
{
    static struct resolve_fixed fixed[RESOLVE_FIXED_MAX];
    struct run run = {line, {.sink = {.stream = stdout}, .folder = "", .fixed = fixed}};
    uint32_t code;
    int status = run_read_options(line, &run.setup, fixed);
    if (status != CLI_DONE) {
        return status;
    }
    if (cli_has(line, CLI_SERVICE) && !cli_has(line, CLI_LOG)) {
        run_use_system(&run.setup.sink);
    }
    if (!cli_has(line, CLI_SERVICE)) {
        code = run_work(&run);
    } else if (host_serve(run_work, &run, &code) != ERR_OK) {
        return cli_misused(CLI_run,
                           "--service is what the service manager starts; for a person "
                           "there is omsgateway service start",
                           span_str(""));
    }
    return code == 0 ? CLI_DONE : CLI_FAILED;
}
