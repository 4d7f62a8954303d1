/*
 * Proves the distance of two words against the definition itself, for all short words over three
 * letters, and when a word is near enough to be meant.
 */
#include "base/near.h"

#include "unit/unit.h"

/* The definition: slow, and true. */
static size_t defined(struct span a, struct span b)
{
    if (a.len == 0 || b.len == 0) {
        return a.len + b.len;
    }
    size_t both = defined(span_after(a, 1), span_after(b, 1)) +
                  (span_lower(a.at[0]) == span_lower(b.at[0]) ? 0 : 1);
    size_t left = defined(span_after(a, 1), b) + 1, right = defined(a, span_after(b, 1)) + 1;
    size_t least = left < right ? left : right;
    return both < least ? both : least;
}

static void all_short_words(void **state)
{
    (void)state;
    struct unit_words a = {.letters = 3, .alphabet = "aAb", .max = 4};
    while (unit_words_next(&a)) {
        struct unit_words b = {.letters = 3, .alphabet = "aAb", .max = 4};
        while (unit_words_next(&b)) {
            size_t got = near_distance(unit_word(&a), unit_word(&b));
            unit_holds(got == defined(unit_word(&a), unit_word(&b)), "%s %s: %zu",
                       unit_show(unit_word(&a)), unit_show(unit_word(&b)), got);
        }
    }
}

static void long_words(void **state)
{
    (void)state;
    static uint8_t text[NEAR_MAX + 1];
    memset(text, 'x', sizeof text);
    struct span longest = span_of(text, NEAR_MAX), longer = span_of(text, NEAR_MAX + 1);
    assert_int_equal(near_distance(span_str(""), longest), NEAR_MAX);
    assert_true(near_distance(longer, longest) == SIZE_MAX);
    assert_true(near_distance(longest, longer) == SIZE_MAX);
}

static void a_third_may_be_wrong(void **state)
{
    (void)state;
    assert_true(near_enough(0, span_str("")));
    assert_false(near_enough(1, span_str("ab")));
    assert_true(near_enough(1, span_str("abc")));
    assert_false(near_enough(2, span_str("abcde")));
    assert_true(near_enough(2, span_str("abcdef")));
    assert_false(near_enough(SIZE_MAX, span_str("abcdef")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_short_words),
        cmocka_unit_test(long_words),
        cmocka_unit_test(a_third_may_be_wrong),
    };
    return cmocka_run_group_tests_name("near", tests, NULL, NULL);
}
