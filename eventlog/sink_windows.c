/*
 * The classic event log: one ReportEventW a record, one set of rows in the registry. The source has
 * no categories, so the task category that is shown is "None".
 */
#include "eventlog/sink_system.h"

#include "base/utf.h"
#include "eventlog/event_message.h"

#include <windows.h>

#include <wchar.h>

#define SINK_SOURCE L"OMS Gateway"
#define SINK_LOG    L"SYSTEM\\CurrentControlSet\\Services\\EventLog\\OMS Gateway Log"

enum {
    SINK_LOG_BYTES = 20 * 1024 * 1024, /* then the oldest are overwritten */
    SINK_PATH_MAX = 32768
};

void *sink_system_open(void)
{
    return RegisterEventSourceW(NULL, SINK_SOURCE);
}

/* In the order of enum severity; one of its names means something else in windows.h. */
static WORD sink_type(enum severity severity)
{
    static const WORD types[] = {EVENTLOG_INFORMATION_TYPE, EVENTLOG_INFORMATION_TYPE,
                                 EVENTLOG_WARNING_TYPE, EVENTLOG_ERROR_TYPE};
    return types[severity];
}

bool sink_system_write(void *system, const struct event_record *record)
{
    char narrow[EVENT_MESSAGE_MAX];
    WCHAR wide[EVENT_MESSAGE_MAX];
    const char *strings[EVENT_MESSAGE_STRINGS];
    const WCHAR *wides[EVENT_MESSAGE_STRINGS];
    size_t count = event_message_strings(record, narrow, strings), at = 0, len;
    for (size_t i = 0; i < count; i++) {
        /* Escaped text is UTF-8, and in UTF-16 it has no more units than it had bytes. */
        CHECK(utf_to_16(span_str(strings[i]), (void *)(wide + at), EVENT_MESSAGE_MAX - at - 1,
                        &len) == ERR_OK);
        wides[i] = wide + at;
        wide[at + len] = L'\0';
        at += len + 1;
    }
    return ReportEventW(system, sink_type(event_severity(record->event)), 0,
                        event_message_id(record), NULL, (WORD)count, 0, wides, NULL);
}

/* ---- installing ---- */

static enum err sink_error(LSTATUS status)
{
    return status == ERROR_SUCCESS         ? ERR_OK
           : status == ERROR_ACCESS_DENIED ? ERR_DENIED
                                           : ERR_SYSTEM;
}

static LSTATUS sink_set_number(HKEY key, const WCHAR *name, DWORD number)
{
    return RegSetValueExW(key, name, 0, REG_DWORD, (const BYTE *)&number, sizeof number);
}

static LSTATUS sink_make_log(HKEY *log)
{
    DWORD disposition;
    LSTATUS status = RegCreateKeyExW(HKEY_LOCAL_MACHINE, SINK_LOG, 0, NULL, 0, KEY_ALL_ACCESS, NULL,
                                     log, &disposition);
    if (status != ERROR_SUCCESS || disposition == REG_OPENED_EXISTING_KEY) {
        return status;
    }
    status = sink_set_number(*log, L"MaxSize", SINK_LOG_BYTES);
    return status == ERROR_SUCCESS ? sink_set_number(*log, L"Retention", 0) : status;
}

static LSTATUS sink_make_source(HKEY log, const WCHAR *library)
{
    HKEY source;
    DWORD bytes = (DWORD)((wcslen(library) + 1) * sizeof *library);
    LSTATUS status =
        RegCreateKeyExW(log, SINK_SOURCE, 0, NULL, 0, KEY_SET_VALUE, NULL, &source, NULL);
    if (status != ERROR_SUCCESS) {
        return status;
    }
    status =
        RegSetValueExW(source, L"EventMessageFile", 0, REG_EXPAND_SZ, (const BYTE *)library, bytes);
    if (status == ERROR_SUCCESS) {
        status = sink_set_number(source, L"TypesSupported",
                                 EVENTLOG_ERROR_TYPE | EVENTLOG_WARNING_TYPE |
                                     EVENTLOG_INFORMATION_TYPE);
    }
    (void)RegCloseKey(source);
    return status;
}

enum err sink_system_install(const char *library)
{
    static WCHAR wide[SINK_PATH_MAX];
    HKEY log = NULL;
    size_t count;
    TRY(utf_to_16(span_str(library), (void *)wide, SINK_PATH_MAX - 1, &count));
    wide[count] = L'\0';
    LSTATUS status = sink_make_log(&log);
    if (status == ERROR_SUCCESS) {
        status = sink_make_source(log, wide);
    }
    if (log) {
        (void)RegCloseKey(log);
    }
    return sink_error(status);
}

enum err sink_system_remove(void)
{
    LSTATUS status = RegDeleteTreeW(HKEY_LOCAL_MACHINE, SINK_LOG);
    return sink_error(status == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : status);
}
