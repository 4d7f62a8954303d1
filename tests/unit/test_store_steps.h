/*
 * The steps that tests of the store have in common, each test in the folder FOLDER, which it has
 * defined before.
 */
#ifndef TESTS_UNIT_TEST_STORE_STEPS_H
#define TESTS_UNIT_TEST_STORE_STEPS_H

#include "unit/test_store_world.h"
#include "unit/unit.h"

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, clean, shut)

static inline int clean(void **state)
{
    world_clean(FOLDER);
    *state = world_open(FOLDER, STORE_SERVICE);
    return 0;
}

static inline int shut(void **state)
{
    store_close(*state);
    return 0;
}

static inline void expect(struct store *store, const char *want)
{
    unit_same(span_str(world_print(store)), span_str(want), "loaded");
}

static inline void begin(struct store *store)
{
    assert_int_equal(store_begin(store), ERR_OK);
}

static inline uint64_t commit(struct store *store)
{
    uint64_t revision;
    enum err err = store_commit(store, &revision);
    unit_holds(err == ERR_OK, "%s: %s", err_name(err), store_detail(store));
    return revision;
}

#endif
