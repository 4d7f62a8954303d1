/*
 * Proves the table of special addresses: each row says in text what it says in bytes, is found at
 * both of its ends, and ends there; and what each IPv6 form carries inside.
 */
#include "policy/address.h"

#include "unit/unit.h"

static struct addr addr_of(const char *text)
{
    struct addr addr;
    unit_holds(addr_parse(span_str(text), &addr) == ERR_OK, "%s", text);
    return addr;
}

#define BYTES(...)                                                                                 \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
static const struct address_range rows[] = {
#define RANGE(kind, family, prefix, bytes, text, what)                                             \
    {ADDRESS_##kind, {{family, bytes}, prefix}, text, what},
#define FORM(at, length, bytes, a, b, c, d, flip)
#include "policy/ranges.def"
#undef RANGE
#undef FORM
};

static bool same_row(const struct address_range *found, size_t row)
{
    return found && strcmp(found->text, rows[row].text) == 0 && found->kind == rows[row].kind &&
           strcmp(found->what, rows[row].what) == 0;
}

/* Whether a row before this one has the address, and is meant to. */
static bool earlier(const struct addr *addr, size_t row)
{
    for (size_t i = 0; i < row; i++) {
        if (cidr_contains(&rows[i].net, addr)) {
            return true;
        }
    }
    return false;
}

static void a_row_is_what_its_text_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct cidr cidr;
        unit_holds(cidr_parse(span_str(rows[i].text), &cidr) == ERR_OK, "%s", rows[i].text);
        unit_holds(addr_equal(&cidr.net, &rows[i].net.net) && cidr.prefix == rows[i].net.prefix,
                   "%s", rows[i].text);
        unit_holds(strlen(rows[i].what) > 3, "%s", rows[i].text);
        for (size_t k = 0; k < i; k++) {
            unit_holds(strcmp(rows[i].text, rows[k].text) != 0, "%s", rows[i].text);
        }
    }
}

static void a_row_is_found_at_both_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct addr first = rows[i].net.net, last = first;
        for (unsigned bit = rows[i].net.prefix; bit < addr_bits(&last); bit++) {
            last.bytes[bit / 8] |= (uint8_t)(0x80U >> bit % 8);
        }
        unit_holds(earlier(&first, i) || same_row(address_find_range(&first), i), "%s",
                   rows[i].text);
        unit_holds(earlier(&last, i) || same_row(address_find_range(&last), i), "%s", rows[i].text);
        unit_holds(!earlier(&last, i) || strcmp(rows[i].what, "reserved") == 0, "%s is hidden",
                   rows[i].text);
    }
}

static const struct {
    const char *addr, *text; /* NULL: public */
} places[] = {
    {"0.0.0.0", "0.0.0.0/8"},
    {"0.255.255.255", "0.0.0.0/8"},
    {"1.0.0.0", NULL},
    {"8.8.8.8", NULL},
    {"9.255.255.255", NULL},
    {"10.255.255.255", "10.0.0.0/8"},
    {"11.0.0.0", NULL},
    {"100.63.255.255", NULL},
    {"100.127.255.255", "100.64.0.0/10"},
    {"100.128.0.0", NULL},
    {"126.255.255.255", NULL},
    {"128.0.0.0", NULL},
    {"168.63.129.15", NULL},
    {"168.63.129.16", "168.63.129.16"},
    {"168.63.129.17", NULL},
    {"169.254.169.254", "169.254.0.0/16"},
    {"172.15.255.255", NULL},
    {"172.31.255.255", "172.16.0.0/12"},
    {"172.32.0.0", NULL},
    {"192.0.1.0", NULL},
    {"192.0.3.0", NULL},
    {"192.167.255.255", NULL},
    {"192.169.0.0", NULL},
    {"198.17.255.255", NULL},
    {"198.19.255.255", "198.18.0.0/15"},
    {"198.20.0.0", NULL},
    {"223.255.255.255", NULL},
    {"239.255.255.255", "224.0.0.0/4"},
    {"255.255.255.254", "240.0.0.0/4"},
    {"255.255.255.255", "255.255.255.255"},
    {"::", "::"},
    {"::1", "::1"},
    {"::2", "::/96"},
    {"::ffff:8.8.8.8", "::ffff:0.0.0.0/96"},
    {"::1:0:0", "::/3"},
    {"64:ff9b::808:808", "64:ff9b::/96"},
    {"64:ff9b::1:0:0", "::/3"},
    {"64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "64:ff9b:1::/48"},
    {"64:ff9b:2::", "::/3"},
    {"100::1", "100::/64"},
    {"1fff:ffff::", "::/3"},
    {"2000::", NULL},
    {"2001::1", NULL},
    {"2001:db7:ffff::", NULL},
    {"2001:db9::", NULL},
    {"2002:a00:1::", NULL},
    {"2606:4700::1111", NULL},
    {"3ffe:ffff::", NULL},
    {"4000::", "4000::/2"},
    {"5f00::1", "5f00::/16"},
    {"fbff::", "8000::/1"},
    {"fd12:3456::1", "fc00::/7"},
    {"fe00::", "8000::/1"},
    {"febf::1", "fe80::/10"},
    {"fec0::1", "fec0::/10"},
    {"ff02::1", "ff00::/8"},
};

static void addresses_are_found_in_their_range(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(places); i++) {
        struct addr addr = addr_of(places[i].addr);
        const struct address_range *range = address_find_range(&addr);
        unit_holds(!range == !places[i].text, "%s", places[i].addr);
        unit_holds(!range || strcmp(range->text, places[i].text) == 0, "%s: %s", places[i].addr,
                   range->text);
    }
}

