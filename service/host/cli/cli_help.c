/*
 * help [COMMAND]: what commands and options do, from their tables.
 */
#include "host/cli/cli.h"

#include <stdio.h>

bool cli_is_family(const struct cli_row *row, struct span word)
{
    struct span name = span_str(row->name);
    size_t space = span_find(name, ' ');
    return space < name.len && span_equal(span_first(name, space), word);
}

bool cli_is_named(const struct cli_row *row, char *const *words, int count)
{
    struct span name = span_str(row->name);
    size_t space = span_find(name, ' ');
    if (space == name.len) {
        return count > 0 && span_is(name, words[0]);
    }
    return count > 1 && cli_is_family(row, span_str(words[0])) &&
           span_is(span_after(name, space + 1), words[1]);
}

void cli_put_usage(const struct cli_row *row, struct out *out)
{
    out_str(out, "omsgateway ");
    out_str(out, row->name);
    out_str(out, row->words[0] ? " " : "");
    out_str(out, row->words);
    for (enum cli_option i = 0; i < CLI_OPTIONS; i++) {
        const struct cli_option_row *option = cli_option_row(i);
        if ((row->options >> i & 1) != 0) {
            out_str(out, " [");
            out_str(out, option->word);
            out_str(out, option->value[0] ? " " : "");
            out_str(out, option->value);
            out_char(out, ']');
        }
    }
}

static void help_print_command(const struct cli_row *row)
{
    char place[256];
    struct out usage;
    out_begin(&usage, place, sizeof place);
    cli_put_usage(row, &usage);
    (void)printf("%s\n    %s\n", place, row->summary);
}

static void help_print_options(unsigned options)
{
    (void)printf("\noptions:\n");
    for (enum cli_option i = 0; i < CLI_OPTIONS; i++) {
        const struct cli_option_row *option = cli_option_row(i);
        if ((options >> i & 1) != 0 || i == CLI_DATA || i == CLI_HELP) {
            int width = printf("    %s %s", option->word, option->value);
            (void)printf("%*s%s\n", width < 32 ? 32 - width : 1, "", option->summary);
        }
    }
}

static void help_print_one(enum cli_command command)
{
    help_print_command(cli_row(command));
    help_print_options(cli_row(command)->options);
}

/* All commands of a family, all there are for an empty word. */
static bool help_print_family(struct span word)
{
    unsigned options = 0;
    bool any = false;
    for (enum cli_command i = 0; i < CLI_COUNT; i++) {
        const struct cli_row *row = cli_row(i);
        if (word.len == 0 || cli_is_family(row, word)) {
            help_print_command(row);
            options |= row->options;
            any = true;
        }
    }
    if (any) {
        help_print_options(options);
    }
    return any;
}

int cli_help(const struct cli_line *line)
{
    if (line->count == 0) {
        (void)printf("OMS Gateway: lets monitoring agents reach their cloud service, "
                     "and nothing else through.\n\n");
        (void)help_print_family(span_str(""));
        return CLI_DONE;
    }
    for (enum cli_command i = 0; i < CLI_COUNT; i++) {
        if (cli_is_named(cli_row(i), line->words, line->count)) {
            help_print_one(i);
            return CLI_DONE;
        }
    }
    if (line->count == 1 && help_print_family(cli_word(line, 0))) {
        return CLI_DONE;
    }
    return cli_unknown(line->words, line->count);
}
