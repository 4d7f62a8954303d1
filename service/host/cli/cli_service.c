/*
 * service: the gateway as a service of this system.
 */
#include "host/cli/cli.h"

#include "host/control.h"

static int service_do(const struct cli_line *line, enum err (*work)(const struct control *control))
{
    struct span folder = {NULL, 0};
    (void)cli_value(line, CLI_DATA, &folder);
    enum err err = work(&(struct control){(const char *)folder.at, cli_complain});
    return err == ERR_OK ? CLI_DONE : CLI_FAILED;
}

int cli_service_install(const struct cli_line *line)
{
    return service_do(line, control_install);
}

int cli_service_uninstall(const struct cli_line *line)
{
    return service_do(line, control_uninstall);
}

int cli_service_start(const struct cli_line *line)
{
    return service_do(line, control_start);
}

int cli_service_stop(const struct cli_line *line)
{
    return service_do(line, control_stop);
}
