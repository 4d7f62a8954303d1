/*
 * The decisions over one snapshot. Default deny: every path that allows has found its rule.
 */
#include "policy/decide.h"

static struct policy_rule decide_by(enum policy_rule_kind kind)
{
    return (struct policy_rule){.kind = kind};
}

static const struct cidr *decide_find_network(const struct settings_networks *networks,
                                              const struct addr *addr)
{
    for (uint32_t i = 0; i < networks->count; i++) {
        if (cidr_contains(&networks->at[i], addr)) {
            return &networks->at[i];
        }
    }
    return NULL;
}

static bool decide_has_port(const struct settings_ports *ports, uint16_t port)
{
    bool found = false;
    for (uint32_t i = 0; i < ports->count; i++) {
        found = found || ports->at[i] == port;
    }
    return found;
}

static bool decide_is_here(const struct addr *addr)
{
    const struct address_range *range = address_find_range(addr);
    return range && range->kind == ADDRESS_HERE;
}

/* Whether connecting there reaches one of our listeners; "all addresses" is as good as loopback. */
static bool decide_is_own(const struct snapshot *snapshot, const struct addr *addr, uint16_t port)
{
    for (uint32_t i = 0; i < snapshot->own_count; i++) {
        struct addr own = addr_unmap(&snapshot->own[i].addr);
        if (snapshot->own[i].port == port &&
            (addr_equal(&own, addr) || (decide_is_here(addr) && decide_is_here(&own)))) {
            return true;
        }
    }
    return false;
}

/* Targets that nothing allows: this gateway itself, and the address that speaks for the machine. */
enum err policy_decide_never(const struct snapshot *snapshot, const struct endpoint *target,
                             struct policy_rule *rule)
{
    struct addr faces[ADDRESS_FACES_MAX];
    size_t count = address_faces(&target->addr, faces);
    for (size_t i = 0; i < count; i++) {
        if (decide_is_own(snapshot, &faces[i], target->port)) {
            *rule = decide_by(POLICY_RULE_OWN);
            return ERR_ADDRESS_OWN;
        }
    }
    for (size_t i = 0; i < count; i++) {
        const struct address_range *range = address_find_range(&faces[i]);
        if (range && range->kind == ADDRESS_NEVER) {
            *rule = (struct policy_rule){POLICY_RULE_RANGE, .range = range, .addr = faces[i]};
            return ERR_ADDRESS_PLATFORM;
        }
    }
    return ERR_OK;
}

/* Behind a relay proxy no address is judged later, so what a client names itself is judged here. */
static enum err decide_literal(const struct snapshot *snapshot, const struct pattern *host,
                               uint16_t port, struct policy_rule *rule)
{
    struct endpoint target = {.port = port};
    CHECK(host->kind == PATTERN_ADDRESS);
    TRY(addr_parse(pattern_span(host), &target.addr));
    return policy_decide_never(snapshot, &target, rule);
}

enum err policy_decide_host(const struct snapshot *snapshot, struct span host, uint16_t port,
                            struct policy_rule *rule)
{
    struct pattern pattern;
    enum err err = pattern_host(host, &pattern);
    const struct snapshot_row *row = err == ERR_OK ? snapshot_find_host(snapshot, &pattern) : NULL;
    if (!row) {
        bool literal = err == ERR_HOST_NUMBER || (err == ERR_OK && pattern.kind == PATTERN_ADDRESS);
        *rule = decide_by(POLICY_RULE_HOSTS);
        return literal ? ERR_LITERAL_UNLISTED : ERR_HOST_UNLISTED;
    }
    if (!decide_has_port(&snapshot->settings.allowed_ports, port)) {
        *rule = decide_by(POLICY_RULE_PORTS);
        return ERR_PORT_UNLISTED;
    }
    if (pattern.kind == PATTERN_ADDRESS) {
        TRY(decide_literal(snapshot, &pattern, port, rule));
    }
    *rule = decide_by(POLICY_RULE_HOST);
    rule->row = row;
    return ERR_OK;
}

