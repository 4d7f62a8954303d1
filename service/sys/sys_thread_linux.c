/*
 * thread.h over POSIX threads.
 */
#define _POSIX_C_SOURCE 200809L

#include "sys/thread.h"

#include <errno.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <time.h>

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(struct sys_lock), "room of a lock");
_Static_assert(sizeof(pthread_cond_t) <= sizeof(struct sys_signal), "room of a signal");
_Static_assert(sizeof(pthread_t) <= sizeof(((struct sys_thread *)0)->room), "room of a thread");

static pthread_mutex_t *sys_mutex(struct sys_lock *lock)
{
    return (void *)lock->room;
}

static pthread_cond_t *sys_cond(struct sys_signal *signal)
{
    return (void *)signal->room;
}

static pthread_t *sys_pthread(struct sys_thread *thread)
{
    return (void *)thread->room;
}

void sys_lock_init(struct sys_lock *lock)
{
    CHECK(pthread_mutex_init(sys_mutex(lock), NULL) == 0);
}

void sys_lock_end(struct sys_lock *lock)
{
    CHECK(pthread_mutex_destroy(sys_mutex(lock)) == 0);
}

void sys_lock_take(struct sys_lock *lock)
{
    CHECK(pthread_mutex_lock(sys_mutex(lock)) == 0);
}

void sys_lock_give(struct sys_lock *lock)
{
    CHECK(pthread_mutex_unlock(sys_mutex(lock)) == 0);
}

void sys_signal_init(struct sys_signal *signal)
{
    pthread_condattr_t attributes; /* waiting with an end must not depend on the wall clock */
    CHECK(pthread_condattr_init(&attributes) == 0);
    CHECK(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(sys_cond(signal), &attributes) == 0);
    CHECK(pthread_condattr_destroy(&attributes) == 0);
}

void sys_signal_end(struct sys_signal *signal)
{
    CHECK(pthread_cond_destroy(sys_cond(signal)) == 0);
}

void sys_signal_wait(struct sys_signal *signal, struct sys_lock *lock)
{
    CHECK(pthread_cond_wait(sys_cond(signal), sys_mutex(lock)) == 0);
}

void sys_signal_wait_ms(struct sys_signal *signal, struct sys_lock *lock, uint32_t ms)
{
    struct timespec end;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &end) == 0);
    end.tv_sec += (time_t)(ms / 1000);
    end.tv_nsec += (long)(ms % 1000) * 1000000;
    if (end.tv_nsec >= 1000000000) {
        end.tv_nsec -= 1000000000;
        end.tv_sec++;
    }
    int code = pthread_cond_timedwait(sys_cond(signal), sys_mutex(lock), &end);
    CHECK(code == 0 || code == ETIMEDOUT);
}

void sys_signal_one(struct sys_signal *signal)
{
    CHECK(pthread_cond_signal(sys_cond(signal)) == 0);
}

void sys_signal_all(struct sys_signal *signal)
{
    CHECK(pthread_cond_broadcast(sys_cond(signal)) == 0);
}

static void *sys_thread_main(void *context)
{
    struct sys_thread *thread = context;
    thread->run(thread->context);
    return NULL;
}

enum err sys_thread_start(struct sys_thread *thread, void (*run)(void *context), void *context)
{
    thread->run = run;
    thread->context = context;
    int failed = pthread_create(sys_pthread(thread), NULL, sys_thread_main, thread);
    return failed == 0 ? ERR_OK : ERR_SYSTEM;
}

void sys_thread_join(struct sys_thread *thread)
{
    CHECK(pthread_join(*sys_pthread(thread), NULL) == 0);
}

void sys_thread_name(const char *name)
{
    CHECK(prctl(PR_SET_NAME, name, 0, 0, 0) == 0);
}
