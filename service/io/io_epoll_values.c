/*
 * The errors of Linux' sockets. Knows no loop and no op.
 */
#define _POSIX_C_SOURCE 200809L

#include "io/io_epoll_values.h"

#include <errno.h>

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
