/*
 * omsgen: prints what is derived from the .def tables, so that a table is written once. It runs
 * where the build runs (also when the product is built for Windows) and includes nothing of the
 * product but the tables.
 *
 *     omsgen list              the names of the tables that the README shows
 *     omsgen markdown NAME     one of them, as a Markdown table
 */
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

static void print_commands(void)
{
    (void)printf("| Command | What it does |\n|---|---|\n");
#define COMMAND(name, usage, summary)                                                              \
    (void)fputs("| `omsgateway ", stdout);                                                         \
    for (const char *c = usage; *c; c++) {                                                         \
        (void)printf(*c == '|' ? "\\%c" : "%c", *c);                                               \
    }                                                                                              \
    (void)printf("` | %s |\n", summary);
#include "host/cli/commands.def"
#undef COMMAND
}

#define WHEN_LIVE    "at once"
#define WHEN_RESTART "after a restart"

static void print_settings(void)
{
    (void)printf("| Setting | Default | Accepted | Unit | A change acts | What it is |\n"
                 "|---|---|---|---|---|---|\n");
#define VALUE(constant, number, word) " " word
#define SETTING(name, field, type, min, max, standard, unit, when, values, description)            \
    (void)printf("| `%s` | `%s` | %s | %s | %s | %s |\n", #name, standard,                         \
                 SETTINGS_ACCEPTED_##type(min, max, standard, unit, values), unit, WHEN_##when,    \
                 description);
#include "settings/settings.def"
#undef SETTING
#undef VALUE
}

struct table {
    const char *name;
    void (*print)(void);
};

static const struct table tables[] = {
    {"commands", print_commands}, {"counters", print_counters}, {"errors", print_errors},
    {"events", print_events},     {"settings", print_settings},
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

int main(int argc, char **argv)
{
    int status = 2;
    if (argc == 2 && strcmp(argv[1], "list") == 0) {
        status = list_tables();
    } else if (argc == 3 && strcmp(argv[1], "markdown") == 0) {
        status = print_table(argv[2]);
    } else {
        (void)fprintf(stderr, "usage: omsgen list | markdown NAME\n");
    }
    return fflush(stdout) == 0 ? status : 1;
}
