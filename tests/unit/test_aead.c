/*
 * Proves aead and random: a published vector opens, what is sealed opens again, and every bit that
 * is wrong in key, context or sealed bytes is found, with nothing of the secret left behind.
 */
#include "crypto/aead.h"
#include "crypto/random.h"
#include "unit/unit.h"

enum { PLAIN_MAX = 70, SEALED_MAX = PLAIN_MAX + AEAD_EXTRA };

static const uint8_t secret_key[AEAD_KEY] = "the key of this test, 32 bytes!!";

static struct span filled(uint8_t *place, size_t len, uint8_t with)
{
    for (size_t i = 0; i < len; i++) {
        place[i] = (uint8_t)(with + i * 7);
    }
    return span_of(place, len);
}

static size_t from_hex(const char *hex, uint8_t *place)
{
    size_t len = 0;
    for (; hex[0] != '\0'; hex += 2) {
        uint8_t high, low;
        assert_true(span_hex_digit((uint8_t)hex[0], &high));
        assert_true(span_hex_digit((uint8_t)hex[1], &low));
        place[len++] = (uint8_t)(high << 4 | low);
    }
    return len;
}

/* Test case 16 of McGrew and Viega, "The Galois/Counter Mode of Operation". */
static void a_published_vector_opens(void **state)
{
    (void)state;
    uint8_t key[AEAD_KEY], sealed[SEALED_MAX], context[32], plain[PLAIN_MAX], want[PLAIN_MAX];
    from_hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", key);
    size_t sealed_len = from_hex("cafebabefacedbaddecaf888"
                                 "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                                 "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                                 "76fc6ece0f4e1768cddf8853bb2d551b",
                                 sealed);
    size_t context_len = from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2", context);
    size_t want_len = from_hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                               "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
                               want);
    size_t len;
    assert_int_equal(aead_open(key, span_of(context, context_len), span_of(sealed, sealed_len),
                               plain, sizeof plain, &len),
                     ERR_OK);
    unit_same(span_of(plain, len), span_of(want, want_len), "test case 16");
}

static void every_length_opens_again(void **state)
{
    (void)state;
    uint8_t plain[PLAIN_MAX] = {0}, context[PLAIN_MAX] = {0};
    uint8_t sealed[SEALED_MAX], opened[PLAIN_MAX];
    for (size_t len = 0; len <= PLAIN_MAX; len++) {
        struct span text = filled(plain, len, 3), about = filled(context, PLAIN_MAX - len, 5);
        size_t sealed_len, got;
        assert_int_equal(aead_seal(secret_key, about, text, sealed, len + AEAD_EXTRA, &sealed_len),
                         ERR_OK);
        unit_holds(sealed_len == len + AEAD_EXTRA, "%zu", len);
        /* The exact memory, so that the address sanitizer sees one byte too many. */
        uint8_t *exact = unit_copy(span_of(sealed, sealed_len));
        assert_int_equal(
            aead_open(secret_key, about, span_of(exact, sealed_len), opened, len, &got), ERR_OK);
        unit_same(span_of(opened, got), text, "%zu", len);
        free(exact);
    }
}

static void the_same_is_never_sealed_the_same(void **state)
{
    (void)state;
    uint8_t sealed[2][SEALED_MAX];
    struct span text = span_str("password"), context = span_str("relay");
    size_t len;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(aead_seal(secret_key, context, text, sealed[i], SEALED_MAX, &len), ERR_OK);
        for (size_t k = 0; k + text.len <= len; k++) {
            assert_memory_not_equal(sealed[i] + k, text.at, text.len);
        }
    }
    assert_memory_not_equal(sealed[0], sealed[1], AEAD_NONCE);
    assert_memory_not_equal(sealed[0] + AEAD_NONCE, sealed[1] + AEAD_NONCE, text.len);
}

