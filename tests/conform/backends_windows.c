/*
 * The backends of Windows. Under Wine a reset is sometimes told as an end.
 */
#include "conform/backends.h"

static void begin_iocp(struct conform *conform)
{
    conform->setup.backend = &io_iocp;
    conform->setup.keepalive_s = 60;
    conform->has_threads = true;
    backend_begin_threads(conform);
}

const struct backend backends[] = {
    {"iocp", begin_iocp, backend_end_resolver},
    {"sim", backend_begin_sim, backend_end_sim},
    {NULL, NULL, NULL},
};
