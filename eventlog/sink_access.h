/*
 * The access log: one JSON line per record, appended to one file. Lines are gathered and given to
 * the system in one write when sink_access_flush is called, whole lines only. Linux reopens the
 * file when told to (logrotate has renamed it); Windows renames it by itself when it is large, and
 * keeps so many old ones. One thread.
 *
 * A file that cannot be opened or written costs lines, never the service: what was lost is counted,
 * the trouble is reported once, and every flush tries again.
 */
#ifndef EVENTLOG_SINK_ACCESS_H
#define EVENTLOG_SINK_ACCESS_H

#include "eventlog/access.h"
#include "sys/paths.h"

enum {
    SINK_ACCESS_BUFFER = 64 * 1024,
    SINK_ACCESS_KEPT = 5 /* path.1 is the newest of the old ones */
};

struct sink_access {
    char path[PATHS_MAX]; /* "": off */
    intptr_t file;
    bool open;
    uint64_t size;         /* of the file now */
    uint64_t rotate_bytes; /* 0: never by itself */
    enum err trouble;      /* of the last attempt; ERR_OK while all is well */
    bool told;             /* sink_access_take_trouble gave it out */
    bool cut;              /* the file ends inside a line */
    uint64_t lost;         /* lines that no file got whole */
    size_t len;
    char buffer[SINK_ACCESS_BUFFER];
};

/* Nothing is opened yet. `rotate_bytes` is sink_access_rotate_bytes() except in tests. */
void sink_access_init(struct sink_access *sink, uint64_t rotate_bytes);
/* 64 MiB on Windows, 0 on Linux. */
uint64_t sink_access_rotate_bytes(void);

/* Another file, or "" for none; what was gathered for the old one is written. The same file changes
 * nothing. ERR_LONG. */
MUST_CHECK enum err sink_access_use(struct sink_access *sink, const char *path);

void sink_access_write(struct sink_access *sink, const struct access_record *record);
void sink_access_flush(struct sink_access *sink);
/* The next flush opens the path anew. */
void sink_access_reopen(struct sink_access *sink);
void sink_access_shut(struct sink_access *sink); /* flushes */

/* True once for each new trouble: what the event 401 is to say. */
bool sink_access_take_trouble(struct sink_access *sink, enum err *err);

#endif
