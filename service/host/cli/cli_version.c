/*
 * version: prints what is built, alone on a line.
 */
#include "host/cli/cli.h"
#include "host/version.h"

#include <stdio.h>

int cli_version(struct args *args)
{
    int status = cli_end(args, CLI_version);
    if (status == CLI_DONE) {
        (void)printf("%s\n", host_version());
    }
    return status;
}
