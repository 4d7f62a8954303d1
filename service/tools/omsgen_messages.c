/*
 * What is made of the texts of all languages: the source of the message library, which Windows'
 * message compiler reads, the strings of counters beside it, the page on which they stand side by
 * side, and plain lines for tests.
 *
 * A message's 32-bit id is its event's severity and id with a facility between: how many earlier
 * events share the id, plus what summaries.def says for the two kinds of summary.
 */
#include "tools/omsgen.h"

#include <stdio.h>
#include <string.h>

enum {
#define SUMMARY(name, facility, text) name = facility,
#include "eventlog/summaries.def"
#undef SUMMARY
};

static const char *severity_of(const struct omsgen_event *event)
{
    return strcmp(event->severity, "ERROR") == 0     ? "Error"
           : strcmp(event->severity, "WARNING") == 0 ? "Warning"
                                                     : "Informational";
}

/* Arguments as %1, %2...; `first` is the number of the first. */
static void print_filled(const char *text, const char *args, unsigned first)
{
    for (const char *c = text; *c; c++) {
        size_t len;
        if (*c == '{') {
            (void)printf("%%%u", first + omsgen_argument(c, args, &len) - 1);
            c += len - 1;
        } else {
            (void)printf(*c == '%' ? "%%%%" : "%c", *c);
        }
    }
}

static void print_in(const char *tag, const struct omsgen_event *event, unsigned kind)
{
    const char *summary = kind == 0 ? "" : kind == SummaryAlike ? "SummaryAlike" : "SummaryOthers";
    if (kind != SummaryOthers) {
        print_filled(omsgen_find(tag, TEXT_EVENT, event->name), event->args, 1);
    }
    if (kind != 0) {
        unsigned given = kind == SummaryAlike ? omsgen_count_args(event->args) : 0;
        (void)printf(kind == SummaryAlike ? " " : "");
        print_filled(omsgen_find(tag, TEXT_EVENT, summary), " suppressed", given + 1);
    }
}

static void print_message(const struct omsgen_event *event, unsigned kind)
{
    (void)printf("MessageId=%u\nSeverity=%s\nFacility=F%03X\n", event->id, severity_of(event),
                 kind + omsgen_facility(event));
    (void)printf("SymbolicName=MESSAGE_%s%s\n", event->name,
                 kind == 0              ? ""
                 : kind == SummaryAlike ? "_ALIKE"
                                        : "_OTHERS");
    for (const struct omsgen_language *i = omsgen_languages; i->tag; i++) {
        if (omsgen_has(i)) {
            (void)printf("Language=L%05X\n", i->id);
            print_in(i->tag, event, kind);
            (void)printf("\n.\n");
        }
    }
    (void)printf("\n");
}

static void print_heads(void)
{
    unsigned most = 0;
    (void)printf("MessageIdTypedef=DWORD\nSeverityNames=(Informational=0x1 Warning=0x2 Error=0x3)\n"
                 "FacilityNames=(");
    for (const struct omsgen_event *i = omsgen_event_rows; i->name; i++) {
        most = omsgen_facility(i) > most ? omsgen_facility(i) : most;
    }
    for (unsigned i = 0; i <= most; i++) {
        (void)printf("F%03X=0x%X F%03X=0x%X F%03X=0x%X\n", i, i, SummaryAlike + i, SummaryAlike + i,
                     SummaryOthers + i, SummaryOthers + i);
    }
    (void)printf(")\nLanguageNames=(");
    for (const struct omsgen_language *i = omsgen_languages; i->tag; i++) {
        if (omsgen_has(i)) {
            (void)printf("L%05X=0x%X:MSG%05X\n", i->id, i->id, i->id);
        }
    }
    (void)printf(")\n\n");
}

void omsgen_print_messages(void)
{
    print_heads();
    for (const struct omsgen_event *i = omsgen_event_rows; i->name; i++) {
        print_message(i, 0);
        if (i->limited) {
            print_message(i, SummaryAlike);
            print_message(i, SummaryOthers);
        }
    }
}

/* ---- the strings of Performance Monitor ---- */

/* Between quotes in a resource script. */
static void print_string(unsigned id, const char *text)
{
    (void)printf("    %u \"", id);
    for (const char *c = text; *c; c++) {
        (void)printf(*c == '"' ? "\"\"" : *c == '\\' ? "\\\\" : "%c", *c);
    }
    (void)printf("\"\n");
}

/* Numbered as Windows' own compiler of manifests does it: name 1, help 3, the next name 5... */
static void print_strings_in(const struct omsgen_language *language)
{
    unsigned id = 1;
    (void)printf("LANGUAGE 0x%X, 0x%X\nSTRINGTABLE\n{\n", language->id & 0x3FF, language->id >> 10);
    for (const struct omsgen_text *i = omsgen_texts; strcmp(i->tag, "en") == 0; i++) {
        if (i->text[0] != '\0' && (i->kind == TEXT_COUNTER || i->kind == TEXT_HELP)) {
            print_string(id, omsgen_find(language->tag, i->kind, i->name));
            id += 2;
        }
    }
    (void)printf("}\n");
}

void omsgen_print_strings(void)
{
    for (const struct omsgen_language *i = omsgen_languages; i->tag; i++) {
        if (omsgen_has(i)) {
            print_strings_in(i);
        }
    }
}

/* ---- side by side ---- */

static const char *const kind_names[] = {"term", "event", "counter", "help"};

static void print_page(enum omsgen_kind kind, const char *title)
{
    (void)printf("\n## %s\n", title);
    for (const struct omsgen_text *i = omsgen_texts; strcmp(i->tag, "en") == 0; i++) {
        if (i->kind != kind || i->text[0] == '\0') {
            continue;
        }
        (void)printf("\n### %s\n\n| | |\n|---|---|\n", i->name);
        for (const struct omsgen_language *k = omsgen_languages; k->tag; k++) {
            if (omsgen_has(k)) {
                (void)printf("| %s | ", k->tag);
                omsgen_print_cell(omsgen_find(k->tag, kind, i->name));
                (void)printf(" |\n");
            }
        }
    }
}

void omsgen_print_side_by_side(void)
{
    (void)printf("# Every text in every language\n\n"
                 "Printed by omsgen from `eventlog/lang/` and `perfcounters/lang/`; not written by "
                 "hand.\n");
    print_page(TEXT_EVENT, "Events");
    print_page(TEXT_COUNTER, "Counters");
    print_page(TEXT_HELP, "Counters: what they count");
    print_page(TEXT_TERM, "Glossary");
}

void omsgen_print_texts(void)
{
    for (const struct omsgen_text *i = omsgen_texts; i->tag; i++) {
        if (i->text[0] != '\0') {
            (void)printf("%s\t%s\t%s\t%s\n", i->tag, kind_names[i->kind], i->name, i->text);
        }
    }
}
