/*
 * The process on every system: words to the command line, its answer to the system. A failed CHECK
 * ends the process in base/check.c; the supervisor (SCM, systemd) starts it again.
 */
#include "crypto/begin.h"
#include "host/cli/cli.h"
#include "host/host.h"
#include "sys/machine.h"

#include <stdio.h>

/* Whether everything that was printed went out: a flush in between may have failed as well. */
static bool host_output_is_complete(void)
{
    bool flushed = fflush(stdout) == 0;
    return flushed && !ferror(stdout);
}

int host_main(int argc, char **argv)
{
    machine_keep_dumps(false); /* a running service may be set to have them */
    /* A program may be started without even its own name. */
    struct args args = {argc > 0 ? argv + 1 : argv, argc > 0 ? argc - 1 : 0};
    crypto_begin();
    int status = cli_main(&args);
    if (!host_output_is_complete() && status == CLI_DONE) {
        cli_complain("standard output could not be written in full: "
                     "is its disk full, or its reader gone?",
                     span_str(""));
        status = CLI_FAILED;
    }
    return status;
}
