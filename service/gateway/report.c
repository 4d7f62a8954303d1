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

/* Every event about a tunnel begins with its client. */
static void report_begin(struct event_record *record, enum event event, const struct tunnel *tunnel)
{
    char place[ADDR_TEXT_MAX];
    struct out out;
    event_begin(record, event, report_unix_ms(tunnel));
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

/* ---- TLS ---- */

/* What the inspector saw instead, where that says more. */
static void report_put_tls_reason(struct event_record *record, const struct tunnel *tunnel)
{
    const struct judge *judge = &tunnel->setup->judge;
    const struct tls_facts *facts = &tunnel->setup->tls.facts;
    char place[REPORT_TEXT_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    out_str(&out, err_sentence(tunnel->why));
    if (tunnel->why == ERR_TLS_PLAIN) {
        out_str(&out, ": ");
        out_str(&out, greeting_words((enum greeting_kind)facts->greeting));
    } else if (tunnel->why == ERR_TLS_OLD) {
        out_str(&out, ": ");
        out_str(&out, greeting_version(facts->chosen ? facts->chosen : facts->offered_most));
    } else if (tunnel->why == ERR_SNI_OTHER) {
        out_str(&out, ": ");
        out_put(&out, span_of(judge->sni, judge->sni_len));
    }
    event_text(record, out_span(&out));
}

static struct span report_subject(const struct tunnel *tunnel)
{
    const struct session_who *who = &tunnel->setup->judge.who;
    return who->shown && who->subject.text_len > 0
               ? span_of(who->subject.text, who->subject.text_len)
               : span_str(who->shown ? "(empty)" : "");
}

/* Why there is no subject is worth a word: the list of certificates judges only what is seen. */
static struct span report_subject_or_why(const struct tunnel *tunnel)
{
    const struct judge *judge = &tunnel->setup->judge;
    struct span subject = report_subject(tunnel);
    return subject.len > 0          ? subject
           : tunnel->tls >= TLS_1_3 ? span_str("not seen, TLS 1.3 encrypts it")
           : judge->resumed == POLICY_RESUMED_UNKNOWN
               ? span_str("not known, it was shown elsewhere")
               : span_str("none");
}

static struct span report_resumed(const struct tunnel *tunnel)
{
    const struct tls_facts *facts = &tunnel->setup->tls.facts;
    bool offered = tunnel->tls >= TLS_1_3 && facts->has_psk;
    return span_str(offered ? "offered" : facts->resumed ? "yes" : "no");
}

static void report_verified(struct tunnel *tunnel)
{
    struct event_record record;
    struct span host = authority_host(&tunnel->target);
    report_begin(&record, EVENT_TlsVerified, tunnel);
    event_text(&record, host);
    event_text(&record, span_str(greeting_version(tunnel->tls)));
    event_text(&record, tunnel->named ? host : span_str("none"));
    event_text(&record, report_subject_or_why(tunnel));
    event_text(&record, report_resumed(tunnel));
    (void)feed_event(tunnel->gateway->setup.feed, &record);
}

/* What the access log is told in the end stays with the tunnel. */
void report_passed(struct tunnel *tunnel)
{
    const struct judge *judge = &tunnel->setup->judge;
    const struct tls_facts *facts = &tunnel->setup->tls.facts;
    struct counters *counters = report_counters(tunnel);
    tunnel->tls = facts->chosen;
    tunnel->named = facts->has_sni;
    tunnel->subject_row = judge->rule.kind == POLICY_RULE_SUBJECT ? judge->rule.row->id : 0;
    counter_add(counters, COUNTER_handshakes, 1);
    counter_add(counters, COUNTER_handshake_ms, tunnel_now_ms(tunnel) - tunnel->connected_ms);
    if (feed_wants(tunnel->gateway->setup.feed, EVENT_TlsVerified)) {
        report_verified(tunnel);
    }
}

/* ---- the events of a refusal, by their ids ---- */

static void report_not_connect(struct tunnel *tunnel, struct event_record *record)
{
    struct span method = head_method(&tunnel->setup->head);
    report_begin(record, EVENT_NotConnect, tunnel);
    if (tunnel->why == ERR_NOT_CONNECT && method.len > 0) {
        event_text(record, method);
    } else {
        report_put_reason(record, tunnel);
    }
}

static void report_certificate(struct tunnel *tunnel, struct event_record *record)
{
    report_begin(record, EVENT_CertificateForbidden, tunnel);
    event_text(record, authority_host(&tunnel->target));
    event_text(record, report_subject(tunnel));
}

static void report_forbidden(struct tunnel *tunnel, struct event_record *record)
{
    if (tunnel->denied) {
        report_certificate(tunnel, record);
        return;
    }
    report_begin(record, EVENT_TargetForbidden, tunnel);
    report_put_target(record, tunnel);
    report_put_reason(record, tunnel);
    report_put_rule(record, tunnel);
}

static void report_network(struct tunnel *tunnel, struct event_record *record)
{
    report_begin(record, EVENT_NetworkError, tunnel);
    report_put_target(record, tunnel);
    report_put_reason(record, tunnel);
}

static void report_tls(struct tunnel *tunnel, struct event_record *record)
{
    enum event event = err_event(tunnel->why) == 402   ? EVENT_TlsUnreadable
                       : tunnel->why == ERR_TLS_SILENT ? EVENT_TlsSilent
                                                       : EVENT_TlsRefused;
    report_begin(record, event, tunnel);
    event_text(record, authority_host(&tunnel->target));
    report_put_tls_reason(record, tunnel);
}

static void report_limit(struct tunnel *tunnel, struct event_record *record)
{
    bool stopping = tunnel->why == ERR_STOPPING; /* which no limit is the cause of */
    report_begin(record, stopping ? EVENT_RefusedWhileStopping : EVENT_LimitReached, tunnel);
    if (!stopping) {
        report_put_reason(record, tunnel);
    }
}

static const struct {
    uint16_t id; /* err.def's */
    void (*fill)(struct tunnel *tunnel, struct event_record *record);
} report_forms[] = {
    {100, report_limit}, {104, report_not_connect}, {105, report_forbidden},
    {106, report_tls},   {402, report_tls},         {403, report_network},
};

void report_refusal(struct tunnel *tunnel)
{
    struct event_record record;
    CHECK(tunnel->why != ERR_OK && tunnel->setup);
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

/* Who asks first makes no text in vain. */
static bool report_traces(const struct tunnel *tunnel)
{
    return feed_wants(tunnel->gateway->setup.feed, EVENT_Trace);
}

static void report_trace(struct tunnel *tunnel, const struct out *step)
{
    struct event_record record;
    report_begin(&record, EVENT_Trace, tunnel);
    event_text(&record, out_span(step));
    (void)feed_event(tunnel->gateway->setup.feed, &record);
}

static void report_trace_connected(struct tunnel *tunnel)
{
    char place[REPORT_TEXT_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    out_str(&out, "connected to ");
    endpoint_print(&tunnel->server->to, &out);
    out_str(&out, ", asked for ");
    out_put(&out, authority_host(&tunnel->target));
    report_trace(tunnel, &out);
}

static void report_trace_ended(struct tunnel *tunnel)
{
    char place[REPORT_TEXT_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    out_str(&out, "the tunnel to ");
    out_put(&out, authority_host(&tunnel->target));
    out_str(&out, " has ended; bytes to the server: ");
    out_u64(&out, tunnel->halves[TUNNEL_UP].bytes);
    out_str(&out, ", to the client: ");
    out_u64(&out, tunnel->halves[TUNNEL_DOWN].bytes);
    report_trace(tunnel, &out);
}

void report_client(struct tunnel *tunnel)
{
    counter_add(report_counters(tunnel), COUNTER_accepted, 1);
    counter_add(report_counters(tunnel), COUNTER_client_connections, 1);
}

void report_request(struct tunnel *tunnel)
{
    struct event_record record;
    if (feed_wants(tunnel->gateway->setup.feed, EVENT_ConnectReceived)) {
        report_begin(&record, EVENT_ConnectReceived, tunnel);
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
    if (err == ERR_OK && report_traces(tunnel)) {
        report_trace_connected(tunnel);
    }
}

void report_grant(struct tunnel *tunnel)
{
    const struct policy_rule *rule = &tunnel->setup->rule;
    CHECK(rule->kind == POLICY_RULE_HOST && rule->row); /* what else allows a client a host */
    tunnel->rule_kind = (uint8_t)rule->kind;
    tunnel->rule_row = rule->row->id;
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

/* However it ended: what it asked for was opened, and it was not refused after that. */
static bool report_is_allowed(const struct tunnel *tunnel)
{
    return tunnel->granted && !tunnel->denied;
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
    if (tunnel->subject_row > 0) {
        out_str(out, "; certificate, row ");
        out_u64(out, tunnel->subject_row);
    }
}

static void report_print_refused(const struct tunnel *tunnel, struct out *out)
{
    const struct tunnel_setup *setup = tunnel->setup;
    bool ruled = tunnel->denied ? setup->judge.ruled : err_event(tunnel->why) == 105;
    if (ruled && tunnel->rules) {
        policy_print_rule(tunnel->rules->rules->snapshot,
                          tunnel->denied ? &setup->judge.rule : &setup->rule, out);
    }
}

/* Only what the rules refused has a rule; what else ended a request has none. */
static void report_set_rule(struct access_record *record, const struct tunnel *tunnel)
{
    char place[REPORT_TEXT_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    if (report_is_allowed(tunnel)) {
        report_print_granted(tunnel, &out);
    } else if (tunnel->setup) {
        report_print_refused(tunnel, &out);
    }
    access_set(record, ACCESS_RULE, out_span(&out));
}

static void report_set_tls(struct access_record *record, const struct tunnel *tunnel)
{
    record->tls = tunnel->tls;
    if (tunnel->named) {
        access_set(record, ACCESS_SNI, authority_host(&tunnel->target));
    }
    if (tunnel->denied) {
        const struct judge *judge = &tunnel->setup->judge;
        record->tls = tunnel->setup->tls.facts.chosen;
        access_set(record, ACCESS_SNI, span_of(judge->sni, judge->sni_len));
        access_set(record, ACCESS_SUBJECT, report_subject(tunnel));
    }
}

static void report_access(struct tunnel *tunnel)
{
    struct access_record record;
    access_begin(&record);
    record.unix_ms = report_unix_ms(tunnel);
    record.client = tunnel->client;
    record.port = tunnel->target.port;
    record.verdict = report_is_allowed(tunnel) ? ERR_OK : tunnel->why;
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
    report_set_tls(&record, tunnel);
    (void)feed_access(tunnel->gateway->setup.feed, &record);
}

/* At the end of any op of a half: whatever came of a SEND, so many bytes went on. */
void report_sent(struct tunnel *tunnel, struct half *half)
{
    if (half->op.kind == IO_SEND && tunnel->granted) {
        bool up = half->side == TUNNEL_UP;
        CHECK(half->op.bytes <= half->op.arg.send.len);
        half->bytes += half->op.bytes;
        counter_add(report_counters(tunnel), up ? COUNTER_bytes_to_server : COUNTER_bytes_to_client,
                    half->op.bytes);
    }
}

void report_end(struct tunnel *tunnel)
{
    struct counters *counters = report_counters(tunnel);
    CHECK(!tunnel->denied || tunnel->granted);
    CHECK(!tunnel->granted || (tunnel->target.port != 0 && tunnel->counted));
    counter_sub(counters, COUNTER_client_connections, 1);
    if (tunnel->granted) {
        counter_sub(counters, COUNTER_tunnels_open, 1);
    }
    if (tunnel->granted && report_traces(tunnel)) {
        report_trace_ended(tunnel);
    }
    if (feed_wants_access(tunnel->gateway->setup.feed) && tunnel->target.port != 0) {
        report_access(tunnel);
    }
}
