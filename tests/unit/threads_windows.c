/*
 * The tests' threads over Windows.
 */
#include "unit/threads.h"

#include "base/check.h"

#include <process.h>
#include <stdint.h>
#include <stdlib.h>
#include <windows.h>

struct thread {
    HANDLE handle;
    void (*body)(void *);
    void *arg;
};

static unsigned __stdcall thread_main(void *arg)
{
    struct thread *thread = arg;
    thread->body(thread->arg);
    return 0;
}

struct thread *thread_start(void (*body)(void *), void *arg)
{
    struct thread *thread = malloc(sizeof *thread);
    CHECK(thread);
    thread->body = body;
    thread->arg = arg;
    thread->handle = (HANDLE)_beginthreadex(NULL, 0, thread_main, thread, 0, NULL);
    CHECK(thread->handle);
    return thread;
}

void thread_join(struct thread *thread)
{
    CHECK(WaitForSingleObject(thread->handle, INFINITE) == WAIT_OBJECT_0);
    CHECK(CloseHandle(thread->handle));
    free(thread);
}

void thread_pause(void)
{
    (void)SwitchToThread();
}
