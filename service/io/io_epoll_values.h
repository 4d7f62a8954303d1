/*
 * What Linux calls addresses and errors, and what the gateway calls them. The one place where an
 * errno becomes an enum err.
 */
#ifndef IO_IO_EPOLL_VALUES_H
#define IO_IO_EPOLL_VALUES_H

#include "base/addr.h"

#include <sys/socket.h>

enum err io_epoll_err(int number);

/* ADDR_NONE becomes IPv6's any address. The length of what was filled in is returned. */
socklen_t io_epoll_to_sockaddr(const struct endpoint *from, struct sockaddr_storage *to);
/* An IPv4 client of a port that serves both families is IPv4 here. */
struct endpoint io_epoll_from_sockaddr(const struct sockaddr_storage *from);

#endif
