/*
 * Proves what Windows is asked for when the service is installed, at the call itself: account,
 * command line, rights, recovery. And what the process tells the service controller: this test
 * plays the controller. The linker puts the functions of this file in the place of Windows' own
 * (--wrap).
 */
#include "host/control.h"
#include "host/host_request_windows.h"
#include "host/host_windows.h"
#include "sys/paths.h"
#include "unit/unit.h"

#include <windows.h>

#include <aclapi.h>
#include <shellapi.h>
#include <wchar.h>

enum { TEXT_MAX = 2048, CALLS_MAX = 16 };

#define MANAGER ((SC_HANDLE)(uintptr_t)0x11)
#define SERVICE ((SC_HANDLE)(uintptr_t)0x22)
#define STATUS  ((SERVICE_STATUS_HANDLE)(uintptr_t)0x33)

static DWORD level_missing;    /* this one Windows has not */
static bool there;             /* the service is installed already */
static char created[TEXT_MAX]; /* what was asked for, a line a call */
static char said[TEXT_MAX];    /* what control.h said */
static SERVICE_STATUS told[CALLS_MAX];
static size_t told_count;

static void note(const char *format, ...) UNIT_FORMAT(1, 2);

static void note(const char *format, ...)
{
    size_t len = strlen(created);
    va_list words;
    va_start(words, format);
    (void)vsnprintf(created + len, sizeof created - len, format, words);
    va_end(words);
}

/* ---- Windows, played ---- */

static SC_HANDLE WINAPI open_manager(const WCHAR *machine, const WCHAR *base, DWORD rights)
{
    assert_null(machine);
    assert_null(base);
    note("manager %lx\n", rights);
    return MANAGER;
}

static SC_HANDLE WINAPI open_service(SC_HANDLE manager, const WCHAR *name, DWORD rights)
{
    assert_ptr_equal(manager, MANAGER);
    note("open %ls %lx\n", name, rights);
    return SERVICE;
}

static SC_HANDLE WINAPI create_service(SC_HANDLE manager, const WCHAR *name, const WCHAR *title,
                                       DWORD rights, DWORD type, DWORD start, DWORD error,
                                       const WCHAR *path, const WCHAR *group, DWORD *tag,
                                       const WCHAR *needs, const WCHAR *account,
                                       const WCHAR *password)
{
    const WCHAR *words = wcsrchr(path, L'\\');
    (void)rights;
    assert_ptr_equal(manager, MANAGER);
    assert_true(!group && !tag && !needs && !password);
    assert_int_equal(path[0], L'"'); /* a blank in the path makes no other program of it */
    note("create %ls '%ls' type %lx start %lx error %lx account %ls ...%ls\n", name, title, type,
         start, error, account, words ? words : path);
    if (there) {
        SetLastError(ERROR_SERVICE_EXISTS);
        return NULL;
    }
    return SERVICE;
}

static BOOL WINAPI change(SC_HANDLE service, DWORD type, DWORD start, DWORD error,
                          const WCHAR *path, const WCHAR *group, DWORD *tag, const WCHAR *needs,
                          const WCHAR *account, const WCHAR *password, const WCHAR *title)
{
    assert_ptr_equal(service, SERVICE);
    assert_true(!group && !tag && !needs && !password);
    note("change type %lx start %lx error %lx account %ls title %ls %d\n", type, start, error,
         account, title, path[0] == L'"');
    return TRUE;
}

static void note_failure(const SERVICE_FAILURE_ACTIONSW *failure)
{
    assert_true(!failure->lpCommand && !failure->lpRebootMsg);
    note("failure reset %lu:", failure->dwResetPeriod);
    for (DWORD i = 0; i < failure->cActions; i++) {
        note(" %d %lu", (int)failure->lpsaActions[i].Type, failure->lpsaActions[i].Delay);
    }
    note("\n");
}

static void note_privileges(const WCHAR *at)
{
    note("privileges");
    for (; *at; at += wcslen(at) + 1) {
        note(" %ls", at);
    }
    note("\n");
}

