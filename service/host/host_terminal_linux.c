/*
 * terminal.h on Linux. Ctrl-C must not end the process while the terminal shows nothing: it would
 * stay so. Hence signals from the keyboard are off meanwhile and Ctrl-C ends the line.
 */
#define _POSIX_C_SOURCE 200809L

#include "host/terminal.h"

#include <stdio.h>
#include <termios.h>
#include <unistd.h>

enum { TERMINAL_CTRL_C = 3 };

bool terminal_is_there(void)
{
    return isatty(STDIN_FILENO) == 1;
}

/* Up to the end of a line, or of the input. */
static enum err terminal_take(uint8_t *place, size_t max, size_t *len, bool line)
{
    for (*len = 0; *len < max;) {
        ssize_t got = read(STDIN_FILENO, place + *len, line ? 1 : max - *len);
        if (got < 0) {
            return ERR_SYSTEM;
        }
        *len += (size_t)got;
        uint8_t last = *len > 0 ? place[*len - 1] : 0;
        if (got == 0 || (line && last == '\n')) {
            return ERR_OK;
        }
        if (line && last == TERMINAL_CTRL_C) {
            return ERR_CANCELLED;
        }
    }
    return ERR_LONG;
}

enum err terminal_ask(const char *prompt, uint8_t *place, size_t max, size_t *len)
{
    struct termios before, quiet;
    *len = 0;
    if (tcgetattr(STDIN_FILENO, &before) != 0) {
        return ERR_SYSTEM;
    }
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    quiet.c_cc[VEOL] = TERMINAL_CTRL_C;
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) != 0) {
        return ERR_SYSTEM;
    }
    (void)fputs(prompt, stderr);
    enum err err = terminal_take(place, max, len, true);
    (void)fputs("\n", stderr);
    return tcsetattr(STDIN_FILENO, TCSAFLUSH, &before) == 0 ? err : ERR_SYSTEM;
}

enum err terminal_read(uint8_t *place, size_t max, size_t *len)
{
    return terminal_take(place, max, len, false);
}
