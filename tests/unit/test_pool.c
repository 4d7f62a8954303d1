/*
 * Proves the pool: every sequence of seven takes and gives by two owners and nobody does what a
 * plain model does (last given is taken first, shares, high water, refusals); a write into what
 * was given back, giving twice and giving what is not the pool's are caught.
 */
#include "base/pool.h"
#include "unit/unit.h"

enum { ITEMS = 3, ITEM_SIZE = 24, OWNERS = 2, SHARE = 2, NOBODY = OWNERS };

/*
 * A pool of three items in the middle of a larger array, so that a foreign pointer is legal. One
 * slot lies behind the pool's own and looks taken: who believes it looked too far.
 */
struct world {
    uint8_t memory[(ITEMS + 2) * ITEM_SIZE];
    struct pool_slot slots[ITEMS + 1];
    struct pool_owner owners[OWNERS];
    struct pool pool;
};

static uint8_t *item(struct world *world, size_t i)
{
    return world->memory + (i + 1) * ITEM_SIZE;
}

static void world_init(struct world *world, bool poison)
{
    memset(world, 0, sizeof *world);
    memset(world->memory, 0x11, sizeof world->memory);
    world->slots[ITEMS].taken = true;
    pool_init(&world->pool, &(struct pool_memory){
                                .items = item(world, 0),
                                .slots = world->slots,
                                .item_size = ITEM_SIZE,
                                .count = ITEMS,
                                .share = SHARE,
                                .poison = poison,
                            });
}

static struct pool_owner *owner_of(struct world *world, size_t owner)
{
    return owner == NOBODY ? NULL : &world->owners[owner];
}

struct model {
    size_t stack[ITEMS], idle; /* items at rest, the next one last */
    size_t owner[ITEMS];       /* of a taken item */
    bool taken[ITEMS];
    uint32_t held[OWNERS + 1];
    uint32_t most;
    uint64_t refused;
};

static void model_init(struct model *model)
{
    *model = (struct model){.idle = ITEMS};
    for (size_t i = 0; i < ITEMS; i++) {
        model->stack[i] = ITEMS - 1 - i;
    }
}

static void take(struct world *world, struct model *model, size_t owner)
{
    uint8_t *got = pool_take(&world->pool, owner_of(world, owner));
    if (model->idle == 0 || (owner != NOBODY && model->held[owner] == SHARE)) {
        model->refused++;
        assert_null(got);
        return;
    }
    size_t next = model->stack[--model->idle];
    uint32_t taken = (uint32_t)(ITEMS - model->idle);
    model->taken[next] = true;
    model->owner[next] = owner;
    model->held[owner]++;
    model->most = taken > model->most ? taken : model->most;
    assert_ptr_equal(got, item(world, next));
    memset(got, (int)next, ITEM_SIZE); /* the whole item is the owner's */
}

static void give(struct world *world, struct model *model, size_t i)
{
    if (model->taken[i]) {
        for (size_t k = 0; k < ITEM_SIZE; k++) { /* and nobody else wrote into it */
            assert_int_equal(item(world, i)[k], i);
        }
        pool_give(&world->pool, item(world, i));
        model->stack[model->idle++] = i;
        model->taken[i] = false;
        model->held[model->owner[i]]--;
    }
}

static void judge(struct world *world, const struct model *model)
{
    assert_int_equal(world->pool.taken, ITEMS - model->idle);
    assert_int_equal(world->pool.most_taken, model->most);
    assert_int_equal(world->pool.refused, model->refused);
    assert_true(pool_is_full(&world->pool) == (model->idle == ITEMS));
    for (size_t i = 0; i < OWNERS; i++) {
        assert_int_equal(world->owners[i].held, model->held[i]);
    }
    for (size_t k = 0; k < ITEM_SIZE; k++) {
        assert_int_equal(world->memory[k], 0x11);
        assert_int_equal(world->memory[(ITEMS + 1) * ITEM_SIZE + k], 0x11);
    }
}

/* Steps: take for owner 0, owner 1, nobody; give item 0, 1, 2 back. */
static void every_short_life_of_a_pool(void **state)
{
    (void)state;
    struct unit_words words = {.letters = OWNERS + 1 + ITEMS, .max = 7};
    while (unit_words_next(&words)) {
        struct world world;
        struct model model;
        world_init(&world, words.len % 2 == 0);
        model_init(&model);
        for (size_t i = 0; i < words.len; i++) {
            if (words.index[i] <= OWNERS) {
                take(&world, &model, words.index[i]);
            } else {
                give(&world, &model, words.index[i] - OWNERS - 1U);
            }
        }
        judge(&world, &model);
    }
}

