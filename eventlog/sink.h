/*
 * A sink: where records become lines that somebody reads. A stream gets them as text or as JSON,
 * each line given to the system at once: who waits for a line must not wait for a buffer. A service
 * writes to its system's own log instead, see sink_system.h.
 */
#ifndef EVENTLOG_SINK_H
#define EVENTLOG_SINK_H

#include "eventlog/event.h"

#include <stdio.h>

enum sink_form { SINK_TEXT, SINK_JSON, SINK_SYSTEM };

struct sink {
    FILE *stream;
    enum sink_form form;
    void *system; /* of sink_system_open */
};

/* False: the system's log did not take it. */
bool sink_write(const struct sink *sink, const struct event_record *record);

#endif
