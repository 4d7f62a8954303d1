/*
 * What the service controller is asked for when the service is installed: built here without any
 * call, so that it can be looked at before it is asked. For host_control_windows.c and its test.
 */
#ifndef HOST_HOST_REQUEST_WINDOWS_H
#define HOST_HOST_REQUEST_WINDOWS_H

#include "base/err.h"

#include <windows.h>

enum {
    HOST_COMMAND_MAX = 2 * 1100, /* two paths and a few words */
    HOST_LEVELS = 6,
    HOST_RESTARTS = 3
};

struct host_request {
    WCHAR command[HOST_COMMAND_MAX];
    const WCHAR *name, *title, *account;
    SERVICE_DESCRIPTIONW description;
    SERVICE_SID_INFO sid;
    SERVICE_REQUIRED_PRIVILEGES_INFOW privileges;
    SERVICE_FAILURE_ACTIONSW failure;
    SC_ACTION restarts[HOST_RESTARTS];
    SERVICE_FAILURE_ACTIONS_FLAG failure_flag;
    SERVICE_PRESHUTDOWN_INFO preshutdown;
    /* Everything above from `description` on, as ChangeServiceConfig2 takes it. */
    struct host_level {
        DWORD level;
        void *info;
        const char *words; /* for a person whose Windows has it not */
    } levels[HOST_LEVELS];
};

/* `folder` NULL: the system's data folder. It points into itself. ERR_LONG. */
MUST_CHECK enum err host_request_build(struct host_request *request, const WCHAR *program,
                                       const WCHAR *folder);

#endif
