/*
 * Proves the provider of performance counters: what Windows reads through the instance's block is
 * what was written to counters.map, at once and by reference, for each counter that is shown; it
 * can be ended and begun again. The linker lets this file see the instance (--wrap).
 */
#include "perfcounters/publish_perf.h"
#include "sys/files.h"
#include "unit/unit.h"

#include <windows.h>

#include <perflib.h>

#define FOLDER "test_publish_perf.data"

typedef PERF_COUNTERSET_INSTANCE *WINAPI create_type(HANDLE, LPCGUID, LPCWSTR, ULONG);
typedef ULONG WINAPI set_type(HANDLE, PERF_COUNTERSET_INFO *, ULONG);
extern create_type *__real___imp_PerfCreateInstance;
extern set_type *__real___imp_PerfSetCounterSetInfo;

static const PERF_COUNTERSET_INSTANCE *block;
static PERF_COUNTER_INFO rows[COUNTER_COUNT];
static ULONG row_count;

static PERF_COUNTERSET_INSTANCE *WINAPI see_instance(HANDLE provider, LPCGUID set, LPCWSTR name,
                                                     ULONG number)
{
    PERF_COUNTERSET_INSTANCE *made = __real___imp_PerfCreateInstance(provider, set, name, number);
    block = made;
    return made;
}

static ULONG WINAPI see_set(HANDLE provider, PERF_COUNTERSET_INFO *set, ULONG size)
{
    row_count = set->NumCounters;
    assert_int_equal(set->InstanceType, 0);
    assert_int_equal(size, sizeof *set + row_count * sizeof rows[0]);
    memcpy(rows, set + 1, row_count * sizeof rows[0]);
    return __real___imp_PerfSetCounterSetInfo(provider, set, size);
}

create_type *__wrap___imp_PerfCreateInstance = see_instance;
set_type *__wrap___imp_PerfSetCounterSetInfo = see_set;

/* Windows keeps the address of a value of ours in the value's own place behind the block's head. */
static uint64_t value_of(ULONG row)
{
    const uint64_t *value;
    memcpy(&value, (const uint8_t *)(block + 1) + row * sizeof value, sizeof value);
    return *value;
}

static void write_numbers(struct publish_map *map, uint64_t first)
{
    struct publish_map_view view = {.pid = 1};
    for (size_t i = 0; i < COUNTER_COUNT; i++) {
        view.counters.at[i] = first + i;
    }
    publish_map_write(map, &view);
}

static size_t count_shown(void)
{
    size_t count = 0;
    for (enum counter i = 0; i < COUNTER_COUNT; i++) {
        count += counter_perfmon(i)[0] != '\0';
    }
    return count;
}

static void windows_reads_what_is_written(void **state)
{
    (void)state;
    struct publish_map map;
    struct publish_perf perf;
    uint32_t os_error;
    assert_int_equal(files_make_folder(FOLDER), ERR_OK);
    assert_int_equal(publish_map_open(&map, FOLDER), ERR_OK);
    for (uint64_t life = 1; life <= 2; life++) {
        unit_holds(publish_perf_begin(&perf, &map, &os_error) == ERR_OK, "error %u", os_error);
        assert_non_null(block);
        assert_int_equal(row_count, count_shown());
        for (uint64_t turn = 0; turn < 3; turn++) {
            uint64_t first = life << 40 | turn << 33; /* more than 32 bits */
            write_numbers(&map, first);
            for (ULONG i = 0; i < row_count; i++) {
                unit_holds(value_of(i) == first + rows[i].CounterId - 1, "counter %lu",
                           rows[i].CounterId);
                unit_holds(rows[i].Offset == i * 8 && rows[i].Size == 8, "counter %lu",
                           rows[i].CounterId);
            }
        }
        publish_perf_end(&perf);
        publish_perf_end(&perf); /* does nothing */
    }
    publish_map_shut(&map);
}

static void the_four_are_there(void **state)
{
    (void)state;
    static const struct {
        enum counter which;
        const char *name;
    } four[] = {{COUNTER_client_connections, "Active Client Connection"},
                {COUNTER_connected_clients, "Connected Client"},
                {COUNTER_errors, "Error Count"},
                {COUNTER_rejections, "Rejection Count"}};
    for (size_t i = 0; i < unit_count(four); i++) {
        assert_string_equal(counter_perfmon(four[i].which), four[i].name);
        assert_int_equal(rows[i].CounterId, four[i].which + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_reads_what_is_written),
        cmocka_unit_test(the_four_are_there),
    };
    return cmocka_run_group_tests_name("publish_perf", tests, NULL, NULL);
}
