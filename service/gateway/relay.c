/*
 * Bytes: one half, run twice, mirrored. What came goes on before more is taken; the end goes on
 * after the last byte, and the other direction stays open.
 */
#include "gateway/tunnel.h"

void relay_read(struct tunnel *tunnel, struct half *half)
{
    CHECK(!half->buffer && !half->over);
    io_recv(&tunnel->gateway->loop, &half->op, half->from, &tunnel->gateway->bulk, NULL);
}

static void relay_write(struct tunnel *tunnel, struct half *half)
{
    CHECK(half->buffer && half->len > 0);
    io_send(&tunnel->gateway->loop, &half->op, half->to,
            span_of(half->buffer + half->start, half->len));
}

/* A half that reads since the handshake goes on reading. */
void relay_begin(struct tunnel *tunnel)
{
    CHECK(tunnel->granted && !tunnel->denied && tunnel->why == ERR_OK);
    CHECK(tunnel->counted && tunnel->server && io_socket_is_open(&tunnel->socket));
    tunnel->active_ms = tunnel_now_ms(tunnel);
    tunnel_settle(tunnel);
    for (size_t i = 0; i < TUNNEL_HALVES; i++) {
        struct half *half = &tunnel->halves[i];
        if (half->buffer) {
            relay_write(tunnel, half);
        } else if (!io_is_out(&half->op)) {
            relay_read(tunnel, half);
        }
    }
}

/* The timer goes on; nothing is to be done. */
void relay_keep(struct tunnel *tunnel)
{
    CHECK(tunnel->halves[TUNNEL_UP].over != tunnel->halves[TUNNEL_DOWN].over);
}

uint64_t relay_deadline_ms(const struct tunnel *tunnel)
{
    const struct settings *settings = tunnel_settings(tunnel);
    uint64_t active_ms = tunnel->active_ms, stuck_ms = UINT64_MAX;
    for (size_t i = 0; i < TUNNEL_HALVES; i++) {
        const struct half *half = &tunnel->halves[i];
        uint64_t moved_ms = half->op.arg.send.moved_ms;
        if (half_sends(half)) {
            active_ms = moved_ms > active_ms ? moved_ms : active_ms;
            stuck_ms = moved_ms < stuck_ms ? moved_ms : stuck_ms;
        }
    }
    uint64_t idle_at_ms = active_ms + settings->idle_timeout_ms;
    uint64_t stuck_at_ms = stuck_ms < UINT64_MAX ? stuck_ms + settings->send_timeout_ms : stuck_ms;
    return stuck_at_ms < idle_at_ms ? stuck_at_ms : idle_at_ms;
}

static void relay_break(struct tunnel *tunnel, enum err why)
{
    tunnel_blame(tunnel, why);
    tunnel_raise(tunnel, TUNNEL_EVENT_BROKEN);
}

static void relay_ended(struct tunnel *tunnel, struct half *half)
{
    CHECK(!half->over && !half->buffer);
    half->over = true;
    bool both = tunnel->halves[TUNNEL_UP].over && tunnel->halves[TUNNEL_DOWN].over;
    tunnel_raise(tunnel, both ? TUNNEL_EVENT_BOTH_EOF : TUNNEL_EVENT_EOF);
}

/* Closing tells the end as well: whoever ends last needs no shutdown of its own. */
static void relay_eof(struct tunnel *tunnel, struct half *half)
{
    if (tunnel->halves[TUNNEL_UP].over || tunnel->halves[TUNNEL_DOWN].over) {
        relay_ended(tunnel, half);
    } else {
        io_shutdown(&tunnel->gateway->loop, &half->op, half->to);
    }
}

static void relay_received(struct tunnel *tunnel, struct half *half)
{
    if (half->op.bytes == 0) {
        relay_eof(tunnel, half);
    } else {
        tunnel_keep(half, 0);
        half->first_ms = half->first_ms > 0 ? half->first_ms : tunnel_now_ms(tunnel);
        relay_write(tunnel, half);
    }
}

static void relay_sent(struct tunnel *tunnel, struct half *half)
{
    CHECK(half->buffer && half->op.bytes == half->len); /* all of it, or it failed */
    tunnel_drop(half);
    relay_read(tunnel, half);
}

void relay_moved(struct tunnel *tunnel, struct io_op *op)
{
    struct half *half = list_owner(op, struct half, op);
    CHECK(!half->over && !tunnel->setup && !tunnel->rules);
    tunnel->active_ms = tunnel_now_ms(tunnel);
    if (op->result != ERR_OK) {
        relay_break(tunnel, op->result);
    } else if (op->kind == IO_RECV) {
        relay_received(tunnel, half);
    } else if (op->kind == IO_SEND) {
        relay_sent(tunnel, half);
    } else {
        relay_ended(tunnel, half);
    }
}
