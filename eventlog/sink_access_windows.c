/*
 * The access log's file on Windows: rotated at 64 MiB. Others may read it and even rename it
 * meanwhile.
 */
#include "eventlog/sink_access_file.h"

#include "sys/files.h"
#include "sys/sys_wide_windows.h"

uint64_t sink_access_rotate_bytes(void)
{
    return UINT64_C(64) * 1024 * 1024;
}

enum err sink_access_file_open(const char *path, intptr_t *file, uint64_t *size)
{
    struct sys_wide wide;
    LARGE_INTEGER seen;
    TRY(sys_to_path(path, &wide));
    HANDLE opened = CreateFileW(wide.text, FILE_APPEND_DATA,
                                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                                OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    if (opened == INVALID_HANDLE_VALUE) {
        return files_err(GetLastError());
    }
    *size = GetFileSizeEx(opened, &seen) ? (uint64_t)seen.QuadPart : 0;
    *file = (intptr_t)opened;
    return ERR_OK;
}

enum err sink_access_file_write(intptr_t file, struct span bytes, size_t *wrote)
{
    DWORD count = 0;
    CHECK(bytes.len <= SINK_ACCESS_BUFFER);
    bool done = WriteFile((HANDLE)file, bytes.at, (DWORD)bytes.len, &count, NULL);
    *wrote = count;
    if (!done) {
        return files_err(GetLastError());
    }
    return count == bytes.len ? ERR_OK : ERR_DISK_FULL;
}

void sink_access_file_close(intptr_t file)
{
    CHECK(CloseHandle((HANDLE)file));
}
