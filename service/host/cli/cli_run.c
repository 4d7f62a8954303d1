/*
 * run: the gateway in the foreground, until it is told to stop. Events go to standard output.
 */
#include "host/cli/cli.h"

#include "host/engine.h"
#include "host/host.h"
#include "sys/paths.h"

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

int cli_run(struct args *args)
{
    static struct resolve_fixed fixed[RUN_FIXED_MAX];
    struct engine_setup setup = {.sink = {stdout, SINK_TEXT}, .fixed = fixed};
    struct paths_data data;
    struct engine *engine;
    char place[ENGINE_WHY_MAX], folder[PATHS_MAX];
    struct out why;
    struct span word;
    if (cli_take_option(args, "--log", &word) && !run_find_form(word, &setup.sink.form)) {
        return cli_misused(CLI_run, "--log takes text or json, not", word);
    }
    if (cli_take_option(args, "--listen", &word)) {
        setup.pinned = true;
        if (endpoint_parse_bind(word, &setup.pin) != ERR_OK) {
            return cli_misused(CLI_run, "--listen takes ADDR:PORT, not", word);
        }
    }
    while (setup.fixed_count < RUN_FIXED_MAX && cli_take_option(args, "--resolve", &word)) {
        if (!run_read_fixed(word, &fixed[setup.fixed_count++])) {
            return cli_misused(CLI_run, "--resolve takes HOST=ADDR[,ADDR], not", word);
        }
    }
    bool given = cli_take_option(args, "--data", &word);
    struct out path;
    out_begin(&path, folder, sizeof folder);
    out_put(&path, given ? word : span_str(""));
    int status = cli_end(args, CLI_run);
    if (status != CLI_DONE) {
        return status;
    }
    if (paths_find_data(given ? folder : NULL, &data) != ERR_OK) {
        cli_complain(err_sentence(ERR_FOLDER_NONE), span_str(""));
        return CLI_FAILED;
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
