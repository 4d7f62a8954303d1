/*
 * From a name to a connection: the addresses of the target, or of the relay proxy in front of it,
 * are judged, put in an order in which families take turns, and tried one after the other; one that
 * takes its time gets the next one beside it (RFC 8305).
 */
#include "gateway/tunnel.h"

#include <string.h>

enum {
    DIAL_STAGGER_MS = 250,
    DIAL_PATIENCE_MS = 1500 /* with an address that does not answer while others wait */
};

static const struct rules_relay *dial_relay(const struct tunnel *tunnel)
{
    return &tunnel->rules->rules->relay;
}

/* Where we connect to: behind a relay proxy it is the relay that looks for the target. */
static const struct authority *dial_goal(const struct tunnel *tunnel)
{
    return tunnel->relayed ? &dial_relay(tunnel)->at : &tunnel->target;
}

void dial_resolve(struct tunnel *tunnel)
{
    struct io_names *names = &tunnel->setup->names;
    tunnel->relayed = dial_relay(tunnel)->set;
    struct span host = authority_host(dial_goal(tunnel));
    CHECK(host.len > 0 && host.len <= sizeof names->name);
    CHECK(tunnel->state == TUNNEL_RESOLVE && !tunnel->server);
    memcpy(names->name, host.at, host.len);
    names->name_len = (uint8_t)host.len;
    tunnel->asked_ms = tunnel_now_ms(tunnel);
    names->client = gateway_hash(tunnel->gateway, &tunnel->client.addr);
    io_resolve(&tunnel->gateway->loop, &tunnel->dials[0].op, names);
}

/* ---- addresses ---- */

/* By the rules of now: they may have changed while its name was asked for. */
static enum err dial_judge(struct tunnel *tunnel, const struct addr *addr, struct policy_rule *rule)
{
    const struct settings *settings = tunnel_settings(tunnel);
    const struct addr *from = &settings->outbound_address;
    const struct policy_target target = {.endpoint = {*addr, dial_goal(tunnel)->port},
                                         .relay = tunnel->relayed};
    TRY(policy_decide_target(tunnel->gateway->rules->rules->snapshot, &target, rule));
    *rule = (struct policy_rule){0}; /* nothing of a snapshot that is not the tunnel's */
    return from->family == ADDR_NONE || from->family == addr->family ? ERR_OK : ERR_UNREACHABLE;
}

/* Keeps those that are allowed; if none is, why and by which rule the first was refused. */
static enum err dial_filter(struct tunnel *tunnel)
{
    struct io_names *names = &tunnel->setup->names;
    struct policy_rule first_rule = {0};
    enum err first = ERR_OK;
    uint8_t kept = 0;
    for (uint8_t i = 0; i < names->count; i++) {
        struct policy_rule rule = {0};
        enum err err = dial_judge(tunnel, &names->addrs[i], &rule);
        if (err == ERR_OK) {
            names->addrs[kept++] = names->addrs[i];
        } else if (first == ERR_OK) {
            first = err;
            first_rule = rule;
        }
    }
    names->count = kept;
    if (kept > 0) {
        return ERR_OK; /* by the rule that allowed the request */
    }
    CHECK(first != ERR_OK); /* the resolver never answers with nothing */
    tunnel->setup->rule = first_rule;
    return first;
}

/* While it connects one bad address is enough: the client comes again, and gets the others. */
enum err dial_judge_again(const struct tunnel *tunnel, const struct snapshot *snapshot,
                          struct policy_rule *rule)
{
    struct policy_target target = {{.port = tunnel->target.port}, .relay = false};
    CHECK(tunnel->target.port != 0 && tunnel->state != TUNNEL_FREE);
    if (tunnel->relayed) {
        return ERR_OK; /* that one was the administrator's choice */
    }
    if (tunnel->server) {
        target.endpoint = tunnel->server->to;
        return policy_decide_target(snapshot, &target, rule);
    }
    const struct io_names *names = &tunnel->setup->names; /* the resolver's, in RESOLVE */
    for (uint8_t i = 0; tunnel->state == TUNNEL_CONNECT && i < names->count; i++) {
        target.endpoint.addr = names->addrs[i];
        TRY(policy_decide_target(snapshot, &target, rule));
    }
    return ERR_OK;
}

void dial_interleave(struct io_names *names)
{
    for (uint8_t i = 1; i < names->count; i++) {
        uint8_t other = i;
        while (other < names->count && names->addrs[other].family == names->addrs[i - 1].family) {
            other++;
        }
        if (other < names->count) {
            struct addr addr = names->addrs[other];
            memmove(&names->addrs[i + 1], &names->addrs[i], (other - i) * sizeof addr);
            names->addrs[i] = addr;
        }
    }
}

void dial_resolved(struct tunnel *tunnel, struct io_op *op)
{
    CHECK(op->kind == IO_RESOLVE && !tunnel->server);
    tunnel->resolved_ms = tunnel_now_ms(tunnel);
    report_resolved(tunnel, op->result);
    if (op->result != ERR_OK) {
        tunnel_blame(tunnel, op->result);
        tunnel_raise(tunnel, TUNNEL_EVENT_LOST);
        return;
    }
    enum err err = dial_filter(tunnel);
    if (err != ERR_OK) {
        tunnel_blame(tunnel, err);
        tunnel_raise(tunnel, TUNNEL_EVENT_REFUSED);
        return;
    }
    dial_interleave(&tunnel->setup->names);
    tunnel_raise(tunnel, TUNNEL_EVENT_RESOLVED);
}

/* ---- connecting ---- */

