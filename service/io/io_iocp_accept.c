/*
 * The listeners of the IOCP backend. A listening socket belongs to no loop: its AcceptEx ends on a
 * thread of the system's pool, which hands the packet to the loop that asked. So loops that share
 * a port come and go in any order, and none of them waits for another's turn. Each loop has a
 * handle of its own; the port is closed with the last.
 */
#include "io/io_iocp.h"

/*
 * A port that closes is quiet when nobody was queued for a while: a client whose connection is just
 * coming about is not seen at once.
 */
enum { IOCP_DRAIN_MAX_MS = 2000, IOCP_QUIET_MS = 100, IOCP_GONE_MAX = 100 };

_Static_assert(2 * IO_IOCP_ADDRESS_ROOM <= sizeof(((struct io_accepted *)0)->backend),
               "room for both addresses");

/* The OVERLAPPED knows how it ended. Once the packet is posted the op may be gone. */
static void CALLBACK iocp_forward(DWORD number, DWORD bytes, OVERLAPPED *overlapped)
{
    (void)number;
    (void)bytes;
    const struct io_op *op = list_owner(overlapped, struct io_op, backend);
    CHECK(op->kind == IO_ACCEPT && op->state == IO_SUBMITTED);
    io_iocp_post(op->loop, overlapped);
}

static DWORD iocp_open_port(const struct endpoint *at, SOCKET *made)
{
    DWORD number = io_iocp_socket_listen(at, made);
    if (number == WSAEAFNOSUPPORT && at->addr.family == ADDR_NONE) {
        struct endpoint any = {{ADDR_IPV4, {0}}, at->port}; /* a machine without IPv6 */
        number = io_iocp_socket_listen(&any, made);
    }
    if (number == 0 && !BindIoCompletionCallback((HANDLE)*made, iocp_forward, 0)) {
        number = GetLastError();
        (void)closesocket(*made);
    }
    return number;
}

enum err io_iocp_listen(struct io_loop *loop, struct io_listener *listener,
                        const struct endpoint *at, const struct io_listener *sibling)
{
    SOCKET made;
    DWORD number;
    (void)loop;
    if (sibling) {
        number = io_iocp_socket_share(io_iocp_listening(sibling), &made);
    } else {
        number = iocp_open_port(at, &made);
    }
    if (number == 0) {
        number = io_iocp_socket_local(made, &listener->at);
        if (number == 0) {
            listener->handle = (intptr_t)made;
            return ERR_OK;
        }
        (void)closesocket(made);
    }
    /* Windows says "access denied" of a port that another program holds or has reserved. */
    return number == WSAEACCES ? ERR_ADDRESS_IN_USE : io_iocp_err(number);
}

/*
 * Windows cannot be told to take no more clients: a port that closes is one where nobody is queued
 * in the moment of closing. Where they come without end, that moment is not waited for.
 */
static bool iocp_is_over(struct io_loop *loop, const struct io_listener *listener)
{
    return listener->closing && io_now_ms(loop) >= io_iocp_state(loop)->drain_until_ms;
}

static bool iocp_has_client(struct io_loop *loop, const struct io_listener *listener)
{
    return !iocp_is_over(loop, listener) && io_iocp_socket_has_client(io_iocp_listening(listener));
}

/* An ACCEPT that the system has, or had until now. */
static void iocp_check_accept(const struct io_loop *loop, const struct io_op *op)
{
    CHECK(op->kind == IO_ACCEPT && op->state == IO_SUBMITTED && op->loop == loop);
    CHECK(io_is_listening(op->arg.accept.listener));
    CHECK(op->arg.accept.listener->accepts_out > 0);
    CHECK(!io_socket_is_open(op->arg.accept.socket));
}

/* Asks for one client: 0, the packet will come, or the number of what went wrong. */
static DWORD iocp_await_client(struct io_loop *loop, struct io_op *op)
{
    const struct io_listener *listener = op->arg.accept.listener;
    struct iocp_state *state = io_iocp_state(loop);
    OVERLAPPED *overlapped = io_iocp_begin(op);
    SOCKET *client = &io_iocp_op(op)->client;
    DWORD received;
    DWORD number =
        io_iocp_socket_make(listener->at.addr.family == ADDR_IPV4 ? AF_INET : AF_INET6, client);
    if (number != 0) {
        return number;
    }
    /* A success at once has its packet too: nothing is skipped on a listening socket. */
    if (state->calls.accept(io_iocp_listening(listener), *client, op->arg.accept.accepted->backend,
                            0, IO_IOCP_ADDRESS_ROOM, IO_IOCP_ADDRESS_ROOM, &received, overlapped) ||
        WSAGetLastError() == WSA_IO_PENDING) {
        list_push_last(&state->accepts, &op->link);
        io_iocp_op(op)->quiet_since_ms = io_now_ms(loop);
        state->draining = state->draining || listener->closing;
        iocp_check_accept(loop, op);
        return 0;
    }
    number = (DWORD)WSAGetLastError();
    (void)closesocket(*client);
    return number;
}

