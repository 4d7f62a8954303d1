/*
 * files.h on Linux. A new file is written under another name first; the folder is synchronised
 * after the rename, or the old name could come back when the power goes.
 */
#define _DEFAULT_SOURCE

#include "sys/files.h"

#include "base/out.h"
#include "sys/paths.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum err files_err(int64_t number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
        return ERR_ABSENT;
    case EEXIST:
        return ERR_EXISTS;
    case EACCES:
    case EPERM:
    case EROFS:
    case EISDIR:
        return ERR_DENIED;
    case ENOSPC:
    case EDQUOT:
        return ERR_DISK_FULL;
    case ENAMETOOLONG:
        return ERR_LONG;
    default:
        return ERR_SYSTEM;
    }
}

/* The folder of a path: what stands before its last slash. */
static enum err sys_folder_of(const char *path, char folder[PATHS_MAX])
{
    struct out out;
    struct span whole = span_str(path);
    size_t slash = span_find_last(whole, '/');
    out_begin(&out, folder, PATHS_MAX);
    if (slash == whole.len || slash == 0) {
        out_char(&out, slash == 0 ? '/' : '.');
    } else {
        out_put(&out, span_first(whole, slash));
    }
    return out_end(&out);
}

static enum err sys_sync_folder(const char *path)
{
    char folder[PATHS_MAX];
    TRY(sys_folder_of(path, folder));
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return files_err(errno);
    }
    enum err err = fsync(fd) == 0 ? ERR_OK : files_err(errno);
    (void)close(fd);
    return err;
}

/* What root makes in the service's folder belongs to the service. */
static enum err sys_give_to_folder(const char *path, int fd)
{
    char folder[PATHS_MAX];
    struct stat about;
    if (geteuid() != 0) {
        return ERR_OK;
    }
    TRY(sys_folder_of(path, folder));
    if (stat(folder, &about) != 0 || fchown(fd, about.st_uid, about.st_gid) != 0) {
        return files_err(errno);
    }
    return ERR_OK;
}

/*
 * Opens the file, made for its owner alone where it is missing; gives the descriptor. A link is not
 * followed: the folder's owner could have root make a file anywhere, and get it as a present.
 */
static enum err sys_open_own(const char *path, int *fd)
{
    *fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (*fd >= 0 || errno != ENOENT) {
        return *fd >= 0 ? ERR_OK : errno == ELOOP ? ERR_FOLDER_UNSAFE : files_err(errno);
    }
    *fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (*fd < 0) {
        /* Somebody was quicker: then it is there, and not ours to give away. */
        *fd = errno == EEXIST ? open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC) : -1;
        return *fd >= 0 ? ERR_OK : errno == ELOOP ? ERR_FOLDER_UNSAFE : files_err(errno);
    }
    enum err err = sys_give_to_folder(path, *fd);
    if (err != ERR_OK) {
        (void)close(*fd);
    }
    return err;
}

/* A folder is safe when nobody but its owner, root and whom the owner's group lets in can write. */
static enum err sys_judge_folder(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0) {
        return files_err(errno);
    }
    if (!S_ISDIR(about.st_mode)) {
        return ERR_FOLDER_FILE;
    }
    bool mine = about.st_uid == geteuid() || about.st_uid == 0 || geteuid() == 0;
    if (!mine) {
        return ERR_FOLDER_UNSAFE;
    }
    return about.st_mode & S_IWOTH ? ERR_FOLDER_OPEN : ERR_OK;
}

enum err files_make_folder(const char *path)
{
    char part[PATHS_MAX];
    TRY(paths_join(path, "", part));
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, S_IRWXU) != 0 && errno != EEXIST && access(part, F_OK) != 0) {
            return files_err(errno);
        }
        *slash = '/';
    }
    if (mkdir(part, S_IRWXU) == 0) {
        return sys_sync_folder(part);
    }
    return errno == EEXIST ? sys_judge_folder(part) : files_err(errno);
}

enum err files_read(const char *path, void *place, size_t max, size_t *len)
{
    uint8_t *at = place;
    ssize_t got = 0;
    *len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return files_err(errno);
    }
    do {
        got = read(fd, at + *len, max - *len);
        *len += got > 0 ? (size_t)got : 0;
    } while ((got > 0 && *len < max) || (got < 0 && errno == EINTR));
    enum err err = got < 0 ? files_err(errno) : ERR_OK;
    uint8_t more;
    if (err == ERR_OK && *len == max && read(fd, &more, 1) != 0) {
        err = ERR_LONG;
    }
    (void)close(fd);
    return err;
}

