/*
 * A second thread for the tests that need one, the same on Linux and Windows. The body must not
 * assert: cmocka's assertions leave by longjmp, which ends in the first thread.
 */
#ifndef TESTS_UNIT_THREADS_H
#define TESTS_UNIT_THREADS_H

struct thread;

/* Runs body(arg) in a thread of its own; a machine that cannot ends the test. */
struct thread *thread_start(void (*body)(void *), void *arg);
/* Waits until the body has returned, and frees the thread. */
void thread_join(struct thread *thread);
/* Lets others run who are ready to; called while waiting for them. */
void thread_pause(void);

#endif
