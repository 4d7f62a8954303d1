/*
 * The table at work, deadlines, and the end of a tunnel. An end has one form: the reason is set
 * once, what is out is cancelled and waited for, both connections are closed, one record is
 * written. Knows no protocol.
 */
#include "gateway/tunnel.h"

#include "sys/secrets.h"

#include <string.h>

enum { LINGER_MS = 2000 };

struct tunnel_row {
    void (*action)(struct tunnel *tunnel);
    enum tunnel_state next;
};

struct tunnel_manner {
    enum err overdue;
    void (*up)(struct tunnel *tunnel, struct io_op *op);
    void (*down)(struct tunnel *tunnel, struct io_op *op);
    void (*dial)(struct tunnel *tunnel, struct io_op *op);
};

static const struct tunnel_row tunnel_rows[TUNNEL_STATES][TUNNEL_EVENTS] = {
#define STATE(name, time, error, up, down, dial, words)
#define EVENT(name, words)
#define ROW(state, event, action, next)                                                            \
    [TUNNEL_##state][TUNNEL_EVENT_##event] = {action, TUNNEL_##next},
#include "gateway/tunnel.def"
#undef STATE
#undef EVENT
#undef ROW
};

static const struct tunnel_manner tunnel_manners[TUNNEL_STATES] = {
#define STATE(name, time, error, up, down, dial, words)                                            \
    [TUNNEL_##name] = {ERR_##error, up, down, dial},
#define EVENT(name, words)
#define ROW(state, event, action, next)
#include "gateway/tunnel.def"
#undef STATE
#undef EVENT
};

bool tunnel_allows(enum tunnel_state state, enum tunnel_event event)
{
    CHECK(state < TUNNEL_STATES && event < TUNNEL_EVENTS);
    return tunnel_rows[state][event].action != NULL;
}

uint64_t tunnel_now_ms(const struct tunnel *tunnel)
{
    return io_now_ms(&tunnel->gateway->loop);
}

struct tunnel *half_tunnel(struct half *half)
{
    CHECK(half->side < TUNNEL_HALVES);
    return list_owner(half - half->side, struct tunnel, halves);
}

bool half_sends(const struct half *half)
{
    return io_is_out(&half->op) && half->op.kind == IO_SEND;
}

/* Before it is judged, and once it carries bytes, those of whoever comes now. */
const struct settings *tunnel_settings(const struct tunnel *tunnel)
{
    const struct rules_cell *cell = tunnel->rules ? tunnel->rules : tunnel->gateway->rules;
    CHECK(cell && cell->rules);
    return &cell->rules->snapshot->settings;
}

void tunnel_blame(struct tunnel *tunnel, enum err why)
{
    CHECK(why < ERR_COUNT);
    if (tunnel->why == ERR_OK) {
        tunnel->why = why;
    }
}

/* ---- deadlines ---- */

static uint64_t tunnel_time_ms(const struct tunnel *tunnel)
{
    const struct settings *settings = tunnel_settings(tunnel);
    switch (tunnel->state) {
#define STATE(name, time, error, up, down, dial, words)                                            \
    case TUNNEL_##name:                                                                            \
        return (time);
#define EVENT(name, words)
#define ROW(state, event, action, next)
#include "gateway/tunnel.def"
#undef STATE
#undef EVENT
    default:
        CHECK_NEVER("every state is in the table");
        return 0;
    }
}

void tunnel_arm(struct tunnel *tunnel)
{
    uint64_t at = tunnel->deadline_ms;
    CHECK(tunnel->state != TUNNEL_FREE && tunnel->state != TUNNEL_CLOSING);
    if (tunnel->stagger_ms > 0 && tunnel->stagger_ms < at) {
        at = tunnel->stagger_ms;
    }
    if (tunnel->state == TUNNEL_RELAY) { /* a SEND may get stuck meanwhile */
        uint64_t look_ms = tunnel_now_ms(tunnel) + tunnel_settings(tunnel)->send_timeout_ms;
        at = look_ms < at ? look_ms : at;
    }
    if (!io_is_out(&tunnel->timer)) {
        io_timer(&tunnel->gateway->loop, &tunnel->timer, at);
    } else if (at < tunnel->timer.arg.timer.at_ms) {
        tunnel_cancel(tunnel, &tunnel->timer); /* comes back here at once, to be armed anew */
    }
}

/* A new state has its own time. The timer of a later deadline is left alone: it looks again. */
static void tunnel_set_deadline(struct tunnel *tunnel)
{
    uint64_t time_ms = tunnel_time_ms(tunnel);
    CHECK(time_ms > 0 || tunnel->state == TUNNEL_RELAY); /* nothing lasts for ever */
    tunnel->deadline_ms = time_ms > 0 ? tunnel_now_ms(tunnel) + time_ms : relay_deadline_ms(tunnel);
    tunnel_arm(tunnel);
}

static void tunnel_timed(struct io_op *op)
{
    struct tunnel *tunnel = list_owner(op, struct tunnel, timer);
    CHECK(tunnel->state != TUNNEL_FREE);
    uint64_t now_ms = tunnel_now_ms(tunnel);
    if (tunnel->state == TUNNEL_RELAY) {
        tunnel->deadline_ms = relay_deadline_ms(tunnel);
    }
    if (tunnel->state == TUNNEL_CLOSING) {
        tunnel_went(tunnel);
        return;
    }
    if (now_ms >= tunnel->deadline_ms) {
        tunnel_blame(tunnel, tunnel_manners[tunnel->state].overdue);
        tunnel_raise(tunnel, TUNNEL_EVENT_DEADLINE);
    } else if (tunnel->stagger_ms > 0 && now_ms >= tunnel->stagger_ms) {
        tunnel_raise(tunnel, TUNNEL_EVENT_STAGGER);
    } else {
        tunnel_arm(tunnel);
    }
}

/* ---- the table ---- */

void tunnel_raise(struct tunnel *tunnel, enum tunnel_event event)
{
    CHECK(tunnel_allows(tunnel->state, event));
    const struct tunnel_row *row = &tunnel_rows[tunnel->state][event];
    bool other = tunnel->state != row->next;
    if (tunnel->gateway->setup.raised) {
        tunnel->gateway->setup.raised(tunnel, event);
    }
    tunnel->state = row->next;
    tunnel->stagger_ms = 0; /* the action may set it */
    row->action(tunnel);
    if (tunnel->state != row->next) {
        return; /* the action met what leads further, and that has seen to the rest */
    }
    if (row->next == TUNNEL_CLOSING) {
        tunnel_went(tunnel);
    } else if (row->next != TUNNEL_FREE && other) {
        tunnel_set_deadline(tunnel);
    } else if (row->next != TUNNEL_FREE) {
        tunnel_arm(tunnel);
    }
}

static void tunnel_up_done(struct io_op *op)
{
    struct tunnel *tunnel = list_owner(op, struct tunnel, halves[TUNNEL_UP].op);
    report_sent(tunnel, &tunnel->halves[TUNNEL_UP]);
    tunnel_manners[tunnel->state].up(tunnel, op);
}

static void tunnel_down_done(struct io_op *op)
{
    struct tunnel *tunnel = list_owner(op, struct tunnel, halves[TUNNEL_DOWN].op);
    report_sent(tunnel, &tunnel->halves[TUNNEL_DOWN]);
    tunnel_manners[tunnel->state].down(tunnel, op);
}

static void tunnel_first_dial_done(struct io_op *op)
{
    struct tunnel *tunnel = list_owner(op, struct tunnel, dials[0].op);
    tunnel_manners[tunnel->state].dial(tunnel, op);
}

static void tunnel_second_dial_done(struct io_op *op)
{
    struct tunnel *tunnel = list_owner(op, struct tunnel, dials[1].op);
    tunnel_manners[tunnel->state].dial(tunnel, op);
}

/* What we say ends a state; the end of our side, and the close, are waited for by CLOSING. */
static void tunnel_said(struct io_op *op)
{
    struct tunnel *tunnel = list_owner(op, struct tunnel, say);
    if (op->kind == IO_SEND && tunnel->state != TUNNEL_CLOSING) {
        bool crowd = !tunnel->counted && tunnel->gateway->over > tunnel->gateway->setup.spare;
        tunnel_blame(tunnel, op->result);
        tunnel_raise(tunnel, op->result != ERR_OK ? TUNNEL_EVENT_BROKEN
                             : crowd              ? TUNNEL_EVENT_ENOUGH
                                                  : TUNNEL_EVENT_SENT);
    } else {
        tunnel_went(tunnel);
    }
}

void tunnel_nothing(struct tunnel *tunnel, struct io_op *op)
{
    (void)tunnel, (void)op;
    CHECK_NEVER("no op of this kind can be out in this state");
}

/* ---- begin and end ---- */

struct tunnel *tunnel_take(struct gateway *gateway)
{
    struct tunnel *tunnel = pool_take(&gateway->tunnels, NULL);
    if (tunnel && !pool_ready(&gateway->setups, gateway->tunnels.taken)) {
        pool_give(&gateway->tunnels, tunnel);
        tunnel = NULL;
    }
    if (!tunnel) {
        return NULL;
    }
    memset(tunnel, 0, sizeof *tunnel);
    tunnel->gateway = gateway;
    list_node_init(&tunnel->link);
    io_socket_init(&tunnel->socket);
    io_op_init(&tunnel->timer, tunnel_timed);
    io_op_init(&tunnel->say, tunnel_said);
    io_op_init(&tunnel->halves[TUNNEL_UP].op, tunnel_up_done);
    io_op_init(&tunnel->halves[TUNNEL_DOWN].op, tunnel_down_done);
    tunnel->halves[TUNNEL_DOWN].side = TUNNEL_DOWN;
    for (size_t i = 0; i < TUNNEL_DIALS; i++) {
        io_socket_init(&tunnel->dials[i].socket);
        io_op_init(&tunnel->dials[i].op, i == 0 ? tunnel_first_dial_done : tunnel_second_dial_done);
    }
    return tunnel;
}

void tunnel_give(struct tunnel *tunnel)
{
    CHECK(tunnel->state == TUNNEL_FREE && !list_linked(&tunnel->link));
    CHECK(!tunnel->setup && !tunnel->rules && !tunnel->counted);
    CHECK(!tunnel->halves[TUNNEL_UP].buffer && !tunnel->halves[TUNNEL_DOWN].buffer);
    pool_give(&tunnel->gateway->tunnels, tunnel);
}

void tunnel_begin(struct tunnel *tunnel, const struct endpoint *client)
{
    struct gateway *gateway = tunnel->gateway;
    CHECK(tunnel->state == TUNNEL_FREE && io_socket_is_open(&tunnel->socket));
    list_push_last(&gateway->live, &tunnel->link);
    tunnel->client = (struct endpoint){addr_unmap(&client->addr), client->port};
    tunnel->began_ms = tunnel->active_ms = tunnel_now_ms(tunnel);
    tunnel->halves[TUNNEL_UP].from = tunnel->halves[TUNNEL_DOWN].to = &tunnel->socket;
    tunnel->setup = pool_take(&gateway->setups, NULL);
    CHECK(tunnel->setup); /* it was ready before the client came */
    tunnel->setup->rule = (struct policy_rule){0};
    tunnel->setup->failed = ERR_OK;
    tunnel->setup->inspects = false;
    report_client(tunnel);
    tunnel->state = TUNNEL_REQUEST;
    tunnel_set_deadline(tunnel);
    request_begin(tunnel);
}

void tunnel_cancel(struct tunnel *tunnel, struct io_op *op)
{
    CHECK(tunnel->state != TUNNEL_FREE);
    if (io_is_out(op)) {
        io_cancel(&tunnel->gateway->loop, op);
    }
}

void tunnel_keep(struct half *half, size_t used)
{
    CHECK(half->op.kind == IO_RECV && !half->buffer && used <= half->op.bytes);
    half->buffer = half->op.arg.recv.buffer;
    half->start = (uint32_t)used;
    half->len = half->op.bytes - (uint32_t)used;
    if (half->len == 0) {
        tunnel_drop(half);
    }
}

void tunnel_drop(struct half *half)
{
    CHECK(half->buffer || half->len == 0);
    if (half->buffer) {
        pool_give(&half_tunnel(half)->gateway->bulk, half->buffer);
        half->buffer = NULL;
        half->start = half->len = 0;
    }
}

void tunnel_dropped(struct tunnel *tunnel, struct io_op *op)
{
    struct half *half = list_owner(op, struct half, op);
    if (op->kind == IO_RECV && op->bytes > 0) {
        tunnel_keep(half, op->bytes);
    }
    tunnel_went(tunnel);
}

void tunnel_close(struct tunnel *tunnel)
{
    CHECK(tunnel->state == TUNNEL_CLOSING);
    tunnel_cancel(tunnel, &tunnel->timer);
    tunnel_cancel(tunnel, &tunnel->say);
    for (size_t i = 0; i < TUNNEL_HALVES; i++) {
        tunnel_cancel(tunnel, &tunnel->halves[i].op);
    }
    for (size_t i = 0; i < TUNNEL_DIALS; i++) {
        tunnel_cancel(tunnel, &tunnel->dials[i].op);
    }
}

void tunnel_abort(struct tunnel *tunnel)
{
    CHECK(tunnel->why != ERR_OK); /* nobody is reset without a reason */
    tunnel->abort = true;
    tunnel_close(tunnel);
}

static bool tunnel_is_out(const struct tunnel *tunnel)
{
    bool out = io_is_out(&tunnel->timer) || io_is_out(&tunnel->say);
    for (size_t i = 0; i < TUNNEL_HALVES; i++) {
        out = out || io_is_out(&tunnel->halves[i].op);
    }
    for (size_t i = 0; i < TUNNEL_DIALS; i++) {
        out = out || io_is_out(&tunnel->dials[i].op);
    }
    return out;
}

/* Each connection is closed by an op that is its own, all at once. */
static bool tunnel_close_sockets(struct tunnel *tunnel)
{
    struct io_loop *loop = &tunnel->gateway->loop;
    bool any = io_socket_is_open(&tunnel->socket);
    if (any) {
        io_close(loop, &tunnel->say, &tunnel->socket, tunnel->abort);
    }
    for (size_t i = 0; i < TUNNEL_DIALS; i++) {
        struct dial *dial = &tunnel->dials[i];
        if (io_socket_is_open(&dial->socket)) {
            io_close(loop, &dial->op, &dial->socket, tunnel->abort);
            any = true;
        }
    }
    return any;
}

void tunnel_went(struct tunnel *tunnel)
{
    if (tunnel->state == TUNNEL_CLOSING && !tunnel_is_out(tunnel) &&
        !tunnel_close_sockets(tunnel)) {
        tunnel_raise(tunnel, TUNNEL_EVENT_JOINED);
    }
}

/* Rules and setup are for the time before the bytes flow. */
void tunnel_settle(struct tunnel *tunnel)
{
    CHECK(tunnel->state == TUNNEL_FREE || tunnel->state == TUNNEL_RELAY);
    if (tunnel->setup) {
        handshake_end(tunnel->setup);
        sys_wipe(tunnel->setup->request, sizeof tunnel->setup->request);
        pool_give(&tunnel->gateway->setups, tunnel->setup);
        tunnel->setup = NULL;
    }
    if (tunnel->rules) {
        rules_give(tunnel->rules);
        tunnel->rules = NULL;
    }
}

void tunnel_release(struct tunnel *tunnel)
{
    struct gateway *gateway = tunnel->gateway;
    CHECK(!tunnel_is_out(tunnel) && !io_socket_is_open(&tunnel->socket));
    report_end(tunnel);
    tunnel_drop(&tunnel->halves[TUNNEL_UP]);
    tunnel_drop(&tunnel->halves[TUNNEL_DOWN]);
    tunnel_settle(tunnel);
    if (tunnel->counted) {
        quota_give(gateway->setup.quota, &tunnel->client.addr);
        tunnel->counted = false;
    } else {
        CHECK(gateway->over > 0);
        gateway->over--;
    }
    list_unlink(&tunnel->link);
    tunnel_give(tunnel);
    gateway_accept_more(gateway);
}