static BOOL WINAPI change_level(SC_HANDLE service, DWORD level, void *info)
{
    assert_ptr_equal(service, SERVICE);
    if (level == level_missing) {
        SetLastError(ERROR_INVALID_LEVEL);
        return FALSE;
    }
    switch (level) {
    case SERVICE_CONFIG_DESCRIPTION:
        note("description %d\n", wcslen(((SERVICE_DESCRIPTIONW *)info)->lpDescription) > 20);
        break;
    case SERVICE_CONFIG_SERVICE_SID_INFO:
        note("sid %lu\n", ((SERVICE_SID_INFO *)info)->dwServiceSidType);
        break;
    case SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO:
        note_privileges(((SERVICE_REQUIRED_PRIVILEGES_INFOW *)info)->pmszRequiredPrivileges);
        break;
    case SERVICE_CONFIG_FAILURE_ACTIONS:
        note_failure(info);
        break;
    case SERVICE_CONFIG_FAILURE_ACTIONS_FLAG:
        note("flag %d\n",
             ((SERVICE_FAILURE_ACTIONS_FLAG *)info)->fFailureActionsOnNonCrashFailures);
        break;
    case SERVICE_CONFIG_PRESHUTDOWN_INFO:
        note("preshutdown %lu\n", ((SERVICE_PRESHUTDOWN_INFO *)info)->dwPreshutdownTimeout);
        break;
    default:
        note("level %lu\n", level);
    }
    return TRUE;
}

static BOOL WINAPI close_handle(SC_HANDLE handle)
{
    assert_true(handle == MANAGER || handle == SERVICE);
    return TRUE;
}

/* What the rights are: test_rights_windows.c. */
static DWORD WINAPI set_rights(WCHAR *path, SE_OBJECT_TYPE type, SECURITY_INFORMATION what,
                               PSID owner, PSID group, ACL *rights, ACL *audit)
{
    assert_ptr_equal(wcsstr(path, L"test service.data/"), path);
    assert_int_equal(type, SE_FILE_OBJECT);
    assert_true(!group && !audit);
    note("folder%s%s\n", rights && (what & PROTECTED_DACL_SECURITY_INFORMATION) ? " rights" : "",
         owner ? " owner" : "");
    return ERROR_SUCCESS;
}

static DWORD start_error;

static BOOL WINAPI start_service(SC_HANDLE service, DWORD argc, const WCHAR **argv)
{
    assert_ptr_equal(service, SERVICE);
    assert_true(argc == 0 && !argv);
    SetLastError(start_error);
    return FALSE;
}

static DWORD tool_error; /* why no tool can be started */
static char tools[TEXT_MAX];

/* Tells of the tool, which is never started; its own words without the paths' folders. */
static BOOL WINAPI start_tool(const WCHAR *path, WCHAR *words, SECURITY_ATTRIBUTES *process,
                              SECURITY_ATTRIBUTES *thread, BOOL inherits, DWORD flags,
                              void *environment, const WCHAR *folder, STARTUPINFOW *how,
                              PROCESS_INFORMATION *made)
{
    size_t len = strlen(tools);
    (void)made;
    assert_true(!process && !thread && !inherits && !environment && !folder);
    assert_int_equal(flags, CREATE_NO_WINDOW);
    assert_int_equal(how->cb, sizeof *how);
    (void)snprintf(tools + len, sizeof tools - len, "%ls: %ls\n", path, words);
    SetLastError(tool_error);
    return FALSE;
}

static LPHANDLER_FUNCTION_EX handler;

static SERVICE_STATUS_HANDLE WINAPI take_handler(const WCHAR *name, LPHANDLER_FUNCTION_EX given,
                                                 void *context)
{
    (void)context;
    assert_int_equal(wcscmp(name, HOST_SERVICE_NAME), 0);
    handler = given;
    return STATUS;
}

static BOOL WINAPI take_status(SERVICE_STATUS_HANDLE handle, SERVICE_STATUS *status)
{
    assert_ptr_equal(handle, STATUS);
    assert_true(told_count < CALLS_MAX);
    told[told_count++] = *status;
    return TRUE;
}

static BOOL WINAPI dispatch(const SERVICE_TABLE_ENTRYW *table)
{
    assert_int_equal(wcscmp(table[0].lpServiceName, HOST_SERVICE_NAME), 0);
    assert_null(table[1].lpServiceProc);
    table[0].lpServiceProc(0, NULL);
    return TRUE;
}

