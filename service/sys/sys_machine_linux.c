/*
 * machine.h on Linux.
 */
#define _GNU_SOURCE /* sched_getaffinity */

#include "base/check.h"
#include "sys/machine.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

uint32_t machine_processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) {
        return 1; /* more of them than the set has room for: one is always right */
    }
    int count = CPU_COUNT(&set);
    return count > 0 ? (uint32_t)count : 1;
}

static bool machine_read_address(const struct sockaddr *from, struct addr *addr)
{
    *addr = (struct addr){.family = ADDR_NONE};
    if (from && from->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, from, sizeof v4);
        addr->family = ADDR_IPV4;
        memcpy(addr->bytes, &v4.sin_addr, sizeof v4.sin_addr);
    } else if (from && from->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, from, sizeof v6);
        addr->family = ADDR_IPV6;
        memcpy(addr->bytes, &v6.sin6_addr, sizeof v6.sin6_addr);
    }
    return addr->family != ADDR_NONE;
}

size_t machine_addresses(struct addr *addrs, size_t max)
{
    struct ifaddrs *first;
    size_t count = 0;
    if (getifaddrs(&first) != 0) {
        return 0;
    }
    for (const struct ifaddrs *at = first; at && count < max; at = at->ifa_next) {
        count += machine_read_address(at->ifa_addr, &addrs[count]) ? 1 : 0;
    }
    freeifaddrs(first);
    return count;
}

uint64_t machine_raise_descriptors(void)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    bool raised = setrlimit(RLIMIT_NOFILE, &limit) == 0;
    return raised ? limit.rlim_max : before;
}

uint64_t machine_process(void)
{
    return (uint64_t)getpid();
}
