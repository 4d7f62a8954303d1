/*
 * Proves addresses: what is one and what is none, spelling by spelling; the one printed form of
 * RFC 5952 over all 256 patterns of zero groups; print and parse undo each other. Whether another
 * implementation agrees is test_addr_oracle_linux's.
 */
#include "base/addr.h"
#include "unit/unit.h"

enum { GROUPS = 8 };

/* Groups in order; of an IPv4 address the first two hold its four bytes. */
static struct addr addr_of(enum addr_family family, const uint16_t groups[GROUPS])
{
    struct addr addr = {family, {0}};
    for (size_t i = 0; i < GROUPS; i++) {
        addr.bytes[2 * i] = (uint8_t)(groups[i] >> 8);
        addr.bytes[2 * i + 1] = (uint8_t)groups[i];
    }
    return addr;
}

static struct span print(const struct addr *addr, char place[ADDR_TEXT_MAX])
{
    struct out out;
    out_begin(&out, place, ADDR_TEXT_MAX);
    addr_print(addr, &out);
    assert_int_equal(out_end(&out), ERR_OK);
    return out_span(&out);
}

static const struct {
    struct span text;
    enum addr_family family;
    uint16_t groups[GROUPS];
    const char *printed;
} addresses[] = {
    {SPAN("0.0.0.0"), ADDR_IPV4, {0}, "0.0.0.0"},
    {SPAN("192.0.2.1"), ADDR_IPV4, {0xC000, 0x0201}, "192.0.2.1"},
    {SPAN("1.20.100.255"), ADDR_IPV4, {0x0114, 0x64FF}, "1.20.100.255"},
    {SPAN("255.255.255.255"), ADDR_IPV4, {0xFFFF, 0xFFFF}, "255.255.255.255"},
    {SPAN("::"), ADDR_IPV6, {0}, "::"},
    {SPAN("::1"), ADDR_IPV6, {0, 0, 0, 0, 0, 0, 0, 1}, "::1"},
    {SPAN("1::"), ADDR_IPV6, {1}, "1::"},
    {SPAN("0:0:0:0:0:0:0:0"), ADDR_IPV6, {0}, "::"},
    {SPAN("0000:0000:0000:0000:0000:0000:0000:0001"), ADDR_IPV6, {0, 0, 0, 0, 0, 0, 0, 1}, "::1"},
    {SPAN("2001:db8::1"), ADDR_IPV6, {0x2001, 0xDB8, 0, 0, 0, 0, 0, 1}, "2001:db8::1"},
    {SPAN("2001:DB8::A"), ADDR_IPV6, {0x2001, 0xDB8, 0, 0, 0, 0, 0, 10}, "2001:db8::a"},
    {SPAN("2001:0db8:0000:0000:0001:0000:0000:0001"),
     ADDR_IPV6,
     {0x2001, 0xDB8, 0, 0, 1, 0, 0, 1},
     "2001:db8::1:0:0:1"}, /* the first of equal runs */
    {SPAN("2001:0:0:1:0:0:0:1"), ADDR_IPV6, {0x2001, 0, 0, 1, 0, 0, 0, 1}, "2001:0:0:1::1"},
    {SPAN("2001:db8:0:1:1:1:1:1"),
     ADDR_IPV6,
     {0x2001, 0xDB8, 0, 1, 1, 1, 1, 1},
     "2001:db8:0:1:1:1:1:1"}, /* one zero group is not shortened */
    {SPAN("1:2:3:4:5:6:7:8"), ADDR_IPV6, {1, 2, 3, 4, 5, 6, 7, 8}, "1:2:3:4:5:6:7:8"},
    {SPAN("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
     ADDR_IPV6,
     {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF},
     "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {SPAN("1:2:3:4:5:6:7::"), ADDR_IPV6, {1, 2, 3, 4, 5, 6, 7}, "1:2:3:4:5:6:7:0"},
    {SPAN("::2:3:4:5:6:7:8"), ADDR_IPV6, {0, 2, 3, 4, 5, 6, 7, 8}, "0:2:3:4:5:6:7:8"},
    {SPAN("1:2:3::5:6:7:8"), ADDR_IPV6, {1, 2, 3, 0, 5, 6, 7, 8}, "1:2:3:0:5:6:7:8"},
    {SPAN("1:2:3:4:5:6:7.8.9.10"),
     ADDR_IPV6,
     {1, 2, 3, 4, 5, 6, 0x708, 0x90A},
     "1:2:3:4:5:6:708:90a"},
    {SPAN("1:2:3:4:5::7.8.9.10"),
     ADDR_IPV6,
     {1, 2, 3, 4, 5, 0, 0x708, 0x90A},
     "1:2:3:4:5:0:708:90a"},
    {SPAN("::7.8.9.10"), ADDR_IPV6, {0, 0, 0, 0, 0, 0, 0x708, 0x90A}, "::708:90a"},
    {SPAN("64:ff9b::192.0.2.33"),
     ADDR_IPV6,
     {0x64, 0xFF9B, 0, 0, 0, 0, 0xC000, 0x221},
     "64:ff9b::c000:221"},
    {SPAN("::ffff:192.0.2.1"),
     ADDR_IPV6,
     {0, 0, 0, 0, 0, 0xFFFF, 0xC000, 0x201},
     "::ffff:192.0.2.1"},
    {SPAN("::FFFF:c000:0201"),
     ADDR_IPV6,
     {0, 0, 0, 0, 0, 0xFFFF, 0xC000, 0x201},
     "::ffff:192.0.2.1"},
    {SPAN("::ffff:0:0"), ADDR_IPV6, {0, 0, 0, 0, 0, 0xFFFF, 0, 0}, "::ffff:0.0.0.0"},
    {SPAN("::ffff:255.255.255.255"),
     ADDR_IPV6,
     {0, 0, 0, 0, 0, 0xFFFF, 0xFFFF, 0xFFFF},
     "::ffff:255.255.255.255"},
    {SPAN("::ffff:0:192.0.2.1"),
     ADDR_IPV6,
     {0, 0, 0, 0, 0xFFFF, 0, 0xC000, 0x201},
     "::ffff:0:c000:201"},
    {SPAN("1::ffff:1.2.3.4"), ADDR_IPV6, {1, 0, 0, 0, 0, 0xFFFF, 0x102, 0x304}, "1::ffff:102:304"},
};

static const struct {
    struct span text;
    enum err err;
} refused[] = {
    {SPAN(""), ERR_ADDRESS},
    {SPAN("1"), ERR_ADDRESS}, /* what inet_aton forgives: short, octal, hexadecimal, large */
    {SPAN("1.2"), ERR_ADDRESS},
    {SPAN("1.2.3"), ERR_ADDRESS},
    {SPAN("3221225985"), ERR_ADDRESS},
    {SPAN("0xC0000201"), ERR_ADDRESS},
    {SPAN("0x7f.0.0.1"), ERR_ADDRESS},
    {SPAN("127.0.0.0x1"), ERR_ADDRESS},
    {SPAN("0177.0.0.1"), ERR_ADDRESS},
    {SPAN("127.0.0.01"), ERR_ADDRESS},
    {SPAN("127.0.0.001"), ERR_ADDRESS},
    {SPAN("00.0.0.0"), ERR_ADDRESS},
    {SPAN("127.1"), ERR_ADDRESS},
    {SPAN("1.2.3.4.5"), ERR_ADDRESS}, /* parts: too many, empty, too large */
    {SPAN("1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22.23.24.25.26.27.28.29.30.31.32"
          ".33.34.35.36.37.38.39.40.41.42.43.44.45.46.47.48.49.50.51.52.53.54.55.56.57.58.59.60"),
     ERR_ADDRESS},
    {SPAN("1.2.3.4."), ERR_ADDRESS},
    {SPAN(".1.2.3.4"), ERR_ADDRESS},
    {SPAN("1..2.3"), ERR_ADDRESS},
    {SPAN("1.2.3."), ERR_ADDRESS},
    {SPAN("..."), ERR_ADDRESS},
    {SPAN("."), ERR_ADDRESS},
    {SPAN("256.0.0.1"), ERR_ADDRESS},
    {SPAN("1.2.3.256"), ERR_ADDRESS},
    {SPAN("1.2.3.1000"), ERR_ADDRESS},
    {SPAN("1.2.3.4294967297"), ERR_ADDRESS},
    {SPAN("1.2.3.18446744073709551617"), ERR_ADDRESS},
    {SPAN("+1.2.3.4"), ERR_ADDRESS}, /* signs, blanks, other bytes */
    {SPAN("1.2.3.-4"), ERR_ADDRESS},
    {SPAN(" 1.2.3.4"), ERR_ADDRESS},
    {SPAN("1.2.3.4 "), ERR_ADDRESS},
    {SPAN("1. 2.3.4"), ERR_ADDRESS},
    {SPAN("1.2.3.4\n"), ERR_ADDRESS},
    {SPAN("1.2.3.4\0"), ERR_ADDRESS},
    {SPAN("1.2.3.4x"), ERR_ADDRESS},
    {SPAN("1,2,3,4"), ERR_ADDRESS},
    {SPAN("a.b.c.d"), ERR_ADDRESS},
    {SPAN("1.2.3.\xEF\xBC\x94"), ERR_ADDRESS}, /* a full-width four */
    {SPAN("1.2.3.4/32"), ERR_ADDRESS},
    {SPAN("1.2.3.4%eth0"), ERR_ADDRESS},
    {SPAN("[1.2.3.4]"), ERR_ADDRESS},
    {SPAN("localhost"), ERR_ADDRESS},
    {SPAN(":"), ERR_ADDRESS}, /* colons */
    {SPAN(":::"), ERR_ADDRESS},
    {SPAN("::::"), ERR_ADDRESS},
    {SPAN("1:::2"), ERR_ADDRESS},
    {SPAN(":::1"), ERR_ADDRESS},
    {SPAN("1:::"), ERR_ADDRESS},
    {SPAN("1::2::3"), ERR_ADDRESS},
    {SPAN("::1::"), ERR_ADDRESS},
    {SPAN(":1"), ERR_ADDRESS},
    {SPAN("1:"), ERR_ADDRESS},
    {SPAN(":1:2:3:4:5:6:7"), ERR_ADDRESS},
    {SPAN(":1:2:3:4:5:6:7:8"), ERR_ADDRESS},
    {SPAN("1:2:3:4:5:6:7:"), ERR_ADDRESS},
    {SPAN("1:2:3:4:5:6:7:8:"), ERR_ADDRESS},
    {SPAN("1::2:"), ERR_ADDRESS},
    {SPAN(":1::2"), ERR_ADDRESS},
    {SPAN("1:2:3:4:5:6:7"), ERR_ADDRESS}, /* how many groups */
    {SPAN("1:2:3:4:5:6:7:8:9"), ERR_ADDRESS},
    {SPAN("1:2:3:4::5:6:7:8"), ERR_ADDRESS},
    {SPAN("1:2:3:4:5:6:7:8::"), ERR_ADDRESS},
    {SPAN("::1:2:3:4:5:6:7:8"), ERR_ADDRESS},
    {SPAN("1:2:3:4:5:6:7:8:9::"), ERR_ADDRESS},
    {SPAN("::1:2:3:4:5:6:7:8:9"), ERR_ADDRESS},
    {SPAN("1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18"), ERR_ADDRESS},
    {SPAN("1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18:19:20:21:22:23:24:25:26:27:28:29:30:31:32"
          ":33:34:35:36:37:38:39:40:41:42:43:44:45:46:47:48:49:50:51:52:53:54:55:56:57:58:59:60"),
     ERR_ADDRESS},
    {SPAN("::1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18:19:20:21:22:23:24:25:26:27:28:29:30:31:32"
          ":33:34:35:36:37:38:39:40:41:42:43:44:45:46:47:48:49:50:51:52:53:54:55:56:57:58:59:60"),
     ERR_ADDRESS},
    {SPAN("12345::"), ERR_ADDRESS}, /* groups */
    {SPAN("00001::"), ERR_ADDRESS},
    {SPAN("::00000"), ERR_ADDRESS},
    {SPAN("::g"), ERR_ADDRESS},
    {SPAN("::0x1"), ERR_ADDRESS},
    {SPAN("::-1"), ERR_ADDRESS},
    {SPAN("::+1"), ERR_ADDRESS},
    {SPAN(":: 1"), ERR_ADDRESS},
    {SPAN("::1 "), ERR_ADDRESS},
    {SPAN(" ::1"), ERR_ADDRESS},
    {SPAN("::1\0"), ERR_ADDRESS},
    {SPAN("[::1]"), ERR_ADDRESS},
    {SPAN("::1]"), ERR_ADDRESS},
    {SPAN("::1/128"), ERR_ADDRESS},
    {SPAN("1.2.3.4::"), ERR_ADDRESS}, /* IPv4 inside: whole, last, with room */
    {SPAN("::1.2.3.4:5"), ERR_ADDRESS},
    {SPAN("::1.2.3.4:"), ERR_ADDRESS},
    {SPAN("1.2.3.4:80"), ERR_ADDRESS},
    {SPAN("1.2.3.4::5.6.7.8"), ERR_ADDRESS},
    {SPAN("1:2:3:4:5:6:7:1.2.3.4"), ERR_ADDRESS},
    {SPAN("1:2:3:4:5:1.2.3.4"), ERR_ADDRESS},
    {SPAN("1:2:3:4:5:6:7:8:1.2.3.4"), ERR_ADDRESS},
    {SPAN("1:2:3:4:5:6::1.2.3.4"), ERR_ADDRESS},
    {SPAN("::1:2:3:4:5:6:7:1.2.3.4"), ERR_ADDRESS},
    {SPAN("::1:2:3:4:5:6:1.2.3.4"), ERR_ADDRESS},
    {SPAN("::1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22.23.24.25.26.27.28.29.30.31.32"
          ".33.34.35.36.37.38.39.40.41.42.43.44.45.46.47.48.49.50.51.52.53.54.55.56.57.58.59.60"),
     ERR_ADDRESS},
    {SPAN("::ffff:1.2.3"), ERR_ADDRESS},
    {SPAN("::ffff:1.2.3.256"), ERR_ADDRESS},
    {SPAN("::ffff:1.2.3.04"), ERR_ADDRESS},
    {SPAN("::ffff:1.2.3.4.5"), ERR_ADDRESS},
    {SPAN("::ffff:1.2.3.4."), ERR_ADDRESS},
    {SPAN("::ffff:."), ERR_ADDRESS},
    {SPAN("fe80::1%eth0"), ERR_SCOPE}, /* scopes */
    {SPAN("fe80::1%"), ERR_SCOPE},
    {SPAN("fe80::1%25"), ERR_SCOPE},
    {SPAN("%::"), ERR_SCOPE},
};

static void every_spelling_is_read_and_printed(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(addresses); i++) {
        uint8_t *copy = unit_copy(addresses[i].text);
        struct addr addr, want = addr_of(addresses[i].family, addresses[i].groups);
        char place[ADDR_TEXT_MAX];
        enum err err = addr_parse(span_of(copy, addresses[i].text.len), &addr);
        unit_holds(err == ERR_OK, "%s: %s", unit_show(addresses[i].text), err_name(err));
        unit_holds(addr.family == want.family, "%s", unit_show(addresses[i].text));
        unit_same(span_of(addr.bytes, 16), span_of(want.bytes, 16), "%s",
                  unit_show(addresses[i].text));
        unit_same(print(&addr, place), span_str(addresses[i].printed), "%s",
                  unit_show(addresses[i].text));
        unit_holds(addr_bits(&addr) == (want.family == ADDR_IPV4 ? 32 : 128), "%s",
                   unit_show(addresses[i].text));
        free(copy);
    }
}

static void everything_else_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(refused); i++) {
        uint8_t *copy = unit_copy(refused[i].text);
        struct addr addr, before;
        memset(&addr, 0x77, sizeof addr);
        memcpy(&before, &addr, sizeof before);
        enum err err = addr_parse(span_of(copy, refused[i].text.len), &addr);
        unit_holds(err == refused[i].err, "%s: %s", unit_show(refused[i].text), err_name(err));
        unit_holds(memcmp(&addr, &before, sizeof addr) == 0, "%s", unit_show(refused[i].text));
        free(copy);
    }
}

