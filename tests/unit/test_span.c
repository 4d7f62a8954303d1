/*
 * Proves spans: comparing, cutting, trimming, strict numbers. Cutting, finding and trimming are
 * shown over all short words of a small alphabet, the classes of bytes over all 256.
 */
#include "unit/unit.h"

static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char smalls[] = "abcdefghijklmnopqrstuvwxyz";
static const struct span in_a_table[] = {SPAN(""), SPAN("abc"), SPAN("a\0b")};

static void a_literal_is_a_span(void **state)
{
    (void)state;
    unit_same(in_a_table[0], span_of(NULL, 0), "empty");
    unit_same(in_a_table[1], span_str("abc"), "abc");
    unit_same(in_a_table[2], span_of("a\0b", 3), "with a NUL inside");
    assert_int_equal(span_str("a\0b").len, 1);
}

/* Every pair of bytes: equal are the same bytes; without case, the same or one letter in both. */
static void bytes_are_compared_as_ascii(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            uint8_t left = (uint8_t)a, right = (uint8_t)b;
            const char *capital = a ? strchr(capitals, (int)a) : NULL;
            const char *small = a ? strchr(smalls, (int)a) : NULL;
            bool same = a == b || (capital && smalls[capital - capitals] == (char)b) ||
                        (small && capitals[small - smalls] == (char)b);
            unit_holds(span_equal(span_of(&left, 1), span_of(&right, 1)) == (a == b), "%u %u", a,
                       b);
            unit_holds(span_equal_nocase(span_of(&left, 1), span_of(&right, 1)) == same, "%u %u", a,
                       b);
        }
    }
}

static void bytes_have_their_class(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        uint8_t byte = (uint8_t)i, value = 99;
        const char *capital = i ? strchr(capitals, (int)i) : NULL;
        const char *digits = "0123456789abcdef0123456789ABCDEF";
        const char *digit = i ? strchr(digits, (int)i) : NULL;
        unit_holds(span_lower(byte) == (capital ? smalls[capital - capitals] : byte), "%u", i);
        unit_holds(span_is_digit(byte) == (digit && digit < digits + 10), "%u", i);
        unit_holds(span_hex_digit(byte, &value) == (digit != NULL), "%u", i);
        unit_holds(!digit || value == (digit - digits) % 16, "%u: %u", i, value);
    }
}

static void whole_spans_are_compared(void **state)
{
    (void)state;
    static const struct {
        struct span a;
        const char *b;
        bool is, is_nocase, starts, ends;
    } rows[] = {
        {SPAN(""), "", true, true, true, true},
        {SPAN("a"), "", false, false, true, true},
        {SPAN(""), "a", false, false, false, false},
        {SPAN("abc"), "abc", true, true, true, true},
        {SPAN("abc"), "ABC", false, true, false, false},
        {SPAN("aBc"), "AbC", false, true, false, false},
        {SPAN("abc"), "ab", false, false, true, false},
        {SPAN("abc"), "bc", false, false, false, true},
        {SPAN("abc"), "abcd", false, false, false, false},
        {SPAN("abc"), "abd", false, false, false, false},
        {SPAN("abc"), "bbc", false, false, false, false},
        {SPAN("abab"), "ab", false, false, true, true},
        {SPAN("abc"), "b", false, false, false, false},
        {SPAN("ab\0"), "ab", false, false, true, false},
        {SPAN("\0"), "", false, false, true, true},
        {SPAN("@[`{"), "`{@[", false, false, false, false},
        {SPAN("\xC3\xA4"), "\xC3\x84", false, false, false, false}, /* a-umlaut, A-umlaut */
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct span a = rows[i].a, b = span_str(rows[i].b);
        unit_holds(span_is(a, rows[i].b) == rows[i].is, "%zu", i);
        unit_holds(span_equal(b, a) == rows[i].is, "%zu", i);
        unit_holds(span_is_nocase(a, rows[i].b) == rows[i].is_nocase, "%zu", i);
        unit_holds(span_equal_nocase(b, a) == rows[i].is_nocase, "%zu", i);
        unit_holds(span_starts_with(a, b) == rows[i].starts, "%zu", i);
        unit_holds(span_ends_with(a, b) == rows[i].ends, "%zu", i);
    }
}

static void every_cut_gives_two_parts(void **state)
{
    (void)state;
    struct span whole = span_str("abcdef");
    for (size_t count = 0; count <= whole.len; count++) {
        unit_same(span_first(whole, count), span_of("abcdef", count), "%zu", count);
        unit_same(span_after(whole, count), span_str(&"abcdef"[count]), "%zu", count);
        assert_ptr_equal(span_after(whole, count).at, whole.at + count);
    }
    unit_same(span_first(span_of(NULL, 0), 0), span_of(NULL, 0), "nothing");
    unit_same(span_after(span_of(NULL, 0), 0), span_of(NULL, 0), "nothing");
}

