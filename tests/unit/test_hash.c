/*
 * Proves the hash: it is SipHash-1-3 (Python 3.11 and later hash bytes with it, its seed all zero
 * under PYTHONHASHSEED=0), reads nothing but its key, and every bit of seed and key counts.
 */
#include "base/hash.h"
#include "unit/unit.h"

enum { KEY_MAX = 253 };

static uint8_t key[KEY_MAX];

static void begin(void)
{
    for (size_t i = 0; i < sizeof key; i++) {
        key[i] = (uint8_t)i;
    }
}

/* hash(bytes(range(len))) */
static void known_values(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        uint64_t hash;
    } rows[] = {
        {1, 0x68a914128e01e473},  {2, 0x010bac45c41e3669},  {3, 0x4d4c9a4a8ef6e0ad},
        {7, 0x2f098ab0c751325a},  {8, 0xead411e67ebe2eea},  {9, 0x75927f9d95124362},
        {15, 0xf30eb725bb91c9ea}, {16, 0x8972188433a5c5b7}, {17, 0x4883c49a2c009c1d},
        {31, 0x169739443111d49b}, {63, 0x385d3e39e5f37359}, {253, 0x1a6697dff14a1b60},
    };
    const uint64_t zero[2] = {0, 0};
    begin();
    for (size_t i = 0; i < unit_count(rows); i++) {
        uint8_t *copy = unit_copy(span_of(key, rows[i].len));
        uint64_t got = hash_keyed(zero, span_of(copy, rows[i].len));
        unit_holds(got == rows[i].hash, "%zu bytes: %016" PRIx64, rows[i].len, got);
        free(copy);
    }
}

/* A key of no bytes may point nowhere. */
static void nothing_has_a_hash_too(void **state)
{
    (void)state;
    const uint64_t seed[2] = {1, 2};
    struct span nothing = {NULL, 0};
    assert_true(hash_keyed(seed, nothing) == hash_keyed(seed, span_str("")));
    assert_true(hash_keyed(seed, nothing) != hash_keyed(seed, span_of("", 1)));
}

/* Changing any one bit of the seed or of the key, or the length by one zero, changes the hash. */
static void every_bit_counts(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 20; len++) {
        uint64_t seed[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
        begin();
        uint64_t plain = hash_keyed(seed, span_of(key, len));
        for (unsigned bit = 0; bit < 128; bit++) {
            seed[bit / 64] ^= UINT64_C(1) << bit % 64;
            unit_holds(hash_keyed(seed, span_of(key, len)) != plain, "bit %u of the seed", bit);
            seed[bit / 64] ^= UINT64_C(1) << bit % 64;
        }
        for (size_t bit = 0; bit < 8 * len; bit++) {
            key[bit / 8] ^= (uint8_t)(1U << bit % 8);
            unit_holds(hash_keyed(seed, span_of(key, len)) != plain, "bit %zu of %zu", bit, len);
            key[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        key[len] = 0;
        unit_holds(hash_keyed(seed, span_of(key, len + 1)) != plain, "a zero behind %zu", len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),
        cmocka_unit_test(nothing_has_a_hash_too),
        cmocka_unit_test(every_bit_counts),
    };
    return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
