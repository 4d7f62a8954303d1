/*
 * The seam over I/O completion ports: one port for each loop. An op's OVERLAPPED lies inside the
 * op; where the system allows it, a call that succeeds at once brings no packet and is finished on
 * the spot. A RECV waits with zero bytes, so that an idle connection pins no buffer, and reads
 * without blocking when there is something. Listeners are in io_iocp_accept.c.
 */
#include "io/io_iocp.h"

#include "sys/sys.h"

enum { IOCP_PACKETS_MAX = 256, IOCP_DRAIN_MS = 1, IOCP_PART = 32 * 1024 };

_Static_assert(sizeof(struct iocp_state) <= sizeof(((struct io_loop *)0)->state), "loop's room");
_Static_assert(sizeof(struct iocp_op) <= sizeof(((struct io_op *)0)->backend), "op's room");

struct iocp_state *io_iocp_state(struct io_loop *loop)
{
    return (void *)loop->state;
}

struct iocp_op *io_iocp_op(struct io_op *op)
{
    return (void *)op->backend;
}

static SOCKET iocp_socket(const struct io_socket *socket)
{
    CHECK(socket->handle != IO_NO_HANDLE);
    return (SOCKET)socket->handle;
}

SOCKET io_iocp_listening(const struct io_listener *listener)
{
    CHECK(listener->handle != IO_NO_HANDLE);
    return (SOCKET)listener->handle;
}

OVERLAPPED *io_iocp_begin(struct io_op *op)
{
    CHECK(op->state == IO_SUBMITTED);
    CHECK(!list_linked(&op->link)); /* an ACCEPT that waits is the system's */
    *io_iocp_op(op) = (struct iocp_op){.client = INVALID_SOCKET};
    return &io_iocp_op(op)->overlapped;
}

DWORD io_iocp_result(struct io_op *op, SOCKET socket)
{
    OVERLAPPED *overlapped = &io_iocp_op(op)->overlapped;
    DWORD bytes, flags;
    CHECK(HasOverlappedIoCompleted(overlapped));
    if ((LONG)overlapped->Internal >= 0 || /* NT_SUCCESS */
        WSAGetOverlappedResult(socket, overlapped, &bytes, FALSE, &flags)) {
        return 0;
    }
    return (DWORD)WSAGetLastError();
}

void io_iocp_fail(struct io_loop *loop, struct io_op *op, DWORD number)
{
    CHECK(number != 0 && number != WSA_IO_PENDING && number != WSA_IO_INCOMPLETE);
    if (number == WSA_OPERATION_ABORTED && io_iocp_op(op)->cancelled) {
        io_finish(loop, op, ERR_CANCELLED);
    } else if (number == WSAEADDRINUSE && op->kind == IO_CONNECT) {
        io_finish(loop, op, ERR_EXHAUSTED); /* every port of ours is in use */
    } else {
        io_finish(loop, op, io_iocp_err(number));
    }
}

void io_iocp_post(struct io_loop *loop, OVERLAPPED *overlapped)
{
    CHECK(PostQueuedCompletionStatus(io_iocp_state(loop)->port, 0, 0, overlapped));
}

static void iocp_wake(struct io_loop *loop)
{
    io_iocp_post(loop, NULL);
}

static void iocp_shut(struct io_loop *loop)
{
    struct iocp_state *state = io_iocp_state(loop);
    CHECK(list_empty(&state->accepts));
    if (state->port) {
        CHECK(CloseHandle(state->port));
    }
    (void)WSACleanup(); /* they are counted */
}

static enum err iocp_open(struct io_loop *loop, void *world)
{
    struct iocp_state *state = io_iocp_state(loop);
    WSADATA data;
    CHECK(!world);
    CHECK(loop->keepalive_s <= UINT32_MAX / 1000);
    list_init(&state->accepts);
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) {
        return ERR_SYSTEM;
    }
    state->port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    if (state->port && io_iocp_socket_calls(&state->calls) == 0) {
        return ERR_OK;
    }
    iocp_shut(loop);
    return ERR_SYSTEM;
}

static uint64_t iocp_clock(struct io_loop *loop)
{
    (void)loop;
    return sys_monotonic_ms();
}

