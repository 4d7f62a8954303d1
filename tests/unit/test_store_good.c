/*
 * Proves gateway.db.good: whoever changes the store makes it, it holds nothing that the store has
 * forgotten, rot in it is healed, and what a rescue says of it. The rescue itself:
 * test_store_rescue.c.
 */
#include "unit/test_store_world.h"
#include "unit/unit.h"

#define FOLDER "test_store_good.data"
#define TEXT   "setting A=last\nrevision 2\n"

static void expect(struct store *store, const char *want)
{
    unit_same(span_str(world_print(store)), span_str(want), "%s", store_detail(store));
}

static void make_store(void)
{
    world_clean(FOLDER);
    struct store *store = world_open(FOLDER, STORE_COMMAND);
    world_set(store, "A", "first");
    world_set(store, "A", "last");
    store_close(store);
}

static void expect_good(const char *want)
{
    size_t len;
    uint8_t *good = world_read(FOLDER, "gateway.db.good", &len);
    world_clean(FOLDER);
    world_write(FOLDER, "gateway.db", span_of(good, len));
    free(good);
    struct store *store = world_open(FOLDER, STORE_COMMAND);
    expect(store, want);
    store_close(store);
}

static void each_change_makes_the_good_copy(void **state)
{
    (void)state;
    make_store();
    struct store *store = world_open(FOLDER, STORE_COMMAND);
    world_set(store, "B", "more");
    store_close(store);
    expect_good("setting A=last\nsetting B=more\nrevision 3\n");
}

/* A login that is forgotten is forgotten there, too. */
static void the_good_copy_keeps_no_login(void **state)
{
    (void)state;
    uint64_t revision;
    bool was_set;
    static const uint8_t user[] = "somebody";
    make_store();
    struct store *store = world_open(FOLDER, STORE_COMMAND);
    for (int clear = 0; clear < 2; clear++) {
        assert_int_equal(store_begin(store), ERR_OK);
        enum err err = clear ? store_clear_relay(store, &was_set)
                             : store_set_relay(store, span_str("http://p:80"),
                                               span_of(user, sizeof user - 1), span_str("secret"));
        assert_int_equal(err, ERR_OK);
        assert_int_equal(store_commit(store, &revision), ERR_OK);
    }
    store_close(store);
    expect_good("setting A=last\nrevision 4\n");
}

/* Rot in the copy is healed by the next load of the service. */
static void a_damaged_copy_is_made_anew(void **state)
{
    (void)state;
    make_store();
    world_flip(FOLDER, "gateway.db.good", 4096 + 3, 0xFF);
    struct store *store = world_open(FOLDER, STORE_SERVICE);
    expect(store, TEXT);
    assert_int_equal(store_keep_good(store), ERR_OK);
    store_close(store);
    expect_good(TEXT);
}

/* The one who changes makes the copy himself. */
static void a_copy_is_not_made_by_two(void **state)
{
    (void)state;
    make_store();
    struct store *service = world_open(FOLDER, STORE_SERVICE);
    struct store *command = world_open(FOLDER, STORE_COMMAND);
    expect(service, TEXT);
    assert_int_equal(store_begin(command), ERR_OK);
    assert_int_equal(store_keep_good(service), ERR_STORE_BUSY);
    store_rollback(command);
    assert_int_equal(store_keep_good(service), ERR_OK);
    store_close(command);
    store_close(service);
}

static void a_rescue_is_said_in_one_sentence(void **state)
{
    (void)state;
    static const struct {
        struct store_rescue rescue;
        const char *want;
    } rows[] = {
        {{true, 9, 7, 10, "/d/x"},
         "the configuration was damaged; its good copy, of revision 7, took its place: changes "
         "that are lost: 2; the damaged file is kept as /d/x"},
        {{true, 7, 7, 8, "/d/x"},
         "the configuration was damaged; its good copy, of revision 7, took its place: nothing is "
         "lost; the damaged file is kept as /d/x"},
        {{true, 0, 7, 8, ""},
         "the configuration was lost; its good copy, of revision 7, took its place: changes made "
         "after it, if there were any, are lost"},
        {{false, 0, 0, 1, "/d/x"},
         "the configuration was damaged, and there is no good copy: all settings are at their "
         "defaults, and everything is refused until hosts are added again; the damaged file is "
         "kept as /d/x"},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        char place[2000];
        struct out out;
        out_begin(&out, place, sizeof place);
        store_print_rescue(&rows[i].rescue, &out);
        unit_same(out_span(&out), span_str(rows[i].want), "row %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_change_makes_the_good_copy),
        cmocka_unit_test(the_good_copy_keeps_no_login),
        cmocka_unit_test(a_damaged_copy_is_made_anew),
        cmocka_unit_test(a_copy_is_not_made_by_two),
        cmocka_unit_test(a_rescue_is_said_in_one_sentence),
    };
    return cmocka_run_group_tests_name("store_good", tests, NULL, NULL);
}