/* Each text cut at each place: what then still is an address prints and parses to itself. */
static void every_prefix_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(addresses); i++) {
        for (size_t len = 0; len <= addresses[i].text.len; len++) {
            uint8_t *copy = unit_copy(span_first(addresses[i].text, len));
            struct addr addr, again;
            char place[ADDR_TEXT_MAX];
            if (addr_parse(span_of(copy, len), &addr) == ERR_OK) {
                assert_int_equal(addr_parse(print(&addr, place), &again), ERR_OK);
                unit_holds(addr_equal(&addr, &again), "%s", unit_show(span_of(copy, len)));
            }
            free(copy);
        }
    }
}

static bool all_zero(const uint16_t *groups, size_t start, size_t len)
{
    for (size_t i = start; i < start + len; i++) {
        if (groups[i] != 0) {
            return false;
        }
    }
    return true;
}

static size_t put_groups(char *want, size_t size, size_t used, const uint16_t *groups, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        used += (size_t)snprintf(want + used, size - used, "%s%x", i > 0 ? ":" : "", groups[i]);
    }
    return used;
}

/* RFC 5952, slowly: try each length from 8 down to 2 and each start from the left. */
static void print_slowly(const uint16_t groups[GROUPS], char *want, size_t size)
{
    for (size_t len = GROUPS; len >= 2; len--) {
        for (size_t start = 0; start + len <= GROUPS; start++) {
            if (all_zero(groups, start, len)) {
                size_t used = put_groups(want, size, 0, groups, start);
                used += (size_t)snprintf(want + used, size - used, "::");
                (void)put_groups(want, size, used, groups + start + len, GROUPS - start - len);
                return;
            }
        }
    }
    (void)put_groups(want, size, 0, groups, GROUPS);
}