static void every_word_is_searched(void **state)
{
    (void)state;
    struct unit_words words = {.letters = 2, .alphabet = "ab", .max = 6};
    while (unit_words_next(&words)) {
        uint8_t *copy = unit_copy(unit_word(&words));
        size_t first = words.len, last = words.len;
        for (size_t i = words.len; i > 0; i--) {
            first = copy[i - 1] == 'a' ? i - 1 : first;
            last = copy[i - 1] == 'a' && last == words.len ? i - 1 : last;
        }
        struct span word = span_of(copy, words.len);
        unit_holds(span_find(word, 'a') == first, "%s", unit_show(word));
        unit_holds(span_find_last(word, 'a') == last, "%s", unit_show(word));
        unit_holds(span_find(word, 'c') == word.len, "%s", unit_show(word));
        unit_holds(span_find_last(word, 'c') == word.len, "%s", unit_show(word));
        free(copy);
    }
    assert_int_equal(span_find(span_of(NULL, 0), 'a'), 0);
    assert_int_equal(span_find_last(span_of(NULL, 0), 'a'), 0);
}

/* Parts joined again are the whole, one more than there were separators, none with one inside. */
static void every_word_is_cut(void **state)
{
    (void)state;
    struct unit_words words = {.letters = 3, .alphabet = "ab,", .max = 6};
    while (unit_words_next(&words)) {
        uint8_t *copy = unit_copy(unit_word(&words));
        struct span rest = span_of(copy, words.len), part;
        uint8_t joined[UNIT_WORD_MAX + 1];
        size_t len = 0, parts = 0, separators = 0;
        bool done = false;
        while (span_cut(&rest, ',', &done, &part)) {
            unit_holds(span_find(part, ',') == part.len, "%s", unit_show(unit_word(&words)));
            unit_holds(parts++ <= words.len, "%s", unit_show(unit_word(&words)));
            for (size_t i = 0; i < part.len; i++) {
                joined[len++] = part.at[i];
            }
            joined[len++] = ',';
        }
        for (size_t i = 0; i < words.len; i++) {
            separators += copy[i] == ',';
        }
        unit_same(span_of(joined, len - 1), unit_word(&words), "parts");
        unit_holds(parts == separators + 1, "%s", unit_show(unit_word(&words)));
        unit_holds(done && rest.len == 0 && !span_cut(&rest, ',', &done, &part), "%s",
                   unit_show(unit_word(&words)));
        free(copy);
    }
}

static void every_word_is_trimmed(void **state)
{
    (void)state;
    struct unit_words words = {.letters = 3, .alphabet = " \ta", .max = 6};
    while (unit_words_next(&words)) {
        uint8_t *copy = unit_copy(unit_word(&words));
        size_t start = 0, end = words.len;
        while (start < end && copy[start] != 'a') {
            start++;
        }
        while (end > start && copy[end - 1] != 'a') {
            end--;
        }
        struct span trimmed = span_trim(span_of(copy, words.len));
        unit_same(trimmed, span_of(copy + start, end - start), "%s", unit_show(unit_word(&words)));
        free(copy);
    }
    unit_same(span_trim(span_str("\r\n\v\fa\r\n")), span_str("\r\n\v\fa\r\n"), "other blanks");
}

