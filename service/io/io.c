/*
 * The loop: the ready queue, timers, posts, and the checks of the contract. Knows no system; what
 * waits and what moves bytes is the backend's.
 */
#include "io/io.h"

#include "io/io_backend.h"
#include "io/resolve.h"
#include "io/timers.h"

/* Ops that finish at once are called in the same turn, but not for ever: others wait too. */
enum { IO_ROUNDS_MAX = 8 };

/* Whatever waits in the loop is counted. */
static void io_check_loop(const struct io_loop *loop)
{
    CHECK(loop->inflight > 0 || (!loop->timers && list_empty(&loop->ready)));
}

enum err io_open(struct io_loop *loop, const struct io_setup *setup)
{
    *loop = (struct io_loop){
        .backend = setup->backend, .resolve = setup->resolve, .keepalive_s = setup->keepalive_s};
    list_init(&loop->ready);
    TRY(loop->backend->open(loop, setup->world));
    loop->now_ms = loop->backend->clock(loop);
    return ERR_OK;
}

void io_shut(struct io_loop *loop)
{
    io_check_loop(loop);
    CHECK(loop->inflight == 0 && loop->listeners == 0 && !loop->turning);
    CHECK(!atom_load_ptr(&loop->inbox));
    while (atom_load(&loop->posters) > 0) {
        continue; /* its op was done already; it has only to wake a loop that is awake */
    }
    loop->backend->shut(loop);
}

uint64_t io_now_ms(const struct io_loop *loop)
{
    return loop->now_ms;
}

void io_op_init(struct io_op *op, void (*done)(struct io_op *op))
{
    *op = (struct io_op){.done = done};
}

void io_socket_init(struct io_socket *socket)
{
    *socket = (struct io_socket){.handle = IO_NO_HANDLE};
}

bool io_is_out(const struct io_op *op)
{
    return op->state != IO_IDLE;
}

bool io_socket_is_open(const struct io_socket *socket)
{
    return socket->handle != IO_NO_HANDLE;
}

bool io_is_listening(const struct io_listener *listener)
{
    return listener->handle != IO_NO_HANDLE;
}

struct io_socket *io_op_socket(struct io_op *op)
{
    switch (op->kind) {
    case IO_ACCEPT:
        return op->arg.accept.socket;
    case IO_CONNECT:
        return op->arg.connect.socket;
    case IO_RECV:
        return op->arg.recv.socket;
    case IO_SEND:
        return op->arg.send.socket;
    case IO_SHUTDOWN:
        return op->arg.shutdown.socket;
    case IO_CLOSE:
        return op->arg.close.socket;
    case IO_TIMER:
    case IO_RESOLVE:
    case IO_POST:
    case IO_KINDS:
        break;
    }
    return NULL;
}

/* Where its socket remembers that the op is out; it has one. */
static struct io_op **io_slot(struct io_op *op)
{
    struct io_socket *socket = io_op_socket(op);
    enum io_kind kind = op->kind;
    return kind == IO_RECV ? &socket->recv : kind == IO_SEND ? &socket->send : &socket->other;
}

/* A slot holds an op of its kind that names this socket; without a handle only `other` may. */
static void io_check_slots(const struct io_socket *socket)
{
    struct io_op *recv = socket->recv, *send = socket->send, *other = socket->other;
    CHECK(!recv || (recv->kind == IO_RECV && io_op_socket(recv) == socket));
    CHECK(!send || (send->kind == IO_SEND && io_op_socket(send) == socket));
    CHECK(!other || (io_slot(other) == &socket->other && io_is_out(other)));
    CHECK(io_socket_is_open(socket) || (!recv && !send && !socket->broken));
}

/* Rules 3, 4 and 5, and what each kind needs of its socket. */
static void io_check_socket(const struct io_socket *socket, enum io_kind kind)
{
    bool makes = kind == IO_ACCEPT || kind == IO_CONNECT;
    io_check_slots(socket);
    CHECK(io_socket_is_open(socket) == !makes);
    CHECK(!socket->other || (kind == IO_RECV && socket->other->kind == IO_SHUTDOWN));
    CHECK(!socket->recv || kind == IO_SEND || kind == IO_SHUTDOWN);
    CHECK(!socket->send || kind == IO_RECV);
    CHECK(!socket->broken || kind == IO_CLOSE);
}

static void io_take_slot(struct io_op *op)
{
    struct io_socket *socket = io_op_socket(op);
    if (socket) {
        io_check_socket(socket, op->kind);
        *io_slot(op) = op;
    }
}

