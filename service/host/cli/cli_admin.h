/*
 * The verbs of admin/ as commands: what they give is printed on standard output, as text or with
 * --json, what they say on stderr. All of it is printed when the verb has ended: a reader who takes
 * his time, as a pager does, keeps nobody from the data folder.
 */
#ifndef HOST_CLI_CLI_ADMIN_H
#define HOST_CLI_CLI_ADMIN_H

#include "admin/admin.h"
#include "admin/text.h"
#include "host/cli/cli.h"

/* It points into itself: it stays where it began. */
struct cli_admin {
    struct admin admin;
    struct sheet sheet;
    struct text given, said;
};

/* Returns what the verbs are given. */
const struct admin *cli_admin_begin(struct cli_admin *place, const struct cli_line *line);
/* Prints what the verb that ended so gave and said; the command's exit status. */
int cli_admin_end(struct cli_admin *place, enum err err);

struct admin_words cli_words(const struct cli_line *line);

#endif