static struct dial *dial_idle(struct tunnel *tunnel)
{
    for (size_t i = 0; i < TUNNEL_DIALS; i++) {
        if (!io_is_out(&tunnel->dials[i].op)) {
            CHECK(!io_socket_is_open(&tunnel->dials[i].socket));
            return &tunnel->dials[i];
        }
    }
    return NULL;
}

static bool dial_has_more(const struct tunnel *tunnel)
{
    return tunnel->next_address < tunnel->setup->names.count;
}

static struct dial *dial_oldest(struct tunnel *tunnel)
{
    struct dial *dials = tunnel->dials;
    return dials[0].since_ms <= dials[1].since_ms ? &dials[0] : &dials[1];
}

/* When somebody is to look again: both are out, or the second may begin. */
static void dial_set_stagger(struct tunnel *tunnel)
{
    if (dial_has_more(tunnel)) {
        tunnel->stagger_ms = dial_idle(tunnel) ? tunnel_now_ms(tunnel) + DIAL_STAGGER_MS
                                               : dial_oldest(tunnel)->since_ms + DIAL_PATIENCE_MS;
    }
}

/* The next address begins; where two are tried already, the one begun first makes room for it. */
void dial_next(struct tunnel *tunnel)
{
    const struct settings *settings = tunnel_settings(tunnel);
    bool chosen = settings->outbound_address.family != ADDR_NONE;
    struct dial *dial = dial_idle(tunnel);
    CHECK(tunnel->state == TUNNEL_CONNECT && !tunnel->server);
    if (!dial_has_more(tunnel)) {
        return;
    }
    if (!dial) {
        tunnel_cancel(tunnel, &dial_oldest(tunnel)->op); /* comes to dial_connected, and here */
        return;
    }
    CHECK(!io_is_out(&dial->op) && !io_socket_is_open(&dial->socket));
    dial->to.addr = tunnel->setup->names.addrs[tunnel->next_address++];
    dial->to.port = dial_goal(tunnel)->port;
    io_connect(&tunnel->gateway->loop, &dial->op, &dial->socket, &dial->to,
               chosen ? &settings->outbound_address : NULL);
    dial->since_ms = tunnel_now_ms(tunnel);
    dial_set_stagger(tunnel);
}

static void dial_won(struct tunnel *tunnel, struct dial *dial)
{
    CHECK(!tunnel->server && io_socket_is_open(&dial->socket) && !io_is_out(&dial->op));
    CHECK(tunnel->state == TUNNEL_CONNECT && tunnel->why == ERR_OK && tunnel->counted);
    tunnel->server = dial;
    report_connected(tunnel, ERR_OK);
    tunnel->halves[TUNNEL_UP].to = tunnel->halves[TUNNEL_DOWN].from = &dial->socket;
    for (size_t i = 0; i < TUNNEL_DIALS; i++) {
        tunnel_cancel(tunnel, &tunnel->dials[i].op);
    }
    tunnel_raise(tunnel, tunnel->relayed ? TUNNEL_EVENT_PARENT_UP : TUNNEL_EVENT_CONNECTED);
}

static void dial_failed(struct tunnel *tunnel)
{
    bool other_out = false;
    for (size_t i = 0; i < TUNNEL_DIALS; i++) {
        other_out = other_out || io_is_out(&tunnel->dials[i].op);
    }
    if (other_out || dial_has_more(tunnel)) {
        tunnel_raise(tunnel, TUNNEL_EVENT_FAILED);
    } else {
        CHECK(tunnel->setup->failed != ERR_OK); /* none is lost without a reason */
        tunnel_blame(tunnel, tunnel->setup->failed);
        tunnel_raise(tunnel, TUNNEL_EVENT_LOST);
    }
}

/*
 * What the client is told. An address that was chosen and is not ours is a mistake that has a
 * sentence of its own; where none was chosen, there is no way.
 */
static enum err dial_fault(const struct io_op *op)
{
    switch (op->result) {
    case ERR_ADDRESS_ABSENT:
        return op->arg.connect.from ? ERR_OUTBOUND : ERR_UNREACHABLE;
    case ERR_CANCELLED:
        return ERR_TIMED_OUT; /* it had its time */
    default:
        return op->result;
    }
}

/* Of several failures the one that says most: a family without a way hides no server's answer. */
static void dial_note_failure(struct tunnel *tunnel, const struct io_op *op)
{
    enum err *failed = &tunnel->setup->failed, fault = dial_fault(op);
    CHECK(fault != ERR_OK && !tunnel->server);
    *failed = *failed == ERR_OK || fault != ERR_UNREACHABLE ? fault : *failed;
    report_connected(tunnel, op->result);
}

void dial_connected(struct tunnel *tunnel, struct io_op *op)
{
    struct dial *dial = list_owner(op, struct dial, op);
    CHECK(op->kind == IO_CONNECT || op->kind == IO_CLOSE);
    if (op->kind == IO_CONNECT && op->result == ERR_OK) {
        dial_won(tunnel, dial);
        return;
    }
    if (op->kind == IO_CONNECT) {
        dial_note_failure(tunnel, op);
    }
    if (io_socket_is_open(&dial->socket)) {
        io_close(&tunnel->gateway->loop, op, &dial->socket, true); /* and then here again */
    } else {
        dial_failed(tunnel);
    }
}

/* An answer, or a connection, that nobody waits for any more. */
void dial_late(struct tunnel *tunnel, struct io_op *op)
{
    struct dial *dial = list_owner(op, struct dial, op);
    CHECK(dial != tunnel->server || op->kind == IO_CLOSE);
    if (op->kind == IO_CONNECT && io_socket_is_open(&dial->socket)) {
        io_close(&tunnel->gateway->loop, op, &dial->socket, true);
    } else {
        tunnel_went(tunnel);
    }
}
