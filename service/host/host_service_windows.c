/*
 * The process as a Windows service: what the service controller asks, and the honest states that it
 * is told. A pending state comes with a checkpoint that only real steps raise, and with the longest
 * time until the next one. Installing and starting it from outside: host_control_windows.c.
 */
#include "host/host_windows.h"

#include "base/check.h"

#include <windows.h>

enum { SERVICE_PRESHUTDOWN_DRAIN_MS = 20000 }; /* of the 30 s that the installation asks for */

static SRWLOCK service_lock = SRWLOCK_INIT;
/* Under the lock. */
static SERVICE_STATUS_HANDLE service_handle; /* NULL: no service */
static SERVICE_STATUS service_status = {.dwServiceType = SERVICE_WIN32_OWN_PROCESS};

static struct service_work {
    uint32_t (*work)(void *context);
    void *context;
    uint32_t code;
    bool unheard; /* the controller gave no handle */
} service_work;

bool host_is_service(void)
{
    AcquireSRWLockShared(&service_lock);
    bool is = service_handle != NULL;
    ReleaseSRWLockShared(&service_lock);
    return is;
}

static bool service_is_pending(DWORD state)
{
    return state == SERVICE_START_PENDING || state == SERVICE_STOP_PENDING;
}

static void service_tell(DWORD state, DWORD wait_ms)
{
    AcquireSRWLockExclusive(&service_lock);
    SERVICE_STATUS *status = &service_status;
    bool goes_on = service_is_pending(state) && status->dwCurrentState == state;
    status->dwCheckPoint = goes_on ? status->dwCheckPoint + 1 : service_is_pending(state) ? 1 : 0;
    status->dwCurrentState = state;
    status->dwWaitHint = service_is_pending(state) ? wait_ms : 0;
    status->dwControlsAccepted =
        state == SERVICE_RUNNING
            ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_PRESHUTDOWN | SERVICE_ACCEPT_PARAMCHANGE
            : 0;
    if (service_handle) {
        (void)SetServiceStatus(service_handle, status); /* fails when nobody listens any more */
    }
    ReleaseSRWLockExclusive(&service_lock);
}

void host_tell(enum host_state state, uint32_t wait_ms)
{
    static const DWORD states[] = {[HOST_STARTING] = SERVICE_START_PENDING,
                                   [HOST_RUNNING] = SERVICE_RUNNING,
                                   [HOST_STOPPING] = SERVICE_STOP_PENDING};
    service_tell(states[state], wait_ms);
}

/* The states come from the thread that stops; this one only answers that it heard. */
static DWORD WINAPI service_on_control(DWORD control, DWORD type, void *data, void *context)
{
    static const struct host_stop by_controller = {"the service was stopped", UINT32_MAX};
    static const struct host_stop by_shutdown = {"Windows is shutting down",
                                                 SERVICE_PRESHUTDOWN_DRAIN_MS};
    (void)type;
    (void)data;
    (void)context;
    switch (control) {
    case SERVICE_CONTROL_STOP:
    case SERVICE_CONTROL_PRESHUTDOWN:
        host_tell(HOST_STOPPING, HOST_BEGIN_MS);
        host_ask_stop(control == SERVICE_CONTROL_STOP ? &by_controller : &by_shutdown);
        return NO_ERROR;
    case SERVICE_CONTROL_PARAMCHANGE:
        host_ask_look();
        return NO_ERROR;
    case SERVICE_CONTROL_INTERROGATE: /* it has what was told last */
        return NO_ERROR;
    default:
        return ERROR_CALL_NOT_IMPLEMENTED;
    }
}

static void service_end(uint32_t code)
{
    AcquireSRWLockExclusive(&service_lock);
    service_status.dwWin32ExitCode = code == 0 ? NO_ERROR : ERROR_SERVICE_SPECIFIC_ERROR;
    service_status.dwServiceSpecificExitCode = code;
    ReleaseSRWLockExclusive(&service_lock);
    service_tell(SERVICE_STOPPED, 0); /* the process may end as soon as this is said */
}

static void WINAPI service_main(DWORD argc, WCHAR **argv)
{
    (void)argc;
    (void)argv;
    SERVICE_STATUS_HANDLE handle =
        RegisterServiceCtrlHandlerExW(HOST_SERVICE_NAME, service_on_control, NULL);
    if (!handle) {
        service_work.unheard = true;
        return;
    }
    AcquireSRWLockExclusive(&service_lock);
    service_handle = handle;
    ReleaseSRWLockExclusive(&service_lock);
    host_tell(HOST_STARTING, HOST_BEGIN_MS);
    service_work.code = service_work.work(service_work.context);
    service_end(service_work.code);
}

enum err host_serve(uint32_t (*work)(void *context), void *context, uint32_t *code)
{
    WCHAR name[] = HOST_SERVICE_NAME;
    const SERVICE_TABLE_ENTRYW table[] = {{name, service_main}, {NULL, NULL}};
    service_work = (struct service_work){.work = work, .context = context};
    if (!StartServiceCtrlDispatcherW(table) || service_work.unheard) {
        return ERR_SYSTEM;
    }
    *code = service_work.code;
    return ERR_OK;
}
