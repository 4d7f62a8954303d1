/*
 * memory.h on Windows: address space and memory are two things, asked for one after the other.
 */
#include "base/check.h"
#include "sys/memory.h"

#include <windows.h>

void *memory_reserve(size_t bytes)
{
    CHECK(bytes > 0);
    return VirtualAlloc(NULL, bytes, MEM_RESERVE, PAGE_READWRITE);
}

void memory_release(void *start, size_t bytes)
{
    CHECK(start && bytes > 0);
    CHECK(VirtualFree(start, 0, MEM_RELEASE));
}

bool memory_commit(void *start, size_t bytes)
{
    /* It answers with the start of the page. */
    return VirtualAlloc(start, bytes, MEM_COMMIT, PAGE_READWRITE) != NULL;
}

void memory_discard(void *start, size_t bytes)
{
    SYSTEM_INFO system;
    GetSystemInfo(&system);
    size_t page = system.dwPageSize;
    size_t before = (page - (size_t)start % page) % page;
    if (bytes >= before + page) {
        /* The pages lose their contents and need not be written to the page file. */
        (void)VirtualAlloc((char *)start + before, (bytes - before) / page * page, MEM_RESET,
                           PAGE_READWRITE);
    }
}
