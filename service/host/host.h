/*
 * The process: how it begins, how it is told to stop, what it tells whoever started it, and what it
 * answers in the end. The two systems differ only in host_*_linux.c and host_*_windows.c.
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "base/err.h"
#include "io/io_backend.h"

/* How this system waits for its connections. */
const struct io_backend *host_backend(void);

/* Called by the system's own entry point with UTF-8 arguments; the result is the exit status. */
int host_main(int argc, char **argv);

/*
 * How far we are, for systemd or the service controller of Windows. `wait_ms` is the longest that
 * passes until the next word. Where nobody waits for a word, none is said.
 */
enum host_state { HOST_STARTING, HOST_RUNNING, HOST_STOPPING };
void host_tell(enum host_state state, uint32_t wait_ms);

/*
 * Runs `work` as the system's service. What it returns becomes *code: 0, or the id of the event
 * that says why it failed, which the service controller shows. ERR_SYSTEM: no service controller
 * started this process, and nothing was run.
 */
MUST_CHECK enum err host_serve(uint32_t (*work)(void *context), void *context, uint32_t *code);

/* From here on a request to stop is kept, not lethal. Called before anything reports "started". */
void host_catch_stop(void);

/* Why it is to stop, for the event, and how long whoever wants it will wait for tunnels. */
struct host_stop {
    const char *reason;
    uint32_t drain_ms_max;
};

/*
 * What else may be asked of it, each on the waiting thread: open log files anew (SIGUSR1; Windows:
 * never), look at the configuration now (a PARAMCHANGE of the service controller; Linux: never).
 */
struct host_calls {
    void (*reopen)(void *context);
    void (*look)(void *context);
    void *context;
};

/* Waits for Ctrl-C, a signal, the console's end or the service controller. */
struct host_stop host_wait_stop(const struct host_calls *calls);

#endif
