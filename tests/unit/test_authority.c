/*
 * Proves authorities by themselves: what is read of every short text agrees with a second reader,
 * is printed in one form, and that form is read as the same again. (The spellings that attackers
 * use are rows of test_head.c.)
 */
#include "plain_head.h"
#include "unit/unit.h"

static const struct {
    const char *text;
    uint16_t standard_port;
    const char *printed;
} read_rows[] = {
    {"a.example:443", 0, "a.example:443"},
    {"a.example", 443, "a.example:443"},
    {"A.Example.", 443, "a.example:443"},
    {"a.example:8443", 443, "a.example:8443"},
    {"192.0.2.1:1", 0, "192.0.2.1:1"},
    {"[2001:DB8:0:0:0:0:0:1]:65535", 0, "[2001:db8::1]:65535"},
    {"[::ffff:c000:201]", 443, "[::ffff:192.0.2.1]:443"},
    {"[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535", 0,
     "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"},
};

static void judge_print(const struct authority *authority, const char *text, const char *printed)
{
    char place[AUTHORITY_MAX + 1];
    struct out out;
    struct authority again;
    out_begin(&out, place, sizeof place);
    authority_print(authority, &out);
    unit_holds(out_end(&out) == ERR_OK, "%s", text);
    if (printed) {
        unit_same(out_span(&out), span_str(printed), "%s", text);
    }
    unit_holds(authority_parse(out_span(&out), 0, &again) == ERR_OK, "%s: %s", text, place);
    unit_holds(authority_equal(authority, &again), "%s: %s", text, place);
    unit_holds(addr_equal(&authority->addr, &again.addr), "%s: %s", text, place);
}

static void one_form_is_printed(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(read_rows); i++) {
        struct authority authority;
        enum err err =
            authority_parse(span_str(read_rows[i].text), read_rows[i].standard_port, &authority);
        unit_holds(err == ERR_OK, "%s: %s", read_rows[i].text, err_name(err));
        judge_print(&authority, read_rows[i].text, read_rows[i].printed);
    }
}

/* The longest of each kind has room in the struct, and when it is printed. */
static void the_longest_fit(void **state)
{
    (void)state;
    char text[AUTHORITY_MAX + 2];
    struct authority authority;
    memset(text, 'a', sizeof text);
    memcpy(text + AUTHORITY_HOST_MAX, ".:65535", 8);
    assert_int_equal(strlen(text), AUTHORITY_MAX);
    assert_int_equal(authority_parse(span_str(text), 0, &authority), ERR_OK);
    assert_int_equal(authority.host_len, AUTHORITY_HOST_MAX);
    judge_print(&authority, text, NULL);
    memcpy(text + AUTHORITY_HOST_MAX, "a:65535", 8);
    assert_int_equal(authority_parse(span_str(text), 0, &authority), ERR_TARGET_LONG);
}

static void two_that_differ_are_not_equal(void **state)
{
    (void)state;
    static const char *const all[] = {"a:1",     "b:1",     "a:2", "aa:1",  "a.a:1",    "[::1]:1",
                                      "[::2]:1", "[::1]:2", "1:1", "1.1:1", "0.0.0.1:1"};
    for (size_t i = 0; i < unit_count(all); i++) {
        for (size_t k = 0; k < unit_count(all); k++) {
            struct authority a, b;
            assert_int_equal(authority_parse(span_str(all[i]), 0, &a), ERR_OK);
            assert_int_equal(authority_parse(span_str(all[k]), 0, &b), ERR_OK);
            unit_holds(authority_equal(&a, &b) == (i == k), "%s %s", all[i], all[k]);
        }
    }
}

/* Through a request, which the second reader knows how to read. */
static bool plainly(struct span text, struct authority *authority)
{
    char place[100];
    struct out out;
    size_t len;
    out_begin(&out, place, sizeof place);
    out_str(&out, "CONNECT ");
    out_put(&out, text);
    out_str(&out, " HTTP/1.0\r\n\r\n");
    return plain_request(out_span(&out), &len, authority);
}

static void all_short_texts_are_read_alike(void **state)
{
    (void)state;
    static const char *const alphabets[] = {"a:1.[]", "0:9@-_", "[]:1fG", "a./%#?"};
    for (size_t i = 0; i < unit_count(alphabets); i++) {
        struct unit_words words = {.letters = 6, .alphabet = alphabets[i], .max = 6};
        while (unit_words_next(&words)) {
            struct authority authority, plain;
            struct span word = unit_word(&words);
            uint8_t *copy = unit_copy(word);
            enum err err = authority_parse(span_of(copy, word.len), 0, &authority);
            free(copy);
            unit_holds(plainly(word, &plain) == (err == ERR_OK), "%s: %s", unit_show(word),
                       err_name(err));
            if (err == ERR_OK) {
                unit_holds(authority_equal(&authority, &plain), "%s", unit_show(word));
                judge_print(&authority, "word", NULL);
            }
        }
    }
}

/* What is given stays as it was when the text is refused. */
static void a_refusal_changes_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {"b.example:0", "b.example", "b/:1",
                                      "[::1:1",      "b%:1",      "::1:1"};
    struct authority authority;
    assert_int_equal(authority_parse(span_str("a.example:443"), 0, &authority), ERR_OK);
    for (size_t i = 0; i < unit_count(bad); i++) {
        unit_holds(authority_parse(span_str(bad[i]), 0, &authority) != ERR_OK, "%s", bad[i]);
        judge_print(&authority, bad[i], "a.example:443");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_form_is_printed),
        cmocka_unit_test(the_longest_fit),
        cmocka_unit_test(two_that_differ_are_not_equal),
        cmocka_unit_test(all_short_texts_are_read_alike),
        cmocka_unit_test(a_refusal_changes_nothing),
    };
    return cmocka_run_group_tests_name("authority", tests, NULL, NULL);
}
