/*
 * The tests' threads over POSIX.
 */
#include "unit/threads.h"

#include "base/check.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

struct thread {
    pthread_t handle;
    void (*body)(void *);
    void *arg;
};

static void *thread_main(void *arg)
{
    struct thread *thread = arg;
    thread->body(thread->arg);
    return NULL;
}

struct thread *thread_start(void (*body)(void *), void *arg)
{
    struct thread *thread = malloc(sizeof *thread);
    CHECK(thread);
    thread->body = body;
    thread->arg = arg;
    CHECK(pthread_create(&thread->handle, NULL, thread_main, thread) == 0);
    return thread;
}

void thread_join(struct thread *thread)
{
    CHECK(pthread_join(thread->handle, NULL) == 0);
    free(thread);
}

void thread_pause(void)
{
    (void)sched_yield();
}
