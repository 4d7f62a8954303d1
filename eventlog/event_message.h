/*
 * A record as Windows' event log takes it: the 32-bit id under which the message library has its
 * text, and the strings that stand in it. The id is the severity, a facility that tells apart what
 * shares an id (how many earlier rows of events.def do, and which summary it is), and the id that
 * people see. omsgen numbers the messages of the library in the same way.
 */
#ifndef EVENTLOG_EVENT_MESSAGE_H
#define EVENTLOG_EVENT_MESSAGE_H

#include "eventlog/event.h"

enum {
    /* Arguments, and how many were counted. */
    EVENT_MESSAGE_STRINGS = EVENT_ARGS_MAX + 1,
    /* All strings with their NULs: a byte becomes \x00 at the longest. */
    EVENT_MESSAGE_MAX = EVENT_TEXT_MAX * 4 + EVENT_MESSAGE_STRINGS * 21
};

uint32_t event_message_id(const struct event_record *record);

/*
 * The strings in their order, UTF-8, each with a NUL, in a place of EVENT_MESSAGE_MAX. Escaped as
 * in a line, and `%` too: in a string Event Viewer would take %1 for an insert. How many.
 */
size_t event_message_strings(const struct event_record *record, char place[EVENT_MESSAGE_MAX],
                             const char *strings[EVENT_MESSAGE_STRINGS]);

#endif
