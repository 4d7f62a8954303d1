/*
 * memory.h on Linux: pages come when they are touched, so there is nothing to commit.
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS, madvise */

#include "base/check.h"
#include "sys/memory.h"

#include <sys/mman.h>
#include <unistd.h>

void *memory_reserve(size_t bytes)
{
    CHECK(bytes > 0);
    void *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) {
        return NULL;
    }
    /* A huge page would make one byte in use cost two megabytes; an old kernel may not know it. */
    (void)madvise(start, bytes, MADV_NOHUGEPAGE);
    return start;
}

void memory_release(void *start, size_t bytes)
{
    CHECK(munmap(start, bytes) == 0);
}

bool memory_commit(void *start, size_t bytes)
{
    return start && bytes > 0;
}

void memory_discard(void *start, size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t before = (page - (size_t)start % page) % page;
    if (bytes >= before + page) {
        /* A failure costs memory and nothing else. */
        (void)madvise((char *)start + before, (bytes - before) / page * page, MADV_DONTNEED);
    }
}
