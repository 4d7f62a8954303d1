/*
 * The gateway as one thing: loops, resolver, sinks, the store it follows, what is published about
 * it. Started, told to stop, and in between on its own: once a second a thread of its looks
 * whether the configuration changed, and puts what is new in force without touching a tunnel.
 */
#ifndef HOST_ENGINE_H
#define HOST_ENGINE_H

#include "eventlog/sink.h"
#include "host/host.h"
#include "io/resolve.h"

struct engine;

struct engine_setup {
    const char *folder;                /* the data folder */
    struct sink sink;                  /* where events go */
    bool pinned;                       /* by --listen: the settings do not decide */
    struct endpoint pin;               /* port 0: the system chooses */
    const struct resolve_fixed *fixed; /* --resolve */
    uint32_t fixed_count;
};

enum { ENGINE_WHY_MAX = 1024 };

/*
 * Listens when it returns, and 101 is on its way. On an error *why says what is wrong and what to
 * do; nothing runs then. ERR_EXISTS: another gateway runs on this folder.
 */
MUST_CHECK enum err engine_start(const struct engine_setup *setup, struct engine **engine,
                                 struct out *why);

/* The access log was renamed: what comes from now on goes into a new file. From any thread. */
void engine_reopen_log(struct engine *engine);

/* The configuration may have changed: it is looked at now, not within a second. */
void engine_look(struct engine *engine);

/* Drains, as the settings say; ends everything; 102 with the reason is the last line. */
void engine_stop(struct engine *engine, const struct host_stop *stop);

#endif
