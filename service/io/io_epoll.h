/*
 * What the files of the epoll backend share: a loop's state, what a socket remembers, and the calls
 * that all of them make. io_epoll.c is the loop and its connections, io_epoll_accept.c its
 * listeners.
 */
#ifndef IO_IO_EPOLL_H
#define IO_IO_EPOLL_H

#include "io/io_backend.h"
#include "io/io_epoll_values.h"

/* What io_socket.ready remembers. */
enum { EPOLL_CAN_READ = 1, EPOLL_CAN_WRITE = 2, EPOLL_PEER_ENDED = 4 };

/* Registered pointers are told apart by their lowest bit: 1 is a listener. */
enum { EPOLL_LISTENER_TAG = 1 };

struct epoll_state {
    int poll;
    int wake; /* an eventfd: io_post writes, the wait reads */
};

struct epoll_state *io_epoll_state(struct io_loop *loop);
void io_epoll_close(int fd);
void io_epoll_fail(struct io_loop *loop, struct io_op *op, int number);
/* Tells the loop once and for all about the socket; false after failing the op. */
bool io_epoll_register(struct io_loop *loop, struct io_op *op, struct io_socket *socket);
int io_epoll_set(int fd, int level, int name, int value);
/* What every connection needs. Set on a listener, accepted connections inherit it. */
bool io_epoll_set_options(const struct io_loop *loop, int fd);

enum err io_epoll_listen(struct io_loop *loop, struct io_listener *listener,
                         const struct endpoint *at, const struct io_listener *sibling);
void io_epoll_unlisten(struct io_loop *loop, struct io_listener *listener);
void io_epoll_unlistened(struct io_loop *loop, struct io_listener *listener);
void io_epoll_start_accept(struct io_loop *loop, struct io_op *op);
/* The ACCEPT does not wait any more; whoever took it away ends it. */
void io_epoll_leave_accept(struct io_loop *loop, struct io_op *op);
/* Clients have come. */
void io_epoll_on_listener(struct io_loop *loop, struct io_listener *listener);

#endif
