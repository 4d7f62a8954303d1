/*
 * What Windows must know of the service beside its service controller: where events and counters
 * have their texts, both in the library beside the program. None of it keeps the service from being
 * installed or removed; what did not work is said.
 */
#include "host/host_register_windows.h"

#include "base/out.h"
#include "eventlog/sink_system.h"
#include "sys/sys_wide_windows.h"

#include <wchar.h>

enum { HOST_TOOL_MS_MAX = 60000, HOST_TOOL_WORDS_MAX = 2 * PATHS_MAX + 64 };

/* A file in the program's own folder. */
static enum err host_beside(const char *name, char path[PATHS_MAX])
{
    WCHAR wide[PATHS_MAX];
    char folder[PATHS_MAX];
    DWORD len = GetModuleFileNameW(NULL, wide, PATHS_MAX);
    if (len == 0 || len == PATHS_MAX) {
        return ERR_LONG;
    }
    *wcsrchr(wide, L'\\') = L'\0';
    TRY(sys_from_wide(wide, folder, sizeof folder));
    return paths_join(folder, name, path);
}

/* ---- events ---- */

static void host_register_events(const struct control *control)
{
    char library[PATHS_MAX];
    enum err err = host_beside("OMSGatewayMessages.dll", library);
    err = err == ERR_OK ? sink_system_install(library) : err;
    if (err != ERR_OK) {
        control->say("Event Viewer will show events without their text",
                     span_str(err_sentence(err)));
    }
}

static void host_unregister_events(const struct control *control)
{
    enum err err = sink_system_remove();
    if (err != ERR_OK) {
        control->say("the rows of the event log stay in the registry", span_str(err_sentence(err)));
    }
}

/* ---- counters ---- */

static DWORD host_await_tool(const PROCESS_INFORMATION *tool)
{
    DWORD code = ERROR_TIMEOUT;
    if (WaitForSingleObject(tool->hProcess, HOST_TOOL_MS_MAX) == WAIT_OBJECT_0) {
        (void)GetExitCodeProcess(tool->hProcess, &code);
    }
    CloseHandle(tool->hThread);
    CloseHandle(tool->hProcess);
    return code;
}

/* Runs a program of System32, by its path; its exit status, or why it did not run. */
static DWORD host_run_tool(const char *tool, const char *words)
{
    WCHAR system[MAX_PATH];
    struct sys_wide path, line;
    char folder[PATHS_MAX], joined[PATHS_MAX];
    STARTUPINFOW how = {.cb = sizeof how};
    PROCESS_INFORMATION made;
    UINT len = GetSystemDirectoryW(system, MAX_PATH);
    if (len == 0 || len >= MAX_PATH || sys_from_wide(system, folder, sizeof folder) != ERR_OK ||
        paths_join(folder, tool, joined) != ERR_OK || sys_to_wide(joined, &path) != ERR_OK ||
        sys_to_wide(words, &line) != ERR_OK) {
        return ERROR_FILENAME_EXCED_RANGE;
    }
    if (!CreateProcessW(path.text, line.text, NULL, NULL, FALSE, CREATE_NO_WINDOW, NULL, NULL, &how,
                        &made)) {
        return GetLastError();
    }
    return host_await_tool(&made);
}

/* lodctr is told where the library is, too; unlodctr fails where they were never loaded. */
static DWORD host_tell_counters(bool load)
{
    char manifest[PATHS_MAX], folder[PATHS_MAX], words[HOST_TOOL_WORDS_MAX];
    struct out out;
    if (host_beside("OMSGateway.man", manifest) != ERR_OK || host_beside("", folder) != ERR_OK) {
        return ERROR_FILENAME_EXCED_RANGE;
    }
    out_begin(&out, words, sizeof words);
    out_str(&out, load ? "lodctr /m:\"" : "unlodctr /m:\"");
    out_str(&out, manifest);
    out_str(&out, load ? "\" \"" : "");
    out_str(&out, load ? folder : "");
    out_char(&out, '"');
    return out_end(&out) == ERR_OK ? host_run_tool(load ? "lodctr.exe" : "unlodctr.exe", words)
                                   : ERROR_FILENAME_EXCED_RANGE;
}

static void host_say_unloaded(const struct control *control, DWORD status)
{
    char place[80];
    struct out out;
    out_begin(&out, place, sizeof place);
    out_str(&out, "lodctr ended with ");
    out_u64(&out, status);
    control->say("Performance Monitor was not told of the counters", out_span(&out));
}

/* ---- both ---- */

void host_register(const struct control *control)
{
    host_register_events(control);
    (void)host_tell_counters(false); /* a set that is known already is refused */
    DWORD status = host_tell_counters(true);
    if (status != ERROR_SUCCESS) {
        host_say_unloaded(control, status);
    }
}

void host_unregister(const struct control *control)
{
    (void)host_tell_counters(false);
    host_unregister_events(control);
}
