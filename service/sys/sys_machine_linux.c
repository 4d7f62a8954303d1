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
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sys/sys_sockaddr.h"

uint32_t machine_processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) {
        return 1; /* more of them than the set has room for: one is always right */
    }
    int count = CPU_COUNT(&set);
    return count > 0 ? (uint32_t)count : 1;
}

size_t machine_addresses(struct addr *addrs, size_t max)
{
    struct ifaddrs *first;
    size_t count = 0;
    if (getifaddrs(&first) != 0) {
        return 0;
    }
    for (const struct ifaddrs *at = first; at && count < max; at = at->ifa_next) {
        if (at->ifa_addr) {
            addrs[count] = sys_from_sockaddr(at->ifa_addr).addr;
            count += addrs[count].family != ADDR_NONE ? 1 : 0;
        }
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

/* A program that the kernel pipes dumps to gets them at any limit, but none of an undumpable one.
 */
void machine_keep_dumps(bool keep)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_CORE, &limit) == 0);
    limit.rlim_cur = keep ? limit.rlim_max : 0;
    CHECK(setrlimit(RLIMIT_CORE, &limit) == 0);
    CHECK(prctl(PR_SET_DUMPABLE, keep ? 1 : 0, 0, 0, 0) == 0);
}
