/*
 * What is in force in the city, and what its names mean. Snapshots are compiled once; each change
 * hands one of them to both gateways, through cells of its own, as the service does.
 */
#include "sim/city.h"

#include <string.h>

static const struct city_host hosts[] = {
    {"one.test", 443, .count = 1, .addrs = {"20.0.0.1"}},
    {"six.test", 443, .count = 2, .addrs = {"20.0.0.1", "2603::1"}},
    {"dead.test", 443, .count = 2, .addrs = {"2603::9", "20.0.0.1"}},
    {"many.test", 443, .count = 7,
     .addrs = {"20.0.9.1", "20.0.9.2", "20.0.9.3", "2603::9", "20.0.9.4", "2603::1", "20.0.0.1"}},
    {"late.test", 443, .count = 2, .addrs = {"20.0.0.5", "20.0.9.1"}},
    {"hang.test", 443, .count = 4, .addrs = {"20.0.0.66", "20.0.0.66", "20.0.9.1", "20.0.0.1"}},
    {"turns.test", 443, .count = 5,
     .addrs = {"20.0.0.66", "20.0.0.66", "20.0.0.66", "20.0.0.66", "2603::1"}},
    {"mixed.test", 443, .count = 2, .addrs = {"10.0.0.1", "20.0.0.1"}},
    {"20.0.0.1", 443, .literal = true, .count = 1, .addrs = {"20.0.0.1"}},
    {"gone.test", 443, .err = ERR_REFUSED, .count = 2, .addrs = {"20.0.9.9", "2603::9"}},
    {"mute.test", 443, .err = ERR_TIMED_OUT, .count = 1, .addrs = {"20.0.0.66"}},
    {"half.test", 443, .err = ERR_REFUSED, .count = 2, .addrs = {"20.0.9.1", "10.0.0.1"}},
    {"inside.test", 443, .err = ERR_ADDRESS_SPECIAL, .count = 1, .addrs = {"10.0.0.1"}},
    {"platform.test", 443, .err = ERR_ADDRESS_PLATFORM, .count = 1, .addrs = {"168.63.129.16"}},
    {"own.test", 8080, .err = ERR_ADDRESS_OWN, .count = 1, .addrs = {"20.9.9.9"}},
    {"nobody.test", 443, .err = ERR_NAME_UNKNOWN, .count = 0},
    {"slow.test", 443, .err = ERR_NAME_SLOW, .late_ms = CITY_RESOLVE_MS + 1000, .count = 1,
     .addrs = {"20.0.0.1"}},
    {"unlisted.org", 443, .count = 1, .addrs = {"20.0.0.1"}},
    {"20.0.0.7", 443, .literal = true, .count = 1, .addrs = {"20.0.0.7"}},
    {"one.test", 22, .count = 1, .addrs = {"20.0.0.1"}},
    {"four.test", 443, .err = ERR_REFUSED, .count = 2, .addrs = {"20.0.9.9", "2603::66"}},
    {"apart.test", 443, .err = ERR_UNREACHABLE, .count = 1, .addrs = {"2603::66"}},
};

static const struct city_kind kinds[] = {
    {.without = NULL},
    {.without = NULL, .closes = true, .debug = true},
    {.without = "*", .closes = true},
    {.without = "one.test"},
    {.relay = true, .login = "u:p", .basic = "dTpw"},
    {.relay = true, .login = "", .closes = true},
    {.outbound = "20.66.66.66", .outbound_absent = true},
    {.outbound = "20.9.9.9"},
    {.relay = true, .login = "", .loops = true},
    {.strict = true},
    {.strict = true, .debug = true, .relay = true, .login = ""},
    {.inside = true, .closes = true},
};

enum { HOSTS = sizeof hosts / sizeof hosts[0], KINDS = sizeof kinds / sizeof kinds[0] };

static struct snapshot *snapshots[KINDS];

uint32_t city_hosts(void)
{
    return HOSTS;
}

