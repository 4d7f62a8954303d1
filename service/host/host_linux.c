/*
 * The process on Linux: main, and stopping by signal. Signals are blocked before any thread is
 * made and taken by sigwait, so no code ever runs inside a handler.
 */
#define _POSIX_C_SOURCE 200809L

#include "host/host.h"

#include "base/check.h"

#include <signal.h>
#include <string.h>

static void host_stop_signals(sigset_t *signals)
{
    CHECK(sigemptyset(signals) == 0);
    CHECK(sigaddset(signals, SIGINT) == 0);
    CHECK(sigaddset(signals, SIGTERM) == 0);
}

void host_catch_stop(void)
{
    sigset_t signals;
    host_stop_signals(&signals);
    CHECK(sigprocmask(SIG_BLOCK, &signals, NULL) == 0);
}

const char *host_wait_stop(void)
{
    sigset_t signals;
    int number;
    host_stop_signals(&signals);
    CHECK(sigwait(&signals, &number) == 0);
    return number == SIGINT ? "Ctrl-C" : "SIGTERM";
}

int main(int argc, char **argv)
{
    /* A reader of our output that went away is an error of that write, not the end of us. */
    struct sigaction ignore;
    memset(&ignore, 0, sizeof ignore);
    ignore.sa_handler = SIG_IGN;
    CHECK(sigaction(SIGPIPE, &ignore, NULL) == 0);
    return host_main(argc, argv);
}
