/*
 * What the files of the IOCP backend share: a loop's state, an op's part, and how a call begins and
 * ends. io_iocp.c is the loop and its connections, io_iocp_accept.c its listeners.
 */
#ifndef IO_IO_IOCP_H
#define IO_IO_IOCP_H

#include "io/io_backend.h"
#include "io/io_iocp_socket.h"

/* What io_socket.ready remembers. */
enum {
    IOCP_SKIPS = 1, /* immediate success brings no packet */
    IOCP_FLOWS = 2  /* the last RECV filled its buffer: there is probably more */
};

struct iocp_state {
    HANDLE port;
    struct io_iocp_calls calls;
    struct list accepts; /* ACCEPT ops that wait, of all listeners */
    bool draining;       /* some of them wait at a port that closes */
    uint64_t drain_until_ms;
};

struct iocp_op {
    OVERLAPPED overlapped;   /* first: a packet names it */
    SOCKET client;           /* ACCEPT: what becomes the connection */
    uint64_t quiet_since_ms; /* ACCEPT at a port that closes: nobody was queued since */
    bool cancelled;          /* it was asked to end */
};

struct iocp_state *io_iocp_state(struct io_loop *loop);
struct iocp_op *io_iocp_op(struct io_op *op);
SOCKET io_iocp_listening(const struct io_listener *listener);

/* The op's own part, ready for another call. */
OVERLAPPED *io_iocp_begin(struct io_op *op);
/* How the call ended: 0 or the system's number. */
DWORD io_iocp_result(struct io_op *op, SOCKET socket);
void io_iocp_fail(struct io_loop *loop, struct io_op *op, DWORD number);
void io_iocp_post(struct io_loop *loop, OVERLAPPED *overlapped);
void io_iocp_cancel(struct io_loop *loop, struct io_op *op);
/* Joins a connection to the loop; 0 or the system's number. */
DWORD io_iocp_attach(struct io_loop *loop, SOCKET socket, uint32_t *ready);

enum err io_iocp_listen(struct io_loop *loop, struct io_listener *listener,
                        const struct endpoint *at, const struct io_listener *sibling);
void io_iocp_unlisten(struct io_loop *loop, struct io_listener *listener);
void io_iocp_unlistened(struct io_loop *loop, struct io_listener *listener);
void io_iocp_start_accept(struct io_loop *loop, struct io_op *op);
void io_iocp_end_accept(struct io_loop *loop, struct io_op *op);
/* Ends the ACCEPTs of ports that close, where nobody is queued any more. */
void io_iocp_drain(struct io_loop *loop);

#endif
