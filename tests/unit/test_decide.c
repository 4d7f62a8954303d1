/*
 * Proves the decisions: each way to be refused and each way to be allowed, with the rule that is
 * named. More of the same, against a second implementation: tools/test_policy_reference.py.
 */
#include "unit/policy_rules.h"

static void expect_rule(const struct snapshot *snapshot, const struct policy_rule *rule,
                        const char *want)
{
    char place[POLICY_TEXT_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    policy_print_rule(snapshot, rule, &out);
    assert_int_equal(out_end(&out), ERR_OK);
    unit_same(out_span(&out), span_str(want), "the rule");
}

static const struct rules rules = {
    .hosts = {"a.example.com", "*.example.com", "*.b.example.com", "192.0.2.1", "2001:db8::1",
              "A.EXAMPLE.COM", "*.microsoft.com"},
    .subjects = {"mycert", "CN=agent,O=Contoso\\, Inc."},
    .settings = {"AllowedClients=10.0.0.0/8,2001:db8::/32", "AllowedPorts=443,8443",
                 "AllowedNetworks=10.1.0.0/16,fd00:1::/32,2002::/16"},
    .own = {"0.0.0.0:8443", "192.0.2.7:443", "[2001:db8::7]:443"},
};

static const struct {
    const char *client;
    struct span host;
    uint16_t port;
    enum err err;
    const char *rule;
} requests[] = {
    {"10.0.0.1", SPAN("a.example.com"), 443, ERR_OK, "host a.example.com (local, row 1)"},
    {"10.0.0.1", SPAN("A.Example.Com."), 8443, ERR_OK, "host a.example.com (local, row 1)"},
    {"10.0.0.1", SPAN("c.example.com"), 443, ERR_OK, "host *.example.com (automatic, row 2)"},
    {"10.0.0.1", SPAN("c.d.e.example.com"), 443, ERR_OK, "host *.example.com (automatic, row 2)"},
    {"10.0.0.1", SPAN("b.example.com"), 443, ERR_OK, "host *.example.com (automatic, row 2)"},
    {"10.0.0.1", SPAN("c.b.example.com"), 443, ERR_OK, "host *.b.example.com (hostset, row 3)"},
    {"10.0.0.1", SPAN("192.0.2.1"), 443, ERR_OK, "host 192.0.2.1 (download, row 4)"},
    {"10.0.0.1", SPAN("[2001:DB8:0:0::1]"), 443, ERR_OK, "host 2001:db8::1 (local, row 5)"},
    {"::ffff:10.0.0.1", SPAN("a.example.com"), 443, ERR_OK, "host a.example.com (local, row 1)"},
    {"2001:db8::9", SPAN("a.example.com"), 443, ERR_OK, "host a.example.com (local, row 1)"},
    {"11.0.0.1", SPAN("a.example.com"), 443, ERR_CLIENT_UNLISTED, "AllowedClients"},
    {"::1", SPAN("nowhere"), 1, ERR_CLIENT_UNLISTED, "AllowedClients"},
    {"10.0.0.1", SPAN("a.example.com"), 80, ERR_PORT_UNLISTED, "AllowedPorts"},
    {"10.0.0.1", SPAN("a.example.com"), 444, ERR_PORT_UNLISTED, "AllowedPorts"},
    {"10.0.0.1", SPAN("example.com"), 443, ERR_HOST_UNLISTED, "list of allowed hosts"},
    {"10.0.0.1", SPAN("aexample.com"), 443, ERR_HOST_UNLISTED, "list of allowed hosts"},
    {"10.0.0.1", SPAN("xa.example.com.evil.org"), 443, ERR_HOST_UNLISTED, "list of allowed hosts"},
    {"10.0.0.1", SPAN("a.example.com.."), 443, ERR_HOST_UNLISTED, "list of allowed hosts"},
    {"10.0.0.1", SPAN(".example.com"), 443, ERR_HOST_UNLISTED, "list of allowed hosts"},
    {"10.0.0.1", SPAN("_x.example.com"), 443, ERR_HOST_UNLISTED, "list of allowed hosts"},
    {"10.0.0.1", SPAN("*.example.com"), 443, ERR_HOST_UNLISTED, "list of allowed hosts"},
    {"10.0.0.1", SPAN("a%2eexample.com"), 443, ERR_HOST_UNLISTED, "list of allowed hosts"},
    {"10.0.0.1", SPAN("x\0.example.com"), 443, ERR_HOST_UNLISTED, "list of allowed hosts"},
    {"10.0.0.1", SPAN("b\xC3\xBC.example.com"), 443, ERR_HOST_UNLISTED, "list of allowed hosts"},
    {"10.0.0.1", SPAN(""), 443, ERR_HOST_UNLISTED, "list of allowed hosts"},
    {"10.0.0.1", SPAN("192.0.2.2"), 443, ERR_LITERAL_UNLISTED, "list of allowed hosts"},
    {"10.0.0.1", SPAN("::ffff:192.0.2.1"), 443, ERR_LITERAL_UNLISTED, "list of allowed hosts"},
    {"10.0.0.1", SPAN("3221225985"), 443, ERR_LITERAL_UNLISTED, "list of allowed hosts"},
    {"10.0.0.1", SPAN("0xc0000201"), 443, ERR_LITERAL_UNLISTED, "list of allowed hosts"},
    {"10.0.0.1", SPAN("192.0.513"), 443, ERR_LITERAL_UNLISTED, "list of allowed hosts"},
};

static void requests_are_judged(void **state)
{
    (void)state;
    struct snapshot *snapshot = rules_compile(&rules);
    for (size_t i = 0; i < unit_count(requests); i++) {
        struct policy_rule rule;
        struct policy_request request = {rules_addr(requests[i].client), requests[i].host,
                                         requests[i].port};
        enum err err = policy_decide_request(snapshot, &request, &rule);
        unit_holds(err == requests[i].err, "%zu %s: %s", i, unit_show(request.host), err_name(err));
        expect_rule(snapshot, &rule, requests[i].rule);
    }
    policy_free(snapshot);
}

static void a_host_of_any_length_is_judged(void **state)
{
    (void)state;
    struct snapshot *snapshot = rules_compile(&rules);
    char text[1024];
    for (size_t len = 0; len <= 700; len++) {
        struct policy_rule rule;
        for (size_t i = 0; i < len; i++) {
            text[i] = i % 2 == 0 ? 'a' : '.';
        }
        (void)snprintf(text + len, sizeof text - len, "%s", ".example.com");
        uint8_t *copy = unit_copy(span_str(text));
        enum err err = policy_decide_host(snapshot, span_of(copy, len + 12), 443, &rule);
        bool fits = len % 2 == 1 && len + 12 <= 253;
        unit_holds(err == (fits ? ERR_OK : ERR_HOST_UNLISTED), "%zu: %s", len, err_name(err));
        free(copy);
    }
    policy_free(snapshot);
}

static const struct {
    const char *addr;
    uint16_t port;
    bool relay;
    enum err err;
    const char *rule;
} targets[] = {
    {"8.8.8.8", 443, false, ERR_OK, "public addresses: 8.8.8.8"},
    {"2606:4700::1111", 443, false, ERR_OK, "public addresses: 2606:4700::1111"},
    {"::ffff:8.8.8.8", 443, false, ERR_OK, "public addresses: ::ffff:8.8.8.8"},
    {"64:ff9b::808:808", 443, false, ERR_OK, "public addresses: 64:ff9b::808:808"},
    {"2001:0:808:808:0:0:f7f7:f7f7", 443, false, ERR_OK,
     "public addresses: 2001:0:808:808::f7f7:f7f7"},
    {"10.1.2.3", 443, false, ERR_OK, "AllowedNetworks 10.1.0.0/16: 10.1.2.3"},
    {"::ffff:10.1.2.3", 443, false, ERR_OK, "AllowedNetworks 10.1.0.0/16: 10.1.2.3"},
    {"64:ff9b::10.1.2.3", 443, false, ERR_OK, "AllowedNetworks 10.1.0.0/16: 10.1.2.3"},
    {"fd00:1::5", 443, false, ERR_OK, "AllowedNetworks fd00:1::/32: fd00:1::5"},
    {"2002:a02:304::", 443, false, ERR_OK, "AllowedNetworks 2002::/16: 10.2.3.4"},
    {"10.2.3.4", 443, false, ERR_ADDRESS_SPECIAL,
     "special addresses: 10.2.3.4 is private, 10.0.0.0/8"},
    {"::ffff:10.2.3.4", 443, false, ERR_ADDRESS_SPECIAL,
     "special addresses: 10.2.3.4 is private, 10.0.0.0/8"},
    {"64:ff9b::127.0.0.1", 443, false, ERR_ADDRESS_SPECIAL,
     "special addresses: 127.0.0.1 is loopback, 127.0.0.0/8"},
    {"64:ff9b:1::8.8.8.8", 443, false, ERR_ADDRESS_SPECIAL,
     "special addresses: 64:ff9b:1::808:808 is local translation to IPv4, 64:ff9b:1::/48"},
    {"2001:0:808:808:0:0:80ff:fffe", 443, false, ERR_ADDRESS_SPECIAL,
     "special addresses: 127.0.0.1 is loopback, 127.0.0.0/8"},
    {"fe80::1", 443, false, ERR_ADDRESS_SPECIAL,
     "special addresses: fe80::1 is link-local, fe80::/10"},
    {"::1", 443, false, ERR_ADDRESS_SPECIAL, "special addresses: ::1 is loopback, ::1"},
    {"168.63.129.16", 443, false, ERR_ADDRESS_PLATFORM,
     "special addresses: 168.63.129.16 is the cloud platform's own, 168.63.129.16"},
    {"2002:a83f:8110::", 443, false, ERR_ADDRESS_PLATFORM,
     "special addresses: 168.63.129.16 is the cloud platform's own, 168.63.129.16"},
    {"192.0.2.7", 443, false, ERR_ADDRESS_OWN, "always refused: this gateway's own listener"},
    {"::ffff:192.0.2.7", 443, false, ERR_ADDRESS_OWN,
     "always refused: this gateway's own listener"},
    {"192.0.2.7", 8443, false, ERR_ADDRESS_SPECIAL,
     "special addresses: 192.0.2.7 is documentation, 192.0.2.0/24"},
    {"2001:db8::7", 443, true, ERR_ADDRESS_OWN, "always refused: this gateway's own listener"},
    {"127.0.0.1", 8443, false, ERR_ADDRESS_OWN, "always refused: this gateway's own listener"},
    {"127.9.9.9", 8443, true, ERR_ADDRESS_OWN, "always refused: this gateway's own listener"},
    {"0.0.0.0", 8443, false, ERR_ADDRESS_OWN, "always refused: this gateway's own listener"},
    {"::1", 8443, false, ERR_ADDRESS_OWN, "always refused: this gateway's own listener"},
    {"10.2.3.4", 3128, true, ERR_OK, "the relay proxy, which may be anywhere: 10.2.3.4"},
    {"127.0.0.1", 3128, true, ERR_OK, "the relay proxy, which may be anywhere: 127.0.0.1"},
};

static void targets_are_judged(void **state)
{
    (void)state;
    struct snapshot *snapshot = rules_compile(&rules);
    for (size_t i = 0; i < unit_count(targets); i++) {
        struct policy_rule rule;
        struct policy_target target = {{rules_addr(targets[i].addr), targets[i].port},
                                       targets[i].relay};
        enum err err = policy_decide_target(snapshot, &target, &rule);
        unit_holds(err == targets[i].err, "%zu %s: %s", i, targets[i].addr, err_name(err));
        expect_rule(snapshot, &rule, targets[i].rule);
    }
    policy_free(snapshot);
}

/* Every network listed: what is refused then is refused always. */
static void some_addresses_are_refused_always(void **state)
{
    (void)state;
    static const struct rules open = {.settings = {"AllowedNetworks=0.0.0.0/0,::/0"},
                                      .own = {"192.0.2.7:443"}};
    static const struct {
        const char *addr;
        enum err err;
    } always[] = {
        {"10.0.0.1", ERR_OK},
        {"::ffff:127.0.0.1", ERR_OK},
        {"64:ff9b:1::1", ERR_OK},
        {"169.254.169.254", ERR_OK},
        {"168.63.129.16", ERR_ADDRESS_PLATFORM},
        {"::ffff:168.63.129.16", ERR_ADDRESS_PLATFORM},
        {"64:ff9b::168.63.129.16", ERR_ADDRESS_PLATFORM},
        {"64:ff9b:1::168.63.129.16", ERR_ADDRESS_PLATFORM},
        {"64:ff9b:1:a83f:81:1000::", ERR_ADDRESS_PLATFORM},
        {"2002:a83f:8110::1", ERR_ADDRESS_PLATFORM},
        {"2001:0:101:101:0:0:57c0:7eef", ERR_ADDRESS_PLATFORM},
        {"fe80::5efe:168.63.129.16", ERR_ADDRESS_PLATFORM},
        {"192.0.2.7", ERR_ADDRESS_OWN},
        {"64:ff9b::192.0.2.7", ERR_ADDRESS_OWN},
        {"2002:c000:207::", ERR_ADDRESS_OWN},
    };
    struct snapshot *snapshot = rules_compile(&open);
    for (size_t i = 0; i < unit_count(always); i++) {
        struct policy_rule rule;
        struct policy_target target = {{rules_addr(always[i].addr), 443}, false};
        enum err err = policy_decide_target(snapshot, &target, &rule);
        unit_holds(err == always[i].err, "%s: %s", always[i].addr, err_name(err));
    }
    policy_free(snapshot);
}

/* A handshake that is fine, and how each row differs from it. */
struct handshake {
    const char *settings[4], *host, *sni;
    uint16_t least, most, chosen;
    bool early, ech, unasked;
    enum policy_certificate certificate;
    enum policy_resumed resumed;
    struct span subject;
    enum err err;
    const char *rule;
};

#define SHOWN   POLICY_CERTIFICATE_SHOWN
#define NONE    POLICY_CERTIFICATE_NONE
#define SNI     "always: the server named in TLS is the host of the CONNECT"
#define MYCERT  SPAN("CN\0mycert\0O\0x\0")
#define NOTMINE SPAN("CN\0mycertx\0")

static const struct handshake handshakes[] = {
    {.rule = SNI},
    {.host = "A.Example.COM.", .sni = "a.example.com", .rule = SNI},
    {.sni = "A.EXAMPLE.com.", .rule = SNI},
    {.sni = "", .err = ERR_SNI_MISSING, .rule = "MissingSni"},
    {.settings = {"MissingSni=allow"}, .sni = "", .rule = "MissingSni"},
    {.sni = "b.example.com", .err = ERR_SNI_OTHER, .rule = SNI},
    {.settings = {"MissingSni=allow"}, .sni = "b.example.com", .err = ERR_SNI_OTHER, .rule = SNI},
    {.sni = "a.example.com..", .err = ERR_SNI_OTHER, .rule = SNI},
    {.sni = "*.example.com", .err = ERR_SNI_OTHER, .rule = SNI},
    {.host = "192.0.2.1", .sni = "", .rule = SNI},
    {.host = "192.0.2.1", .sni = "192.0.2.1", .err = ERR_SNI_OTHER, .rule = SNI},
    {.host = "[2001:db8::1]", .sni = "a.example.com", .err = ERR_SNI_OTHER, .rule = SNI},
    {.most = 0x0302, .err = ERR_TLS_OLD, .rule = "MinimumTls"},
    {.most = 0x0300, .err = ERR_TLS_OLD, .rule = "MinimumTls"},
    {.settings = {"MinimumTls=1.0"}, .most = 0x0300, .err = ERR_TLS_OLD, .rule = "MinimumTls"},
    {.settings = {"MinimumTls=1.0"}, .most = 0x0301, .rule = SNI},
    {.settings = {"MinimumTls=1.3"}, .most = 0x0303, .err = ERR_TLS_OLD, .rule = "MinimumTls"},
    {.chosen = 0x0302, .err = ERR_TLS_OLD, .rule = "MinimumTls"},
    {.chosen = 0x0303, .rule = SNI},
    {.chosen = 0x0304, .rule = SNI},
    {.settings = {"Tls13=refuse"}, .rule = SNI},
    {.settings = {"Tls13=refuse"}, .chosen = 0x0303, .rule = SNI},
    {.settings = {"Tls13=refuse"}, .chosen = 0x0304, .err = ERR_TLS13_REFUSED, .rule = "Tls13"},
    {.settings = {"Tls13=refuse"}, .chosen = 0x0305, .err = ERR_TLS13_REFUSED, .rule = "Tls13"},
    {.settings = {"Tls13=refuse"}, .least = 0x0304, .err = ERR_TLS13_REFUSED, .rule = "Tls13"},
    {.early = true, .rule = SNI},
    {.settings = {"Tls13=refuse"}, .early = true, .err = ERR_TLS13_REFUSED, .rule = "Tls13"},
    {.ech = true, .rule = SNI},
    {.settings = {"Ech=refuse"}, .ech = true, .err = ERR_ECH_REFUSED, .rule = "Ech"},
    {.certificate = NONE, .rule = SNI},
    {.certificate = SHOWN, .subject = MYCERT, .rule = "certificate mycert (local, row 101)"},
    {.certificate = SHOWN,
     .subject = SPAN("O\0contoso, inc.\0CN\0other\0CN\0agent\0"),
     .rule = "certificate CN=agent,O=Contoso\\\\, Inc. (automatic, row 102)"},
    {.certificate = SHOWN,
     .subject = NOTMINE,
     .err = ERR_CERTIFICATE_UNLISTED,
     .rule = "list of certificates"},
    {.certificate = SHOWN, .err = ERR_CERTIFICATE_UNLISTED, .rule = "list of certificates"},
    {.settings = {"ClientCertificates=any"},
     .certificate = SHOWN,
     .subject = NOTMINE,
     .rule = "ClientCertificates"},
    {.settings = {"ClientCertificates=required"}, .rule = SNI},
    {.settings = {"ClientCertificates=required"},
     .certificate = NONE,
     .err = ERR_CERTIFICATE_MISSING,
     .rule = "ClientCertificates"},
    {.settings = {"ClientCertificates=required"},
     .certificate = NONE,
     .unasked = true,
     .rule = SNI},
    {.settings = {"ClientCertificates=required"},
     .certificate = SHOWN,
     .subject = MYCERT,
     .rule = "certificate mycert (local, row 101)"},
    {.settings = {"ClientCertificates=required"},
     .certificate = SHOWN,
     .subject = NOTMINE,
     .err = ERR_CERTIFICATE_UNLISTED,
     .rule = "list of certificates"},
    {.certificate = SHOWN,
     .subject = MYCERT,
     .unasked = true,
     .err = ERR_CERTIFICATE_UNASKED,
     .rule = "always: a certificate comes when it is asked for"},
    {.resumed = POLICY_RESUMED_UNKNOWN, .rule = SNI},
    {.settings = {"UnknownResumption=refuse"},
     .resumed = POLICY_RESUMED_UNKNOWN,
     .err = ERR_RESUMPTION_UNKNOWN,
     .rule = "UnknownResumption"},
    {.settings = {"UnknownResumption=refuse"},
     .resumed = POLICY_RESUMED_KNOWN,
     .certificate = SHOWN,
     .subject = MYCERT,
     .rule = "certificate mycert (local, row 101)"},
    {.resumed = POLICY_RESUMED_KNOWN,
     .certificate = SHOWN,
     .subject = NOTMINE,
     .err = ERR_CERTIFICATE_UNLISTED,
     .rule = "list of certificates"},
};

static void handshakes_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(handshakes); i++) {
        const struct handshake *row = &handshakes[i];
        struct rules with = rules;
        struct policy_rule rule;
        memcpy(with.settings, row->settings, sizeof row->settings);
        struct snapshot *snapshot = rules_compile(&with);
        struct policy_tls tls = {.host = span_str(row->host ? row->host : "a.example.com"),
                                 .sni = span_str(row->sni ? row->sni : "a.example.com"),
                                 .offered_least = row->least ? row->least : 0x0301,
                                 .offered_most = row->most ? row->most : 0x0304,
                                 .chosen = row->chosen,
                                 .early = row->early,
                                 .ech = row->ech,
                                 .asked = !row->unasked,
                                 .certificate = row->certificate,
                                 .resumed = row->resumed,
                                 .subject = row->subject};
        enum err err = policy_decide_tls(snapshot, &tls, &rule);
        unit_holds(err == row->err, "%zu: %s", i, err_name(err));
        expect_rule(snapshot, &rule, row->rule);
        policy_free(snapshot);
    }
}

/* Without a row nothing is allowed, whatever is asked. */
static void nothing_is_allowed_by_default(void **state)
{
    (void)state;
    static const struct rules empty = {{NULL}, {NULL}, {NULL}, {NULL}};
    struct snapshot *snapshot = rules_compile(&empty);
    for (size_t i = 0; i < unit_count(requests); i++) {
        struct policy_rule rule;
        unit_holds(policy_decide_host(snapshot, requests[i].host, 443, &rule) != ERR_OK, "%zu", i);
    }
    policy_free(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_judged),
        cmocka_unit_test(a_host_of_any_length_is_judged),
        cmocka_unit_test(targets_are_judged),
        cmocka_unit_test(some_addresses_are_refused_always),
        cmocka_unit_test(handshakes_are_judged),
        cmocka_unit_test(nothing_is_allowed_by_default),
    };
    return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
