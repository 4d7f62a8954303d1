/*
 * The seam over epoll. A connection is registered once, edge-triggered, for everything; what epoll
 * said is remembered in io_socket.ready, so that a call is made only where it can do something.
 * Listeners are in io_epoll_accept.c. OS errors become enum err in io_epoll_values.c, nowhere else.
 */
#define _POSIX_C_SOURCE 200809L

#include "io/io_epoll.h"

#include "sys/sys.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EPOLL_EVENTS_MAX = 256 };

_Static_assert(sizeof(struct epoll_state) <= sizeof(((struct io_loop *)0)->state), "loop's room");

struct epoll_state *io_epoll_state(struct io_loop *loop)
{
    return (void *)loop->state;
}

static int epoll_fd(const struct io_socket *socket)
{
    CHECK(socket->handle >= 0);
    return (int)socket->handle;
}

/* A number that is closed twice may be somebody else's by then. */
void io_epoll_close(int fd)
{
    CHECK(close(fd) == 0 || errno != EBADF);
}

void io_epoll_fail(struct io_loop *loop, struct io_op *op, int number)
{
    io_finish(loop, op, io_epoll_err(number));
}

static enum err epoll_open(struct io_loop *loop, void *world)
{
    struct epoll_state *state = io_epoll_state(loop);
    CHECK(!world);
    CHECK(loop->keepalive_s <= INT32_MAX);
    state->poll = epoll_create1(EPOLL_CLOEXEC);
    if (state->poll < 0) {
        return ERR_SYSTEM;
    }
    state->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (state->wake < 0) {
        goto close_poll;
    }
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    if (epoll_ctl(state->poll, EPOLL_CTL_ADD, state->wake, &event) != 0) {
        goto close_wake;
    }
    return ERR_OK;
close_wake:
    io_epoll_close(state->wake);
close_poll:
    io_epoll_close(state->poll);
    return ERR_SYSTEM;
}

static void epoll_shut(struct io_loop *loop)
{
    io_epoll_close(io_epoll_state(loop)->wake);
    io_epoll_close(io_epoll_state(loop)->poll);
}

static uint64_t epoll_clock(struct io_loop *loop)
{
    (void)loop;
    return sys_monotonic_ms();
}

static void epoll_wake(struct io_loop *loop)
{
    /* Full (EAGAIN) means that a wake-up is already on its way. */
    uint64_t one = 1;
    ssize_t written = write(io_epoll_state(loop)->wake, &one, sizeof one);
    CHECK(written == (ssize_t)sizeof one || errno == EAGAIN);
}

bool io_epoll_register(struct io_loop *loop, struct io_op *op, struct io_socket *socket)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data.ptr = socket};
    CHECK(op->state == IO_SUBMITTED && socket->other == op);
    if (epoll_ctl(io_epoll_state(loop)->poll, EPOLL_CTL_ADD, epoll_fd(socket), &event) == 0) {
        return true;
    }
    CHECK(errno != EEXIST);
    io_epoll_fail(loop, op, errno);
    return false;
}

int io_epoll_set(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof value);
}

bool io_epoll_set_options(const struct io_loop *loop, int fd)
{
    bool set = io_epoll_set(fd, IPPROTO_TCP, TCP_NODELAY, 1) == 0;
    if (loop->keepalive_s > 0) {
        set = set && io_epoll_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1) == 0 &&
              io_epoll_set(fd, IPPROTO_TCP, TCP_KEEPIDLE, (int)loop->keepalive_s) == 0;
    }
    return set;
}

/* ---- connections ---- */

static bool epoll_bind_from(int fd, const struct addr *from)
{
    struct endpoint local = {*from, 0};
    CHECK(from->family != ADDR_NONE);
    struct sockaddr_storage address;
    socklen_t len = (socklen_t)sys_to_sockaddr(&local, &address);
    /* The port is chosen at connect, when the other side is known: there are more of them then. */
    return io_epoll_set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1) == 0 &&
           bind(fd, (void *)&address, len) == 0;
}

