/*
 * The TLS handshake that passes by: what comes is shown to the inspector, and what it frees goes
 * on. Then the halves are free of it and bytes flow unseen; or the client is told why not, in an
 * alert, and its server is left. Knows no rule and no message of TLS.
 */
#include "gateway/tunnel.h"
#include "tls/alert.h"

static enum tls_side handshake_side(const struct half *half)
{
    return half->side == TUNNEL_UP ? TLS_CLIENT : TLS_SERVER;
}

/* Whatever went wrong on our side is one thing for whoever reads about it. */
static enum err handshake_err(enum err err)
{
    return err == ERR_EXHAUSTED || err == ERR_CRYPTO ? ERR_TLS_FULL : err;
}

/* Told at once: whatever ends the tunnel before it hears of it, it was refused. */
static void handshake_deny(struct tunnel *tunnel)
{
    CHECK(tunnel->granted && tunnel->why != ERR_OK);
    if (!tunnel->denied) {
        tunnel->denied = true;
        report_refusal(tunnel);
    }
}

/* What may go, piece by piece; then more is read, as long as there is something to look for. */
static void handshake_go(struct tunnel *tunnel, struct half *half)
{
    struct tls_inspect *tls = &tunnel->setup->tls;
    struct span piece;
    CHECK(!io_is_out(&half->op));
    if (tls_take(tls, handshake_side(half), &piece)) {
        io_send(&tunnel->gateway->loop, &half->op, half->to, piece);
    } else if (half->len == 0) {
        tunnel_drop(half);
        if (tls->state == TLS_WATCHING) {
            relay_read(tunnel, half);
        }
    }
}

/* Shows what is in the buffer; it stays there until its last piece is sent. */
static void handshake_show(struct tunnel *tunnel, struct half *half)
{
    struct tunnel_setup *setup = tunnel->setup;
    struct span bytes = span_of(half->buffer + half->start, half->len);
    enum tls_state state;
    CHECK(half->buffer && half->len > 0 && setup->tls.state == TLS_WATCHING);
    half->len = 0;
    half->first_ms = half->first_ms > 0 ? half->first_ms : tunnel_now_ms(tunnel);
    setup->judge.now_ms = tunnel_now_ms(tunnel);
    tunnel_blame(tunnel, handshake_err(tls_feed(&setup->tls, handshake_side(half), bytes, &state)));
    CHECK((state == TLS_REFUSED) == (tunnel->why != ERR_OK));
    if (state == TLS_REFUSED) {
        handshake_deny(tunnel);
    }
}

/*
 * When it passed, each half first sends what was held of it. One that reads meanwhile stops, if
 * anything was; of what it may bring then nothing is seen any more.
 */
static bool handshake_is_drained(struct tunnel *tunnel)
{
    bool drained = true;
    for (size_t i = 0; i < TUNNEL_HALVES; i++) {
        struct half *half = &tunnel->halves[i];
        bool holds = tls_holds(&tunnel->setup->tls, handshake_side(half));
        if (holds && !half_sends(half)) {
            tunnel_cancel(tunnel, &half->op);
        }
        CHECK(!half->over && half->to);
        drained = drained && !holds && !half_sends(half);
    }
    return drained;
}

/* What the inspector found, once what is on its way to the client is out. */
static void handshake_look(struct tunnel *tunnel)
{
    const struct half *up = &tunnel->halves[TUNNEL_UP], *down = &tunnel->halves[TUNNEL_DOWN];
    switch ((enum tls_state)tunnel->setup->tls.state) {
    case TLS_WATCHING:
        break;
    case TLS_PASSED:
        if (handshake_is_drained(tunnel)) {
            tunnel_raise(tunnel, TUNNEL_EVENT_PASS);
        }
        break;
    case TLS_ENDED:
        if (!half_sends(up) && !half_sends(down)) {
            tunnel_raise(tunnel, TUNNEL_EVENT_ENDED);
        }
        break;
    case TLS_REFUSED:
        if (!half_sends(down)) {
            tunnel_raise(tunnel, TUNNEL_EVENT_DENY);
        }
        break;
    }
}

