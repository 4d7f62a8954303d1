/*
 * Finding the command, taking words apart, and complaining well. Knows the table of commands, not
 * what any of them does.
 */
#include "host/cli/cli.h"

#include "base/out.h"

#include <stdio.h>
#include <string.h>

struct cli_row {
    const char *name, *usage, *summary;
    int (*run)(struct args *args);
};

static const struct cli_row cli_rows[CLI_COUNT] = {
#define COMMAND(name, usage, summary) [CLI_##name] = {#name, usage, summary, cli_##name},
#include "host/cli/commands.def"
#undef COMMAND
};

bool cli_find(struct span name, enum cli_command *command)
{
    for (unsigned i = 0; i < CLI_COUNT; i++) {
        if (span_is(name, cli_rows[i].name)) {
            *command = (enum cli_command)i;
            return true;
        }
    }
    return false;
}

void cli_complain(const char *what, struct span which)
{
    char place[1024];
    struct out line;
    out_begin(&line, place, sizeof place);
    out_str(&line, "omsgateway: ");
    out_str(&line, what);
    if (which.len > 0) {
        out_str(&line, ": ");
        out_escaped(&line, span_first(which, which.len < 200 ? which.len : 200));
    }
    (void)fprintf(stderr, "%s\n", place);
}

int cli_misused(enum cli_command command, const char *what, struct span which)
{
    cli_complain(what, which);
    (void)fprintf(stderr, "usage: omsgateway %s\n", cli_rows[command].usage);
    return CLI_USAGE;
}

void cli_print_help(enum cli_command command)
{
    const struct cli_row *row = &cli_rows[command];
    (void)printf("omsgateway %s\n    %s\n", row->usage, row->summary);
}

static void cli_remove(struct args *args, int index, int count)
{
    CHECK(index >= 0 && index + count <= args->count);
    int behind = args->count - index - count;
    memmove(args->words + index, args->words + index + count, (size_t)behind * sizeof *args->words);
    args->count -= count;
}

bool cli_take_option(struct args *args, const char *name, struct span *value)
{
    bool found = false;
    for (int i = 0; i < args->count;) {
        struct span word = span_str(args->words[i]);
        size_t equals = span_find(word, '=');
        bool joined = equals < word.len;
        if (!span_is(span_first(word, equals), name) || (!joined && i + 1 == args->count)) {
            i++;
            continue;
        }
        *value = joined ? span_after(word, equals + 1) : span_str(args->words[i + 1]);
        cli_remove(args, i, joined ? 1 : 2);
        found = true;
    }
    return found;
}

bool cli_take_flag(struct args *args, const char *name)
{
    bool found = false;
    for (int i = 0; i < args->count;) {
        if (strcmp(args->words[i], name) == 0) {
            cli_remove(args, i, 1);
            found = true;
        } else {
            i++;
        }
    }
    return found;
}

bool cli_take_word(struct args *args, struct span *word)
{
    for (int i = 0; i < args->count; i++) {
        if (args->words[i][0] != '-') {
            *word = span_str(args->words[i]);
            cli_remove(args, i, 1);
            return true;
        }
    }
    return false;
}

int cli_end(const struct args *args, enum cli_command command)
{
    if (args->count == 0) {
        return CLI_DONE;
    }
    struct span word = span_str(args->words[0]);
    bool option = word.len > 0 && word.at[0] == '-';
    return cli_misused(
        command, option ? "unknown option, or an option without its value" : "one word too many",
        word);
}

static bool cli_wants_help(const struct args *args)
{
    for (int i = 0; i < args->count; i++) {
        if (strcmp(args->words[i], "--help") == 0 || strcmp(args->words[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

int cli_main(struct args *args)
{
    enum cli_command command = CLI_help;
    struct span name;
    if (cli_take_word(args, &name) && !cli_find(name, &command)) {
        return cli_misused(CLI_help, "there is no such command", name);
    }
    if (cli_wants_help(args)) {
        cli_print_help(command);
        return CLI_DONE;
    }
    return cli_rows[command].run(args);
}