/* At each count: all items are there, each once, and then none; given back, all again. */
static void every_item_is_given_out_once(void **state)
{
    (void)state;
    enum { MOST = 9 };
    for (uint32_t count = 1; count <= MOST; count++) {
        uint64_t memory[MOST];
        struct pool_slot slots[MOST];
        struct pool pool;
        pool_init(&pool,
                  &(struct pool_memory){memory, slots, sizeof memory[0], count, count, true, NULL});
        for (int round = 0; round < 3; round++) {
            bool seen[MOST] = {false};
            for (uint32_t i = 0; i < count; i++) {
                uint64_t *got = pool_take(&pool, NULL);
                unit_holds(got && got >= memory && got < memory + count, "%u", (unsigned)count);
                unit_holds(!seen[got - memory], "%u", (unsigned)count);
                seen[got - memory] = true;
            }
            unit_holds(!pool_take(&pool, NULL) && pool.refused == (unsigned)round + 1, "%u",
                       (unsigned)count);
            for (uint32_t i = 0; i < count; i++) {
                pool_give(&pool, &memory[(i + count / 2) % count]);
            }
            unit_holds(pool_is_full(&pool) && pool.most_taken == count, "%u", (unsigned)count);
        }
    }
}

/* Without poison the memory of an idle item is not touched at all. */
static void idle_memory_is_left_alone_without_poison(void **state)
{
    (void)state;
    struct world world;
    world_init(&world, false);
    uint8_t *got = pool_take(&world.pool, NULL);
    got[0] = 0x22;
    pool_give(&world.pool, got);
    for (size_t i = 0; i < sizeof world.memory; i++) {
        unit_holds(world.memory[i] == (&world.memory[i] == got ? 0x22 : 0x11), "byte %zu", i);
    }
}

static void idle_memory_is_poisoned(void **state)
{
    (void)state;
    struct world world;
    world_init(&world, true);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < ITEMS * ITEM_SIZE; i++) {
            unit_holds(item(&world, 0)[i] == POOL_POISON, "byte %zu", i);
        }
        uint8_t *got = pool_take(&world.pool, NULL);
        memset(got, 0, ITEM_SIZE);
        pool_give(&world.pool, got);
    }
}

static struct {
    uint8_t *starts[8];
    size_t count;
    bool refuse;
} asked;

static bool commit(void *start, size_t bytes)
{
    assert_int_equal(bytes, ITEM_SIZE);
    asked.starts[asked.count++] = start;
    return !asked.refuse;
}

static void discard(void *start, size_t bytes)
{
    assert_int_equal(bytes, ITEM_SIZE);
    asked.starts[asked.count++] = start;
}

/* Memory is asked for once an item, at its first take; a system that has none is an empty pool. */
static void memory_is_asked_for_at_the_first_take(void **state)
{
    (void)state;
    struct world world;
    world_init(&world, false);
    world.pool.memory.commit = commit;
    memset(&asked, 0, sizeof asked);
    asked.refuse = true;
    assert_null(pool_take(&world.pool, NULL));
    asked.refuse = false;
    asked.count = 0;
    for (int round = 0; round < 2; round++) {
        void *first = pool_take(&world.pool, NULL), *second = pool_take(&world.pool, NULL);
        assert_ptr_equal(first, item(&world, 0));
        pool_give(&world.pool, second);
        pool_give(&world.pool, first);
    }
    assert_int_equal(asked.count, 2);
    assert_ptr_equal(asked.starts[0], item(&world, 0));
    assert_ptr_equal(asked.starts[1], item(&world, 1));
}

/* Asked for beforehand, memory is there when it is needed; what is out, or was, counts. */
static void what_is_ready_asks_for_nothing(void **state)
{
    (void)state;
    struct world world;
    world_init(&world, false);
    world.pool.memory.commit = commit;
    memset(&asked, 0, sizeof asked);
    void *first = pool_take(&world.pool, NULL);
    pool_give(&world.pool, first);
    assert_true(pool_ready(&world.pool, 2) && asked.count == 2);
    assert_true(pool_take(&world.pool, NULL) == first); /* the warm one, not the one made ready */
    asked.refuse = true;
    assert_true(pool_ready(&world.pool, 2) && asked.count == 2);
    assert_false(pool_ready(&world.pool, 3));
    void *second = pool_take(&world.pool, NULL);
    assert_true(first == item(&world, 0) && second == item(&world, 1));
    assert_null(pool_take(&world.pool, NULL));
    pool_give(&world.pool, first);
    pool_give(&world.pool, second);
    assert_true(pool_is_full(&world.pool));
}

/* Three items were used; since the last trim one at a time: the other two are given back, once. */
static void what_stands_idle_is_given_back(void **state)
{
    (void)state;
    struct world world;
    void *taken[ITEMS];
    world_init(&world, false);
    memset(&asked, 0, sizeof asked);
    pool_trim(&world.pool, discard);
    for (size_t i = 0; i < ITEMS; i++) {
        taken[i] = pool_take(&world.pool, NULL);
    }
    for (size_t i = ITEMS; i > 0; i--) {
        pool_give(&world.pool, taken[i - 1]);
    }
    pool_trim(&world.pool, discard); /* all were in use since the last one */
    assert_int_equal(asked.count, 0);
    for (int round = 0; round < 2; round++) {
        assert_ptr_equal(pool_take(&world.pool, NULL), taken[0]);
        pool_give(&world.pool, taken[0]);
        pool_trim(&world.pool, discard);
        assert_int_equal(asked.count, 2);
        assert_ptr_equal(asked.starts[0], taken[1]);
        assert_ptr_equal(asked.starts[1], taken[2]);
    }
    pool_trim(&world.pool, discard); /* nobody came at all */
    assert_int_equal(asked.count, 3);
    for (size_t i = 0; i < ITEMS; i++) {
        assert_ptr_equal(pool_take(&world.pool, NULL), taken[i]);
    }
}

