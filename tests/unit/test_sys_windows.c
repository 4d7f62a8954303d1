/*
 * Proves which names Windows gets for files and folders: one that lies deep gets the form that it
 * takes at any length, any other one stays as it was given. Wine takes every length, so only the
 * name itself can tell. That a file which another program holds is met as such. And, at the calls
 * themselves (--wrap), whose addresses are ours and whether a crash leaves a dump.
 */
#include <winsock2.h>

#include "sys/files.h"
#include "sys/machine.h"
#include "sys/own.h"
#include "sys/paths.h"
#include "sys/secrets.h"
#include "sys/sys_wide_windows.h"
#include "unit/unit.h"

#include <iphlpapi.h>

#define LONG  "C:/a/../b/" SIXTY "/" SIXTY "/" SIXTY "/\xE7\xBD\x91"
#define FULL  "\\\\?\\C:\\b\\" SIXTY "\\" SIXTY "\\" SIXTY "\\\xE7\xBD\x91"
#define SIXTY "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void deep_folders_get_the_long_form(void **state)
{
    (void)state;
    static const struct {
        const char *given, *want;
    } rows[] = {
        {LONG, FULL},
        {FULL, FULL},
        {"C:/data", "C:/data"},
        {"data", "data"},
        {"\\\\server\\" SIXTY "\\" SIXTY "\\" SIXTY, "\\\\server\\" SIXTY "\\" SIXTY "\\" SIXTY},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct paths_data data;
        unit_holds(paths_find_data(rows[i].given, &data) == ERR_OK, "%s", rows[i].given);
        unit_holds(strcmp(data.folder, rows[i].want) == 0, "%s: %s", rows[i].given, data.folder);
    }
}

/* A file in a short folder has no folder's long form to come from. */
static void deep_files_are_reached(void **state)
{
    (void)state;
    static const struct {
        const char *given, *want;
    } rows[] = {
        {LONG, FULL},
        {FULL, FULL},
        {"C:/data/a.log", "C:/data/a.log"},
        {"C:/data/" SIXTY "/../" SIXTY "/..", "C:/data/" SIXTY "/../" SIXTY "/.."},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct sys_wide wide;
        char back[PATHS_MAX];
        unit_holds(sys_to_path(rows[i].given, &wide) == ERR_OK, "%s", rows[i].given);
        unit_holds(sys_from_wide(wide.text, back, sizeof back) == ERR_OK, "%s", rows[i].given);
        unit_holds(strcmp(back, rows[i].want) == 0, "%s: %s", rows[i].given, back);
    }
}

/* The gateway's own files are known in a folder that has the long form, too, where no slash counts.
 */
static void own_files_are_known_by_the_long_form(void **state)
{
    (void)state;
    static const char *const names[] = {"\\secret.key", "\\other.name", "\\counters.map"};
    char folder[PATHS_MAX] = "\\\\?\\", path[PATHS_MAX + 20];
    struct sys_wide full, other;
    DWORD len = GetFullPathNameW(L"test_sys_windows.data", PATHS_MAX, full.text, NULL);
    assert_true(len > 0 && len < PATHS_MAX);
    assert_int_equal(sys_from_wide(full.text, folder + 4, PATHS_MAX - 4), ERR_OK);
    assert_int_equal(files_make_folder(folder), ERR_OK);
    (void)snprintf(path, sizeof path, "%s%s", folder, names[0]);
    assert_int_equal(files_write(path, span_str("a key")), ERR_OK);
    assert_int_equal(sys_to_path(path, &full), ERR_OK);
    (void)snprintf(path, sizeof path, "%s%s", folder, names[1]);
    assert_int_equal(sys_to_path(path, &other), ERR_OK);
    (void)DeleteFileW(other.text);
    assert_true(CreateHardLinkW(other.text, full.text, NULL));
    for (size_t i = 0; i < unit_count(names); i++) { /* there, there by another name, not there */
        (void)snprintf(path, sizeof path, "%s%s", folder, names[i]);
        unit_holds(own_is_path(folder, path), "%s", path);
    }
    (void)snprintf(path, sizeof path, "%s\\access.log", folder);
    assert_false(own_is_path(folder, path));
}

