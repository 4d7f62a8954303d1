/*
 * version: prints what is built, alone on a line.
 */
#include "base/version.h"
#include "host/cli/cli_admin.h"

int cli_version(const struct cli_line *line)
{
    static const struct sheet_column columns[] = {{"version", false}};
    static const struct sheet_shape shape = {columns, 1, 0, 1, true};
    struct cli_admin place;
    const struct admin *admin = cli_admin_begin(&place, line);
    admin->row(admin->context, &shape, (struct span[]){span_str(version_text())});
    return cli_admin_end(&place, ERR_OK);
}
