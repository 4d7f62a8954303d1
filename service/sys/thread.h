/*
 * Threads, as few words as the gateway needs: start and join, a lock, and a signal to wait for
 * under that lock. The loops share almost nothing; what they share is behind one short lock each.
 */
#ifndef SYS_THREAD_H
#define SYS_THREAD_H

#include "base/err.h"

#include <stdalign.h>

/* Room for the system's own objects, on x86 and arm64; sys_*.c checks that they fit. */
struct sys_lock {
    alignas(8) uint8_t room[48];
};

struct sys_signal {
    alignas(8) uint8_t room[48];
};

struct sys_thread {
    alignas(8) uint8_t room[8];
    void (*run)(void *context);
    void *context;
};

void sys_lock_init(struct sys_lock *lock);
void sys_lock_end(struct sys_lock *lock);
void sys_lock_take(struct sys_lock *lock);
void sys_lock_give(struct sys_lock *lock);

void sys_signal_init(struct sys_signal *signal);
void sys_signal_end(struct sys_signal *signal);
void sys_signal_wait(struct sys_signal *signal, struct sys_lock *lock); /* may wake for nothing */
/* The same, but not for longer than so long. */
void sys_signal_wait_ms(struct sys_signal *signal, struct sys_lock *lock, uint32_t ms);
void sys_signal_one(struct sys_signal *signal);
void sys_signal_all(struct sys_signal *signal);

/* The struct must stay where it is until the thread was joined. */
MUST_CHECK enum err sys_thread_start(struct sys_thread *thread, void (*run)(void *context),
                                     void *context);
void sys_thread_join(struct sys_thread *thread);

/* What this thread is called in a debugger and in what shows threads; at most 15 bytes. */
void sys_thread_name(const char *name);

#endif
