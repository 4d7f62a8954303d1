/*
 * SipHash-1-3: one round for each eight bytes of the key, three at the end. Words are read as the
 * processor has them, little-endian on every machine that we build for.
 */
#include "base/hash.h"

#include <string.h>

static uint64_t hash_turn(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

static void hash_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = hash_turn(v[1], 13) ^ v[0];
    v[3] = hash_turn(v[3], 16) ^ v[2];
    v[0] = hash_turn(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = hash_turn(v[1], 17) ^ v[2];
    v[3] = hash_turn(v[3], 21) ^ v[0];
    v[2] = hash_turn(v[2], 32);
}

/* Up to eight bytes of the key from `at`; the last word, never a full one, holds the length too. */
static uint64_t hash_word(struct span key, size_t at)
{
    uint64_t word = 0;
    size_t count = key.len - at < 8 ? key.len - at : 8;
    if (count > 0) {
        memcpy(&word, key.at + at, count);
    }
    return count < 8 ? word | (uint64_t)key.len << 56 : word;
}

uint64_t hash_keyed(const uint64_t seed[2], struct span key)
{
    uint64_t v[4] = {seed[0] ^ 0x736f6d6570736575, seed[1] ^ 0x646f72616e646f6d,
                     seed[0] ^ 0x6c7967656e657261, seed[1] ^ 0x7465646279746573};
    for (size_t at = 0; at <= key.len; at += 8) {
        uint64_t word = hash_word(key, at);
        v[3] ^= word;
        hash_round(v);
        v[0] ^= word;
    }
    v[2] ^= 0xFF;
    for (int i = 0; i < 3; i++) {
        hash_round(v);
    }
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
