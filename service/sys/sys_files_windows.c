/*
 * files.h on Windows. A new file is written under another name first and takes its place by a
 * rename that is written through. Rights come from the folder, which is made with them at once:
 * sys_rights_windows.h.
 */
#include "sys/files.h"

#include "base/out.h"
#include "sys/sys.h"
#include "sys/sys_rights_windows.h"
#include "sys/sys_wide_windows.h"

static const DWORD SYS_SHARED = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

enum err files_err(int64_t number)
{
    switch (number) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
    case ERROR_DIRECTORY:
        return ERR_ABSENT;
    case ERROR_ALREADY_EXISTS:
    case ERROR_FILE_EXISTS:
        return ERR_EXISTS;
    case ERROR_ACCESS_DENIED:
    case ERROR_WRITE_PROTECT:
        return ERR_DENIED;
    case ERROR_SHARING_VIOLATION:
        return ERR_IN_USE;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
        return ERR_DISK_FULL;
    case ERROR_FILENAME_EXCED_RANGE:
        return ERR_LONG;
    default:
        return ERR_SYSTEM;
    }
}

static enum err sys_result(BOOL well)
{
    return well ? ERR_OK : files_err(GetLastError());
}

static enum err sys_open(const char *path, DWORD access, DWORD disposition, HANDLE *file)
{
    struct sys_wide wide;
    TRY(sys_to_path(path, &wide));
    /* A folder is opened only where it is asked what it is. */
    DWORD how = access == FILE_READ_ATTRIBUTES ? FILE_FLAG_BACKUP_SEMANTICS : FILE_ATTRIBUTE_NORMAL;
    *file = CreateFileW(wide.text, access, SYS_SHARED, NULL, disposition, how, NULL);
    return sys_result(*file != INVALID_HANDLE_VALUE);
}

enum err files_make_folder(const char *path)
{
    struct sys_wide wide;
    SECURITY_ATTRIBUTES rights = {.nLength = sizeof rights};
    TRY(sys_to_path(path, &wide));
    TRY(sys_rights_make(&rights.lpSecurityDescriptor));
    for (WCHAR *at = wide.text; *at != L'\0'; at++) {
        if (at > wide.text && (*at == L'\\' || *at == L'/')) {
            WCHAR separator = *at;
            *at = L'\0';
            (void)CreateDirectoryW(wide.text, &rights); /* the last one tells */
            *at = separator;
        }
    }
    enum err err = sys_result(CreateDirectoryW(wide.text, &rights));
    LocalFree(rights.lpSecurityDescriptor);
    return err == ERR_OK || err == ERR_EXISTS ? sys_rights_judge(wide.text) : err;
}

enum err files_read(const char *path, void *place, size_t max, size_t *len)
{
    HANDLE file;
    LARGE_INTEGER size;
    DWORD got = 0;
    *len = 0;
    TRY(sys_open(path, GENERIC_READ, OPEN_EXISTING, &file));
    enum err err = sys_result(GetFileSizeEx(file, &size));
    if (err == ERR_OK && (uint64_t)size.QuadPart > max) {
        err = ERR_LONG;
    }
    if (err == ERR_OK) {
        err = sys_result(ReadFile(file, place, (DWORD)size.QuadPart, &got, NULL));
    }
    CloseHandle(file);
    *len = got;
    return err;
}

static enum err sys_write_all(HANDLE file, struct span bytes)
{
    DWORD put;
    CHECK(bytes.len <= UINT32_MAX);
    TRY(sys_result(WriteFile(file, bytes.at, (DWORD)bytes.len, &put, NULL)));
    return put == bytes.len ? sys_result(FlushFileBuffers(file)) : ERR_DISK_FULL;
}

/* A file of this thread beside `path` that holds the bytes, safe on the disk. */
static enum err sys_write_beside(const char *path, struct span bytes, struct sys_wide *beside)
{
    char name[PATHS_MAX];
    struct out out;
    HANDLE file;
    out_begin(&out, name, sizeof name);
    out_str(&out, path);
    out_char(&out, '.');
    out_hex(&out, GetCurrentProcessId());
    out_char(&out, '.');
    out_hex(&out, GetCurrentThreadId());
    TRY(out_end(&out));
    TRY(sys_to_path(name, beside));
    TRY(sys_open(name, GENERIC_WRITE, CREATE_ALWAYS, &file));
    enum err err = sys_write_all(file, bytes);
    CloseHandle(file);
    if (err != ERR_OK) {
        DeleteFileW(beside->text);
    }
    return err;
}

