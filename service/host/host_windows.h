/*
 * What the process's files on Windows share: entry and console, the service's life and its
 * installation, what the process gives up. For host_*_windows.c alone.
 */
#ifndef HOST_HOST_WINDOWS_H
#define HOST_HOST_WINDOWS_H

#include "host/host.h"

#define HOST_SERVICE_NAME L"OMSGatewayService"

enum { HOST_BEGIN_MS = 30000 }; /* what Windows gives a process until it says a word */

/* From any thread, after host_catch_stop: the waiting one is to stop, or to look. */
void host_ask_stop(const struct host_stop *stop); /* the first one counts */
void host_ask_look(void);

/* Whether the service controller started this process. */
bool host_is_service(void);

/* At the start of every process of ours: what it never needs it may never do. */
void host_harden(void);

#endif
