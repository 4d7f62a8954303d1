/*
 * The access log's file on Linux: group-readable (0640), never rotated by us. What lies under the
 * path may be a pipe or a device that somebody set up on purpose; opening never waits for a reader,
 * writing never for room.
 */
#define _POSIX_C_SOURCE 200809L

#include "eventlog/sink_access_file.h"

#include "sys/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

uint64_t sink_access_rotate_bytes(void)
{
    return 0;
}

enum err sink_access_file_open(const char *path, intptr_t *file, uint64_t *size)
{
    struct stat seen;
    int opened = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                      S_IRUSR | S_IWUSR | S_IRGRP);
    if (opened < 0) {
        return files_err(errno);
    }
    *size = fstat(opened, &seen) == 0 && S_ISREG(seen.st_mode) ? (uint64_t)seen.st_size : 0;
    *file = opened;
    return ERR_OK;
}

enum err sink_access_file_write(intptr_t file, struct span bytes, size_t *wrote)
{
    *wrote = 0;
    while (*wrote < bytes.len) {
        ssize_t more = write((int)file, bytes.at + *wrote, bytes.len - *wrote);
        if (more >= 0) {
            *wrote += (size_t)more;
        } else if (errno != EINTR) {
            return files_err(errno);
        }
    }
    return ERR_OK;
}

void sink_access_file_close(intptr_t file)
{
    (void)close((int)file); /* what was written is in the system's hands; a log is not synced */
}
