/*
 * The process on Linux: main, and stopping by signal. Signals are blocked before any thread is
 * made and taken by sigwait, so no code ever runs inside a handler.
 */
#define _POSIX_C_SOURCE 200809L

#include "host/host.h"

#include "base/check.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>

const struct io_backend *host_backend(void)
{
    return &io_epoll;
}

enum { HOST_REOPEN = SIGUSR1 }; /* logrotate has renamed the access log */

/* What ends the run, and how the event calls it. */
static const struct host_signal {
    int number;
    const char *reason;
} host_signals[] = {
    {SIGINT, "Ctrl-C"},
    {SIGTERM, "SIGTERM"},
    {SIGHUP, "SIGHUP"},
};

enum { HOST_SIGNALS = sizeof host_signals / sizeof host_signals[0] };

/* nohup starts a program with SIGHUP ignored, so that it outlives its terminal. */
static bool host_hangup_is_ignored(void)
{
    struct sigaction now;
    CHECK(sigaction(SIGHUP, NULL, &now) == 0);
    return now.sa_handler == SIG_IGN;
}

static void host_signals_taken(sigset_t *signals)
{
    CHECK(sigemptyset(signals) == 0);
    CHECK(sigaddset(signals, HOST_REOPEN) == 0);
    for (int i = 0; i < HOST_SIGNALS; i++) {
        if (host_signals[i].number != SIGHUP || !host_hangup_is_ignored()) {
            CHECK(sigaddset(signals, host_signals[i].number) == 0);
        }
    }
}

void host_catch_stop(void)
{
    sigset_t signals;
    host_signals_taken(&signals);
    CHECK(sigprocmask(SIG_BLOCK, &signals, NULL) == 0);
}

struct host_stop host_wait_stop(const struct host_calls *calls)
{
    sigset_t signals;
    int number = HOST_REOPEN;
    host_signals_taken(&signals);
    while (number == HOST_REOPEN) {
        CHECK(sigwait(&signals, &number) == 0);
        if (number == HOST_REOPEN) {
            calls->reopen(calls->context);
        }
    }
    for (int i = 0; i < HOST_SIGNALS; i++) {
        if (host_signals[i].number == number) {
            return (struct host_stop){host_signals[i].reason, UINT32_MAX};
        }
    }
    CHECK_NEVER("sigwait gives a signal that it was asked for");
}

/* systemd runs it as it is, and is told by host_tell. */
enum err host_serve(uint32_t (*work)(void *context), void *context, uint32_t *code)
{
    *code = work(context);
    return ERR_OK;
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
