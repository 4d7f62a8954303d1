/*
 * Where the gateway keeps its data, and who is asking. Paths are UTF-8 with a NUL everywhere in the
 * program; only files of sys/ turn them into what the system wants.
 *
 * Of the ways to name the data folder the first that is there wins: the folder given on the command
 * line, OMSGATEWAY_DATA, the system's own folder; and for an ordinary user who may not use that
 * one (Linux), a folder of his own.
 */
#ifndef SYS_PATHS_H
#define SYS_PATHS_H

#include "base/err.h"

#include <stddef.h>

enum { PATHS_MAX = 1024, PATHS_USER_MAX = 256 }; /* bytes, with the NUL */

enum paths_choice {
    PATHS_GIVEN,       /* --data */
    PATHS_ENVIRONMENT, /* OMSGATEWAY_DATA */
    PATHS_SYSTEM,      /* %ProgramData%\OMS Gateway, /var/lib/omsgateway */
    PATHS_USER         /* $XDG_STATE_HOME/omsgateway: to be told to the user */
};

struct paths_data {
    char folder[PATHS_MAX];
    enum paths_choice choice;
};

/* `given` is the value of --data, NULL where it was not given. Nothing is created. ERR_FOLDER_NONE.
 */
MUST_CHECK enum err paths_find_data(const char *given, struct paths_data *data);

/* "folder/name" at `place`, which has PATHS_MAX bytes; ERR_LONG. */
MUST_CHECK enum err paths_join(const char *folder, const char *name, char *place);

/* What ends a folder in a path; the first one is put there. For paths.c alone. */
extern const char sys_separators[];

/* The user this process acts for: "alice", "root (sudo: alice)", "DOMAIN\alice"; a number where the
 * name is unknown. */
void paths_user(char place[PATHS_USER_MAX]);

#endif
