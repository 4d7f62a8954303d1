/*
 * Who this process is, and who may use the data folder on Windows. A file in it has its rights from
 * the folder, so the folder's are the wall around secret.key. For files on Windows alone.
 */
#ifndef SYS_SYS_RIGHTS_WINDOWS_H
#define SYS_SYS_RIGHTS_WINDOWS_H

#include "sys/paths.h"

#include <windows.h>

#include <stdbool.h>

struct sys_account {
    TOKEN_USER user; /* its Sid points into the room */
    BYTE room[SECURITY_MAX_SID_SIZE];
};

/* The account this process runs as. */
MUST_CHECK bool sys_my_account(struct sys_account *mine);

/* The rights of a folder that is made; LocalFree ends them. */
MUST_CHECK enum err sys_rights_make(PSECURITY_DESCRIPTOR *rights);

/*
 * Whether what is there is used: ERR_FOLDER_FILE where it is no folder, ERR_FOLDER_UNSAFE where it
 * is a stranger's or leads elsewhere, ERR_FOLDER_OPEN where a stranger may read or write in it.
 */
MUST_CHECK enum err sys_rights_judge(const WCHAR *path);

/*
 * Gives a folder that is there the rights of one that is made. Whose it is, is judged first, and
 * then whose files lie in it, for their owner keeps his rights: ERR_FOLDER_UNSAFE, and which it is.
 */
MUST_CHECK enum err sys_rights_set(const char *folder, char which[PATHS_MAX]);

#endif
