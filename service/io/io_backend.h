/*
 * What a backend is: one row of functions, chosen when a loop opens. io.c has already checked the
 * contract when it calls them; a backend only starts work and, when it has ended, says io_finish.
 * Whatever ends at once inside start() is finished there too: done() is never called from there.
 */
#ifndef IO_IO_BACKEND_H
#define IO_IO_BACKEND_H

#include "io/io.h"

struct io_backend {
    const char *name;
    enum err (*open)(struct io_loop *loop, void *world);
    void (*shut)(struct io_loop *loop);
    uint64_t (*clock)(struct io_loop *loop);         /* milliseconds, never backwards */
    void (*wait)(struct io_loop *loop, uint64_t ms); /* finishes what has ended */
    void (*wake)(struct io_loop *loop);              /* from any thread: ends a wait */
    void (*start[IO_KINDS])(struct io_loop *loop, struct io_op *op);
    void (*cancel)(struct io_loop *loop, struct io_op *op); /* op is IO_SUBMITTED */
    enum err (*listen)(struct io_loop *loop, struct io_listener *listener,
                       const struct endpoint *at, const struct io_listener *sibling);
    /* Stop taking new clients; those who are queued still come. Then close. */
    void (*unlisten)(struct io_loop *loop, struct io_listener *listener);
    void (*unlistened)(struct io_loop *loop, struct io_listener *listener);
};

extern const struct io_backend io_epoll; /* io_epoll.c */
extern const struct io_backend io_iocp;  /* io_iocp.c */

/* The op has ended; its bytes are set. done() follows in this turn. */
void io_finish(struct io_loop *loop, struct io_op *op, enum err result);
/* The same from another thread; the result is set in the op. */
void io_post_finished(struct io_loop *loop, struct io_op *op);

/* The socket an op works on; NULL for those that have none. */
struct io_socket *io_op_socket(struct io_op *op);

/* So many more bytes of a SEND were accepted. */
void io_count_sent(struct io_loop *loop, struct io_op *op, size_t count);

/* An item of the RECV's pool, or NULL after finishing the op with ERR_EXHAUSTED. */
uint8_t *io_take_buffer(struct io_loop *loop, struct io_op *op);
void io_give_buffer(struct io_op *op, uint8_t *buffer);

#endif
