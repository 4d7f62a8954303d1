/*
 * From words to a line that keeps to the tables. For cli.c alone.
 */
#ifndef HOST_CLI_CLI_PARSE_H
#define HOST_CLI_CLI_PARSE_H

#include "host/cli/cli.h"

/* Takes options and the command's name out of the line's words. CLI_USAGE after a sentence. */
int cli_parse(struct cli_line *line);

#endif
