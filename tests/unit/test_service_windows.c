/*
 * Proves what Windows is asked for when the service is installed, at the call itself: account,
 * command line, rights, recovery, and the rights on its folder as SDDL. And what the process tells
 * the service controller: this test plays the controller. The linker puts the functions of this
 * file in the place of Windows' own (--wrap).
 */
#include "host/control.h"
#include "host/host_windows.h"
#include "unit/unit.h"

#include <windows.h>

#include <aclapi.h>
#include <openssl/evp.h>
#include <sddl.h>

enum { TEXT_MAX = 2048, CALLS_MAX = 16 };

#define MANAGER ((SC_HANDLE)(uintptr_t)0x11)
#define SERVICE ((SC_HANDLE)(uintptr_t)0x22)
#define STATUS  ((SERVICE_STATUS_HANDLE)(uintptr_t)0x33)

static DWORD level_missing;          /* this one Windows has not */
static bool there;                   /* the service is installed already */
static char created[TEXT_MAX];       /* what was asked for, a line a call */
static char said[TEXT_MAX];          /* what control.h said */
static char folder_rights[TEXT_MAX]; /* SDDL of the last folder */
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

typedef BOOL WINAPI make_folder_type(const WCHAR *path, SECURITY_ATTRIBUTES *rights);
extern make_folder_type *__real___imp_CreateDirectoryW;

static BOOL WINAPI make_folder(const WCHAR *path, SECURITY_ATTRIBUTES *rights)
{
    WCHAR *text;
    assert_non_null(rights);
    assert_true(ConvertSecurityDescriptorToStringSecurityDescriptorW(
        rights->lpSecurityDescriptor, SDDL_REVISION_1, DACL_SECURITY_INFORMATION, &text, NULL));
    (void)snprintf(folder_rights, sizeof folder_rights, "%ls", text);
    LocalFree(text);
    return __real___imp_CreateDirectoryW(path, rights);
}

static const WCHAR *folder_owner; /* SDDL; NULL: Windows does not tell */

static DWORD WINAPI tell_owner(const WCHAR *path, SE_OBJECT_TYPE type, SECURITY_INFORMATION what,
                               PSID *owner, PSID *group, ACL **rights, ACL **audit,
                               PSECURITY_DESCRIPTOR *about)
{
    BOOL by_default;
    assert_int_equal(wcscmp(path, L"test service.data/inner"), 0);
    assert_int_equal(type, SE_FILE_OBJECT);
    assert_int_equal(what, OWNER_SECURITY_INFORMATION);
    assert_true(!group && !rights && !audit);
    if (!folder_owner) {
        return ERROR_ACCESS_DENIED;
    }
    assert_true(ConvertStringSecurityDescriptorToSecurityDescriptorW(folder_owner, SDDL_REVISION_1,
                                                                     about, NULL));
    assert_true(GetSecurityDescriptorOwner(*about, owner, &by_default));
    return ERROR_SUCCESS;
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
WRAP(CreateDirectoryW, make_folder);
WRAP(GetNamedSecurityInfoW, tell_owner);
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
    created[0] = said[0] = folder_rights[0] = tools[0] = '\0';
    tool_error = ERROR_FILE_NOT_FOUND;
    folder_owner = L"O:BA";
    level_missing = 0;
    there = false;
    told_count = 0;
    (void)RemoveDirectoryW(L"test service.data\\inner");
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
                        "create OMSGatewayService 'OMS Gateway' type 10 start 2 error 1 account "
                        "NT SERVICE\\OMSGatewayService ...\\inner\"\n" LEVELS);
    assert_string_equal(said,
                        "Performance Monitor was not told of the counters: lodctr ended with 2\n");
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
        unit_holds(lines == 2 + unit_count(levels) - 1, "level %lu: %s", levels[i], created);
        unit_holds(strstr(said, "this Windows has it not") != NULL, "level %lu", levels[i]);
    }
}

