/*
 * Proves that no link hides one of the gateway's own files, one that is not there yet included.
 */
#define _POSIX_C_SOURCE 200809L

#include "sys/own.h"

#include "unit/test_store_world.h"
#include "unit/unit.h"

#include <unistd.h>

#define FOLDER "test_own_linux.data"

/* Where each link leads, from inside the folder `other`. */
static const struct {
    const char *name, *to;
    bool ours;
} links[] = {
    {"file", "../gateway.db", true},
    {"nothing-yet", "../activity.db", true},
    {"by-a-link", "nothing-yet", true},
    {"folder", "..", false},
    {"round", "round", false},
    {"elsewhere", "../access.log", false},
    {"nowhere", "/no-such-folder/gateway.db", false},
};

static int fresh_folder(void **state)
{
    (void)state;
    world_clean(FOLDER);
    world_clean(FOLDER "/other");
    world_write(FOLDER, "gateway.db", span_str("x"));
    for (size_t i = 0; i < unit_count(links); i++) {
        char path[200];
        (void)snprintf(path, sizeof path, FOLDER "/other/%s", links[i].name);
        (void)unlink(path);
        if (symlink(links[i].to, path) != 0) {
            return 1;
        }
    }
    (void)unlink(FOLDER "/other/hard");
    return link(FOLDER "/gateway.db", FOLDER "/other/hard");
}

static void links_hide_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(links); i++) {
        char path[200];
        (void)snprintf(path, sizeof path, FOLDER "/other/%s", links[i].name);
        unit_holds(own_is_path(FOLDER, path) == links[i].ours, "%s", path);
    }
    assert_true(own_is_path(FOLDER, FOLDER "/other/hard"));
    assert_true(own_is_path(FOLDER, FOLDER "/other/folder/secret.key"));
    assert_true(own_is_path(FOLDER "/other/folder", FOLDER "/secret.key"));
    assert_false(own_is_path(FOLDER, FOLDER "/other/folder/access.log"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(links_hide_nothing)};
    return cmocka_run_group_tests_name("own_linux", tests, fresh_folder, NULL);
}
