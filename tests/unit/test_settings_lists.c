/*
 * Proves lists of ports and of networks: one canonical form whatever order, blanks and repetitions
 * somebody wrote, the same addresses in it as in what was written, and how many entries fit.
 */
#include "settings/settings.h"
#include "unit/unit.h"

static struct settings settings;

static enum err parse(enum setting setting, struct span value)
{
    char place[SETTINGS_WHY_MAX];
    struct out why;
    static struct settings before;
    memcpy(&before, &settings, sizeof settings);
    out_begin(&why, place, sizeof place);
    uint8_t *copy = unit_copy(value);
    enum err err = settings_parse(setting, span_of(copy, value.len), &settings, &why);
    free(copy);
    assert_int_equal(out_end(&why), ERR_OK);
    unit_holds((err == ERR_OK) == (why.len == 0), "%s", place);
    unit_holds(err == ERR_OK || memcmp(&settings, &before, sizeof settings) == 0, "%s", place);
    return err;
}

static struct span print(enum setting setting, char place[SETTINGS_VALUE_MAX])
{
    struct out out;
    out_begin(&out, place, SETTINGS_VALUE_MAX);
    settings_print(&settings, setting, &out);
    assert_int_equal(out_end(&out), ERR_OK);
    return out_span(&out);
}

static void expect_itself(enum setting setting, struct span canonical)
{
    char again[SETTINGS_VALUE_MAX];
    assert_int_equal(parse(setting, canonical), ERR_OK);
    unit_same(print(setting, again), canonical, "%s", settings_row(setting)->name);
}

static const struct {
    enum setting setting;
    const char *text, *canonical;
} good[] = {
    {SETTING_AllowedPorts, "443", "443"},
    {SETTING_AllowedPorts, "1,65535", "1,65535"},
    {SETTING_AllowedPorts, "8443,443", "443,8443"},
    {SETTING_AllowedPorts, " 8443 ,  443 ", "443,8443"},
    {SETTING_AllowedPorts, "443,443,443", "443"},
    {SETTING_AllowedPorts, "2,1,3,2,1,3", "1,2,3"},
    {SETTING_AllowedClients, "*", "*"},
    {SETTING_AllowedClients, "10.0.0.0/8", "10.0.0.0/8"},
    {SETTING_AllowedClients, "10.1.2.3", "10.1.2.3"},
    {SETTING_AllowedClients, "10.1.2.3/32", "10.1.2.3"},
    {SETTING_AllowedClients, "2001:DB8::/32 , 10.0.0.0/8", "10.0.0.0/8,2001:db8::/32"},
    {SETTING_AllowedClients, "192.168.0.0/16,10.0.0.0/8", "10.0.0.0/8,192.168.0.0/16"},
    {SETTING_AllowedClients, "10.0.0.0/8,10.0.0.0/8", "10.0.0.0/8"},
    {SETTING_AllowedClients, "10.0.0.0/8,10.1.0.0/16", "10.0.0.0/8"},
    {SETTING_AllowedClients, "10.1.0.0/16,10.0.0.0/8", "10.0.0.0/8"},
    {SETTING_AllowedClients, "10.0.0.0,10.0.0.0/16,10.0.0.0/8", "10.0.0.0/8"},
    {SETTING_AllowedClients, "10.0.0.0/8,10.0.0.0/16,10.0.0.0", "10.0.0.0/8"},
    {SETTING_AllowedClients, "10.1.0.0/16,10.2.0.0/16,10.0.0.0/8,9.0.0.0/8",
     "9.0.0.0/8,10.0.0.0/8"},
    {SETTING_AllowedClients, "10.0.0.0/9,10.128.0.0/9", "10.0.0.0/9,10.128.0.0/9"}, /* no sums */
    {SETTING_AllowedClients, "0.0.0.0/0", "0.0.0.0/0"},
    {SETTING_AllowedClients, "::/0", "::/0"},
    {SETTING_AllowedClients, "0.0.0.0/0,::/0", "*"},
    {SETTING_AllowedClients, "::/0,10.0.0.0/8,0.0.0.0/0", "*"},
    {SETTING_AllowedClients, "::/1,0.0.0.0/0", "0.0.0.0/0,::/1"},
    {SETTING_AllowedClients, "::,0.0.0.0", "0.0.0.0,::"},
    {SETTING_AllowedClients, "::ffff:10.0.0.0/104", "10.0.0.0/8"}, /* as clients are compared */
    {SETTING_AllowedClients, "::ffff:10.1.2.3,10.0.0.0/16", "10.0.0.0/16,10.1.2.3"},
    {SETTING_AllowedClients, "::ffff:0:0/96", "0.0.0.0/0"},
    {SETTING_AllowedClients, "::fffe:0:0/95,10.0.0.0/8", "10.0.0.0/8,::fffe:0:0/95"},
    {SETTING_AllowedNetworks, "none", "none"},
    {SETTING_AllowedNetworks, "NONE", "none"},
    {SETTING_AllowedNetworks, "10.20.0.0/16", "10.20.0.0/16"},
    {SETTING_AllowedNetworks, "0.0.0.0/0,::/0", "0.0.0.0/0,::/0"}, /* its word is another */
};