/* What done() may rely on: the socket is free of this op, and open or not as the result says. */
static void io_free_slot(struct io_op *op)
{
    struct io_socket *socket = io_op_socket(op);
    if (!socket) {
        return;
    }
    CHECK(*io_slot(op) == op);
    *io_slot(op) = NULL;
    if (op->kind == IO_CLOSE) {
        io_socket_init(socket);
    }
    socket->broken = socket->broken || (op->kind == IO_SEND && op->result != ERR_OK);
    CHECK(op->kind != IO_ACCEPT || io_socket_is_open(socket) == (op->result == ERR_OK));
    CHECK(op->kind != IO_CONNECT || io_socket_is_open(socket) || op->result != ERR_OK);
    io_check_slots(socket);
}

/* An op between submit and done(). */
static void io_check_out(const struct io_loop *loop, const struct io_op *op)
{
    CHECK(io_is_out(op) && op->loop == loop);
    CHECK(op->kind < IO_KINDS && op->done);
    CHECK(op->state != IO_READY || list_linked(&op->link));
    CHECK(op->kind == IO_POST || loop->inflight > 0);
}

/* A listener from io_listen until its last ACCEPT; those that wait in it are out. */
static void io_check_listener(const struct io_listener *listener)
{
    CHECK(io_is_listening(listener));
    CHECK(listener->accepts_out > 0 || list_empty(&listener->accepts));
}

/* How an op may end: what its done() may rely on. Rules 6 and 7 are about bytes. */
static void io_check_end(const struct io_op *op)
{
    bool well = op->result == ERR_OK, closed = op->result == ERR_CLOSED;
    CHECK(op->result < ERR_COUNT);
    CHECK(!closed || (op->kind == IO_ACCEPT && op->arg.accept.listener->closing));
    CHECK(well || (op->kind != IO_CLOSE && op->kind != IO_POST));
    CHECK(op->kind != IO_RESOLVE || well == (op->arg.resolve.names->count > 0));
    if (op->kind == IO_RECV) {
        CHECK((op->bytes > 0) == (op->arg.recv.buffer != NULL));
        CHECK(op->bytes == 0 || (well && op->bytes <= op->arg.recv.pool->memory.item_size));
    } else if (op->kind == IO_SEND) {
        CHECK(op->bytes <= op->arg.send.len);
        CHECK(op->bytes == op->arg.send.len || !well);
    } else {
        CHECK(op->bytes == 0);
    }
}

/* From now on the op belongs to the loop. */
static void io_begin(struct io_loop *loop, struct io_op *op)
{
    CHECK(op->done && !io_is_out(op));
    CHECK(!list_linked(&op->link));
    op->loop = loop;
    op->state = IO_SUBMITTED;
    op->result = ERR_OK;
    op->bytes = 0;
}

void io_submit(struct io_loop *loop, struct io_op *op)
{
    CHECK(op->kind < IO_KINDS && op->kind != IO_POST);
    io_begin(loop, op);
    io_take_slot(op);
    loop->inflight++;
    if (op->kind == IO_TIMER) {
        op->arg.timer.number = loop->timers_ever++;
        timers_add(&loop->timers, op);
    } else if (op->kind == IO_RESOLVE) {
        CHECK(loop->resolve);
        resolve_start(loop->resolve, op);
    } else {
        if (op->kind == IO_ACCEPT) {
            io_check_listener(op->arg.accept.listener);
            op->arg.accept.listener->accepts_out++;
        }
        loop->backend->start[op->kind](loop, op);
    }
    io_check_out(loop, op); /* rule 1: what has ended at once waits for the turn */
}

void io_finish(struct io_loop *loop, struct io_op *op, enum err result)
{
    CHECK(op->state == IO_SUBMITTED && op->loop == loop);
    op->result = result;
    op->state = IO_READY;
    io_check_end(op);
    list_push_last(&loop->ready, &op->link);
}

void io_cancel(struct io_loop *loop, struct io_op *op)
{
    io_check_out(loop, op);
    if (op->state != IO_SUBMITTED) {
        return; /* it has ended; done() brings the real result */
    }
    switch (op->kind) {
    case IO_TIMER:
        timers_remove(&loop->timers, op);
        io_finish(loop, op, ERR_CANCELLED);
        break;
    case IO_RESOLVE:
        resolve_cancel(loop->resolve, op);
        break;
    case IO_ACCEPT:
    case IO_CONNECT:
    case IO_RECV:
    case IO_SEND:
        loop->backend->cancel(loop, op);
        break;
    case IO_SHUTDOWN:
    case IO_CLOSE:
    case IO_POST:
    case IO_KINDS:
        break; /* they end by themselves, soon */
    }
    io_check_out(loop, op);
}

