/*
 * paths.h on Windows.
 */
#define SECURITY_WIN32

#include "sys/paths.h"

#include "base/out.h"
#include "sys/sys_wide_windows.h"

#include <security.h>
#include <shlobj.h>
#include <string.h>

/* FOLDERID_ProgramData: the environment's %ProgramData% can be another one in a service. */
static const KNOWNFOLDERID SYS_PROGRAM_DATA = {
    0x62AB5D82, 0xFDC1, 0x4DC3, {0xA9, 0xDD, 0x07, 0x0D, 0x1D, 0x49, 0x5D, 0x97}};

enum err paths_join(const char *folder, const char *name, char *place)
{
    struct out out;
    struct span head = span_str(folder), tail = span_str(name);
    out_begin(&out, place, PATHS_MAX);
    out_put(&out, head);
    if (tail.len > 0 && !span_ends_with(head, span_str("/")) &&
        !span_ends_with(head, span_str("\\"))) {
        out_char(&out, '\\');
    }
    out_put(&out, tail);
    return out_end(&out);
}

static enum err sys_system_folder(char *place)
{
    char root[PATHS_MAX];
    WCHAR *wide = NULL;
    enum err err = ERR_FOLDER_NONE;
    if (SHGetKnownFolderPath(&SYS_PROGRAM_DATA, 0, NULL, &wide) == S_OK) {
        err = sys_from_wide(wide, root, sizeof root);
    }
    CoTaskMemFree(wide);
    return err == ERR_OK ? paths_join(root, "OMS Gateway", place) : err;
}

/*
 * Beyond 260 characters Windows, and SQLite, need the path from the root with \\?\ in front. A path
 * on another machine stays as it is: a store does not belong there.
 */
static enum err sys_fit(char *folder)
{
    enum { SYS_SHORT = 200 }; /* leaves room for the files in it */
    struct sys_wide wide;
    WCHAR full[PATHS_MAX];
    TRY(sys_to_wide(folder, &wide));
    DWORD len = GetFullPathNameW(wide.text, PATHS_MAX, full, NULL);
    if (len == 0 || len >= PATHS_MAX) {
        return ERR_LONG;
    }
    if (len < SYS_SHORT || full[0] == L'\\') {
        return ERR_OK;
    }
    memcpy(folder, "\\\\?\\", 4);
    return sys_from_wide(full, folder + 4, PATHS_MAX - 4);
}

static enum err sys_find_data(const char *given, struct paths_data *data)
{
    WCHAR wide[PATHS_MAX];
    if (given) {
        data->choice = PATHS_GIVEN;
        return given[0] != '\0' ? paths_join(given, "", data->folder) : ERR_FOLDER_NONE;
    }
    DWORD len = GetEnvironmentVariableW(L"OMSGATEWAY_DATA", wide, PATHS_MAX);
    if (len >= PATHS_MAX) {
        return ERR_LONG;
    }
    if (len > 0) {
        data->choice = PATHS_ENVIRONMENT;
        return sys_from_wide(wide, data->folder, sizeof data->folder);
    }
    data->choice = PATHS_SYSTEM;
    return sys_system_folder(data->folder);
}

enum err paths_find_data(const char *given, struct paths_data *data)
{
    TRY(sys_find_data(given, data));
    return sys_fit(data->folder);
}

void paths_user(char place[PATHS_USER_MAX])
{
    WCHAR wide[PATHS_USER_MAX];
    ULONG len = PATHS_USER_MAX;
    struct out out;
    if (GetUserNameExW(NameSamCompatible, wide, &len) &&
        sys_from_wide(wide, place, PATHS_USER_MAX) == ERR_OK) {
        return;
    }
    out_begin(&out, place, PATHS_USER_MAX);
    out_str(&out, "unknown");
}
