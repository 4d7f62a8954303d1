/*
 * What Linux calls errors, and what the gateway calls them: the one place where an errno of a
 * socket becomes an enum err. Addresses come along.
 */
#ifndef IO_IO_EPOLL_VALUES_H
#define IO_IO_EPOLL_VALUES_H

#include "base/addr.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "sys/sys_sockaddr.h"

enum err io_epoll_err(int number);

#endif
