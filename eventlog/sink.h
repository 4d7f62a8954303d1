/*
 * A sink: where records become lines that somebody reads. This one writes to a stream, as text or
 * as JSON, and gives each line to the system at once: who waits for a line must not wait for a
 * buffer.
 */
#ifndef EVENTLOG_SINK_H
#define EVENTLOG_SINK_H

#include "eventlog/event.h"

#include <stdio.h>

enum sink_form { SINK_TEXT, SINK_JSON };

struct sink {
    FILE *stream;
    enum sink_form form;
};

void sink_write(const struct sink *sink, const struct event_record *record);

#endif
