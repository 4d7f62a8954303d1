/*
 * Proves networks: every prefix of both families over several patterns of bits, with host bits and
 * without; what a network contains, at its borders and bit by bit; what is no network.
 */
#include "base/addr.h"
#include "unit/unit.h"

enum { CIDR_TEXT_MAX = ADDR_TEXT_MAX + 4 };

static const uint8_t patterns[] = {0x00, 0x55, 0xAA, 0xFF, 0x80, 0x01};

static struct addr filled(enum addr_family family, uint8_t byte)
{
    struct addr addr = {family, {0}};
    memset(addr.bytes, byte, addr_bits(&addr) / 8);
    return addr;
}

static bool bit(const struct addr *addr, unsigned i)
{
    return addr->bytes[i / 8] / (128U >> i % 8) % 2 == 1;
}

static void flip(struct addr *addr, unsigned i)
{
    addr->bytes[i / 8] = (uint8_t)(addr->bytes[i / 8] ^ 128U >> i % 8);
}

/* The address with all bits behind the prefix set as wanted. */
static struct addr ended(const struct addr *addr, unsigned prefix, bool value)
{
    struct addr end = *addr;
    for (unsigned i = prefix; i < addr_bits(addr); i++) {
        if (bit(&end, i) != value) {
            flip(&end, i);
        }
    }
    return end;
}

/* The address after (or before) this one; false where there is none. */
static bool step(struct addr *addr, bool up)
{
    for (unsigned i = addr_bits(addr); i > 0; i--) {
        flip(addr, i - 1);
        if (bit(addr, i - 1) == up) {
            return true;
        }
    }
    return false;
}

static struct span text_of(const struct addr *addr, unsigned prefix, char place[CIDR_TEXT_MAX])
{
    struct out out;
    out_begin(&out, place, CIDR_TEXT_MAX);
    addr_print(addr, &out);
    out_char(&out, '/');
    out_u64(&out, prefix);
    assert_int_equal(out_end(&out), ERR_OK);
    return out_span(&out);
}

static void judge_borders(const struct cidr *cidr, struct span text)
{
    struct addr first = ended(&cidr->net, cidr->prefix, false);
    struct addr last = ended(&cidr->net, cidr->prefix, true);
    unit_holds(cidr_contains(cidr, &first), "%s", unit_show(text));
    unit_holds(cidr_contains(cidr, &last), "%s", unit_show(text));
    unit_holds(!step(&first, false) || !cidr_contains(cidr, &first), "%s", unit_show(text));
    unit_holds(!step(&last, true) || !cidr_contains(cidr, &last), "%s", unit_show(text));
    for (unsigned i = 0; i < addr_bits(&cidr->net); i++) {
        struct addr other = cidr->net;
        flip(&other, i);
        unit_holds(cidr_contains(cidr, &other) == (i >= cidr->prefix), "%s, bit %u",
                   unit_show(text), i);
    }
}

static void judge_prefix(const struct addr *addr, unsigned prefix)
{
    char place[CIDR_TEXT_MAX], printed[CIDR_TEXT_MAX];
    struct cidr cidr;
    struct addr net = ended(addr, prefix, false);
    struct span text = text_of(addr, prefix, place);
    enum err err = cidr_parse(text, &cidr);
    unit_holds(err == (addr_equal(&net, addr) ? ERR_OK : ERR_HOST_BITS), "%s: %s", unit_show(text),
               err_name(err));
    unit_holds(cidr.prefix == prefix && addr_equal(&cidr.net, &net), "%s", unit_show(text));
    judge_borders(&cidr, text);

    struct out out;
    struct cidr again;
    out_begin(&out, printed, sizeof printed);
    cidr_print(&cidr, &out);
    unit_holds(out_end(&out) == ERR_OK, "%s", unit_show(text));
    struct span want = text_of(&net, prefix, place);
    if (prefix == addr_bits(addr)) { /* a network of one prints as the one */
        want = span_first(want, span_find(want, '/'));
    }
    unit_same(out_span(&out), want, "prefix %u", prefix);
    unit_holds(cidr_parse(out_span(&out), &again) == ERR_OK, "%s", unit_show(out_span(&out)));
    unit_holds(again.prefix == prefix && addr_equal(&again.net, &net), "%s",
               unit_show(out_span(&out)));
}

