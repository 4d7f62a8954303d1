/*
 * Proves files on both systems: what is written is read, whole or not at all; names, errors and
 * identities are right; the lock lets one thread in at a time. The folder of the test lies in the
 * folder it is started in.
 */
#include "base/atom.h"
#include "sys/files.h"
#include "sys/paths.h"
#include "sys/thread.h"
#include "unit/unit.h"

#define FOLDER "test_sys_files.data"

static int fresh_folder(void **state)
{
    static const char *const names[] = {"a", "b", "new", "lock", "long"};
    char path[PATHS_MAX];
    (void)state;
    if (files_make_folder(FOLDER) != ERR_OK) {
        return 1;
    }
    for (size_t i = 0; i < unit_count(names); i++) {
        if (paths_join(FOLDER, names[i], path) != ERR_OK) {
            return 1;
        }
        enum err err = files_remove(path);
        if (err != ERR_OK && err != ERR_ABSENT) {
            return 1;
        }
    }
    return 0;
}

static void expect_content(const char *path, const char *want)
{
    char place[64];
    size_t len;
    assert_int_equal(files_read(path, place, sizeof place, &len), ERR_OK);
    unit_same(span_of(place, len), span_str(want), "%s", path);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    assert_int_equal(files_write(FOLDER "/a", span_str("first")), ERR_OK);
    expect_content(FOLDER "/a", "first");
    assert_int_equal(files_write(FOLDER "/a", span_str("")), ERR_OK);
    expect_content(FOLDER "/a", "");
    assert_int_equal(files_write(FOLDER "/a", span_str("the third, longer")), ERR_OK);
    expect_content(FOLDER "/a", "the third, longer");
}

static void a_new_file_replaces_none(void **state)
{
    (void)state;
    assert_int_equal(files_write_new(FOLDER "/new", span_str("mine")), ERR_OK);
    assert_int_equal(files_write_new(FOLDER "/new", span_str("yours")), ERR_EXISTS);
    expect_content(FOLDER "/new", "mine");
    assert_int_equal(files_create(FOLDER "/new"), ERR_OK);
    expect_content(FOLDER "/new", "mine");
    assert_int_equal(files_create(FOLDER "/a"), ERR_OK);
    expect_content(FOLDER "/a", "");
}

static void reading_knows_its_place(void **state)
{
    (void)state;
    char place[8];
    size_t len;
    assert_int_equal(files_write(FOLDER "/long", span_str("12345678")), ERR_OK);
    assert_int_equal(files_read(FOLDER "/long", place, 8, &len), ERR_OK);
    unit_same(span_of(place, len), span_str("12345678"), "as long as the place");
    assert_int_equal(files_read(FOLDER "/long", place, 7, &len), ERR_LONG);
    assert_int_equal(files_read(FOLDER "/long", place, 0, &len), ERR_LONG);
}

static void what_is_not_there_is_absent(void **state)
{
    (void)state;
    char place[8];
    size_t len;
    struct files_identity identity;
    struct files_lock lock = {0};
    assert_int_equal(files_read(FOLDER "/b", place, 8, &len), ERR_ABSENT);
    assert_int_equal(files_identify(FOLDER "/b", &identity), ERR_ABSENT);
    assert_int_equal(files_remove(FOLDER "/b"), ERR_ABSENT);
    assert_int_equal(files_rename(FOLDER "/b", FOLDER "/a"), ERR_ABSENT);
    assert_int_equal(files_write(FOLDER "/none/a", span_str("x")), ERR_ABSENT);
    assert_int_equal(files_create(FOLDER "/none/a"), ERR_ABSENT);
    assert_int_equal(files_lock_try(&lock, FOLDER "/none/a"), ERR_ABSENT);
    assert_false(lock.taken);
}

static void an_identity_tells_files_apart(void **state)
{
    (void)state;
    struct files_identity a, again, b;
    assert_int_equal(files_write(FOLDER "/a", span_str("12345")), ERR_OK);
    assert_int_equal(files_identify(FOLDER "/a", &a), ERR_OK);
    assert_int_equal(files_identify(FOLDER "/a", &again), ERR_OK);
    assert_int_equal(a.size, 5);
    assert_true(a.file == again.file && a.volume == again.volume);
    assert_int_equal(a.changed_ns, again.changed_ns);
    /* Both are there at once, so they cannot have the same number. */
    assert_int_equal(files_write(FOLDER "/b", span_str("123456")), ERR_OK);
    assert_int_equal(files_rename(FOLDER "/b", FOLDER "/a"), ERR_OK);
    assert_int_equal(files_identify(FOLDER "/a", &b), ERR_OK);
    assert_true(a.file != b.file && b.size == 6);
    assert_int_equal(files_identify(FOLDER "/b", &b), ERR_ABSENT);
}

