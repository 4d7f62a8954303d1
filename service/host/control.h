/*
 * The service as the system's service manager has it: installed, removed, started, stopped from
 * outside. On Windows by the service controller; on Linux systemd does this, and that is said.
 */
#ifndef HOST_CONTROL_H
#define HOST_CONTROL_H

#include "base/span.h"

struct control {
    const char *folder; /* the service's data folder is this one; NULL: the system's */
    /* What was passed over, was done already, or went wrong: a sentence, and what it is about. */
    void (*say)(const char *sentence, struct span which);
};

/* Each says why it failed. What is so already is said, and is no failure. */
MUST_CHECK enum err control_install(const struct control *control);
MUST_CHECK enum err control_uninstall(const struct control *control);
MUST_CHECK enum err control_start(const struct control *control);
MUST_CHECK enum err control_stop(const struct control *control);

#endif
