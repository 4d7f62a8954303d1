/*
 * control.h on Windows: what a person or an installer asks the service controller for. What is
 * asked is host_request_windows.c's matter. A Windows that lacks one of the finer requests is told
 * of, and gets the rest.
 */
#include "host/control.h"

#include "host/host_register_windows.h"
#include "host/host_request_windows.h"
#include "host/host_windows.h"
#include "sys/files.h"
#include "sys/sys_rights_windows.h"
#include "sys/sys_wide_windows.h"

enum { HOST_LOOK_MS = 200 };

struct host_service {
    const struct control *control;
    SC_HANDLE manager, service;
};

static enum err host_refused(const struct control *control, const char *what)
{
    static const struct {
        DWORD code;
        enum err err;
        const char *words;
    } known[] = {
        {ERROR_ACCESS_DENIED, ERR_DENIED, "this takes an administrator"},
        {ERROR_SERVICE_DOES_NOT_EXIST, ERR_ABSENT, "the service is not installed"},
        {ERROR_SERVICE_MARKED_FOR_DELETE, ERR_EXISTS,
         "the service is being removed: close what shows services, then try again"},
    };
    DWORD code = GetLastError();
    char place[200];
    struct out out;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].code == code) {
            control->say(known[i].words, span_str(""));
            return known[i].err;
        }
    }
    out_begin(&out, place, sizeof place);
    out_str(&out, what);
    out_str(&out, ", error of Windows ");
    out_u64(&out, code);
    control->say("the service controller refused", out_span(&out));
    return ERR_SYSTEM;
}

/* ---- handles ---- */

static void host_close(struct host_service *service)
{
    if (service->service) {
        CloseServiceHandle(service->service);
    }
    if (service->manager) {
        CloseServiceHandle(service->manager);
    }
}

static enum err host_connect(struct host_service *service, const struct control *control,
                             DWORD rights)
{
    *service = (struct host_service){.control = control};
    service->manager = OpenSCManagerW(NULL, NULL, rights);
    return service->manager ? ERR_OK : host_refused(control, "connecting");
}

static enum err host_open(struct host_service *service, const struct control *control, DWORD rights)
{
    TRY(host_connect(service, control, SC_MANAGER_CONNECT));
    service->service = OpenServiceW(service->manager, HOST_SERVICE_NAME, rights);
    return service->service ? ERR_OK : host_refused(control, "opening the service");
}

/* ---- installing ---- */

/* The system's folder goes without a word; any other one is named, whatever named it to us, and
 * from the root, for the service begins elsewhere. */
static enum err host_build(struct host_request *request, const struct paths_data *data)
{
    WCHAR program[PATHS_MAX], folder[PATHS_MAX];
    struct sys_wide found;
    TRY(sys_to_wide(data->folder, &found));
    DWORD own = GetModuleFileNameW(NULL, program, PATHS_MAX);
    DWORD full = GetFullPathNameW(found.text, PATHS_MAX, folder, NULL);
    if (own == 0 || own >= PATHS_MAX || full == 0 || full >= PATHS_MAX) {
        return ERR_LONG;
    }
    return host_request_build(request, program, data->choice != PATHS_SYSTEM ? folder : NULL);
}

static enum err host_prepare(const struct control *control, struct paths_data *data,
                             struct host_request *request)
{
    enum err err = paths_find_data(control->folder, data);
    err = err == ERR_OK ? host_build(request, data) : err;
    if (err != ERR_OK) {
        control->say(err_sentence(err), span_str("the path of the program or of the data folder"));
    }
    return err;
}

/* One that is there gets the rights of a new one: whoever else used it is shut out. */
static enum err host_make_folder(const struct control *control, const char *folder)
{
    char which[PATHS_MAX];
    bool judged = false;
    enum err err = files_make_folder(folder);
    if (err == ERR_OK || err == ERR_FOLDER_OPEN) {
        err = sys_rights_set(folder, which);
        judged = true;
    }
    if (err != ERR_OK) {
        control->say(err_sentence(err), span_str(judged ? which : folder));
    }
    return err;
}

/* One that is there gets the same configuration. */
static enum err host_create(struct host_service *service, const struct host_request *request)
{
    const DWORD type = SERVICE_WIN32_OWN_PROCESS, start = SERVICE_AUTO_START;
    service->service = CreateServiceW(service->manager, request->name, request->title,
                                      SERVICE_ALL_ACCESS, type, start, SERVICE_ERROR_NORMAL,
                                      request->command, NULL, NULL, NULL, request->account, NULL);
    if (service->service) {
        return ERR_OK;
    }
    if (GetLastError() != ERROR_SERVICE_EXISTS) {
        return host_refused(service->control, "creating the service");
    }
    service->control->say("the service is installed already and gets this configuration",
                          span_str(""));
    service->service = OpenServiceW(service->manager, request->name, SERVICE_ALL_ACCESS);
    if (!service->service ||
        !ChangeServiceConfigW(service->service, type, start, SERVICE_ERROR_NORMAL, request->command,
                              NULL, NULL, NULL, request->account, NULL, request->title)) {
        return host_refused(service->control, "changing the service");
    }
    return ERR_OK;
}

static enum err host_refine(struct host_service *service, const struct host_request *request)
{
    for (size_t i = 0; i < HOST_LEVELS; i++) {
        const struct host_level *level = &request->levels[i];
        if (ChangeServiceConfig2W(service->service, level->level, level->info)) {
            continue;
        }
        if (GetLastError() != ERROR_INVALID_LEVEL) {
            return host_refused(service->control, level->words);
        }
        service->control->say("this Windows has it not, the service does without",
                              span_str(level->words));
    }
    return ERR_OK;
}

