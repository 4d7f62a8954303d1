/*
 * counters.map in the data folder: the sums of all loops' counters, written once a second by the
 * service, and the few facts `status` shows beside them. Others map it read-only: `status`, the
 * cmdlets, the metrics page. When the service is gone the file stays, and its heartbeat tells since
 * when.
 *
 * The file is 64-bit words in one fixed place each. A counter is one word, so it is never read half
 * written; the view as a whole carries a turn number, and a reader that met a writer reads again.
 */
#ifndef PERFCOUNTERS_PUBLISH_MAP_H
#define PERFCOUNTERS_PUBLISH_MAP_H

#include "base/addr.h"
#include "perfcounters/counter.h"

enum {
    PUBLISH_MAP_LISTENERS = 16,
    PUBLISH_MAP_VERSION = 32,    /* bytes, with the NUL */
    PUBLISH_MAP_SILENT_MS = 5000 /* a heartbeat older than this comes from a service that is gone */
};

struct publish_map_view {
    uint64_t pid;
    uint64_t start_ms;     /* since 1970, like all moments here */
    uint64_t heartbeat_ms; /* when the view was written */
    uint64_t stop_ms;      /* when it stopped properly; 0: it did not */
    uint64_t revision;     /* of the configuration in force */
    uint64_t listener_count;
    char version[PUBLISH_MAP_VERSION];
    struct endpoint listeners[PUBLISH_MAP_LISTENERS];
    struct counter_sums counters;
};

/* The service's side; one thread. Zero is "not open". */
struct publish_map {
    void *mapped; /* NULL: not open */
};

/*
 * Makes or takes over the file. The disk has room for all of it afterwards, so writing cannot
 * fail. ERR_ABSENT (no folder), ERR_DENIED, ERR_DISK_FULL, ERR_LONG, ERR_SYSTEM: the service goes
 * on without it.
 */
MUST_CHECK enum err publish_map_open(struct publish_map *map, const char *folder);
/* Does nothing when it is not open. */
void publish_map_write(struct publish_map *map, const struct publish_map_view *view);
/* Where a counter's number lies, while the map is open: for who reads it without asking. */
void *publish_map_counter(const struct publish_map *map, enum counter which);
/* The file stays. Does nothing when it is not open. */
void publish_map_shut(struct publish_map *map);

/*
 * A reader's side, any process: everything as one moment wrote it. ERR_ABSENT: no service has run
 * on this folder. ERR_MAP: the file is another version's, of which the first facts, up to the
 * revision, are there all the same; or not ours, and all of them are zero. ERR_DENIED, ERR_SYSTEM.
 */
MUST_CHECK enum err publish_map_read(const char *folder, struct publish_map_view *view);

enum publish_map_life { PUBLISH_MAP_RUNS, PUBLISH_MAP_STOPPED, PUBLISH_MAP_GONE };

/* What the view says about the service at a moment; *since_ms: it runs, does not run since. */
enum publish_map_life publish_map_judge(const struct publish_map_view *view, uint64_t unix_ms,
                                        uint64_t *since_ms);

#endif
