/*
 * sys.h on Linux.
 */
#define _POSIX_C_SOURCE 200809L

#include "sys/sys.h"

#include "base/check.h"

#include <time.h>

static uint64_t sys_clock_ms(clockid_t clock)
{
    struct timespec now;
    CHECK(clock_gettime(clock, &now) == 0);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t sys_unix_ms(void)
{
    return sys_clock_ms(CLOCK_REALTIME);
}

uint64_t sys_monotonic_ms(void)
{
    return sys_clock_ms(CLOCK_MONOTONIC);
}
