/*
 * own.h on Linux.
 */
#define _POSIX_C_SOURCE 200809L

#include "sys/own.h"

#include "sys/paths.h"

#include <sys/types.h>
#include <unistd.h>

bool sys_read_link(const char *path, char *place)
{
    ssize_t len = readlink(path, place, PATHS_MAX - 1);
    place[len > 0 ? len : 0] = '\0';
    return len > 0;
}
