/*
 * fault_store_vfs.h. A file of ours is a head and, right behind it, the file of SQLite's own file
 * system, to which every call goes that does not fail.
 */
#include "fault/fault_store_vfs.h"

#include "base/check.h"

#include <sqlite3.h>
#include <stddef.h>
#include <stdlib.h>

struct vfs_file {
    sqlite3_file head; /* first: SQLite's pointer is ours */
    sqlite3_file *real;
};

static sqlite3_vfs *real_vfs, our_vfs;
static struct vfs_plan plan;
static unsigned calls;
static bool failed;

static const char *const names[VFS_CALLS] = {"open", "delete", "access",   "path", "close",
                                             "read", "write",  "truncate", "sync", "size",
                                             "lock", "unlock", "reserved"};

const char *vfs_call_name(enum vfs_call call)
{
    return call < VFS_CALLS ? names[call] : call == VFS_ANY ? "any" : "change";
}

void vfs_arm(const struct vfs_plan *new_plan)
{
    plan = *new_plan;
    calls = 0;
    failed = false;
}

bool vfs_disarm(void)
{
    plan.nth = 0;
    return failed;
}

static bool vfs_counts(enum vfs_call call)
{
    bool changes = call == VFS_OPEN || call == VFS_DELETE || call == VFS_WRITE ||
                   call == VFS_TRUNCATE || call == VFS_SYNC;
    return plan.call == call || plan.call == VFS_ANY || (plan.call == VFS_CHANGE && changes);
}

/* The error that this call gives now, or SQLITE_OK. Closing always succeeds beneath. */
static int vfs_fail(enum vfs_call call)
{
    if (plan.nth == 0) {
        return SQLITE_OK;
    }
    bool now = vfs_counts(call) && ++calls == plan.nth;
    if (now && plan.how == VFS_EXIT) {
        _Exit(9);
    }
    bool fails = now || (failed && plan.how == VFS_DEAD);
    failed = failed || now;
    return fails ? plan.error : SQLITE_OK;
}

static sqlite3_file *vfs_real(sqlite3_file *file)
{
    return ((struct vfs_file *)(void *)file)->real;
}

/* ---- files ---- */

static int vfs_close(sqlite3_file *file)
{
    int error = vfs_fail(VFS_CLOSE);
    int code = vfs_real(file)->pMethods->xClose(vfs_real(file));
    return error != SQLITE_OK ? error : code;
}

static int vfs_read(sqlite3_file *file, void *to, int len, sqlite3_int64 at)
{
    int error = vfs_fail(VFS_READ);
    return error != SQLITE_OK ? error
                              : vfs_real(file)->pMethods->xRead(vfs_real(file), to, len, at);
}

static int vfs_write(sqlite3_file *file, const void *from, int len, sqlite3_int64 at)
{
    sqlite3_file *real = vfs_real(file);
    bool before = failed;
    int error = vfs_fail(VFS_WRITE);
    if (error != SQLITE_OK && !before && plan.how == VFS_DEAD && len > 1) {
        (void)real->pMethods->xWrite(real, from, len / 2, at);
    }
    return error != SQLITE_OK ? error : real->pMethods->xWrite(real, from, len, at);
}

static int vfs_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int error = vfs_fail(VFS_TRUNCATE);
    return error != SQLITE_OK ? error : vfs_real(file)->pMethods->xTruncate(vfs_real(file), size);
}

/* Nobody pulls the plug here: syncing really would only take time. */
static int vfs_sync(sqlite3_file *file, int flags)
{
    (void)file;
    (void)flags;
    return vfs_fail(VFS_SYNC);
}

static int vfs_size(sqlite3_file *file, sqlite3_int64 *size)
{
    int error = vfs_fail(VFS_SIZE);
    return error != SQLITE_OK ? error : vfs_real(file)->pMethods->xFileSize(vfs_real(file), size);
}

static int vfs_lock(sqlite3_file *file, int level)
{
    int error = vfs_fail(VFS_LOCK);
    return error != SQLITE_OK ? error : vfs_real(file)->pMethods->xLock(vfs_real(file), level);
}

static int vfs_unlock(sqlite3_file *file, int level)
{
    int error = vfs_fail(VFS_UNLOCK);
    int code = vfs_real(file)->pMethods->xUnlock(vfs_real(file), level);
    return error != SQLITE_OK ? error : code;
}

