/*
 * The command line: words in, one command run, an exit status out. 0: done; 1: refused, failed or
 * a bad value, with one sentence on stderr that says what to do; 2: a command line that cannot be
 * understood. What may be typed is commands.def and options.def; a command gets a line that was
 * judged against them: as many words as it takes, only options of its own, each with its value.
 */
#ifndef HOST_CLI_CLI_H
#define HOST_CLI_CLI_H

#include "base/out.h"

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

enum { CLI_MANY = 1000000, CLI_GIVEN_MAX = 128, CLI_SENTENCE_MAX = 12288 };

enum cli_option {
#define OPTION(name, word, value, summary) CLI_##name,
#include "host/cli/options.def"
#undef OPTION
    CLI_OPTIONS
};

enum cli_command {
#define COMMAND(id, name, words, least, most, takes, options, summary) CLI_##id,
#include "host/cli/commands.def"
#undef COMMAND
    CLI_COUNT
};

/* What the process was started with, without its own name; the words are moved about. */
struct args {
    char **words;
    int count;
};

struct cli_given {
    enum cli_option option;
    struct span value; /* ends in a NUL that is not counted */
};

struct cli_line {
    enum cli_command command;
    char **words; /* behind the command's name */
    int count;
    int given_count;
    struct cli_given given[CLI_GIVEN_MAX];
};

#define COMMAND(id, name, words, least, most, takes, options, summary)                             \
    int cli_##id(const struct cli_line *line);
#include "host/cli/commands.def"
#undef COMMAND

/* Runs the command that the words name. */
int cli_main(struct args *args);

bool cli_has(const struct cli_line *line, enum cli_option option);
/* The last one given counts. */
bool cli_value(const struct cli_line *line, enum cli_option option, struct span *value);
/* Of several each, in order; start with *at = 0. */
bool cli_next(const struct cli_line *line, enum cli_option option, int *at, struct span *value);
struct span cli_word(const struct cli_line *line, int index);

/* One line on stderr, CLI_WHO in front. */
#define CLI_WHO "omsgateway: "
void cli_say(struct span sentence);
/* The same made of `what`, and where something is given ": `which`", safe for a terminal. */
void cli_complain(const char *what, struct span which);
/* The same, then how the command is used; returns CLI_USAGE. */
int cli_misused(enum cli_command command, const char *what, struct span which);

/* ---- the tables, for help ---- */

struct cli_row {
    const char *name, *words;
    int least, most;
    unsigned options; /* bits */
    const char *summary;
    int (*run)(const struct cli_line *line);
};

struct cli_option_row {
    const char *word, *value, *summary;
};

const struct cli_row *cli_row(enum cli_command command);
const struct cli_option_row *cli_option_row(enum cli_option option);
bool cli_takes(const struct cli_row *row, enum cli_option option);

/* Whether the words begin with the command's name, or name its family. */
bool cli_is_named(const struct cli_row *row, char *const *words, int count);
bool cli_is_family(const struct cli_row *row, struct span word);
/* Says that the words name no command, and what they may have meant; returns CLI_USAGE. */
int cli_unknown(char *const *words, int count);

void cli_put_usage(const struct cli_row *row, struct out *out);

#endif
