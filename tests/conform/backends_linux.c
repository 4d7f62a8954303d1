/*
 * The backends of Linux.
 */
#define _GNU_SOURCE /* SO_ATTACH_FILTER */

#include "conform/backends.h"

#include <linux/filter.h>
#include <sys/socket.h>
#include <unistd.h>

/* Some kernels take a socket's filter from root alone; io_epoll_unlisten does without it there. */
static bool can_turn_away(void)
{
    struct sock_filter code = {BPF_RET | BPF_K, 0, 0, 0xFFFFFFFF};
    struct sock_fprog filter = {1, &code};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT(fd >= 0);
    bool can = setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
    (void)close(fd);
    return can;
}

/* The megabytes of a SEND that is to be stuck must not fit in. */
static void narrow(intptr_t handle)
{
    static const int size = 256 * 1024;
    EXPECT(setsockopt((int)handle, SOL_SOCKET, SO_SNDBUF, &size, sizeof size) == 0);
    EXPECT(setsockopt((int)handle, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) == 0);
}

static void begin_epoll(struct conform *conform)
{
    conform->narrow = narrow;
    conform->setup.backend = &io_epoll;
    conform->tells_resets = true;
    conform->turns_away = can_turn_away();
    conform->has_threads = true;
    backend_begin_threads(conform);
}

const struct backend backends[] = {
    {"epoll", begin_epoll, backend_end_resolver},
    {"sim", backend_begin_sim, backend_end_sim},
    {NULL, NULL, NULL},
};
