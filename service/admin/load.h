/*
 * From the store to rules in force: every stored setting and row, judged and compiled, for whoever
 * asks: service, command line, library. Knows the store's words and the policy's.
 */
#ifndef ADMIN_LOAD_H
#define ADMIN_LOAD_H

#include "policy/relay.h"
#include "shared/rules.h"
#include "store/store.h"

struct load {
    struct snapshot *snapshot;
    struct rules_relay relay; /* with its login: wiped by load_free */
    uint64_t revision;
};

enum { LOAD_OWN_MAX = 1024 };

/* What is not in the store: where we listen ourselves, see policy_source. */
struct load_own {
    const struct endpoint *at;
    size_t count;
    bool sealed; /* nobody will dial: the relay's password stays as it is, and is not loaded */
    /*
     * Hears of each entry that is wrong, and that the rest is loaded without: a row allows nothing,
     * a setting is shut, a relay proxy that is not known leaves nothing allowed, a login that is
     * not known is not sent. NULL: the first fault fails the whole.
     */
    void (*leave_out)(void *context, struct span entry, struct span why);
    void *context;
};

/*
 * Where a listener at this endpoint is reached: itself, and each address of this machine where it
 * is on all of them (0.0.0.0, ::, or none given). None of these may be a target. 0: the system
 * does not say it now.
 */
size_t load_find_own(const struct endpoint *at, struct endpoint own[LOAD_OWN_MAX]);

/* Whether the settings go together, and with the data folder: AccessLog is no file of the gateway's
 * own. ERR_CONFLICT: see settings_check; *why has POLICY_WHY_MAX. */
MUST_CHECK enum err load_check(const char *folder, const struct settings *settings,
                               enum setting *first, struct out *why);

/* One stored setting into its field; on an error *why says which and what to do. ERR_SETTING, or
 * what its value is not. */
MUST_CHECK enum err load_setting(const struct store_setting *stored, struct settings *settings,
                                 struct out *why);

/* A leave_out that tells nobody: somebody else does. */
void load_say_nothing(void *context, struct span entry, struct span why);

/*
 * ERR_RULES: *why, which has POLICY_WHY_MAX, says what is wrong; ERR_IN_USE: which file it is; else
 * what the store says, with no sentence. ERR_MEMORY, ERR_CRYPTO.
 */
MUST_CHECK enum err load_rules(struct store *store, const struct load_own *own, struct load *load,
                               struct out *why);
void load_free(struct load *load);

#endif
