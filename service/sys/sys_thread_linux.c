/*
 * thread.h over POSIX threads.
 */
#define _POSIX_C_SOURCE 200809L

#include "sys/thread.h"

#include <pthread.h>

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
    CHECK(pthread_cond_init(sys_cond(signal), NULL) == 0);
}

void sys_signal_end(struct sys_signal *signal)
{
    CHECK(pthread_cond_destroy(sys_cond(signal)) == 0);
}

void sys_signal_wait(struct sys_signal *signal, struct sys_lock *lock)
{
    CHECK(pthread_cond_wait(sys_cond(signal), sys_mutex(lock)) == 0);
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
