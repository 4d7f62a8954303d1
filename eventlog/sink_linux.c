/*
 * systemd's journal, in its own protocol: one datagram a record, a line a field. It is used where
 * standard output is the journal already (JOURNAL_STREAM names it), so whoever redirects the output
 * of the service gets it.
 */
#define _POSIX_C_SOURCE 200809L

#include "eventlog/sink_system.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    SINK_FIELDS_MAX = EVENT_LINE_MAX + 1024,
    /* As syslog counts them. */
    SINK_ERROR = 3,
    SINK_WARNING = 4,
    SINK_INFO = 6,
    SINK_DEBUG = 7
};

/* The socket stands behind a pointer, as a handle does on Windows. */
static int sink_socket;
static bool sink_deaf; /* it took nothing for a second: nobody waits until it takes something */

static bool sink_is_journal(void)
{
    struct stat output;
    char named[64];
    const char *stream = getenv("JOURNAL_STREAM");
    if (!stream || fstat(STDOUT_FILENO, &output) != 0) {
        return false;
    }
    (void)snprintf(named, sizeof named, "%ju:%ju", (uintmax_t)output.st_dev,
                   (uintmax_t)output.st_ino);
    return strcmp(named, stream) == 0;
}

void *sink_system_open(void)
{
    const struct sockaddr_un journal = {AF_UNIX, "/run/systemd/journal/socket"};
    if (!sink_is_journal()) {
        return NULL;
    }
    sink_socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sink_socket < 0) {
        return NULL;
    }
    const struct timeval second = {.tv_sec = 1};
    (void)setsockopt(sink_socket, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second);
    if (connect(sink_socket, (const struct sockaddr *)&journal, sizeof journal) != 0) {
        (void)close(sink_socket);
        return NULL;
    }
    return &sink_socket;
}

/* Names of fields are capitals: OMS_HOST, OMS_PORT. */
static void sink_put_name(struct out *out, const char *name)
{
    out_str(out, "OMS_");
    for (; *name; name++) {
        out_char(out, (char)toupper((unsigned char)*name));
    }
    out_char(out, '=');
}

static void sink_put_fields(const struct event_record *record, struct out *out)
{
    static const unsigned priorities[] = {[SEVERITY_DEBUG] = SINK_DEBUG,
                                          [SEVERITY_INFO] = SINK_INFO,
                                          [SEVERITY_WARNING] = SINK_WARNING,
                                          [SEVERITY_ERROR] = SINK_ERROR};
    out_str(out, "SYSLOG_IDENTIFIER=omsgateway\nPRIORITY=");
    out_u64(out, priorities[event_severity(record->event)]);
    out_str(out, "\nMESSAGE=");
    event_print_sentence(record, out);
    out_str(out, "\nOMS_EVENT_ID=");
    out_u64(out, event_id(record->event));
    out_str(out, "\nOMS_EVENT=");
    out_str(out, event_name(record->event));
    out_char(out, '\n');
    for (size_t i = 0; i < record->count; i++) {
        sink_put_name(out, event_argument_name(record->event, i));
        event_print_argument(record, i, out);
        out_char(out, '\n');
    }
    if (record->suppressed > 0) {
        sink_put_name(out, "suppressed");
        out_u64(out, record->suppressed);
        out_char(out, '\n');
    }
}

bool sink_system_write(void *system, const struct event_record *record)
{
    char place[SINK_FIELDS_MAX];
    struct out fields;
    const int *socket = system;
    out_begin(&fields, place, sizeof place);
    sink_put_fields(record, &fields);
    CHECK(!fields.full);
    bool taken =
        send(*socket, place, fields.len, MSG_NOSIGNAL | (sink_deaf ? MSG_DONTWAIT : 0)) >= 0;
    sink_deaf = !taken && (errno == EAGAIN || errno == EWOULDBLOCK);
    return taken;
}
