/*
 * Winsock without waiting: which number is which error, which options a socket gets. Owns no
 * socket; whoever asked for one closes it.
 */
#include "io/io_iocp_socket.h"

#include <mstcpip.h>

enum {
    IOCP_BACKLOG = 4096,
    IOCP_PROBE_MS = 10000,          /* between unanswered keepalives; ten end the connection */
    IOCP_REUSE_UNICASTPORT = 0x3007 /* SO_REUSE_UNICASTPORT, younger than some headers */
};

struct iocp_error {
    DWORD number;
    enum err err;
};

/*
 * Some calls let numbers of files through. An operation that is aborted, not by us, has lost its
 * connection; access is denied by a firewall.
 */
enum err io_iocp_err(DWORD number)
{
    static const struct iocp_error errors[] = {
        {WSAECONNRESET, ERR_RESET},
        {WSAECONNABORTED, ERR_RESET},
        {WSAENETRESET, ERR_RESET},
        {WSAESHUTDOWN, ERR_RESET},
        {WSAENOTCONN, ERR_RESET},
        {WSA_OPERATION_ABORTED, ERR_RESET},
        {ERROR_NETNAME_DELETED, ERR_RESET},
        {ERROR_CONNECTION_ABORTED, ERR_RESET},
        {WSAECONNREFUSED, ERR_REFUSED},
        {ERROR_CONNECTION_REFUSED, ERR_REFUSED},
        {WSAENETUNREACH, ERR_UNREACHABLE},
        {WSAEHOSTUNREACH, ERR_UNREACHABLE},
        {WSAENETDOWN, ERR_UNREACHABLE},
        {WSAEHOSTDOWN, ERR_UNREACHABLE},
        {WSAEAFNOSUPPORT, ERR_UNREACHABLE},
        {WSAEACCES, ERR_UNREACHABLE},
        {ERROR_NETWORK_UNREACHABLE, ERR_UNREACHABLE},
        {ERROR_HOST_UNREACHABLE, ERR_UNREACHABLE},
        {WSAETIMEDOUT, ERR_TIMED_OUT},
        {ERROR_SEM_TIMEOUT, ERR_TIMED_OUT},
        {WSAEADDRINUSE, ERR_ADDRESS_IN_USE},
        {WSAEADDRNOTAVAIL, ERR_ADDRESS_ABSENT},
        {WSAEMFILE, ERR_EXHAUSTED},
        {WSAENOBUFS, ERR_EXHAUSTED},
        {WSA_NOT_ENOUGH_MEMORY, ERR_EXHAUSTED},
        {ERROR_NO_SYSTEM_RESOURCES, ERR_EXHAUSTED},
    };
    CHECK(number != 0);
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (errors[i].number == number) {
            return errors[i].err;
        }
    }
    return ERR_NETWORK;
}

static bool iocp_set(SOCKET socket, int level, int name, DWORD value)
{
    return setsockopt(socket, level, name, (const char *)&value, sizeof value) == 0;
}

static DWORD iocp_number(bool worked)
{
    return worked ? 0 : (DWORD)WSAGetLastError();
}

static bool iocp_find(SOCKET socket, GUID id, void *function, DWORD size)
{
    DWORD returned;
    return WSAIoctl(socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, function, size,
                    &returned, NULL, NULL) == 0;
}

DWORD io_iocp_socket_calls(struct io_iocp_calls *calls)
{
    static const GUID accept = WSAID_ACCEPTEX, connect = WSAID_CONNECTEX,
                      addresses = WSAID_GETACCEPTEXSOCKADDRS;
    SOCKET socket;
    DWORD number = io_iocp_socket_make(AF_INET, &socket);
    if (number == 0) {
        number = iocp_number(
            iocp_find(socket, accept, &calls->accept, sizeof calls->accept) &&
            iocp_find(socket, connect, &calls->connect, sizeof calls->connect) &&
            iocp_find(socket, addresses, &calls->accept_addresses, sizeof calls->accept_addresses));
        (void)closesocket(socket);
    }
    return number;
}

DWORD io_iocp_socket_make(int family, SOCKET *made)
{
    *made = WSASocketW(family, SOCK_STREAM, IPPROTO_TCP, NULL, 0,
                       WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    return iocp_number(*made != INVALID_SOCKET);
}

DWORD io_iocp_socket_share(SOCKET socket, SOCKET *made)
{
    WSAPROTOCOL_INFOW info;
    if (WSADuplicateSocketW(socket, GetCurrentProcessId(), &info) != 0) {
        return iocp_number(false);
    }
    *made = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0,
                       WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    return iocp_number(*made != INVALID_SOCKET);
}

DWORD io_iocp_socket_listen(const struct endpoint *at, SOCKET *made)
{
    struct sockaddr_storage address;
    int len = sys_to_sockaddr(at, &address);
    DWORD number = io_iocp_socket_make(address.ss_family, made);
    if (number != 0) {
        return number;
    }
    DWORD only_v6 = at->addr.family == ADDR_IPV6 ? 1 : 0;
    /* A negative backlog is a wish (SOMAXCONN_HINT); SOMAXCONN itself may mean no more than 200. */
    bool listening =
        iocp_set(*made, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1) &&
        (address.ss_family == AF_INET || iocp_set(*made, IPPROTO_IPV6, IPV6_V6ONLY, only_v6)) &&
        bind(*made, (void *)&address, len) == 0 && listen(*made, -IOCP_BACKLOG) == 0;
    number = iocp_number(listening);
    if (!listening) {
        (void)closesocket(*made);
    }
    return number;
}

DWORD io_iocp_socket_bind(SOCKET socket, const struct endpoint *at)
{
    struct sockaddr_storage address;
    int len = sys_to_sockaddr(at, &address);
    /* The port is chosen at connect, when the other side is known: there are more of them then. */
    (void)iocp_set(socket, SOL_SOCKET, IOCP_REUSE_UNICASTPORT, 1);
    return iocp_number(bind(socket, (void *)&address, len) == 0);
}

DWORD io_iocp_socket_local(SOCKET socket, struct endpoint *local)
{
    struct sockaddr_storage address;
    int len = sizeof address;
    DWORD number = iocp_number(getsockname(socket, (void *)&address, &len) == 0);
    if (number == 0) {
        *local = sys_from_sockaddr((void *)&address);
    }
    return number;
}

bool io_iocp_socket_has_client(SOCKET socket)
{
    WSAPOLLFD poll = {.fd = socket, .events = POLLRDNORM};
    return WSAPoll(&poll, 1, 0) > 0 && (poll.revents & POLLRDNORM);
}

void io_iocp_socket_tune(SOCKET socket, uint32_t keepalive_s)
{
    struct tcp_keepalive keepalive = {1, keepalive_s * 1000, IOCP_PROBE_MS};
    DWORD returned;
    (void)iocp_set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    if (keepalive_s > 0) {
        (void)WSAIoctl(socket, SIO_KEEPALIVE_VALS, &keepalive, sizeof keepalive, NULL, 0, &returned,
                       NULL, NULL);
    }
}