/* Bytes that came behind a relay proxy's reply came before the client's hello went out. */
void handshake_begin(struct tunnel *tunnel)
{
    struct gateway *gateway = tunnel->gateway;
    struct tunnel_setup *setup = tunnel->setup;
    const struct tls_ask ask = {&gateway->inspectors, &setup->judge,
                                gateway_share(gateway, &tunnel->client.addr)};
    CHECK(tunnel->granted && tunnel->why == ERR_OK && !setup->inspects);
    tunnel->active_ms = tunnel_now_ms(tunnel);
    judge_begin(&setup->judge, &gateway->judges, tunnel->rules->rules->snapshot,
                authority_host(&tunnel->target));
    tls_begin(&setup->tls, &ask);
    setup->inspects = true;
    for (size_t i = TUNNEL_HALVES; i > 0; i--) {
        struct half *half = &tunnel->halves[i - 1];
        CHECK(half->from && half->to && half->from != half->to);
        if (half->len > 0 && setup->tls.state == TLS_WATCHING) {
            handshake_show(tunnel, half);
        }
        handshake_go(tunnel, half);
    }
    handshake_look(tunnel);
}

void handshake_moved(struct tunnel *tunnel, struct io_op *op)
{
    struct half *half = list_owner(op, struct half, op);
    bool watches = tunnel->setup->tls.state == TLS_WATCHING;
    bool stopped = !watches && op->kind == IO_RECV && op->result == ERR_CANCELLED;
    CHECK(tunnel->setup->inspects && !half->over);
    tunnel->active_ms = tunnel_now_ms(tunnel);
    if (op->result != ERR_OK && !stopped) {
        tunnel_blame(tunnel, op->result);
        tunnel_raise(tunnel, TUNNEL_EVENT_BROKEN);
        return;
    }
    if (op->kind == IO_RECV && op->bytes == 0 && watches) {
        tunnel_raise(tunnel, TUNNEL_EVENT_EOF);
        return;
    }
    if (op->kind == IO_RECV && op->bytes > 0) {
        tunnel_keep(half, 0);
    }
    if (half->len > 0 && watches) {
        handshake_show(tunnel, half);
    }
    handshake_go(tunnel, half);
    handshake_look(tunnel);
}

void handshake_pass(struct tunnel *tunnel)
{
    struct tunnel_setup *setup = tunnel->setup;
    CHECK(setup->tls.state == TLS_PASSED);
    CHECK(!half_sends(&tunnel->halves[TUNNEL_UP]));
    CHECK(!half_sends(&tunnel->halves[TUNNEL_DOWN]));
    judge_passed(&setup->judge, &setup->tls.facts);
    report_passed(tunnel);
    relay_begin(tunnel);
    gateway_judge_again(tunnel);
}

/* Nothing that came is wanted any more; what is being sent keeps its place until it is told. */
static void handshake_stop(struct tunnel *tunnel)
{
    struct half *up = &tunnel->halves[TUNNEL_UP], *down = &tunnel->halves[TUNNEL_DOWN];
    tunnel_cancel(tunnel, &down->op);
    if (half_sends(up)) {
        tunnel_cancel(tunnel, &up->op);
    } else {
        tunnel_drop(up);
    }
    if (!half_sends(down)) {
        tunnel_drop(down);
    }
    parent_leave(tunnel);
}

/* An alert told both sides: the client has a moment to read it. */
void handshake_leave(struct tunnel *tunnel)
{
    CHECK(tunnel->setup->tls.state == TLS_ENDED);
    handshake_stop(tunnel);
    request_linger(tunnel);
}

/* A client that takes nothing of what is sent to it already is not told anything more. */
void handshake_refuse(struct tunnel *tunnel)
{
    struct tunnel_setup *setup = tunnel->setup;
    CHECK(!io_is_out(&tunnel->say));
    handshake_deny(tunnel);
    handshake_stop(tunnel);
    if (!half_sends(&tunnel->halves[TUNNEL_DOWN])) {
        alert_put(tunnel->why, tls_version_seen(&setup->tls), setup->reply);
        io_send(&tunnel->gateway->loop, &tunnel->say, &tunnel->socket,
                span_of(setup->reply, ALERT_SIZE));
    }
}

void handshake_end(struct tunnel_setup *setup)
{
    if (setup->inspects) {
        tls_end(&setup->tls);
        judge_end(&setup->judge);
        setup->inspects = false;
    }
}
