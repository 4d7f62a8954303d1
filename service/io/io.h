/*
 * The seam: the only way anything in the gateway waits. A loop is one thread with one completion
 * port, one epoll, or one simulated world. Work is asked for by an op that lives inside its owner;
 * the op's address is its identity. Eight rules hold on every backend; io.c checks them, and
 * tests/conform exercises them:
 *
 *  1. One submit, exactly one done(); never from inside io_submit, always from io_turn.
 *  2. From submit to done() the op, its buffer and what its pointers name belong to the loop;
 *     afterwards to the owner, who may submit the op again at once.
 *  3. At most one RECV and one SEND of a socket are in flight.
 *  4. io_cancel asks; done() still comes, with ERR_CANCELLED or the real result (a cancelled RECV
 *     may still bring a buffer). After a cancelled SEND `bytes` is a lower bound: the socket can
 *     only be closed.
 *  5. CLOSE requires that no other op of that socket is in flight.
 *  6. RECV names a pool, not a buffer: the buffer is taken when bytes exist, so an idle socket
 *     holds none. The end of the stream is ERR_OK with 0 bytes and no buffer. An empty pool is
 *     ERR_EXHAUSTED; the bytes stay where they are.
 *  7. SEND finishes when all bytes are accepted or it failed; partial writes are the backend's.
 *     While it is out `bytes` grows with them, and moved_ms says when it last did.
 *     CONNECT that failed may leave the socket open: io_socket_is_open tells, and CLOSE follows.
 *     It is ERR_EXHAUSTED where every local port is in use.
 *  8. Time is read once a turn. io_post is the only call allowed from another thread.
 */
#ifndef IO_IO_H
#define IO_IO_H

#include "base/addr.h"
#include "base/atom.h"
#include "base/list.h"
#include "base/pool.h"

#include <stdalign.h>

struct io_loop;
struct io_op;
struct io_backend;
struct resolve;
struct resolve_entry;

enum io_kind {
    IO_ACCEPT,
    IO_CONNECT,
    IO_RECV,
    IO_SEND,
    IO_SHUTDOWN,
    IO_TIMER,
    IO_RESOLVE,
    IO_CLOSE,
    IO_POST,
    IO_KINDS
};

enum io_state { IO_IDLE, IO_SUBMITTED, IO_READY };

/* A connection. Embedded in its owner; zero it with io_socket_init before its first use. */
struct io_socket {
    intptr_t handle;           /* the system's; IO_NO_HANDLE while there is none */
    struct io_op *recv, *send; /* which ops are out: rule 3 */
    struct io_op *other;       /* ACCEPT, CONNECT, SHUTDOWN or CLOSE: rule 5 */
    uint32_t ready;            /* what the backend remembers of the socket's readiness */
    bool broken;               /* a SEND was cancelled or failed: only CLOSE is left */
};

enum { IO_NO_HANDLE = -1 };

/* An open port, as one loop sees it. Embedded in its owner. */
struct io_listener {
    intptr_t handle;
    struct endpoint at;   /* what it is really bound to */
    struct list accepts;  /* ACCEPT ops that wait */
    uint32_t accepts_out; /* ACCEPT ops submitted and not done */
    bool closing;         /* io_unlisten was called: what is queued is still accepted */
    bool armed;           /* the backend's: the loop is told of new connections */
};

/* Where ACCEPT puts what is too large for an op. */
struct io_accepted {
    struct endpoint peer;
    alignas(8) uint8_t backend[96]; /* AcceptEx writes both addresses here */
};

enum { IO_NAMES_MAX = 16, IO_NAME_MAX = 253 };

/* What RESOLVE is asked and what it answers. The name lies here, so it outlives the question. */
struct io_names {
    uint8_t name[IO_NAME_MAX];
    uint8_t name_len;
    uint8_t count;   /* addresses found */
    uint64_t client; /* whose share of the resolver's queue: any number that names a client */
    struct addr addrs[IO_NAMES_MAX];
};

