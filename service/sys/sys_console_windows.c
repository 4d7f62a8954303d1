/*
 * console.h on Windows: a console takes UTF-16, so its code page, which other programs share, stays
 * as it is. Text is handed over in pieces that end at a character.
 */
#include "sys/console.h"

#include "base/utf.h"

#include <windows.h>

#include <io.h>

enum { SYS_CONSOLE_PIECE = 2048 };

/* The console behind a stream; NULL where it is a file, a pipe, or nothing. */
static HANDLE sys_console(FILE *stream)
{
    DWORD mode;
    int number = _fileno(stream); /* negative: a service has none */
    HANDLE handle = number < 0 ? INVALID_HANDLE_VALUE : (HANDLE)_get_osfhandle(number);
    bool device = handle != INVALID_HANDLE_VALUE && GetFileType(handle) == FILE_TYPE_CHAR;
    return device && GetConsoleMode(handle, &mode) ? handle : NULL;
}

static void sys_console_write(HANDLE console, struct span text)
{
    WCHAR wide[SYS_CONSOLE_PIECE];
    DWORD put;
    size_t count;
    while (text.len > 0) {
        struct span piece = utf_first(text, SYS_CONSOLE_PIECE);
        if (piece.len == 0 || utf_to_16(piece, (void *)wide, SYS_CONSOLE_PIECE, &count) != ERR_OK) {
            return; /* no UTF-8: nobody of us prints that */
        }
        (void)WriteConsoleW(console, wide, (DWORD)count, &put, NULL);
        text = span_after(text, piece.len);
    }
}

void console_put(FILE *stream, struct span text)
{
    HANDLE console = sys_console(stream);
    if (console) {
        (void)fflush(stream);
        sys_console_write(console, text);
    } else if (text.len > 0) {
        (void)fwrite(text.at, 1, text.len, stream);
    }
}
