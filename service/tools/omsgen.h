/*
 * What omsgen's files share: the tables of the command line as rows, every text of every language
 * as rows, and what each file prints.
 */
#ifndef TOOLS_OMSGEN_H
#define TOOLS_OMSGEN_H

#include <stdbool.h>
#include <stddef.h>

enum omsgen_option {
#define OPTION(name, word, value, summary) OPTION_##name,
#include "host/cli/options.def"
#undef OPTION
    OPTIONS
};

enum omsgen_takes {
    TAKES_NOTHING,
    TAKES_SETTINGS,
    TAKES_PAIRS,
    TAKES_HOSTS,
    TAKES_CERTIFICATES,
    TAKES_COMMANDS,
    TAKES_TEXT
};

struct omsgen_option_row {
    const char *word, *value, *summary;
};

struct omsgen_command {
    const char *name, *words, *summary;
    enum omsgen_takes takes;
    unsigned options; /* bits */
};

struct omsgen_setting {
    const char *name, *standard, *accepted, *unit, *description;
    const char *words; /* of a choice: " word word"; else "" */
    const char *when;
};

/* Each ends in a row without name. */
extern const struct omsgen_option_row omsgen_options[];
extern const struct omsgen_command omsgen_commands[];
extern const struct omsgen_setting omsgen_settings[];

void omsgen_print_completion(void);
void omsgen_print_man(void);
void omsgen_print_manifest(void); /* of the performance counters */

/*
 * Texts: English comes from the tables themselves, the others from eventlog/lang/TAG.def and
 * perfcounters/lang/TAG.def. Which of these files exist the build knows; a language without files
 * is not there yet.
 */
enum omsgen_kind { TEXT_TERM, TEXT_EVENT, TEXT_COUNTER, TEXT_HELP };

struct omsgen_text {
    const char *tag; /* of its language */
    enum omsgen_kind kind;
    const char *name, *text; /* text "": the row is none */
};

struct omsgen_language {
    const char *tag;
    unsigned id, code_page;
    const char *name;
};

/* An event as the message library has it. Facilities tell events apart that share an id. */
struct omsgen_event {
    unsigned id;
    const char *name, *severity;
    const char *args; /* " name name" */
    bool limited;     /* it has summaries */
};

/* Each ends in a row without tag or name. English is the first language. */
extern const struct omsgen_text omsgen_texts[];
extern const struct omsgen_language omsgen_languages[];

bool omsgen_has(const struct omsgen_language *language);
/* NULL: there is none. */
const char *omsgen_find(const char *tag, enum omsgen_kind kind, const char *name);

/* The argument `{name}` at the text's beginning: its number from 1, and how long it is; 0: none. */
unsigned omsgen_argument(const char *text, const char *args, size_t *len);

unsigned omsgen_count_args(const char *args);

/* Text in a cell of a table of Markdown. */
void omsgen_print_cell(const char *text);

/* Sentences on stderr about what is wrong; how many. */
int omsgen_check_texts(void);

void omsgen_print_messages(void);     /* the source of the message library */
void omsgen_print_strings(void);      /* and its string tables, for the counters' names */
void omsgen_print_side_by_side(void); /* for a person who knows two languages */
void omsgen_print_texts(void);        /* one a line: tag, kind, name, text; with tabs */

/* In their order, which is that of the table; ends in a row without name. */
extern const struct omsgen_event omsgen_event_rows[];
unsigned omsgen_facility(const struct omsgen_event *event);

#endif
