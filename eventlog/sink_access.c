/*
 * The access log: gathering lines, when to open, write and rotate, and what trouble costs. The file
 * itself is sink_access_linux.c's and sink_access_windows.c's matter.
 */
#include "eventlog/sink_access_file.h"

#include "sys/files.h"

#include <string.h>

_Static_assert((int)ACCESS_LINE_MAX < (int)SINK_ACCESS_BUFFER / 2,
               "the longest line fits into the buffer");

void sink_access_init(struct sink_access *sink, uint64_t rotate_bytes)
{
    sink->path[0] = '\0';
    sink->open = false;
    sink->rotate_bytes = rotate_bytes;
    sink->trouble = ERR_OK;
    sink->told = false;
    sink->cut = false;
    sink->lost = 0;
    sink->size = 0;
    sink->len = 0;
}

static uint64_t sink_access_lines(struct span text)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < text.len; i++) {
        lines += text.at[i] == '\n';
    }
    return lines;
}

/* What the file did not get is lost, with a line of which it got a part. */
static void sink_access_fail(struct sink_access *sink, enum err err, size_t wrote)
{
    sink->told &= sink->trouble == err;
    sink->trouble = err;
    sink->lost += sink_access_lines(span_of(sink->buffer + wrote, sink->len - wrote));
    sink->cut = wrote > 0 ? sink->buffer[wrote - 1] != '\n' : sink->cut;
    sink->len = 0;
}

static void sink_access_close(struct sink_access *sink)
{
    if (sink->open) {
        sink_access_file_close(sink->file);
        sink->open = false;
    }
}

/* "path.3"; the file itself is number 0. */
static enum err sink_access_old(const struct sink_access *sink, uint64_t number,
                                char place[PATHS_MAX])
{
    struct out out;
    out_begin(&out, place, PATHS_MAX);
    out_str(&out, sink->path);
    if (number > 0) {
        out_char(&out, '.');
        out_u64(&out, number);
    }
    return out_end(&out);
}

/* The first number that no file has, or the last one, whose file is the oldest and goes. */
static uint64_t sink_access_gap(const struct sink_access *sink)
{
    char path[PATHS_MAX];
    struct files_identity identity;
    uint64_t gap = 1;
    while (gap < SINK_ACCESS_KEPT && sink_access_old(sink, gap, path) == ERR_OK &&
           files_identify(path, &identity) != ERR_ABSENT) {
        gap++;
    }
    return gap;
}

/*
 * path.4 becomes path.5, ..., path becomes path.1. One that is held open by a reader cannot be
 * renamed on Windows: then this file grows on, and each flush tries again. What a failed try left
 * is a gap, and the next one moves no file beyond that: nothing is pushed out twice.
 */
static void sink_access_rotate(struct sink_access *sink)
{
    char from[PATHS_MAX], to[PATHS_MAX];
    sink_access_close(sink);
    for (uint64_t i = sink_access_gap(sink); i > 0; i--) {
        if (sink_access_old(sink, i - 1, from) != ERR_OK ||
            sink_access_old(sink, i, to) != ERR_OK || files_rename(from, to) != ERR_OK) {
            return;
        }
    }
}

/* A line of which a part was written is ended first. */
static enum err sink_access_mend(struct sink_access *sink)
{
    size_t wrote;
    if (sink->cut) {
        TRY(sink_access_file_write(sink->file, span_str("\n"), &wrote));
        sink->cut = false;
    }
    return ERR_OK;
}

static enum err sink_access_try(struct sink_access *sink, size_t *wrote)
{
    *wrote = 0;
    if (sink->open && sink->rotate_bytes > 0 && sink->size >= sink->rotate_bytes) {
        sink_access_rotate(sink);
    }
    if (!sink->open) {
        TRY(sink_access_file_open(sink->path, &sink->file, &sink->size));
        sink->open = true;
    }
    TRY(sink_access_mend(sink));
    TRY(sink_access_file_write(sink->file, span_of(sink->buffer, sink->len), wrote));
    sink->size += sink->len;
    return ERR_OK;
}

void sink_access_flush(struct sink_access *sink)
{
    if (sink->path[0] == '\0' || (sink->len == 0 && sink->open)) {
        return;
    }
    size_t wrote;
    enum err err = sink_access_try(sink, &wrote);
    if (err != ERR_OK) {
        sink_access_close(sink); /* the next flush opens anew: the disk may be another by then */
        sink_access_fail(sink, err, wrote);
        return;
    }
    sink->trouble = ERR_OK;
    sink->told = false;
    sink->len = 0;
}

void sink_access_write(struct sink_access *sink, const struct access_record *record)
{
    struct out line;
    if (sink->path[0] == '\0') {
        return;
    }
    if (sizeof sink->buffer - sink->len <= ACCESS_LINE_MAX) {
        sink_access_flush(sink);
    }
    out_begin(&line, sink->buffer + sink->len, sizeof sink->buffer - sink->len);
    access_print(record, &line);
    out_char(&line, '\n');
    CHECK(!line.full);
    sink->len += line.len;
}

void sink_access_shut(struct sink_access *sink)
{
    sink_access_flush(sink);
    sink_access_close(sink);
}

void sink_access_reopen(struct sink_access *sink)
{
    sink_access_shut(sink);
}

enum err sink_access_use(struct sink_access *sink, const char *path)
{
    struct span whole = span_str(path);
    if (whole.len >= PATHS_MAX) {
        return ERR_LONG;
    }
    if (span_equal(whole, span_str(sink->path))) {
        return ERR_OK;
    }
    sink_access_shut(sink);
    memcpy(sink->path, path, whole.len + 1);
    sink->trouble = ERR_OK;
    sink->told = false;
    sink->cut = false;
    return ERR_OK;
}

bool sink_access_take_trouble(struct sink_access *sink, enum err *err)
{
    bool is_new = sink->trouble != ERR_OK && !sink->told;
    sink->told |= is_new;
    *err = sink->trouble;
    return is_new;
}
