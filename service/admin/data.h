/*
 * The data folder as a verb uses it: found, opened, read, changed, and its errors said. Knows the
 * store's words, no verb's. For files of admin/ alone.
 */
#ifndef ADMIN_DATA_H
#define ADMIN_DATA_H

#include "admin/admin.h"
#include "settings/settings.h"
#include "store/change.h"

enum { ADMIN_SENTENCE_MAX = 12288 };

struct data {
    const struct admin *admin;
    struct paths_data where;
    struct store *store;
};

/* Says why the verb fails, and returns the error. */
MUST_CHECK enum err admin_fail(const struct admin *admin, enum err err, struct span sentence);
/* Says `what`, or `what: which` made safe for a terminal. */
void admin_tell(const struct admin *admin, enum admin_tone tone, const char *what,
                struct span which);

/* Which folder is meant. One that is the user's own, not the service's, is said. */
MUST_CHECK enum err data_find(const struct admin *admin, struct paths_data *where);
/* Runs `work` on the opened folder. */
MUST_CHECK enum err data_use(const struct admin *admin, void *context,
                             enum err (*work)(struct data *data, void *context));
/* Shows everything to the visitor. */
MUST_CHECK enum err data_read(const struct admin *admin, const struct store_visitor *visitor);
/* Runs `change` inside a change, which is kept if it succeeds; whether anything is new now. */
MUST_CHECK enum err data_write(const struct admin *admin, void *context,
                               enum err (*change)(struct data *data, void *context), bool *changed);

/* Inside of these: the same, and what a call of the store ended with, said where it is an error. */
MUST_CHECK enum err data_load(struct data *data, const struct store_visitor *visitor);
MUST_CHECK enum err data_judge(const struct data *data, enum err err);

/*
 * The settings in force; inside a change those that it makes. A stored value that is none is left
 * at its default, said in that tone, and *wrong is its error; `wrong` NULL: said elsewhere.
 */
MUST_CHECK enum err data_take_settings(struct data *data, enum admin_tone tone,
                                       struct settings *settings, enum err *wrong);
/* The same; an error as well where they contradict each other. */
MUST_CHECK enum err data_settings(struct data *data, enum admin_tone tone,
                                  struct settings *settings, enum err *wrong);

#endif
