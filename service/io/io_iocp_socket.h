/*
 * Sockets of Windows, for the IOCP backend: their numbers, options and the calls that
 * have to be asked for. Knows nothing of loops and ops. What can fail returns the system's number,
 * 0 when it did not.
 */
#ifndef IO_IO_IOCP_SOCKET_H
#define IO_IO_IOCP_SOCKET_H

#include "base/addr.h"

#include <winsock2.h>

#include <mswsock.h>
#include <ws2tcpip.h>

#include "sys/sys_sockaddr.h"

enum { IO_IOCP_ADDRESS_ROOM = sizeof(struct sockaddr_in6) + 16 }; /* AcceptEx wants 16 more */

struct io_iocp_calls {
    LPFN_ACCEPTEX accept;
    LPFN_CONNECTEX connect;
    LPFN_GETACCEPTEXSOCKADDRS accept_addresses;
};

MUST_CHECK DWORD io_iocp_socket_calls(struct io_iocp_calls *calls);

/* The number of a Winsock or file call as ours: the only place where they are translated. */
enum err io_iocp_err(DWORD number);

/* All of ours can be overlapped, and no child process gets them. */
MUST_CHECK DWORD io_iocp_socket_make(int family, SOCKET *made);
/* Bound and listening; nobody else can open the port. */
MUST_CHECK DWORD io_iocp_socket_listen(const struct endpoint *at, SOCKET *made);
/* A second handle of the same socket, which stays open until both are closed. */
MUST_CHECK DWORD io_iocp_socket_share(SOCKET socket, SOCKET *made);
/* For ConnectEx, which needs a bound socket. */
MUST_CHECK DWORD io_iocp_socket_bind(SOCKET socket, const struct endpoint *at);
MUST_CHECK DWORD io_iocp_socket_local(SOCKET socket, struct endpoint *local);
/*
 * Whether a client is queued at a listening socket. Under Wine, while an AcceptEx is on its way
 * there, "no" is not certain.
 */
bool io_iocp_socket_has_client(SOCKET socket);
/* What every connection wants. One that is already gone refuses; its first RECV says so. */
void io_iocp_socket_tune(SOCKET socket, uint32_t keepalive_s);

#endif