void io_post_finished(struct io_loop *loop, struct io_op *op)
{
    CHECK(op->state == IO_SUBMITTED && op->loop == loop);
    CHECK(!list_linked(&op->link));
    (void)atom_add(&loop->posters, 1); /* before the op can be seen, and with it the end */
    void *first = atom_load_ptr(&loop->inbox);
    do {
        op->link.next = first;
    } while (!atom_swap_if_ptr(&loop->inbox, &first, &op->link));
    if (!first) {
        loop->backend->wake(loop);
    }
    (void)atom_add(&loop->posters, UINT64_MAX); /* one less */
}

void io_post(struct io_loop *loop, struct io_op *op)
{
    io_begin(loop, op);
    op->kind = IO_POST;
    io_post_finished(loop, op);
}

/* The inbox has the last one first; they are called in the order of posting. */
static void io_collect_posts(struct io_loop *loop)
{
    struct list_node *last_first = atom_trade_ptr(&loop->inbox, NULL), *first = NULL;
    while (last_first) {
        struct list_node *node = last_first;
        last_first = node->next;
        node->next = first;
        first = node;
    }
    while (first) {
        struct io_op *op = list_owner(first, struct io_op, link);
        first = first->next;
        CHECK(op->kind == IO_POST || op->kind == IO_RESOLVE);
        CHECK(!op->link.prev);
        list_node_init(&op->link);
        loop->inflight += op->kind == IO_POST ? 1 : 0; /* its poster could not count it */
        io_finish(loop, op, op->result);
    }
}

static void io_expire_timers(struct io_loop *loop)
{
    struct io_op *op;
    while ((op = timers_first(loop->timers)) && op->arg.timer.at_ms <= loop->now_ms) {
        timers_remove(&loop->timers, op);
        io_finish(loop, op, ERR_OK);
    }
}

/* When the last ACCEPT of a listener was told that it is closed, the port is. */
static void io_end_accept(struct io_loop *loop, struct io_listener *listener, enum err result)
{
    CHECK(listener->accepts_out > 0);
    listener->accepts_out--;
    io_check_listener(listener);
    if (result == ERR_CLOSED && listener->accepts_out == 0) {
        loop->backend->unlistened(loop, listener);
        listener->handle = IO_NO_HANDLE;
        CHECK(loop->listeners > 0);
        loop->listeners--;
    }
}

static void io_call(struct io_loop *loop, struct io_op *op)
{
    CHECK(op->state == IO_READY && op->loop == loop);
    op->state = IO_IDLE;
    CHECK(loop->inflight > 0);
    loop->inflight--;
    io_free_slot(op);
    if (op->kind == IO_ACCEPT) {
        io_end_accept(loop, op->arg.accept.listener, op->result);
    }
    op->done(op);
}

static void io_dispatch(struct io_loop *loop)
{
    for (int round = 0; round < IO_ROUNDS_MAX && !list_empty(&loop->ready); round++) {
        struct list batch;
        struct list_node *node;
        list_init(&batch);
        list_append(&batch, &loop->ready);
        while ((node = list_take_first(&batch))) {
            io_call(loop, list_owner(node, struct io_op, link));
        }
    }
}

static uint64_t io_wait_ms(const struct io_loop *loop, uint64_t wait_ms_max)
{
    if (!list_empty(&loop->ready) || atom_load_ptr(&loop->inbox)) {
        return 0;
    }
    const struct io_op *timer = timers_first(loop->timers);
    if (!timer) {
        return wait_ms_max;
    }
    CHECK(timer->loop == loop);
    uint64_t at = timer->arg.timer.at_ms;
    uint64_t left = at > loop->now_ms ? at - loop->now_ms : 0;
    return left < wait_ms_max ? left : wait_ms_max;
}

void io_turn(struct io_loop *loop, uint64_t wait_ms_max)
{
    CHECK(!loop->turning);
    io_check_loop(loop);
    loop->turning = true;
    loop->backend->wait(loop, io_wait_ms(loop, wait_ms_max));
    uint64_t now_ms = loop->backend->clock(loop);
    CHECK(now_ms >= loop->now_ms);
    loop->now_ms = now_ms;
    io_collect_posts(loop);
    io_expire_timers(loop);
    io_dispatch(loop);
    io_check_loop(loop);
    loop->turning = false;
}