static void numbers_at_the_borders(void **state)
{
    (void)state;
    static const struct {
        struct span text;
        uint64_t min, max;
        enum err err;
        uint64_t value;
    } rows[] = {
        {SPAN("0"), 0, 0, ERR_OK, 0},
        {SPAN("1"), 0, 0, ERR_RANGE, 0},
        {SPAN("0"), 1, 2, ERR_RANGE, 0},
        {SPAN("1"), 1, 2, ERR_OK, 1},
        {SPAN("2"), 1, 2, ERR_OK, 2},
        {SPAN("3"), 1, 2, ERR_RANGE, 0},
        {SPAN("4294967295"), 0, UINT64_MAX, ERR_OK, 4294967295U},
        {SPAN("4294967296"), 0, UINT64_MAX, ERR_OK, UINT64_C(4294967296)},
        {SPAN("4294967297"), 0, 65535, ERR_RANGE, 0},
        {SPAN("18446744073709551614"), 0, UINT64_MAX, ERR_OK, UINT64_MAX - 1},
        {SPAN("18446744073709551615"), 0, UINT64_MAX, ERR_OK, UINT64_MAX},
        {SPAN("18446744073709551615"), 0, UINT64_MAX - 1, ERR_RANGE, 0},
        {SPAN("18446744073709551616"), 0, UINT64_MAX, ERR_RANGE, 0},
        {SPAN("18446744073709551617"), 0, 10, ERR_RANGE, 0},
        {SPAN("18446744073709551620"), 0, UINT64_MAX, ERR_RANGE, 0},
        {SPAN("18446744073709551625"), 0, UINT64_MAX, ERR_RANGE, 0},
        {SPAN("28446744073709551615"), 0, UINT64_MAX, ERR_RANGE, 0},
        {SPAN("184467440737095516160"), 0, UINT64_MAX, ERR_RANGE, 0},
        {SPAN("99999999999999999999999999999999999999"), 0, UINT64_MAX, ERR_RANGE, 0},
        {SPAN("99999999999999999999999999999999999999x"), 0, UINT64_MAX, ERR_NUMBER, 0},
        {SPAN("1x"), 5, 9, ERR_NUMBER, 0},
        {SPAN("00000000000000000000000000000000000001"), 0, 9, ERR_NUMBER, 0},
        {SPAN("1\0"), 0, 9, ERR_NUMBER, 0},
        {SPAN("\0"), 0, 9, ERR_NUMBER, 0},
        {SPAN("0x10"), 0, 99, ERR_NUMBER, 0},
        {SPAN("1e1"), 0, 99, ERR_NUMBER, 0},
        {SPAN("1.0"), 0, 99, ERR_NUMBER, 0},
        {SPAN("1,000"), 0, 9999, ERR_NUMBER, 0},
        {SPAN("\xD9\xA1"), 0, 99, ERR_NUMBER, 0},     /* Arabic one */
        {SPAN("\xEF\xBC\x91"), 0, 99, ERR_NUMBER, 0}, /* full-width one */
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        uint8_t *copy = unit_copy(rows[i].text);
        struct span text = span_of(copy, rows[i].text.len);
        uint64_t value = 4711;
        enum err err = span_number(text, rows[i].min, rows[i].max, &value);
        unit_holds(err == rows[i].err, "%s: %s", unit_show(text), err_name(err));
        unit_holds(value == (err == ERR_OK ? rows[i].value : 4711), "%s: %" PRIu64, unit_show(text),
                   value);
        free(copy);
    }
}

/* All words up to five letters: a number is digits alone, without a zero in front. */
static void every_short_word_is_a_number_or_not(void **state)
{
    (void)state;
    struct unit_words words = {.letters = 8, .alphabet = "019+- a\n", .max = 5};
    while (unit_words_next(&words)) {
        uint64_t value = 0, want = 0;
        bool digits = words.len > 0 && (words.len == 1 || words.text[0] != '0');
        for (size_t i = 0; i < words.len; i++) {
            digits = digits && words.index[i] < 3;
            want = want * 10 + (uint64_t)(words.text[i] - '0');
        }
        enum err err = span_number(unit_word(&words), 1, 11000, &value);
        enum err wanted = !digits ? ERR_NUMBER : want < 1 || want > 11000 ? ERR_RANGE : ERR_OK;
        unit_holds(err == wanted, "%s: %s", unit_show(unit_word(&words)), err_name(err));
        unit_holds(err != ERR_OK || value == want, "%s", unit_show(unit_word(&words)));
    }
}

static void first_too_many(void *arg)
{
    *(struct span *)arg = span_first(*(struct span *)arg, 4);
}

static void after_too_many(void *arg)
{
    *(struct span *)arg = span_after(*(struct span *)arg, 4);
}

static void nothing_with_a_length(void *arg)
{
    *(struct span *)arg = span_of(NULL, 1);
}

static void least_above_most(void *arg)
{
    uint64_t value;
    ((struct span *)arg)->len = (size_t)span_number(*(struct span *)arg, 2, 1, &value);
}

static void misuse_trips_a_check(void **state)
{
    (void)state;
    static void (*const bodies[])(void *) = {first_too_many, after_too_many, nothing_with_a_length,
                                             least_above_most};
    for (size_t i = 0; i < unit_count(bodies); i++) {
        struct span text = span_str("123");
        const char *sentence = unit_expect_check(bodies[i], &text);
        unit_holds(strstr(sentence, "span.c:"), "%zu: %s", i, sentence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_literal_is_a_span),
        cmocka_unit_test(bytes_are_compared_as_ascii),
        cmocka_unit_test(bytes_have_their_class),
        cmocka_unit_test(whole_spans_are_compared),
        cmocka_unit_test(every_cut_gives_two_parts),
        cmocka_unit_test(every_word_is_searched),
        cmocka_unit_test(every_word_is_cut),
        cmocka_unit_test(every_word_is_trimmed),
        cmocka_unit_test(numbers_at_the_borders),
        cmocka_unit_test(every_short_word_is_a_number_or_not),
        cmocka_unit_test(misuse_trips_a_check),
    };
    return cmocka_run_group_tests_name("span", tests, NULL, NULL);
}
