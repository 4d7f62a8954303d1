/*
 * A file system for SQLite that fails on purpose, and a memory that does: both stand before
 * SQLite's own ones and count what is asked of them. Knows nothing of the store.
 */
#ifndef TESTS_FAULT_FAULT_STORE_VFS_H
#define TESTS_FAULT_FAULT_STORE_VFS_H

#include <stdbool.h>

enum vfs_call {
    VFS_OPEN,
    VFS_DELETE,
    VFS_ACCESS,
    VFS_PATH,
    VFS_CLOSE,
    VFS_READ,
    VFS_WRITE,
    VFS_TRUNCATE,
    VFS_SYNC,
    VFS_SIZE,
    VFS_LOCK,
    VFS_UNLOCK,
    VFS_RESERVED,
    VFS_CALLS,
    VFS_ANY,   /* whichever it is */
    VFS_CHANGE /* whichever changes a file: open, delete, write, truncate, sync */
};

enum vfs_how {
    VFS_ONCE, /* the nth call gives the error */
    VFS_DEAD, /* the nth call and all after it do; a write gets half on its way */
    VFS_EXIT  /* the process ends at the nth call, at once */
};

struct vfs_plan {
    enum vfs_call call;
    enum vfs_how how;
    int error;    /* SQLite's result code */
    unsigned nth; /* from 1; 0: nothing fails */
};

/* Both before anything else touches SQLite. */
void vfs_install(void);
void memory_install(void);

void vfs_arm(const struct vfs_plan *plan);
bool vfs_disarm(void); /* whether a call failed */
const char *vfs_call_name(enum vfs_call call);

/* The nth allocation fails; or it and all that follow. */
void memory_arm(unsigned nth, bool all_after);
bool memory_disarm(void);

#endif
