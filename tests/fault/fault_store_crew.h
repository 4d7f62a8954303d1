/*
 * Other processes of the same program, for tests that need several: each runs with arguments of its
 * own and says what it did, one line at a time. They are killed without warning or waited for.
 */
#ifndef TESTS_FAULT_FAULT_STORE_CREW_H
#define TESTS_FAULT_FAULT_STORE_CREW_H

#include <stdbool.h>
#include <stddef.h>

enum { CREW_MAX = 16, CREW_LINE_MAX = 128 };

/* Of many moments at which a member could be killed, one in so many is tried. */
extern const unsigned crew_stride;

/* Starts member `who` (below CREW_MAX) of the program with these arguments, at most four. */
void crew_start(unsigned who, const char *program, const char *const *arguments, size_t count);
/* Waits for its next line, without the end of line; false: there is none any more. */
bool crew_read(unsigned who, char line[CREW_LINE_MAX]);
/* Ends it now, wherever it is: SIGKILL, TerminateProcess. */
void crew_kill(unsigned who);
/* Waits for its end; its exit status, -1 when it was killed. */
int crew_wait(unsigned who);
/* Lets the others run. */
void crew_pause(void);

#endif
