/*
 * What omsgen's files share: the tables of the command line as rows, and what each file prints.
 */
#ifndef TOOLS_OMSGEN_H
#define TOOLS_OMSGEN_H

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

#endif
