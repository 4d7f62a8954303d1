/*
 * Parties and halves, over any backend.
 */
#include "sim/party.h"

static void party_closed(struct io_op *op)
{
    struct party_close *close = (void *)op;
    party_step(close->party);
}

void party_init(struct party *party, struct io_loop *loop, void (*rest)(struct party *party))
{
    *party = (struct party){.loop = loop, .rest = rest};
    for (int i = 0; i < PARTY_SOCKETS; i++) {
        io_op_init(&party->closes[i].op, party_closed);
        party->closes[i].party = party;
    }
}

void party_add_op(struct party *party, struct io_op *op, void (*done)(struct io_op *op))
{
    CHECK(party->op_count < PARTY_OPS);
    io_op_init(op, done);
    party->ops[party->op_count++] = op;
}

void party_add_socket(struct party *party, struct io_socket *socket)
{
    CHECK(party->socket_count < PARTY_SOCKETS);
    io_socket_init(socket);
    party->sockets[party->socket_count++] = socket;
}

void party_die(struct party *party, bool abort)
{
    if (party->dying) {
        return;
    }
    party->dying = true;
    party->abort = abort;
    for (uint32_t i = 0; i < party->op_count; i++) {
        if (io_is_out(party->ops[i])) {
            io_cancel(party->loop, party->ops[i]);
        }
    }
}

static bool party_is_quiet(const struct party *party)
{
    for (uint32_t i = 0; i < party->op_count; i++) {
        if (io_is_out(party->ops[i])) {
            return false;
        }
    }
    return true;
}

void party_step(struct party *party)
{
    bool open = false;
    if (!party->dying || party->rested || !party_is_quiet(party)) {
        return;
    }
    for (uint32_t i = 0; i < party->socket_count; i++) {
        struct io_op *close = &party->closes[i].op;
        if (io_socket_is_open(party->sockets[i]) && !io_is_out(close)) {
            io_close(party->loop, close, party->sockets[i], party->abort);
        }
        open = open || io_is_out(close);
    }
    if (!open) {
        party->rested = true;
        party->rest(party);
    }
}

static void half_receive(struct half *half)
{
    io_recv(half->party->loop, &half->recv, half->from, half->pool, NULL);
}

static void half_give(struct half *half)
{
    if (half->recv.arg.recv.buffer) {
        pool_give(half->pool, half->recv.arg.recv.buffer);
        half->recv.arg.recv.buffer = NULL;
    }
}

static void half_on_recv(struct io_op *op)
{
    struct half *half = list_owner(op, struct half, recv);
    if (half->party->dying) {
        half_give(half);
    } else if (op->result != ERR_OK) {
        half->broken(half); /* ERR_EXHAUSTED too: trying again could wait for itself */
    } else if (op->bytes == 0) {
        half->ended = true;
        io_shutdown(half->party->loop, &half->shutdown, half->to);
    } else {
        struct span bytes = span_of(op->arg.recv.buffer, op->bytes);
        io_send(half->party->loop, &half->send, half->to, bytes);
    }
    party_step(half->party);
}

static void half_on_send(struct io_op *op)
{
    struct half *half = list_owner(op, struct half, send);
    half_give(half);
    half->bytes += op->bytes;
    if (!half->party->dying && op->result == ERR_OK) {
        half_receive(half);
    } else if (!half->party->dying) {
        half->broken(half);
    }
    party_step(half->party);
}

static void half_on_shutdown(struct io_op *op)
{
    struct half *half = list_owner(op, struct half, shutdown);
    if (!half->party->dying && op->result == ERR_OK) {
        half->over(half);
    } else if (!half->party->dying) {
        half->broken(half);
    }
    party_step(half->party);
}

void half_init(struct half *half, struct party *party, struct io_socket *from, struct io_socket *to,
               struct pool *pool)
{
    *half = (struct half){.party = party, .from = from, .to = to, .pool = pool};
    party_add_op(party, &half->recv, half_on_recv);
    party_add_op(party, &half->send, half_on_send);
    party_add_op(party, &half->shutdown, half_on_shutdown);
}

void half_begin(struct half *half)
{
    half_receive(half);
}
