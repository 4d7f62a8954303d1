/*
 * What a value of each type is: reading it into a field and printing it. Inside the room only;
 * sentences, names and defaults are settings.c's.
 */
#ifndef SETTINGS_TYPES_H
#define SETTINGS_TYPES_H

#include "settings/settings.h"

struct types_given {
    const struct settings_row *row;
    struct span text;  /* not empty, no control characters */
    struct span fault; /* the text at first; then the entry of a list at which reading ended */
};

/* Reads the text into the row's field, which stays as it is on error. */
MUST_CHECK enum err types_parse(struct types_given *given, void *field);
void types_print(const struct settings_row *row, const void *field, struct out *out);

/* A list without an entry, also where none can be given. */
void types_empty(const struct settings_row *row, void *field);

/* A value worth showing in a command, never one that a shell would change. */
const char *types_example(const struct settings_row *row);

#endif