struct io_op {
    enum io_kind kind;
    enum err result; /* valid in done(): ERR_OK, ERR_CANCELLED, ... */
    uint32_t bytes;  /* RECV: how many came; SEND: how many were accepted, so far */
    enum io_state state;
    union {
        struct {
            struct io_listener *listener;
            struct io_socket *socket; /* becomes the connection */
            struct io_accepted *accepted;
        } accept;
        struct {
            struct io_socket *socket;
            const struct endpoint *to;
            const struct addr *from; /* outbound address, NULL: the system chooses */
        } connect;
        struct {
            struct io_socket *socket;
            struct pool *pool;
            struct pool_owner *owner; /* whose share of the pool, may be NULL */
            uint8_t *buffer;          /* filled by the loop; the owner gives it back to the pool */
        } recv;
        struct {
            struct io_socket *socket;
            const uint8_t *data;
            uint32_t len;
            uint64_t moved_ms; /* when any of it was last accepted, or all of it submitted */
        } send;
        struct {
            struct io_socket *socket;
        } shutdown; /* of our sending side: the peer reads an end after the last byte */
        struct {
            uint64_t at_ms;  /* on io_now_ms's clock */
            uint64_t number; /* timers of one moment end in this order */
            struct io_op *child, *next, *prev;
        } timer;
        struct {
            struct io_names *names;
            struct resolve_entry *entry; /* the resolver's: the name it waits for */
        } resolve;
        struct {
            struct io_socket *socket;
            bool abort; /* the peer gets a reset; bytes that are under way are dropped */
        } close;
    } arg;
    void (*done)(struct io_op *op);
    struct io_loop *loop;
    struct list_node link;
    alignas(16) uint8_t backend[64];
};

struct io_loop {
    const struct io_backend *backend;
    struct list ready;    /* finished ops, done() not called yet */
    struct io_op *timers; /* heap of TIMER ops, the earliest on top */
    uint64_t timers_ever;
    struct resolve *resolve; /* who answers RESOLVE; NULL: nobody */
    struct atom_ptr inbox;   /* POST ops from other threads, the last one first */
    struct atom_u64
        posters; /* threads that are inside of posting: the loop stays until they left */
    uint64_t now_ms;
    uint32_t inflight;             /* ops submitted and not done */
    uint32_t listeners;            /* open ones */
    uint32_t keepalive_s;          /* TCP keepalive of every connection: idle seconds, 0: off */
    bool turning;                  /* inside io_turn */
    alignas(16) uint8_t state[64]; /* the backend's */
};

struct io_setup {
    const struct io_backend *backend;
    void *world;             /* the simulator's; NULL elsewhere */
    struct resolve *resolve; /* shared by all loops of a process */
    uint32_t keepalive_s;
};

MUST_CHECK enum err io_open(struct io_loop *loop, const struct io_setup *setup);
void io_shut(struct io_loop *loop); /* nothing may be in flight, no listener open */

/* One turn: wait for something to finish, at most so long, then call done() of what has. */
void io_turn(struct io_loop *loop, uint64_t wait_ms_max);
uint64_t io_now_ms(const struct io_loop *loop); /* of this turn; counts from some moment */

void io_op_init(struct io_op *op, void (*done)(struct io_op *op));
void io_socket_init(struct io_socket *socket);
bool io_is_out(const struct io_op *op); /* submitted, and done() not called yet */
bool io_socket_is_open(const struct io_socket *socket);

void io_submit(struct io_loop *loop, struct io_op *op);
void io_cancel(struct io_loop *loop, struct io_op *op); /* op must be out; asking twice is fine */
void io_post(struct io_loop *loop, struct io_op *op); /* from any thread: done() runs in the loop */

/* The same as filling in the op and io_submit, in one line each. */
void io_accept(struct io_loop *loop, struct io_op *op, struct io_listener *listener,
               struct io_socket *socket, struct io_accepted *accepted);
void io_connect(struct io_loop *loop, struct io_op *op, struct io_socket *socket,
                const struct endpoint *to, const struct addr *from);
void io_recv(struct io_loop *loop, struct io_op *op, struct io_socket *socket, struct pool *pool,
             struct pool_owner *owner);
void io_send(struct io_loop *loop, struct io_op *op, struct io_socket *socket, struct span data);
void io_shutdown(struct io_loop *loop, struct io_op *op, struct io_socket *socket);
void io_timer(struct io_loop *loop, struct io_op *op, uint64_t at_ms);
void io_resolve(struct io_loop *loop, struct io_op *op, struct io_names *names);
void io_close(struct io_loop *loop, struct io_op *op, struct io_socket *socket, bool abort);

/*
 * Opens a port (0: the system chooses one, see listener->at). With `sibling`, the listener of
 * another loop, the same open port is served by both. No second process can share it.
 */
MUST_CHECK enum err io_listen(struct io_loop *loop, struct io_listener *listener,
                              const struct endpoint *at, const struct io_listener *sibling);
/*
 * Closes a port without resetting anyone who is queued: ACCEPT goes on bringing connections until
 * none is left, then each one that is out ends with ERR_CLOSED. When the last has, the port is
 * closed. A listener without an ACCEPT out needs one to be drained. No new client comes to any of
 * several siblings once one was told to close: tell all of them.
 */
void io_unlisten(struct io_loop *loop, struct io_listener *listener);
bool io_is_listening(const struct io_listener *listener);

#endif
