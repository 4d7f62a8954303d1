/*
 * Where a failed CHECK ends. Owns the hook; knows nothing of logs or services: whoever wants the
 * sentence elsewhere than on stderr sets the hook.
 */
#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

static void (*check_hook)(const char *sentence);

void check_set_hook(void (*hook)(const char *sentence))
{
    check_hook = hook;
}

void check_failed(const char *file, int line, const char *what)
{
    char sentence[512];
    (void)snprintf(sentence, sizeof sentence, "%s:%d: CHECK failed: %s", file, line, what);
    void (*hook)(const char *) = check_hook;
    check_hook = NULL; /* a check that fails inside the hook must not come back here for ever */
    if (hook) {
        hook(sentence);
    }
    (void)fprintf(stderr, "%s\n", sentence);
    (void)fflush(stderr);
    abort();
}
