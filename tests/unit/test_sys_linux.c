/*
 * Proves what only Linux shows: how the data folder is chosen, that files and folders are for their
 * owner alone, that root's files go to the owner of the folder, and which folders are refused.
 */
#define _DEFAULT_SOURCE

#include "sys/files.h"
#include "sys/machine.h"
#include "sys/paths.h"
#include "unit/unit.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDER "test_sys_linux.data"

enum { NOBODY = 65534 };

static mode_t mode_of(const char *path)
{
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    return about.st_mode & 07777;
}

static int fresh_folder(void **state)
{
    (void)state;
    (void)chmod(FOLDER, 0700);
    (void)unlink(FOLDER "/a");
    (void)unlink(FOLDER "/b");
    (void)unlink(FOLDER "/lock");
    (void)rmdir(FOLDER "/deep/er");
    (void)rmdir(FOLDER "/deep");
    (void)rmdir(FOLDER);
    return files_make_folder(FOLDER) == ERR_OK ? 0 : 1;
}

/* ---- paths ---- */

struct choice {
    const char *given, *environment, *xdg, *home;
    enum err err;
    enum paths_choice choice;
    const char *folder;
};

static void put_environment(const char *name, const char *value)
{
    assert_int_equal(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

static void expect_choice(const struct choice *row)
{
    struct paths_data data;
    put_environment("OMSGATEWAY_DATA", row->environment);
    put_environment("XDG_STATE_HOME", row->xdg);
    put_environment("HOME", row->home);
    enum err err = paths_find_data(row->given, &data);
    unit_holds(err == row->err, "%s: %s", row->folder, err_name(err));
    if (err == ERR_OK) {
        unit_holds(data.choice == row->choice, "%s: %d", row->folder, (int)data.choice);
        unit_same(span_str(data.folder), span_str(row->folder), "folder");
    }
}

static void the_first_folder_that_is_named_wins(void **state)
{
    (void)state;
    static const struct choice rows[] = {
        {"/g", "/e", "/x", "/h", ERR_OK, PATHS_GIVEN, "/g"},
        {"rel/ative/", NULL, NULL, NULL, ERR_OK, PATHS_GIVEN, "rel/ative/"},
        {"", "/e", "/x", "/h", ERR_FOLDER_NONE, PATHS_GIVEN, "empty --data"},
        {NULL, "/e", "/x", "/h", ERR_OK, PATHS_ENVIRONMENT, "/e"},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        expect_choice(&rows[i]);
    }
}

/* In a child, because a user that was given up does not come back. */
static void expect_choices_of(uid_t user, const struct choice *rows, size_t count)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (geteuid() == 0 && user != 0 && setuid(user) != 0) {
            _exit(2);
        }
        for (size_t i = 0; i < count; i++) {
            expect_choice(&rows[i]);
        }
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void an_ordinary_user_has_a_folder_of_his_own(void **state)
{
    (void)state;
    static const struct choice rows[] = {
        {NULL, NULL, "/x/state", "/h", ERR_OK, PATHS_USER, "/x/state/omsgateway"},
        {NULL, "", "relative", "/h", ERR_OK, PATHS_USER, "/h/.local/state/omsgateway"},
        {NULL, NULL, NULL, "/h/", ERR_OK, PATHS_USER, "/h/.local/state/omsgateway"},
        {NULL, NULL, NULL, "relative", ERR_FOLDER_NONE, PATHS_USER, "relative home"},
        {NULL, NULL, NULL, NULL, ERR_FOLDER_NONE, PATHS_USER, "no home"},
    };
    if (access("/var/lib/omsgateway", F_OK) == 0) {
        skip(); /* the gateway is installed here, and its folder's rights decide */
    }
    expect_choices_of(NOBODY, rows, unit_count(rows));
}

static void root_has_the_system_folder(void **state)
{
    (void)state;
    static const struct choice row = {
        NULL, NULL, "/x", "/h", ERR_OK, PATHS_SYSTEM, "/var/lib/omsgateway"};
    if (geteuid() != 0) {
        skip();
    }
    expect_choices_of(0, &row, 1);
}

static void joining_knows_slashes_and_ends(void **state)
{
    (void)state;
    char place[PATHS_MAX], longest[PATHS_MAX + 1];
    assert_int_equal(paths_join("/a/b", "c", place), ERR_OK);
    assert_string_equal(place, "/a/b/c");
    assert_int_equal(paths_join("/a/b/", "c", place), ERR_OK);
    assert_string_equal(place, "/a/b/c");
    assert_int_equal(paths_join("/a", "", place), ERR_OK);
    assert_string_equal(place, "/a");
    memset(longest, 'x', sizeof longest);
    for (size_t len = PATHS_MAX - 4; len <= PATHS_MAX; len++) {
        longest[len] = '\0';
        enum err err = paths_join(longest, "c", place);
        unit_holds(err == (len + 3 <= PATHS_MAX ? ERR_OK : ERR_LONG), "%zu", len);
        longest[len] = 'x';
    }
}

static void the_user_has_a_name(void **state)
{
    (void)state;
    char name[PATHS_USER_MAX];
    paths_user(name);
    assert_true(name[0] != '\0');
    if (geteuid() != 0) {
        return;
    }
    static const char *const rows[][2] = {
        {"alice", "root (sudo: alice)"}, {"", "root"}, {"a\nb", "root"}, {"\xFF", "root"}};
    assert_int_equal(unsetenv("SUDO_USER"), 0);
    paths_user(name);
    assert_string_equal(name, "root");
    for (size_t i = 0; i < unit_count(rows); i++) {
        assert_int_equal(setenv("SUDO_USER", rows[i][0], 1), 0);
        paths_user(name);
        assert_string_equal(name, rows[i][1]);
    }
    assert_int_equal(unsetenv("SUDO_USER"), 0);
}

/* A program that the kernel pipes dumps to asks for no limit. */
static void no_dump_is_taken_of_an_undumpable_process(void **state)
{
    (void)state;
    machine_keep_dumps(false);
    assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
    machine_keep_dumps(true);
    assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
}

/* ---- rights ---- */

static void everything_is_for_its_owner_alone(void **state)
{
    (void)state;
    struct files_lock lock = {0};
    mode_t mask = umask(0);
    assert_int_equal(files_make_folder(FOLDER "/deep/er"), ERR_OK);
    assert_int_equal(files_write(FOLDER "/a", span_str("x")), ERR_OK);
    assert_int_equal(files_create(FOLDER "/b"), ERR_OK);
    assert_int_equal(files_lock_try(&lock, FOLDER "/lock"), ERR_OK);
    files_lock_give(&lock);
    (void)umask(mask);
    assert_int_equal(mode_of(FOLDER "/deep"), 0700);
    assert_int_equal(mode_of(FOLDER "/deep/er"), 0700);
    assert_int_equal(mode_of(FOLDER "/a"), 0600);
    assert_int_equal(mode_of(FOLDER "/b"), 0600);
    assert_int_equal(mode_of(FOLDER "/lock"), 0600);
}

static void a_folder_of_everybody_is_refused(void **state)
{
    (void)state;
    assert_int_equal(chmod(FOLDER, 0777), 0);
    assert_int_equal(files_make_folder(FOLDER), ERR_FOLDER_OPEN);
    assert_int_equal(chmod(FOLDER, 01777), 0);
    assert_int_equal(files_make_folder(FOLDER), ERR_FOLDER_OPEN);
    assert_int_equal(chmod(FOLDER, 0755), 0);
    assert_int_equal(files_make_folder(FOLDER), ERR_OK);
}

static void what_root_writes_is_the_services(void **state)
{
    (void)state;
    static const char *const paths[] = {FOLDER "/a", FOLDER "/b", FOLDER "/lock"};
    struct files_lock lock = {0};
    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(chown(FOLDER, NOBODY, NOBODY), 0);
    assert_int_equal(files_make_folder(FOLDER), ERR_OK);
    assert_int_equal(files_write(paths[0], span_str("x")), ERR_OK);
    assert_int_equal(files_create(paths[1]), ERR_OK);
    assert_int_equal(files_lock_try(&lock, paths[2]), ERR_OK);
    files_lock_give(&lock);
    for (size_t i = 0; i < unit_count(paths); i++) {
        struct stat about;
        assert_int_equal(stat(paths[i], &about), 0);
        unit_holds(about.st_uid == NOBODY && about.st_gid == NOBODY, "%s", paths[i]);
    }
}

/* The child's answers, one bit each, as its exit status. */
static int ask_as_stranger(void)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char place[8];
        size_t len;
        if (setuid(NOBODY) != 0) {
            _exit(64);
        }
        int wrong = files_make_folder(FOLDER) == ERR_FOLDER_UNSAFE ? 0 : 1;
        wrong |= files_read(FOLDER "/a", place, sizeof place, &len) == ERR_DENIED ? 0 : 2;
        wrong |= files_write(FOLDER "/a", span_str("y")) == ERR_DENIED ? 0 : 4;
        wrong |= files_remove(FOLDER "/a") == ERR_DENIED ? 0 : 8;
        _exit(wrong);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_stranger_is_refused(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(files_write(FOLDER "/a", span_str("x")), ERR_OK);
    assert_int_equal(chmod(FOLDER, 0755), 0);
    assert_int_equal(chown(FOLDER, 1, 1), 0);
    assert_int_equal(ask_as_stranger(), 0);
}

/* Who owns the folder cannot have root make a file elsewhere by laying a link in its way. */
static void a_link_is_not_followed(void **state)
{
    (void)state;
    struct files_lock lock = {0};
    struct stat about;
    assert_int_equal(files_make_folder(FOLDER), ERR_OK);
    (void)unlink(FOLDER "/gateway.lock");
    (void)unlink(FOLDER "/elsewhere");
    assert_int_equal(symlink("elsewhere", FOLDER "/gateway.lock"), 0);
    assert_int_equal(files_lock_try(&lock, FOLDER "/gateway.lock"), ERR_FOLDER_UNSAFE);
    assert_int_equal(files_create(FOLDER "/gateway.lock"), ERR_FOLDER_UNSAFE);
    assert_int_equal(stat(FOLDER "/elsewhere", &about), -1);
    assert_int_equal(unlink(FOLDER "/gateway.lock"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_is_not_followed),
        cmocka_unit_test(the_first_folder_that_is_named_wins),
        cmocka_unit_test(an_ordinary_user_has_a_folder_of_his_own),
        cmocka_unit_test(root_has_the_system_folder),
        cmocka_unit_test(joining_knows_slashes_and_ends),
        cmocka_unit_test(the_user_has_a_name),
        cmocka_unit_test_setup(everything_is_for_its_owner_alone, fresh_folder),
        cmocka_unit_test(no_dump_is_taken_of_an_undumpable_process),
        cmocka_unit_test_setup(a_folder_of_everybody_is_refused, fresh_folder),
        cmocka_unit_test_setup(what_root_writes_is_the_services, fresh_folder),
        cmocka_unit_test_setup(a_stranger_is_refused, fresh_folder),
    };
    return cmocka_run_group_tests_name("sys_linux", tests, NULL, NULL);
}