static void lists_that_are_fine(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(good); i++) {
        char place[SETTINGS_VALUE_MAX];
        enum err err = parse(good[i].setting, span_str(good[i].text));
        unit_holds(err == ERR_OK, "%s: %s", good[i].text, err_name(err));
        unit_same(print(good[i].setting, place), span_str(good[i].canonical), "%s", good[i].text);
        expect_itself(good[i].setting, span_str(good[i].canonical));
    }
}

static const struct {
    enum setting setting;
    const char *text;
    enum err err;
} bad[] = {
    {SETTING_AllowedPorts, ",", ERR_EMPTY},
    {SETTING_AllowedPorts, " ", ERR_EMPTY},
    {SETTING_AllowedPorts, "443,", ERR_EMPTY},
    {SETTING_AllowedPorts, ",443", ERR_EMPTY},
    {SETTING_AllowedPorts, "443, ,444", ERR_EMPTY},
    {SETTING_AllowedPorts, "443 444", ERR_PORT},
    {SETTING_AllowedPorts, "443;444", ERR_PORT},
    {SETTING_AllowedPorts, "443-445", ERR_PORT},
    {SETTING_AllowedPorts, "0", ERR_PORT},
    {SETTING_AllowedPorts, "65536", ERR_PORT},
    {SETTING_AllowedPorts, "443,0443", ERR_PORT},
    {SETTING_AllowedPorts, "*", ERR_PORT},
    {SETTING_AllowedPorts, "none", ERR_PORT},
    {SETTING_AllowedClients, "none", ERR_ADDRESS},
    {SETTING_AllowedClients, "*,10.0.0.0/8", ERR_ADDRESS},
    {SETTING_AllowedClients, "10.0.0.0/8,", ERR_EMPTY},
    {SETTING_AllowedClients, "10.0.0.1/8", ERR_HOST_BITS},
    {SETTING_AllowedClients, "10.0.0.0/33", ERR_PREFIX},
    {SETTING_AllowedClients, "10.0.0.0/", ERR_PREFIX},
    {SETTING_AllowedClients, "10.0.0.0 /8", ERR_ADDRESS},
    {SETTING_AllowedClients, "10.0.0.0/8 10.0.0.0/8", ERR_PREFIX},
    {SETTING_AllowedClients, "10.0.0.0/255.0.0.0", ERR_PREFIX},
    {SETTING_AllowedClients, "fe80::1%1", ERR_SCOPE},
    {SETTING_AllowedClients, "agents.example.com", ERR_ADDRESS},
    {SETTING_AllowedNetworks, "*", ERR_ADDRESS},
    {SETTING_AllowedNetworks, "none,10.0.0.0/8", ERR_ADDRESS},
};

static void lists_that_are_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(bad); i++) {
        enum err err = parse(bad[i].setting, span_str(bad[i].text));
        unit_holds(err == bad[i].err, "%s: %s", bad[i].text, err_name(err));
    }
}

/* Networks that lie in and beside each other, and addresses at their edges. */
static const char *const nets[] = {"0.0.0.0/0",   "10.0.0.0/8",   "10.0.0.0/16", "10.1.0.0/16",
                                   "10.1.2.3",    "11.0.0.0/8",   "::/0",        "2001:db8::/32",
                                   "2001:db8::1", "2001:db9::/32"};
static const char *const probes[] = {
    "0.0.0.0",     "9.255.255.255",  "10.0.0.0",   "10.1.0.0",  "10.1.2.3",
    "10.1.2.4",    "10.255.255.255", "11.0.0.0",   "12.0.0.0",  "::",
    "2001:db8::1", "2001:db8::2",    "2001:db9::", "2001:dba::"};

static void judge_list(const struct settings_networks *list, const char *text)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const struct cidr *a = &list->at[i];
        for (uint32_t k = 0; k < i; k++) {
            const struct cidr *b = &list->at[k];
            unit_holds(!cidr_contains(a, &b->net) && !cidr_contains(b, &a->net), "%s", text);
            unit_holds(
                b->net.family < a->net.family ||
                    (b->net.family == a->net.family && memcmp(b->net.bytes, a->net.bytes, 16) < 0),
                "%s", text);
        }
    }
}

static bool is_in(const struct settings_networks *list, const struct addr *addr)
{
    bool in = false;
    for (uint32_t i = 0; i < list->count; i++) {
        in = in || cidr_contains(&list->at[i], addr);
    }
    return in;
}

/* Every list of up to four of these networks, in every order: what is in it decides, nothing else.
 */
