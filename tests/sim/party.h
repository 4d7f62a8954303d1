/*
 * A party: something that lives on a loop with a few ops and up to two connections, and dies in one
 * way, whatever the cause: cancel what is out, wait until nothing is, close, tell its owner. The
 * relay, the clients and the origins of the small world are parties, as the engine's tunnel will
 * be.
 */
#ifndef TESTS_SIM_PARTY_H
#define TESTS_SIM_PARTY_H

#include "io/io.h"

enum { PARTY_OPS = 10, PARTY_SOCKETS = 2 };

struct party;

struct party_close {
    struct io_op op; /* first: done() finds its party */
    struct party *party;
};

struct party {
    struct io_loop *loop;
    struct io_op *ops[PARTY_OPS];
    struct io_socket *sockets[PARTY_SOCKETS];
    struct party_close closes[PARTY_SOCKETS];
    uint32_t op_count, socket_count;
    bool dying, abort, rested;
    void (*rest)(struct party *party); /* everything is closed: the last call */
};

void party_init(struct party *party, struct io_loop *loop, void (*rest)(struct party *party));
void party_add_op(struct party *party, struct io_op *op, void (*done)(struct io_op *op));
void party_add_socket(struct party *party, struct io_socket *socket);

/* `abort`: the connections are reset, not closed. Asked again it changes nothing. */
void party_die(struct party *party, bool abort);
/* At the end of every done() of the party's ops: goes on with dying, if it is. */
void party_step(struct party *party);

#endif