static const struct {
    const char *addr;
    const char *inside[5];
} faces[] = {
    {"168.63.129.16", {NULL}},
    {"2606:4700::1111", {NULL}},
    {"::168.63.129.16", {"168.63.129.16"}},
    {"::ffff:168.63.129.16", {"168.63.129.16"}},
    {"::ffff:0:168.63.129.16", {"168.63.129.16"}},
    {"64:ff9b::168.63.129.16", {"168.63.129.16"}},
    {"64:ff9b::1:168.63.129.16", {NULL}},
    {"64:ff9b:1::168.63.129.16", {"168.63.129.16", "0.0.0.168", "0.0.0.0", "0.0.0.0"}},
    {"64:ff9b:1:a83f:81:1000::", {"0.0.0.0", "129.16.0.0", "63.129.16.0", "168.63.129.16"}},
    {"64:ff9b:1:a8:3f:8110::", {"0.0.0.0", "63.129.16.0", "168.63.129.16", "0.168.63.129"}},
    {"64:ff9b:1:0:a8:3f81:1000:0", {"16.0.0.0", "168.63.129.16", "0.168.63.129", "0.0.168.63"}},
    {"2002:a83f:8110::", {"168.63.129.16"}},
    {"2002:a83f:8110:ffff::1", {"168.63.129.16"}},
    {"2003:a83f:8110::", {NULL}},
    {"2001:0:a83f:8110::", {"168.63.129.16", "255.255.255.255"}},
    {"2001:0:101:101:0:0:57c0:7eef", {"1.1.1.1", "168.63.129.16"}},
    {"2001:1:a83f:8110::", {NULL}},
    {"2606::5efe:168.63.129.16", {"168.63.129.16"}},
    {"2606::200:5efe:168.63.129.16", {"168.63.129.16"}},
    {"2606::100:5efe:168.63.129.16", {NULL}},
    {"64:ff9b:1::5efe:1.2.3.4", {"1.2.3.4", "0.94.254.1", "0.0.94.254", "0.0.0.94", "1.2.3.4"}},
};

static void what_is_inside_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(faces); i++) {
        struct addr found[ADDRESS_FACES_MAX], addr = addr_of(faces[i].addr);
        size_t count = address_faces(&addr, found), want = 1;
        unit_holds(addr_equal(&found[0], &addr), "%s", faces[i].addr);
        for (; want < 6 && faces[i].inside[want - 1]; want++) {
            struct addr inner = addr_of(faces[i].inside[want - 1]);
            unit_holds(want < count && addr_equal(&found[want], &inner), "%s: %s of %zu",
                       faces[i].addr, faces[i].inside[want - 1], count);
        }
        unit_holds(count == want, "%s: %zu of %zu", faces[i].addr, count, want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_what_its_text_says),
        cmocka_unit_test(a_row_is_found_at_both_ends),
        cmocka_unit_test(addresses_are_found_in_their_range),
        cmocka_unit_test(what_is_inside_is_found),
    };
    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
