/*
 * The command line: words in, one command run, an exit status out. 0: done; 1: refused, failed or
 * a bad value, with one sentence on stderr that says what to do; 2: a command line that cannot be
 * understood. Each command lives in a file of its own and takes its words from `struct args`.
 */
#ifndef HOST_CLI_CLI_H
#define HOST_CLI_CLI_H

#include "base/span.h"

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

struct args {
    char **words;
    int count;
};

enum cli_command {
#define COMMAND(name, usage, summary) CLI_##name,
#include "host/cli/commands.def"
#undef COMMAND
    CLI_COUNT
};

#define COMMAND(name, usage, summary) int cli_##name(struct args *args);
#include "host/cli/commands.def"
#undef COMMAND

/* Runs the command that the words name; the program's own name is not among them. */
int cli_main(struct args *args);

/* Takes "--name VALUE" or "--name=VALUE" out of the words. False: not there, or without value
 * (then the option stays, and cli_end names it). The last of several counts. */
bool cli_take_option(struct args *args, const char *name, struct span *value);
/* Takes "--name" out of the words, however often it is there. False: it is not. */
bool cli_take_flag(struct args *args, const char *name);
/* Takes the first word that is no option; false: there is none. */
bool cli_take_word(struct args *args, struct span *word);
/* Nothing may be left: CLI_DONE, or CLI_USAGE after a sentence about the first word left over. */
int cli_end(const struct args *args, enum cli_command command);

/* One sentence on stderr, "omsgateway: " in front: `what`, and where it is given ": `which`". */
void cli_complain(const char *what, struct span which);
/* The same, then how the command is used; returns CLI_USAGE. */
int cli_misused(enum cli_command command, const char *what, struct span which);

void cli_print_help(enum cli_command command);
bool cli_find(struct span name, enum cli_command *command);

#endif
