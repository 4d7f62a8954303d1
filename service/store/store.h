/*
 * The store: what the administrator changed, in `gateway.db` of the data folder. Settings, rules,
 * the relay proxy, a revision that grows with every change, and the history of changes. Changing is
 * in change.h. A store is used by one thread.
 *
 * It does not judge values: whoever puts one in has validated it, whoever loads one compiles it.
 * What it promises is that what is loaded is exactly what was put in: the file's structure and the
 * sum of its contents are proven before the first row is handed out. A file that fails twice is set
 * aside and the last good copy, `gateway.db.good`, takes its place: every change makes it anew.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/out.h"
#include "sys/paths.h"
#include "sys/secrets.h"

struct store;

/*
 * A command waits for those who change the store just now, and its reading sets nothing aside:
 * ERR_STORE_DAMAGED. The service does not wait when it loads, unless it is told to by store_wait
 * (ERR_STORE_BUSY: at the next tick again), and repairs. Both may change.
 */
enum store_use { STORE_COMMAND, STORE_SERVICE };

struct store_setup {
    const char *folder;  /* the data folder; made by the first change */
    const char *program; /* for the history: "omsgateway", "omsgw.dll" */
    enum store_use use;
};

enum store_kind { STORE_HOST, STORE_CERTIFICATE };
enum store_origin {
#define ORIGIN(name, word) STORE_##name,
#include "policy/origins.def"
#undef ORIGIN
};

struct store_setting {
    struct span name, value;
};

struct store_rule {
    uint64_t id;
    enum store_kind kind;
    enum store_origin origin;
    struct span value, comment;
    uint64_t time_ms; /* when it was added, since 1970 */
};

struct store_relay {
    struct span url, username; /* username is empty where none is needed */
    struct span sealed;        /* the password, for store_unseal; empty: none */
};

struct store_event {
    uint64_t revision, time_ms;
    struct span who, program; /* the user of the system, the program it was done with */
    struct span what;         /* "host", "certificate", "comment of host x.example.com", "relay",
                               * "setting ListenPort", "store" */
    struct span old, new;     /* at == NULL: there was none, there is none any more */
};

/*
 * Gets the rows; the spans live until it returns. What is NULL is passed over; an error ends the
 * visit and is its result. Settings come sorted by name, rules by kind, value, origin; the relay
 * comes once if it is set, events newest first.
 */
struct store_visitor {
    void *context;
    enum err (*setting)(void *context, const struct store_setting *setting);
    enum err (*rule)(void *context, const struct store_rule *rule);
    enum err (*relay)(void *context, const struct store_relay *relay);
    enum err (*event)(void *context, const struct store_event *event);
    enum err (*change)(void *context, const struct store_event *event);
    uint64_t since; /* `change` gets the events of later revisions, oldest first */
};

/* A damaged file was set aside: event 401 says so, or the command that met it; so does history. */
struct store_rescue {
    bool from_good;        /* gateway.db.good took its place; false: empty, everything is refused */
    uint64_t was;          /* the damaged file's revision; 0: not known */
    uint64_t back;         /* what took its place is of this revision */
    uint64_t revision;     /* and has now this one */
    char aside[PATHS_MAX]; /* where the damaged file lies now; "": it was missing */
};

enum store_news { STORE_SAME, STORE_CHANGED, STORE_BUSY };

/* Touches no file yet. ERR_MEMORY, ERR_LONG. */
MUST_CHECK enum err store_open(const struct store_setup *setup, struct store **store);
void store_close(struct store *store); /* NULL is fine; an open change is rolled back */

/* Whether loading waits as a command's does: for a service that has no configuration yet. */
void store_wait(struct store *store, bool wait);

/*
 * Visits everything as one moment saw it, and gives that revision (0: nothing was ever changed,
 * also where there is no file). Inside a change: with what was changed so far. Never hands out a
 * row of a file that is damaged. ERR_STORE_BUSY, ERR_STORE_DAMAGED, ERR_STORE_NEWER, ERR_STORE,
 * ERR_DENIED, ERR_MEMORY, ERR_DISK_FULL.
 */
MUST_CHECK enum err store_load(struct store *store, const struct store_visitor *visitor,
                               uint64_t *revision);

/*
 * Whether a load would bring something else than the last one did: cheap enough for every second.
 * Whatever is wrong with the file counts as changed, so that the load names it.
 */
enum store_news store_poll(struct store *store);
/* What was loaded is not in force: the next poll says that it changed. */
void store_forget(struct store *store);

/*
 * Proves that gateway.db.good is what was loaded last, and makes it anew where it is not: for the
 * service, once what it loaded can be compiled. Every commit makes it too; here is healed what that
 * one could not do. ERR_STORE_BUSY when the store was or is being changed: to be asked again then.
 */
MUST_CHECK enum err store_keep_good(struct store *store);

/* True once after each rescue. */
bool store_take_rescue(struct store *store, struct store_rescue *rescue);

/* What happened, what it went back to and what is lost, in one sentence. */
void store_print_rescue(const struct store_rescue *rescue, struct out *out);

const char *store_folder(const struct store *store);

/* What the system or SQLite said about the last error: for a log, never holds a value. "" if none.
 */
const char *store_detail(const struct store *store);

/* The relay's password, while it is visited; the caller wipes it. See secrets_unseal. */
MUST_CHECK enum err store_unseal(const struct store *store, const struct store_relay *relay,
                                 uint8_t plain[SECRETS_PLAIN_MAX], size_t *len);

const char *store_kind_name(enum store_kind kind);       /* "host", "certificate" */
const char *store_origin_name(enum store_origin origin); /* "local", "automatic", ... */

#endif
