/*
 * host_request_windows.h: the account and its few rights, recovery, and the command line, quoted.
 */
#include "host/host_request_windows.h"

#include "host/host_windows.h"

#include <wchar.h>

enum { HOST_DAY_S = 24 * 60 * 60, HOST_PRESHUTDOWN_MS = 30000 };

/* The list ends in a second NUL. No more than passing through folders and naming global objects. */
static WCHAR host_privileges[] = L"SeChangeNotifyPrivilege\0SeCreateGlobalPrivilege\0";
static WCHAR host_description[] =
    L"Lets monitoring agents reach their cloud service through this machine, and lets nothing "
    L"else through.";

struct host_words {
    WCHAR *place;
    size_t len;
    enum err err;
};

static void host_put(struct host_words *words, const WCHAR *text, size_t len)
{
    if (words->len + len >= HOST_COMMAND_MAX) {
        words->err = ERR_LONG;
        return;
    }
    wmemcpy(words->place + words->len, text, len);
    words->len += len;
    words->place[words->len] = L'\0';
}

/* In quotation marks, before which backslashes count double. A path holds none itself. */
static void host_put_path(struct host_words *words, const WCHAR *path)
{
    size_t len = wcslen(path), slashes = 0;
    while (slashes < len && path[len - slashes - 1] == L'\\') {
        slashes++;
    }
    host_put(words, L"\"", 1);
    host_put(words, path, len);
    host_put(words, path + len - slashes, slashes);
    host_put(words, L"\"", 1);
}

static enum err host_put_command(struct host_request *request, const WCHAR *program,
                                 const WCHAR *folder)
{
    static const WCHAR run[] = L" run --service", data[] = L" --data ";
    struct host_words words = {.place = request->command, .err = ERR_OK};
    host_put_path(&words, program);
    host_put(&words, run, wcslen(run));
    if (folder) {
        host_put(&words, data, wcslen(data));
        host_put_path(&words, folder);
    }
    return words.err;
}

static void host_put_recovery(struct host_request *request)
{
    static const DWORD waits_ms[HOST_RESTARTS] = {5000, 10000, 60000}; /* the last one goes on */
    for (int i = 0; i < HOST_RESTARTS; i++) {
        request->restarts[i] = (SC_ACTION){SC_ACTION_RESTART, waits_ms[i]};
    }
    request->failure.dwResetPeriod = HOST_DAY_S;
    request->failure.cActions = HOST_RESTARTS;
    request->failure.lpsaActions = request->restarts;
    request->failure_flag.fFailureActionsOnNonCrashFailures = TRUE;
}

static void host_put_levels(struct host_request *request)
{
    const struct host_level levels[HOST_LEVELS] = {
        {SERVICE_CONFIG_DESCRIPTION, &request->description, "description"},
        {SERVICE_CONFIG_SERVICE_SID_INFO, &request->sid, "service SID"},
        {SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO, &request->privileges, "required privileges"},
        {SERVICE_CONFIG_FAILURE_ACTIONS, &request->failure, "recovery"},
        {SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, &request->failure_flag, "recovery after an error"},
        {SERVICE_CONFIG_PRESHUTDOWN_INFO, &request->preshutdown, "time at shutdown"},
    };
    for (int i = 0; i < HOST_LEVELS; i++) {
        request->levels[i] = levels[i];
    }
}

enum err host_request_build(struct host_request *request, const WCHAR *program, const WCHAR *folder)
{
    *request = (struct host_request){
        .name = HOST_SERVICE_NAME,
        .title = L"OMS Gateway",
        .account = L"NT SERVICE\\" HOST_SERVICE_NAME, /* a virtual one: Windows has no password */
        .description = {host_description},
        .sid = {SERVICE_SID_TYPE_UNRESTRICTED},
        .privileges = {host_privileges},
        .preshutdown = {HOST_PRESHUTDOWN_MS},
    };
    host_put_recovery(request);
    host_put_levels(request);
    return host_put_command(request, program, folder);
}
