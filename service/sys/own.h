/*
 * The files in which the gateway keeps its data, as seen by whoever is about to write another one:
 * a log that an administrator names must never be one of them, under whatever name. Knows names
 * and identities, nothing of what the files hold.
 */
#ifndef SYS_OWN_H
#define SYS_OWN_H

#include <stdbool.h>

/*
 * Whether writing to that path would write to a file of the data folder that is the gateway's, or
 * make one: also by a link, in other letters, or under a name that the system takes for the same.
 */
bool own_is_path(const char *folder, const char *path);

/* Where a symbolic link leads, as it says; false where the path is none. For own.c alone. */
bool sys_read_link(const char *path, char *place);

#endif
