/*
 * The process on Windows: wmain, UTF-8 inside, and stopping by the console. Windows calls the
 * handler on a thread of its own and ends the process when it returns from a closing console, so
 * the handler of such an event waits until the process has ended by itself.
 */
#include "host/host_windows.h"

#include "base/check.h"

#include <windows.h>

#include <stdlib.h>

/* A word with a star is ours: the runtime makes no file names of it. */
int _dowildcard = 0;

enum { HOST_CLOSE_DRAIN_MS = 3000 }; /* Windows ends the process after five seconds */

const struct io_backend *host_backend(void)
{
    return &io_iocp;
}

static SRWLOCK host_lock = SRWLOCK_INIT;
static HANDLE host_stop, host_look;
static struct host_stop host_wish; /* under the lock; valid once host_stop is set */

void host_ask_stop(const struct host_stop *stop)
{
    AcquireSRWLockExclusive(&host_lock);
    if (!host_wish.reason) {
        host_wish = *stop;
    }
    ReleaseSRWLockExclusive(&host_lock);
    CHECK(SetEvent(host_stop));
}

void host_ask_look(void)
{
    CHECK(SetEvent(host_look));
}

static BOOL WINAPI host_on_control(DWORD control)
{
    static const struct host_stop by_key = {"Ctrl-C", UINT32_MAX};
    static const struct host_stop by_window = {"the console was closed or Windows is shutting down",
                                               HOST_CLOSE_DRAIN_MS};
    if (host_is_service()) {
        return TRUE; /* somebody logged off: no matter of a service */
    }
    bool closing = control != CTRL_C_EVENT && control != CTRL_BREAK_EVENT;
    host_ask_stop(closing ? &by_window : &by_key);
    if (closing) {
        Sleep(INFINITE);
    }
    return TRUE;
}

void host_catch_stop(void)
{
    host_stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    host_look = CreateEventW(NULL, FALSE, FALSE, NULL);
    CHECK(host_stop && host_look);
    CHECK(SetConsoleCtrlHandler(NULL, FALSE)); /* a parent may have had Ctrl-C ignored */
    CHECK(SetConsoleCtrlHandler(host_on_control, TRUE));
}

struct host_stop host_wait_stop(const struct host_calls *calls)
{
    HANDLE wishes[] = {host_stop, host_look}; /* the access log is rotated by size here */
    DWORD which;
    do {
        which = WaitForMultipleObjects(2, wishes, FALSE, INFINITE);
        CHECK(which == WAIT_OBJECT_0 || which == WAIT_OBJECT_0 + 1);
        if (which != WAIT_OBJECT_0) {
            calls->look(calls->context);
        }
    } while (which != WAIT_OBJECT_0);
    AcquireSRWLockShared(&host_lock);
    struct host_stop stop = host_wish;
    ReleaseSRWLockShared(&host_lock);
    return stop;
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
    host_harden();
    char **argv = calloc((size_t)argc + 1, sizeof *argv);
    CHECK(argv);
    for (int i = 0; i < argc; i++) {
        argv[i] = host_utf8(wide[i]);
    }
    return host_main(argc, argv); /* which moves the words about: they end with the process */
}