/* Non-blocking is for the plain recv; overlapped calls wait all the same. */
DWORD io_iocp_attach(struct io_loop *loop, SOCKET socket, uint32_t *ready)
{
    u_long on = 1;
    if (!CreateIoCompletionPort((HANDLE)socket, io_iocp_state(loop)->port, 0, 0)) {
        return GetLastError();
    }
    if (ioctlsocket(socket, (long)FIONBIO, &on) != 0) {
        return (DWORD)WSAGetLastError();
    }
    UCHAR modes = FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE;
    /* Refused by some filters of other makers: then every success has its packet. */
    *ready = SetFileCompletionNotificationModes((HANDLE)socket, modes) ? IOCP_SKIPS : 0;
    return 0;
}

void io_iocp_cancel(struct io_loop *loop, struct io_op *op)
{
    SOCKET socket = op->kind == IO_ACCEPT ? io_iocp_listening(op->arg.accept.listener)
                                          : iocp_socket(io_op_socket(op));
    (void)loop;
    CHECK(op->state == IO_SUBMITTED && op->kind <= IO_SEND);
    io_iocp_op(op)->cancelled = true;
    /* "Not found" is fine: it has ended and its packet is on the way. */
    (void)CancelIoEx((HANDLE)socket, &io_iocp_op(op)->overlapped);
}

/* ---- connections ---- */

static void iocp_end_connect(struct io_loop *loop, struct io_op *op)
{
    SOCKET socket = iocp_socket(op->arg.connect.socket);
    DWORD number = io_iocp_result(op, socket);
    if (number == 0 && setsockopt(socket, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0) != 0) {
        number = (DWORD)WSAGetLastError();
    }
    if (number != 0) {
        io_iocp_fail(loop, op, number);
        return;
    }
    io_iocp_socket_tune(socket, loop->keepalive_s);
    io_finish(loop, op, ERR_OK);
}

/* Opens the op's socket, bound and in the loop: 0 or the number of what went wrong. */
static DWORD iocp_open_outgoing(struct io_loop *loop, struct io_op *op, int family)
{
    struct io_socket *socket = op->arg.connect.socket;
    struct endpoint from = {{op->arg.connect.to->addr.family, {0}}, 0};
    SOCKET made;
    CHECK(!io_socket_is_open(socket) && socket->other == op);
    DWORD number = io_iocp_socket_make(family, &made);
    if (number != 0) {
        return number;
    }
    socket->handle = (intptr_t)made; /* from here on the owner closes it */
    number = io_iocp_attach(loop, made, &socket->ready);
    if (number != 0) {
        return number;
    }
    if (op->arg.connect.from) {
        CHECK(op->arg.connect.from->family != ADDR_NONE);
        from.addr = *op->arg.connect.from;
    }
    return io_iocp_socket_bind(made, &from);
}

static void iocp_start_connect(struct io_loop *loop, struct io_op *op)
{
    struct io_socket *socket = op->arg.connect.socket;
    struct sockaddr_storage address;
    int len = sys_to_sockaddr(op->arg.connect.to, &address);
    OVERLAPPED *overlapped = io_iocp_begin(op);
    DWORD number = iocp_open_outgoing(loop, op, address.ss_family);
    if (number != 0) {
        io_iocp_fail(loop, op, number);
    } else if (io_iocp_state(loop)->calls.connect(iocp_socket(socket), (void *)&address, len, NULL,
                                                  0, NULL, overlapped)) {
        if (socket->ready & IOCP_SKIPS) {
            iocp_end_connect(loop, op);
        }
    } else if (WSAGetLastError() != WSA_IO_PENDING) {
        io_iocp_fail(loop, op, (DWORD)WSAGetLastError());
    }
}

/* Asks to be told of bytes or of the end. True: they are there now, and no packet comes. */
static bool iocp_await_bytes(struct io_loop *loop, struct io_op *op)
{
    struct io_socket *socket = op->arg.recv.socket;
    char nothing;
    WSABUF none = {0, &nothing};
    DWORD flags = 0;
    CHECK(!(socket->ready & IOCP_FLOWS)); /* otherwise there is nothing to wait for */
    if (WSARecv(iocp_socket(socket), &none, 1, NULL, &flags, io_iocp_begin(op), NULL) == 0) {
        return socket->ready & IOCP_SKIPS;
    }
    if (WSAGetLastError() != WSA_IO_PENDING) {
        io_iocp_fail(loop, op, (DWORD)WSAGetLastError());
    }
    return false;
}