static int vfs_reserved(sqlite3_file *file, int *result)
{
    int error = vfs_fail(VFS_RESERVED);
    return error != SQLITE_OK
               ? error
               : vfs_real(file)->pMethods->xCheckReservedLock(vfs_real(file), result);
}

static int vfs_control(sqlite3_file *file, int what, void *arg)
{
    return vfs_real(file)->pMethods->xFileControl(vfs_real(file), what, arg);
}

static int vfs_sector(sqlite3_file *file)
{
    return vfs_real(file)->pMethods->xSectorSize(vfs_real(file));
}

static int vfs_device(sqlite3_file *file)
{
    return vfs_real(file)->pMethods->xDeviceCharacteristics(vfs_real(file));
}

/* Version 1: no shared memory, no mapping; the store uses neither. */
static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = vfs_close,
    .xRead = vfs_read,
    .xWrite = vfs_write,
    .xTruncate = vfs_truncate,
    .xSync = vfs_sync,
    .xFileSize = vfs_size,
    .xLock = vfs_lock,
    .xUnlock = vfs_unlock,
    .xCheckReservedLock = vfs_reserved,
    .xFileControl = vfs_control,
    .xSectorSize = vfs_sector,
    .xDeviceCharacteristics = vfs_device,
};

/* ---- the file system ---- */

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *given)
{
    struct vfs_file *ours = (void *)file;
    (void)vfs;
    ours->head.pMethods = NULL;
    ours->real = (sqlite3_file *)(void *)(ours + 1);
    int error = vfs_fail(VFS_OPEN);
    if (error != SQLITE_OK) {
        return error;
    }
    int code = real_vfs->xOpen(real_vfs, path, ours->real, flags, given);
    if (ours->real->pMethods) {
        ours->head.pMethods = &methods;
    }
    return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
    (void)vfs;
    int error = vfs_fail(VFS_DELETE);
    return error != SQLITE_OK ? error : real_vfs->xDelete(real_vfs, path, sync);
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *result)
{
    (void)vfs;
    int error = vfs_fail(VFS_ACCESS);
    return error != SQLITE_OK ? error : real_vfs->xAccess(real_vfs, path, flags, result);
}

static int vfs_path(sqlite3_vfs *vfs, const char *path, int size, char *place)
{
    (void)vfs;
    int error = vfs_fail(VFS_PATH);
    return error != SQLITE_OK ? error : real_vfs->xFullPathname(real_vfs, path, size, place);
}

void vfs_install(void)
{
    real_vfs = sqlite3_vfs_find(NULL);
    CHECK(real_vfs);
    our_vfs = *real_vfs;
    our_vfs.zName = "fault";
    our_vfs.szOsFile = (int)sizeof(struct vfs_file) + real_vfs->szOsFile;
    our_vfs.xOpen = vfs_open;
    our_vfs.xDelete = vfs_delete;
    our_vfs.xAccess = vfs_access;
    our_vfs.xFullPathname = vfs_path;
    CHECK(sqlite3_vfs_register(&our_vfs, 1) == SQLITE_OK);
}

/* ---- memory ---- */

static sqlite3_mem_methods real_memory;
static unsigned allocations, memory_nth;
static bool memory_all_after, memory_failed;

static bool memory_fails(void)
{
    if (memory_nth == 0) {
        return false;
    }
    bool now = ++allocations == memory_nth;
    bool fails = now || (memory_failed && memory_all_after);
    memory_failed = memory_failed || now;
    return fails;
}

static void *memory_take(int size)
{
    return memory_fails() ? NULL : real_memory.xMalloc(size);
}

static void *memory_again(void *old, int size)
{
    return memory_fails() ? NULL : real_memory.xRealloc(old, size);
}

void memory_install(void)
{
    CHECK(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory) == SQLITE_OK);
    sqlite3_mem_methods ours = real_memory;
    ours.xMalloc = memory_take;
    ours.xRealloc = memory_again;
    CHECK(sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) == SQLITE_OK);
}

void memory_arm(unsigned nth, bool all_after)
{
    memory_nth = nth;
    memory_all_after = all_after;
    memory_failed = false;
    allocations = 0;
}

bool memory_disarm(void)
{
    memory_nth = 0;
    return memory_failed;
}
