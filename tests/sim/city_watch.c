/*
 * Who watches the gateways: each step of the table, each tunnel at every turn, every record, event
 * and counter, and in the end their sums. The only file of the city that knows a tunnel's inside.
 */
#include "gateway/tunnel.h"
#include "sim/city.h"
#include "tls/alert.h"

#include <stdio.h>
#include <string.h>

/* What a turn, and ops that take their time, may add to any time. */
enum { SLACK_MS = 1000 };

static const char *const state_names[] = {
#define STATE(name, time, error, up, down, dial, words) [TUNNEL_##name] = #name,
#define EVENT(name, words)
#define ROW(state, event, action, next)
#include "gateway/tunnel.def"
#undef STATE
#undef EVENT
#undef ROW
};

static const char *const event_names[] = {
#define STATE(name, time, error, up, down, dial, words)
#define EVENT(name, words) [TUNNEL_EVENT_##name] = #name,
#define ROW(state, event, action, next)
#include "gateway/tunnel.def"
#undef STATE
#undef EVENT
#undef ROW
};

static const uint8_t nexts[TUNNEL_STATES][TUNNEL_EVENTS] = {
#define STATE(name, time, error, up, down, dial, words)
#define EVENT(name, words)
#define ROW(state, event, action, next) [TUNNEL_##state][TUNNEL_EVENT_##event] = TUNNEL_##next,
#include "gateway/tunnel.def"
#undef STATE
#undef EVENT
#undef ROW
};

static struct city *watched;
static uint64_t visits[TUNNEL_STATES][TUNNEL_EVENTS]; /* over all seeds */

/* By name: a new row renumbers the others, and must not change what a seed's hash is. */
static void trace_name(const char *name)
{
    for (; *name; name++) {
        sim_trace(&watched->world, (uint8_t)*name);
    }
}

static struct city_client *client_by_port(struct city *city, uint16_t port)
{
    for (uint32_t i = 0; i < CITY_CLIENTS; i++) {
        struct city_client *client = &city->clients[i];
        if (client->connected && client->port == port) {
            return client;
        }
    }
    return NULL;
}

/* By the rules of now; no relay proxy is at an address that any of them refuse. */
static bool may_reach_server(const struct tunnel *tunnel)
{
    const struct policy_target target = {.endpoint = tunnel->server->to};
    struct policy_rule rule;
    return policy_decide_target(tunnel->gateway->rules->rules->snapshot, &target, &rule) == ERR_OK;
}

/* No end may hide a refusal; whoever still takes bytes is not quiet while the gateway drains. */
static void look_at_step(const struct tunnel *tunnel, unsigned event)
{
    const struct tunnel_setup *setup = tunnel->setup;
    bool refused = setup && setup->inspects && setup->tls.state == TLS_REFUSED;
    bool carries = tunnel->state == TUNNEL_INSPECT || tunnel->state == TUNNEL_RELAY;
    bool early = watched->world.now_ms < tunnel->gateway->drain_until_ms;
    CHECK(event != TUNNEL_EVENT_JOINED || !refused || tunnel->denied);
    CHECK(event != TUNNEL_EVENT_CONNECTED || may_reach_server(tunnel));
    CHECK(event != TUNNEL_EVENT_STOP || !carries || !early ||
          (!half_sends(&tunnel->halves[TUNNEL_UP]) && !half_sends(&tunnel->halves[TUNNEL_DOWN])));
}

static void raised(const struct tunnel *tunnel, unsigned event)
{
    look_at_step(tunnel, event);
    visits[tunnel->state][event]++;
    trace_name(state_names[tunnel->state]);
    trace_name(event_names[event]);
    const struct city_client *client = client_by_port(watched, tunnel->client.port);
    if (client) {
        bool won = event == TUNNEL_EVENT_CONNECTED || event == TUNNEL_EVENT_PARENT_UP;
        bool stays = nexts[tunnel->state][event] == tunnel->state;
        uint64_t *since_ms = &watched->since_ms[client->number];
        *since_ms = stays ? *since_ms : watched->world.now_ms;
        watched->won_ms[client->number] = won ? *since_ms : watched->won_ms[client->number];
    }
    if (watched->told) {
        (void)printf("%6llu ms: client %d: %s in %s\n", (unsigned long long)watched->world.now_ms,
                     client ? (int)client->number : -1, event_names[event],
                     state_names[tunnel->state]);
    }
    CHECK(event != TUNNEL_EVENT_HEAD || !tunnel->gateway->draining);
    if (event == TUNNEL_EVENT_JOINED) {
        watched->joined++;
        watched->named += tunnel->target.port != 0 ? 1 : 0;
    }
}

