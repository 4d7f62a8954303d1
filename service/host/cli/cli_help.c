/*
 * help [COMMAND]: what the commands do, from commands.def.
 */
#include "host/cli/cli.h"

#include <stdio.h>

int cli_help(struct args *args)
{
    struct span name;
    enum cli_command command;
    bool one = cli_take_word(args, &name);
    if (one && !cli_find(name, &command)) {
        return cli_misused(CLI_help, "there is no such command", name);
    }
    int status = cli_end(args, CLI_help);
    if (status != CLI_DONE) {
        return status;
    }
    if (one) {
        cli_print_help(command);
        return CLI_DONE;
    }
    (void)printf("OMS Gateway: lets monitoring agents reach their cloud service, "
                 "and nothing else through.\n\n");
    for (unsigned i = 0; i < CLI_COUNT; i++) {
        cli_print_help((enum cli_command)i);
    }
    return CLI_DONE;
}
