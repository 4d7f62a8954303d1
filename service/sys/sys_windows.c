/*
 * sys.h on Windows.
 */
#include "sys/sys.h"

#include <windows.h>

/* FILETIME counts 100 ns since 1601. */
static const uint64_t SYS_TICKS_TO_1970 = 116444736000000000;

uint64_t sys_unix_ms(void)
{
    FILETIME now;
    GetSystemTimePreciseAsFileTime(&now);
    uint64_t ticks = (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
    return (ticks - SYS_TICKS_TO_1970) / 10000;
}

uint64_t sys_monotonic_ms(void)
{
    /* GetTickCount64 moves in steps of 16 ms; these two cannot fail since Windows XP. */
    LARGE_INTEGER now, per_second;
    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&per_second);
    uint64_t whole = (uint64_t)(now.QuadPart / per_second.QuadPart);
    uint64_t rest = (uint64_t)(now.QuadPart % per_second.QuadPart);
    return whole * 1000 + rest * 1000 / (uint64_t)per_second.QuadPart;
}