static enum err sys_write_all(int fd, struct span bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.at, bytes.len);
        if (put < 0 && errno != EINTR) {
            return files_err(errno);
        }
        bytes = span_after(bytes, put > 0 ? (size_t)put : 0);
    }
    return fsync(fd) == 0 ? ERR_OK : files_err(errno);
}

/* A new file beside `path` that holds the bytes, safe on the disk; its name comes back. */
static enum err sys_write_beside(const char *path, struct span bytes, char beside[PATHS_MAX])
{
    struct out out;
    out_begin(&out, beside, PATHS_MAX);
    out_str(&out, path);
    out_str(&out, ".XXXXXX");
    TRY(out_end(&out));
    int fd = mkstemp(beside);
    if (fd < 0) {
        return files_err(errno);
    }
    enum err err = sys_give_to_folder(path, fd);
    err = err == ERR_OK ? sys_write_all(fd, bytes) : err;
    if (close(fd) != 0 && err == ERR_OK) {
        err = files_err(errno);
    }
    if (err != ERR_OK) {
        (void)unlink(beside);
    }
    return err;
}

enum err files_write(const char *path, struct span bytes)
{
    char beside[PATHS_MAX];
    TRY(sys_write_beside(path, bytes, beside));
    if (rename(beside, path) != 0) {
        enum err err = files_err(errno);
        (void)unlink(beside);
        return err;
    }
    return sys_sync_folder(path);
}

enum err files_write_new(const char *path, struct span bytes)
{
    char beside[PATHS_MAX];
    TRY(sys_write_beside(path, bytes, beside));
    enum err err = link(beside, path) == 0 ? ERR_OK : files_err(errno);
    (void)unlink(beside);
    return err == ERR_OK ? sys_sync_folder(path) : err;
}

enum err files_create(const char *path)
{
    int fd;
    TRY(sys_open_own(path, &fd));
    (void)close(fd);
    return ERR_OK;
}

enum err files_identify(const char *path, struct files_identity *identity)
{
    struct stat about;
    if (stat(path, &about) != 0) {
        return files_err(errno);
    }
    identity->volume = about.st_dev;
    identity->file = about.st_ino;
    identity->size = (uint64_t)about.st_size;
    identity->folder = S_ISDIR(about.st_mode);
    identity->changed_ns =
        (uint64_t)about.st_mtim.tv_sec * 1000000000 + (uint64_t)about.st_mtim.tv_nsec;
    return ERR_OK;
}

enum err files_rename(const char *from, const char *to)
{
    return rename(from, to) == 0 ? sys_sync_folder(to) : files_err(errno);
}

enum err files_remove(const char *path)
{
    return unlink(path) == 0 ? ERR_OK : files_err(errno);
}

enum err files_touch(const char *path)
{
    return utimensat(AT_FDCWD, path, NULL, 0) == 0 ? ERR_OK : files_err(errno);
}

enum err files_lock_take(struct files_lock *lock, const char *path, int32_t wait_ms)
{
    int fd;
    int how = LOCK_EX | (wait_ms == FILES_WAIT_EVER ? 0 : LOCK_NB);
    uint64_t end_ms = sys_monotonic_ms() + (uint64_t)wait_ms;
    CHECK(!lock->taken);
    TRY(sys_open_own(path, &fd));
    while (flock(fd, how) != 0) {
        bool held = errno == EWOULDBLOCK;
        if (errno != EINTR && (!held || sys_monotonic_ms() >= end_ms)) {
            enum err err = held ? ERR_EXISTS : files_err(errno);
            (void)close(fd);
            return err;
        }
        (void)poll(NULL, 0, FILES_STEP_MS);
    }
    *lock = (struct files_lock){.handle = fd, .taken = true};
    return ERR_OK;
}

void files_lock_give(struct files_lock *lock)
{
    CHECK(lock->taken);
    (void)close((int)lock->handle); /* which gives the lock back, whatever it answers */
    lock->taken = false;
}
