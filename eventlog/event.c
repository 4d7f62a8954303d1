/*
 * Records: filled in the order of the table, printed as text and as JSON. Text that may come from
 * a peer is escaped on its way out, in one place for each form.
 */
#include "eventlog/event.h"

#include "base/utf.h"
#include "base/when.h"

#include <string.h>

enum event_kind { EVENT_NONE, EVENT_TEXT, EVENT_NUMBER };

struct event_arg {
    enum event_kind kind;
    const char *name;
};

struct event_row {
    uint16_t id;
    const char *name;
    enum severity severity, level;
    uint16_t per_minute;
    struct event_arg args[EVENT_ARGS_MAX + 1]; /* ends with EVENT_NONE */
    const char *english;
};

#define TEXT_ARG(name)   {EVENT_TEXT, #name},
#define NUMBER_ARG(name) {EVENT_NUMBER, #name},
static const struct event_row event_rows[EVENT_COUNT] = {
#define EVENT(id, name, severity, level, per_minute, args, english)                                \
    [EVENT_##name] = {                                                                             \
        id,     #name, SEVERITY_##severity, SEVERITY_##level, per_minute, {args{EVENT_NONE, ""}},  \
        english},
#include "eventlog/events.def"
#undef EVENT
};

/* What a summary says: behind the text of the first of many, and alone. */
#define SUMMARY(name, facility, english) static const char event_##name[] = english;
#include "eventlog/summaries.def"
#undef SUMMARY

static const char *const event_severities[] = {"DEBUG", "INFO", "WARNING", "ERROR"};

static const struct event_row *event_row(enum event event)
{
    CHECK((unsigned)event < EVENT_COUNT);
    return &event_rows[event];
}

uint16_t event_id(enum event event)
{
    return event_row(event)->id;
}

const char *event_name(enum event event)
{
    return event_row(event)->name;
}

const char *event_argument_name(enum event event, size_t i)
{
    CHECK(i < EVENT_ARGS_MAX);
    return event_row(event)->args[i].name;
}

enum severity event_severity(enum event event)
{
    return event_row(event)->severity;
}

enum severity event_level(enum event event)
{
    return event_row(event)->level;
}

uint16_t event_per_minute(enum event event)
{
    return event_row(event)->per_minute;
}

void event_begin(struct event_record *record, enum event event, uint64_t unix_ms)
{
    CHECK((unsigned)event < EVENT_COUNT);
    record->unix_ms = unix_ms;
    record->event = event;
    record->count = 0;
    record->text_len = 0;
    record->suppressed = 0;
}

void event_begin_others(struct event_record *record, enum event event, uint64_t number)
{
    CHECK(number > 0);
    event_begin(record, event, 0);
    record->suppressed = number;
}

static struct event_value *event_next(struct event_record *record, enum event_kind kind)
{
    CHECK(record->count < EVENT_ARGS_MAX);
    CHECK(record->suppressed == 0);
    CHECK(event_row(record->event)->args[record->count].kind == kind);
    return &record->values[record->count++];
}

/* What the text just counted may take: each text that is still to come keeps its fair share. */
static size_t event_room(const struct event_record *record)
{
    const struct event_arg *args = event_row(record->event)->args;
    size_t texts = 0, to_come = 0;
    for (size_t i = 0; args[i].kind != EVENT_NONE; i++) {
        texts += args[i].kind == EVENT_TEXT;
        to_come += args[i].kind == EVENT_TEXT && i >= record->count;
    }
    CHECK(texts > to_come);
    size_t kept = to_come * (EVENT_TEXT_MAX / texts);
    CHECK(record->text_len + kept < EVENT_TEXT_MAX);
    return EVENT_TEXT_MAX - record->text_len - kept;
}

void event_text(struct event_record *record, struct span text)
{
    struct event_value *value = event_next(record, EVENT_TEXT);
    struct span kept = utf_first(text, event_room(record));
    value->start = record->text_len;
    value->len = (uint16_t)kept.len;
    if (kept.len > 0) {
        memcpy(record->text + record->text_len, kept.at, kept.len);
    }
    record->text_len = (uint16_t)(record->text_len + kept.len);
}

void event_number(struct event_record *record, uint64_t number)
{
    event_next(record, EVENT_NUMBER)->number = number;
}

static struct span event_argument_text(const struct event_record *record, size_t i)
{
    CHECK(record->values[i].start + record->values[i].len <= record->text_len);
    return span_of(record->text + record->values[i].start, record->values[i].len);
}

/* Index of a given argument of that name and kind; record->count where there is none. */
static size_t event_find(const struct event_record *record, const char *name, enum event_kind kind)
{
    const struct event_arg *args = event_row(record->event)->args;
    size_t i = 0;
    while (i < record->count && (args[i].kind != kind || strcmp(args[i].name, name) != 0)) {
        i++;
    }
    return i;
}

