/*
 * The map's file on Linux. Its blocks are allocated when it is opened: a write into a page for
 * which the disk has no room would end the process by SIGBUS. Readers cannot shorten it, the folder
 * is the service's own.
 */
#define _POSIX_C_SOURCE 200809L

#include "perfcounters/publish_map_file.h"

#include "sys/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err publish_map_fit(int file, enum publish_map_use use)
{
    struct stat seen;
    if (fstat(file, &seen) != 0) {
        return files_err(errno);
    }
    if (!S_ISREG(seen.st_mode)) {
        return ERR_MAP;
    }
    if (use == PUBLISH_MAP_WRITE) {
        int code = posix_fallocate(file, 0, PUBLISH_MAP_FILE_SIZE);
        return code == 0 ? ERR_OK : files_err(code);
    }
    return seen.st_size >= PUBLISH_MAP_FILE_SIZE ? ERR_OK : ERR_MAP;
}

enum err publish_map_file_open(struct publish_map *map, const char *path, enum publish_map_use use)
{
    bool writes = use == PUBLISH_MAP_WRITE;
    /* NONBLOCK: a pipe under this name must not make anybody wait. */
    int file =
        open(path, O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (writes ? O_RDWR | O_CREAT : O_RDONLY),
             S_IRUSR | S_IWUSR);
    if (file < 0) {
        return files_err(errno);
    }
    enum err err = publish_map_fit(file, use);
    if (err == ERR_OK) {
        void *at = mmap(NULL, PUBLISH_MAP_FILE_SIZE, writes ? PROT_READ | PROT_WRITE : PROT_READ,
                        MAP_SHARED, file, 0);
        err = at == MAP_FAILED ? files_err(errno) : ERR_OK;
        map->mapped = at == MAP_FAILED ? NULL : at;
    }
    (void)close(file); /* the mapping holds the file */
    return err;
}

void publish_map_file_shut(struct publish_map *map)
{
    CHECK(munmap(map->mapped, PUBLISH_MAP_FILE_SIZE) == 0);
}