static void epoll_start_connect(struct io_loop *loop, struct io_op *op)
{
    struct io_socket *s = op->arg.connect.socket;
    CHECK(!io_socket_is_open(s) && s->other == op);
    struct sockaddr_storage address;
    socklen_t len = (socklen_t)sys_to_sockaddr(op->arg.connect.to, &address);
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        io_epoll_fail(loop, op, errno);
        return;
    }
    s->handle = fd;
    s->ready = 0;
    const struct addr *from = op->arg.connect.from;
    if (!io_epoll_set_options(loop, fd) || (from && !epoll_bind_from(fd, from))) {
        io_epoll_fail(loop, op, errno);
        return;
    }
    if (connect(fd, (void *)&address, len) == 0 || errno == EINPROGRESS) {
        (void)io_epoll_register(loop, op, s); /* says when it is connected, at once if it is */
    } else if (errno == EADDRNOTAVAIL && (from || address.ss_family == AF_INET)) {
        io_finish(loop, op, ERR_EXHAUSTED); /* every port of ours is in use */
    } else {
        io_epoll_fail(loop, op, errno); /* IPv6 says the same of having no address at all */
    }
}

/* epoll said something about a socket that is connecting. */
static void epoll_connected(struct io_loop *loop, struct io_op *op, uint32_t events)
{
    int number = 0;
    socklen_t len = sizeof number;
    if (events & (EPOLLERR | EPOLLHUP)) {
        int fd = epoll_fd(op->arg.connect.socket);
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &len) != 0) {
            number = errno;
        }
    }
    if (number != 0) {
        io_epoll_fail(loop, op, number);
    } else if (events & EPOLLOUT) {
        io_finish(loop, op, ERR_OK);
    }
}

static bool epoll_waits(const struct io_op *op)
{
    return op && op->state == IO_SUBMITTED;
}

/* Edges come once: an op that waits does so for one that epoll has not told yet. */
static void epoll_check_waits(const struct io_socket *socket)
{
    CHECK(!epoll_waits(socket->recv) || !(socket->ready & EPOLL_CAN_READ));
    CHECK(!epoll_waits(socket->send) || !(socket->ready & EPOLL_CAN_WRITE));
}

/* Receives if there is something; otherwise the op waits for epoll. */
static void epoll_try_recv(struct io_loop *loop, struct io_op *op)
{
    struct io_socket *socket = op->arg.recv.socket;
    CHECK(socket->recv == op);
    if (!(socket->ready & EPOLL_CAN_READ)) {
        return;
    }
    uint8_t *buffer = io_take_buffer(loop, op);
    if (!buffer) {
        return;
    }
    size_t size = op->arg.recv.pool->memory.item_size;
    ssize_t got;
    do {
        got = recv(epoll_fd(socket), buffer, size, 0);
    } while (got < 0 && errno == EINTR);
    CHECK(got < 0 || (size_t)got <= size);
    if (got > 0) {
        /* Less than asked for: the socket is empty, and epoll will say when it is not. */
        if ((size_t)got < size && !(socket->ready & EPOLL_PEER_ENDED)) {
            socket->ready &= ~(uint32_t)EPOLL_CAN_READ;
        }
        op->bytes = (uint32_t)got;
        op->arg.recv.buffer = buffer;
        io_finish(loop, op, ERR_OK);
        return;
    }
    int number = errno;
    io_give_buffer(op, buffer);
    if (got == 0) {
        io_finish(loop, op, ERR_OK);
    } else if (number == EAGAIN) {
        socket->ready &= ~(uint32_t)EPOLL_CAN_READ;
    } else {
        io_epoll_fail(loop, op, number);
    }
}

/* Sends what the socket takes; the op waits for epoll until all is taken. */
static void epoll_try_send(struct io_loop *loop, struct io_op *op)
{
    struct io_socket *socket = op->arg.send.socket;
    CHECK(socket->send == op);
    while (socket->ready & EPOLL_CAN_WRITE) {
        CHECK(op->bytes < op->arg.send.len);
        ssize_t sent = send(epoll_fd(socket), op->arg.send.data + op->bytes,
                            op->arg.send.len - op->bytes, MSG_NOSIGNAL);
        if (sent >= 0) {
            io_count_sent(loop, op, (size_t)sent);
            if (op->bytes == op->arg.send.len) {
                io_finish(loop, op, ERR_OK);
                return;
            }
        } else if (errno == EAGAIN) {
            socket->ready &= ~(uint32_t)EPOLL_CAN_WRITE;
        } else if (errno != EINTR) {
            io_epoll_fail(loop, op, errno);
            return;
        }
    }
}

