/*
 * The machine the gateway runs on, as far as sizes depend on it: processors, descriptors, addresses
 * of its own.
 */
#ifndef SYS_MACHINE_H
#define SYS_MACHINE_H

#include "base/addr.h"

uint32_t machine_processors(void); /* that this process may use; at least 1 */

/* Every address of this machine, as far as there is room: how many. 0: nobody knows. */
size_t machine_addresses(struct addr *addrs, size_t max);

/* Asks for as many connections as the system lets us have: how many descriptors there may be. */
uint64_t machine_raise_descriptors(void);

uint64_t machine_process(void); /* our number */

/*
 * Whether the system may write our memory to a file when we crash: it holds secrets. May be turned
 * on again, as far as the system allows.
 */
void machine_keep_dumps(bool keep);

#endif
