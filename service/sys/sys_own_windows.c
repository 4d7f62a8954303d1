/*
 * own.h on Windows. To make a symbolic link takes a right of administrators; one that leads to a
 * file is followed by whoever opens it, and one that leads nowhere is not looked into.
 */
#include "sys/own.h"

bool sys_read_link(const char *path, char *place)
{
    (void)path;
    place[0] = '\0';
    return false;
}
