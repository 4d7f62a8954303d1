/*
 * Proves who may use the data folder on Windows, at the calls themselves: the rights of a folder
 * that is made, which folder of which owner and with which rights is used, and how one is shut.
 * Wine keeps no rights, so the linker puts the functions of this file in the place of Windows' own.
 */
#include "sys/files.h"
#include "sys/sys_rights_windows.h"
#include "unit/unit.h"

#include <aclapi.h>
#include <openssl/evp.h>
#include <sddl.h>

enum { TEXT_MAX = 1024 };

#define FOLDER  "test_rights.data"
#define SERVICE L"S-1-5-80-1904136137-1979377742-768396267-4009604827-1382213832"
#define ACES    L"(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1301bf;;;" SERVICE L")(A;OICI;FA;;;OW)"
#define OURS    L"D:PAI" ACES /* of a folder that is made */

static char made[TEXT_MAX], set[TEXT_MAX]; /* as SDDL */
static const WCHAR *folder, *inside;       /* SDDL of the folder and of what is in it */
static DWORD refusal;                      /* Windows tells nothing, for this reason */
static unsigned asked_by_path;

/* ---- Windows, played ---- */

static void print(PSECURITY_DESCRIPTOR about, SECURITY_INFORMATION what, char place[TEXT_MAX])
{
    WCHAR *text;
    size_t len = strlen(place);
    assert_true(ConvertSecurityDescriptorToStringSecurityDescriptorW(about, SDDL_REVISION_1, what,
                                                                     &text, NULL));
    (void)snprintf(place + len, TEXT_MAX - len, "%ls\n", text);
    LocalFree(text);
}

typedef BOOL WINAPI make_folder_type(const WCHAR *path, SECURITY_ATTRIBUTES *rights);
extern make_folder_type *__real___imp_CreateDirectoryW;

static BOOL WINAPI make_folder(const WCHAR *path, SECURITY_ATTRIBUTES *rights)
{
    assert_non_null(rights);
    made[0] = '\0';
    print(rights->lpSecurityDescriptor, DACL_SECURITY_INFORMATION, made);
    return __real___imp_CreateDirectoryW(path, rights);
}

static DWORD tell(const WCHAR *text, SECURITY_INFORMATION what, PSID *owner, ACL **rights,
                  PSECURITY_DESCRIPTOR *about)
{
    BOOL there, by_default;
    if (refusal != 0) {
        return refusal;
    }
    assert_true(
        ConvertStringSecurityDescriptorToSecurityDescriptorW(text, SDDL_REVISION_1, about, NULL));
    if (what & OWNER_SECURITY_INFORMATION) {
        assert_true(GetSecurityDescriptorOwner(*about, owner, &by_default));
    }
    if (what & DACL_SECURITY_INFORMATION) {
        assert_true(GetSecurityDescriptorDacl(*about, &there, rights, &by_default));
        *rights = there ? *rights : NULL;
    }
    return ERROR_SUCCESS;
}

static DWORD WINAPI tell_by_path(const WCHAR *path, SE_OBJECT_TYPE type, SECURITY_INFORMATION what,
                                 PSID *owner, PSID *group, ACL **rights, ACL **audit,
                                 PSECURITY_DESCRIPTOR *about)
{
    assert_int_equal(type, SE_FILE_OBJECT);
    assert_true(!group && !audit);
    asked_by_path++;
    return tell(wcsstr(path, L"planted") ? inside : folder, what, owner, rights, about);
}

static DWORD WINAPI tell_of_open(HANDLE file, SE_OBJECT_TYPE type, SECURITY_INFORMATION what,
                                 PSID *owner, PSID *group, ACL **rights, ACL **audit,
                                 PSECURITY_DESCRIPTOR *about)
{
    DWORD flags;
    assert_int_equal(type, SE_FILE_OBJECT);
    assert_true(!group && !audit && GetHandleInformation(file, &flags)); /* not closed before */
    return tell(folder, what, owner, rights, about);
}

static bool listing_fails;

typedef BOOL WINAPI find_next_type(HANDLE listing, WIN32_FIND_DATAW *entry);
extern find_next_type *__real___imp_FindNextFileW;

static BOOL WINAPI find_next(HANDLE listing, WIN32_FIND_DATAW *entry)
{
    if (listing_fails) {
        SetLastError(ERROR_ACCESS_DENIED);
        return FALSE;
    }
    return __real___imp_FindNextFileW(listing, entry);
}

