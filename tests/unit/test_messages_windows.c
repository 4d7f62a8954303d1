/*
 * Proves the message library as Event Viewer reads it: every event and summary, in every language,
 * has a text with the same inserts as the English one and nothing else of its source in it; the
 * English is what the line of a log says. The counters' strings are there, too. MESSAGES is the
 * library.
 */
#include "base/utf.h"
#include "eventlog/event_message.h"
#include "unit/unit.h"

#include <windows.h>

static const struct {
    const char *tag;
    DWORD id;
} languages[] = {
#define LANGUAGE(tag, id, code_page, name) {tag, id},
#include "eventlog/languages.def"
#undef LANGUAGE
};

#define TEXT_ARG(name)   't',
#define NUMBER_ARG(name) 'n',
static const struct {
    char kinds[EVENT_ARGS_MAX + 1];
    unsigned per_minute;
} events[EVENT_COUNT] = {
#define EVENT(id, name, severity, level, per_minute, args, english)                                \
    [EVENT_##name] = {{args '\0'}, per_minute},
#include "eventlog/events.def"
#undef EVENT
};

static HMODULE library;

/* Inserts that stand out: "<a>", "<b>"; numbers 70001, 70002. */
static void fill(struct event_record *record, enum event event)
{
    char text[] = "<a>";
    uint64_t number = 70001;
    event_begin(record, event, 0);
    for (const char *kind = events[event].kinds; *kind; kind++, text[1]++, number++) {
        if (*kind == 't') {
            event_text(record, span_str(text));
        } else {
            event_number(record, number);
        }
    }
}

/* The message of a record in UTF-8, without the end of its line; "": there is none. */
static const char *message(const struct event_record *record, DWORD language)
{
    static char narrow[4096], text[EVENT_MESSAGE_MAX];
    static WCHAR wides[EVENT_MESSAGE_STRINGS][64], wide[2048];
    const char *strings[EVENT_MESSAGE_STRINGS];
    DWORD_PTR inserts[EVENT_MESSAGE_STRINGS];
    size_t count = event_message_strings(record, text, strings), len;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(utf_to_16(span_str(strings[i]), (void *)wides[i], 63, &len), ERR_OK);
        wides[i][len] = L'\0';
        inserts[i] = (DWORD_PTR)wides[i];
    }
    DWORD got = FormatMessageW(FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_ARGUMENT_ARRAY, library,
                               event_message_id(record), language, wide, 2048, (va_list *)inserts);
    if (got == 0) {
        return "";
    }
    assert_true(got > 2 && wide[got - 2] == L'\r' && wide[got - 1] == L'\n');
    assert_int_equal(utf_from_16((const void *)wide, got - 2, narrow, sizeof narrow - 1, &len),
                     ERR_OK);
    narrow[len] = '\0';
    return narrow;
}

static size_t times(const char *text, const char *part)
{
    size_t found = 0;
    for (const char *at = text; (at = strstr(at, part)); at++) {
        found++;
    }
    return found;
}

static void judge(const struct event_record *record, size_t which)
{
    static char place[EVENT_MESSAGE_MAX];
    const char *strings[EVENT_MESSAGE_STRINGS];
    const char *text = message(record, languages[which].id), *name = event_name(record->event);
    unit_holds(strlen(text) > 8, "%s has no %s", languages[which].tag, name);
    unit_holds(!strpbrk(text, "%{}\r\n"), "%s: %s", languages[which].tag, text);
    size_t count = event_message_strings(record, place, strings);
    for (size_t i = 0; i < count; i++) {
        unit_holds(times(text, strings[i]) == 1, "%s: %s in: %s", languages[which].tag, strings[i],
                   text);
    }
}

static void every_event_in_every_language(void **state)
{
    (void)state;
    size_t seen = 0;
    for (size_t k = 0; k < unit_count(languages); k++) {
        for (unsigned i = 0; i < EVENT_COUNT; i++) {
            struct event_record record;
            fill(&record, (enum event)i);
            judge(&record, k);
            seen++;
            if (events[i].per_minute > 0) {
                event_suppress(&record, 80001);
                judge(&record, k);
                event_begin_others(&record, (enum event)i, 80001);
                judge(&record, k);
                seen += 2;
            }
        }
    }
    (void)printf("%zu messages in %zu languages\n", seen, unit_count(languages));
}

/* "... - Revision 70001 of ...": what follows is the sentence. */
static void english_is_what_a_line_says(void **state)
{
    (void)state;
    for (unsigned i = 0; i < EVENT_COUNT; i++) {
        static char place[EVENT_LINE_MAX];
        struct event_record record;
        struct out out;
        fill(&record, (enum event)i);
        out_begin(&out, place, sizeof place);
        event_print_sentence(&record, &out);
        assert_string_equal(message(&record, 0x409), place);
    }
}

/* A language that nobody wrote is none, so that Windows goes on to the next one of the user's. */
static void others_are_absent(void **state)
{
    (void)state;
    struct event_record record;
    fill(&record, EVENT_ServiceStarted);
    assert_string_equal(message(&record, 0x40D), "");
}

/* ---- counters ---- */

static const struct {
    const char *text, *help;
} counters[] = {
#define COUNTER_SET(name, help)            {name, help},
#define COUNTER(name, kind, help, perfmon) {perfmon, help},
#include "perfcounters/counter_set.def"
#include "perfcounters/counters.def"
#undef COUNTER_SET
#undef COUNTER
};

/* The string of a number in UTF-8: the id's sixteenth is the block, in which each has its length.
 */
static const char *string(unsigned id, DWORD language)
{
    static char narrow[1024];
    HRSRC found = FindResourceExW(library, (LPCWSTR)RT_STRING, MAKEINTRESOURCEW((id >> 4) + 1),
                                  (WORD)language);
    unit_holds(found != NULL, "no block for %u in %lx", id, language);
    const WCHAR *at = LockResource(LoadResource(library, found));
    size_t len;
    for (unsigned i = 0; i < (id & 15); i++) {
        at += *at + 1;
    }
    assert_int_equal(utf_from_16((const void *)(at + 1), *at, narrow, sizeof narrow - 1, &len),
                     ERR_OK);
    narrow[len] = '\0';
    return narrow;
}

static void every_counter_in_every_language(void **state)
{
    (void)state;
    for (size_t k = 0; k < unit_count(languages); k++) {
        unsigned id = 1;
        for (size_t i = 0; i < unit_count(counters); i++) {
            if (counters[i].text[0] == '\0') {
                continue;
            }
            if (k == 0) {
                assert_string_equal(string(id, languages[k].id), counters[i].text);
                assert_string_equal(string(id + 2, languages[k].id), counters[i].help);
            }
            unit_holds(strlen(string(id, languages[k].id)) > 2, "%s: %u", languages[k].tag, id);
            unit_holds(strlen(string(id + 2, languages[k].id)) > 8, "%s: %u", languages[k].tag,
                       id + 2);
            id += 4;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_in_every_language),
        cmocka_unit_test(english_is_what_a_line_says),
        cmocka_unit_test(others_are_absent),
        cmocka_unit_test(every_counter_in_every_language),
    };
    library = LoadLibraryExA(MESSAGES, NULL, LOAD_LIBRARY_AS_DATAFILE);
    return library ? cmocka_run_group_tests_name("messages", tests, NULL, NULL) : 1;
}
