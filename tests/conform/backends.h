/*
 * The backends that this program was built with (backends_linux.c or backends_windows.c), the
 * simulator among them, and a resolver whose names are made up, so that nothing is asked outside.
 */
#ifndef TESTS_CONFORM_BACKENDS_H
#define TESTS_CONFORM_BACKENDS_H

#include "conform/conform.h"

struct backend {
    const char *name;
    void (*begin)(struct conform *conform); /* fills in setup and what the backend can tell */
    void (*end)(struct conform *conform);
};

extern const struct backend backends[]; /* ends with a row without name */

enum { BACKEND_KEPT_MS = 600000 }; /* answers are kept so long: longer than a test may take */

/*
 * The names: good.test is 192.0.2.1, slow*.test are 192.0.2.2 but only once they are not held any
 * more, fixed.test is 192.0.2.9 in the table, failing.test fails, all others are unknown.
 */
void backend_begin_resolver(struct conform *conform, const struct resolve_setup *how);
void backend_end_resolver(struct conform *conform);
void backend_begin_threads(struct conform *conform); /* with threads that wait for the names */
void backend_hold_slow_names(bool hold);
uint32_t backend_times_asked(void);

/* The same resolver where nobody may wait: false while the name is held. */
bool backend_answer(struct span name, struct resolve_answer *answer);
void backend_count_asked(void);

/* The world of the simulator. */
void backend_begin_sim(struct conform *conform);
void backend_end_sim(struct conform *conform);

#endif
