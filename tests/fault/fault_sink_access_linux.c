/*
 * The access log's and the map's troubles that only a system can make: a full disk, a line of which
 * a part was written, a read-only folder, a write that a signal interrupted.
 */
#define _DEFAULT_SOURCE

#include "eventlog/sink_access.h"
#include "perfcounters/publish_map.h"
#include "sys/files.h"
#include "unit/unit.h"

#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

#define FOLDER "fault_sink_access.data"
#define LOG    FOLDER "/access.log"

ssize_t __real_write(int file, const void *bytes, size_t len);
ssize_t __wrap_write(int file, const void *bytes, size_t len);
int __real_posix_fallocate(int file, off_t offset, off_t len);
int __wrap_posix_fallocate(int file, off_t offset, off_t len);

/* What the next writes do: bytes taken, or a negative errno; behind the end the real thing. */
static const long *plan;
static size_t plan_left;
static int fallocate_code;

ssize_t __wrap_write(int file, const void *bytes, size_t len)
{
    if (plan_left == 0) {
        return __real_write(file, bytes, len);
    }
    long next = *plan++;
    plan_left--;
    if (next < 0) {
        errno = (int)-next;
        return -1;
    }
    return __real_write(file, bytes, (size_t)next < len ? (size_t)next : len);
}

int __wrap_posix_fallocate(int file, off_t offset, off_t len)
{
    return fallocate_code != 0 ? fallocate_code : __real_posix_fallocate(file, offset, len);
}

static struct sink_access sink;

static int fresh_folder(void **state)
{
    (void)state;
    fallocate_code = 0;
    plan_left = 0;
    if (files_make_folder(FOLDER) != ERR_OK) {
        return 1;
    }
    enum err err = files_remove(LOG);
    sink_access_init(&sink, 0);
    return err == ERR_OK || err == ERR_ABSENT ? 0 : 1;
}

static void write_some(size_t count)
{
    struct access_record record;
    access_begin(&record);
    for (size_t i = 0; i < count; i++) {
        sink_access_write(&sink, &record);
    }
}

/* Whole lines, and others, which a failed write left; empty ones do not count. */
static void expect_lines(size_t whole, size_t broken)
{
    static char text[SINK_ACCESS_BUFFER];
    size_t len, is_whole = 0, is_broken = 0;
    bool done = false;
    struct span part;
    assert_int_equal(files_read(LOG, text, sizeof text, &len), ERR_OK);
    struct span rest = span_of(text, len);
    while (span_cut(&rest, '\n', &done, &part)) {
        bool closed = part.len > 0 && part.at[part.len - 1] == '}';
        unit_holds(span_find_last(part, '{') == 0, "lines have run together: %s", unit_show(part));
        is_whole += closed;
        is_broken += part.len > 0 && !closed;
    }
    assert_int_equal(is_whole, whole);
    assert_int_equal(is_broken, broken);
}

static void a_full_disk_costs_lines_only(void **state)
{
    (void)state;
    enum err err;
    assert_int_equal(sink_access_use(&sink, "/dev/full"), ERR_OK);
    for (int i = 0; i < 3; i++) {
        write_some(2);
        sink_access_flush(&sink);
        assert_int_equal(sink_access_take_trouble(&sink, &err), i == 0);
        assert_int_equal(err, ERR_DISK_FULL);
    }
    assert_int_equal(sink.lost, 6);
    sink_access_shut(&sink);
}

static void every_failure_has_its_name(void **state)
{
    (void)state;
    static const struct {
        int code;
        enum err err;
    } rows[] = {{ENOSPC, ERR_DISK_FULL}, {EDQUOT, ERR_DISK_FULL}, {EACCES, ERR_DENIED},
                {EROFS, ERR_DENIED},     {EIO, ERR_SYSTEM},       {EAGAIN, ERR_SYSTEM}};
    assert_int_equal(sink_access_use(&sink, LOG), ERR_OK);
    for (size_t i = 0; i < unit_count(rows); i++) {
        long code = -rows[i].code;
        enum err err;
        write_some(1);
        plan = &code;
        plan_left = 1;
        sink_access_flush(&sink);
        (void)sink_access_take_trouble(&sink, &err);
        unit_holds(err == rows[i].err, "%s", err_name(rows[i].err));
    }
    assert_int_equal(sink.lost, unit_count(rows));
    sink_access_shut(&sink);
    expect_lines(0, 0);
}

static void a_broken_line_is_ended_before_the_next(void **state)
{
    (void)state;
    static const long part_then_full[] = {40, -ENOSPC};
    static const long still_full[] = {-ENOSPC};
    assert_int_equal(sink_access_use(&sink, LOG), ERR_OK);
    write_some(2);
    plan = part_then_full;
    plan_left = 2;
    sink_access_flush(&sink);
    assert_int_equal(sink.lost, 2);
    assert_int_equal(sink_access_use(&sink, LOG), ERR_OK); /* a change of something else */
    write_some(1);
    plan = still_full;
    plan_left = 1;
    sink_access_flush(&sink);
    assert_int_equal(sink.lost, 3);
    write_some(1);
    sink_access_flush(&sink);
    sink_access_shut(&sink);
    expect_lines(1, 1);
}

/* Whole lines that were written before the disk was full are not lost. */
static void what_was_written_is_not_lost(void **state)
{
    (void)state;
    long part_then_full[] = {0, -ENOSPC};
    assert_int_equal(sink_access_use(&sink, LOG), ERR_OK);
    write_some(1);
    part_then_full[0] = (long)sink.len;
    write_some(2);
    plan = part_then_full;
    plan_left = 2;
    sink_access_flush(&sink);
    assert_int_equal(sink.lost, 2);
    write_some(1);
    sink_access_shut(&sink);
    expect_lines(2, 0);
}

static void short_and_interrupted_writes_go_on(void **state)
{
    (void)state;
    static const long bits[] = {1, -EINTR, 7, 100, -EINTR, -EINTR, 3};
    assert_int_equal(sink_access_use(&sink, LOG), ERR_OK);
    write_some(3);
    plan = bits;
    plan_left = unit_count(bits);
    sink_access_shut(&sink);
    assert_int_equal(plan_left, 0);
    assert_int_equal(sink.lost, 0);
    expect_lines(3, 0);
}

static void a_map_without_room_is_refused(void **state)
{
    (void)state;
    struct publish_map map;
    static const struct {
        int code;
        enum err err;
    } rows[] = {{ENOSPC, ERR_DISK_FULL}, {EIO, ERR_SYSTEM}};
    for (size_t i = 0; i < unit_count(rows); i++) {
        fallocate_code = rows[i].code;
        assert_int_equal(publish_map_open(&map, FOLDER), rows[i].err);
        publish_map_shut(&map);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_full_disk_costs_lines_only, fresh_folder),
        cmocka_unit_test_setup(every_failure_has_its_name, fresh_folder),
        cmocka_unit_test_setup(a_broken_line_is_ended_before_the_next, fresh_folder),
        cmocka_unit_test_setup(what_was_written_is_not_lost, fresh_folder),
        cmocka_unit_test_setup(short_and_interrupted_writes_go_on, fresh_folder),
        cmocka_unit_test_setup(a_map_without_room_is_refused, fresh_folder),
    };
    return cmocka_run_group_tests_name("fault_sink_access", tests, NULL, NULL);
}