static void take_next(void *arg)
{
    struct world *world = arg;
    (void)pool_take(&world->pool, NULL);
}

/* A write into any byte of an item at rest, never taken or given back, is seen at its take. */
static void a_write_after_giving_is_caught(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * ITEM_SIZE; i++) {
        struct world world;
        world_init(&world, true);
        if (i >= ITEM_SIZE) {
            pool_give(&world.pool, pool_take(&world.pool, NULL));
        }
        item(&world, 0)[i % ITEM_SIZE] ^= 1;
        const char *sentence = unit_expect_check(take_next, &world);
        unit_holds(strstr(sentence, "pool.c:"), "byte %zu: %s", i, sentence);
    }
}

static void give_twice(void *arg)
{
    struct world *world = arg;
    pool_give(&world->pool, item(world, 0));
    pool_give(&world->pool, item(world, 0));
}

static void give_untaken(void *arg)
{
    struct world *world = arg;
    pool_give(&world->pool, item(world, 2));
}

static void give_what_lies_before(void *arg)
{
    struct world *world = arg;
    pool_give(&world->pool, world->memory);
}

static void give_what_lies_behind(void *arg)
{
    struct world *world = arg;
    pool_give(&world->pool, item(world, ITEMS));
}

static void give_the_middle(void *arg)
{
    struct world *world = arg;
    pool_give(&world->pool, item(world, 0) + 1);
}

static void give_nothing(void *arg)
{
    struct world *world = arg;
    pool_give(&world->pool, NULL);
}

static void give_for_an_owner_begun_anew(void *arg)
{
    struct world *world = arg;
    world->owners[0] = (struct pool_owner){0};
    pool_give(&world->pool, item(world, 0));
}

/* Items 0 and 1 are taken by owner 0, item 2 is at rest. */
static void wrong_gives_are_caught(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*body)(void *);
    } rows[] = {
        {"twice", give_twice},
        {"untaken", give_untaken},
        {"before", give_what_lies_before},
        {"behind", give_what_lies_behind},
        {"the middle", give_the_middle},
        {"nothing", give_nothing},
        {"for an owner begun anew", give_for_an_owner_begun_anew},
    };
    for (size_t i = 0; i < 2 * unit_count(rows); i++) {
        struct world world;
        world_init(&world, i % 2 == 0);
        assert_ptr_equal(pool_take(&world.pool, &world.owners[0]), item(&world, 0));
        assert_ptr_equal(pool_take(&world.pool, &world.owners[0]), item(&world, 1));
        const char *sentence = unit_expect_check(rows[i / 2].body, &world);
        unit_holds(strstr(sentence, "pool.c:"), "%s: %s", rows[i / 2].name, sentence);
    }
}

static void init_again(void *arg)
{
    struct pool pool;
    pool_init(&pool, arg);
}

static void wrong_memory_is_caught(void **state)
{
    (void)state;
    struct world w;
    struct pool_memory rows[] = {
        {NULL, w.slots, ITEM_SIZE, ITEMS, 1, false, NULL},
        {w.memory, NULL, ITEM_SIZE, ITEMS, 1, false, NULL},
        {w.memory, w.slots, 0, ITEMS, 1, false, NULL},
        {w.memory, w.slots, ITEM_SIZE, 0, 1, false, NULL},
        {w.memory, w.slots, ITEM_SIZE, 0, 0, false, NULL},
        {w.memory, w.slots, ITEM_SIZE, ITEMS, 0, false, NULL},
        {w.memory, w.slots, ITEM_SIZE, ITEMS, ITEMS + 1, false, NULL},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        const char *sentence = unit_expect_check(init_again, &rows[i]);
        unit_holds(strstr(sentence, "pool.c:"), "%zu: %s", i, sentence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_short_life_of_a_pool),
        cmocka_unit_test(every_item_is_given_out_once),
        cmocka_unit_test(idle_memory_is_left_alone_without_poison),
        cmocka_unit_test(idle_memory_is_poisoned),
        cmocka_unit_test(a_write_after_giving_is_caught),
        cmocka_unit_test(memory_is_asked_for_at_the_first_take),
        cmocka_unit_test(what_is_ready_asks_for_nothing),
        cmocka_unit_test(what_stands_idle_is_given_back),
        cmocka_unit_test(wrong_gives_are_caught),
        cmocka_unit_test(wrong_memory_is_caught),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
