/*
 * A record of something that happened: an event of events.def, its moment and its arguments. A
 * record has one fixed size, so that it can lie in a ring; longer text is cut at a character, but
 * never below its fair share of the room, whatever the others take. It is printed here, as a line
 * of text or of JSON; where the line goes is a sink's matter.
 *
 * A record may also be a summary: what was counted instead of written, see limit.h. It is either
 * the first of many with `suppressed` set, or one without arguments for many that differ.
 */
#ifndef EVENTLOG_EVENT_H
#define EVENTLOG_EVENT_H

#include "base/out.h"

enum event {
#define EVENT(id, name, severity, level, per_minute, args, english) EVENT_##name,
#include "eventlog/events.def"
#undef EVENT
    EVENT_COUNT
};

enum severity { SEVERITY_DEBUG, SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };

enum {
    EVENT_ARGS_MAX = 8,
    /* What 107 says at its longest, a subject of 512 bytes and two names of 253, is never cut. */
    EVENT_TEXT_MAX = 1392,
    /* The longest line: each byte of text once in its argument as \u0000 and once in the sentence
     * as \\x00, and everything else of a line. */
    EVENT_LINE_MAX = EVENT_TEXT_MAX * (6 + 5) + 2048
};

struct event_value {
    uint64_t number;
    uint16_t start, len; /* of a text argument, in the record's text */
};

struct event_record {
    uint64_t unix_ms;
    enum event event;
    uint16_t count; /* arguments given so far */
    uint16_t text_len;
    uint64_t suppressed; /* 0: no summary */
    struct event_value values[EVENT_ARGS_MAX];
    uint8_t text[EVENT_TEXT_MAX];
};

/* Begin, then give each argument in the table's order; a wrong kind or count trips a CHECK. */
void event_begin(struct event_record *record, enum event event, uint64_t unix_ms);
void event_text(struct event_record *record, struct span text);
void event_number(struct event_record *record, uint64_t number);

/* The complete record becomes the summary of so many more like it; number > 0. */
void event_suppress(struct event_record *record, uint64_t number);
/* A summary of so many with the same id that got no line of their own; it takes no arguments. */
void event_begin_others(struct event_record *record, enum event event, uint64_t number);

/* One line without its end: "2026-11-21T10:00:00.123Z INFO 101 ServiceStarted - ..." */
void event_print_text(const struct event_record *record, struct out *out);
/* One object: time, severity, id, name, text, and each argument under its own name. */
void event_print_json(const struct event_record *record, struct out *out);

/* What happened, in words: the text alone. */
void event_print_sentence(const struct event_record *record, struct out *out);
/* A given argument as text is printed: escaped, or a number. */
void event_print_argument(const struct event_record *record, size_t i, struct out *out);

uint16_t event_id(enum event event);
const char *event_name(enum event event);
const char *event_argument_name(enum event event, size_t i);
enum severity event_severity(enum event event);
enum severity event_level(enum event event); /* the LogLevel from which it is written */
uint16_t event_per_minute(enum event event); /* 0: no limit */

/* The text argument of that name; at is NULL where the event has none such, or it is a number. */
struct span event_find_text(const struct event_record *record, const char *name);
/* The number of that name, 0 where there is none. */
uint64_t event_find_number(const struct event_record *record, const char *name);

#endif