uint32_t city_unvisited(void)
{
    uint32_t count = 0;
    for (unsigned s = 0; s < TUNNEL_STATES; s++) {
        for (unsigned e = 0; e < TUNNEL_EVENTS; e++) {
            enum tunnel_state state = (enum tunnel_state)s;
            enum tunnel_event event = (enum tunnel_event)e;
            if (tunnel_allows(state, event) && visits[s][e] == 0) {
                (void)printf("not visited: ROW(%s, %s)\n", state_names[s], event_names[e]);
                count++;
            }
        }
    }
    return count;
}

void city_watch(struct city *city, struct gateway_setup *setup, uint32_t which)
{
    static struct {
        struct event_record events[CITY_EVENTS];
        struct access_record access[CITY_EVENTS];
    } rings[CITY_GATEWAYS];
    struct feed *feed = &city->feeds[which];
    *feed = (struct feed){.level = &city->level, .access_on = &city->access_on};
    ring_init(&feed->events, rings[which].events, sizeof rings[which].events[0], CITY_EVENTS);
    ring_init(&feed->access, rings[which].access, sizeof rings[which].access[0], CITY_EVENTS);
    setup->feed = feed;
    setup->raised = raised;
    watched = city;
}

/* "c12.one.test": 12. */
struct city_client *city_client_by_name(struct city *city, struct span name)
{
    uint32_t number = 0;
    if (name.len < 2 || name.at[0] != 'c') {
        return NULL;
    }
    for (size_t i = 1; i < name.len && name.at[i] >= '0' && name.at[i] <= '9'; i++) {
        number = number * 10 + (name.at[i] - '0');
    }
    CHECK(number < CITY_CLIENTS);
    return &city->clients[number];
}

/* ---- tunnels ---- */

/* Whatever state it is in, something will come to end it. */
static void look_at_tunnel(const struct tunnel *tunnel)
{
    bool carries = tunnel->state == TUNNEL_RELAY, closes = tunnel->state == TUNNEL_CLOSING;
    CHECK(tunnel->state != TUNNEL_FREE && list_linked(&tunnel->link));
    CHECK(closes || io_is_out(&tunnel->timer));
    CHECK(closes || tunnel->timer.arg.timer.at_ms <= tunnel->deadline_ms || carries);
    CHECK(!carries || (!tunnel->setup && !tunnel->rules && tunnel->granted));
    CHECK(carries || closes || tunnel->setup);
    bool refuses = tunnel->state == TUNNEL_REFUSE || tunnel->state == TUNNEL_LINGER;
    bool inspects = tunnel->state == TUNNEL_INSPECT;
    bool denied = refuses && (tunnel->denied || tunnel->why == ERR_OK); /* or ended by an alert */
    CHECK(!tunnel->granted || tunnel->state == TUNNEL_GREET || inspects || denied || carries ||
          closes);
    CHECK(!inspects || (tunnel->setup->inspects && tunnel->rules && tunnel->granted));
    bool out = io_is_out(&tunnel->timer) || io_is_out(&tunnel->say);
    for (size_t i = 0; i < TUNNEL_HALVES; i++) {
        const struct half *half = &tunnel->halves[i];
        const struct io_socket *server = &tunnel->dials[i].socket;
        CHECK(!carries || half->over || io_is_out(&half->op));
        CHECK(!refuses || !io_socket_is_open(server) || server->recv || server->send ||
              server->other); /* nothing is kept of the way to the server */
        out = out || io_is_out(&half->op) || io_is_out(&tunnel->dials[i].op);
    }
    CHECK(out);
}

/* No way is opened to an address that the rules of now refuse, nor kept where OnRemove closes. */
static void look_at_server(const struct tunnel *tunnel)
{
    const struct snapshot *snapshot = tunnel->gateway->rules->rules->snapshot;
    bool carries = tunnel->state >= TUNNEL_GREET && tunnel->state <= TUNNEL_RELAY;
    CHECK(!carries || snapshot->settings.on_remove == ON_REMOVE_KEEP || may_reach_server(tunnel));
}

/* Those who are over a limit, and how many of them have time. */
static void look_at_crowd(const struct gateway *gateway)
{
    uint32_t over = 0, linger = 0;
    list_each (node, &gateway->live) {
        const struct tunnel *tunnel = list_owner(node, struct tunnel, link);
        over += tunnel->counted ? 0 : 1;
        linger += !tunnel->counted && tunnel->state == TUNNEL_LINGER ? 1 : 0;
    }
    CHECK(over == gateway->over && linger <= gateway->setup.spare);
}

