/*
 * What is told about a tunnel: events for whoever reads the log, counters, and one access record at
 * its end. Which event an error is belongs to err.def; the words belong to events.def.
 */
#include "gateway/tunnel.h"

#include "policy/explain.h"

enum { REPORT_TEXT_MAX = EVENT_TEXT_MAX };

static struct counters *report_counters(struct tunnel *tunnel)
{
    return &tunnel->gateway->counters;
}

static uint64_t report_unix_ms(const struct tunnel *tunnel)
{
    return tunnel_now_ms(tunnel) + tunnel->gateway->unix_offset_ms;
}

static void report_put_client(struct event_record *record, const struct tunnel *tunnel)
{
    char place[ADDR_TEXT_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    addr_print(&tunnel->client.addr, &out);
    event_text(record, out_span(&out));
}

static void report_put_target(struct event_record *record, const struct tunnel *tunnel)
{
    event_text(record, authority_host(&tunnel->target));
    event_number(record, tunnel->target.port);
}

static void report_put_reason(struct event_record *record, const struct tunnel *tunnel)
{
    char place[HEAD_SAID_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    head_print_said(&tunnel->setup->head, tunnel->why, &out);
    event_text(record, out_span(&out));
}

static void report_put_rule(struct event_record *record, const struct tunnel *tunnel)
{
    char place[REPORT_TEXT_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    policy_print_rule(tunnel->rules->rules->snapshot, &tunnel->setup->rule, &out);
    event_text(record, out_span(&out));
}

/* ---- the events of a refusal, by their ids ---- */

static void report_not_connect(struct tunnel *tunnel, struct event_record *record)
{
    struct span method = head_method(&tunnel->setup->head);
    event_begin(record, EVENT_NotConnect, report_unix_ms(tunnel));
    report_put_client(record, tunnel);
    if (tunnel->why == ERR_NOT_CONNECT && method.len > 0) {
        event_text(record, method);
    } else {
        report_put_reason(record, tunnel);
    }
}

static void report_forbidden(struct tunnel *tunnel, struct event_record *record)
{
    event_begin(record, EVENT_TargetForbidden, report_unix_ms(tunnel));
    report_put_client(record, tunnel);
    report_put_target(record, tunnel);
    report_put_reason(record, tunnel);
    report_put_rule(record, tunnel);
}

static void report_network(struct tunnel *tunnel, struct event_record *record)
{
    event_begin(record, EVENT_NetworkError, report_unix_ms(tunnel));
    report_put_client(record, tunnel);
    report_put_target(record, tunnel);
    report_put_reason(record, tunnel);
}

static void report_limit(struct tunnel *tunnel, struct event_record *record)
{
    event_begin(record, EVENT_LimitReached, report_unix_ms(tunnel));
    report_put_client(record, tunnel);
    report_put_reason(record, tunnel);
}

static const struct {
    uint16_t id; /* err.def's */
    void (*fill)(struct tunnel *tunnel, struct event_record *record);
} report_forms[] = {
    {100, report_limit},
    {104, report_not_connect},
    {105, report_forbidden},
    {403, report_network},
};

void report_refusal(struct tunnel *tunnel)
{
    struct event_record record;
    counter_refusal(report_counters(tunnel), tunnel->why);
    for (size_t i = 0; i < sizeof report_forms / sizeof report_forms[0]; i++) {
        if (report_forms[i].id == err_event(tunnel->why)) {
            report_forms[i].fill(tunnel, &record);
            (void)feed_event(tunnel->gateway->setup.feed, &record);
            return;
        }
    }
    CHECK(err_event(tunnel->why) == 0); /* every id that err.def names is above */
}

/* ---- what happens on the way ---- */

void report_client(struct tunnel *tunnel)
{
    counter_add(report_counters(tunnel), COUNTER_accepted, 1);
    counter_add(report_counters(tunnel), COUNTER_client_connections, 1);
}

void report_request(struct tunnel *tunnel)
{
    struct event_record record;
    if (feed_wants(tunnel->gateway->setup.feed, EVENT_ConnectReceived)) {
        event_begin(&record, EVENT_ConnectReceived, report_unix_ms(tunnel));
        report_put_client(&record, tunnel);
        report_put_target(&record, tunnel);
        (void)feed_event(tunnel->gateway->setup.feed, &record);
    }
}

void report_resolved(struct tunnel *tunnel, enum err err)
{
    struct counters *counters = report_counters(tunnel);
    counter_add(counters, err == ERR_OK ? COUNTER_resolves : COUNTER_resolve_failures, 1);
    if (err == ERR_OK) {
        counter_add(counters, COUNTER_resolve_ms, tunnel->resolved_ms - tunnel->asked_ms);
    }
}

void report_connected(struct tunnel *tunnel, enum err err)
{
    struct counters *counters = report_counters(tunnel);
    counter_add(counters, err == ERR_OK ? COUNTER_connects : COUNTER_connect_failures, 1);
    if (err == ERR_OK) {
        counter_add(counters, COUNTER_connect_ms, tunnel_now_ms(tunnel) - tunnel->resolved_ms);
    }
}

void report_grant(struct tunnel *tunnel)
{
    const struct policy_rule *rule = &tunnel->setup->rule;
    tunnel->rule_kind = (uint8_t)rule->kind;
    tunnel->rule_row = rule->row ? rule->row->id : 0;
    tunnel->granted = true;
    counter_add(report_counters(tunnel), COUNTER_granted, 1);
    counter_add(report_counters(tunnel), COUNTER_tunnels_open, 1);
}

/* ---- the end ---- */

static uint32_t report_span_ms(uint64_t from_ms, uint64_t to_ms)
{
    bool both = from_ms > 0 && to_ms >= from_ms;
    return both ? (uint32_t)(to_ms - from_ms) : ACCESS_NEVER;
}

/* The rules are given up when the bytes flow: then the number of the row has to do. */
static void report_print_granted(const struct tunnel *tunnel, struct out *out)
{
    const struct policy_rule kind = {.kind = (enum policy_rule_kind)tunnel->rule_kind};
    policy_print_rule(NULL, &kind, out);
    if (tunnel->rule_row > 0) {
        out_str(out, ", row ");
        out_u64(out, tunnel->rule_row);
    }
}

/* Only what the rules refused has a rule; what else ended a request has none. */
static void report_set_rule(struct access_record *record, const struct tunnel *tunnel)
{
    char place[REPORT_TEXT_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    if (tunnel->granted) {
        report_print_granted(tunnel, &out);
    } else if (err_event(tunnel->why) == 105 && tunnel->setup && tunnel->rules) {
        policy_print_rule(tunnel->rules->rules->snapshot, &tunnel->setup->rule, &out);
    }
    access_set(record, ACCESS_RULE, out_span(&out));
}

static void report_access(struct tunnel *tunnel)
{
    struct access_record record;
    access_begin(&record);
    record.unix_ms = report_unix_ms(tunnel);
    record.client = tunnel->client;
    record.port = tunnel->target.port;
    record.verdict = tunnel->granted ? ERR_OK : tunnel->why;
    if (tunnel->server) {
        record.server = tunnel->server->to;
    }
    record.bytes_to_server = tunnel->halves[TUNNEL_UP].bytes;
    record.bytes_to_client = tunnel->halves[TUNNEL_DOWN].bytes;
    record.resolve_ms = report_span_ms(tunnel->asked_ms, tunnel->resolved_ms);
    record.connect_ms = report_span_ms(tunnel->resolved_ms, tunnel->connected_ms);
    record.first_byte_ms = report_span_ms(tunnel->began_ms, tunnel->halves[TUNNEL_DOWN].first_ms);
    record.total_ms = report_span_ms(tunnel->began_ms, tunnel_now_ms(tunnel));
    access_set(&record, ACCESS_HOST, authority_host(&tunnel->target));
    report_set_rule(&record, tunnel);
    (void)feed_access(tunnel->gateway->setup.feed, &record);
}

void report_end(struct tunnel *tunnel)
{
    struct counters *counters = report_counters(tunnel);
    counter_sub(counters, COUNTER_client_connections, 1);
    if (tunnel->granted) {
        counter_sub(counters, COUNTER_tunnels_open, 1);
    }
    counter_add(counters, COUNTER_bytes_to_server, tunnel->halves[TUNNEL_UP].bytes);
    counter_add(counters, COUNTER_bytes_to_client, tunnel->halves[TUNNEL_DOWN].bytes);
    if (feed_wants_access(tunnel->gateway->setup.feed) && tunnel->target.port != 0) {
        report_access(tunnel);
    }
}
