/*
 * Addresses and errors of Linux. Knows no loop and no op.
 */
#define _POSIX_C_SOURCE 200809L

#include "io/io_epoll_values.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

struct epoll_error {
    int number;
    enum err err;
};

enum err io_epoll_err(int number)
{
    static const struct epoll_error errors[] = {
        {ECONNRESET, ERR_RESET},        {EPIPE, ERR_RESET},
        {ECONNABORTED, ERR_RESET},      {ECONNREFUSED, ERR_REFUSED},
        {ENETUNREACH, ERR_UNREACHABLE}, {EHOSTUNREACH, ERR_UNREACHABLE},
        {ENETDOWN, ERR_UNREACHABLE},    {EACCES, ERR_UNREACHABLE},
        {EPERM, ERR_UNREACHABLE},       {EAFNOSUPPORT, ERR_UNREACHABLE},
        {ETIMEDOUT, ERR_TIMED_OUT},     {EADDRINUSE, ERR_ADDRESS_IN_USE},
        {EMFILE, ERR_EXHAUSTED},        {EADDRNOTAVAIL, ERR_ADDRESS_ABSENT},
        {ENFILE, ERR_EXHAUSTED},        {ENOBUFS, ERR_EXHAUSTED},
        {ENOMEM, ERR_EXHAUSTED},        {ENOSPC, ERR_EXHAUSTED},
    };
    CHECK(number > 0);
    /* These come of a mistake of ours: a descriptor that is closed or no socket, a wild pointer. */
    CHECK(number != EBADF && number != ENOTSOCK && number != EFAULT);
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (errors[i].number == number) {
            return errors[i].err;
        }
    }
    return ERR_NETWORK;
}

socklen_t io_epoll_to_sockaddr(const struct endpoint *from, struct sockaddr_storage *to)
{
    CHECK(from->addr.family <= ADDR_IPV6);
    memset(to, 0, sizeof *to);
    if (from->addr.family == ADDR_IPV4) {
        struct sockaddr_in *in = (void *)to;
        in->sin_family = AF_INET;
        in->sin_port = htons(from->port);
        memcpy(&in->sin_addr, from->addr.bytes, sizeof in->sin_addr);
        return sizeof *in;
    }
    struct sockaddr_in6 *in6 = (void *)to; /* ADDR_NONE: any address, of both families */
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(from->port);
    memcpy(&in6->sin6_addr, from->addr.bytes, sizeof in6->sin6_addr);
    return sizeof *in6;
}

struct endpoint io_epoll_from_sockaddr(const struct sockaddr_storage *from)
{
    struct endpoint to = {{ADDR_IPV4, {0}}, 0};
    if (from->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)from;
        memcpy(to.addr.bytes, &in->sin_addr, sizeof in->sin_addr);
        to.port = ntohs(in->sin_port);
        return to;
    }
    CHECK(from->ss_family == AF_INET6);
    const struct sockaddr_in6 *in6 = (const void *)from;
    to.addr.family = ADDR_IPV6;
    memcpy(to.addr.bytes, &in6->sin6_addr, sizeof in6->sin6_addr);
    to.addr = addr_unmap(&to.addr); /* an IPv4 client of a port that serves both */
    to.port = ntohs(in6->sin6_port);
    return to;
}