/* How long a state may last at the most. */
static uint64_t most_ms(const struct tunnel *tunnel)
{
    static const uint64_t most[TUNNEL_STATES] = {[TUNNEL_REQUEST] = CITY_HEADER_MS,
                                                 [TUNNEL_RESOLVE] = CITY_RESOLVE_MS,
                                                 [TUNNEL_CONNECT] = CITY_CONNECT_MS,
                                                 [TUNNEL_PARENT] = CITY_CONNECT_MS,
                                                 [TUNNEL_GREET] = CITY_SEND_MS,
                                                 [TUNNEL_INSPECT] = CITY_HANDSHAKE_MS,
                                                 [TUNNEL_REFUSE] = CITY_SEND_MS,
                                                 [TUNNEL_LINGER] = 2000,
                                                 [TUNNEL_CLOSING] = 0,
                                                 [TUNNEL_RELAY] = UINT32_MAX};
    return most[tunnel->state];
}

static void look_at_drain(const struct city *city, const struct tunnel *tunnel)
{
    uint64_t now_ms = city->world.now_ms;
    uint64_t last_ms = tunnel->began_ms > city->drained_ms ? tunnel->began_ms : city->drained_ms;
    bool asks = tunnel->state >= TUNNEL_REQUEST && tunnel->state <= TUNNEL_PARENT;
    bool quiet = tunnel->state == TUNNEL_RELAY && now_ms > tunnel->active_ms + 3000 + SLACK_MS &&
                 !half_sends(&tunnel->halves[TUNNEL_UP]) &&
                 !half_sends(&tunnel->halves[TUNNEL_DOWN]);
    CHECK(now_ms <= last_ms + 1000 + SLACK_MS || (!asks && !quiet));
    CHECK(now_ms <= last_ms + city->drain_ms + 2000 + SLACK_MS || tunnel->state == TUNNEL_CLOSING);
}

/* What was given up is gone soon, and nothing lasts longer than it may. */
static void look_at_times(const struct city *city, const struct tunnel *tunnel)
{
    const struct city_client *client = client_by_port(watched, tunnel->client.port);
    uint64_t now_ms = city->world.now_ms;
    if (!client) {
        return;
    }
    uint64_t since_ms = city->since_ms[client->number];
    since_ms = since_ms > 0 ? since_ms : tunnel->began_ms;
    CHECK(now_ms <= since_ms + most_ms(tunnel) + SLACK_MS);
    bool refuses = tunnel->state == TUNNEL_REFUSE || tunnel->state == TUNNEL_LINGER;
    for (size_t i = 0; i < TUNNEL_HALVES; i++) {
        const struct half *half = &tunnel->halves[i];
        const struct dial *dial = &tunnel->dials[i];
        bool carries = tunnel->state == TUNNEL_RELAY && half_sends(half);
        CHECK(!carries || now_ms <= half->op.arg.send.moved_ms + CITY_SEND_MS + SLACK_MS);
        bool late = (refuses && now_ms > since_ms + SLACK_MS) ||
                    (tunnel->server && dial != tunnel->server &&
                     now_ms > city->won_ms[client->number] + SLACK_MS);
        CHECK(!late || (!io_is_out(&dial->op) && !io_socket_is_open(&dial->socket)));
    }
    if (tunnel->gateway->draining) {
        look_at_drain(city, tunnel);
    }
}

/* Where descriptors are there, every place of an open port waits for a client. */
static void look_at_ports(const struct city *city, const struct gateway *gateway)
{
    for (size_t i = 0; i < GATEWAY_LISTENERS; i++) {
        const struct gateway_port *port = &gateway->ports[i];
        bool open = port->used && !port->listener.closing && city->never_exhausted;
        for (size_t k = 0; open && k < GATEWAY_ACCEPTS; k++) {
            CHECK(io_is_out(&port->accepts[k].op));
        }
    }
}

/* ---- what is told ---- */

/* The row that allowed it, or what would have had to; nothing where no rule stood against it. */
static void look_at_rule(const struct city_client *client, const struct access_record *record)
{
    char place[64];
    struct out row;
    struct span rule = access_get(record, ACCESS_RULE);
    out_begin(&row, place, sizeof place);
    out_str(&row, "host, row ");
    out_u64(&row, city_row(client->host));
    bool allowed = record->verdict == ERR_OK;
    struct span rest = span_after(rule, allowed ? row.len : 0);
    CHECK(!allowed || span_equal(span_first(rule, row.len), out_span(&row)));
    CHECK(!allowed || rest.len == 0 || span_starts_with(rest, span_str("; certificate, row ")));
    CHECK(allowed || err_event(record->verdict) == 106 ||
          (rule.len > 0) == (err_event(record->verdict) == 105));
}

