/*
 * Records as messages. Knows how ids are made up, not what Windows does with them.
 */
#include "eventlog/event_message.h"

enum {
#define SUMMARY(name, facility, english) EVENT_MESSAGE_##name = facility,
#include "eventlog/summaries.def"
#undef SUMMARY
};

static uint32_t event_message_facility(const struct event_record *record)
{
    uint32_t facility = 0;
    for (unsigned i = 0; i < (unsigned)record->event; i++) {
        facility += event_id((enum event)i) == event_id(record->event);
    }
    if (record->suppressed > 0) {
        facility += record->count > 0 ? EVENT_MESSAGE_SummaryAlike : EVENT_MESSAGE_SummaryOthers;
    }
    return facility;
}

uint32_t event_message_id(const struct event_record *record)
{
    static const uint32_t severities[] = {
        [SEVERITY_DEBUG] = 1, [SEVERITY_INFO] = 1, [SEVERITY_WARNING] = 2, [SEVERITY_ERROR] = 3};
    return severities[event_severity(record->event)] << 30 | event_message_facility(record) << 16 |
           event_id(record->event);
}

static void event_message_put(struct out *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '%') {
            out_str(out, "\\x25");
        } else {
            out_char(out, (char)text.at[i]);
        }
    }
    out_char(out, '\0');
}

size_t event_message_strings(const struct event_record *record, char place[EVENT_MESSAGE_MAX],
                             const char *strings[EVENT_MESSAGE_STRINGS])
{
    struct out all;
    size_t count = 0;
    out_begin(&all, place, EVENT_MESSAGE_MAX);
    for (; count < record->count; count++) {
        char one[EVENT_MESSAGE_MAX];
        struct out string;
        out_begin(&string, one, sizeof one);
        event_print_argument(record, count, &string);
        strings[count] = place + all.len;
        event_message_put(&all, out_span(&string));
    }
    if (record->suppressed > 0) {
        strings[count++] = place + all.len;
        out_u64(&all, record->suppressed);
        out_char(&all, '\0');
    }
    CHECK(!all.full && count <= EVENT_MESSAGE_STRINGS);
    return count;
}
