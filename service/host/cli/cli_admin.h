/*
 * The verbs of admin/ as commands: what they give is printed on standard output, as text or with
 * --json, what they say on stderr.
 */
#ifndef HOST_CLI_CLI_ADMIN_H
#define HOST_CLI_CLI_ADMIN_H

#include "admin/admin.h"
#include "host/cli/cli.h"

/* It points into itself: it stays where it began. */
struct cli_admin {
    struct admin admin;
    struct sheet sheet;
};

/* Returns what the verbs are given. */
const struct admin *cli_admin_begin(struct cli_admin *place, const struct cli_line *line);
/* The command's exit status. */
int cli_admin_status(enum err err);

struct admin_words cli_words(const struct cli_line *line);

#endif