static enum err host_install(struct host_service *service, const struct host_request *request)
{
    TRY(host_create(service, request));
    TRY(host_refine(service, request));
    host_register(service->control);
    return ERR_OK;
}

enum err control_install(const struct control *control)
{
    struct host_service service;
    struct host_request request;
    struct paths_data data;
    TRY(host_prepare(control, &data, &request));
    enum err err = host_connect(&service, control, SC_MANAGER_CONNECT | SC_MANAGER_CREATE_SERVICE);
    err = err == ERR_OK ? host_make_folder(control, data.folder) : err;
    err = err == ERR_OK ? host_install(&service, &request) : err;
    host_close(&service);
    return err;
}

/* ---- starting and stopping ---- */

static enum err host_look(const struct host_service *service, SERVICE_STATUS_PROCESS *status)
{
    DWORD needed;
    return QueryServiceStatusEx(service->service, SC_STATUS_PROCESS_INFO, (BYTE *)status,
                                sizeof *status, &needed)
               ? ERR_OK
               : host_refused(service->control, "asking for the state");
}

/* Until it has left the pending state; ERR_TIMED_OUT when it raises no checkpoint in its time. */
static enum err host_await(const struct host_service *service, DWORD pending,
                           SERVICE_STATUS_PROCESS *status)
{
    ULONGLONG since_ms = GetTickCount64();
    DWORD checkpoint = 0;
    TRY(host_look(service, status));
    while (status->dwCurrentState == pending) {
        if (status->dwCheckPoint != checkpoint) {
            checkpoint = status->dwCheckPoint;
            since_ms = GetTickCount64();
        }
        if (GetTickCount64() - since_ms > (ULONGLONG)status->dwWaitHint + HOST_BEGIN_MS) {
            service->control->say("the service does not go on; its log may say why", span_str(""));
            return ERR_TIMED_OUT;
        }
        Sleep(HOST_LOOK_MS);
        TRY(host_look(service, status));
    }
    return ERR_OK;
}

static enum err host_say_end(const struct control *control, const SERVICE_STATUS_PROCESS *status)
{
    char place[120];
    struct out out;
    bool told = status->dwWin32ExitCode == ERROR_SERVICE_SPECIFIC_ERROR;
    out_begin(&out, place, sizeof place);
    out_str(&out, told ? "the newest event with this id in the OMS Gateway Log says why, "
                       : "error of Windows ");
    out_u64(&out, told ? status->dwServiceSpecificExitCode : status->dwWin32ExitCode);
    control->say("the service did not start", out_span(&out));
    return ERR_SYSTEM;
}

/* Who asks may start it, or could not have opened it so: it is the service that may not run. */
static enum err host_judge_start(const struct control *control)
{
    switch (GetLastError()) {
    case ERROR_SERVICE_ALREADY_RUNNING:
        control->say("the service runs already", span_str(""));
        return ERR_OK;
    case ERROR_ACCESS_DENIED:
        control->say("the service's account may not run the program: put it where every account "
                     "may, under Program Files, and install the service from there",
                     span_str(""));
        return ERR_DENIED;
    default:
        return host_refused(control, "starting the service");
    }
}

static enum err host_start(const struct host_service *service)
{
    SERVICE_STATUS_PROCESS status;
    if (!StartServiceW(service->service, 0, NULL)) {
        return host_judge_start(service->control);
    }
    TRY(host_await(service, SERVICE_START_PENDING, &status));
    return status.dwCurrentState == SERVICE_RUNNING ? ERR_OK
                                                    : host_say_end(service->control, &status);
}

static enum err host_stop(const struct host_service *service)
{
    SERVICE_STATUS ignored;
    SERVICE_STATUS_PROCESS status;
    if (!ControlService(service->service, SERVICE_CONTROL_STOP, &ignored)) {
        return GetLastError() == ERROR_SERVICE_NOT_ACTIVE
                   ? ERR_CLOSED
                   : host_refused(service->control, "stopping the service");
    }
    return host_await(service, SERVICE_STOP_PENDING, &status);
}

enum err control_start(const struct control *control)
{
    struct host_service service;
    enum err err = host_open(&service, control, SERVICE_START | SERVICE_QUERY_STATUS);
    err = err == ERR_OK ? host_start(&service) : err;
    host_close(&service);
    return err;
}

enum err control_stop(const struct control *control)
{
    struct host_service service;
    enum err err = host_open(&service, control, SERVICE_STOP | SERVICE_QUERY_STATUS);
    err = err == ERR_OK ? host_stop(&service) : err;
    if (err == ERR_CLOSED) {
        control->say("the service does not run", span_str(""));
        err = ERR_OK;
    }
    host_close(&service);
    return err;
}

static enum err host_delete(const struct host_service *service)
{
    enum err err = host_stop(service);
    if (err != ERR_OK && err != ERR_CLOSED) {
        return err;
    }
    return DeleteService(service->service) ? ERR_OK
                                           : host_refused(service->control, "removing the service");
}

enum err control_uninstall(const struct control *control)
{
    struct host_service service;
    enum err err = host_open(&service, control, SERVICE_STOP | SERVICE_QUERY_STATUS | DELETE);
    err = err == ERR_OK ? host_delete(&service) : err;
    if (err == ERR_OK) {
        host_unregister(control);
    }
    host_close(&service);
    return err;
}
