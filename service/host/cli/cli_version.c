/*
 * version: prints what is built, alone on a line.
 */
#include "host/cli/cli_table.h"
#include "host/version.h"

int cli_version(const struct cli_line *line)
{
    static const struct cli_column columns[] = {{"version", false}};
    struct cli_table table;
    cli_table_begin(&table, cli_has(line, CLI_JSON), columns, 1, 1);
    table.one = true;
    cli_table_row(&table, (struct span[]){span_str(host_version())});
    return cli_table_end(&table, CLI_DONE);
}
