/*
 * The answer of one call: what a verb of admin/ gives and says, gathered as one JSON object.
 * Without memory there is none, and a code says so. Knows no verb.
 */
#ifndef PSMODULE_ANSWER_H
#define PSMODULE_ANSWER_H

#include "admin/admin.h"
#include "admin/text.h"

/* It points into itself: it stays where it began. */
struct answer {
    struct admin admin;
    struct text result, notes, warnings, wrong;
    struct sheet sheet;
};

/* Returns what the verbs are given. */
const struct admin *answer_begin(struct answer *answer, const char *folder);
/* The code, and the object or NULL; everything else is given back. */
int answer_end(struct answer *answer, enum err err, char **json);

#endif