static void every_pattern_of_zeros(void **state)
{
    (void)state;
    static const uint16_t values[] = {0x1, 0xA, 0x10, 0xABC, 0x1000, 0xFFFF};
    for (unsigned pattern = 0; pattern < 256; pattern++) {
        for (size_t i = 0; i < unit_count(values); i++) {
            uint16_t groups[GROUPS];
            for (unsigned k = 0; k < GROUPS; k++) {
                groups[k] = (pattern >> k & 1) ? values[i] : 0;
            }
            char place[ADDR_TEXT_MAX], want[64];
            struct addr again, addr = addr_of(ADDR_IPV6, groups);
            struct span got = print(&addr, place);
            print_slowly(groups, want, sizeof want);
            if (all_zero(groups, 0, 5) && groups[5] == 0xFFFF) { /* mapped: the one exception */
                (void)snprintf(want, sizeof want, "::ffff:%d.%d.%d.%d", groups[6] >> 8,
                               groups[6] & 255, groups[7] >> 8, groups[7] & 255);
            }
            unit_same(got, span_str(want), "pattern %02x of %x", pattern, values[i]);
            assert_int_equal(addr_parse(got, &again), ERR_OK);
            unit_holds(addr_equal(&addr, &again), "%s", want);
        }
    }
}

/* Each byte of an address through all its values, the others at rest; IPv6 too. */
static void every_byte_there_and_back(void **state)
{
    (void)state;
    for (unsigned i = 0; i < (4 + 16) * 256; i++) {
        size_t byte = i / 256 < 4 ? i / 256 : i / 256 - 4;
        struct addr again, addr = {i / 256 < 4 ? ADDR_IPV4 : ADDR_IPV6, {0}};
        char place[ADDR_TEXT_MAX];
        addr.bytes[byte] = (uint8_t)i;
        struct span text = print(&addr, place);
        assert_int_equal(addr_parse(text, &again), ERR_OK);
        unit_holds(addr_equal(&addr, &again), "%s", unit_show(text));
    }
}