/* Receives if there is something. An op that was cancelled does not wait for more. */
static void iocp_take_bytes(struct io_loop *loop, struct io_op *op)
{
    struct io_socket *socket = op->arg.recv.socket;
    uint8_t *buffer = io_take_buffer(loop, op);
    if (!buffer) {
        return;
    }
    size_t size = op->arg.recv.pool->memory.item_size;
    CHECK(size <= INT32_MAX);
    int got = recv(iocp_socket(socket), (char *)buffer, (int)size, 0);
    DWORD number = got < 0 ? (DWORD)WSAGetLastError() : 0;
    socket->ready &= ~(uint32_t)IOCP_FLOWS;
    CHECK(got <= (int)size);
    if (got > 0) {
        socket->ready |= (size_t)got == size ? IOCP_FLOWS : 0;
        op->bytes = (uint32_t)got;
        op->arg.recv.buffer = buffer;
        io_finish(loop, op, ERR_OK);
        return;
    }
    io_give_buffer(op, buffer);
    if (got == 0) {
        io_finish(loop, op, ERR_OK);
    } else if (number != WSAEWOULDBLOCK) {
        io_iocp_fail(loop, op, number);
    } else if (io_iocp_op(op)->cancelled) {
        io_finish(loop, op, ERR_CANCELLED);
    } else if (iocp_await_bytes(loop, op)) {
        io_iocp_post(loop,
                     &io_iocp_op(op)->overlapped); /* just came: in the next turn, never a spin */
    }
}

static void iocp_start_recv(struct io_loop *loop, struct io_op *op)
{
    (void)io_iocp_begin(op);
    CHECK(op->arg.recv.socket->recv == op);
    if ((op->arg.recv.socket->ready & IOCP_FLOWS) || iocp_await_bytes(loop, op)) {
        iocp_take_bytes(loop, op);
    }
}

/* The zero bytes have come. Their error is final: a recv after it may say "end" (under Wine). */
static void iocp_end_recv(struct io_loop *loop, struct io_op *op)
{
    DWORD number = io_iocp_result(op, iocp_socket(op->arg.recv.socket));
    if (number != 0) {
        io_iocp_fail(loop, op, number);
    } else {
        iocp_take_bytes(loop, op);
    }
}

/* Counts what was accepted; true when the op has ended with it. */
static bool iocp_count_sent(struct io_loop *loop, struct io_op *op, size_t sent)
{
    io_count_sent(loop, op, sent);
    if (op->bytes == op->arg.send.len) {
        io_finish(loop, op, ERR_OK);
    } else if (io_iocp_op(op)->cancelled) {
        io_finish(loop, op, ERR_CANCELLED);
    } else if (sent == 0) {
        io_finish(loop, op, ERR_NETWORK);
    }
    return op->state != IO_SUBMITTED;
}

/* A call takes all that it is given, sooner or later; in parts, so that a slow peer is seen to
 * move.
 */
static void iocp_start_send(struct io_loop *loop, struct io_op *op)
{
    const struct io_socket *socket = op->arg.send.socket;
    DWORD sent;
    CHECK(socket->send == op);
    do {
        CHECK(op->bytes < op->arg.send.len);
        const uint8_t *rest = op->arg.send.data + op->bytes;
        /* WSABUF has no const; WSASend only reads. */
        uint32_t left = op->arg.send.len - op->bytes;
        WSABUF piece = {left < IOCP_PART ? left : IOCP_PART, (char *)(uintptr_t)rest};
        if (WSASend(iocp_socket(socket), &piece, 1, &sent, 0, io_iocp_begin(op), NULL) != 0) {
            if (WSAGetLastError() != WSA_IO_PENDING) {
                io_iocp_fail(loop, op, (DWORD)WSAGetLastError());
            }
            return;
        }
    } while ((socket->ready & IOCP_SKIPS) && !iocp_count_sent(loop, op, sent));
}