/* What the linker gives out for Windows' own. */
#define WRAP(name, ours) void *__wrap___imp_##name = (void *)(uintptr_t)ours
WRAP(OpenSCManagerW, open_manager);
WRAP(OpenServiceW, open_service);
WRAP(CreateServiceW, create_service);
WRAP(ChangeServiceConfigW, change);
WRAP(ChangeServiceConfig2W, change_level);
WRAP(CloseServiceHandle, close_handle);
WRAP(SetNamedSecurityInfoW, set_rights);
WRAP(StartServiceW, start_service);
WRAP(CreateProcessW, start_tool);
WRAP(RegisterServiceCtrlHandlerExW, take_handler);
WRAP(SetServiceStatus, take_status);
WRAP(StartServiceCtrlDispatcherW, dispatch);

int host_main(int argc, char **argv) /* of the program, which is not here */
{
    (void)argc;
    (void)argv;
    return 1;
}

/* ---- installing ---- */

static void say(const char *sentence, struct span which)
{
    size_t len = strlen(said);
    (void)snprintf(said + len, sizeof said - len, "%s: %.*s\n", sentence, (int)which.len,
                   which.len > 0 ? (const char *)which.at : "");
}

static int begin(void **state)
{
    (void)state;
    created[0] = said[0] = tools[0] = '\0';
    tool_error = ERROR_FILE_NOT_FOUND;
    level_missing = 0;
    there = false;
    told_count = 0;
    (void)RemoveDirectoryW(L"test service.data\\inner");
    (void)RemoveDirectoryW(L"test service.data\\named");
    (void)RemoveDirectoryW(L"test service.data");
    return 0;
}

static const struct control control = {.folder = "test service.data/inner", .say = say};

#define LEVELS                                                                                     \
    "description 1\n"                                                                              \
    "sid 1\n"                                                                                      \
    "privileges SeChangeNotifyPrivilege SeCreateGlobalPrivilege\n"                                 \
    "failure reset 86400: 1 5000 1 10000 1 60000\n"                                                \
    "flag 1\n"                                                                                     \
    "preshutdown 30000\n"

static void what_is_asked_for(void **state)
{
    (void)state;
    assert_int_equal(control_install(&control), ERR_OK);
    assert_string_equal(created,
                        "manager 3\n"
                        "folder rights\n"
                        "folder owner\n"
                        "create OMSGatewayService 'OMS Gateway' type 10 start 2 error 1 account "
                        "NT SERVICE\\OMSGatewayService ...\\inner\"\n" LEVELS);
    assert_string_equal(said,
                        "Performance Monitor was not told of the counters: lodctr ended with 2\n");
}

/* The service has another environment: what named the folder here must be told to it. */
static void a_folder_of_the_environment_is_the_services_too(void **state)
{
    (void)state;
    static const struct control from_environment = {.say = say};
    assert_true(SetEnvironmentVariableW(L"OMSGATEWAY_DATA", L"test service.data/named"));
    assert_int_equal(control_install(&from_environment), ERR_OK);
    assert_true(SetEnvironmentVariableW(L"OMSGATEWAY_DATA", NULL));
    unit_holds(strstr(created, "...\\named\"\n") != NULL, "%s", created);
}

/* Quoted so that Windows takes it apart again into the same words. */
static void the_command_line(void **state)
{
    (void)state;
    static WCHAR name[PATHS_MAX];
    static const struct {
        const WCHAR *program, *folder, *want;
    } rows[] = {
        {L"C:\\a.exe", NULL, L"\"C:\\a.exe\" run --service"},
        {L"C:\\Program Files\\a.exe", NULL, L"\"C:\\Program Files\\a.exe\" run --service"},
        {L"C:\\a.exe", L"D:\\b c", L"\"C:\\a.exe\" run --service --data \"D:\\b c\""},
        {L"C:\\a.exe", L"D:\\", L"\"C:\\a.exe\" run --service --data \"D:\\\\\""},
        {L"C:\\a.exe", L"\\\\?\\D:\\b", L"\"C:\\a.exe\" run --service --data \"\\\\?\\D:\\b\""},
    };
    struct host_request request;
    for (size_t i = 0; i < unit_count(rows); i++) {
        int count;
        unit_holds(host_request_build(&request, rows[i].program, rows[i].folder) == ERR_OK,
                   "row %zu", i);
        unit_holds(wcscmp(request.command, rows[i].want) == 0, "%ls", request.command);
        WCHAR **words = CommandLineToArgvW(request.command, &count);
        assert_non_null(words);
        unit_holds(count == (rows[i].folder ? 5 : 3), "row %zu: %d", i, count);
        unit_holds(wcscmp(words[0], rows[i].program) == 0, "%ls", words[0]);
        unit_holds(!rows[i].folder || wcscmp(words[4], rows[i].folder) == 0, "row %zu", i);
        LocalFree(words);
    }
    wmemset(name, L'x', PATHS_MAX - 1);
    assert_int_equal(host_request_build(&request, name, name), ERR_OK); /* no path is longer */
    static WCHAR longer[HOST_COMMAND_MAX];
    wmemset(longer, L'x', HOST_COMMAND_MAX - 1);
    assert_int_equal(host_request_build(&request, longer, NULL), ERR_LONG);
    assert_int_equal(host_request_build(&request, L"C:\\a.exe", longer), ERR_LONG);
}

