/*
 * thread.h over slim locks and condition variables, which need no clean-up.
 */
#include "sys/thread.h"

#include "sys/sys_wide_windows.h"

#include <process.h>
#include <string.h>
#include <windows.h>

_Static_assert(sizeof(SRWLOCK) <= sizeof(struct sys_lock), "room of a lock");
_Static_assert(sizeof(CONDITION_VARIABLE) <= sizeof(struct sys_signal), "room of a signal");
_Static_assert(sizeof(HANDLE) <= sizeof(((struct sys_thread *)0)->room), "room of a thread");

static SRWLOCK *sys_slim(struct sys_lock *lock)
{
    return (void *)lock->room;
}

static CONDITION_VARIABLE *sys_condition(struct sys_signal *signal)
{
    return (void *)signal->room;
}

static HANDLE *sys_handle(struct sys_thread *thread)
{
    return (void *)thread->room;
}

void sys_lock_init(struct sys_lock *lock)
{
    InitializeSRWLock(sys_slim(lock));
}

void sys_lock_end(struct sys_lock *lock)
{
    (void)lock;
}

void sys_lock_take(struct sys_lock *lock)
{
    AcquireSRWLockExclusive(sys_slim(lock));
}

void sys_lock_give(struct sys_lock *lock)
{
    ReleaseSRWLockExclusive(sys_slim(lock));
}

void sys_signal_init(struct sys_signal *signal)
{
    InitializeConditionVariable(sys_condition(signal));
}

void sys_signal_end(struct sys_signal *signal)
{
    (void)signal;
}

void sys_signal_wait(struct sys_signal *signal, struct sys_lock *lock)
{
    CHECK(SleepConditionVariableSRW(sys_condition(signal), sys_slim(lock), INFINITE, 0));
}

void sys_signal_wait_ms(struct sys_signal *signal, struct sys_lock *lock, uint32_t ms)
{
    CHECK(SleepConditionVariableSRW(sys_condition(signal), sys_slim(lock), ms, 0) ||
          GetLastError() == ERROR_TIMEOUT);
}

void sys_signal_one(struct sys_signal *signal)
{
    WakeConditionVariable(sys_condition(signal));
}

void sys_signal_all(struct sys_signal *signal)
{
    WakeAllConditionVariable(sys_condition(signal));
}

static unsigned __stdcall sys_thread_main(void *context)
{
    struct sys_thread *thread = context;
    thread->run(thread->context);
    return 0;
}

enum err sys_thread_start(struct sys_thread *thread, void (*run)(void *context), void *context)
{
    thread->run = run;
    thread->context = context;
    uintptr_t handle = _beginthreadex(NULL, 0, sys_thread_main, thread, 0, NULL);
    *sys_handle(thread) = (HANDLE)handle;
    return handle != 0 ? ERR_OK : ERR_SYSTEM;
}

void sys_thread_join(struct sys_thread *thread)
{
    CHECK(WaitForSingleObject(*sys_handle(thread), INFINITE) == WAIT_OBJECT_0);
    CHECK(CloseHandle(*sys_handle(thread)));
}

/* Windows Server 2012 R2 does not know the call. */
void sys_thread_name(const char *name)
{
    HRESULT(WINAPI * describe)(HANDLE, PCWSTR);
    struct sys_wide wide;
    FARPROC found = GetProcAddress(GetModuleHandleW(L"kernelbase.dll"), "SetThreadDescription");
    memcpy(&describe, &found, sizeof describe);
    if (found && sys_to_wide(name, &wide) == ERR_OK) {
        (void)describe(GetCurrentThread(), wide.text);
    }
}
