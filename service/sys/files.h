/*
 * Small files, kept safe: what is written is there whole or not at all, also after the power went,
 * and only its owner reads it (Linux: 0600; Windows: what the folder hands down). A file made by
 * root belongs to the owner of its folder, so that the service can read what an administrator
 * wrote.
 *
 * Errors of all of them: ERR_ABSENT, ERR_DENIED, ERR_DISK_FULL, ERR_SYSTEM; on Windows ERR_IN_USE.
 */
#ifndef SYS_FILES_H
#define SYS_FILES_H

#include "base/span.h"

/* Which file a path leads to, and whether it was written to since. */
struct files_identity {
    uint64_t volume, file; /* differ: another file lies under this path now */
    uint64_t size, changed_ns;
    bool folder;
};

/* An open lock file; zero is "not taken". */
struct files_lock {
    intptr_t handle;
    bool taken;
};

/* What the system's own number of a call about a file means: errno, GetLastError(). */
MUST_CHECK enum err files_err(int64_t number);

/*
 * Makes the folder, and what is missing above it, for its owner alone. One that is there already is
 * used, unless it could be somebody else's trap, ERR_FOLDER_UNSAFE, or others may write in it (on
 * Windows, where a file has its rights from its folder: or read), ERR_FOLDER_OPEN. ERR_FOLDER_FILE.
 */
MUST_CHECK enum err files_make_folder(const char *path);

MUST_CHECK enum err files_read(const char *path, void *place, size_t max,
                               size_t *len); /* ERR_LONG */
MUST_CHECK enum err files_write(const char *path, struct span bytes);
/* The same where there is no such file yet: of two at once one succeeds, the other: ERR_EXISTS. */
MUST_CHECK enum err files_write_new(const char *path, struct span bytes);
/* An empty file where there is none; one that is there stays as it is. */
MUST_CHECK enum err files_create(const char *path);

MUST_CHECK enum err files_identify(const char *path, struct files_identity *identity);
/* Replaces `to`; when it returns, the new name is on the disk. */
MUST_CHECK enum err files_rename(const char *from, const char *to);
MUST_CHECK enum err files_remove(const char *path);
/* As if it were written to just now, for whoever looks at its identity. */
MUST_CHECK enum err files_touch(const char *path);

enum {
    FILES_STEP_MS = 10,  /* between two tries */
    FILES_WAIT_EVER = -1 /* in the system's own queue, where who came first is first */
};

/*
 * Waits until nobody else holds the lock, threads and processes alike; ERR_EXISTS where somebody
 * does it longer. The system gives it back when the process dies, however it dies. The file stays.
 */
MUST_CHECK enum err files_lock_take(struct files_lock *lock, const char *path, int32_t wait_ms);
static inline MUST_CHECK enum err files_lock_try(struct files_lock *lock, const char *path)
{
    return files_lock_take(lock, path, 0);
}
void files_lock_give(struct files_lock *lock);

#endif
