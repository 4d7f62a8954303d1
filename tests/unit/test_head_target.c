/*
 * Proves how targets are read: the spellings that the security notes list, each in a request whose
 * Host says the same, and the length of names. (All short texts: test_authority.c.)
 */
#include "heads.h"
#include "unit/unit.h"

/* One target in a request that is right otherwise, with a Host that says the same. */
static struct span with_target(const char *target)
{
    static char place[2000];
    int len =
        snprintf(place, sizeof place, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", target, target);
    assert_true(len > 0 && (size_t)len < sizeof place);
    return span_of(place, (size_t)len);
}

/* The matrix and the spellings of the security notes; ERR_OK: a host that the rules judge. */
static const struct {
    const char *target;
    enum err err;
    const char *host;
} targets[] = {
    {"localhost:9443", ERR_OK, "localhost"},
    {"localhost.:9443", ERR_OK, "localhost"},
    {"LOCALHOST:9443", ERR_OK, "localhost"},
    {"localhost:+9443", ERR_TARGET_PORT, NULL},
    {"localhost:-1", ERR_TARGET_PORT, NULL},
    {"localhost:9443x", ERR_TARGET_PORT, NULL},
    {"localhost:0x1bb", ERR_TARGET_PORT, NULL},
    {"localhost:74979", ERR_TARGET_PORT, NULL},      /* 9443 modulo 2^16 */
    {"localhost:4294976739", ERR_TARGET_PORT, NULL}, /* 9443 modulo 2^32 */
    {"localhost:18446744073709561059", ERR_TARGET_PORT, NULL},
    {"localhost:65536", ERR_TARGET_PORT, NULL},
    {"localhost:65535", ERR_OK, "localhost"},
    {"localhost:0", ERR_TARGET_PORT, NULL},
    {"localhost:00", ERR_TARGET_PORT, NULL},
    {"localhost:0443", ERR_TARGET_PORT, NULL},
    {"localhost:", ERR_TARGET_PORT, NULL},
    {"localhost", ERR_TARGET_PORT, NULL},
    {"[::1]", ERR_TARGET_PORT, NULL},
    {"[::1]:", ERR_TARGET_PORT, NULL},
    {"localhost:443:443", ERR_TARGET_FORM, NULL},
    {"localhost::443", ERR_TARGET_FORM, NULL},
    {"evil@localhost:9443", ERR_TARGET_FORM, NULL},
    {"evil:pw@localhost:9443", ERR_TARGET_FORM, NULL},
    {"localhost:9443@evil:9443", ERR_TARGET_FORM, NULL},
    {"localhost:9443/x", ERR_TARGET_FORM, NULL},
    {"localhost:9443?x", ERR_TARGET_FORM, NULL},
    {"localhost:9443#x", ERR_TARGET_FORM, NULL},
    {"localhost\\x:9443", ERR_TARGET_FORM, NULL},
    {"https://localhost:9443", ERR_TARGET_FORM, NULL},
    {"/", ERR_TARGET_FORM, NULL},
    {"%6Cocalhost:9443", ERR_TARGET_FORM, NULL},
    {"localhost%00:9443", ERR_TARGET_FORM, NULL},
    {"::1:443", ERR_TARGET_FORM, NULL},
    {"2001:db8::1", ERR_TARGET_FORM, NULL},
    {"[::1]x:443", ERR_TARGET_FORM, NULL},
    {"[::1]443", ERR_TARGET_FORM, NULL},
    {"[fe80::1%eth0]:443", ERR_TARGET_FORM, NULL},
    {"[fe80::1%25eth0]:443", ERR_TARGET_FORM, NULL},
    {"[localhost]:443", ERR_TARGET_HOST, NULL},
    {"[127.0.0.1]:443", ERR_TARGET_HOST, NULL},
    {"[]:443", ERR_TARGET_HOST, NULL},
    {"[::1:443", ERR_TARGET_HOST, NULL},
    {"[::1.]:443", ERR_TARGET_HOST, NULL},
    {"[v1.x]:443", ERR_TARGET_HOST, NULL},
    {"[[::1]]:443", ERR_TARGET_FORM, NULL},
    {"x[::1]:443", ERR_TARGET_FORM, NULL},
    {"::1]:443", ERR_TARGET_FORM, NULL},
    {"a]:443", ERR_TARGET_HOST, NULL},
    {":443", ERR_TARGET_HOST, NULL},
    {".:443", ERR_TARGET_HOST, NULL},
    {"*:443", ERR_TARGET_HOST, NULL},
    {"*.example:443", ERR_TARGET_HOST, NULL},
    {"a,b:443", ERR_TARGET_HOST, NULL},
    {"a;b:443", ERR_TARGET_HOST, NULL},
    {"a'b\"<c>:443", ERR_TARGET_HOST, NULL},
    {"a+b:443", ERR_TARGET_HOST, NULL},
    {"b\xC3\xBC"
     "cher.example:443",
     ERR_TARGET_HOST, NULL},
    {"a\xE3\x80\x82"
     "example:443",
     ERR_TARGET_HOST, NULL}, /* the ideographic full stop */
    {"\xE2\x80\xAE"
     "elpmaxe.a:443",
     ERR_TARGET_HOST, NULL},
    {"127.0.0.1.:443", ERR_TARGET_HOST, NULL},
    {"127.0.0.1:443", ERR_OK, "127.0.0.1"},
    {"[::ffff:127.0.0.1]:443", ERR_OK, "::ffff:127.0.0.1"},
    {"[::FFFF:7F00:1]:443", ERR_OK, "::ffff:127.0.0.1"},
    {"[0064:ff9b::127.0.0.1]:443", ERR_OK, "64:ff9b::7f00:1"},
    {"[::]:443", ERR_OK, "::"},
    /* No addresses but names, which no rule can list: refused by the rules, never resolved. */
    {"127.1:443", ERR_OK, "127.1"},
    {"0x7F000001:443", ERR_OK, "0x7f000001"},
    {"2130706433:443", ERR_OK, "2130706433"},
    {"0177.0.0.1:443", ERR_OK, "0177.0.0.1"},
    {"127.0.0.256:443", ERR_OK, "127.0.0.256"},
    {"a_b.example:443", ERR_OK, "a_b.example"},
    {".a.example:443", ERR_TARGET_HOST, NULL},
    {"a..example:443", ERR_TARGET_HOST, NULL},
    {"a.example..:443", ERR_TARGET_HOST, NULL},
    {"..:443", ERR_TARGET_HOST, NULL},
    {"127.0.0.1..:443", ERR_TARGET_HOST, NULL},
    {"-a.example:443", ERR_OK, "-a.example"},
    {"xn--bcher-kva.example:443", ERR_OK, "xn--bcher-kva.example"},
};

static void every_spelling_of_a_target_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(targets); i++) {
        struct span bytes = with_target(targets[i].target);
        struct heads_end end;
        heads_judge(false, bytes, &end);
        unit_holds(end.err == targets[i].err, "%s: %s", targets[i].target, err_name(end.err));
        if (targets[i].err == ERR_OK) {
            unit_same(authority_host(&end.head.target), span_str(targets[i].host), "%s",
                      targets[i].target);
            struct addr addr = {ADDR_NONE, {0}};
            bool literal = addr_parse(span_str(targets[i].host), &addr) == ERR_OK;
            unit_holds(literal == (end.head.target.addr.family != ADDR_NONE), "%s",
                       targets[i].target);
            unit_holds(addr_equal(&addr, &end.head.target.addr), "%s", targets[i].target);
        }
    }
}

/* A long name is refused, never cut: a cut one could be an address, or another name. */
static void a_name_has_253_characters_or_less(void **state)
{
    (void)state;
    static char target[600];
    for (size_t len = 200; len < 500; len++) {
        for (unsigned dot = 0; dot < 2; dot++) {
            memset(target, 'a', len);
            for (size_t i = 60; i + 1 < len; i += 61) {
                target[i] = '.';
            }
            (void)snprintf(target + len, 10, "%s:65535", dot ? "." : "");
            struct heads_end end;
            heads_judge(false, with_target(target), &end);
            unit_holds(end.err == (len <= 253 ? ERR_OK : ERR_TARGET_LONG), "%zu %u: %s", len, dot,
                       err_name(end.err));
            unit_holds(len > 253 || end.head.target.host_len == len, "%zu", len);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_spelling_of_a_target_is_judged),
        cmocka_unit_test(a_name_has_253_characters_or_less),
    };
    return cmocka_run_group_tests_name("head_target", tests, NULL, NULL);
}
