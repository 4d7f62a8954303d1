/*
 * A ring of records of one size between two threads: one puts, one takes, neither ever waits. When
 * it is full the record is dropped and counted; the count is the reader's to report. The memory is
 * the caller's and must outlive the ring.
 */
#ifndef BASE_RING_H
#define BASE_RING_H

#include "base/atom.h"
#include "base/check.h"

#include <stddef.h>

struct ring {
    uint8_t *records;
    size_t record_size;
    uint64_t count;          /* places, a power of two */
    struct atom_u64 put;     /* records ever put, written by the putter only */
    struct atom_u64 taken;   /* records ever taken, written by the taker only */
    struct atom_u64 dropped; /* records that found no place */
};

/* `memory` holds count * record_size bytes; count is a power of two. */
void ring_init(struct ring *ring, void *memory, size_t record_size, uint64_t count);

bool ring_put(struct ring *ring, const void *record); /* false: dropped and counted */
bool ring_take(struct ring *ring, void *record);      /* false: empty */
uint64_t ring_inside(const struct ring *ring);        /* records now, as one of the two sees it */
uint64_t ring_dropped(const struct ring *ring);       /* since the beginning */

#endif