struct span event_find_text(const struct event_record *record, const char *name)
{
    size_t i = event_find(record, name, EVENT_TEXT);
    return i < record->count ? event_argument_text(record, i) : span_of(NULL, 0);
}

uint64_t event_find_number(const struct event_record *record, const char *name)
{
    size_t i = event_find(record, name, EVENT_NUMBER);
    return i < record->count ? record->values[i].number : 0;
}

void event_print_argument(const struct event_record *record, size_t i, struct out *out)
{
    CHECK(i < record->count);
    if (event_row(record->event)->args[i].kind == EVENT_NUMBER) {
        out_u64(out, record->values[i].number);
    } else {
        out_escaped(out, event_argument_text(record, i));
    }
}

/* Index of the argument `{name}` that the text stands on; its length goes to *len. */
static size_t event_find_argument(const struct event_row *row, struct span at, size_t *len)
{
    *len = span_find(at, '}') + 1;
    CHECK(*len <= at.len);
    for (size_t i = 0; row->args[i].kind != EVENT_NONE; i++) {
        if (span_is(span_first(span_after(at, 1), *len - 2), row->args[i].name)) {
            return i;
        }
    }
    CHECK_NEVER("the text of an event names an argument that it does not have");
}

static void event_print_filled(const struct event_record *record, struct out *out)
{
    const struct event_row *row = event_row(record->event);
    struct span rest = span_str(row->english);
    for (;;) {
        size_t open = span_find(rest, '{');
        out_put(out, span_first(rest, open));
        rest = span_after(rest, open);
        if (rest.len == 0) {
            return;
        }
        size_t len;
        event_print_argument(record, event_find_argument(row, rest, &len), out);
        rest = span_after(rest, len);
    }
}

static bool event_is_complete(const struct event_record *record)
{
    return event_row(record->event)->args[record->count].kind == EVENT_NONE;
}

void event_suppress(struct event_record *record, uint64_t number)
{
    CHECK(number > 0 && event_is_complete(record));
    record->suppressed = number;
}

/* The number stands where the table has {suppressed}. */
static void event_print_summary(const char *english, uint64_t suppressed, struct out *out)
{
    struct span text = span_str(english);
    size_t open = span_find(text, '{');
    out_put(out, span_first(text, open));
    out_u64(out, suppressed);
    text = span_after(text, open);
    out_put(out, span_after(text, span_find(text, '}') + 1));
}

/* A summary speaks about others of its kind; only what is no summary has nothing to add. */
void event_print_sentence(const struct event_record *record, struct out *out)
{
    bool complete = event_is_complete(record);
    if (complete) {
        event_print_filled(record, out);
    }
    if (record->suppressed > 0) {
        out_str(out, complete ? " " : "");
        event_print_summary(complete ? event_SummaryAlike : event_SummaryOthers, record->suppressed,
                            out);
    }
}

static const struct event_row *event_printable_row(const struct event_record *record)
{
    CHECK(event_is_complete(record) || (record->suppressed > 0 && record->count == 0));
    return event_row(record->event);
}

void event_print_text(const struct event_record *record, struct out *out)
{
    const struct event_row *row = event_printable_row(record);
    when_print(record->unix_ms, out);
    out_char(out, ' ');
    out_str(out, event_severities[row->severity]);
    out_char(out, ' ');
    out_u64(out, row->id);
    out_char(out, ' ');
    out_str(out, row->name);
    out_str(out, " - ");
    event_print_sentence(record, out);
}

static void event_print_json_arguments(const struct event_record *record, struct out *out)
{
    const struct event_row *row = event_row(record->event);
    for (size_t i = 0; i < record->count; i++) {
        out_char(out, ',');
        out_json(out, span_str(row->args[i].name));
        out_char(out, ':');
        if (row->args[i].kind == EVENT_NUMBER) {
            out_u64(out, record->values[i].number);
        } else {
            out_json(out, event_argument_text(record, i));
        }
    }
}

void event_print_json(const struct event_record *record, struct out *out)
{
    const struct event_row *row = event_printable_row(record);
    char place[EVENT_LINE_MAX];
    struct out sentence;
    out_begin(&sentence, place, sizeof place);
    event_print_sentence(record, &sentence);
    out_str(out, "{\"time\":\"");
    when_print(record->unix_ms, out);
    out_str(out, "\",\"severity\":\"");
    out_str(out, event_severities[row->severity]);
    out_str(out, "\",\"id\":");
    out_u64(out, row->id);
    out_str(out, ",\"name\":\"");
    out_str(out, row->name);
    out_str(out, "\",\"text\":");
    out_json(out, out_span(&sentence));
    event_print_json_arguments(record, out);
    if (record->suppressed > 0) {
        out_str(out, ",\"suppressed\":");
        out_u64(out, record->suppressed);
    }
    out_char(out, '}');
}
