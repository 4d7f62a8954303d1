/*
 * An endpoint as sockets write it, and back: the same on every system. Stands behind the system's
 * own headers, which are not.
 */
#ifndef SYS_SYS_SOCKADDR_H
#define SYS_SYS_SOCKADDR_H

#include "base/addr.h"

#include <string.h>

/* ADDR_NONE becomes any address, of both families. Says how much of `to` is used. */
static inline int sys_to_sockaddr(const struct endpoint *from, struct sockaddr_storage *to)
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
    struct sockaddr_in6 *in6 = (void *)to;
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(from->port);
    memcpy(&in6->sin6_addr, from->addr.bytes, sizeof in6->sin6_addr);
    return sizeof *in6;
}

/*
 * A family we do not know becomes ADDR_NONE; an IPv4 address that IPv6 carries, as that of a client
 * of a port for both, is IPv4 here.
 */
static inline struct endpoint sys_from_sockaddr(const void *from)
{
    const struct sockaddr *any = from;
    struct endpoint to = {{ADDR_NONE, {0}}, 0};
    if (any->sa_family == AF_INET) {
        const struct sockaddr_in *in = from;
        to.addr.family = ADDR_IPV4;
        memcpy(to.addr.bytes, &in->sin_addr, sizeof in->sin_addr);
        to.port = ntohs(in->sin_port);
    } else if (any->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = from;
        to.addr.family = ADDR_IPV6;
        memcpy(to.addr.bytes, &in6->sin6_addr, sizeof in6->sin6_addr);
        to.addr = addr_unmap(&to.addr);
        to.port = ntohs(in6->sin6_port);
    }
    return to;
}

#endif
