/*
 * Proves the linked list: every sequence of four steps on three nodes in two lists does what the
 * same steps do to plain arrays; what would damage a list is caught.
 */
#include "base/list.h"
#include "unit/unit.h"

enum { NODES = 3, LISTS = 2 };

struct thing {
    int before;
    struct list_node link;
    int after;
};

/* The same lists as rows of numbers. */
struct model {
    size_t len[LISTS];
    int rows[LISTS][NODES];
};

struct world {
    struct list lists[LISTS];
    struct thing things[NODES];
    struct model model;
};

static void world_init(struct world *world)
{
    *world = (struct world){0};
    for (size_t i = 0; i < LISTS; i++) {
        list_init(&world->lists[i]);
    }
    for (size_t i = 0; i < NODES; i++) {
        list_node_init(&world->things[i].link);
    }
}

/* The list that holds the number, at *place; LISTS where none does. */
static size_t model_find(const struct model *model, int number, size_t *place)
{
    for (size_t i = 0; i < LISTS; i++) {
        for (*place = 0; *place < model->len[i]; ++*place) {
            if (model->rows[i][*place] == number) {
                return i;
            }
        }
    }
    return LISTS;
}

static void model_insert(struct model *model, size_t list, size_t place, int number)
{
    for (size_t i = model->len[list]++; i > place; i--) {
        model->rows[list][i] = model->rows[list][i - 1];
    }
    model->rows[list][place] = number;
}

static void model_remove(struct model *model, size_t list, size_t place)
{
    model->len[list]--;
    for (size_t i = place; i < model->len[list]; i++) {
        model->rows[list][i] = model->rows[list][i + 1];
    }
}

static void take_first(struct world *world, size_t list)
{
    struct list_node *node = list_take_first(&world->lists[list]);
    assert_true((node != NULL) == (world->model.len[list] > 0));
    if (node) {
        struct thing *thing = list_owner(node, struct thing, link);
        assert_ptr_equal(thing, &world->things[world->model.rows[list][0]]);
        model_remove(&world->model, list, 0);
    }
}

static void append(struct world *world, size_t to)
{
    struct model *model = &world->model;
    list_append(&world->lists[to], &world->lists[1 - to]);
    while (model->len[1 - to] > 0) {
        model_insert(model, to, model->len[to], model->rows[1 - to][0]);
        model_remove(model, 1 - to, 0);
    }
}

/* Steps on a node: first of list 0 or 1, last of list 0 or 1, unlink. */
static void step_node(struct world *world, unsigned step, int number)
{
    struct list_node *node = &world->things[number].link;
    struct model *model = &world->model;
    size_t place, list = model_find(model, number, &place);
    if (step == 4 && list < LISTS) {
        list_unlink(node);
        model_remove(model, list, place);
    } else if (step < 2 && list == LISTS) {
        list_push_first(&world->lists[step], node);
        model_insert(model, step, 0, number);
    } else if (step < 4 && list == LISTS) {
        list_push_last(&world->lists[step - 2], node);
        model_insert(model, step - 2, model->len[step - 2], number);
    }
}

static void judge(struct world *world)
{
    for (size_t i = 0; i < LISTS; i++) {
        struct list *list = &world->lists[i];
        size_t len = world->model.len[i], at = 0;
        assert_true(list_empty(list) == (len == 0));
        assert_ptr_equal(list_first(list),
                         len == 0 ? NULL : &world->things[world->model.rows[i][0]].link);
        struct list_node *prev = &list->ends;
        list_each (node, list) {
            assert_true(at < len);
            assert_ptr_equal(node, &world->things[world->model.rows[i][at]].link);
            assert_ptr_equal(node->prev, prev);
            prev = node;
            at++;
        }
        assert_ptr_equal(list->ends.prev, prev);
        assert_int_equal(at, len);
    }
    for (int i = 0; i < NODES; i++) {
        size_t place;
        assert_true(list_linked(&world->things[i].link) ==
                    (model_find(&world->model, i, &place) < LISTS));
    }
}

/* 15 steps on nodes, then take_first and append for each list: all sequences of four. */
static void every_short_life_of_two_lists(void **state)
{
    (void)state;
    struct unit_words words = {.letters = 5 * NODES + 2 * LISTS, .max = 4};
    while (unit_words_next(&words)) {
        struct world world;
        world_init(&world);
        /* One node is in each list already, so that four steps go as far as six. */
        step_node(&world, 2, 0);
        step_node(&world, 3, 1);
        for (size_t i = 0; i < words.len; i++) {
            unsigned step = words.index[i];
            if (step < 5 * NODES) {
                step_node(&world, step / NODES, (int)(step % NODES));
            } else if (step < 5 * NODES + LISTS) {
                take_first(&world, step - 5 * NODES);
            } else {
                append(&world, step - 5 * NODES - LISTS);
            }
        }
        judge(&world);
    }
}

static void an_owner_is_found_again(void **state)
{
    (void)state;
    struct thing thing = {.before = 1, .after = 2};
    struct thing *found = list_owner(&thing.link, struct thing, link);
    assert_ptr_equal(found, &thing);
    assert_int_equal(found->before + found->after, 3);
}

static void push_twice(void *arg)
{
    struct world *world = arg;
    list_push_last(&world->lists[0], &world->things[0].link);
}

static void push_to_another(void *arg)
{
    struct world *world = arg;
    list_push_first(&world->lists[1], &world->things[0].link);
}

static void unlink_twice(void *arg)
{
    struct world *world = arg;
    list_unlink(&world->things[2].link);
}

static void append_to_itself(void *arg)
{
    struct world *world = arg;
    list_append(&world->lists[0], &world->lists[0]);
}

static void use_before_init(void *arg)
{
    struct world *world = arg;
    world->lists[0] = (struct list){{NULL, NULL}};
    world->model.len[0] = list_empty(&world->lists[0]);
}

static void half_a_node(void *arg)
{
    struct world *world = arg;
    world->things[2].link.next = &world->things[0].link;
    world->model.len[0] = list_linked(&world->things[2].link);
}

static void unlink_between_strangers(void *arg)
{
    struct world *world = arg;
    world->things[1].link.prev = &world->lists[1].ends;
    list_unlink(&world->things[1].link);
}

static void unlink_before_a_stranger(void *arg)
{
    struct world *world = arg;
    world->things[0].link.next = &world->lists[1].ends;
    list_unlink(&world->things[0].link);
}

static void push_to_a_torn_list(void *arg)
{
    struct world *world = arg;
    world->things[1].link.next = &world->lists[1].ends;
    list_push_last(&world->lists[0], &world->things[2].link);
}

/* Node 0 and node 1 are in list 0, node 2 is in none, list 1 is empty. */
static void damage_trips_a_check(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*body)(void *);
    } rows[] = {
        {"push twice", push_twice},
        {"push to another", push_to_another},
        {"unlink twice", unlink_twice},
        {"append to itself", append_to_itself},
        {"use before init", use_before_init},
        {"half a node", half_a_node},
        {"unlink between strangers", unlink_between_strangers},
        {"unlink before a stranger", unlink_before_a_stranger},
        {"push to a torn list", push_to_a_torn_list},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct world world;
        world_init(&world);
        list_push_last(&world.lists[0], &world.things[0].link);
        list_push_last(&world.lists[0], &world.things[1].link);
        const char *sentence = unit_expect_check(rows[i].body, &world);
        unit_holds(strstr(sentence, "list.c:"), "%s: %s", rows[i].name, sentence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_short_life_of_two_lists),
        cmocka_unit_test(an_owner_is_found_again),
        cmocka_unit_test(damage_trips_a_check),
    };
    return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
