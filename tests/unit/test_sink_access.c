/*
 * Proves the access log's file: lines are appended whole, the file is reopened after a rename and
 * rotated by size, at the cost of no old one that is kept; and a file that cannot be opened or
 * written costs lines, is reported once, and is tried again. The linker puts a rename of this file
 * in the place of the one of sys/ (--wrap).
 */
#include "eventlog/sink_access.h"
#include "sys/files.h"
#include "unit/unit.h"

#define FOLDER "test_sink_access.data"
#define LOG    FOLDER "/access.log"

static struct sink_access sink;
static char place[16 * SINK_ACCESS_BUFFER];

/* As Windows has it while somebody reads this file, and does not share it. */
static const char *held;

enum err __real_files_rename(const char *from, const char *to);
enum err __wrap_files_rename(const char *from, const char *to);

enum err __wrap_files_rename(const char *from, const char *to)
{
    return held && strcmp(from, held) == 0 ? ERR_DENIED : __real_files_rename(from, to);
}

static int fresh_folder(void **state)
{
    static const char *const names[] = {LOG,         LOG ".1",         LOG ".2", LOG ".3",
                                        LOG ".4",    LOG ".5",         LOG ".6", FOLDER "/moved",
                                        FOLDER "/b", FOLDER "/x/a.log"};
    (void)state;
    if (files_make_folder(FOLDER "/x") != ERR_OK) {
        return 1;
    }
    for (size_t i = 0; i < unit_count(names); i++) {
        enum err err = files_remove(names[i]);
        if (err != ERR_OK && err != ERR_ABSENT) {
            return 1;
        }
    }
    sink_access_init(&sink, 0);
    held = NULL;
    return 0;
}

static void write_some(uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i++) {
        struct access_record record;
        access_begin(&record);
        record.unix_ms = i;
        record.bytes_to_client = i;
        sink_access_write(&sink, &record);
    }
}

/* The lines of a file that are lines of ours; the number in the first and the last. */
static size_t count_lines(const char *path, uint64_t *first, uint64_t *last)
{
    static const char before[] = "\"bytes_to_client\":";
    size_t len, count = 0;
    bool done = false;
    struct span part;
    if (files_read(path, place, sizeof place - 1, &len) != ERR_OK) {
        return 0;
    }
    struct span rest = span_of(place, len);
    unit_holds(len == 0 || place[len - 1] == '\n', "%s", path);
    while (span_cut(&rest, '\n', &done, &part)) {
        if (part.len == 0) {
            continue;
        }
        place[part.at + part.len - (const uint8_t *)place] = '\0';
        const char *found = strstr((const char *)part.at, before);
        unit_holds(part.at[0] == '{' && part.at[part.len - 1] == '}' && found, "%s",
                   unit_show(part));
        struct span number = span_str(found + strlen(before));
        assert_int_equal(
            span_number(span_first(number, span_find(number, ',')), 0, UINT64_MAX, last), ERR_OK);
        *first = count++ == 0 ? *last : *first;
    }
    return count;
}

static void expect_lines(const char *path, uint64_t first, uint64_t count)
{
    uint64_t is_first = 0, is_last = 0;
    size_t lines = count_lines(path, &is_first, &is_last);
    unit_holds(lines == count, "%s: %zu lines", path, lines);
    unit_holds(count == 0 || (is_first == first && is_last == first + count - 1),
               "%s: %" PRIu64 " to %" PRIu64, path, is_first, is_last);
}

static void off_writes_nothing(void **state)
{
    (void)state;
    write_some(1, 10);
    sink_access_flush(&sink);
    sink_access_shut(&sink);
    assert_int_equal(sink.lost, 0);
    expect_lines(LOG, 0, 0);
}

