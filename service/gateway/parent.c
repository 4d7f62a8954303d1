/*
 * The talk with the relay proxy: our CONNECT for the client's target, and its reply. What the
 * client said to us is not passed on, and its early bytes wait until the way is open.
 */
#include "gateway/tunnel.h"

static void parent_lose(struct tunnel *tunnel, enum err why)
{
    tunnel_blame(tunnel, why);
    tunnel_raise(tunnel, TUNNEL_EVENT_LOST);
}

/* A login that cannot be said was refused when the rules were made. */
void parent_ask(struct tunnel *tunnel)
{
    const struct rules_relay *relay = &tunnel->rules->rules->relay;
    struct tunnel_setup *setup = tunnel->setup;
    struct out request;
    CHECK(relay->set && tunnel->server && !tunnel->granted);
    out_begin(&request, (char *)setup->request, sizeof setup->request);
    enum err err =
        connect_put(&tunnel->target, span_of(relay->login, relay->user_len),
                    span_of(relay->login + relay->user_len, relay->password_len), &request);
    CHECK(err == ERR_OK);
    head_begin_relay(&setup->head);
    io_send(&tunnel->gateway->loop, &tunnel->halves[TUNNEL_UP].op, &tunnel->server->socket,
            out_span(&request));
}

static void parent_read(struct tunnel *tunnel)
{
    io_recv(&tunnel->gateway->loop, &tunnel->halves[TUNNEL_DOWN].op, &tunnel->server->socket,
            &tunnel->gateway->bulk, NULL);
}

void parent_asked(struct tunnel *tunnel, struct io_op *op)
{
    CHECK(op->kind == IO_SEND && !tunnel->halves[TUNNEL_DOWN].buffer);
    CHECK(tunnel->relayed && tunnel->server && !tunnel->granted);
    if (op->result == ERR_OK) {
        parent_read(tunnel);
    } else {
        parent_lose(tunnel, op->result);
    }
}

/* Given up: its connection is closed as soon as nothing is out on it. */
void parent_leave(struct tunnel *tunnel)
{
    const struct half *up = &tunnel->halves[TUNNEL_UP], *down = &tunnel->halves[TUNNEL_DOWN];
    struct dial *dial = tunnel->server;
    bool hears = io_is_out(&down->op) && down->op.kind == IO_RECV;
    if (dial && io_socket_is_open(&dial->socket) && !io_is_out(&dial->op) && !half_sends(up) &&
        !hears) {
        bool abort = tunnel->why != ERR_OK;
        io_close(&tunnel->gateway->loop, &dial->op, &dial->socket, abort);
    }
}

void parent_left(struct tunnel *tunnel, struct io_op *op)
{
    struct half *half = list_owner(op, struct half, op);
    CHECK(half->side == TUNNEL_DOWN && tunnel->server);
    tunnel_dropped(tunnel, op);
    tunnel_drop(half);
    parent_leave(tunnel);
    if (op->kind == IO_SEND) { /* to a client that takes nothing */
        tunnel_raise(tunnel, TUNNEL_EVENT_BROKEN);
    }
}

void parent_came(struct tunnel *tunnel, struct io_op *op)
{
    struct half *down = &tunnel->halves[TUNNEL_DOWN];
    struct head *head = &tunnel->setup->head;
    size_t used;
    bool done;
    CHECK(op->kind == IO_RECV && !tunnel->granted && !down->buffer);
    if (op->result != ERR_OK || op->bytes == 0) {
        parent_lose(tunnel, op->result != ERR_OK ? op->result : head_end(head));
        return;
    }
    enum err err = head_feed(head, span_of(op->arg.recv.buffer, op->bytes), &used, &done);
    tunnel_keep(down, err == ERR_OK ? used : op->bytes);
    if (err != ERR_OK) {
        parent_lose(tunnel, err);
    } else if (done) {
        tunnel_raise(tunnel, TUNNEL_EVENT_GRANTED);
    } else {
        parent_read(tunnel);
    }
}
