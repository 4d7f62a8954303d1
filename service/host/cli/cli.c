/*
 * Running the command that was typed, complaining well, and the tables as rows. Knows what may be
 * typed, not what any command does.
 */
#include "host/cli/cli.h"

#include "host/cli/cli_parse.h"
#include "policy/say.h"
#include "sys/console.h"

#include <stdio.h>

#define OPT(name) (1U << CLI_##name)
static const struct cli_row cli_rows[CLI_COUNT] = {
#define COMMAND(id, name, words, least, most, takes, options, summary)                             \
    [CLI_##id] = {name, words, least, most, options, summary, cli_##id},
#include "host/cli/commands.def"
#undef COMMAND
};

static const struct cli_option_row cli_options[CLI_OPTIONS] = {
#define OPTION(name, word, value, summary) [CLI_##name] = {word, value, summary},
#include "host/cli/options.def"
#undef OPTION
};

const struct cli_row *cli_row(enum cli_command command)
{
    CHECK(command < CLI_COUNT);
    return &cli_rows[command];
}

const struct cli_option_row *cli_option_row(enum cli_option option)
{
    CHECK(option < CLI_OPTIONS);
    return &cli_options[option];
}

bool cli_takes(const struct cli_row *row, enum cli_option option)
{
    return ((row->options | OPT(DATA) | OPT(HELP)) >> option & 1) != 0;
}

/* ---- what was given ---- */

bool cli_next(const struct cli_line *line, enum cli_option option, int *at, struct span *value)
{
    while (*at < line->given_count) {
        const struct cli_given *given = &line->given[(*at)++];
        if (given->option == option) {
            *value = given->value;
            return true;
        }
    }
    return false;
}

bool cli_value(const struct cli_line *line, enum cli_option option, struct span *value)
{
    bool found = false;
    for (int at = 0; cli_next(line, option, &at, value);) {
        found = true;
    }
    return found;
}

bool cli_has(const struct cli_line *line, enum cli_option option)
{
    struct span value;
    return cli_value(line, option, &value);
}

struct span cli_word(const struct cli_line *line, int index)
{
    CHECK(index >= 0 && index < line->count);
    return span_str(line->words[index]);
}

/* ---- sentences ---- */

void cli_say(struct span sentence)
{
    char place[CLI_SENTENCE_MAX + 32]; /* in one piece: others write there, too */
    struct out line;
    out_begin(&line, place, sizeof place);
    out_str(&line, CLI_WHO);
    out_put(&line, sentence);
    out_char(&line, '\n');
    console_put(stderr, out_span(&line));
}

void cli_complain(const char *what, struct span which)
{
    char place[1024];
    struct out line;
    out_begin(&line, place, sizeof place);
    say_about(what, which, &line);
    cli_say(out_span(&line));
}

int cli_misused(enum cli_command command, const char *what, struct span which)
{
    char place[1024];
    struct out usage;
    out_begin(&usage, place, sizeof place);
    cli_put_usage(cli_row(command), &usage);
    cli_complain(what, which);
    (void)fprintf(stderr, "usage: %s\n", place);
    return CLI_USAGE;
}

/* ---- running ---- */

int cli_main(struct args *args)
{
    struct cli_line line = {.words = args->words, .count = args->count};
    int status = cli_parse(&line);
    return status == CLI_DONE ? cli_rows[line.command].run(&line) : status;
}
