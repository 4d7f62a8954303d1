/*
 * What an administrator does with the gateway: settings, relay proxy, hosts and certificates, their
 * history, a decision asked for, the state. Command line and cmdlet library are two mouths over
 * these verbs: values in; rows with named columns and sentences out, told to whoever asked. Knows
 * neither words on a command line nor how anything is shown; has no state of its own.
 */
#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include "admin/sheet.h"
#include "base/addr.h"
#include "store/store.h"

/* A sentence is something worth knowing, something to be warned of, or why the verb failed. */
enum admin_tone { ADMIN_NOTE, ADMIN_WARNING, ADMIN_WRONG };

struct admin {
    const char *folder;  /* the data folder; NULL: see paths_find_data */
    const char *program; /* for the history */
    void *context;
    void (*row)(void *context, const struct sheet_shape *shape, const struct span *cells);
    void (*say)(void *context, enum admin_tone tone, struct span sentence);
};

/* Texts, each with its NUL. */
struct admin_words {
    const char *const *at;
    size_t count;
};

/*
 * All verbs: ERR_OK, or the first error, of which a sentence with the tone ADMIN_WRONG was said; it
 * ends in the command that would be right. Several values are one change: all of them or none.
 */
MUST_CHECK enum err admin_get_setting(const struct admin *admin, struct span name);
MUST_CHECK enum err admin_list_settings(const struct admin *admin);
/* A name, its value, and so on by turns: an even number. */
MUST_CHECK enum err admin_set_settings(const struct admin *admin, const struct admin_words *pairs);
MUST_CHECK enum err admin_reset_settings(const struct admin *admin,
                                         const struct admin_words *names);
MUST_CHECK enum err admin_list_history(const struct admin *admin);

struct admin_relay {
    struct span url;
    bool login;
    struct span username, password; /* of a login */
};

MUST_CHECK enum err admin_get_relay(const struct admin *admin);
/* Without the password: for whoever has yet to ask for it. */
MUST_CHECK enum err admin_judge_relay(const struct admin *admin, const struct admin_relay *relay);
MUST_CHECK enum err admin_set_relay(const struct admin *admin, const struct admin_relay *relay);
MUST_CHECK enum err admin_clear_relay(const struct admin *admin);

/*
 * `all`: with those that were not added by hand. `comment` at == NULL: none is given; else one that
 * is listed already gets it, too.
 */
MUST_CHECK enum err admin_list_rules(const struct admin *admin, enum store_kind kind, bool all);
MUST_CHECK enum err admin_add_rules(const struct admin *admin, enum store_kind kind,
                                    const struct admin_words *values, struct span comment);
MUST_CHECK enum err admin_remove_rules(const struct admin *admin, enum store_kind kind,
                                       const struct admin_words *values);

enum { ADMIN_ADDRS_MAX = 16 };

struct admin_question {
    struct span host;    /* or host:port */
    struct span subject; /* at == NULL: none */
    struct span client;  /* an address; at == NULL: AllowedClients is not judged */
    /* Finds the addresses of a name; NULL: they are not judged. */
    enum err (*resolve)(void *context, struct span host, struct addr addrs[ADMIN_ADDRS_MAX],
                        size_t *count);
    void *context;
};

/* A refusal is an error as well, of which nothing is said beside its row. */
MUST_CHECK enum err admin_check_host(const struct admin *admin,
                                     const struct admin_question *question);
/* A gateway that does not run: its last state as a row, a warning, and ERR_NOT_RUNNING. */
MUST_CHECK enum err admin_get_status(const struct admin *admin);

#endif
