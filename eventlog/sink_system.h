/*
 * The system's own log: source "OMS Gateway" in Windows' "OMS Gateway Log", or systemd's journal
 * with each argument as a field of its own. The language is the reader's: what is written is a
 * number and strings, the texts are in the message library.
 */
#ifndef EVENTLOG_SINK_SYSTEM_H
#define EVENTLOG_SINK_SYSTEM_H

#include "eventlog/event.h"

/* A sink of it, until the process ends. NULL: there is no such log here, a stream has to do. */
void *sink_system_open(void);
/* False: the system did not take it, in a second at the most. It is lost, and work goes on. */
bool sink_system_write(void *system, const struct event_record *record);

/*
 * On Windows alone: makes the source known, before it is first used, with the absolute path of the
 * message library. Again is the same as once; how large the log may grow stays as an administrator
 * set it. ERR_DENIED, ERR_SYSTEM, ERR_UTF, ERR_LONG.
 */
MUST_CHECK enum err sink_system_install(const char *library);
/* The rows are gone, the log's file stays: what it tells may still be asked for. */
MUST_CHECK enum err sink_system_remove(void);

#endif