static void lines_are_appended(void **state)
{
    enum err err;
    (void)state;
    assert_int_equal(sink_access_use(&sink, LOG), ERR_OK);
    sink_access_flush(&sink);
    expect_lines(LOG, 0, 0);
    write_some(1, 3);
    expect_lines(LOG, 0, 0); /* gathered */
    sink_access_flush(&sink);
    expect_lines(LOG, 1, 3);
    write_some(4, 1000); /* more than the buffer holds */
    sink_access_shut(&sink);
    expect_lines(LOG, 1, 1003);
    sink_access_init(&sink, 0); /* the next run */
    assert_int_equal(sink_access_use(&sink, LOG), ERR_OK);
    write_some(1004, 1);
    sink_access_shut(&sink);
    expect_lines(LOG, 1, 1004);
    assert_false(sink_access_take_trouble(&sink, &err));
    assert_int_equal(sink.lost, 0);
}

static void another_path_gets_what_comes_after(void **state)
{
    (void)state;
    char path[PATHS_MAX + 1];
    assert_int_equal(sink_access_use(&sink, LOG), ERR_OK);
    write_some(1, 2);
    assert_int_equal(sink_access_use(&sink, FOLDER "/b"), ERR_OK);
    write_some(3, 2);
    assert_int_equal(sink_access_use(&sink, ""), ERR_OK);
    write_some(5, 2);
    sink_access_shut(&sink);
    expect_lines(LOG, 1, 2);
    expect_lines(FOLDER "/b", 3, 2);
    memset(path, 'a', sizeof path);
    path[PATHS_MAX] = '\0';
    assert_int_equal(sink_access_use(&sink, path), ERR_LONG);
}

static void it_is_reopened_when_told(void **state)
{
    (void)state;
    assert_int_equal(sink_access_use(&sink, LOG), ERR_OK);
    write_some(1, 2);
    sink_access_flush(&sink);
    assert_int_equal(files_rename(LOG, FOLDER "/moved"), ERR_OK);
    write_some(3, 2);
    sink_access_reopen(&sink); /* what was gathered belongs to the old one */
    write_some(5, 2);
    sink_access_shut(&sink);
    expect_lines(FOLDER "/moved", 1, 4);
    expect_lines(LOG, 5, 2);
}

/* Ten lines a flush, which are more than rotated files may have. */
static void flush_tens(uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i++) {
        write_some(1 + i * 10, 10);
        sink_access_flush(&sink);
    }
}

/* path.`number` has the lines of that flush. */
static void expect_ten(uint64_t number, uint64_t flush)
{
    char path[64];
    (void)snprintf(path, sizeof path, LOG ".%" PRIu64, number);
    expect_lines(path, 1 + flush * 10, 10);
}

static void it_is_rotated_by_size(void **state)
{
    (void)state;
    sink_access_init(&sink, 1000);
    assert_int_equal(sink_access_use(&sink, LOG), ERR_OK);
    flush_tens(0, 8);
    sink_access_shut(&sink);
    expect_lines(LOG, 71, 10);
    for (uint64_t i = 1; i <= SINK_ACCESS_KEPT; i++) {
        expect_ten(i, 7 - i);
    }
    expect_lines(LOG ".6", 0, 0);
    assert_int_equal(sink.lost, 0);
}

/* Whoever holds it, and for how many flushes: the old ones that were to stay are all there. */
static void a_held_file_costs_no_old_one(void **state)
{
    static const char *const names[] = {LOG, LOG ".1", LOG ".3", LOG ".4"};
    for (size_t i = 0; i < unit_count(names); i++) {
        (void)fresh_folder(state);
        sink_access_init(&sink, 1000);
        assert_int_equal(sink_access_use(&sink, LOG), ERR_OK);
        flush_tens(0, 7); /* 1 to 5 lie behind, 6 is the file itself */
        held = names[i];
        flush_tens(7, 8);
        expect_lines(LOG, 61, 90);
        held = NULL;
        flush_tens(15, 1);
        sink_access_shut(&sink);
        expect_lines(LOG, 151, 10);
        expect_lines(LOG ".1", 61, 90);
        for (uint64_t old = 2; old <= SINK_ACCESS_KEPT; old++) {
            expect_ten(old, 7 - old);
        }
        assert_int_equal(sink.lost, 0);
    }
}