/* Who may open it so may start it: it is the service's account that is refused. */
static void a_start_that_windows_refuses_is_explained(void **state)
{
    (void)state;
    start_error = ERROR_ACCESS_DENIED;
    assert_int_equal(control_start(&control), ERR_DENIED);
    assert_non_null(strstr(said, "the service's account may not run the program"));
    assert_null(strstr(said, "administrator"));
    start_error = ERROR_SERVICE_ALREADY_RUNNING;
    assert_int_equal(control_start(&control), ERR_OK);
    start_error = ERROR_SERVICE_DISABLED;
    assert_int_equal(control_start(&control), ERR_SYSTEM);
    assert_non_null(strstr(said, "starting the service, error of Windows 1058"));
}

/* By its path, so that no other program of that name is run; a manifest and the library's folder.
 */
static void the_counters_are_loaded_anew(void **state)
{
    (void)state;
    WCHAR system[MAX_PATH];
    char want[TEXT_MAX], folder[MAX_PATH];
    assert_int_equal(control_install(&control), ERR_OK);
    assert_true(GetSystemDirectoryW(system, MAX_PATH) > 0);
    const char *manifest = strstr(tools, "/m:\"");
    assert_non_null(manifest);
    (void)snprintf(folder, sizeof folder, "%.*s", (int)strcspn(manifest + 4, "\"") - 15,
                   manifest + 4);
    (void)snprintf(want, sizeof want,
                   "%ls\\unlodctr.exe: unlodctr /m:\"%s\\OMSGateway.man\"\n"
                   "%ls\\lodctr.exe: lodctr /m:\"%s\\OMSGateway.man\" \"%s\"\n",
                   system, folder, system, folder, folder);
    assert_string_equal(tools, want);
}

static void a_service_that_is_there_gets_the_same(void **state)
{
    (void)state;
    there = true;
    assert_int_equal(control_install(&control), ERR_OK);
    assert_non_null(strstr(created, "open OMSGatewayService f01ff\n"
                                    "change type 10 start 2 error 1 account "
                                    "NT SERVICE\\OMSGatewayService title OMS Gateway 1\n" LEVELS));
    assert_non_null(strstr(said, "installed already"));
}

static void what_windows_lacks_is_said_and_the_rest_is_done(void **state)
{
    (void)state;
    static const DWORD levels[] = {SERVICE_CONFIG_DESCRIPTION,
                                   SERVICE_CONFIG_SERVICE_SID_INFO,
                                   SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO,
                                   SERVICE_CONFIG_FAILURE_ACTIONS,
                                   SERVICE_CONFIG_FAILURE_ACTIONS_FLAG,
                                   SERVICE_CONFIG_PRESHUTDOWN_INFO};
    for (size_t i = 0; i < unit_count(levels); i++) {
        (void)begin(state);
        level_missing = levels[i];
        unit_holds(control_install(&control) == ERR_OK, "level %lu", levels[i]);
        size_t lines = 0;
        for (const char *c = created; *c; c++) {
            lines += *c == '\n';
        }
        unit_holds(lines == 4 + unit_count(levels) - 1, "level %lu: %s", levels[i], created);
        unit_holds(strstr(said, "this Windows has it not") != NULL, "level %lu", levels[i]);
    }
}

