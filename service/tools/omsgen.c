/*
 * omsgen: prints what is derived from the .def tables, so that a table is written once. It runs
 * where the build runs (also when the product is built for Windows) and includes nothing of the
 * product but the tables.
 *
 *     omsgen list              the names of the tables that the README shows
 *     omsgen markdown NAME     one of them, as a Markdown table
 *     omsgen completion        the script for bash
 *     omsgen man               the manual page
 *     omsgen check             nothing; what is wrong with the texts of a language goes to stderr
 *     omsgen manifest          what lodctr tells Windows of the performance counters
 *     omsgen messages          the source of the library with the events' texts in all languages
 *     omsgen strings           the string tables of it, with the counters' names
 *     omsgen side_by_side      a page with every text in every language
 *     omsgen texts             the same, one a line: language, kind, name, text
 */
#include "tools/omsgen.h"

#include "settings/accepted.def"

#include <stdio.h>
#include <string.h>

static void print_errors(void)
{
    (void)printf("| Error | HTTP | Proxy-Status | Event | Sentence |\n|---|---|---|---|---|\n");
#define ERR(name, http, rfc9209, event, sentence)                                                  \
    (void)printf("| `%s` | %s | %s | %s | %s |\n", #name, http ? #http : "", rfc9209,              \
                 event ? #event : "", sentence);
#include "base/err.def"
#undef ERR
}

static void print_events(void)
{
    (void)printf("| Id | Name | Severity | From level | Arguments | Text |\n"
                 "|---|---|---|---|---|---|\n");
#define TEXT_ARG(name)   " " #name
#define NUMBER_ARG(name) " " #name
#define EVENT(id, name, severity, level, per_minute, args, english)                                \
    (void)printf("| %d | `%s` | %s | %s |%s | %s |\n", id, #name, #severity, #level, "" args,      \
                 english);
#include "eventlog/events.def"
#undef EVENT
#undef TEXT_ARG
#undef NUMBER_ARG
}

static void print_counters(void)
{
    (void)printf("| Counter | Kind | Performance Monitor | What it counts |\n|---|---|---|---|\n");
#define COUNTER(name, kind, help, perfmon)                                                         \
    (void)printf("| `%s` | %s | %s | %s |\n", #name, #kind, perfmon, help);
#include "perfcounters/counters.def"
#undef COUNTER
}

enum { CLI_MANY };
#define OPT(name) (1U << OPTION_##name)
const struct omsgen_command omsgen_commands[] = {
#define COMMAND(id, name, words, least, most, takes, options, summary)                             \
    {name, words, summary, TAKES_##takes, options},
#include "host/cli/commands.def"
#undef COMMAND
    {NULL, NULL, NULL, TAKES_NOTHING, 0},
};

const struct omsgen_option_row omsgen_options[] = {
#define OPTION(name, word, value, summary) {word, value, summary},
#include "host/cli/options.def"
#undef OPTION
    {NULL, NULL, NULL},
};

/* In a cell of a Markdown table a bar would begin the next one. */
void omsgen_print_cell(const char *text)
{
    for (const char *c = text; *c; c++) {
        (void)printf(*c == '|' ? "\\%c" : "%c", *c);
    }
}

static void print_commands(void)
{
    (void)printf("| Command | What it does |\n|---|---|\n");
    for (const struct omsgen_command *i = omsgen_commands; i->name; i++) {
        (void)printf("| `omsgateway %s%s", i->name, i->words[0] ? " " : "");
        omsgen_print_cell(i->words);
        for (int k = 0; k < OPTIONS; k++) {
            if ((i->options >> k & 1) != 0) {
                (void)printf(" [%s%s", omsgen_options[k].word,
                             omsgen_options[k].value[0] ? " " : "");
                omsgen_print_cell(omsgen_options[k].value);
                (void)printf("]");
            }
        }
        (void)printf("` | %s |\n", i->summary);
    }
}

static void print_options(void)
{
    (void)printf("| Option | What it does |\n|---|---|\n");
    for (const struct omsgen_option_row *i = omsgen_options; i->word; i++) {
        (void)printf("| `%s%s", i->word, i->value[0] ? " " : "");
        omsgen_print_cell(i->value);
        (void)printf("` | %s |\n", i->summary);
    }
}

#define WHEN_LIVE    "at once"
#define WHEN_RESTART "after a restart"

#define WORDS_PORT(values)     ""
#define WORDS_NUMBER(values)   ""
#define WORDS_TIME(values)     ""
#define WORDS_CHOICE(values)   values
#define WORDS_NETWORKS(values) ""
#define WORDS_PORTS(values)    ""
#define WORDS_ADDRESS(values)  ""
#define WORDS_ENDPOINT(values) ""
#define WORDS_PATH(values)     ""
const struct omsgen_setting omsgen_settings[] = {
#define VALUE(constant, number, word) " " word
#define SETTING(name, field, type, min, max, standard, unit, when, values, description)            \
    {#name,      standard,    SETTINGS_ACCEPTED_##type(min, max, standard, unit, values),          \
     unit,       description, WORDS_##type(values),                                                \
     WHEN_##when},
#include "settings/settings.def"
#undef SETTING
#undef VALUE
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};

static void print_settings(void)
{
    (void)printf("| Setting | Default | Accepted | Unit | A change acts | What it is |\n"
                 "|---|---|---|---|---|---|\n");
    for (const struct omsgen_setting *i = omsgen_settings; i->name; i++) {
        (void)printf("| `%s` | `%s` | %s | %s | %s | %s |\n", i->name, i->standard, i->accepted,
                     i->unit, i->when, i->description);
    }
}

/* A tunnel's: how each state can be left. */
static void print_tunnel(void)
{
    (void)printf("| State | Event | What is done | Next |\n|---|---|---|---|\n");
#define STATE(name, time, error, up, down, dial, words)
#define EVENT(name, words)
#define ROW(state, event, action, next)                                                            \
    (void)printf("| %s | %s | `%s` | %s |\n", #state, #event, #action, #next);
#include "gateway/tunnel.def"
#undef STATE
#undef EVENT
#undef ROW
}

/* Its states and events in words. */
static void print_words(void)
{
    (void)printf("| State or event | In words |\n|---|---|\n");
#define STATE(name, time, error, up, down, dial, words)                                            \
    (void)printf("| state %s | %s |\n", #name, words);
#define EVENT(name, words) (void)printf("| event %s | %s |\n", #name, words);
#define ROW(state, event, action, next)
#include "gateway/tunnel.def"
#undef STATE
#undef EVENT
#undef ROW
}

struct table {
    const char *name;
    void (*print)(void);
};

static const struct table tables[] = {
    {"commands", print_commands}, {"counters", print_counters},  {"errors", print_errors},
    {"events", print_events},     {"options", print_options},    {"settings", print_settings},
    {"tunnel", print_tunnel},     {"tunnel_words", print_words},
};

enum { TABLES = sizeof tables / sizeof tables[0] };

static int list_tables(void)
{
    for (int i = 0; i < TABLES; i++) {
        (void)puts(tables[i].name);
    }
    return 0;
}

static int print_table(const char *name)
{
    for (int i = 0; i < TABLES; i++) {
        if (strcmp(tables[i].name, name) == 0) {
            tables[i].print();
            return 0;
        }
    }
    (void)fprintf(stderr, "omsgen: there is no table %s; `omsgen list` names them\n", name);
    return 1;
}

static const struct {
    const char *word;
    void (*print)(void);
    bool needs_texts; /* that are right */
} words[] = {
    {"completion", omsgen_print_completion, false},    {"man", omsgen_print_man, false},
    {"manifest", omsgen_print_manifest, false},        {"texts", omsgen_print_texts, false},
    {"messages", omsgen_print_messages, true},         {"strings", omsgen_print_strings, true},
    {"side_by_side", omsgen_print_side_by_side, true},
};

/* What one word asks for; 2: nothing. */
static int print_word(const char *word)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].word, word) == 0) {
            if (words[i].needs_texts && omsgen_check_texts() > 0) {
                return 1;
            }
            words[i].print();
            return 0;
        }
    }
    return 2;
}

int main(int argc, char **argv)
{
    int status = 2;
    if (argc == 2 && strcmp(argv[1], "list") == 0) {
        status = list_tables();
    } else if (argc == 3 && strcmp(argv[1], "markdown") == 0) {
        status = print_table(argv[2]);
    } else if (argc == 2 && strcmp(argv[1], "check") == 0) {
        status = omsgen_check_texts() > 0;
    } else if (argc == 2) {
        status = print_word(argv[1]);
    }
    if (status == 2) {
        (void)fprintf(stderr, "usage: omsgen list | markdown NAME | completion | man | check | "
                              "manifest | messages | strings | side_by_side | texts\n");
    }
    return fflush(stdout) == 0 ? status : 1;
}
