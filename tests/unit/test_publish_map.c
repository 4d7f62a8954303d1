/*
 * Proves counters.map: what is written is read by another mapping, whole while it is being written
 * by another thread; whatever else lies there is refused; and what a reader concludes about the
 * service, running, stopped or gone.
 */
#include "perfcounters/publish_map.h"
#include "sys/files.h"
#include "sys/paths.h"
#include "unit/threads.h"
#include "unit/unit.h"

#define FOLDER    "test_publish_map.data"
#define FILE_NAME FOLDER "/counters.map"

enum { FILE_SIZE = 4096 };

static int fresh_folder(void **state)
{
    (void)state;
    if (files_make_folder(FOLDER) != ERR_OK) {
        return 1;
    }
    enum err err = files_remove(FILE_NAME);
    return err == ERR_OK || err == ERR_ABSENT ? 0 : 1;
}

/* All numbers in it are made of one. */
static void fill(struct publish_map_view *view, uint64_t number)
{
    *view = (struct publish_map_view){.pid = number + 1,
                                      .start_ms = number + 2,
                                      .heartbeat_ms = number + 3,
                                      .stop_ms = number + 4,
                                      .revision = number + 5,
                                      .listener_count = number % (PUBLISH_MAP_LISTENERS + 1)};
    (void)snprintf(view->version, sizeof view->version, "%" PRIu64, number);
    for (size_t i = 0; i < view->listener_count; i++) {
        struct endpoint *listener = &view->listeners[i];
        listener->addr.family = i % 2 ? ADDR_IPV6 : ADDR_IPV4;
        memset(listener->addr.bytes, (int)(number + i) & 0xFF, i % 2 ? 16 : 4);
        listener->port = (uint16_t)(number + i);
    }
    for (size_t i = 0; i < COUNTER_COUNT; i++) {
        view->counters.at[i] = number * 1000 + i;
    }
}

static bool is_filled(const struct publish_map_view *view)
{
    struct publish_map_view want;
    fill(&want, view->pid - 1);
    bool same = want.start_ms == view->start_ms && want.heartbeat_ms == view->heartbeat_ms &&
                want.stop_ms == view->stop_ms && want.revision == view->revision &&
                want.listener_count == view->listener_count &&
                strcmp(want.version, view->version) == 0 &&
                memcmp(&want.counters, &view->counters, sizeof want.counters) == 0;
    for (size_t i = 0; same && i < want.listener_count; i++) {
        same = want.listeners[i].port == view->listeners[i].port &&
               addr_equal(&want.listeners[i].addr, &view->listeners[i].addr);
    }
    return same;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct publish_map map;
    struct publish_map_view view;
    assert_int_equal(publish_map_open(&map, FOLDER), ERR_OK);
    for (uint64_t number = 0; number < 40; number++) {
        fill(&view, number);
        publish_map_write(&map, &view);
        memset(&view, 0xEE, sizeof view);
        assert_int_equal(publish_map_read(FOLDER, &view), ERR_OK);
        unit_holds(view.pid == number + 1 && is_filled(&view), "%" PRIu64, number);
    }
    publish_map_shut(&map);
    assert_int_equal(publish_map_read(FOLDER, &view), ERR_OK); /* it stays */
    assert_int_equal(view.pid, 40);
}

static void the_next_service_takes_the_file_over(void **state)
{
    (void)state;
    struct publish_map first, second;
    struct publish_map_view view;
    assert_int_equal(publish_map_open(&first, FOLDER), ERR_OK);
    fill(&view, 1);
    publish_map_write(&first, &view);
    assert_int_equal(publish_map_open(&second, FOLDER), ERR_OK); /* the first was killed */
    assert_int_equal(publish_map_read(FOLDER, &view), ERR_OK);
    assert_int_equal(view.pid, 2);
    fill(&view, 7);
    publish_map_write(&second, &view);
    assert_int_equal(publish_map_read(FOLDER, &view), ERR_OK);
    assert_int_equal(view.pid, 8);
    publish_map_shut(&first);
    publish_map_shut(&second);
    publish_map_shut(&second);         /* does nothing */
    publish_map_write(&second, &view); /* nor this */
}

static void nothing_there_is_absent(void **state)
{
    (void)state;
    struct publish_map map;
    struct publish_map_view view;
    assert_int_equal(publish_map_read(FOLDER, &view), ERR_ABSENT);
    assert_int_equal(publish_map_read(FOLDER "/none", &view), ERR_ABSENT);
    assert_int_equal(publish_map_open(&map, FOLDER "/none"), ERR_ABSENT);
    publish_map_write(&map, &view);
    publish_map_shut(&map);
}

/* Of the file's words: magic, layout, turn; every byte of the first two decides. Behind the right
 * magic the first facts are told whatever the layout. */
static void another_file_is_refused(void **state)
{
    (void)state;
    static uint8_t bytes[FILE_SIZE];
    struct publish_map map;
    struct publish_map_view view, wrote;
    size_t len;
    assert_int_equal(publish_map_open(&map, FOLDER), ERR_OK);
    assert_int_equal(publish_map_read(FOLDER, &view), ERR_ABSENT); /* nothing was written yet */
    fill(&wrote, 3);
    publish_map_write(&map, &wrote);
    publish_map_shut(&map);
    assert_int_equal(files_read(FILE_NAME, bytes, sizeof bytes, &len), ERR_OK);
    assert_int_equal(len, FILE_SIZE);
    for (size_t i = 0; i <= 16; i++) { /* 16: the turn becomes odd */
        bytes[i] ^= 1;
        assert_int_equal(files_write(FILE_NAME, span_of(bytes, len)), ERR_OK);
        unit_holds(publish_map_read(FOLDER, &view) == ERR_MAP, "byte %zu", i);
        unit_holds(view.pid == (i < 8 ? 0 : wrote.pid) &&
                       view.revision == (i < 8 ? 0 : wrote.revision),
                   "byte %zu", i);
        bytes[i] ^= 1;
    }
    static const size_t sizes[] = {0, 1, 8, FILE_SIZE - 1};
    for (size_t i = 0; i < unit_count(sizes); i++) {
        assert_int_equal(files_write(FILE_NAME, span_of(bytes, sizes[i])), ERR_OK);
        unit_holds(publish_map_read(FOLDER, &view) == ERR_MAP, "%zu bytes", sizes[i]);
    }
    assert_int_equal(files_write(FILE_NAME, span_of(bytes, len)), ERR_OK);
    assert_int_equal(publish_map_read(FOLDER, &view), ERR_OK);
}

