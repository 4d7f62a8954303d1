/*
 * The operating system, as far as it is not sockets: one contract, a file for each system.
 */
#ifndef SYS_SYS_H
#define SYS_SYS_H

#include <stdint.h>

uint64_t sys_unix_ms(void);      /* wall clock: milliseconds since 1970-01-01 UTC */
uint64_t sys_monotonic_ms(void); /* never backwards, the same for all threads */

#endif
