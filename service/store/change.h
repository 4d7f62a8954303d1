/*
 * Changing the store: everything between store_begin and store_commit is there whole or not at all,
 * gets one revision, and is written into the history with who did it. One change at a time; the
 * others wait in line for `gateway.lock`, a service half a minute at most: ERR_STORE_BUSY.
 *
 *     TRY(store_begin(store));
 *     enum err err = store_set_setting(store, name, value);
 *     err = err == ERR_OK ? store_commit(store, &revision) : err;
 *     store_rollback(store);              does nothing after a commit
 *
 * Values were validated before, in their one canonical form; here they only must be text (ERR_UTF;
 * also for a NUL). After any error the change can only be rolled back: a commit says the same
 * error.
 */
#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

#include "store/store.h"

/*
 * Waits for its turn, makes folder and file where they are missing, brings an older file up to
 * date, finishes what a killed program left. Besides store_load's errors: those of
 * files_make_folder.
 */
MUST_CHECK enum err store_begin(struct store *store);
/* The same revision as before when nothing is different now. The change ends in any case. */
MUST_CHECK enum err store_commit(struct store *store, uint64_t *revision);
/* Why the last commit could make no good copy: the next load or change has to. */
MUST_CHECK enum err store_judge_good(const struct store *store);
void store_rollback(struct store *store); /* does nothing without a change */

/* Names are compared without case (ASCII); the first spelling stays. */
MUST_CHECK enum err store_set_setting(struct store *store, struct span name, struct span value);
MUST_CHECK enum err store_reset_setting(struct store *store, struct span name, bool *was_set);

/* A rule is its kind, value (in any letters) and origin; what is there already stays as it is. */
MUST_CHECK enum err store_add_rule(struct store *store, const struct store_rule *rule, bool *added);
/* Gives the rule that is there another comment. */
MUST_CHECK enum err store_comment_rule(struct store *store, const struct store_rule *rule,
                                       bool *changed);
MUST_CHECK enum err store_remove_rule(struct store *store, const struct store_rule *rule,
                                      bool *removed);

/* Whether there is such a rule now, of whatever origin: one that it has. */
MUST_CHECK enum err store_find_rule(struct store *store, enum store_kind kind, struct span value,
                                    bool *found, enum store_origin *origin);

/* The password is sealed here and bound to this url and username; {NULL, 0}: none. ERR_LONG. */
MUST_CHECK enum err store_set_relay(struct store *store, struct span url, struct span username,
                                    struct span password);
MUST_CHECK enum err store_clear_relay(struct store *store, bool *was_set);

#endif
