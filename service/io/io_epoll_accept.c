/*
 * The listeners of the epoll backend. A listener is level-triggered and exclusive (one loop wakes
 * for one client), and registered only while an ACCEPT waits. Loops that share a port have a
 * descriptor each.
 */
#define _GNU_SOURCE /* accept4 */

#include "io/io_epoll.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { EPOLL_BACKLOG = 4096 };

/* A new socket bound and listening, or -1 with errno. */
static int epoll_bind(const struct io_loop *loop, const struct endpoint *at)
{
    struct sockaddr_storage address;
    socklen_t len = (socklen_t)sys_to_sockaddr(at, &address);
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    bool only_v6 = at->addr.family == ADDR_IPV6;
    /* REUSEADDR on Linux: past connections that linger do not hold the port, listeners do. */
    if (io_epoll_set(fd, SOL_SOCKET, SO_REUSEADDR, 1) == 0 &&
        (address.ss_family == AF_INET ||
         io_epoll_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, only_v6 ? 1 : 0) == 0) &&
        io_epoll_set_options(loop, fd) && bind(fd, (void *)&address, len) == 0 &&
        listen(fd, EPOLL_BACKLOG) == 0) {
        return fd;
    }
    int number = errno;
    io_epoll_close(fd);
    errno = number;
    return -1;
}

enum err io_epoll_listen(struct io_loop *loop, struct io_listener *listener,
                         const struct endpoint *at, const struct io_listener *sibling)
{
    int fd = sibling ? fcntl((int)sibling->handle, F_DUPFD_CLOEXEC, 0) : epoll_bind(loop, at);
    if (fd < 0 && !sibling && errno == EAFNOSUPPORT && at->addr.family == ADDR_NONE) {
        struct endpoint any = {{ADDR_IPV4, {0}}, at->port}; /* a machine without IPv6 */
        fd = epoll_bind(loop, &any);
    }
    struct sockaddr_storage bound;
    socklen_t len = sizeof bound;
    if (fd < 0 || getsockname(fd, (void *)&bound, &len) != 0) {
        int number = errno;
        if (fd >= 0) {
            io_epoll_close(fd);
        }
        return io_epoll_err(number);
    }
    listener->handle = fd;
    listener->at = sys_from_sockaddr(&bound);
    return ERR_OK;
}

/* Registered exactly where somebody waits; who waits can be told, and is out. */
static void epoll_check_listener(const struct io_listener *listener)
{
    CHECK(io_is_listening(listener));
    CHECK(list_empty(&listener->accepts) || (listener->armed && !listener->closing));
    CHECK(list_empty(&listener->accepts) || listener->accepts_out > 0);
}

static void epoll_arm(struct io_loop *loop, struct io_listener *listener, bool arm)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE,
                                .data.ptr = (char *)listener + EPOLL_LISTENER_TAG};
    CHECK(arm == !list_empty(&listener->accepts));
    if (listener->armed != arm) {
        int what = arm ? EPOLL_CTL_ADD : EPOLL_CTL_DEL;
        /* Without memory for it the listener stays as it was; the next ACCEPT tries again. */
        if (epoll_ctl(io_epoll_state(loop)->poll, what, (int)listener->handle, &event) == 0) {
            listener->armed = arm;
        } else {
            CHECK(errno != EEXIST && errno != ENOENT);
        }
    }
}

/* Accepts one client for the op. False: nobody is there now, the op goes on waiting. */
static bool epoll_accept_one(struct io_loop *loop, struct io_op *op)
{
    struct io_listener *listener = op->arg.accept.listener;
    struct io_socket *socket = op->arg.accept.socket;
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer;
    CHECK(!io_socket_is_open(socket) && socket->other == op);
    int fd = accept4((int)listener->handle, (void *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        int number = errno;
        if (number == EAGAIN || number == EINTR || number == ECONNABORTED) {
            return false;
        }
        io_epoll_fail(loop, op, number);
        return true;
    }
    socket->handle = fd;
    socket->ready = EPOLL_CAN_WRITE;
    if (io_epoll_register(loop, op, socket)) {
        op->arg.accept.accepted->peer = sys_from_sockaddr(&peer);
        io_finish(loop, op, ERR_OK);
    } else {
        io_epoll_close(fd);
        socket->handle = IO_NO_HANDLE;
    }
    return true;
}

static void epoll_accept_all(struct io_loop *loop, struct io_listener *listener)
{
    struct list_node *node;
    while ((node = list_take_first(&listener->accepts))) {
        struct io_op *op = list_owner(node, struct io_op, link);
        CHECK(op->kind == IO_ACCEPT && op->arg.accept.listener == listener);
        if (epoll_accept_one(loop, op)) {
            CHECK(op->state == IO_READY);
            continue;
        }
        if (!listener->closing) {
            list_push_first(&listener->accepts, node);
            break;
        }
        io_finish(loop, op, ERR_CLOSED);
    }
    if (list_empty(&listener->accepts)) {
        epoll_arm(loop, listener, false);
    }
    epoll_check_listener(listener);
}

void io_epoll_on_listener(struct io_loop *loop, struct io_listener *listener)
{
    CHECK(listener->armed);
    epoll_check_listener(listener);
    epoll_accept_all(loop, listener);
}

void io_epoll_start_accept(struct io_loop *loop, struct io_op *op)
{
    struct io_listener *listener = op->arg.accept.listener;
    epoll_check_listener(listener);
    list_push_last(&listener->accepts, &op->link);
    if (listener->closing) {
        epoll_accept_all(loop, listener);
        return;
    }
    epoll_arm(loop, listener, true);
    if (!listener->armed) {
        list_unlink(&op->link);
        io_finish(loop, op, ERR_EXHAUSTED);
    }
    epoll_check_listener(listener);
}

void io_epoll_leave_accept(struct io_loop *loop, struct io_op *op)
{
    struct io_listener *listener = op->arg.accept.listener;
    epoll_check_listener(listener);
    list_unlink(&op->link);
    if (list_empty(&listener->accepts)) {
        epoll_arm(loop, listener, false);
    }
    epoll_check_listener(listener);
}

/*
 * New clients must not come to a port that closes, and those who are queued must not be reset:
 * closing would reset them, and so would shutdown. So the kernel is told to drop what opens a
 * connection (TCP's SYN without ACK); the queue is emptied; then the port is closed.
 */
void io_epoll_unlisten(struct io_loop *loop, struct io_listener *listener)
{
    static struct sock_filter code[] = {
        {BPF_LD | BPF_B | BPF_ABS, 0, 0, 13},    /* the byte of TCP's flags */
        {BPF_ALU | BPF_AND | BPF_K, 0, 0, 0x12}, /* SYN and ACK */
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0x02}, /* SYN alone? */
        {BPF_RET | BPF_K, 0, 0, 0},              /* drop */
        {BPF_RET | BPF_K, 0, 0, 0xFFFFFFFF},     /* take */
    };
    struct sock_fprog filter = {sizeof code / sizeof code[0], code};
    /* A kernel without it: those who connect in this moment are reset, as with any other server. */
    (void)setsockopt((int)listener->handle, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
    CHECK(listener->closing);
    epoll_accept_all(loop, listener);
    CHECK(list_empty(&listener->accepts));
}

void io_epoll_unlistened(struct io_loop *loop, struct io_listener *listener)
{
    CHECK(listener->closing && listener->accepts_out == 0);
    epoll_arm(loop, listener, false);
    io_epoll_close((int)listener->handle);
}