/* S-1-5-80- and the five words of the SHA-1 of the service's name in capitals, as UTF-16. */
static void service_sid(char *place, size_t size)
{
    WCHAR name[] = HOST_SERVICE_NAME;
    uint32_t words[5];
    unsigned len = 0;
    CharUpperW(name);
    assert_int_equal(EVP_Digest(name, wcslen(name) * sizeof *name, (unsigned char *)words, &len,
                                EVP_sha1(), NULL),
                     1);
    assert_int_equal(len, sizeof words);
    (void)snprintf(place, size, "S-1-5-80-%u-%u-%u-%u-%u", words[0], words[1], words[2], words[3],
                   words[4]);
}

static void the_folder_is_made_with_its_rights(void **state)
{
    (void)state;
    char sid[100], want[TEXT_MAX];
    service_sid(sid, sizeof sid);
    (void)snprintf(want, sizeof want,
                   "D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1301bf;;;%s)"
                   "(A;OICI;FA;;;OW)",
                   sid);
    assert_int_equal(control_install(&control), ERR_OK);
    assert_string_equal(folder_rights, want);
}

static void my_owner(WCHAR *place, size_t max)
{
    HANDLE token;
    DWORD len;
    WCHAR *sid;
    union {
        TOKEN_USER user;
        BYTE room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } mine;
    assert_true(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token));
    assert_true(GetTokenInformation(token, TokenUser, &mine, sizeof mine, &len));
    assert_true(ConvertSidToStringSidW(mine.user.User.Sid, &sid));
    (void)swprintf(place, max, L"O:%ls", sid);
    LocalFree(sid);
    CloseHandle(token);
}

/* Anybody may make a folder in ProgramData before us, and would own what is kept there. */
static void a_folder_that_a_plain_user_made_is_refused(void **state)
{
    WCHAR mine[200];
    const struct {
        const WCHAR *owner;
        bool safe;
    } rows[] = {
        {L"O:SY", true},
        {L"O:BA", true},
        {L"O:S-1-5-80-1904136137-1979377742-768396267-4009604827-1382213832", true},
        {mine, true},
        {L"O:BU", false},
        {L"O:WD", false},
        {L"O:LS", false},
        {L"O:S-1-5-21-1-2-3-1001", false},
        {L"O:S-1-5-80-1904136137-1979377742-768396267-4009604827-1382213833", false},
        {NULL, false},
    };
    my_owner(mine, unit_count(mine));
    for (size_t i = 0; i < unit_count(rows); i++) {
        (void)begin(state);
        folder_owner = rows[i].owner;
        enum err err = control_install(&control);
        unit_holds((err == ERR_OK) == rows[i].safe, "%ls: %d", rows[i].owner, (int)err);
        unit_holds(err == ERR_OK || err == ERR_FOLDER_UNSAFE, "%ls: %d", rows[i].owner, (int)err);
        unit_holds((strstr(created, "create ") != NULL) == rows[i].safe, "%ls", rows[i].owner);
    }
    assert_non_null(strstr(said, "belongs to another user"));
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
        cmocka_unit_test_setup(the_counters_are_loaded_anew, begin),
        cmocka_unit_test_setup(a_service_that_is_there_gets_the_same, begin),
        cmocka_unit_test_setup(what_windows_lacks_is_said_and_the_rest_is_done, begin),
        cmocka_unit_test_setup(the_folder_is_made_with_its_rights, begin),
        cmocka_unit_test_setup(a_folder_that_a_plain_user_made_is_refused, begin),
        cmocka_unit_test_setup(honest_states, begin),
    };
    const struct CMUnitTest others[] = {
        cmocka_unit_test_setup(shutdown_leaves_less_time, begin),
    };
    (void)argv;
    return argc == 1 ? cmocka_run_group_tests_name("service", tests, NULL, NULL)
                     : cmocka_run_group_tests_name("service at shutdown", others, NULL, NULL);
}
