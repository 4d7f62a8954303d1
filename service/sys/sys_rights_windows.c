/*
 * sys_rights_windows.h: one list of who is no stranger, asked for owners and for entries alike.
 */
#include "sys/sys_rights_windows.h"

#include "sys/files.h"
#include "sys/sys_wide_windows.h"

#include <aclapi.h>
#include <sddl.h>

/*
 * System and administrators: all; the service: all but changing these rights; the owner, for a
 * folder that an ordinary user makes for himself: all. Nothing is inherited from above (P).
 */
#define SYS_SERVICE L"S-1-5-80-1904136137-1979377742-768396267-4009604827-1382213832"
static const WCHAR SYS_RIGHTS[] = L"D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"
                                  L"(A;OICI;0x1301bf;;;" SYS_SERVICE L")(A;OICI;FA;;;S-1-3-4)";

/* What a stranger may have: passing through, and looking at what the folder is, not into it. */
static const DWORD SYS_HARMLESS = FILE_TRAVERSE | FILE_READ_ATTRIBUTES | FILE_READ_EA |
                                  READ_CONTROL | SYNCHRONIZE | GENERIC_EXECUTE;

static enum err sys_result(DWORD code)
{
    return code == ERROR_SUCCESS ? ERR_OK : files_err(code);
}

enum err sys_rights_make(PSECURITY_DESCRIPTOR *rights)
{
    return ConvertStringSecurityDescriptorToSecurityDescriptorW(SYS_RIGHTS, SDDL_REVISION_1, rights,
                                                                NULL)
               ? ERR_OK
               : sys_result(GetLastError());
}

bool sys_my_account(struct sys_account *mine)
{
    HANDLE token;
    DWORD len;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) {
        return false;
    }
    bool known = GetTokenInformation(token, TokenUser, mine, sizeof *mine, &len);
    CloseHandle(token);
    return known;
}

static bool sys_is_me(PSID sid)
{
    struct sys_account mine;
    return sys_my_account(&mine) && EqualSid(sid, mine.user.User.Sid);
}

static bool sys_is_stranger(PSID sid)
{
    /* System, administrators, the service; whoever owns or makes a file, which none of else can. */
    static const WCHAR *const known[] = {L"S-1-5-18", L"S-1-5-32-544", SYS_SERVICE, L"S-1-3-0",
                                         L"S-1-3-4"};
    WCHAR *text;
    bool found = false;
    if (!ConvertSidToStringSidW(sid, &text)) {
        return true;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        found |= wcscmp(text, known[i]) == 0;
    }
    LocalFree(text);
    return !found && !sys_is_me(sid);
}

/* An entry that refuses takes nothing from what another one allows: so it does not count. */
static bool sys_is_open(ACL *rights)
{
    ACCESS_ALLOWED_ACE *entry;
    for (DWORD i = 0; rights && GetAce(rights, i, (void **)&entry); i++) {
        bool refuses = entry->Header.AceType == ACCESS_DENIED_ACE_TYPE;
        bool allows = entry->Header.AceType == ACCESS_ALLOWED_ACE_TYPE;
        if (!refuses && (!allows || ((entry->Mask & ~SYS_HARMLESS) != 0 &&
                                     sys_is_stranger(&entry->SidStart)))) {
            return true;
        }
    }
    return !rights; /* none at all: everybody may do everything */
}

static enum err sys_judge_owner(const WCHAR *path)
{
    PSID owner;
    PSECURITY_DESCRIPTOR about;
    TRY(sys_result(GetNamedSecurityInfoW(path, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION, &owner,
                                         NULL, NULL, NULL, &about)));
    bool strange = sys_is_stranger(owner);
    LocalFree(about);
    return strange ? ERR_FOLDER_UNSAFE : ERR_OK;
}

