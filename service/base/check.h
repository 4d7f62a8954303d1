/*
 * Checks of our own invariants, always on, and the one attribute every room uses.
 *
 * A CHECK states what this program guarantees about itself. Bytes from a peer, a file or an
 * administrator can never trip one: those are judged, and the answer is an enum err. A failed
 * CHECK prints where and what, then ends the process; whoever supervises it starts it again.
 */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

/* The attribute is a compiler's matter, not a platform's: gcc and clang know it everywhere. */
#if defined(__GNUC__)
#define MUST_CHECK __attribute__((warn_unused_result))
#else
#define MUST_CHECK
#endif

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            check_failed(__FILE__, __LINE__, #condition);                                          \
        }                                                                                          \
    } while (0)

/* For a place that cannot be reached: CHECK_NEVER("sentence that says why"). */
#define CHECK_NEVER(why) check_failed(__FILE__, __LINE__, why)

_Noreturn void check_failed(const char *file, int line, const char *what);

/*
 * Called once with the sentence of the failed check, before the process ends. It may leave by
 * longjmp (the tests do) and is then set anew; when it returns the process ends. Set at start, by
 * one thread. A thread whose CHECK fails meanwhile waits for the end that is already coming.
 */
void check_set_hook(void (*hook)(const char *sentence));

#endif
