/*
 * Every system call of the epoll backend fails once: the scenario runs with the first call failing,
 * then the second, and so on until a run passes untouched; for each error that a call may give.
 * What must hold: every op ends exactly once, a connection comes about in the end, no CHECK fails,
 * and no descriptor is left. The calls are wrapped by the linker (--wrap), the backend is the real
 * one.
 */
#define _GNU_SOURCE

#include "io/io_backend.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fault_fail(__LINE__, #condition);                                                      \
        }                                                                                          \
    } while (0)

struct fault {
    const char *call;
    int errors[6];
};

/* What each call may be answered with; the scenario is run for each. */
static const struct fault faults[] = {
    {"epoll_create1", {EMFILE, ENOMEM}},
    {"eventfd", {EMFILE, ENOMEM}},
    {"epoll_ctl", {ENOMEM, ENOSPC}},
    {"epoll_wait", {EINTR}},
    {"socket", {EMFILE, ENFILE, ENOBUFS, EAFNOSUPPORT}},
    {"setsockopt", {ENOBUFS, ENOPROTOOPT}},
    {"bind", {EADDRINUSE, EADDRNOTAVAIL, EACCES}},
    {"listen", {EADDRINUSE}},
    {"getsockname", {ENOBUFS}},
    {"accept4", {EMFILE, ENFILE, ENOBUFS, ECONNABORTED, EINTR, EPERM}},
    {"connect", {EADDRNOTAVAIL, ECONNREFUSED, ENETUNREACH, EHOSTUNREACH, ETIMEDOUT, EACCES}},
    {"getsockopt", {ENOBUFS}},
    {"recv", {ECONNRESET, EINTR, EAGAIN, ENOMEM, ETIMEDOUT}},
    {"send", {ECONNRESET, EPIPE, EINTR, EAGAIN, ENOBUFS}},
    {"shutdown", {ENOTCONN}},
    {"close", {EINTR}},
    {"read", {EAGAIN}},
    {"write", {EAGAIN}},
};

enum { FAULTS = sizeof faults / sizeof faults[0] };

static const char *failing_call;
static int failing_error, calls_left, calls_ever, open_descriptors;
static bool failed_once;

_Noreturn static void fault_fail(int line, const char *what)
{
    (void)fprintf(stderr, "FAILED at line %d: %s; %s gave %s\n", line, what, failing_call,
                  strerror(failing_error));
    exit(1);
}

/* True when this call is the one that fails now. */
static bool fault_now(const char *call)
{
    if (!failing_call || strcmp(call, failing_call) != 0) {
        return false;
    }
    calls_ever++;
    if (--calls_left != 0) {
        return false;
    }
    failed_once = true;
    errno = failing_error;
    return true;
}

static int fault_opened(int fd)
{
    open_descriptors += fd >= 0 ? 1 : 0;
    return fd;
}