/* print() above gives each address ADDR_TEXT_MAX, all patterns of zeros among them; the longest
 * need all of it. */
static void the_longest_just_fits(void **state)
{
    (void)state;
    struct addr addr = {ADDR_IPV6, {0}};
    char place[ADDR_TEXT_MAX];
    struct out out;
    memset(addr.bytes, 0xFF, sizeof addr.bytes);
    unit_holds(print(&addr, place).len == 39, "IPv6");
    out_begin(&out, place, sizeof place - 1);
    addr_print(&addr, &out);
    unit_holds(out_end(&out) == ERR_LONG, "IPv6 in one byte less");
    addr.family = ADDR_IPV4;
    unit_holds(print(&addr, place).len == 15, "IPv4");
}

static void equal_is_family_and_bytes(void **state)
{
    (void)state;
    struct addr a = {ADDR_IPV4, {0}}, b = {ADDR_IPV6, {0}};
    assert_false(addr_equal(&a, &b));
    b.family = ADDR_IPV4;
    assert_true(addr_equal(&a, &b));
    for (size_t i = 0; i < 16; i++) {
        b.bytes[i] = 1;
        unit_holds(!addr_equal(&a, &b), "byte %zu", i);
        b.bytes[i] = 0;
    }
}

static void mapped_addresses_are_unmapped(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"::ffff:10.0.0.1", "10.0.0.1"},
        {"::ffff:0:0", "0.0.0.0"},
        {"::ffff:ffff:ffff", "255.255.255.255"},
        {"10.0.0.1", "10.0.0.1"},
        {"::10.0.0.1", "::a00:1"},
        {"::fffe:10.0.0.1", "::fffe:a00:1"},
        {"::feff:10.0.0.1", "::feff:a00:1"},
        {"::ffff:0:10.0.0.1", "::ffff:0:a00:1"},
        {"0:0:0:0:1:ffff:10.0.0.1", "::1:ffff:a00:1"},
        {"100::ffff:10.0.0.1", "100::ffff:a00:1"},
        {"64:ff9b::10.0.0.1", "64:ff9b::a00:1"},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct addr addr, want;
        assert_int_equal(addr_parse(span_str(rows[i].text), &addr), ERR_OK);
        assert_int_equal(addr_parse(span_str(rows[i].want), &want), ERR_OK);
        struct addr got = addr_unmap(&addr);
        unit_holds(addr_equal(&got, &want), "%s", rows[i].text);
    }
}

