/*
 * The process on every system: words to the command line, its answer to the system. A failed CHECK
 * ends the process in base/check.c; the supervisor (SCM, systemd) starts it again.
 */
#include "host/cli/cli.h"
#include "host/host.h"

#include <stdio.h>

int host_main(int argc, char **argv)
{
    /* A program may be started without even its own name. */
    struct args args = {argc > 0 ? argv + 1 : argv, argc > 0 ? argc - 1 : 0};
    int status = cli_main(&args);
    if (fflush(stdout) != 0 && status == CLI_DONE) {
        cli_complain("standard output could not be written", span_str(""));
        status = CLI_FAILED;
    }
    return status;
}