/* A rotated file goes on where the last run left it. */
static void the_size_counts_what_was_there(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 2; i++) {
        sink_access_init(&sink, 1000);
        assert_int_equal(sink_access_use(&sink, LOG), ERR_OK);
        write_some(1 + i * 10, 10);
        sink_access_shut(&sink);
    }
    expect_lines(LOG, 1, 20); /* it is looked at before a write to an open file */
    sink_access_init(&sink, 1000);
    assert_int_equal(sink_access_use(&sink, LOG), ERR_OK);
    sink_access_flush(&sink);
    write_some(21, 1);
    sink_access_shut(&sink);
    expect_lines(LOG ".1", 1, 20);
    expect_lines(LOG, 21, 1);
}

static void trouble_is_said_once_and_ends(void **state)
{
    (void)state;
    enum err err;
    assert_int_equal(files_make_folder(FOLDER "/x"), ERR_OK);
    assert_int_equal(sink_access_use(&sink, FOLDER "/none/access.log"), ERR_OK);
    sink_access_flush(&sink);
    assert_true(sink_access_take_trouble(&sink, &err));
    assert_int_equal(err, ERR_ABSENT);
    write_some(1, 7);
    sink_access_flush(&sink);
    assert_false(sink_access_take_trouble(&sink, &err));
    assert_int_equal(err, ERR_ABSENT);
    assert_int_equal(sink.lost, 7);
    assert_int_equal(sink_access_use(&sink, FOLDER "/x"), ERR_OK); /* a folder is no file */
    write_some(8, 1);
    sink_access_flush(&sink);
    assert_true(sink_access_take_trouble(&sink, &err));
    assert_int_equal(err, ERR_DENIED);
    assert_int_equal(sink_access_use(&sink, LOG), ERR_OK);
    write_some(9, 1);
    sink_access_flush(&sink);
    assert_false(sink_access_take_trouble(&sink, &err));
    assert_int_equal(err, ERR_OK);
    sink_access_shut(&sink);
    expect_lines(LOG, 9, 1);
    assert_int_equal(sink.lost, 8);
}

/* The folder comes back while the path stays: no restart is needed. */
static void it_recovers_by_itself(void **state)
{
    (void)state;
    enum err err;
    assert_int_equal(files_make_folder(FOLDER "/late"), ERR_OK);
    assert_int_equal(files_rename(FOLDER "/late", FOLDER "/away"), ERR_OK);
    assert_int_equal(sink_access_use(&sink, FOLDER "/late/a.log"), ERR_OK);
    write_some(1, 1);
    sink_access_flush(&sink);
    assert_true(sink_access_take_trouble(&sink, &err));
    assert_int_equal(files_rename(FOLDER "/away", FOLDER "/late"), ERR_OK);
    write_some(2, 1);
    sink_access_flush(&sink);
    assert_false(sink_access_take_trouble(&sink, &err));
    assert_int_equal(sink.trouble, ERR_OK);
    sink_access_shut(&sink);
    expect_lines(FOLDER "/late/a.log", 2, 1);
    assert_int_equal(files_remove(FOLDER "/late/a.log"), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(off_writes_nothing, fresh_folder),
        cmocka_unit_test_setup(lines_are_appended, fresh_folder),
        cmocka_unit_test_setup(another_path_gets_what_comes_after, fresh_folder),
        cmocka_unit_test_setup(it_is_reopened_when_told, fresh_folder),
        cmocka_unit_test_setup(it_is_rotated_by_size, fresh_folder),
        cmocka_unit_test_setup(a_held_file_costs_no_old_one, fresh_folder),
        cmocka_unit_test_setup(the_size_counts_what_was_there, fresh_folder),
        cmocka_unit_test_setup(trouble_is_said_once_and_ends, fresh_folder),
        cmocka_unit_test_setup(it_recovers_by_itself, fresh_folder),
    };
    return cmocka_run_group_tests_name("sink_access", tests, NULL, NULL);
}
