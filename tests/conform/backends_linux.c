/*
 * The backends of Linux.
 */
#include "conform/backends.h"

static void begin_epoll(struct conform *conform)
{
    conform->setup.backend = &io_epoll;
    conform->tells_resets = true;
    conform->turns_away = true;
    conform->has_threads = true;
    backend_begin_threads(conform);
}

const struct backend backends[] = {
    {"epoll", begin_epoll, backend_end_resolver},
    {"sim", backend_begin_sim, backend_end_sim},
    {NULL, NULL, NULL},
};