static void epoll_start_shutdown(struct io_loop *loop, struct io_op *op)
{
    const struct io_socket *socket = op->arg.shutdown.socket;
    CHECK(socket->other == op && !socket->send);
    if (shutdown(epoll_fd(socket), SHUT_WR) == 0) {
        io_finish(loop, op, ERR_OK);
    } else {
        io_epoll_fail(loop, op, errno); /* ENOTCONN: it was reset meanwhile */
    }
}

static void epoll_start_close(struct io_loop *loop, struct io_op *op)
{
    const struct io_socket *socket = op->arg.close.socket;
    int fd = epoll_fd(socket);
    CHECK(socket->other == op && !socket->recv && !socket->send);
    if (op->arg.close.abort) {
        struct linger now = {1, 0};
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    io_epoll_close(fd); /* which also ends its registration */
    io_finish(loop, op, ERR_OK);
}

static void epoll_cancel(struct io_loop *loop, struct io_op *op)
{
    CHECK(op->kind <= IO_SEND);
    if (op->kind == IO_ACCEPT) {
        io_epoll_leave_accept(loop, op);
    }
    io_finish(loop, op, ERR_CANCELLED);
}

/* ---- waiting ---- */

static void epoll_on_socket(struct io_loop *loop, struct io_socket *socket, uint32_t events)
{
    bool broken = events & (EPOLLERR | EPOLLHUP);
    CHECK(io_socket_is_open(socket)); /* closing it ended its registration */
    epoll_check_waits(socket);
    if (epoll_waits(socket->other) && socket->other->kind == IO_CONNECT) {
        epoll_connected(loop, socket->other, events);
    }
    if (events & EPOLLRDHUP) {
        socket->ready |= EPOLL_PEER_ENDED;
    }
    if (broken || (events & (EPOLLIN | EPOLLRDHUP))) {
        socket->ready |= EPOLL_CAN_READ;
    }
    if (broken || (events & EPOLLOUT)) {
        socket->ready |= EPOLL_CAN_WRITE;
    }
    if (epoll_waits(socket->recv)) {
        epoll_try_recv(loop, socket->recv);
    }
    if (epoll_waits(socket->send)) {
        epoll_try_send(loop, socket->send);
    }
    epoll_check_waits(socket);
}

static void epoll_on_event(struct io_loop *loop, const struct epoll_event *event)
{
    char *pointer = event->data.ptr;
    if (!pointer) {
        uint64_t count;
        ssize_t got = read(io_epoll_state(loop)->wake, &count, sizeof count);
        CHECK(got == (ssize_t)sizeof count || errno == EAGAIN);
    } else if ((uintptr_t)pointer & EPOLL_LISTENER_TAG) {
        io_epoll_on_listener(loop, (void *)(pointer - EPOLL_LISTENER_TAG));
    } else {
        epoll_on_socket(loop, event->data.ptr, event->events);
    }
}

static void epoll_wait_events(struct io_loop *loop, uint64_t ms)
{
    struct epoll_event events[EPOLL_EVENTS_MAX];
    int wait_ms = ms < INT32_MAX ? (int)ms : INT32_MAX;
    int count = epoll_wait(io_epoll_state(loop)->poll, events, EPOLL_EVENTS_MAX, wait_ms);
    CHECK(count >= 0 || errno == EINTR);
    CHECK(count <= EPOLL_EVENTS_MAX);
    for (int i = 0; i < count; i++) {
        epoll_on_event(loop, &events[i]);
    }
}

const struct io_backend io_epoll = {
    .name = "epoll",
    .open = epoll_open,
    .shut = epoll_shut,
    .clock = epoll_clock,
    .wait = epoll_wait_events,
    .wake = epoll_wake,
    .start = {[IO_ACCEPT] = io_epoll_start_accept,
              [IO_CONNECT] = epoll_start_connect,
              [IO_RECV] = epoll_try_recv,
              [IO_SEND] = epoll_try_send,
              [IO_SHUTDOWN] = epoll_start_shutdown,
              [IO_CLOSE] = epoll_start_close},
    .cancel = epoll_cancel,
    .listen = io_epoll_listen,
    .unlisten = io_epoll_unlisten,
    .unlistened = io_epoll_unlistened,
};