static void every_small_list_of_networks(void **state)
{
    (void)state;
    struct unit_words words = {.letters = unit_count(nets), .max = 4};
    while (unit_words_next(&words)) {
        char text[128] = "", place[SETTINGS_VALUE_MAX];
        if (words.len == 0) {
            continue;
        }
        for (size_t i = 0, used = 0; i < words.len; i++) {
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i > 0 ? "," : "",
                                     nets[words.index[i]]);
        }
        assert_int_equal(parse(SETTING_AllowedNetworks, span_str(text)), ERR_OK);
        judge_list(&settings.allowed_networks, text);
        for (size_t k = 0; k < unit_count(probes); k++) {
            struct addr addr;
            bool want = false;
            assert_int_equal(addr_parse(span_str(probes[k]), &addr), ERR_OK);
            for (size_t i = 0; i < words.len; i++) {
                struct cidr cidr;
                assert_int_equal(cidr_parse(span_str(nets[words.index[i]]), &cidr), ERR_OK);
                want = want || cidr_contains(&cidr, &addr);
            }
            unit_holds(is_in(&settings.allowed_networks, &addr) == want, "%s: %s", text, probes[k]);
        }
        expect_itself(SETTING_AllowedNetworks, print(SETTING_AllowedNetworks, place));
        assert_int_equal(parse(SETTING_AllowedClients, span_str(text)), ERR_OK);
        expect_itself(SETTING_AllowedClients, print(SETTING_AllowedClients, place));
    }
}

/* Every list of up to five of these ports, against a bit for each. */
static void every_small_list_of_ports(void **state)
{
    (void)state;
    static const unsigned ports[] = {1, 2, 443, 8443, 65535};
    struct unit_words words = {.letters = unit_count(ports), .max = 5};
    while (unit_words_next(&words)) {
        char text[64] = "", want[64] = "", place[SETTINGS_VALUE_MAX];
        size_t used = 0;
        for (size_t i = 0; i < words.len; i++) {
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%u", i > 0 ? "," : "",
                                     ports[words.index[i]]);
        }
        used = 0;
        for (size_t k = 0; k < unit_count(ports); k++) {
            if (memchr(words.index, (int)k, words.len)) {
                used += (size_t)snprintf(want + used, sizeof want - used, "%s%u",
                                         used > 0 ? "," : "", ports[k]);
            }
        }
        unit_holds(parse(SETTING_AllowedPorts, span_str(text)) ==
                       (words.len > 0 ? ERR_OK : ERR_EMPTY),
                   "%s", text);
        if (words.len > 0) {
            unit_same(print(SETTING_AllowedPorts, place), span_str(want), "%s", text);
        }
    }
}

/* So many entries, the last first, each twice. */
static struct span many(const char *format, unsigned count)
{
    static char text[16 * 1024];
    size_t used = 0;
    for (unsigned i = count; i > 0; i--) {
        for (unsigned twice = 0; twice < 2; twice++) {
            used += (size_t)snprintf(text + used, sizeof text - used, used > 0 ? ", " : "");
            used += (size_t)snprintf(text + used, sizeof text - used, format, i);
        }
    }
    return span_of(text, used);
}

static void a_list_is_as_long_as_it_may_be(void **state)
{
    (void)state;
    static const char longest[] = "ffff:ffff:ffff:ffff:ffff:ffff:ff%02x:fffe/127";
    static const struct {
        enum setting setting;
        const char *format;
    } rows[] = {
        {SETTING_AllowedPorts, "%u"},
        {SETTING_AllowedClients, "10.0.%u.0/24"},
        {SETTING_AllowedNetworks, longest},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        char place[SETTINGS_VALUE_MAX];
        uint32_t max = settings_row(rows[i].setting)->max;
        assert_int_equal(parse(rows[i].setting, many(rows[i].format, max + 1)), ERR_ENTRIES);
        assert_int_equal(parse(rows[i].setting, many(rows[i].format, max)), ERR_OK);
        expect_itself(rows[i].setting, print(rows[i].setting, place));
    }
    assert_int_equal(settings.allowed_ports.count, settings_row(SETTING_AllowedPorts)->max);
    assert_int_equal(settings.allowed_clients.count, settings_row(SETTING_AllowedClients)->max);
    assert_int_equal(settings.allowed_networks.count, settings_row(SETTING_AllowedNetworks)->max);
    /* A full list takes what is in it already, and what is wider than some of it. */
    struct span full = many("10.0.%u.0/24", SETTINGS_NETWORKS_MAX);
    char text[16 * 1024];
    (void)snprintf(text, sizeof text, "%.*s,10.0.1.1,10.0.0.0/23", (int)full.len,
                   (const char *)full.at);
    assert_int_equal(parse(SETTING_AllowedClients, span_str(text)), ERR_OK);
    assert_int_equal(settings.allowed_clients.count, SETTINGS_NETWORKS_MAX);
}

static int begin(void **state)
{
    (void)state;
    settings_init(&settings);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_that_are_fine),
        cmocka_unit_test(lists_that_are_not),
        cmocka_unit_test(every_small_list_of_networks),
        cmocka_unit_test(every_small_list_of_ports),
        cmocka_unit_test(a_list_is_as_long_as_it_may_be),
    };
    return cmocka_run_group_tests_name("settings_lists", tests, begin, NULL);
}
