/*
 * publish_perf.h by a provider of version 2: one set, one instance, each value a reference into
 * counters.map. What lodctr made known from the manifest says the same as these calls.
 */
#include "perfcounters/publish_perf.h"

#include <windows.h>

#include <perflib.h>
#include <winperf.h>

#define GUID_ROW(name, a, b, c, ...) static const GUID PUBLISH_##name = {a, b, c, {__VA_ARGS__}};
#include "perfcounters/counter_guids.def"
#undef GUID_ROW

/* Of Windows' headers, which mingw-w64 has not in full. */
enum { PUBLISH_SINGLE_INSTANCE = 0, PUBLISH_BY_REFERENCE = 1 };

_Static_assert(sizeof(PERF_COUNTERSET_INFO) == 40, "as Windows lays it out");
_Static_assert(sizeof(PERF_COUNTER_INFO) == 32, "as Windows lays it out");

struct publish_set {
    PERF_COUNTERSET_INFO info;
    PERF_COUNTER_INFO counters[COUNTER_COUNT];
};

/* The id of a counter is its row's number in counters.def, from 1, which never changes. */
static ULONG publish_id(enum counter which)
{
    return (ULONG)which + 1;
}

static bool publish_is_shown(enum counter which)
{
    return counter_perfmon(which)[0] != '\0';
}

/* How many bytes of it count. */
static ULONG publish_make_set(struct publish_set *set)
{
    ULONG count = 0;
    for (enum counter i = 0; i < COUNTER_COUNT; i++) {
        if (publish_is_shown(i)) {
            set->counters[count] = (PERF_COUNTER_INFO){.CounterId = publish_id(i),
                                                       .Type = PERF_COUNTER_LARGE_RAWCOUNT,
                                                       .Attrib = PUBLISH_BY_REFERENCE,
                                                       .Size = sizeof(uint64_t),
                                                       .DetailLevel = PERF_DETAIL_NOVICE,
                                                       .Offset = count * sizeof(uint64_t)};
            count++;
        }
    }
    set->info =
        (PERF_COUNTERSET_INFO){PUBLISH_SET, PUBLISH_PROVIDER, count, PUBLISH_SINGLE_INSTANCE};
    return (ULONG)(sizeof set->info + count * sizeof set->counters[0]);
}

static ULONG publish_refer(const struct publish_perf *perf, const struct publish_map *map)
{
    ULONG status = ERROR_SUCCESS;
    for (enum counter i = 0; i < COUNTER_COUNT && status == ERROR_SUCCESS; i++) {
        if (publish_is_shown(i)) {
            status = PerfSetCounterRefValue(perf->provider, perf->instance, publish_id(i),
                                            publish_map_counter(map, i));
        }
    }
    return status;
}

static ULONG publish_start(struct publish_perf *perf, const struct publish_map *map)
{
    struct publish_set set;
    GUID provider = PUBLISH_PROVIDER;
    PERF_PROVIDER_CONTEXT context = {.ContextSize = sizeof context};
    ULONG size = publish_make_set(&set);
    ULONG status = PerfStartProviderEx(&provider, &context, &perf->provider);
    if (status == ERROR_SUCCESS) {
        status = PerfSetCounterSetInfo(perf->provider, &set.info, size);
    }
    if (status == ERROR_SUCCESS) {
        perf->instance = PerfCreateInstance(perf->provider, &PUBLISH_SET, L"Default", 0);
        status = perf->instance ? publish_refer(perf, map) : GetLastError();
    }
    return status;
}

enum err publish_perf_begin(struct publish_perf *perf, const struct publish_map *map,
                            uint32_t *os_error)
{
    CHECK(map->mapped);
    *perf = (struct publish_perf){.provider = NULL};
    *os_error = publish_start(perf, map);
    if (*os_error != ERROR_SUCCESS) {
        publish_perf_end(perf);
        return ERR_SYSTEM;
    }
    return ERR_OK;
}

void publish_perf_end(struct publish_perf *perf)
{
    if (perf->instance) {
        (void)PerfDeleteInstance(perf->provider, perf->instance);
    }
    if (perf->provider) {
        (void)PerfStopProvider(perf->provider);
    }
    *perf = (struct publish_perf){.provider = NULL};
}
