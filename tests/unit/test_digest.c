/*
 * Proves the digest with the values that FIPS 180-2 prints, and with nothing.
 */
#include "crypto/digest.h"
#include "unit/unit.h"

static const struct {
    const char *text, *hex;
} rows[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void known_texts_have_known_digests(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(rows); i++) {
        uint8_t digest[DIGEST_SHA256];
        char hex[2 * DIGEST_SHA256 + 1];
        assert_int_equal(digest_sha256(span_str(rows[i].text), digest), ERR_OK);
        for (size_t k = 0; k < sizeof digest; k++) {
            (void)snprintf(hex + 2 * k, 3, "%02x", digest[k]);
        }
        assert_string_equal(hex, rows[i].hex);
    }
    uint8_t digest[DIGEST_SHA256];
    assert_int_equal(digest_sha256(span_of(NULL, 0), digest), ERR_OK);
    assert_int_equal(digest[0], 0xe3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_texts_have_known_digests)};
    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
