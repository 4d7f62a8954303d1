/*
 * Proves on both systems that the gateway's own files are known by whatever name, and that no other
 * file is taken for one. Links: test_own_linux.c.
 */
#include "sys/own.h"

#include "sys/files.h"
#include "unit/test_store_world.h"
#include "unit/unit.h"

#define FOLDER "test_own.data"

static int fresh_folder(void **state)
{
    (void)state;
    world_clean(FOLDER);
    world_clean(FOLDER "/other");
    world_write(FOLDER, "gateway.db", span_str("x"));
    world_write(FOLDER, "secret.key", span_str("x"));
    return 0;
}

static const struct {
    const char *path;
    bool ours;
} rows[] = {
    {FOLDER "/gateway.db", true},
    {FOLDER "/secret.key", true},
    {FOLDER "/./secret.key", true},
    {FOLDER "/other/../secret.key", true},
    {FOLDER "//secret.key", true},
    {FOLDER "/Secret.KEY", true},
    {FOLDER "/counters.map", true}, /* these are not there yet */
    {FOLDER "/activity.db-journal", true},
    {FOLDER "/GATEWAY.DB.good", true},
    {FOLDER "/gateway.run", true},
    {FOLDER "/gateway.lock", true},
    {FOLDER "/gateway.db.", true},
    {FOLDER "/gateway.db::$DATA", true},
    {FOLDER "/gateway.log", false},
    {FOLDER "/access.log", false},
    {FOLDER "/my-gateway.db", false},
    {FOLDER "/other/gateway.db", false},
    {FOLDER "/nowhere/gateway.db", false},
    {FOLDER "x/gateway.db", false},
    {FOLDER, false},
    {"", false},
    {"gateway.db", false},
};

static void own_files_are_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(rows); i++) {
        unit_holds(own_is_path(FOLDER, rows[i].path) == rows[i].ours, "%s", rows[i].path);
        unit_holds(own_is_path(FOLDER "/other/../", rows[i].path) == rows[i].ours, "%s",
                   rows[i].path);
    }
}

static void a_folder_that_is_not_there_has_none(void **state)
{
    (void)state;
    assert_false(own_is_path("no-such-folder", "no-such-folder/gateway.db"));
    assert_false(own_is_path("no-such-folder", FOLDER "/gateway.db"));
}

static void a_path_of_any_length_is_judged(void **state)
{
    static char path[3 * PATHS_MAX];
    (void)state;
    for (size_t len = PATHS_MAX - 40; len < PATHS_MAX + 40; len++) {
        memset(path, '/', len);
        memcpy(path + len, "gateway.db", 11);
        assert_false(own_is_path(FOLDER, path));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_files_are_known),
        cmocka_unit_test(a_folder_that_is_not_there_has_none),
        cmocka_unit_test(a_path_of_any_length_is_judged),
    };
    return cmocka_run_group_tests_name("own", tests, fresh_folder, NULL);
}
