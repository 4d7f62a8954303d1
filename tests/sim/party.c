/*
 * Parties, over any backend.
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
