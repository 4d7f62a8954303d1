/*
 * Memory in large pieces, straight from the system. Address space costs nothing until it is
 * touched: what the data path may ever need is reserved at start, and what stands idle goes back
 * while its address space stays.
 */
#ifndef SYS_MEMORY_H
#define SYS_MEMORY_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* `bytes` of address space that is zero when it is first used; NULL: the system refused. */
void *memory_reserve(size_t bytes);
void memory_release(void *start, size_t bytes); /* all of what was reserved */

/* Makes a part of it usable: to be asked before the first use. False: the system has no more. */
bool memory_commit(void *start, size_t bytes);

/* The contents are not needed any more; the memory stays usable. Whole pages inside are freed. */
void memory_discard(void *start, size_t bytes);

#endif
