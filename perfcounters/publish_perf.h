/*
 * The counters as Performance Monitor sees them: the object "OMS Gateway" with the rows of
 * counters.def that have a name there. Windows reads the numbers where counters.map has them in
 * memory; nobody calls anybody when they change. On Linux nothing of this exists.
 */
#ifndef PERFCOUNTERS_PUBLISH_PERF_H
#define PERFCOUNTERS_PUBLISH_PERF_H

#include "perfcounters/publish_map.h"

/* Zero is "not begun". */
struct publish_perf {
    void *provider, *instance;
};

/* The map stays open until the end of this. ERR_SYSTEM with the system's code: not begun. */
MUST_CHECK enum err publish_perf_begin(struct publish_perf *perf, const struct publish_map *map,
                                       uint32_t *os_error);
void publish_perf_end(struct publish_perf *perf); /* does nothing when it was not begun */

#endif