static DWORD WINAPI take(WCHAR *path, SE_OBJECT_TYPE type, SECURITY_INFORMATION what, PSID owner,
                         PSID group, ACL *rights, ACL *audit)
{
    SECURITY_DESCRIPTOR about;
    assert_int_equal(wcscmp(path, L"" FOLDER), 0);
    assert_int_equal(type, SE_FILE_OBJECT);
    assert_true(!group && !audit);
    assert_true(InitializeSecurityDescriptor(&about, SECURITY_DESCRIPTOR_REVISION));
    if (what & PROTECTED_DACL_SECURITY_INFORMATION) {
        assert_true(SetSecurityDescriptorControl(&about, SE_DACL_PROTECTED, SE_DACL_PROTECTED));
    }
    assert_true(SetSecurityDescriptorDacl(&about, TRUE, rights, FALSE));
    assert_true(SetSecurityDescriptorOwner(&about, owner, FALSE));
    print(&about, what & (OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION), set);
    folder = L"O:BA" OURS; /* as it is from now on */
    return ERROR_SUCCESS;
}

static bool is_link;

typedef BOOL WINAPI describe_type(HANDLE file, BY_HANDLE_FILE_INFORMATION *about);
extern describe_type *__real___imp_GetFileInformationByHandle;

static BOOL WINAPI describe(HANDLE file, BY_HANDLE_FILE_INFORMATION *about)
{
    BOOL known = __real___imp_GetFileInformationByHandle(file, about);
    about->dwFileAttributes |= is_link ? FILE_ATTRIBUTE_REPARSE_POINT : 0;
    return known;
}

#define WRAP(name, ours) void *__wrap___imp_##name = (void *)(uintptr_t)ours
WRAP(CreateDirectoryW, make_folder);
WRAP(GetFileInformationByHandle, describe);
WRAP(FindNextFileW, find_next);
WRAP(GetNamedSecurityInfoW, tell_by_path);
WRAP(GetSecurityInfo, tell_of_open);
WRAP(SetNamedSecurityInfoW, take);

/* ---- what is proven ---- */

static int begin(void **state)
{
    (void)state;
    made[0] = set[0] = '\0';
    refusal = 0;
    is_link = listing_fails = false;
    asked_by_path = 0;
    folder = inside = L"O:BA" OURS;
    enum err err = files_remove(FOLDER "/planted.db");
    return (err == ERR_OK || err == ERR_ABSENT) && files_make_folder(FOLDER) == ERR_OK ? 0 : 1;
}

/* S-1-5-80- and the five words of the SHA-1 of the service's name in capitals, as UTF-16. */
static void the_service_sid_is_its_names(void **state)
{
    (void)state;
    static const WCHAR name[] = L"OMSGATEWAYSERVICE";
    uint32_t words[5];
    unsigned len = 0;
    WCHAR want[100];
    assert_int_equal(EVP_Digest(name, wcslen(name) * sizeof *name, (unsigned char *)words, &len,
                                EVP_sha1(), NULL),
                     1);
    assert_int_equal(len, sizeof words);
    (void)swprintf(want, unit_count(want), L"S-1-5-80-%u-%u-%u-%u-%u", words[0], words[1], words[2],
                   words[3], words[4]);
    assert_int_equal(wcscmp(want, SERVICE), 0);
}

static void a_folder_is_made_with_its_rights(void **state)
{
    (void)state;
    char want[TEXT_MAX];
    (void)snprintf(want, sizeof want, "%ls\n", OURS);
    assert_string_equal(made, want);
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
    (void)swprintf(place, max, L"O:%lsD:(A;;FA;;;%ls)", sid, sid);
    LocalFree(sid);
    CloseHandle(token);
}

