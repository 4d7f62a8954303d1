/*
 * The sink over a stream: stdout in the foreground, a file later. A line that cannot be written is
 * lost, and work goes on; the stream remembers it (ferror), and who owns the stream says so.
 */
#include "eventlog/sink.h"

#include "eventlog/sink_system.h"
#include "sys/console.h"

bool sink_write(const struct sink *sink, const struct event_record *record)
{
    char place[EVENT_LINE_MAX];
    struct out line;
    if (sink->form == SINK_SYSTEM) {
        return sink_system_write(sink->system, record);
    }
    out_begin(&line, place, sizeof place - 1); /* one kept for the line's end */
    if (sink->form == SINK_JSON) {
        event_print_json(record, &line);
    } else {
        event_print_text(record, &line);
    }
    CHECK(!line.full);
    place[line.len] = '\n';
    console_put(sink->stream, span_of(place, line.len + 1));
    (void)fflush(sink->stream);
    return true;
}
