/*
 * paths.h on Windows.
 */
#include "sys/paths.h"

#include "base/out.h"
#include "sys/sys_rights_windows.h"
#include "sys/sys_wide_windows.h"

#include <shlobj.h>
#include <wchar.h>

/* FOLDERID_ProgramData: the environment's %ProgramData% can be another one in a service. */
static const KNOWNFOLDERID SYS_PROGRAM_DATA = {
    0x62AB5D82, 0xFDC1, 0x4DC3, {0xA9, 0xDD, 0x07, 0x0D, 0x1D, 0x49, 0x5D, 0x97}};

const char sys_separators[] = "\\/";

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

enum err sys_to_path(const char *path, struct sys_wide *wide)
{
    enum { SYS_SHORT = 200, SYS_PREFIX = 4 }; /* shorter leaves room for the files in it */
    WCHAR full[PATHS_MAX];
    TRY(sys_to_wide(path, wide));
    DWORD len = GetFullPathNameW(wide->text, PATHS_MAX, full, NULL);
    if (len >= PATHS_MAX - SYS_PREFIX) {
        return ERR_LONG;
    }
    if (len >= SYS_SHORT && full[0] != L'\\') {
        wmemcpy(wide->text, L"\\\\?\\", SYS_PREFIX);
        wmemcpy(wide->text + SYS_PREFIX, full, len + 1);
    }
    return ERR_OK;
}

/* Whoever is given the folder, SQLite too, makes paths of it: the long form must be in it. */
static enum err sys_fit(char *folder)
{
    struct sys_wide wide;
    TRY(sys_to_path(folder, &wide));
    return wide.text[0] == L'\\' ? sys_from_wide(wide.text, folder, PATHS_MAX) : ERR_OK;
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

/* DOMAIN\name; asked of the token and not of secur32, which loads every login protocol there is. */
static enum err sys_user(char place[PATHS_USER_MAX])
{
    struct sys_account mine;
    WCHAR domain[PATHS_USER_MAX], name[PATHS_USER_MAX];
    DWORD domain_len = PATHS_USER_MAX, name_len = PATHS_USER_MAX;
    SID_NAME_USE use;
    if (!sys_my_account(&mine) ||
        !LookupAccountSidW(NULL, mine.user.User.Sid, name, &name_len, domain, &domain_len, &use)) {
        return ERR_ABSENT;
    }
    domain[domain_len] = L'\\';
    if (domain_len + 1 + name_len >= PATHS_USER_MAX) {
        return ERR_LONG;
    }
    wmemcpy(domain + domain_len + 1, name, name_len + 1);
    return sys_from_wide(domain, place, PATHS_USER_MAX);
}

void paths_user(char place[PATHS_USER_MAX])
{
    struct out out;
    if (sys_user(place) != ERR_OK) {
        out_begin(&out, place, PATHS_USER_MAX);
        out_str(&out, "unknown");
    }
}