bool city_has_inside(const struct city_host *host)
{
    bool has = false;
    for (uint8_t i = 0; i < host->count; i++) {
        has = has || span_starts_with(span_str(host->addrs[i]), span_str("10."));
    }
    return has;
}

uint64_t city_row(const struct city_host *host)
{
    return (uint64_t)(host - hosts) + 1;
}

const struct city_host *city_host(uint32_t number)
{
    CHECK(number < HOSTS);
    return &hosts[number];
}

uint32_t city_kinds(void)
{
    return KINDS;
}

const struct city_kind *city_kind(uint32_t kind)
{
    CHECK(kind < KINDS);
    return &kinds[kind];
}

const struct snapshot *city_snapshot(uint32_t kind)
{
    CHECK(kind < KINDS && snapshots[kind]);
    return snapshots[kind];
}

struct addr city_addr(const char *text)
{
    struct addr addr;
    CHECK(addr_parse(span_str(text), &addr) == ERR_OK);
    return addr;
}

static void set(struct settings *settings, enum setting setting, const char *value)
{
    char place[SETTINGS_WHY_MAX];
    struct out why;
    out_begin(&why, place, sizeof place);
    CHECK(settings_parse(setting, span_str(value), settings, &why) == ERR_OK);
}

static void fill_settings(const struct city_kind *kind, struct settings *settings)
{
    settings_init(settings);
    set(settings, SETTING_AllowedClients, "10.1.0.0/16,fd00::/16");
    set(settings, SETTING_AllowedPorts, "443,8080");
    set(settings, SETTING_OnRemove, kind->closes ? "close" : "keep");
    set(settings, SETTING_OutboundAddress, kind->outbound ? kind->outbound : "automatic");
    if (kind->inside) {
        set(settings, SETTING_AllowedNetworks, "10.0.0.0/8");
    }
    if (kind->strict) {
        set(settings, SETTING_Tls13, "refuse");
        set(settings, SETTING_ClientCertificates, "required");
        set(settings, SETTING_UnknownResumption, "refuse");
    }
    settings->handshake_timeout_ms = CITY_HANDSHAKE_MS;
    settings->header_timeout_ms = CITY_HEADER_MS;
    settings->resolve_timeout_ms = CITY_RESOLVE_MS;
    settings->connect_timeout_ms = CITY_CONNECT_MS;
    settings->send_timeout_ms = CITY_SEND_MS;
    settings->idle_timeout_ms = CITY_IDLE_MS;
}

/* Every host but those that are to be refused; names with whatever stands in front of them. */
static struct snapshot *compile(const struct city_kind *kind)
{
    static char texts[HOSTS][40];
    struct settings settings;
    struct policy_row rows[HOSTS + 1];
    struct endpoint own[] = {{city_addr("20.9.9.9"), 8080}, {city_addr("20.9.9.9"), 8081}};
    char place[POLICY_WHY_MAX];
    struct out why;
    fill_settings(kind, &settings);
    struct policy_source source = {
        .settings = &settings, .rows = rows, .own = own, .own_count = 2, .seed = {1, 2}};
    for (uint32_t i = 0; i < HOSTS; i++) {
        struct span name = span_str(hosts[i].name);
        struct out text;
        if (span_is(name, "unlisted.org") || span_is(name, "20.0.0.7") ||
            (kind->without && (span_is(name, kind->without) || kind->without[0] == '*'))) {
            continue;
        }
        out_begin(&text, texts[i], sizeof texts[i]);
        out_str(&text, hosts[i].literal ? "" : "*.");
        out_put(&text, name);
        rows[source.row_count++] = (struct policy_row){
            .list = POLICY_HOSTS, .id = city_row(&hosts[i]), .text = out_span(&text)};
    }
    rows[source.row_count++] =
        (struct policy_row){.list = POLICY_SUBJECTS, .id = HOSTS + 1, .text = span_str("listed")};
    struct snapshot *snapshot;
    out_begin(&why, place, sizeof place);
    CHECK(policy_compile(&source, &snapshot, &why) == ERR_OK);
    return snapshot;
}

