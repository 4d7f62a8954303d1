/*
 * Proves that two rooms mean the same by a host: what a request's head makes of it goes through the
 * rules' own reading unchanged, or is refused there. A name that the second reader folded once more
 * would be judged as one host and connected to as another.
 */
#include "http/authority.h"
#include "policy/pattern.h"
#include "unit/unit.h"

/* False: refused by the head, or by the rules. */
static bool judge_host(struct span host)
{
    char place[64];
    struct out out;
    struct authority authority;
    struct pattern pattern;
    out_begin(&out, place, sizeof place);
    out_put(&out, host);
    out_str(&out, ":443");
    if (authority_parse(out_span(&out), 0, &authority) != ERR_OK ||
        pattern_host(authority_host(&authority), &pattern) != ERR_OK) {
        return false;
    }
    bool literal = authority.addr.family != ADDR_NONE;
    unit_same(pattern_span(&pattern), authority_host(&authority), "%s", unit_show(host));
    unit_holds(literal == (pattern.kind == PATTERN_ADDRESS), "%s", unit_show(host));
    return true;
}

static void all_short_hosts_are_read_alike(void **state)
{
    (void)state;
    static const char *const alphabets[] = {"aB.-_1", "[]:1.a", "0x1.fF", "[:]0aF"};
    for (size_t i = 0; i < unit_count(alphabets); i++) {
        struct unit_words words = {.letters = 6, .alphabet = alphabets[i], .max = 7};
        size_t both = 0;
        while (unit_words_next(&words)) {
            both += judge_host(unit_word(&words)) ? 1 : 0;
        }
        unit_holds(both > 100, "%s: %zu", alphabets[i], both);
    }
}

/* What the head lets through as a name and only the rules know as none: never to be resolved. */
static void odd_names_are_no_hosts(void **state)
{
    (void)state;
    static const char *const names[] = {
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "127.0.0.256",
        "127.0.0.0x1",
        "a_b.example",
        "-a.example",
        "a-.example",
        "1.2.3.4.5",
        "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij1234.a"};
    for (size_t i = 0; i < unit_count(names); i++) {
        struct pattern pattern;
        char place[100];
        struct authority authority;
        (void)snprintf(place, sizeof place, "%s:443", names[i]);
        unit_holds(authority_parse(span_str(place), 0, &authority) == ERR_OK, "%s", names[i]);
        unit_holds(authority.addr.family == ADDR_NONE, "%s", names[i]);
        unit_holds(pattern_host(authority_host(&authority), &pattern) != ERR_OK, "%s", names[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_short_hosts_are_read_alike),
        cmocka_unit_test(odd_names_are_no_hosts),
    };
    return cmocka_run_group_tests_name("host_forms", tests, NULL, NULL);
}