static enum err sys_write(const char *path, struct span bytes, DWORD how)
{
    struct sys_wide beside, wide;
    TRY(sys_to_path(path, &wide));
    TRY(sys_write_beside(path, bytes, &beside));
    enum err err = sys_result(MoveFileExW(beside.text, wide.text, how | MOVEFILE_WRITE_THROUGH));
    if (err != ERR_OK) {
        DeleteFileW(beside.text);
    }
    return err;
}

enum err files_write(const char *path, struct span bytes)
{
    return sys_write(path, bytes, MOVEFILE_REPLACE_EXISTING);
}

enum err files_write_new(const char *path, struct span bytes)
{
    return sys_write(path, bytes, 0);
}

enum err files_create(const char *path)
{
    HANDLE file;
    TRY(sys_open(path, GENERIC_READ | GENERIC_WRITE, OPEN_ALWAYS, &file));
    CloseHandle(file);
    return ERR_OK;
}

enum err files_identify(const char *path, struct files_identity *identity)
{
    HANDLE file;
    BY_HANDLE_FILE_INFORMATION about;
    TRY(sys_open(path, FILE_READ_ATTRIBUTES, OPEN_EXISTING, &file));
    enum err err = sys_result(GetFileInformationByHandle(file, &about));
    CloseHandle(file);
    TRY(err);
    const FILETIME *changed = &about.ftLastWriteTime;
    identity->volume = about.dwVolumeSerialNumber;
    identity->file = (uint64_t)about.nFileIndexHigh << 32 | about.nFileIndexLow;
    identity->size = (uint64_t)about.nFileSizeHigh << 32 | about.nFileSizeLow;
    identity->folder = about.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY;
    identity->changed_ns = ((uint64_t)changed->dwHighDateTime << 32 | changed->dwLowDateTime) * 100;
    return ERR_OK;
}

enum err files_rename(const char *from, const char *to)
{
    struct sys_wide wide_from, wide_to;
    TRY(sys_to_path(from, &wide_from));
    TRY(sys_to_path(to, &wide_to));
    return sys_result(MoveFileExW(wide_from.text, wide_to.text,
                                  MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH));
}

enum err files_remove(const char *path)
{
    struct sys_wide wide;
    TRY(sys_to_path(path, &wide));
    return sys_result(DeleteFileW(wide.text));
}

enum err files_touch(const char *path)
{
    HANDLE file;
    FILETIME now;
    TRY(sys_open(path, FILE_WRITE_ATTRIBUTES, OPEN_EXISTING, &file));
    GetSystemTimeAsFileTime(&now);
    enum err err = sys_result(SetFileTime(file, NULL, NULL, &now));
    CloseHandle(file);
    return err;
}

enum err files_lock_take(struct files_lock *lock, const char *path, int32_t wait_ms)
{
    HANDLE file;
    OVERLAPPED first_byte = {0};
    DWORD how = LOCKFILE_EXCLUSIVE_LOCK |
                (wait_ms == FILES_WAIT_EVER ? 0U : (DWORD)LOCKFILE_FAIL_IMMEDIATELY);
    uint64_t end_ms = sys_monotonic_ms() + (uint64_t)wait_ms;
    CHECK(!lock->taken);
    TRY(sys_open(path, GENERIC_READ | GENERIC_WRITE, OPEN_ALWAYS, &file));
    while (!LockFileEx(file, how, 0, 1, 0, &first_byte)) {
        bool held = GetLastError() == ERROR_LOCK_VIOLATION || GetLastError() == ERROR_IO_PENDING;
        if (!held || sys_monotonic_ms() >= end_ms) {
            enum err err = held ? ERR_EXISTS : sys_result(FALSE);
            CloseHandle(file);
            return err;
        }
        Sleep(FILES_STEP_MS);
    }
    *lock = (struct files_lock){.handle = (intptr_t)file, .taken = true};
    return ERR_OK;
}

void files_lock_give(struct files_lock *lock)
{
    OVERLAPPED first_byte = {0};
    HANDLE file = (HANDLE)lock->handle;
    CHECK(lock->taken);
    CHECK(UnlockFileEx(file, 0, 1, 0, &first_byte)); /* closing alone gives it back, only later */
    CHECK(CloseHandle(file));
    lock->taken = false;
}