void io_iocp_start_accept(struct io_loop *loop, struct io_op *op)
{
    if (iocp_is_over(loop, op->arg.accept.listener)) {
        io_finish(loop, op, ERR_CLOSED);
        return;
    }
    DWORD number = iocp_await_client(loop, op);
    for (int i = 0; i < IOCP_GONE_MAX && number != 0 && io_iocp_err(number) == ERR_RESET; i++) {
        number = iocp_await_client(loop, op); /* that client was gone before it came */
    }
    if (number != 0) {
        io_iocp_fail(loop, op, number);
    }
    CHECK((op->state == IO_READY) == (number != 0));
}

/* Makes the client a connection of the loop: 0 or the number of what went wrong. */
static DWORD iocp_adopt(struct io_loop *loop, struct io_op *op)
{
    struct io_accepted *accepted = op->arg.accept.accepted;
    struct io_socket *socket = op->arg.accept.socket;
    SOCKET client = io_iocp_op(op)->client;
    SOCKET listening = io_iocp_listening(op->arg.accept.listener);
    struct sockaddr *local, *peer;
    int local_len, peer_len;
    CHECK(client != INVALID_SOCKET && client != listening);
    if (setsockopt(client, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (const char *)&listening,
                   sizeof listening) != 0) {
        return (DWORD)WSAGetLastError();
    }
    io_iocp_state(loop)->calls.accept_addresses(accepted->backend, 0, IO_IOCP_ADDRESS_ROOM,
                                                IO_IOCP_ADDRESS_ROOM, &local, &local_len, &peer,
                                                &peer_len);
    accepted->peer = sys_from_sockaddr(peer);
    if (accepted->peer.addr.family == ADDR_NONE) {
        return WSAENOTCONN; /* reset meanwhile: it has no address any more */
    }
    DWORD number = io_iocp_attach(loop, client, &socket->ready);
    if (number == 0) {
        io_iocp_socket_tune(client, loop->keepalive_s);
        socket->handle = (intptr_t)client;
    }
    return number;
}

void io_iocp_end_accept(struct io_loop *loop, struct io_op *op)
{
    const struct io_listener *listener = op->arg.accept.listener;
    iocp_check_accept(loop, op);
    list_unlink(&op->link);
    DWORD number = io_iocp_result(op, io_iocp_listening(listener));
    if (number == 0) {
        number = iocp_adopt(loop, op);
    }
    if (number == 0) {
        io_finish(loop, op, ERR_OK);
        return;
    }
    (void)closesocket(io_iocp_op(op)->client);
    if (io_iocp_err(number) != ERR_RESET) {
        io_iocp_fail(loop, op, number);
    } else if (!io_iocp_op(op)->cancelled) {
        io_iocp_start_accept(loop, op); /* that client was gone before it came: the next one */
    } else if (!listener->closing) {
        io_finish(loop, op, ERR_CANCELLED);
    } else if (iocp_has_client(loop, listener)) {
        io_iocp_start_accept(loop, op);
    } else {
        io_finish(loop, op, ERR_CLOSED);
    }
    CHECK(list_linked(&op->link)); /* it has ended, or waits again */
}

/*
 * Where a client is queued at a port that closes, the ACCEPT goes on waiting for it. Another loop
 * may be faster, so this is looked at again in every turn.
 */
void io_iocp_drain(struct io_loop *loop)
{
    struct iocp_state *state = io_iocp_state(loop);
    state->draining = false;
    list_each (node, &state->accepts) {
        struct io_op *op = list_owner(node, struct io_op, link);
        const struct io_listener *listener = op->arg.accept.listener;
        iocp_check_accept(loop, op);
        if (!listener->closing || io_iocp_op(op)->cancelled) {
            continue;
        }
        if (iocp_has_client(loop, listener)) {
            io_iocp_op(op)->quiet_since_ms = io_now_ms(loop);
        }
        if (io_now_ms(loop) < io_iocp_op(op)->quiet_since_ms + IOCP_QUIET_MS &&
            !iocp_is_over(loop, listener)) {
            state->draining = true;
        } else {
            io_iocp_cancel(loop, op);
        }
    }
}

void io_iocp_unlisten(struct io_loop *loop, struct io_listener *listener)
{
    CHECK(listener->closing && io_is_listening(listener));
    io_iocp_state(loop)->drain_until_ms = io_now_ms(loop) + IOCP_DRAIN_MAX_MS;
    list_each (node, &io_iocp_state(loop)->accepts) {
        io_iocp_op(list_owner(node, struct io_op, link))->quiet_since_ms = io_now_ms(loop);
    }
    io_iocp_drain(loop);
}

void io_iocp_unlistened(struct io_loop *loop, struct io_listener *listener)
{
    CHECK(listener->closing && listener->accepts_out == 0);
    list_each (node, &io_iocp_state(loop)->accepts) {
        CHECK(list_owner(node, struct io_op, link)->arg.accept.listener != listener);
    }
    (void)closesocket(io_iocp_listening(listener));
}
