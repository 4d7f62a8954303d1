/*
 * Proves where the data folder is on Windows: one that lies deep gets the name that Windows takes
 * at any length, any other one stays as it was given. Wine takes every length, so only the name
 * itself can tell.
 */
#include "sys/paths.h"
#include "unit/unit.h"

#define LONG  "C:/a/../b/" SIXTY "/" SIXTY "/" SIXTY "/\xE7\xBD\x91"
#define FULL  "\\\\?\\C:\\b\\" SIXTY "\\" SIXTY "\\" SIXTY "\\\xE7\xBD\x91"
#define SIXTY "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void deep_folders_get_the_long_form(void **state)
{
    (void)state;
    static const struct {
        const char *given, *want;
    } rows[] = {
        {LONG, FULL},
        {FULL, FULL},
        {"C:/data", "C:/data"},
        {"data", "data"},
        {"\\\\server\\" SIXTY "\\" SIXTY "\\" SIXTY, "\\\\server\\" SIXTY "\\" SIXTY "\\" SIXTY},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct paths_data data;
        unit_holds(paths_find_data(rows[i].given, &data) == ERR_OK, "%s", rows[i].given);
        unit_holds(strcmp(data.folder, rows[i].want) == 0, "%s: %s", rows[i].given, data.folder);
    }
}

static void what_no_name_can_hold_is_long(void **state)
{
    (void)state;
    static char given[4 * PATHS_MAX];
    struct paths_data data;
    memset(given, 'x', sizeof given - 1);
    assert_int_equal(paths_find_data(given, &data), ERR_LONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deep_folders_get_the_long_form),
        cmocka_unit_test(what_no_name_can_hold_is_long),
    };
    return cmocka_run_group_tests_name("sys on Windows", tests, NULL, NULL);
}
