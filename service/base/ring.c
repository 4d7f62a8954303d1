/*
 * The ring: two counters that only grow. The difference is what is inside, so empty and full are
 * never the same, and a counter of 64 bits does not come round.
 */
#include "base/ring.h"

#include <string.h>

void ring_init(struct ring *ring, void *memory, size_t record_size, uint64_t count)
{
    CHECK(memory && record_size > 0);
    CHECK(count > 0 && (count & (count - 1)) == 0);
    *ring = (struct ring){.records = memory, .record_size = record_size, .count = count};
}

static uint8_t *ring_place(const struct ring *ring, uint64_t number)
{
    return ring->records + (size_t)(number & (ring->count - 1)) * ring->record_size;
}

bool ring_put(struct ring *ring, const void *record)
{
    uint64_t put = atom_load(&ring->put);
    uint64_t inside = put - atom_load(&ring->taken);
    CHECK(inside <= ring->count);
    if (inside == ring->count) {
        atom_add(&ring->dropped, 1);
        return false;
    }
    memcpy(ring_place(ring, put), record, ring->record_size);
    atom_store(&ring->put, put + 1);
    return true;
}

bool ring_take(struct ring *ring, void *record)
{
    uint64_t taken = atom_load(&ring->taken);
    uint64_t inside = atom_load(&ring->put) - taken;
    CHECK(inside <= ring->count);
    if (inside == 0) {
        return false;
    }
    memcpy(record, ring_place(ring, taken), ring->record_size);
    atom_store(&ring->taken, taken + 1);
    return true;
}

uint64_t ring_inside(const struct ring *ring)
{
    /* In this order: what is taken never passes what was put, so the taker's view has a lower end
     * and the putter's an upper one. */
    uint64_t taken = atom_load(&ring->taken);
    return atom_load(&ring->put) - taken;
}

uint64_t ring_dropped(const struct ring *ring)
{
    return atom_load(&ring->dropped);
}