/* A junction, which every user may make, has a target with an owner and rights of its own. */
static enum err sys_open_folder(const WCHAR *path, DWORD shared, HANDLE *folder)
{
    BY_HANDLE_FILE_INFORMATION about;
    *folder = CreateFileW(path, FILE_LIST_DIRECTORY | READ_CONTROL, shared, NULL, OPEN_EXISTING,
                          FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (*folder == INVALID_HANDLE_VALUE) {
        return sys_result(GetLastError());
    }
    enum err err =
        GetFileInformationByHandle(*folder, &about) ? ERR_OK : sys_result(GetLastError());
    if (err == ERR_OK && (about.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT)) {
        err = ERR_FOLDER_UNSAFE;
    } else if (err == ERR_OK && !(about.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)) {
        err = ERR_FOLDER_FILE;
    }
    if (err != ERR_OK) {
        CloseHandle(*folder);
    }
    return err;
}

/* Of what was opened, whatever lies under its path by now. */
enum err sys_rights_judge(const WCHAR *path)
{
    PSID owner;
    ACL *rights;
    PSECURITY_DESCRIPTOR about;
    HANDLE folder;
    TRY(sys_open_folder(path, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, &folder));
    enum err err = sys_result(GetSecurityInfo(
        folder, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &owner,
        NULL, &rights, NULL, &about));
    CloseHandle(folder);
    TRY(err);
    err = sys_is_stranger(owner) ? ERR_FOLDER_UNSAFE : sys_is_open(rights) ? ERR_FOLDER_OPEN : err;
    LocalFree(about);
    return err;
}

/* ---- setting them ---- */

/* First the rights: they are what lets an administrator become the owner. */
static enum err sys_set(WCHAR *path)
{
    PSECURITY_DESCRIPTOR made;
    ACL *rights;
    BOOL there, by_default;
    BYTE administrators[SECURITY_MAX_SID_SIZE];
    DWORD len = sizeof administrators;
    CHECK(CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, administrators, &len));
    TRY(sys_rights_make(&made));
    CHECK(GetSecurityDescriptorDacl(made, &there, &rights, &by_default) && there);
    enum err err = sys_result(SetNamedSecurityInfoW(
        path, SE_FILE_OBJECT, DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION, NULL,
        NULL, rights, NULL));
    LocalFree(made);
    TRY(err);
    return sys_result(SetNamedSecurityInfoW(path, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION,
                                            administrators, NULL, NULL, NULL));
}

static enum err sys_judge_one(const char *folder, const WCHAR *name, char which[PATHS_MAX])
{
    char narrow[PATHS_MAX];
    struct sys_wide wide;
    if (wcscmp(name, L"..") == 0) {
        return ERR_OK;
    }
    TRY(sys_from_wide(name, narrow, sizeof narrow));
    TRY(paths_join(folder, narrow, which));
    TRY(sys_to_path(which, &wide));
    return sys_judge_owner(wide.text);
}

static enum err sys_judge_inside(const char *folder, char which[PATHS_MAX])
{
    WIN32_FIND_DATAW entry;
    struct sys_wide pattern;
    TRY(paths_join(folder, "*", which));
    TRY(sys_to_path(which, &pattern));
    HANDLE listing = FindFirstFileW(pattern.text, &entry);
    if (listing == INVALID_HANDLE_VALUE) {
        return sys_result(GetLastError());
    }
    enum err err;
    do {
        err = sys_judge_one(folder, entry.cFileName, which);
    } while (err == ERR_OK && FindNextFileW(listing, &entry));
    DWORD end = GetLastError();
    FindClose(listing);
    return err == ERR_OK && end != ERROR_NO_MORE_FILES ? sys_result(end) : err;
}

enum err sys_rights_set(const char *folder, char which[PATHS_MAX])
{
    struct sys_wide wide;
    HANDLE held;
    TRY(paths_join(folder, "", which));
    TRY(sys_to_path(folder, &wide));
    /* While it is held nobody puts another one, or a link, in its place. */
    TRY(sys_open_folder(wide.text, FILE_SHARE_READ, &held));
    enum err err = sys_judge_owner(wide.text);
    err = err == ERR_OK ? sys_set(wide.text) : err;
    err = err == ERR_OK ? sys_judge_inside(folder, which) : err;
    CloseHandle(held);
    return err;
}
