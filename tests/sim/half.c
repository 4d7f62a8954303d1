/*
 * Halves, over any backend.
 */
#include "sim/half.h"

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
