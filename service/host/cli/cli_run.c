/*
 * run: the gateway in the foreground, until it is told to stop. Events go to standard output.
 */
#include "admin/data.h"
#include "host/cli/cli_admin.h"

#include "host/engine.h"
#include "host/host.h"

#include <stdio.h>

enum { RUN_FIXED_MAX = RESOLVE_FIXED_MAX };

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

static void run_reopen_log(void *context)
{
    engine_reopen_log(context);
}

static int run_read_options(const struct cli_line *line, struct engine_setup *setup,
                            struct resolve_fixed fixed[RUN_FIXED_MAX])
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
        if (setup->fixed_count == RUN_FIXED_MAX) {
            return cli_misused(CLI_run, "one --resolve too many", word);
        }
        if (!run_read_fixed(word, &fixed[setup->fixed_count])) {
            return cli_misused(CLI_run, "--resolve takes HOST=ADDR[,ADDR], not", word);
        }
    }
    return CLI_DONE;
}

int cli_run(const struct cli_line *line)
{
    static struct resolve_fixed fixed[RUN_FIXED_MAX];
    struct engine_setup setup = {.sink = {stdout, SINK_TEXT}, .fixed = fixed};
    struct cli_admin verbs;
    struct paths_data data;
    struct engine *engine;
    char place[ENGINE_WHY_MAX];
    struct out why;
    int status = run_read_options(line, &setup, fixed);
    if (status == CLI_DONE) {
        status = cli_admin_status(data_find(cli_admin_begin(&verbs, line), &data));
    }
    if (status != CLI_DONE) {
        return status;
    }
    setup.folder = data.folder;
    host_catch_stop();
    out_begin(&why, place, sizeof place);
    enum err err = engine_start(&setup, &engine, &why);
    if (err != ERR_OK) {
        cli_complain(why.len > 0 ? place : err_sentence(err), span_str(""));
        return CLI_FAILED;
    }
    engine_stop(engine, host_wait_stop(run_reopen_log, engine));
    return CLI_DONE;
}
