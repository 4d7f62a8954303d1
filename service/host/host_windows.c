/*
 * The process on Windows: wmain, UTF-8 inside, and stopping by the console. Windows calls the
 * handler on a thread of its own and ends the process when it returns from a closing console, so
 * the handler of such an event waits until the process has ended by itself.
 */
#include "host/host.h"

#include "base/check.h"

#include <windows.h>

#include <stdlib.h>

const struct io_backend *host_backend(void)
{
    return &io_iocp;
}

static HANDLE host_stop;
static const char *volatile host_stop_reason = "";

static BOOL WINAPI host_on_control(DWORD control)
{
    host_stop_reason = control == CTRL_C_EVENT || control == CTRL_BREAK_EVENT
                           ? "Ctrl-C"
                           : "the console was closed or Windows is shutting down";
    CHECK(SetEvent(host_stop));
    if (control == CTRL_CLOSE_EVENT || control == CTRL_LOGOFF_EVENT ||
        control == CTRL_SHUTDOWN_EVENT) {
        Sleep(INFINITE);
    }
    return TRUE;
}

void host_catch_stop(void)
{
    host_stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    CHECK(host_stop);
    CHECK(SetConsoleCtrlHandler(NULL, FALSE)); /* a parent may have had Ctrl-C ignored */
    CHECK(SetConsoleCtrlHandler(host_on_control, TRUE));
}

const char *host_wait_stop(void (*reopen)(void *context), void *context)
{
    (void)reopen; /* the access log is rotated by size here */
    (void)context;
    CHECK(WaitForSingleObject(host_stop, INFINITE) == WAIT_OBJECT_0);
    return host_stop_reason;
}

/* UTF-16 as Windows hands it over may hold unpaired surrogates; they become U+FFFD here. */
static char *host_utf8(const wchar_t *wide)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
    CHECK(size > 0);
    char *narrow = malloc((size_t)size);
    CHECK(narrow);
    CHECK(WideCharToMultiByte(CP_UTF8, 0, wide, -1, narrow, size, NULL, NULL) == size);
    return narrow;
}

int wmain(int argc, wchar_t **wide);

int wmain(int argc, wchar_t **wide)
{
    (void)SetConsoleOutputCP(CP_UTF8); /* fails without a console, where nobody minds */
    char **argv = calloc((size_t)argc + 1, sizeof *argv);
    CHECK(argv);
    for (int i = 0; i < argc; i++) {
        argv[i] = host_utf8(wide[i]);
    }
    int status = host_main(argc, argv);
    for (int i = 0; i < argc; i++) {
        free(argv[i]);
    }
    free(argv);
    return status;
}