/* Anybody may make a folder in ProgramData before us, and would own what is kept there. */
static void owner_and_rights_are_judged(void **state)
{
    (void)state;
    WCHAR mine[300];
    const struct {
        const WCHAR *about;
        enum err want;
    } rows[] = {
        {L"O:SY" OURS, ERR_OK},
        {L"O:BA" OURS, ERR_OK},
        {L"O:" SERVICE OURS, ERR_OK},
        {mine, ERR_OK},
        {L"O:BU" OURS, ERR_FOLDER_UNSAFE},
        {L"O:WD" OURS, ERR_FOLDER_UNSAFE},
        {L"O:LS" OURS, ERR_FOLDER_UNSAFE},
        {L"O:S-1-5-21-1-2-3-1001" OURS, ERR_FOLDER_UNSAFE},
        {L"O:S-1-5-80-1904136137-1979377742-768396267-4009604827-1382213833" OURS,
         ERR_FOLDER_UNSAFE},
        /* As Explorer makes one in D:\, and as SYSTEM makes one in ProgramData. */
        {L"O:BAD:AI(A;OICIID;FA;;;BA)(A;OICIID;FA;;;SY)(A;OICIID;0x1301bf;;;AU)"
         L"(A;OICIID;0x1200a9;;;BU)",
         ERR_FOLDER_OPEN},
        {L"O:SYD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIIOID;GA;;;CO)"
         L"(A;OICIID;0x1200a9;;;BU)(A;CIID;DCLCRPCR;;;BU)",
         ERR_FOLDER_OPEN},
        {L"O:BAD:(A;OICI;FA;;;BA)(A;OICI;FR;;;BU)", ERR_FOLDER_OPEN}, /* secret.key is read */
        {L"O:BAD:(A;OICI;FA;;;BA)(A;OICIIO;GR;;;WD)", ERR_FOLDER_OPEN},
        {L"O:BAD:(A;;0x2;;;S-1-5-21-1-2-3-1001)", ERR_FOLDER_OPEN}, /* makes files */
        {L"O:BAD:(A;;0x40;;;AU)", ERR_FOLDER_OPEN},                 /* removes them */
        {L"O:BAD:(A;;WD;;;BU)", ERR_FOLDER_OPEN},                   /* gives himself rights */
        {L"O:BAD:(A;;WO;;;BU)", ERR_FOLDER_OPEN},
        {L"O:BAD:(A;;0x100;;;BU)", ERR_FOLDER_OPEN}, /* makes a link of it */
        {L"O:BAD:(D;;FA;;;BU)(A;;FR;;;BU)", ERR_FOLDER_OPEN},
        {L"O:BA", ERR_FOLDER_OPEN}, /* no list at all: everybody may do everything */
        /* Nobody gets in. */
        {L"O:BAD:", ERR_OK},
        {L"O:BAD:(D;OICI;FA;;;WD)(A;OICI;FA;;;BA)", ERR_OK},
        {L"O:BAD:(A;OICI;FA;;;BA)(A;;0x1200a0;;;BU)", ERR_OK}, /* passes through */
        {L"O:BAD:(A;OICI;FA;;;BA)(A;OICIIO;FA;;;CO)", ERR_OK}, /* only who is in makes files */
    };
    my_owner(mine, unit_count(mine));
    for (size_t i = 0; i < unit_count(rows); i++) {
        folder = rows[i].about;
        enum err err = files_make_folder(FOLDER);
        unit_holds(err == rows[i].want, "%ls: %s", rows[i].about, err_name(err));
    }
    assert_int_equal(asked_by_path, 0); /* where another folder may lie by then */
}

/* Not elevated, an administrator gets nothing told: the folder is no stranger's for that. */
static void what_is_not_told_is_no_trap(void **state)
{
    (void)state;
    refusal = ERROR_ACCESS_DENIED;
    assert_int_equal(files_make_folder(FOLDER), ERR_DENIED);
}

static void an_open_folder_is_shut(void **state)
{
    (void)state;
    char which[PATHS_MAX], want[TEXT_MAX];
    folder = L"O:BAD:(A;OICI;FA;;;AU)";
    assert_int_equal(sys_rights_set(FOLDER, which), ERR_OK);
    (void)snprintf(want, sizeof want, "%ls\nO:BA\n", L"D:P" ACES); /* AI is Windows' to add */
    unit_holds(strcmp(set, want) == 0, "%s", set);
}

/* What every user may lay in ProgramData: its target would be given to us, or get our rights. */
static void a_folder_that_leads_elsewhere_is_refused(void **state)
{
    (void)state;
    char which[PATHS_MAX];
    is_link = true;
    assert_int_equal(files_make_folder(FOLDER), ERR_FOLDER_UNSAFE);
    assert_int_equal(sys_rights_set(FOLDER, which), ERR_FOLDER_UNSAFE);
    assert_string_equal(set, "");
}

/* A stranger's folder stays his; his file in ours could be the next gateway.db, and he owns it. */
static void whose_it_is_decides(void **state)
{
    (void)state;
    char which[PATHS_MAX];
    folder = L"O:BUD:(A;OICI;FA;;;BU)";
    assert_int_equal(sys_rights_set(FOLDER, which), ERR_FOLDER_UNSAFE);
    assert_string_equal(set, "");
    assert_string_equal(which, FOLDER);
    folder = L"O:BAD:(A;OICI;FA;;;BU)";
    inside = L"O:S-1-5-21-1-2-3-1001D:(A;ID;FA;;;BU)";
    assert_int_equal(files_create(FOLDER "/planted.db"), ERR_OK);
    assert_int_equal(sys_rights_set(FOLDER, which), ERR_FOLDER_UNSAFE);
    assert_string_equal(which, FOLDER "\\planted.db");
    inside = L"O:BAD:(A;ID;FA;;;BA)";
    assert_int_equal(sys_rights_set(FOLDER, which), ERR_OK);
    listing_fails = true; /* what was not seen is not judged */
    assert_int_equal(sys_rights_set(FOLDER, which), ERR_DENIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_service_sid_is_its_names),
        cmocka_unit_test_setup(a_folder_is_made_with_its_rights, begin),
        cmocka_unit_test_setup(owner_and_rights_are_judged, begin),
        cmocka_unit_test_setup(what_is_not_told_is_no_trap, begin),
        cmocka_unit_test_setup(an_open_folder_is_shut, begin),
        cmocka_unit_test_setup(a_folder_that_leads_elsewhere_is_refused, begin),
        cmocka_unit_test_setup(whose_it_is_decides, begin),
    };
    return cmocka_run_group_tests_name("rights", tests, NULL, NULL);
}