/* The linker's names: __real_X is the system's, __wrap_X is what the backend calls. */
#define WRAP(result, call, parameters, arguments)                                                  \
    result __real_##call parameters;                                                               \
    result __wrap_##call parameters;                                                               \
    result __wrap_##call parameters                                                                \
    {                                                                                              \
        return fault_now(#call) ? -1 : __real_##call arguments;                                    \
    }
#define WRAP_OPENING(call, parameters, arguments)                                                  \
    int __real_##call parameters;                                                                  \
    int __wrap_##call parameters;                                                                  \
    int __wrap_##call parameters                                                                   \
    {                                                                                              \
        return fault_now(#call) ? -1 : fault_opened(__real_##call arguments);                      \
    }

WRAP_OPENING(epoll_create1, (int flags), (flags))
WRAP_OPENING(eventfd, (unsigned count, int flags), (count, flags))
WRAP_OPENING(socket, (int family, int type, int protocol), (family, type, protocol))
WRAP_OPENING(accept4, (int fd, struct sockaddr *at, socklen_t *len, int flags),
             (fd, at, len, flags))
WRAP(int, epoll_ctl, (int poll, int what, int fd, struct epoll_event *e), (poll, what, fd, e))
WRAP(int, epoll_wait, (int poll, struct epoll_event *e, int max, int ms), (poll, e, max, ms))
WRAP(int, setsockopt, (int fd, int level, int name, const void *v, socklen_t l),
     (fd, level, name, v, l))
WRAP(int, getsockopt, (int fd, int level, int name, void *v, socklen_t *l), (fd, level, name, v, l))
WRAP(int, bind, (int fd, const struct sockaddr *at, socklen_t len), (fd, at, len))
WRAP(int, connect, (int fd, const struct sockaddr *to, socklen_t len), (fd, to, len))
WRAP(int, listen, (int fd, int backlog), (fd, backlog))
WRAP(int, getsockname, (int fd, struct sockaddr *at, socklen_t *len), (fd, at, len))
WRAP(int, shutdown, (int fd, int how), (fd, how))
WRAP(ssize_t, recv, (int fd, void *to, size_t len, int flags), (fd, to, len, flags))
WRAP(ssize_t, send, (int fd, const void *from, size_t len, int flags), (fd, from, len, flags))
WRAP(ssize_t, read, (int fd, void *to, size_t len), (fd, to, len))
WRAP(ssize_t, write, (int fd, const void *from, size_t len), (fd, from, len))

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
    bool fails = fault_now("close"); /* and closes all the same, as Linux does */
    open_descriptors -= fd >= 0 ? 1 : 0;
    int result = __real_close(fd);
    return fails ? -1 : result;
}

/* ---- the scenario ---- */

enum { BUFFER = 4096, BUFFERS = 8, TURNS_MAX = 2000 };

static struct io_loop loop;
static struct pool pool;
static struct pool_slot slots[BUFFERS];
static uint8_t buffers[BUFFERS][BUFFER];

struct step {
    struct io_op op; /* first: done() finds the step */
    int done;
};

static struct step posted, client_other, server_other, client_send, server_recv;
static struct io_socket client, server;

static void step_done(struct io_op *op)
{
    struct step *step = (void *)op;
    step->done++;
}

static void step_init(struct step *step)
{
    step->done = 0;
    io_op_init(&step->op, step_done);
}

static enum err step_wait(struct step *step)
{
    for (int i = 0; i < TURNS_MAX && io_is_out(&step->op); i++) {
        io_turn(&loop, 10);
    }
    EXPECT(step->done == 1);
    step->done = 0;
    return step->op.result;
}

static void close_one(struct step *step, struct io_socket *socket)
{
    if (io_socket_is_open(socket)) {
        io_close(&loop, &step->op, socket, true);
        EXPECT(step_wait(step) == ERR_OK);
    }
}

static void cancel_one(struct step *step)
{
    if (io_is_out(&step->op)) {
        io_cancel(&loop, &step->op);
        (void)step_wait(step);
    }
    step->done = 0;
}

/* Accepts once; false: nobody came, or the call failed. */
static bool accept_one(struct io_listener *listener, struct io_accepted *accepted)
{
    io_accept(&loop, &server_other.op, listener, &server, accepted);
    for (int i = 0; i < 20 && io_is_out(&server_other.op); i++) {
        io_turn(&loop, 10);
    }
    cancel_one(&server_other); /* ECONNABORTED: the client was there, and is not any more */
    return io_socket_is_open(&server);
}

/* Connects and accepts; false: something failed, both ends are closed again. */
static bool connect_both(struct io_listener *listener, uint8_t number)
{
    static struct io_accepted accepted;
    struct addr from = {ADDR_IPV4, {127, 0, 0, number}}; /* each try has its own */
    io_connect(&loop, &client_other.op, &client, &listener->at, &from);
    bool well = step_wait(&client_other) == ERR_OK;
    for (int tries = 0; well && tries < 4; tries++) {
        if (accept_one(listener, &accepted) && addr_equal(&accepted.peer.addr, &from)) {
            return true;
        }
        close_one(&server_other, &server); /* a client of an earlier try */
    }
    close_one(&client_other, &client);
    return false;
}

static void give_back(void)
{
    if (server_recv.op.arg.recv.buffer) {
        pool_give(&pool, server_recv.op.arg.recv.buffer);
        server_recv.op.arg.recv.buffer = NULL;
    }
}

/* Some buffers full across, then the end; false: something failed on the way. */
static bool exchange(void)
{
    static uint8_t bytes[8 * BUFFER];
    size_t got = 0;
    bool well = true;
    io_send(&loop, &client_send.op, &client, span_of(bytes, sizeof bytes));
    while (well && got < sizeof bytes) {
        io_recv(&loop, &server_recv.op, &server, &pool, NULL);
        for (int i = 0; i < 20 && io_is_out(&server_recv.op); i++) {
            io_turn(&loop, 10);
        }
        cancel_one(&server_recv);
        well = server_recv.op.result == ERR_OK && server_recv.op.bytes > 0;
        got += server_recv.op.bytes;
        give_back();
    }
    cancel_one(&client_send);
    if (well && client_send.op.result == ERR_OK) {
        io_shutdown(&loop, &client_other.op, &client);
        well = step_wait(&client_other) == ERR_OK;
    }
    return well && client_send.op.result == ERR_OK;
}

static bool open_listener(struct io_listener *listener)
{
    struct endpoint at = {{ADDR_IPV4, {127, 0, 0, 1}}, 0};
    for (int tries = 0; tries < 2; tries++) {
        if (io_listen(&loop, listener, &at, NULL) == ERR_OK) {
            return true;
        }
        EXPECT(!io_is_listening(listener));
    }
    return false;
}

static void close_listener(struct io_listener *listener)
{
    static struct io_accepted accepted;
    io_unlisten(&loop, listener);
    while (io_is_listening(listener)) {
        io_accept(&loop, &server_other.op, listener, &server, &accepted);
        enum err result = step_wait(&server_other);
        EXPECT(result == ERR_OK || result == ERR_CLOSED || result == ERR_EXHAUSTED ||
               result == ERR_UNREACHABLE);
        close_one(&server_other, &server);
    }
}

static bool open_loop(void)
{
    struct io_setup setup = {.backend = &io_epoll, .keepalive_s = 60};
    for (int tries = 0; tries < 2; tries++) {
        if (io_open(&loop, &setup) == ERR_OK) {
            return true;
        }
    }
    return false;
}

/* One life of a loop: with a single failure everything comes about at the second try. */
static void scenario(void)
{
    struct pool_memory memory = {.items = buffers,
                                 .slots = slots,
                                 .item_size = BUFFER,
                                 .count = BUFFERS,
                                 .share = BUFFERS,
                                 .poison = true};
    struct io_listener listener;
    bool exchanged = false;
    pool_init(&pool, &memory);
    io_socket_init(&client);
    io_socket_init(&server);
    struct step *const steps[] = {&posted, &client_other, &server_other, &client_send,
                                  &server_recv};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        step_init(steps[i]);
    }
    EXPECT(open_loop());
    EXPECT(open_listener(&listener));
    io_post(&loop, &posted.op);
    EXPECT(step_wait(&posted) == ERR_OK);
    for (uint8_t tries = 1; tries <= 3 && !exchanged; tries++) {
        if (connect_both(&listener, tries)) {
            exchanged = exchange();
            close_one(&client_other, &client);
            close_one(&server_other, &server);
        }
    }
    EXPECT(exchanged);
    struct endpoint closed = listener.at;
    close_listener(&listener);
    io_connect(&loop, &client_other.op, &client, &closed, NULL);
    EXPECT(step_wait(&client_other) != ERR_OK);
    close_one(&client_other, &client);
    EXPECT(pool_is_full(&pool));
    io_shut(&loop);
    EXPECT(open_descriptors == 0);
}

/* Runs until the failing call is beyond the last one. */
static int fail_each(const struct fault *fault, int error)
{
    int nth = 0;
    failing_call = fault->call;
    failing_error = error;
    do {
        calls_left = ++nth;
        calls_ever = 0;
        failed_once = false;
        scenario();
    } while (failed_once);
    return nth - 1;
}

int main(void)
{
    int total = 0;
    for (int i = 0; i < FAULTS; i++) {
        int count = 0;
        for (int k = 0; k < 6 && faults[i].errors[k] != 0; k++) {
            count += fail_each(&faults[i], faults[i].errors[k]);
        }
        (void)printf("%-14s failed %d times\n", faults[i].call, count);
        EXPECT(count > 0);
        total += count;
    }
    (void)printf("fault_epoll: %d failures, each survived\n", total);
    return 0;
}
