/*
 * The one hash of all tables whose keys a stranger may choose: SipHash-1-3. With a seed that is
 * secret and random nobody can choose keys that meet in one place of a table.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/span.h"

uint64_t hash_keyed(const uint64_t seed[2], struct span key);

#endif
