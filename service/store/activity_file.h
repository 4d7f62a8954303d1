/*
 * The file activity.db, and the batch that is written to it at once. For files of store/ alone.
 */
#ifndef STORE_ACTIVITY_FILE_H
#define STORE_ACTIVITY_FILE_H

#include "base/addr.h"
#include "base/utf.h"
#include "store/activity.h"
#include "store/db.h"
#include "sys/files.h"
#include "sys/paths.h"

enum { ACTIVITY_HOST_MAX = 256, ACTIVITY_RULE_MAX = 520, ACTIVITY_REASON_MAX = 256 };

/* What makes two refusals one row. Texts end in a NUL and have nothing but zeros behind it. */
struct activity_row_key {
    enum event event;
    uint16_t port;
    char client[ENDPOINT_TEXT_MAX];
    char host[ACTIVITY_HOST_MAX];
    char rule[ACTIVITY_RULE_MAX];
};

struct activity_row {
    struct activity_row_key key;
    char reason[ACTIVITY_REASON_MAX];
    uint64_t count, first_ms, last_ms;
};

struct activity_batch {
    uint64_t events_ever; /* put into `events`, which keeps the newest */
    size_t refusals;
    struct event_record events[ACTIVITY_BATCH_EVENTS];
    struct activity_row rows[ACTIVITY_BATCH_REFUSALS];
};

struct activity_file {
    char path[PATHS_MAX], journal[PATHS_MAX];
    struct db db;
    struct files_identity opened; /* which file it is */
};

MUST_CHECK enum err activity_file_init(struct activity_file *file, const char *folder);
void activity_file_shut(struct activity_file *file);

/* Whether the open file is one that this version made: ERR_STORE_DAMAGED where it is not. */
MUST_CHECK enum err activity_file_judge(struct db *db);

/* Opens or makes the file where that is needed; all of the batch or nothing of it. */
MUST_CHECK enum err activity_file_write(struct activity_file *file,
                                        const struct activity_batch *batch,
                                        const struct activity_heartbeat *heartbeat);

#endif
