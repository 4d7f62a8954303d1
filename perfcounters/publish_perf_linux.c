/*
 * publish_perf.h where there is no Performance Monitor.
 */
#include "perfcounters/publish_perf.h"

enum err publish_perf_begin(struct publish_perf *perf, const struct publish_map *map,
                            uint32_t *os_error)
{
    (void)map;
    *perf = (struct publish_perf){.provider = NULL};
    *os_error = 0;
    return ERR_OK;
}

void publish_perf_end(struct publish_perf *perf)
{
    (void)perf;
}
