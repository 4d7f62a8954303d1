/*
 * Proves the ring: at every size, every fill level and every place of the seam records come out
 * whole and in order, and what finds no place is counted. With two threads a million numbers pass
 * in order; nothing is lost but what is counted, and no record is seen half written.
 */
#include "base/ring.h"
#include "unit/threads.h"
#include "unit/unit.h"

enum { PLACES = 8, SIZE_MOST = 40 };

/* A record of `size` bytes that tells its number in each of them. */
static void fill(uint8_t *record, size_t size, uint64_t number)
{
    for (size_t i = 0; i < size; i++) {
        record[i] = (uint8_t)(number * 31 + i * 7 + 1);
    }
}

static bool is_filled(const uint8_t *record, size_t size, uint64_t number)
{
    uint8_t want[SIZE_MOST];
    fill(want, size, number);
    return memcmp(record, want, size) == 0;
}

/* From `start` on: `fill_level` records in (more than fit are dropped), then all of them out. */
static void judge(uint64_t count, size_t size, uint64_t start, uint64_t fill_level)
{
    uint8_t record[SIZE_MOST + 1];
    uint8_t *memory = malloc((size_t)count * size);
    assert_non_null(memory);
    struct ring ring;
    ring_init(&ring, memory, size, count);
    for (uint64_t i = 0; i < start; i++) { /* walk to the seam */
        fill(record, size, i);
        unit_holds(ring_put(&ring, record) && ring_take(&ring, record), "%" PRIu64, i);
    }
    uint64_t fits = fill_level < count ? fill_level : count;
    unit_holds(ring_inside(&ring) == 0, "%" PRIu64, start);
    for (uint64_t i = 0; i < fill_level; i++) {
        fill(record, size, start + i);
        unit_holds(ring_put(&ring, record) == (i < count), "%" PRIu64 " of %" PRIu64, i, count);
    }
    unit_holds(ring_dropped(&ring) == fill_level - fits, "%" PRIu64 " of %" PRIu64, fill_level,
               count);
    for (uint64_t i = 0; i < fits; i++) {
        unit_holds(ring_inside(&ring) == fits - i, "%" PRIu64 " of %" PRIu64, i, count);
        memset(record, 0, sizeof record);
        record[size] = 0x77;
        unit_holds(ring_take(&ring, record), "%" PRIu64 " of %" PRIu64, i, count);
        unit_holds(is_filled(record, size, start + i), "%" PRIu64 " of %" PRIu64, i, count);
        unit_holds(record[size] == 0x77, "%" PRIu64 " of %" PRIu64, i, count);
    }
    memset(record, 0x55, sizeof record);
    unit_holds(!ring_take(&ring, record) && record[0] == 0x55, "empty: %" PRIu64, count);
    fill(record, size, 4711);
    unit_holds(ring_put(&ring, record) && ring_take(&ring, record), "again: %" PRIu64, count);
    unit_holds(is_filled(record, size, 4711), "again: %" PRIu64, count);
    free(memory);
}

static void every_fill_level_at_every_place(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 3, 8, 24, SIZE_MOST};
    for (uint64_t count = 1; count <= PLACES; count *= 2) {
        for (size_t i = 0; i < unit_count(sizes); i++) {
            for (uint64_t start = 0; start <= 2 * count; start++) {
                for (uint64_t level = 0; level <= count + 2; level++) {
                    judge(count, sizes[i], start, level);
                }
            }
        }
    }
}

static void nothing_is_put_outside_the_memory(void **state)
{
    (void)state;
    uint8_t memory[PLACES * 3 + 2], record[3] = {1, 2, 3};
    struct ring ring;
    memset(memory, 0x99, sizeof memory);
    ring_init(&ring, memory + 1, 3, PLACES);
    for (int i = 0; i < 100; i++) {
        (void)ring_put(&ring, record);
        (void)(i % 3 == 0 && ring_take(&ring, record));
    }
    assert_int_equal(memory[0], 0x99);
    assert_int_equal(memory[sizeof memory - 1], 0x99);
}

static void a_dropped_record_changes_nothing(void **state)
{
    (void)state;
    uint8_t memory[2], record;
    struct ring ring;
    ring_init(&ring, memory, 1, 2);
    for (record = 1; record <= 5; record++) {
        assert_true(ring_put(&ring, &record) == (record <= 2));
    }
    assert_int_equal(ring_dropped(&ring), 3);
    assert_true(ring_take(&ring, &record) && record == 1);
    assert_true(ring_take(&ring, &record) && record == 2);
    assert_false(ring_take(&ring, &record));
    assert_int_equal(ring_dropped(&ring), 3); /* since the beginning, also when empty again */
}