static void every_prefix_of_both_families(void **state)
{
    (void)state;
    static const enum addr_family families[] = {ADDR_IPV4, ADDR_IPV6};
    for (size_t k = 0; k < unit_count(families); k++) {
        for (size_t i = 0; i < unit_count(patterns); i++) {
            struct addr addr = filled(families[k], patterns[i]);
            for (unsigned prefix = 0; prefix <= addr_bits(&addr); prefix++) {
                judge_prefix(&addr, prefix);
            }
        }
    }
}

static const struct {
    struct span text;
    enum err err;
    const char *net;
    uint8_t prefix;
} networks[] = {
    {SPAN("10.0.0.0/8"), ERR_OK, "10.0.0.0", 8},
    {SPAN("0.0.0.0/0"), ERR_OK, "0.0.0.0", 0},
    {SPAN("::/0"), ERR_OK, "::", 0},
    {SPAN("2001:DB8::/32"), ERR_OK, "2001:db8::", 32},
    {SPAN("192.0.2.1"), ERR_OK, "192.0.2.1", 32},
    {SPAN("192.0.2.1/32"), ERR_OK, "192.0.2.1", 32},
    {SPAN("::1"), ERR_OK, "::1", 128},
    {SPAN("::1/128"), ERR_OK, "::1", 128},
    {SPAN("::ffff:10.0.0.0/104"), ERR_OK, "::ffff:10.0.0.0", 104},
    {SPAN("10.0.0.1/8"), ERR_HOST_BITS, "10.0.0.0", 8},
    {SPAN("10.0.0.1/31"), ERR_HOST_BITS, "10.0.0.0", 31},
    {SPAN("255.255.255.255/0"), ERR_HOST_BITS, "0.0.0.0", 0},
    {SPAN("::1/127"), ERR_HOST_BITS, "::", 127},
    {SPAN("2001:db8::1/32"), ERR_HOST_BITS, "2001:db8::", 32},
    {SPAN(""), ERR_ADDRESS, NULL, 0},
    {SPAN("/"), ERR_ADDRESS, NULL, 0},
    {SPAN("/8"), ERR_ADDRESS, NULL, 0},
    {SPAN("*"), ERR_ADDRESS, NULL, 0},
    {SPAN("10/8"), ERR_ADDRESS, NULL, 0},
    {SPAN("10.0/8"), ERR_ADDRESS, NULL, 0},
    {SPAN("010.0.0.0/8"), ERR_ADDRESS, NULL, 0},
    {SPAN("[::]/0"), ERR_ADDRESS, NULL, 0},
    {SPAN("10.0.0.0 /8"), ERR_ADDRESS, NULL, 0},
    {SPAN("fe80::%1/64"), ERR_SCOPE, NULL, 0},
    {SPAN("10.0.0.0/"), ERR_PREFIX, NULL, 0},
    {SPAN("10.0.0.0/33"), ERR_PREFIX, NULL, 0},
    {SPAN("10.0.0.0/128"), ERR_PREFIX, NULL, 0},
    {SPAN("10.0.0.0/264"), ERR_PREFIX, NULL, 0},
    {SPAN("10.0.0.0/4294967304"), ERR_PREFIX, NULL, 0},
    {SPAN("10.0.0.0/18446744073709551624"), ERR_PREFIX, NULL, 0},
    {SPAN("10.0.0.0/08"), ERR_PREFIX, NULL, 0},
    {SPAN("10.0.0.0/00"), ERR_PREFIX, NULL, 0},
    {SPAN("10.0.0.0/+8"), ERR_PREFIX, NULL, 0},
    {SPAN("10.0.0.0/-8"), ERR_PREFIX, NULL, 0},
    {SPAN("10.0.0.0/ 8"), ERR_PREFIX, NULL, 0},
    {SPAN("10.0.0.0/8 "), ERR_PREFIX, NULL, 0},
    {SPAN("10.0.0.0/8\0"), ERR_PREFIX, NULL, 0},
    {SPAN("10.0.0.0/8/8"), ERR_PREFIX, NULL, 0},
    {SPAN("10.0.0.0//8"), ERR_PREFIX, NULL, 0},
    {SPAN("10.0.0.0/255.0.0.0"), ERR_PREFIX, NULL, 0},
    {SPAN("10.0.0.0/0x8"), ERR_PREFIX, NULL, 0},
    {SPAN("::/129"), ERR_PREFIX, NULL, 0},
    {SPAN("::/256"), ERR_PREFIX, NULL, 0},
    {SPAN("::/"), ERR_PREFIX, NULL, 0},
};

