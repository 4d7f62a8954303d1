/*
 * Where a failed CHECK ends. Owns the hook; knows nothing of logs or services: whoever wants the
 * sentence elsewhere than on stderr sets the hook.
 */
#include "base/check.h"

#include "base/atom.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static void (*check_hook)(const char *sentence);
static struct atom_u64 check_ending; /* the thread that is ending the process; 0: none */

/* errno is an object of which every thread has its own, so its address names the thread. */
static uint64_t check_this_thread(void)
{
    return (uintptr_t)&errno;
}

void check_set_hook(void (*hook)(const char *sentence))
{
    check_hook = hook;
    atom_store(&check_ending, 0);
}

/* Whether this thread is the first to end the process, not one that fails inside its own hook; a
 * thread that comes while another is at it stays here. */
static bool check_begin_end(void)
{
    uint64_t ending = 0;
    while (!atom_swap_if(&check_ending, &ending, check_this_thread())) {
        if (ending == check_this_thread()) {
            return false;
        }
        ending = 0;
    }
    return true;
}

void check_failed(const char *file, int line, const char *what)
{
    char sentence[512];
    (void)snprintf(sentence, sizeof sentence, "%s:%d: CHECK failed: %s", file, line, what);
    if (check_begin_end() && check_hook) {
        check_hook(sentence);
    }
    (void)fprintf(stderr, "%s\n", sentence);
    (void)fflush(stderr);
    abort();
}
