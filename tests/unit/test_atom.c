/*
 * Proves what each atomic operation answers: the value before, or whether it was still the one
 * seen. That threads see each other's values in order is shown by test_ring.
 */
#include "base/atom.h"
#include "unit/unit.h"

static void a_number_answers_what_it_was(void **state)
{
    (void)state;
    struct atom_u64 atom = {0};
    assert_true(atom_load(&atom) == 0);
    atom_store(&atom, UINT64_MAX - 1);
    assert_true(atom_add(&atom, 1) == UINT64_MAX - 1);
    assert_true(atom_add(&atom, 3) == UINT64_MAX); /* comes round, as unsigned numbers do */
    assert_true(atom_load(&atom) == 2);
}

static void a_swap_happens_only_from_what_was_seen(void **state)
{
    (void)state;
    struct atom_u64 atom = {0};
    uint64_t seen = 4;
    atom_store(&atom, 5);
    assert_false(atom_swap_if(&atom, &seen, 9));
    assert_true(seen == 5 && atom_load(&atom) == 5); /* what it is now, for the next try */
    assert_true(atom_swap_if(&atom, &seen, 9));
    assert_true(seen == 5 && atom_load(&atom) == 9);
    seen = 9;
    assert_true(atom_swap_if(&atom, &seen, 9));
}

static void a_pointer_answers_what_it_was(void **state)
{
    (void)state;
    int first, second;
    struct atom_ptr atom = {NULL};
    assert_null(atom_load_ptr(&atom));
    assert_null(atom_trade_ptr(&atom, &first));
    assert_ptr_equal(atom_trade_ptr(&atom, &second), &first);
    assert_ptr_equal(atom_load_ptr(&atom), &second);
    assert_ptr_equal(atom_trade_ptr(&atom, NULL), &second);
    assert_null(atom_load_ptr(&atom));
}

static void a_pointer_swaps_only_from_what_was_seen(void **state)
{
    (void)state;
    int first, second;
    struct atom_ptr atom = {NULL};
    void *seen = &second;
    assert_false(atom_swap_if_ptr(&atom, &seen, &first));
    assert_null(seen); /* what it is now, for the next try */
    assert_null(atom_load_ptr(&atom));
    assert_true(atom_swap_if_ptr(&atom, &seen, &first));
    assert_null(seen);
    assert_ptr_equal(atom_load_ptr(&atom), &first);
    seen = &first;
    assert_true(atom_swap_if_ptr(&atom, &seen, &second));
    assert_ptr_equal(atom_load_ptr(&atom), &second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_answers_what_it_was),
        cmocka_unit_test(a_swap_happens_only_from_what_was_seen),
        cmocka_unit_test(a_pointer_answers_what_it_was),
        cmocka_unit_test(a_pointer_swaps_only_from_what_was_seen),
    };
    return cmocka_run_group_tests_name("atom", tests, NULL, NULL);
}