void io_count_sent(struct io_loop *loop, struct io_op *op, size_t count)
{
    CHECK(op->kind == IO_SEND && op->state == IO_SUBMITTED);
    CHECK(count <= op->arg.send.len - op->bytes);
    op->bytes += (uint32_t)count;
    op->arg.send.moved_ms = count > 0 ? loop->now_ms : op->arg.send.moved_ms;
}

uint8_t *io_take_buffer(struct io_loop *loop, struct io_op *op)
{
    CHECK(op->kind == IO_RECV && op->state == IO_SUBMITTED);
    CHECK(op->bytes == 0 && !op->arg.recv.buffer);
    uint8_t *buffer = pool_take(op->arg.recv.pool, op->arg.recv.owner);
    if (!buffer) {
        io_finish(loop, op, ERR_EXHAUSTED);
    }
    return buffer;
}

void io_give_buffer(struct io_op *op, uint8_t *buffer)
{
    CHECK(op->kind == IO_RECV && !op->arg.recv.buffer);
    pool_give(op->arg.recv.pool, buffer);
}

enum err io_listen(struct io_loop *loop, struct io_listener *listener, const struct endpoint *at,
                   const struct io_listener *sibling)
{
    *listener = (struct io_listener){.handle = IO_NO_HANDLE, .at = *at};
    list_init(&listener->accepts);
    CHECK(!sibling || (io_is_listening(sibling) && !sibling->closing));
    enum err result = loop->backend->listen(loop, listener, at, sibling);
    CHECK(io_is_listening(listener) == (result == ERR_OK));
    CHECK(result != ERR_OK || (listener->at.port != 0 && !listener->armed));
    loop->listeners += result == ERR_OK ? 1 : 0;
    return result;
}

void io_unlisten(struct io_loop *loop, struct io_listener *listener)
{
    CHECK(!listener->closing && loop->listeners > 0);
    io_check_listener(listener);
    listener->closing = true;
    loop->backend->unlisten(loop, listener);
    io_check_listener(listener); /* not closed before its last ACCEPT was told */
}

void io_accept(struct io_loop *loop, struct io_op *op, struct io_listener *listener,
               struct io_socket *socket, struct io_accepted *accepted)
{
    op->kind = IO_ACCEPT;
    op->arg.accept.listener = listener;
    op->arg.accept.socket = socket;
    op->arg.accept.accepted = accepted;
    io_submit(loop, op);
}

void io_connect(struct io_loop *loop, struct io_op *op, struct io_socket *socket,
                const struct endpoint *to, const struct addr *from)
{
    CHECK(to->addr.family != ADDR_NONE && to->port != 0);
    op->kind = IO_CONNECT;
    op->arg.connect.socket = socket;
    op->arg.connect.to = to;
    op->arg.connect.from = from;
    io_submit(loop, op);
}

void io_recv(struct io_loop *loop, struct io_op *op, struct io_socket *socket, struct pool *pool,
             struct pool_owner *owner)
{
    op->kind = IO_RECV;
    op->arg.recv.socket = socket;
    op->arg.recv.pool = pool;
    op->arg.recv.owner = owner;
    op->arg.recv.buffer = NULL;
    io_submit(loop, op);
}

void io_send(struct io_loop *loop, struct io_op *op, struct io_socket *socket, struct span data)
{
    CHECK(data.len > 0 && data.len <= INT32_MAX);
    op->kind = IO_SEND;
    op->arg.send.socket = socket;
    op->arg.send.data = data.at;
    op->arg.send.len = (uint32_t)data.len;
    op->arg.send.moved_ms = loop->now_ms;
    io_submit(loop, op);
}

void io_shutdown(struct io_loop *loop, struct io_op *op, struct io_socket *socket)
{
    op->kind = IO_SHUTDOWN;
    op->arg.shutdown.socket = socket;
    io_submit(loop, op);
}

void io_timer(struct io_loop *loop, struct io_op *op, uint64_t at_ms)
{
    op->kind = IO_TIMER;
    op->arg.timer.at_ms = at_ms;
    io_submit(loop, op);
}

void io_resolve(struct io_loop *loop, struct io_op *op, struct io_names *names)
{
    CHECK(names->name_len > 0 && names->name_len <= IO_NAME_MAX);
    op->kind = IO_RESOLVE;
    op->arg.resolve.names = names;
    io_submit(loop, op);
}

void io_close(struct io_loop *loop, struct io_op *op, struct io_socket *socket, bool abort)
{
    op->kind = IO_CLOSE;
    op->arg.close.socket = socket;
    op->arg.close.abort = abort;
    io_submit(loop, op);
}
