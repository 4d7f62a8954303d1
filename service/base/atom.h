/*
 * The only place that names <stdatomic.h>: a number and a pointer that several threads touch.
 * Loads acquire and stores release, which is what handing something over needs; nothing here is
 * weaker, because weaker orders save nothing that has been measured.
 */
#ifndef BASE_ATOM_H
#define BASE_ATOM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct atom_u64 {
    _Atomic(uint64_t) value;
};

struct atom_ptr {
    _Atomic(void *) value;
};

static inline uint64_t atom_load(const struct atom_u64 *atom)
{
    return atomic_load_explicit(&atom->value, memory_order_acquire);
}

static inline void atom_store(struct atom_u64 *atom, uint64_t value)
{
    atomic_store_explicit(&atom->value, value, memory_order_release);
}

/* The value before. */
static inline uint64_t atom_add(struct atom_u64 *atom, uint64_t more)
{
    return atomic_fetch_add_explicit(&atom->value, more, memory_order_acq_rel);
}

/* Sets `wanted` if the value is still `*seen`; otherwise *seen becomes what it is now. */
static inline bool atom_swap_if(struct atom_u64 *atom, uint64_t *seen, uint64_t wanted)
{
    return atomic_compare_exchange_strong_explicit(&atom->value, seen, wanted, memory_order_acq_rel,
                                                   memory_order_acquire);
}

static inline void *atom_load_ptr(const struct atom_ptr *atom)
{
    return atomic_load_explicit(&atom->value, memory_order_acquire);
}

/* Sets `wanted` if the pointer is still `*seen`; otherwise *seen becomes what it is now. */
static inline bool atom_swap_if_ptr(struct atom_ptr *atom, void **seen, void *wanted)
{
    return atomic_compare_exchange_strong_explicit(&atom->value, seen, wanted, memory_order_acq_rel,
                                                   memory_order_acquire);
}

/* The value before. */
static inline void *atom_trade_ptr(struct atom_ptr *atom, void *value)
{
    return atomic_exchange_explicit(&atom->value, value, memory_order_acq_rel);
}

#endif
