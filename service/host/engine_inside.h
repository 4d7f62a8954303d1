/*
 * What an engine is made of: for engine.c, which begins and ends it, and reload.c, which puts a
 * configuration in force. Two threads have a turn once a second. Control publishes, looks after
 * the loops, and waits for nothing: no disk, no lock that is held for long. The store's thread has
 * everything else here, as long as it runs: it reads, compiles and listens, and writes what
 * happened lately.
 */
#ifndef HOST_ENGINE_INSIDE_H
#define HOST_ENGINE_INSIDE_H

#include "admin/load.h"
#include "host/engine.h"
#include "host/loops.h"
#include "host/sinks.h"
#include "perfcounters/publish_perf.h"
#include "store/activity.h"
#include "sys/files.h"

/* Rules, and each loop's hold on them. */
struct engine_rules {
    struct rules rules;
    struct rules_cell cells[LOOPS_MAX];
    struct engine *engine;
    void *next; /* retired ones */
};

struct engine;

/* A thread that has a turn once a second, and whenever it is hurried. */
struct engine_beat {
    struct engine *engine;
    const char *name;
    void (*turn)(struct engine *engine);
    struct sys_thread thread;
    struct sys_signal signal;
    bool hurry; /* under the engine's lock */
};

/* What control publishes of the store's thread's. */
struct engine_shown {
    uint64_t revision;
    bool listening;
    struct endpoint at;
};

enum { ENGINE_COMPLAINTS_MAX = 20 }; /* that are said, until everything is right again */

struct engine {
    struct engine_setup setup;
    char folder[PATHS_MAX];
    struct files_lock run_lock; /* of the data folder */
    struct sinks *sinks;
    struct feed *feed; /* the store's thread's */
    struct feed *control_feed;
    struct quota quota;
    void *quota_memory;
    struct sessions sessions;
    void *sessions_memory;
    struct resolve resolve;
    struct loops loops;
    struct store *store;
    struct activity *activity;
    struct publish_map map;
    struct publish_perf perf;
    uint64_t start_ms;

    struct settings settings; /* in force */
    struct settings begun;    /* with these it began: what a change needs a restart for */
    uint64_t revision;        /* in force */
    uint64_t told;            /* up to this revision, who changed what */
    uint64_t hidden;          /* subjects that TLS 1.3 hides, said already */
    bool uncopied;            /* no good copy of it could be made, said already */
    bool unkept;              /* it was not seen whether there is one */
    bool whole;               /* nothing of it was left out */
    uint64_t complaints[ENGINE_COMPLAINTS_MAX]; /* about it, said already */
    size_t complaint_count;
    uint32_t tunnels_max; /* as the descriptors allow */
    bool listening;
    struct endpoint listens; /* what was asked for; port 0 may stand for any */
    struct endpoint at;      /* where that is; port 0: nowhere */
    struct endpoint refused; /* where we could not listen, said once */
    struct endpoint own[LOAD_OWN_MAX];
    size_t own_count;
    struct atom_ptr retired; /* struct engine_rules that nobody holds any more */

    struct engine_beat control, keeper; /* keeper: of the store */
    struct sys_lock lock;
    bool stopping;             /* under the lock */
    struct engine_shown shown; /* under the lock */
};

/* The store's configuration, in force from now on; what is wrong with it is an event. */
void reload_first(struct engine *engine);
/* The same where something changed since, also in where we listen. */
void reload_look(struct engine *engine);
void reload_free_retired(struct engine *engine);

#endif