static void print_none(void *arg)
{
    struct addr none = {ADDR_NONE, {0}};
    addr_print(&none, arg);
}

static void count_none(void *arg)
{
    struct addr none = {ADDR_NONE, {0}};
    ((struct out *)arg)->size = addr_bits(&none);
}

static void no_address_trips_a_check(void **state)
{
    (void)state;
    static void (*const bodies[])(void *) = {print_none, count_none};
    for (size_t i = 0; i < unit_count(bodies); i++) {
        char place[ADDR_TEXT_MAX];
        struct out out;
        out_begin(&out, place, sizeof place);
        const char *sentence = unit_expect_check(bodies[i], &out);
        unit_holds(strstr(sentence, "addr.c:"), "%zu: %s", i, sentence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_spelling_is_read_and_printed),
        cmocka_unit_test(everything_else_is_refused),
        cmocka_unit_test(every_prefix_is_judged),
        cmocka_unit_test(every_pattern_of_zeros),
        cmocka_unit_test(every_byte_there_and_back),
        cmocka_unit_test(the_longest_just_fits),
        cmocka_unit_test(equal_is_family_and_bytes),
        cmocka_unit_test(mapped_addresses_are_unmapped),
        cmocka_unit_test(no_address_trips_a_check),
    };
    return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}