/* Opens with one bit wrong somewhere: the answer, and that no byte of the secret came out. */
static void expect_forged(const uint8_t *key, struct span context, struct span sealed,
                          const char *what, size_t bit)
{
    uint8_t plain[PLAIN_MAX], zeros[PLAIN_MAX] = {0};
    size_t len = 99;
    memset(plain, 0, sizeof plain);
    enum err err = aead_open(key, context, sealed, plain, sizeof plain, &len);
    unit_holds(err == ERR_FORGED && len == 0, "%s, bit %zu: %s", what, bit, err_name(err));
    unit_holds(memcmp(plain, zeros, sizeof plain) == 0, "%s, bit %zu", what, bit);
}

static void every_wrong_bit_is_found(void **state)
{
    (void)state;
    uint8_t plain[20], sealed[SEALED_MAX], context[9], key[AEAD_KEY];
    struct span text = filled(plain, sizeof plain, 9), about = filled(context, sizeof context, 1);
    size_t len;
    memcpy(key, secret_key, AEAD_KEY);
    assert_int_equal(aead_seal(key, about, text, sealed, sizeof sealed, &len), ERR_OK);
    const struct {
        const char *name;
        uint8_t *at;
        size_t len;
    } parts[] = {
        {"sealed", sealed, len}, {"context", context, sizeof context}, {"key", key, sizeof key}};
    for (size_t i = 0; i < unit_count(parts); i++) {
        for (size_t bit = 0; bit < parts[i].len * 8; bit++) {
            parts[i].at[bit / 8] ^= (uint8_t)(1U << bit % 8);
            expect_forged(key, about, span_of(sealed, len), parts[i].name, bit);
            parts[i].at[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
    }
    expect_forged(key, span_first(about, 8), span_of(sealed, len), "shorter context", 0);
    expect_forged(key, span_of(NULL, 0), span_of(sealed, len), "no context", 0);
    for (size_t short_len = AEAD_EXTRA; short_len < len; short_len++) {
        expect_forged(key, about, span_of(sealed, short_len), "cut off", short_len);
    }
}

static void lengths_are_judged_first(void **state)
{
    (void)state;
    uint8_t plain[PLAIN_MAX] = {0}, sealed[SEALED_MAX] = {0};
    struct span context = span_str("x");
    size_t len;
    for (size_t max = 0; max < 10 + AEAD_EXTRA; max++) {
        enum err err = aead_seal(secret_key, context, span_of(plain, 10), sealed, max, &len);
        unit_holds(err == ERR_LONG, "%zu: %s", max, err_name(err));
    }
    for (size_t i = 0; i < AEAD_EXTRA; i++) {
        enum err err = aead_open(secret_key, context, span_of(sealed, i), plain, PLAIN_MAX, &len);
        unit_holds(err == ERR_SHORT, "%zu: %s", i, err_name(err));
    }
    assert_int_equal(
        aead_open(secret_key, context, span_of(sealed, AEAD_EXTRA + 11), plain, 10, &len),
        ERR_LONG);
}

static void random_bytes_come_and_differ(void **state)
{
    (void)state;
    uint8_t a[32] = {0}, b[32] = {0};
    assert_int_equal(random_bytes(a, sizeof a), ERR_OK);
    assert_int_equal(random_bytes(b, sizeof b), ERR_OK);
    assert_memory_not_equal(a, b, sizeof a);
    memcpy(b, a, sizeof a);
    assert_int_equal(random_bytes(b, 0), ERR_OK);
    assert_memory_equal(a, b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_published_vector_opens),
        cmocka_unit_test(every_length_opens_again),
        cmocka_unit_test(the_same_is_never_sealed_the_same),
        cmocka_unit_test(every_wrong_bit_is_found),
        cmocka_unit_test(lengths_are_judged_first),
        cmocka_unit_test(random_bytes_come_and_differ),
    };
    return cmocka_run_group_tests_name("aead", tests, NULL, NULL);
}
