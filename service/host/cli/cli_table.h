/*
 * What a reading command prints: rows with named columns, as text (the first columns, tabs between
 * them) or as JSON (all columns: an array of objects, or one object). Rows go out as they come.
 */
#ifndef HOST_CLI_CLI_TABLE_H
#define HOST_CLI_CLI_TABLE_H

#include "host/cli/cli.h"

struct cli_column {
    const char *name;
    bool bare; /* a number, true, false or JSON made elsewhere: without quotes */
};

struct cli_table {
    const struct cli_column *columns;
    size_t count, first, shown, rows; /* the text has the columns from first to below shown */
    bool json, one;                   /* one: an object instead of an array of them */
};

void cli_table_begin(struct cli_table *table, bool json, const struct cli_column *columns,
                     size_t count, size_t shown);
/* A cell for each column; at == NULL: there is none. */
void cli_table_row(struct cli_table *table, const struct span *cells);
/* Ends what was printed, unless reading it failed; returns that status. */
int cli_table_end(const struct cli_table *table, int status);

#endif
