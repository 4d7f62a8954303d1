/*
 * Proves CHECK: silent while its condition holds, evaluated once, and when it fails the hook gets
 * one sentence with file, line and condition, of bounded length. What happens to the process
 * afterwards is test_check_linux's.
 */
#include "unit/unit.h"

static void fail_condition(void *arg)
{
    const int *number = arg;
    CHECK(*number == 7);
}

static void fail_never(void *arg)
{
    CHECK_NEVER((const char *)arg);
}

static void fail_behind_this_line(void *arg)
{
    *(int *)arg = __LINE__;
    CHECK(arg == NULL);
}

static void fail_far_away(void *arg)
{
    (void)arg;
    check_failed("some/folder/file.c", 2147483647, "a > b");
}

static void a_check_that_holds_does_nothing(void **state)
{
    (void)state;
    int looked = 0;
    CHECK(++looked == 1);
    assert_int_equal(looked, 1);
}

static void a_check_is_one_statement(void **state)
{
    (void)state;
    int way = 0;
    if (way == 1)
        CHECK(way == 1);
    else
        way = 2;
    assert_int_equal(way, 2);
}

static void the_sentence_says_where_and_what(void **state)
{
    (void)state;
    int number = 8;
    char never[] = "the sky is green";
    const struct {
        void (*body)(void *);
        void *arg;
        const char *parts[4];
    } rows[] = {
        {fail_condition, &number, {"test_check.c:", "CHECK failed: ", "*number == 7", ""}},
        {fail_never, never, {"test_check.c:", "CHECK failed: ", "the sky is green", ""}},
        {fail_far_away,
         NULL,
         {"some/folder/file.c:2147483647: CHECK failed: a > b", "some", "file.c", ""}},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        const char *sentence = unit_expect_check(rows[i].body, rows[i].arg);
        for (size_t k = 0; k < unit_count(rows[i].parts); k++) {
            unit_holds(strstr(sentence, rows[i].parts[k]), "%zu: %s", i, sentence);
        }
        unit_holds(!strchr(sentence, '\n'), "%zu: %s", i, sentence);
    }
}

static void the_line_is_the_line_of_the_check(void **state)
{
    (void)state;
    int line = 0;
    char where[64];
    const char *sentence = unit_expect_check(fail_behind_this_line, &line);
    (void)snprintf(where, sizeof where, "test_check.c:%d: ", line + 1);
    assert_non_null(strstr(sentence, where));
}

/* At each length around the sentence's place: never longer, and the beginning is there. */
static void a_long_reason_is_cut(void **state)
{
    (void)state;
    for (size_t len = 400; len <= 700; len++) {
        char why[701];
        memset(why, 'y', len);
        why[len] = '\0';
        const char *sentence = unit_expect_check(fail_never, why);
        unit_holds(strlen(sentence) < 512, "%zu", len);
        unit_holds(strstr(sentence, "CHECK failed: yyy"), "%zu", len);
        unit_holds(strlen(sentence) == 511 || strstr(sentence, why), "%zu", len);
    }
}

static enum err answer(int *asked, enum err err)
{
    ++*asked;
    return err;
}

static enum err try_it(int *asked, enum err err)
{
    TRY(answer(asked, err));
    *asked += 100;
    return ERR_OK;
}

static void try_leaves_with_every_error_but_ok(void **state)
{
    (void)state;
    for (unsigned err = 0; err < ERR_COUNT; err++) {
        int asked = 0;
        unit_holds(try_it(&asked, (enum err)err) == (enum err)err, "%u", err);
        unit_holds(asked == (err == ERR_OK ? 101 : 1), "%u", err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_check_that_holds_does_nothing),
        cmocka_unit_test(a_check_is_one_statement),
        cmocka_unit_test(the_sentence_says_where_and_what),
        cmocka_unit_test(the_line_is_the_line_of_the_check),
        cmocka_unit_test(a_long_reason_is_cut),
        cmocka_unit_test(try_leaves_with_every_error_but_ok),
    };
    return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