enum err policy_decide_client(const struct snapshot *snapshot, const struct addr *client,
                              struct policy_rule *rule)
{
    struct addr plain = addr_unmap(client);
    const struct settings_networks *networks = &snapshot->settings.allowed_clients;
    const struct cidr *network = decide_find_network(networks, &plain);
    *rule = (struct policy_rule){POLICY_RULE_CLIENTS, .network = network};
    return network ? ERR_OK : ERR_CLIENT_UNLISTED;
}

enum err policy_decide_request(const struct snapshot *snapshot,
                               const struct policy_request *request, struct policy_rule *rule)
{
    TRY(policy_decide_client(snapshot, &request->client, rule));
    return policy_decide_host(snapshot, request->host, request->port, rule);
}

enum err policy_decide_target(const struct snapshot *snapshot, const struct policy_target *target,
                              struct policy_rule *rule)
{
    const struct settings_networks *networks = &snapshot->settings.allowed_networks;
    const struct cidr *whole = decide_find_network(networks, &target->endpoint.addr);
    struct addr faces[ADDRESS_FACES_MAX];
    size_t count = address_faces(&target->endpoint.addr, faces);
    TRY(policy_decide_never(snapshot, &target->endpoint, rule));
    *rule = decide_by(target->relay ? POLICY_RULE_RELAY : POLICY_RULE_PUBLIC);
    rule->addr = faces[0];
    for (size_t i = 0; i < count && !target->relay; i++) {
        const struct address_range *range = address_find_range(&faces[i]);
        /* Who lists the address as it is lists what it carries. */
        const struct cidr *network = whole ? whole : decide_find_network(networks, &faces[i]);
        if (!range || range->kind == ADDRESS_INNER) {
            continue;
        }
        if (!network) {
            *rule = (struct policy_rule){POLICY_RULE_RANGE, .range = range, .addr = faces[i]};
            return ERR_ADDRESS_SPECIAL;
        }
        *rule = (struct policy_rule){POLICY_RULE_NETWORK, .network = network, .addr = faces[i]};
    }
    return ERR_OK;
}

static bool decide_is_same(const struct pattern *a, const struct pattern *b)
{
    return a->kind == PATTERN_NAME && b->kind == PATTERN_NAME &&
           span_equal(pattern_span(a), pattern_span(b));
}

enum err policy_decide_tls(const struct snapshot *snapshot, const struct policy_tls *tls,
                           struct policy_rule *rule)
{
    const struct settings *settings = &snapshot->settings;
    struct pattern host, sni;
    bool known = pattern_host(tls->host, &host) == ERR_OK;
    bool literal = known && host.kind == PATTERN_ADDRESS;
    bool same = known && pattern_host(tls->sni, &sni) == ERR_OK && decide_is_same(&host, &sni);
    bool shown = tls->certificate == POLICY_CERTIFICATE_SHOWN;
    const struct snapshot_row *row = shown ? snapshot_find_subject(snapshot, tls->subject) : NULL;
#define HANDSHAKE(name, kind, refuses)                                                             \
    if (refuses) {                                                                                 \
        *rule = decide_by(POLICY_RULE_##kind);                                                     \
        return ERR_##name;                                                                         \
    }
#include "policy/handshakes.def"
#undef HANDSHAKE
    *rule = decide_by(row                             ? POLICY_RULE_SUBJECT
                      : shown                         ? POLICY_RULE_CLIENT_CERTIFICATES
                      : tls->sni.len == 0 && !literal ? POLICY_RULE_MISSING_SNI
                                                      : POLICY_RULE_SNI);
    rule->row = row;
    return ERR_OK;
}

enum err policy_decide_subject(const struct snapshot *snapshot, uint64_t row)
{
    bool any = snapshot->settings.client_certificates == CLIENT_CERTIFICATES_ANY;
    return any || snapshot_has_subject(snapshot, row) ? ERR_OK : ERR_CERTIFICATE_UNLISTED;
}