static void every_spelling_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(networks); i++) {
        uint8_t *copy = unit_copy(networks[i].text);
        struct cidr cidr, before;
        memset(&cidr, 0x77, sizeof cidr);
        memcpy(&before, &cidr, sizeof before);
        enum err err = cidr_parse(span_of(copy, networks[i].text.len), &cidr);
        unit_holds(err == networks[i].err, "%s: %s", unit_show(networks[i].text), err_name(err));
        if (networks[i].net) {
            struct addr net;
            assert_int_equal(addr_parse(span_str(networks[i].net), &net), ERR_OK);
            unit_holds(addr_equal(&net, &cidr.net) && cidr.prefix == networks[i].prefix, "%s",
                       unit_show(networks[i].text));
        } else {
            unit_holds(memcmp(&cidr, &before, sizeof cidr) == 0, "%s", unit_show(networks[i].text));
        }
        free(copy);
    }
}

static void families_are_never_mixed(void **state)
{
    (void)state;
    static const struct {
        const char *cidr, *addr;
        bool contains, unmapped;
    } rows[] = {
        {"10.0.0.0/8", "10.255.255.255", true, true},
        {"10.0.0.0/8", "11.0.0.0", false, false},
        {"10.0.0.0/8", "::ffff:10.0.0.1", false, true},
        {"10.0.0.0/8", "::10.0.0.1", false, false},
        {"10.0.0.0/8", "a00::", false, false},
        {"0.0.0.0/0", "::", false, false},
        {"0.0.0.0/0", "::ffff:1.2.3.4", false, true},
        {"::/0", "0.0.0.0", false, false},
        {"::/0", "::ffff:1.2.3.4", true, false},
        {"::ffff:0.0.0.0/96", "1.2.3.4", false, false},
        {"::ffff:0.0.0.0/96", "::ffff:1.2.3.4", true, false},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct cidr cidr;
        struct addr addr;
        assert_int_equal(cidr_parse(span_str(rows[i].cidr), &cidr), ERR_OK);
        assert_int_equal(addr_parse(span_str(rows[i].addr), &addr), ERR_OK);
        unit_holds(cidr_contains(&cidr, &addr) == rows[i].contains, "%s %s", rows[i].cidr,
                   rows[i].addr);
        addr = addr_unmap(&addr);
        unit_holds(cidr_contains(&cidr, &addr) == rows[i].unmapped, "%s %s", rows[i].cidr,
                   rows[i].addr);
    }
}

static void ask_a_long_prefix(void *arg)
{
    struct cidr *cidr = arg;
    struct addr addr = cidr->net;
    cidr->prefix = cidr_contains(cidr, &addr);
}

static void a_prefix_longer_than_its_family_trips_a_check(void **state)
{
    (void)state;
    struct cidr rows[] = {{{ADDR_IPV4, {0}}, 33}, {{ADDR_IPV6, {0}}, 129}, {{ADDR_NONE, {0}}, 0}};
    for (size_t i = 0; i < unit_count(rows); i++) {
        const char *sentence = unit_expect_check(ask_a_long_prefix, &rows[i]);
        unit_holds(strstr(sentence, "addr.c:"), "%zu: %s", i, sentence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_prefix_of_both_families),
        cmocka_unit_test(every_spelling_is_judged),
        cmocka_unit_test(families_are_never_mixed),
        cmocka_unit_test(a_prefix_longer_than_its_family_trips_a_check),
    };
    return cmocka_run_group_tests_name("cidr", tests, NULL, NULL);
}
