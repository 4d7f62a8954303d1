/*
 * What kind of address a target has: the ranges of ranges.def, and the IPv4 address that an IPv6
 * address may carry. A table and two questions; what follows from the answers is decide.c's.
 */
#ifndef POLICY_ADDRESS_H
#define POLICY_ADDRESS_H

#include "base/addr.h"

enum { ADDRESS_FACES_MAX = 8 };

enum address_kind { ADDRESS_ASK, ADDRESS_HERE, ADDRESS_NEVER, ADDRESS_INNER };

struct address_range {
    enum address_kind kind;
    struct cidr net;
    const char *text, *what; /* "10.0.0.0/8", "private" */
};

/* Every address this one stands for: itself, then the IPv4 ones inside. At least one. */
size_t address_faces(const struct addr *addr, struct addr faces[ADDRESS_FACES_MAX]);

/* The special range an address lies in, or NULL. */
const struct address_range *address_find_range(const struct addr *addr);

#endif