/* Whatever bytes lie behind the head, a reader gets an answer and nothing out of bounds. */
static void any_content_is_survived(void **state)
{
    (void)state;
    static uint8_t bytes[FILE_SIZE];
    struct publish_map map;
    struct publish_map_view view;
    size_t len, refused = 0;
    assert_int_equal(publish_map_open(&map, FOLDER), ERR_OK);
    fill(&view, 2);
    publish_map_write(&map, &view);
    publish_map_shut(&map);
    assert_int_equal(files_read(FILE_NAME, bytes, sizeof bytes, &len), ERR_OK);
    for (size_t i = 24; i < (64 + COUNTER_COUNT * 8 + 32 + 8 + 400); i += 8) {
        uint8_t kept[8];
        memcpy(kept, bytes + i, 8);
        memset(bytes + i, 0xFF, 8);
        assert_int_equal(files_write(FILE_NAME, span_of(bytes, len)), ERR_OK);
        enum err err = publish_map_read(FOLDER, &view);
        unit_holds(err == ERR_OK || err == ERR_MAP, "word %zu", i / 8);
        refused += err == ERR_MAP;
        memcpy(bytes + i, kept, 8);
    }
    assert_true(refused >= 3); /* the count of listeners, and the family of two */
}

static void a_taken_name_is_refused(void **state)
{
    (void)state;
    struct publish_map map;
    struct publish_map_view view;
    assert_int_equal(files_make_folder(FOLDER "/folder/counters.map"), ERR_OK);
    assert_int_not_equal(publish_map_open(&map, FOLDER "/folder"), ERR_OK);
    assert_int_not_equal(publish_map_read(FOLDER "/folder", &view), ERR_OK);
}

struct writer {
    struct publish_map map;
    struct atom_u64 stop;
};

static void keep_writing(void *arg)
{
    struct writer *writer = arg;
    struct publish_map_view view;
    for (uint64_t number = 0; atom_load(&writer->stop) == 0; number++) {
        fill(&view, number);
        publish_map_write(&writer->map, &view);
        thread_pause();
    }
}

static void no_view_is_half_written(void **state)
{
    (void)state;
    struct writer writer = {.stop = {0}};
    struct publish_map_view view;
    size_t met = 0;
    bool torn = false;
    assert_int_equal(publish_map_open(&writer.map, FOLDER), ERR_OK);
    fill(&view, 0);
    publish_map_write(&writer.map, &view);
    struct thread *thread = thread_start(keep_writing, &writer);
    while (met < 100 && !torn) {
        if (publish_map_read(FOLDER, &view) == ERR_OK) {
            met++;
            torn = !is_filled(&view);
        } else { /* a writer that never rests: fair */
            thread_pause();
        }
    }
    atom_store(&writer.stop, 1);
    thread_join(thread);
    publish_map_shut(&writer.map);
    assert_false(torn);
}

static void the_heartbeat_tells(void **state)
{
    (void)state;
    enum { BEAT = 1000000, SILENT = PUBLISH_MAP_SILENT_MS };
    static const struct {
        uint64_t stop_ms, now_ms;
        enum publish_map_life life;
        uint64_t since_ms;
    } rows[] = {
        {0, BEAT, PUBLISH_MAP_RUNS, 500},
        {0, BEAT + SILENT, PUBLISH_MAP_RUNS, 500},
        {0, BEAT + SILENT + 1, PUBLISH_MAP_GONE, BEAT},
        {0, BEAT - SILENT, PUBLISH_MAP_RUNS, 500},      /* the clock was set back a little */
        {0, BEAT - SILENT - 1, PUBLISH_MAP_GONE, BEAT}, /* and far */
        {BEAT + 1, BEAT + 2, PUBLISH_MAP_STOPPED, BEAT + 1},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        const struct publish_map_view view = {
            .start_ms = 500, .heartbeat_ms = BEAT, .stop_ms = rows[i].stop_ms};
        uint64_t since;
        unit_holds(publish_map_judge(&view, rows[i].now_ms, &since) == rows[i].life, "row %zu", i);
        unit_holds(since == rows[i].since_ms, "row %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_written_is_read, fresh_folder),
        cmocka_unit_test_setup(the_next_service_takes_the_file_over, fresh_folder),
        cmocka_unit_test_setup(nothing_there_is_absent, fresh_folder),
        cmocka_unit_test_setup(another_file_is_refused, fresh_folder),
        cmocka_unit_test_setup(any_content_is_survived, fresh_folder),
        cmocka_unit_test_setup(a_taken_name_is_refused, fresh_folder),
        cmocka_unit_test_setup(no_view_is_half_written, fresh_folder),
        cmocka_unit_test(the_heartbeat_tells),
    };
    return cmocka_run_group_tests_name("publish_map", tests, NULL, NULL);
}