static void iocp_end_send(struct io_loop *loop, struct io_op *op)
{
    size_t sent = io_iocp_op(op)->overlapped.InternalHigh;
    DWORD number = io_iocp_result(op, iocp_socket(op->arg.send.socket));
    CHECK(op->bytes < op->arg.send.len);
    if (number != 0) {
        /* A lower bound: a failure need not say how much went out, nor say it well. */
        io_count_sent(loop, op, sent <= op->arg.send.len - op->bytes ? sent : 0);
        io_iocp_fail(loop, op, number);
    } else if (!iocp_count_sent(loop, op, sent)) {
        iocp_start_send(loop, op);
    }
}

static void iocp_start_shutdown(struct io_loop *loop, struct io_op *op)
{
    const struct io_socket *socket = op->arg.shutdown.socket;
    CHECK(socket->other == op && !socket->send);
    (void)io_iocp_begin(op);
    if (shutdown(iocp_socket(socket), SD_SEND) == 0) {
        io_finish(loop, op, ERR_OK);
    } else {
        io_iocp_fail(loop, op, (DWORD)WSAGetLastError()); /* it was reset meanwhile */
    }
}

static void iocp_start_close(struct io_loop *loop, struct io_op *op)
{
    SOCKET socket = iocp_socket(op->arg.close.socket);
    CHECK(!op->arg.close.socket->recv && !op->arg.close.socket->send);
    if (op->arg.close.abort) {
        struct linger now = {1, 0};
        (void)setsockopt(socket, SOL_SOCKET, SO_LINGER, (const char *)&now, sizeof now);
    }
    (void)closesocket(socket);
    io_finish(loop, op, ERR_OK);
}

/* ---- waiting ---- */

static void iocp_on_packet(struct io_loop *loop, struct io_op *op)
{
    const struct io_socket *socket = io_op_socket(op);
    CHECK(op->loop == loop);
    CHECK(op->state == IO_SUBMITTED);
    CHECK(socket->recv == op || socket->send == op || socket->other == op);
    switch (op->kind) {
    case IO_ACCEPT:
        io_iocp_end_accept(loop, op);
        break;
    case IO_CONNECT:
        iocp_end_connect(loop, op);
        break;
    case IO_RECV:
        iocp_end_recv(loop, op);
        break;
    case IO_SEND:
        iocp_end_send(loop, op);
        break;
    case IO_SHUTDOWN:
    case IO_TIMER:
    case IO_RESOLVE:
    case IO_CLOSE:
    case IO_POST:
    case IO_KINDS:
        CHECK_NEVER("these never ask the port");
    }
}

static void iocp_wait_packets(struct io_loop *loop, uint64_t ms)
{
    struct iocp_state *state = io_iocp_state(loop);
    OVERLAPPED_ENTRY packets[IOCP_PACKETS_MAX];
    ULONG count = 0;
    bool draining = state->draining;
    uint64_t most_ms = draining ? IOCP_DRAIN_MS : INT32_MAX;
    DWORD wait_ms = (DWORD)(ms < most_ms ? ms : most_ms);
    if (!GetQueuedCompletionStatusEx(state->port, packets, IOCP_PACKETS_MAX, &count, wait_ms,
                                     FALSE)) {
        CHECK(GetLastError() == WAIT_TIMEOUT);
        count = 0;
    }
    CHECK(count <= IOCP_PACKETS_MAX);
    for (ULONG i = 0; i < count; i++) {
        if (packets[i].lpOverlapped) { /* otherwise iocp_wake was here */
            iocp_on_packet(loop, list_owner(packets[i].lpOverlapped, struct io_op, backend));
        }
    }
    if (draining) {
        io_iocp_drain(loop);
    }
}

const struct io_backend io_iocp = {
    .name = "iocp",
    .open = iocp_open,
    .shut = iocp_shut,
    .clock = iocp_clock,
    .wait = iocp_wait_packets,
    .wake = iocp_wake,
    .start = {[IO_ACCEPT] = io_iocp_start_accept,
              [IO_CONNECT] = iocp_start_connect,
              [IO_RECV] = iocp_start_recv,
              [IO_SEND] = iocp_start_send,
              [IO_SHUTDOWN] = iocp_start_shutdown,
              [IO_CLOSE] = iocp_start_close},
    .cancel = io_iocp_cancel,
    .listen = io_iocp_listen,
    .unlisten = io_iocp_unlisten,
    .unlistened = io_iocp_unlistened,
};
