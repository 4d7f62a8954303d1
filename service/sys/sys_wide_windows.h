/*
 * Text and paths between the program's UTF-8 and Windows' UTF-16, for files on Windows alone.
 */
#ifndef SYS_SYS_WIDE_WINDOWS_H
#define SYS_SYS_WIDE_WINDOWS_H

#include "base/utf.h"
#include "sys/paths.h"

#include <windows.h>

_Static_assert(sizeof(WCHAR) == sizeof(uint16_t), "a unit of UTF-16");

struct sys_wide {
    WCHAR text[PATHS_MAX];
};

static inline enum err sys_to_wide(const char *text, struct sys_wide *wide)
{
    size_t count;
    TRY(utf_to_16(span_str(text), (void *)wide->text, PATHS_MAX - 1, &count));
    wide->text[count] = L'\0';
    return ERR_OK;
}

/*
 * A path as Windows takes it at any length: beyond 260 characters the one from the root, with \\?\
 * in front. One on another machine stays as it is.
 */
MUST_CHECK enum err sys_to_path(const char *path, struct sys_wide *wide);

/* `size` with the NUL. */
static inline enum err sys_from_wide(const WCHAR *wide, char *place, size_t size)
{
    size_t count;
    TRY(utf_from_16((const void *)wide, wcslen(wide), place, size - 1, &count));
    place[count] = '\0';
    return ERR_OK;
}

#endif
