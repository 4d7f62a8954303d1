/*
 * What a system does for the access log: a file that is only appended to, readable for others while
 * it is written. For sink_access.c alone. Errors: ERR_ABSENT (no folder), ERR_DENIED,
 * ERR_DISK_FULL, ERR_SYSTEM.
 */
#ifndef EVENTLOG_SINK_ACCESS_FILE_H
#define EVENTLOG_SINK_ACCESS_FILE_H

#include "eventlog/sink_access.h"

MUST_CHECK enum err sink_access_file_open(const char *path, intptr_t *file, uint64_t *size);
/* All of it; after an error the first *wrote bytes are there. */
MUST_CHECK enum err sink_access_file_write(intptr_t file, struct span bytes, size_t *wrote);
void sink_access_file_close(intptr_t file);

#endif