static void look_at_record(struct city *city, const struct access_record *record)
{
    struct city_client *client = client_by_port(city, record->client.port);
    char place[AUTHORITY_MAX];
    struct out name;
    city->records++;
    city->carried += record->bytes_to_server + record->bytes_to_client;
    if (!client) {
        return; /* it gave up before it knew that it was connected */
    }
    CHECK(client->host && addr_equal(&client->from, &record->client.addr));
    out_begin(&name, place, sizeof place);
    if (!client->host->literal) {
        out_str(&name, "c");
        out_u64(&name, client->number);
        out_str(&name, ".");
    }
    out_str(&name, client->host->name);
    CHECK(span_equal(access_get(record, ACCESS_HOST), out_span(&name)));
    CHECK(record->port == client->host->port);
    CHECK(record->verdict == ERR_OK || reply_exists(record->verdict) ||
          alert_number(record->verdict) != ALERT_INTERNAL);
    look_at_rule(client, record);
    client->drained = client->drained || city->drained;
    client->records++;
    client->record = *record;
}

static void look_at_feed(struct city *city, struct feed *feed)
{
    struct event_record event;
    struct access_record record;
    while (ring_inside(&feed->events) > 0) {
        CHECK(ring_take(&feed->events, &event));
        city->events[event_id(event.event)]++;
    }
    while (ring_inside(&feed->access) > 0) {
        CHECK(ring_take(&feed->access, &record));
        look_at_record(city, &record);
    }
    CHECK(ring_dropped(&feed->events) == 0 && ring_dropped(&feed->access) == 0);
}

void city_look(struct city *city)
{
    uint32_t counted = 0;
    uint64_t carried = 0, sent = 0;
    city->greeting = 0;
    for (uint32_t i = 0; i < CITY_GATEWAYS; i++) {
        list_each (node, &city->gateways[i].live) {
            const struct tunnel *tunnel = list_owner(node, struct tunnel, link);
            look_at_tunnel(tunnel);
            look_at_times(city, tunnel);
            look_at_server(tunnel);
            counted += tunnel->counted ? 1 : 0;
            carried += tunnel->halves[TUNNEL_UP].bytes + tunnel->halves[TUNNEL_DOWN].bytes;
            city->greeting += tunnel->state == TUNNEL_GREET ? 1 : 0;
        }
        look_at_ports(city, &city->gateways[i]);
        look_at_crowd(&city->gateways[i]);
        look_at_feed(city, &city->feeds[i]);
        sent += atom_load(&city->gateways[i].counters.at[COUNTER_bytes_to_server]) +
                atom_load(&city->gateways[i].counters.at[COUNTER_bytes_to_client]);
    }
    CHECK(city->quota.held == counted);
    CHECK(sent == carried + city->carried); /* not only when a tunnel ends */
}

static uint64_t refused_by_rules(const uint64_t *at)
{
    return at[COUNTER_refused_client] + at[COUNTER_refused_host] + at[COUNTER_refused_port] +
           at[COUNTER_refused_address];
}

void city_look_at_end(struct city *city)
{
    const struct counters *all[CITY_GATEWAYS];
    struct counter_sums sums;
    for (uint32_t i = 0; i < CITY_GATEWAYS; i++) {
        all[i] = &city->gateways[i].counters;
    }
    city_look(city);
    counter_sum(all, CITY_GATEWAYS, &sums);
    const uint64_t *at = sums.at;
    CHECK(at[COUNTER_client_connections] == 0 && at[COUNTER_tunnels_open] == 0);
    CHECK(at[COUNTER_accepted] == city->joined && city->records == city->named);
    CHECK(at[COUNTER_refused_request] == city->events[104]);
    CHECK(refused_by_rules(at) + at[COUNTER_refused_certificate] == city->events[105]);
    CHECK(at[COUNTER_refused_tls] == city->events[106] + city->events[402]);
    CHECK(at[COUNTER_rejections] == at[COUNTER_refused_tls] + at[COUNTER_refused_certificate]);
    CHECK(at[COUNTER_handshakes] + at[COUNTER_rejections] <= at[COUNTER_granted]);
    CHECK(city->events[107] <= at[COUNTER_handshakes]);
    CHECK(at[COUNTER_refused_limit] == city->events[100]);
    CHECK(at[COUNTER_failed_network] == city->events[403]);
    CHECK(at[COUNTER_errors] == city->events[403]);
    uint64_t ends = at[COUNTER_granted] + at[COUNTER_probes] + at[COUNTER_refused_request] +
                    refused_by_rules(at) + at[COUNTER_refused_limit] + at[COUNTER_failed_network];
    CHECK(ends <= at[COUNTER_accepted]); /* the others broke before they were answered */
    CHECK(city->quota.held == 0 && quota_clients(&city->quota) == 0);
}
