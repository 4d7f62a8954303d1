/*
 * How many tunnels there are, in all and for each client address: exact over all loops, because
 * they share it. It owns the counts and one short lock, taken once when a tunnel begins and once
 * when it ends; it knows no tunnel, and gives no reply. All its memory is given to it at the start.
 *
 * An IPv4 address counts as one client, however it is written: ::ffff:192.0.2.1 is 192.0.2.1.
 */
#ifndef SHARED_QUOTA_H
#define SHARED_QUOTA_H

#include "base/addr.h"
#include "base/pool.h"
#include "shared/table.h"
#include "sys/thread.h"

struct quota_limits {
    uint32_t total;      /* never more than the capacity, whatever is said here */
    uint32_t per_client; /* 0: half of the total, at least 1 */
};

struct quota {
    struct sys_lock lock;
    struct quota_limits limits; /* as they act */
    uint32_t capacity;
    uint32_t held; /* by all clients together */
    struct table clients;
    struct pool pool; /* of a note for each client that holds anything */
};

/* `capacity`: the most tunnels there can ever be, so also the most clients. */
size_t quota_size(uint32_t capacity); /* bytes of memory */

/* `memory` comes from malloc or is aligned as well; `seed` is secret and random. */
void quota_open(struct quota *quota, void *memory, uint32_t capacity,
                const struct quota_limits *limits, const uint64_t seed[2]);
void quota_shut(struct quota *quota); /* everything was given back; the memory is the caller's */

/* ERR_TUNNELS_FULL or ERR_CLIENT_FULL: nothing was taken, and nothing is to be given. */
MUST_CHECK enum err quota_take(struct quota *quota, const struct addr *client);
void quota_give(struct quota *quota, const struct addr *client);

/* From now on. Who holds more than is allowed keeps it, and takes no more until it is less. */
void quota_set_limits(struct quota *quota, const struct quota_limits *limits);

uint32_t quota_clients(struct quota *quota); /* that hold anything */

#endif
