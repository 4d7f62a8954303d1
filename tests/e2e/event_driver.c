/*
 * Plays a service that writes to its system's log: one event of each kind, and text as a hostile
 * peer would send it.
 */
#include "eventlog/sink.h"
#include "eventlog/sink_system.h"

static void write_all(struct sink *sink)
{
    struct event_record record;
    event_begin(&record, EVENT_ServiceStarted, 1);
    event_text(&record, span_str("1.2.3"));
    event_text(&record, span_str("::"));
    event_number(&record, 8080);
    sink_write(sink, &record);
    event_begin(&record, EVENT_TargetForbidden, 1);
    event_text(&record, span_str("192.0.2.1"));
    event_text(&record, span_str("a%1\r\n\x1b[2J\xe2\x80\xae"));
    event_number(&record, 443);
    event_text(&record, span_str("why"));
    event_text(&record, span_str("b\xc3\xbc"
                                 "cher"));
    sink_write(sink, &record);
    event_suppress(&record, 41);
    sink_write(sink, &record);
    event_begin_others(&record, EVENT_TargetForbidden, 7);
    sink_write(sink, &record);
    event_begin(&record, EVENT_LimitReached, 1);
    event_text(&record, span_str("192.0.2.1"));
    event_text(&record, span_str("full"));
    sink_write(sink, &record);
}

int main(void)
{
    struct sink sink = {.form = SINK_SYSTEM};
    sink.system = sink_system_open();
    if (!sink.system) {
        return 3;
    }
    write_all(&sink);
    return 0;
}