void city_begin(void)
{
    city_tls_begin();
    for (uint32_t i = 0; i < KINDS; i++) {
        snapshots[i] = compile(&kinds[i]);
    }
}

void city_end(void)
{
    for (uint32_t i = 0; i < KINDS; i++) {
        policy_free(snapshots[i]);
    }
    city_tls_end();
}

static void rules_unused(struct rules *rules)
{
    struct city_rules *mine = list_owner(rules, struct city_rules, rules);
    CHECK(!mine->unused);
    mine->unused = true;
}

static void fill_relay(const struct city_kind *kind, struct rules_relay *relay)
{
    size_t len = strlen(kind->login), colon = 0;
    relay->set = true;
    struct span at = span_str(kind->loops ? "loop.test:8080" : "relay.test:3128");
    CHECK(authority_parse(at, 0, &relay->at) == ERR_OK);
    while (colon < len && kind->login[colon] != ':') {
        colon++;
    }
    relay->user_len = (uint16_t)colon;
    relay->password_len = (uint16_t)(colon < len ? len - colon - 1 : 0);
    memcpy(relay->login, kind->login, colon);
    memcpy(relay->login + colon, kind->login + colon + (colon < len ? 1 : 0), relay->password_len);
}

void city_change_rules(struct city *city, uint32_t kind)
{
    CHECK(city->rules_count <= CITY_CHANGES);
    struct city_rules *made = &city->rules[city->rules_count++];
    *made = (struct city_rules){.kind = kind};
    made->rules.snapshot = snapshots[kind];
    made->rules.unused = rules_unused;
    if (kinds[kind].relay) {
        fill_relay(&kinds[kind], &made->rules.relay);
    }
    rules_init(&made->rules, CITY_GATEWAYS);
    atom_store(&city->level, kinds[kind].debug ? SEVERITY_DEBUG : SEVERITY_INFO);
    for (uint32_t i = 0; i < CITY_GATEWAYS; i++) {
        rules_begin(&made->cells[i], &made->rules);
        gateway_use_rules(&city->gateways[i], &made->cells[i]);
    }
}

/* ---- names ---- */

static const struct city_host *find_host(struct span name)
{
    for (uint32_t i = 0; i < HOSTS; i++) {
        struct span known = span_str(hosts[i].name);
        if (!hosts[i].literal && name.len > known.len && name.at[name.len - known.len - 1] == '.' &&
            span_equal(span_after(name, name.len - known.len), known)) {
            return &hosts[i];
        }
    }
    return NULL;
}

bool city_answer_name(struct city *city, struct span name, struct resolve_answer *answer)
{
    static const struct city_host relay = {"relay.test", 3128, .count = 2,
                                           .addrs = {"2603::9", "20.0.0.3"}};
    static const struct city_host loop = {"loop.test", 8080, .count = 1, .addrs = {"20.9.9.9"}};
    const struct city_host *host = span_is(name, "relay.test")  ? &relay
                                   : span_is(name, "loop.test") ? &loop
                                                                : find_host(name);
    CHECK(host); /* no other name may be asked for */
    if (host->late_ms > 0) {
        uint64_t *asked_ms = &city->asked_ms[city_client_by_name(city, name)->number];
        *asked_ms = *asked_ms > 0 ? *asked_ms : city->world.now_ms;
        if (city->world.now_ms < *asked_ms + host->late_ms) {
            return false;
        }
    }
    *answer = (struct resolve_answer){.result = ERR_NAME_UNKNOWN, .count = host->count};
    for (uint8_t i = 0; i < host->count; i++) {
        answer->result = ERR_OK;
        answer->addrs[i] = city_addr(host->addrs[i]);
    }
    return true;
}