static void folders_are_made_with_those_above(void **state)
{
    (void)state;
    assert_int_equal(files_make_folder(FOLDER "/deep/er/est"), ERR_OK);
    assert_int_equal(files_make_folder(FOLDER "/deep/er/est"), ERR_OK);
    assert_int_equal(files_write(FOLDER "/deep/er/est/a", span_str("x")), ERR_OK);
    expect_content(FOLDER "/deep/er/est/a", "x");
    assert_int_equal(files_write(FOLDER "/a", span_str("a file")), ERR_OK);
    assert_int_equal(files_make_folder(FOLDER "/a"), ERR_FOLDER_FILE);
}

static void names_may_be_of_any_script(void **state)
{
    (void)state;
    const char *path = FOLDER "/\xC3\xA9\xE6\x96\x87\xF0\x9F\x98\x80";
    assert_int_equal(files_write(path, span_str("x")), ERR_OK);
    expect_content(path, "x");
    assert_int_equal(files_remove(path), ERR_OK);
}

/* ---- the lock ---- */

enum { THREADS = 6, ROUNDS = 100 };

static struct atom_u64 inside, counted; /* the thread sanitizer does not know locks of files */

static void count_up(void *context)
{
    enum err *result = context;
    for (int i = 0; i < ROUNDS && *result == ERR_OK; i++) {
        struct files_lock lock = {0};
        *result = files_lock_take(&lock, FOLDER "/lock", FILES_WAIT_EVER);
        if (*result == ERR_OK) {
            *result = atom_add(&inside, 1) == 0 ? ERR_OK : ERR_SYSTEM;
            atom_store(&counted, atom_load(&counted) + 1); /* two steps: alone between them */
            (void)atom_add(&inside, UINT64_MAX);
            files_lock_give(&lock);
        }
    }
}

static void one_at_a_time_holds_the_lock(void **state)
{
    (void)state;
    struct sys_thread threads[THREADS];
    enum err results[THREADS] = {ERR_OK};
    atom_store(&inside, 0);
    atom_store(&counted, 0);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(sys_thread_start(&threads[i], count_up, &results[i]), ERR_OK);
    }
    for (size_t i = 0; i < THREADS; i++) {
        sys_thread_join(&threads[i]);
        unit_holds(results[i] == ERR_OK, "thread %zu: %s", i, err_name(results[i]));
    }
    assert_int_equal(atom_load(&counted), THREADS * ROUNDS);
}

static void give_untaken(void *arg)
{
    files_lock_give(arg);
}

static void take_twice(void *arg)
{
    enum err err = files_lock_try(arg, FOLDER "/lock");
    (void)err;
}

static void a_lock_is_taken_and_given_in_turn(void **state)
{
    (void)state;
    struct files_lock lock = {0};
    (void)unit_expect_check(give_untaken, &lock);
    assert_int_equal(files_lock_try(&lock, FOLDER "/lock"), ERR_OK);
    (void)unit_expect_check(take_twice, &lock);
    files_lock_give(&lock);
    assert_int_equal(files_lock_try(&lock, FOLDER "/lock"), ERR_OK);
    files_lock_give(&lock);
    expect_content(FOLDER "/lock", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_written_is_read, fresh_folder),
        cmocka_unit_test_setup(a_new_file_replaces_none, fresh_folder),
        cmocka_unit_test_setup(reading_knows_its_place, fresh_folder),
        cmocka_unit_test_setup(what_is_not_there_is_absent, fresh_folder),
        cmocka_unit_test_setup(an_identity_tells_files_apart, fresh_folder),
        cmocka_unit_test_setup(folders_are_made_with_those_above, fresh_folder),
        cmocka_unit_test_setup(names_may_be_of_any_script, fresh_folder),
        cmocka_unit_test_setup(one_at_a_time_holds_the_lock, fresh_folder),
        cmocka_unit_test_setup(a_lock_is_taken_and_given_in_turn, fresh_folder),
    };
    return cmocka_run_group_tests_name("sys_files", tests, NULL, NULL);
}
