/*
 * The process: how it begins, how it is told to stop, and what it answers to whoever started it.
 * The two systems differ only in host_linux.c and host_windows.c.
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "io/io_backend.h"

/* How this system waits for its connections. */
const struct io_backend *host_backend(void);

/* Called by the system's own entry point with UTF-8 arguments; the result is the exit status. */
int host_main(int argc, char **argv);

/* From here on a request to stop is kept, not lethal. Called before anything reports "started". */
void host_catch_stop(void);
/*
 * Waits for Ctrl-C, a signal or the console's end; says which, for the event. Meanwhile `reopen` is
 * called whenever log files are to be opened anew: on Linux at SIGUSR1, on Windows never.
 */
const char *host_wait_stop(void (*reopen)(void *context), void *context);

#endif