/* Two threads. */
struct number {
    uint64_t value, again[3]; /* the same number four times: half a record would show */
};

struct passage {
    struct ring ring;
    uint64_t total;
    bool patient;         /* tries again what found no place */
    uint64_t refused;     /* puts that said no, by the putter's count */
    struct atom_u64 over; /* the putter has put its last */
};

static void put_numbers(void *arg)
{
    struct passage *passage = arg;
    for (uint64_t i = 0; i < passage->total; i++) {
        struct number number = {i, {~i, i * 3, i ^ 0x5555}};
        while (!ring_put(&passage->ring, &number)) {
            passage->refused++;
            if (!passage->patient) {
                break;
            }
            thread_pause();
        }
    }
    atom_store(&passage->over, 1);
}

/* Takes until the putter is done and nothing is left; gives how many came. */
static uint64_t take_numbers(struct passage *passage)
{
    uint64_t count = 0, next = 0;
    for (;;) {
        bool over = atom_load(&passage->over) == 1;
        struct number number;
        while (ring_take(&passage->ring, &number)) {
            uint64_t i = number.value;
            unit_holds(i >= next && (!passage->patient || i == next), "%" PRIu64 " at %" PRIu64, i,
                       next);
            unit_holds(number.again[0] == ~i && number.again[1] == i * 3 &&
                           number.again[2] == (i ^ 0x5555),
                       "%" PRIu64 " is torn", i);
            next = i + 1;
            count++;
        }
        if (over) {
            return count;
        }
        thread_pause();
    }
}

static void numbers_pass_in_order(void **state)
{
    (void)state;
    static const struct {
        bool patient;
        uint64_t count;
    } rows[] = {{true, 1}, {true, 64}, {true, 1024}, {false, 1}, {false, 8}, {false, 1024}};
    for (size_t i = 0; i < unit_count(rows); i++) {
        static struct number memory[1024];
        /* Who is patient may wait a time slice of other programs' for each turn of the ring. */
        uint64_t total = rows[i].patient ? 1000 * rows[i].count : 1000000;
        static struct passage passage; /* outlives a failed assertion, as the thread does */
        passage = (struct passage){.total = total, .patient = rows[i].patient};
        ring_init(&passage.ring, memory, sizeof memory[0], rows[i].count);
        struct thread *thread = thread_start(put_numbers, &passage);
        uint64_t count = take_numbers(&passage);
        thread_join(thread);
        unit_holds(ring_dropped(&passage.ring) == passage.refused, "row %zu", i);
        unit_holds(count == total - (rows[i].patient ? 0 : passage.refused), "row %zu: %" PRIu64, i,
                   count);
    }
}

static void init(void *arg)
{
    const struct ring *wanted = arg;
    struct ring ring;
    ring_init(&ring, wanted->records, wanted->record_size, wanted->count);
}

static void wrong_memory_is_caught(void **state)
{
    (void)state;
    uint8_t memory[16];
    struct ring rows[] = {
        {.records = NULL, .record_size = 1, .count = 1},
        {.records = memory, .record_size = 0, .count = 1},
        {.records = memory, .record_size = 1, .count = 0},
        {.records = memory, .record_size = 1, .count = 3},
        {.records = memory, .record_size = 1, .count = 6},
        {.records = memory, .record_size = 1, .count = UINT64_MAX},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        const char *sentence = unit_expect_check(init, &rows[i]);
        unit_holds(strstr(sentence, "ring.c:"), "%zu: %s", i, sentence);
    }
}

static void put_beyond_belief(void *arg)
{
    struct ring *ring = arg;
    atom_store(&ring->taken, 1); /* more taken than was ever put */
    ring->count += ring_put(ring, "x");
}

static void take_beyond_belief(void *arg)
{
    struct ring *ring = arg;
    uint8_t record;
    atom_store(&ring->put, ring->count + 1); /* more inside than there are places */
    ring->count += ring_take(ring, &record);
}

static void impossible_counters_are_caught(void **state)
{
    (void)state;
    static void (*const bodies[])(void *) = {put_beyond_belief, take_beyond_belief};
    for (size_t i = 0; i < unit_count(bodies); i++) {
        uint8_t memory[4];
        struct ring ring;
        ring_init(&ring, memory, 1, 4);
        const char *sentence = unit_expect_check(bodies[i], &ring);
        unit_holds(strstr(sentence, "ring.c:"), "%zu: %s", i, sentence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fill_level_at_every_place),
        cmocka_unit_test(nothing_is_put_outside_the_memory),
        cmocka_unit_test(a_dropped_record_changes_nothing),
        cmocka_unit_test(numbers_pass_in_order),
        cmocka_unit_test(wrong_memory_is_caught),
        cmocka_unit_test(impossible_counters_are_caught),
    };
    return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
