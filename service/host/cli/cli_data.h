/*
 * The data folder as a command uses it: found, opened, read, changed, and its errors said. Knows
 * the store's words, no command's.
 */
#ifndef HOST_CLI_CLI_DATA_H
#define HOST_CLI_CLI_DATA_H

#include "host/cli/cli.h"
#include "settings/settings.h"
#include "store/change.h"

struct cli_data {
    struct paths_data where;
    struct store *store;
};

/* All of them: CLI_DONE, or CLI_FAILED after a sentence; `work` and `change` alike. */

/* Which folder is meant. One that is the user's own, not the service's, is said. */
int cli_data_find(const struct cli_line *line, struct paths_data *where);
/* Runs `work` on the opened folder. */
int cli_data_use(const struct cli_line *line, void *context,
                 int (*work)(struct cli_data *data, void *context));
/* Shows everything to the visitor. */
int cli_data_read(const struct cli_line *line, const struct store_visitor *visitor);
/* Runs `change` inside a change, which is kept if it succeeds; whether anything is new now. */
int cli_data_write(const struct cli_line *line, const void *context,
                   int (*change)(struct cli_data *data, const void *context), bool *changed);

/* Inside of these: the same, and what a call of the store ended with. ERR_OK is CLI_DONE. */
int cli_data_load(struct cli_data *data, const struct store_visitor *visitor);
int cli_data_judge(const struct cli_data *data, enum err err);

/*
 * The settings in force; inside a change those that it makes. A stored value that is none is said,
 * counted in *wrong and left at its default; CLI_FAILED where settings contradict each other.
 */
int cli_data_settings(struct cli_data *data, struct settings *settings, size_t *wrong);

#endif
