/*
 * perf_driver WORDS...: the program itself, but when its performance counters end it prints what
 * Windows reads through the instance's block, a line each: "perf ID VALUE" on stderr. The linker
 * lets this file see the calls (--wrap); the rest is the program's.
 */
#include "perfcounters/counter.h"

#include <windows.h>

#include <inttypes.h>
#include <perflib.h>
#include <stdio.h>
#include <string.h>

typedef ULONG WINAPI set_type(HANDLE, PERF_COUNTERSET_INFO *, ULONG);
typedef ULONG WINAPI delete_type(HANDLE, PERF_COUNTERSET_INSTANCE *);
extern set_type *__real___imp_PerfSetCounterSetInfo;
extern delete_type *__real___imp_PerfDeleteInstance;

static PERF_COUNTER_INFO rows[COUNTER_COUNT];
static ULONG row_count;

static ULONG WINAPI see_set(HANDLE provider, PERF_COUNTERSET_INFO *set, ULONG size)
{
    CHECK(set->NumCounters <= COUNTER_COUNT);
    row_count = set->NumCounters;
    memcpy(rows, set + 1, row_count * sizeof rows[0]);
    return __real___imp_PerfSetCounterSetInfo(provider, set, size);
}

static ULONG WINAPI see_end(HANDLE provider, PERF_COUNTERSET_INSTANCE *block)
{
    for (ULONG i = 0; i < row_count; i++) {
        const uint64_t *value;
        memcpy(&value, (const uint8_t *)(block + 1) + i * sizeof value, sizeof value);
        (void)fprintf(stderr, "perf %lu %" PRIu64 "\n", rows[i].CounterId, *value);
    }
    return __real___imp_PerfDeleteInstance(provider, block);
}

set_type *__wrap___imp_PerfSetCounterSetInfo = see_set;
delete_type *__wrap___imp_PerfDeleteInstance = see_end;
