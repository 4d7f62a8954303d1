/*
 * Proves the table of what loops share: every sequence of six steps on four nodes that meet in one
 * or two buckets does what a plain set does, and what would damage it is caught.
 */
#include "shared/table.h"
#include "unit/unit.h"

enum { NODES = 4 };

struct thing {
    struct table_node node; /* stands first, so that a node is its thing */
    int number;
    bool in; /* the model */
};

static const uint64_t seed[2] = {UINT64_C(0x1122334455667788), 99};

/* Two of the hashes are the same, the others differ in their last bit and in their first one. */
static const uint64_t hashes[NODES] = {6, 6, 7, UINT64_C(0x8000000000000006)};

static bool is_number(struct table_node *node, const void *key)
{
    return ((struct thing *)(void *)node)->number == *(const int *)key;
}

static void judge(const struct table *table, struct thing things[NODES])
{
    for (int i = 0; i < NODES; i++) {
        for (size_t k = 0; k < unit_count(hashes); k++) {
            struct table_node *got = table_find(table, hashes[k], is_number, &i);
            bool want = things[i].in && hashes[k] == hashes[i];
            unit_holds(got == (want ? &things[i].node : NULL), "node %d, hash %zu", i, k);
        }
    }
}

/* A step turns one node: in where it was out, out where it was in. */
static void every_short_life_of_a_table(void **state)
{
    (void)state;
    struct unit_words words = {.letters = NODES, .max = 6};
    while (unit_words_next(&words)) {
        struct table table;
        struct thing things[NODES] = {{.number = 0}, {.number = 1}, {.number = 2}, {.number = 3}};
        struct table_node *buckets[2];
        table_open(&table, buckets, 1 + words.index[0] % 2, seed);
        for (size_t i = 0; i < words.len; i++) {
            struct thing *thing = &things[words.index[i]];
            if (thing->in) {
                table_remove(&table, &thing->node);
            } else {
                table_add(&table, &thing->node, hashes[thing->number]);
            }
            thing->in = !thing->in;
        }
        judge(&table, things);
    }
}

/* As many buckets as nodes at the least, and a power of two, so that chains are short. */
static void there_are_buckets_enough(void **state)
{
    (void)state;
    for (uint32_t nodes = 1; nodes <= 300; nodes++) {
        struct table table;
        void *memory = malloc(table_size(nodes)); /* the sanitizer sees one byte too many */
        assert_non_null(memory);
        table_open(&table, memory, nodes, seed);
        uint64_t count = table.last + 1;
        unit_holds(count >= nodes && count < 2 * (uint64_t)nodes && (count & table.last) == 0,
                   "%u nodes, %" PRIu64 " buckets", (unsigned)nodes, count);
        free(memory);
    }
}

static void the_seed_counts(void **state)
{
    (void)state;
    const uint64_t other[2] = {seed[0], seed[1] + 1};
    struct table first, second, third;
    struct table_node *buckets[3][8];
    table_open(&first, buckets[0], 8, seed);
    table_open(&second, buckets[1], 8, seed);
    table_open(&third, buckets[2], 8, other);
    struct span key = span_str("192.0.2.1");
    assert_true(table_hash(&first, key) == table_hash(&second, key));
    assert_true(table_hash(&first, key) != table_hash(&third, key));
    assert_true(table_hash(&first, key) != table_hash(&first, span_str("192.0.2.2")));
}

static struct table table; /* of the test that ends inside it */

static void remove_what_is_not_there(void *arg)
{
    table_remove(&table, arg);
}

static void a_wrong_removal_is_caught(void **state)
{
    (void)state;
    struct table_node there, absent = {NULL, 6};
    struct table_node *bucket;
    table_open(&table, &bucket, 1, seed);
    table_add(&table, &there, 6);
    const char *sentence = unit_expect_check(remove_what_is_not_there, &absent);
    unit_holds(strstr(sentence, "table.c:"), "%s", sentence);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_short_life_of_a_table),
        cmocka_unit_test(there_are_buckets_enough),
        cmocka_unit_test(the_seed_counts),
        cmocka_unit_test(a_wrong_removal_is_caught),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
