/*
 * The rows, and what must be right about them before anything is made of them: a build with a text
 * missing, one too many, or one with other arguments ends here, with a sentence for the translator.
 */
#include "tools/omsgen.h"

#include <stdio.h>
#include <string.h>

const struct omsgen_language omsgen_languages[] = {
#define LANGUAGE(tag, id, code_page, name) {tag, id, code_page, name},
#include "eventlog/languages.def"
#undef LANGUAGE
    {NULL, 0, 0, NULL},
};

const struct omsgen_text omsgen_texts[] = {
#define TAG                                               "en"
#define TERM(name, text)                                  {TAG, TEXT_TERM, #name, text},
#define EVENT(id, name, severity, level, per, args, text) {TAG, TEXT_EVENT, #name, text},
#define SUMMARY(name, facility, text)                     {TAG, TEXT_EVENT, #name, text},
#define COUNTER_TEXT(name, text, help)                                                             \
    {TAG, TEXT_COUNTER, #name, text}, {TAG, TEXT_HELP, #name, help},
#define COUNTER_SET(name, help) COUNTER_TEXT(set, name, help)
#define COUNTER(name, kind, help, perfmon)                                                         \
    COUNTER_TEXT(name, perfmon, sizeof(perfmon) > 1 ? help : "")
#include "eventlog/events.def"
#include "eventlog/summaries.def"
#include "eventlog/terms.def"
#include "perfcounters/counter_set.def"
#include "perfcounters/counters.def"
#undef TAG
#define TEXT(name, text) {TAG, TEXT_EVENT, #name, text},
/* Made by the build: the files that exist, each with its TAG. */
#include "eventlog/lang/present.def"
#undef TERM
#undef EVENT
#undef SUMMARY
#undef COUNTER_TEXT
#undef COUNTER_SET
#undef COUNTER
#undef TEXT
    {NULL, TEXT_TERM, NULL, NULL},
};

#define TEXT_ARG(name)   " " #name
#define NUMBER_ARG(name) " " #name
const struct omsgen_event omsgen_event_rows[] = {
#define EVENT(id, name, severity, level, per, args, text) {id, #name, #severity, "" args, per > 0},
#include "eventlog/events.def"
#undef EVENT
    {0, NULL, NULL, NULL, false},
};

static const struct {
    const char *name, *fragment;
} frozen[] = {
#define FROZEN(name, fragment) {#name, fragment},
#include "eventlog/frozen.def"
#undef FROZEN
};

/* How many earlier rows have the same id. */
unsigned omsgen_facility(const struct omsgen_event *event)
{
    unsigned facility = 0;
    for (const struct omsgen_event *i = omsgen_event_rows; i < event; i++) {
        facility += i->id == event->id;
    }
    return facility;
}

bool omsgen_has(const struct omsgen_language *language)
{
    for (const struct omsgen_text *i = omsgen_texts; i->tag; i++) {
        if (strcmp(i->tag, language->tag) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_row(const struct omsgen_text *row, const char *tag, enum omsgen_kind kind,
                   const char *name)
{
    return row->text[0] != '\0' && row->kind == kind && strcmp(row->tag, tag) == 0 &&
           strcmp(row->name, name) == 0;
}

const char *omsgen_find(const char *tag, enum omsgen_kind kind, const char *name)
{
    for (const struct omsgen_text *i = omsgen_texts; i->tag; i++) {
        if (is_row(i, tag, kind, name)) {
            return i->text;
        }
    }
    return NULL;
}

unsigned omsgen_argument(const char *text, const char *args, size_t *len)
{
    size_t name = strcspn(text + 1, "}");
    *len = name + 2;
    unsigned number = 1;
    for (const char *arg = args; *arg; arg += strcspn(arg + 1, " ") + 1, number++) {
        if (strcspn(arg + 1, " ") == name && strncmp(arg + 1, text + 1, name) == 0) {
            return text[name + 1] == '}' ? number : 0;
        }
    }
    return 0;
}

/* ---- what must be right ---- */

static int wrongs;

static const char *macro_of(enum omsgen_kind kind)
{
    return kind == TEXT_TERM ? "TERM" : kind == TEXT_EVENT ? "TEXT" : "COUNTER_TEXT";
}

static void complain(const struct omsgen_text *row, const char *tag, const char *what)
{
    bool counter = row->kind == TEXT_COUNTER || row->kind == TEXT_HELP;
    (void)fprintf(stderr, "%s/lang/%s.def: %s(%s, ...) %s\n", counter ? "perfcounters" : "eventlog",
                  tag, macro_of(row->kind), row->name, what);
    wrongs++;
}

static const char *args_of(const char *name)
{
    for (const struct omsgen_event *i = omsgen_event_rows; i->name; i++) {
        if (strcmp(i->name, name) == 0) {
            return i->args;
        }
    }
    return " suppressed"; /* a summary */
}

unsigned omsgen_count_args(const char *args)
{
    unsigned count = 0;
    for (const char *c = args; *c; c++) {
        count += *c == ' ';
    }
    return count;
}

/* Each argument once, and nothing behind it that would be taken for a part of it. */
static void check_arguments(const struct omsgen_text *row)
{
    const char *args = args_of(row->name);
    unsigned seen = 0, all = (1U << omsgen_count_args(args)) - 1;
    for (const char *c = row->text; *c; c++) {
        size_t len = 1;
        if (*c == '{') {
            unsigned number = omsgen_argument(c, args, &len);
            if (number == 0 || (seen >> (number - 1) & 1) != 0) {
                complain(row, row->tag,
                         "has an argument {...} twice, or one that events.def does not have");
                return;
            }
            seen |= 1U << (number - 1);
            if (c[len] == '!' || (c[len] >= '0' && c[len] <= '9')) {
                complain(row, row->tag,
                         "has a digit or ! right behind an argument: put something between");
            }
            c += len - 1;
        } else if (*c == '}' || (unsigned char)*c < ' ') {
            complain(row, row->tag, "has a lonely }, a tab or the end of a line in its text");
        }
    }
    if (seen != all) {
        complain(row, row->tag, "lacks an argument {...} that events.def has");
    }
}

static void check_frozen(const struct omsgen_text *row)
{
    for (size_t i = 0; i < sizeof frozen / sizeof frozen[0]; i++) {
        if (strcmp(frozen[i].name, row->name) == 0 &&
            strncmp(row->text, frozen[i].fragment, strlen(frozen[i].fragment)) != 0) {
            complain(row, row->tag, "does not open with the words of frozen.def, in English");
        }
    }
}

/* In the path of a counter these mean something. */
static void check_counter_name(const struct omsgen_text *row)
{
    if (strpbrk(row->text, "\\/()#*|\n\t")) {
        complain(row, row->tag, "has one of \\ / ( ) # * | in the counter's name");
    }
}

static void check_row(const struct omsgen_text *row)
{
    for (const struct omsgen_text *i = omsgen_texts; i < row; i++) {
        if (is_row(i, row->tag, row->kind, row->name)) {
            complain(row, row->tag, "is there twice");
        }
    }
    if (!omsgen_find("en", row->kind, row->name)) {
        complain(row, row->tag, "is one too many: English has nothing of that name");
    } else if (row->kind == TEXT_EVENT) {
        check_arguments(row);
        check_frozen(row);
    } else if (row->kind == TEXT_COUNTER) {
        check_counter_name(row);
    }
}

static void check_language(const char *tag)
{
    for (const struct omsgen_text *i = omsgen_texts; i->tag; i++) {
        if (i->text[0] != '\0' && strcmp(i->tag, "en") == 0 &&
            !omsgen_find(tag, i->kind, i->name)) {
            complain(i, tag, "is missing, or empty: translate it from the English table");
        }
        if (i->text[0] != '\0' && strcmp(i->tag, tag) == 0) {
            check_row(i);
        }
    }
}

static bool is_language(const char *tag)
{
    const struct omsgen_language *i = omsgen_languages;
    while (i->tag && strcmp(i->tag, tag) != 0) {
        i++;
    }
    return i->tag != NULL;
}

int omsgen_check_texts(void)
{
    for (const struct omsgen_text *i = omsgen_texts; i->tag; i++) {
        if (!is_language(i->tag)) {
            complain(i, i->tag, "is in a language that languages.def does not name");
            return wrongs;
        }
    }
    for (const struct omsgen_language *i = omsgen_languages; i->tag; i++) {
        if (omsgen_has(i)) {
            check_language(i->tag);
        }
    }
    return wrongs;
}