/* ---- running ---- */

struct life {
    DWORD control; /* what is sent */
    struct host_stop stop;
    size_t looks, reopens;
    uint32_t code;
};

static void count_look(void *context)
{
    ((struct life *)context)->looks++;
    assert_int_equal(handler(SERVICE_CONTROL_STOP, 0, NULL, NULL), NO_ERROR);
}

static void count_reopen(void *context)
{
    ((struct life *)context)->reopens++;
}

static uint32_t live(void *context)
{
    struct life *life = context;
    host_catch_stop();
    assert_true(host_is_service());
    host_tell(HOST_STARTING, 1000);
    host_tell(HOST_RUNNING, 0);
    assert_int_equal(handler(SERVICE_CONTROL_INTERROGATE, 0, NULL, NULL), NO_ERROR);
    assert_int_equal(handler(200, 0, NULL, NULL), ERROR_CALL_NOT_IMPLEMENTED);
    assert_int_equal(handler(life->control, 0, NULL, NULL), NO_ERROR);
    life->stop = host_wait_stop(&(struct host_calls){count_reopen, count_look, life});
    host_tell(HOST_STOPPING, 7000);
    return life->code;
}

static void lead(struct life *life)
{
    uint32_t code = 99;
    told_count = 0;
    assert_int_equal(host_serve(live, life, &code), ERR_OK);
    assert_int_equal(code, life->code);
    assert_int_equal(life->reopens, 0);
}

static void honest_states(void **state)
{
    (void)state;
    struct life life = {.control = SERVICE_CONTROL_PARAMCHANGE, .code = 401};
    static const SERVICE_STATUS want[] = {
        {0x10, SERVICE_START_PENDING, 0, 0, 0, 1, 30000},
        {0x10, SERVICE_START_PENDING, 0, 0, 0, 2, 1000},
        {0x10, SERVICE_RUNNING,
         SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_PRESHUTDOWN | SERVICE_ACCEPT_PARAMCHANGE, 0, 0, 0, 0},
        {0x10, SERVICE_STOP_PENDING, 0, 0, 0, 1, 30000},
        {0x10, SERVICE_STOP_PENDING, 0, 0, 0, 2, 7000},
        {0x10, SERVICE_STOPPED, 0, ERROR_SERVICE_SPECIFIC_ERROR, 401, 0, 0},
    };
    lead(&life);
    assert_int_equal(life.looks, 1);
    assert_string_equal(life.stop.reason, "the service was stopped");
    assert_int_equal(life.stop.drain_ms_max, UINT32_MAX);
    assert_int_equal(told_count, unit_count(want));
    for (size_t i = 0; i < told_count; i++) {
        unit_holds(memcmp(&told[i], &want[i], sizeof want[i]) == 0, "state %zu: %lu", i,
                   told[i].dwCurrentState);
    }
}

/* The first wish counts, so this has a process of its own: it is run with an argument. */
static void shutdown_leaves_less_time(void **state)
{
    (void)state;
    struct life life = {.control = SERVICE_CONTROL_PRESHUTDOWN};
    lead(&life);
    assert_string_equal(life.stop.reason, "Windows is shutting down");
    assert_int_equal(life.stop.drain_ms_max, 20000);
    assert_int_equal(told[told_count - 1].dwWin32ExitCode, NO_ERROR);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_asked_for, begin),
        cmocka_unit_test_setup(a_folder_of_the_environment_is_the_services_too, begin),
        cmocka_unit_test(the_command_line),
        cmocka_unit_test_setup(a_start_that_windows_refuses_is_explained, begin),
        cmocka_unit_test_setup(the_counters_are_loaded_anew, begin),
        cmocka_unit_test_setup(a_service_that_is_there_gets_the_same, begin),
        cmocka_unit_test_setup(what_windows_lacks_is_said_and_the_rest_is_done, begin),
        cmocka_unit_test_setup(honest_states, begin),
    };
    const struct CMUnitTest others[] = {
        cmocka_unit_test_setup(shutdown_leaves_less_time, begin),
    };
    (void)argv;
    return argc == 1 ? cmocka_run_group_tests_name("service", tests, NULL, NULL)
                     : cmocka_run_group_tests_name("service at shutdown", others, NULL, NULL);
}
