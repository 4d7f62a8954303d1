/*
 * terminal.h on Windows: a console speaks UTF-16, a pipe or file bytes. As on Linux Ctrl-C becomes
 * a character while nothing is shown.
 */
#include "host/terminal.h"

#include "base/utf.h"
#include "sys/secrets.h"

#include <windows.h>

#include <stdio.h>

enum { TERMINAL_CTRL_C = 3, TERMINAL_LINE_MAX = 1024 };

bool terminal_is_there(void)
{
    DWORD mode;
    return GetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), &mode) != 0;
}

static enum err terminal_take_line(HANDLE console, uint8_t *place, size_t max, size_t *len)
{
    WCHAR wide[TERMINAL_LINE_MAX];
    DWORD count = 0;
    enum err err =
        ReadConsoleW(console, wide, TERMINAL_LINE_MAX, &count, NULL) ? ERR_OK : ERR_SYSTEM;
    for (DWORD i = 0; i < count && err == ERR_OK; i++) {
        err = wide[i] == TERMINAL_CTRL_C ? ERR_CANCELLED : ERR_OK;
    }
    if (err == ERR_OK && (count == 0 || wide[count - 1] != L'\n')) {
        err = ERR_LONG;
    }
    if (err == ERR_OK) {
        err = utf_from_16((const void *)wide, count, (char *)place, max, len);
    }
    sys_wipe(wide, sizeof wide);
    return err;
}

enum err terminal_ask(const char *prompt, uint8_t *place, size_t max, size_t *len)
{
    HANDLE console = GetStdHandle(STD_INPUT_HANDLE);
    DWORD before;
    *len = 0;
    if (!GetConsoleMode(console, &before) || !SetConsoleMode(console, ENABLE_LINE_INPUT)) {
        return ERR_SYSTEM;
    }
    (void)fputs(prompt, stderr);
    enum err err = terminal_take_line(console, place, max, len);
    (void)fputs("\n", stderr);
    return SetConsoleMode(console, before) ? err : ERR_SYSTEM;
}

enum err terminal_read(uint8_t *place, size_t max, size_t *len)
{
    for (*len = 0; *len < max;) {
        DWORD got = 0;
        if (!ReadFile(GetStdHandle(STD_INPUT_HANDLE), place + *len, (DWORD)(max - *len), &got,
                      NULL)) {
            return GetLastError() == ERROR_BROKEN_PIPE ? ERR_OK : ERR_SYSTEM;
        }
        if (got == 0) {
            return ERR_OK;
        }
        *len += got;
    }
    return ERR_LONG;
}