/* As a virus scanner does at every start: what was sealed with it is not lost. */
static void a_key_that_is_held_is_no_lost_one(void **state)
{
    (void)state;
    static const char key[] = "test_sys_windows.data/secret.key";
    uint8_t sealed[SECRETS_SEALED_MAX], plain[SECRETS_PLAIN_MAX];
    size_t len, plain_len;
    struct span context = span_str("context");
    assert_int_equal(files_make_folder("test_sys_windows.data"), ERR_OK);
    assert_int_equal(secrets_seal("test_sys_windows.data", context, span_str("x"), sealed, &len),
                     ERR_OK);
    HANDLE held = CreateFileA(key, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    assert_true(held != INVALID_HANDLE_VALUE);
    assert_int_equal(
        secrets_unseal("test_sys_windows.data", context, span_of(sealed, len), plain, &plain_len),
        ERR_IN_USE);
    assert_true(CloseHandle(held));
    assert_int_equal(
        secrets_unseal("test_sys_windows.data", context, span_of(sealed, len), plain, &plain_len),
        ERR_OK);
}

/* ---- the machine ---- */

static UINT mode;

static UINT WINAPI take_mode(UINT given)
{
    mode = given;
    return 0;
}

void *__wrap___imp_SetErrorMode = (void *)(uintptr_t)take_mode;

/* Windows Error Reporting, which writes dumps, is not asked: this flag says so. */
static void a_crash_leaves_a_dump_only_where_that_was_asked_for(void **state)
{
    (void)state;
    machine_keep_dumps(false);
    assert_int_equal(mode, SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
    machine_keep_dumps(true);
    assert_int_equal(mode, SEM_FAILCRITICALERRORS);
}

static ULONG wanted; /* the bytes that all adapters take */
static size_t asked;

/* This one is declared without an import's pointer. */
ULONG WINAPI __wrap_GetAdaptersAddresses(ULONG family, ULONG flags, void *reserved,
                                         IP_ADAPTER_ADDRESSES *place, ULONG *bytes);

ULONG WINAPI __wrap_GetAdaptersAddresses(ULONG family, ULONG flags, void *reserved,
                                         IP_ADAPTER_ADDRESSES *place, ULONG *bytes)
{
    static struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = 0x01020a0a};
    static IP_ADAPTER_UNICAST_ADDRESS one = {
        .Address = {(struct sockaddr *)&address, sizeof address}};
    (void)flags;
    assert_true(family == AF_UNSPEC && !reserved && place);
    asked++;
    if (*bytes < wanted) {
        *bytes = wanted;
        return ERROR_BUFFER_OVERFLOW;
    }
    *place = (IP_ADAPTER_ADDRESSES){.FirstUnicastAddress = &one};
    return NO_ERROR;
}

/* Many adapters take more room than is offered at first: nobody's address is forgotten for that. */
static void own_addresses_need_any_room(void **state)
{
    (void)state;
    struct addr addrs[4];
    wanted = 1;
    assert_int_equal(machine_addresses(addrs, 4), 1);
    assert_int_equal(asked, 1);
    wanted = 1000 * 1000;
    assert_int_equal(machine_addresses(addrs, 4), 1);
    assert_int_equal(asked, 3);
    assert_memory_equal(addrs[0].bytes, "\x0a\x0a\x02\x01", 4);
}

static void what_no_name_can_hold_is_long(void **state)
{
    (void)state;
    static char given[4 * PATHS_MAX];
    struct paths_data data;
    memset(given, 'x', sizeof given - 1);
    assert_int_equal(paths_find_data(given, &data), ERR_LONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deep_folders_get_the_long_form),
        cmocka_unit_test(deep_files_are_reached),
        cmocka_unit_test(own_files_are_known_by_the_long_form),
        cmocka_unit_test(a_key_that_is_held_is_no_lost_one),
        cmocka_unit_test(a_crash_leaves_a_dump_only_where_that_was_asked_for),
        cmocka_unit_test(own_addresses_need_any_room),
        cmocka_unit_test(what_no_name_can_hold_is_long),
    };
    return cmocka_run_group_tests_name("sys on Windows", tests, NULL, NULL);
}
