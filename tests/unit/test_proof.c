/*
 * Proves the check of CertificateVerify with keys made on the spot: every scheme with its own key
 * passes, in whatever pieces the transcript comes; every other scheme, key, changed byte and cut is
 * refused; keys that would cost too much, or have curves without a name, are not computed with.
 */
#include "crypto/proof.h"
#include "unit/unit.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

enum { KEY_MAX = 4096, SIGNATURE_MAX = 2048, TRANSCRIPT = 3000 };

static uint8_t transcript[TRANSCRIPT], scratch[PROOF_TRANSCRIPT_MAX];

struct maker {
    const char *name;
    EVP_PKEY *(*make)(void);
    EVP_PKEY *key;
    uint8_t der[KEY_MAX];
    size_t der_len;
};

static EVP_PKEY *make_rsa(void)
{
    return EVP_RSA_gen(1024);
}

static EVP_PKEY *make_pss(void)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *way = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA_PSS, NULL);
    assert_true(way && EVP_PKEY_keygen_init(way) == 1 &&
                EVP_PKEY_CTX_set_rsa_keygen_bits(way, 1024) == 1 &&
                EVP_PKEY_keygen(way, &key) == 1);
    EVP_PKEY_CTX_free(way);
    return key;
}

static EVP_PKEY *make_p256(void)
{
    return EVP_EC_gen("P-256");
}

static EVP_PKEY *make_p384(void)
{
    return EVP_EC_gen("P-384");
}

static EVP_PKEY *make_ed25519(void)
{
    return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

static EVP_PKEY *make_ed448(void)
{
    return EVP_PKEY_Q_keygen(NULL, NULL, "ED448");
}

static EVP_PKEY *make_small(void)
{
    return EVP_RSA_gen(512 + 256);
}

static EVP_PKEY *make_other_curve(void)
{
    return EVP_EC_gen("secp256k1");
}

enum { RSA_KEY, PSS_KEY, P256, P384, ED25519_KEY, ED448_KEY, SMALL, OTHER_CURVE, MAKERS };

static struct maker makers[MAKERS] = {
    {.name = "RSA", .make = make_rsa},         {.name = "PSS", .make = make_pss},
    {.name = "P-256", .make = make_p256},      {.name = "P-384", .make = make_p384},
    {.name = "Ed25519", .make = make_ed25519}, {.name = "Ed448", .make = make_ed448},
    {.name = "RSA 768", .make = make_small},   {.name = "secp256k1", .make = make_other_curve},
};

static const struct scheme {
    uint16_t version, number;
    const char *digest;
    int padding;
    unsigned keys; /* bits of those it goes with */
} schemes[] = {
    {0x0301, 0, "MD5-SHA1", RSA_PKCS1_PADDING, 1U << RSA_KEY},
    {0x0302, 0, "SHA1", 0, 1U << P256 | 1U << P384},
    {0x0303, 0x0201, "SHA1", RSA_PKCS1_PADDING, 1U << RSA_KEY},
    {0x0303, 0x0401, "SHA256", RSA_PKCS1_PADDING, 1U << RSA_KEY},
    {0x0303, 0x0501, "SHA384", RSA_PKCS1_PADDING, 1U << RSA_KEY},
    {0x0303, 0x0601, "SHA512", RSA_PKCS1_PADDING, 1U << RSA_KEY},
    {0x0303, 0x0403, "SHA256", 0, 1U << P256 | 1U << P384},
    {0x0303, 0x0503, "SHA384", 0, 1U << P256 | 1U << P384},
    {0x0303, 0x0804, "SHA256", RSA_PKCS1_PSS_PADDING, 1U << RSA_KEY},
    {0x0303, 0x0805, "SHA384", RSA_PKCS1_PSS_PADDING, 1U << RSA_KEY},
    {0x0303, 0x0809, "SHA256", RSA_PKCS1_PSS_PADDING, 1U << PSS_KEY},
    {0x0303, 0x0807, NULL, 0, 1U << ED25519_KEY},
    {0x0303, 0x0808, NULL, 0, 1U << ED448_KEY},
};

static int make_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < TRANSCRIPT; i++) {
        transcript[i] = (uint8_t)(i * 7 + i / 256);
    }
    for (size_t i = 0; i < MAKERS; i++) {
        uint8_t *at = makers[i].der;
        makers[i].key = makers[i].make();
        assert_non_null(makers[i].key);
        int len = i2d_PUBKEY(makers[i].key, &at);
        assert_true(len > 0 && len <= KEY_MAX);
        makers[i].der_len = (size_t)len;
    }
    return 0;
}

static int free_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < MAKERS; i++) {
        EVP_PKEY_free(makers[i].key);
    }
    return 0;
}

static size_t sign(const struct scheme *scheme, EVP_PKEY *key, uint8_t signature[SIGNATURE_MAX])
{
    EVP_PKEY_CTX *way;
    size_t len = SIGNATURE_MAX;
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    assert_true(EVP_DigestSignInit_ex(digest, &way, scheme->digest, NULL, NULL, key, NULL) == 1);
    if (scheme->padding != 0) {
        assert_true(EVP_PKEY_CTX_set_rsa_padding(way, scheme->padding) == 1);
    }
    if (scheme->padding == RSA_PKCS1_PSS_PADDING) {
        assert_true(EVP_PKEY_CTX_set_rsa_pss_saltlen(way, RSA_PSS_SALTLEN_DIGEST) == 1);
    }
    assert_true(EVP_DigestSign(digest, signature, &len, transcript, TRANSCRIPT) == 1);
    EVP_MD_CTX_free(digest);
    return len;
}

struct pieces {
    struct span rest;
    size_t size;
};

static bool next_piece(void *context, struct span *piece)
{
    struct pieces *pieces = context;
    size_t len = pieces->rest.len < pieces->size ? pieces->rest.len : pieces->size;
    *piece = span_first(pieces->rest, len);
    pieces->rest = span_after(pieces->rest, len);
    return len > 0;
}

static enum err check(const struct scheme *scheme, size_t key, struct span signature, size_t size)
{
    struct pieces pieces = {span_of(transcript, TRANSCRIPT), size};
    EVP_PKEY *read;
    TRY(proof_key_read(span_of(makers[key].der, makers[key].der_len), &read));
    proof_key_free(proof_key_share(read)); /* the other hold keeps it */
    enum err err = proof_check(&(struct proof){.key = read,
                                               .version = scheme->version,
                                               .scheme = scheme->number,
                                               .signature = signature,
                                               .context = &pieces,
                                               .next = next_piece,
                                               .scratch = scratch});
    proof_key_free(read);
    return err;
}

static void every_scheme_with_its_key(void **state)
{
    (void)state;
    static const size_t sizes[] = {TRANSCRIPT, 1, 1000, 4096};
    uint8_t signature[SIGNATURE_MAX];
    for (size_t i = 0; i < unit_count(schemes); i++) {
        for (size_t key = 0; key < SMALL; key++) {
            if (!(schemes[i].keys & 1U << key)) {
                continue;
            }
            size_t len = sign(&schemes[i], makers[key].key, signature);
            for (size_t k = 0; k < unit_count(sizes); k++) {
                enum err err = check(&schemes[i], key, span_of(signature, len), sizes[k]);
                unit_holds(err == ERR_OK, "%04x %s in pieces of %zu: %s",
                           (unsigned)schemes[i].number, makers[key].name, sizes[k], err_name(err));
            }
        }
    }
}

/* Before TLS 1.2 the key says which scheme it is. */
static unsigned keys_of(const struct scheme *scheme)
{
    return scheme->number == 0 ? schemes[0].keys | schemes[1].keys : scheme->keys;
}

/* Each signature under every scheme and every key: only where both are its own it passes. */
static void no_scheme_with_another(void **state)
{
    (void)state;
    uint8_t signature[SIGNATURE_MAX];
    for (size_t i = 0; i < unit_count(schemes); i++) {
        size_t owner = 0;
        while (!(schemes[i].keys & 1U << owner)) {
            owner++;
        }
        size_t len = sign(&schemes[i], makers[owner].key, signature);
        for (size_t k = 0; k < unit_count(schemes); k++) {
            for (size_t key = 0; key < MAKERS; key++) {
                enum err err = check(&schemes[k], key, span_of(signature, len), TRANSCRIPT);
                bool implied = schemes[i].number == 0 && schemes[k].number == 0;
                bool fits = key < SMALL && (keys_of(&schemes[k]) & 1U << key);
                enum err wanted = (k == i || implied) && key == owner ? ERR_OK
                                  : fits                              ? ERR_PROOF_WRONG
                                                                      : ERR_PROOF_UNCHECKED;
                unit_holds(err == wanted, "%04x by %s as %04x by %s: %s",
                           (unsigned)schemes[i].number, makers[owner].name,
                           (unsigned)schemes[k].number, makers[key].name, err_name(err));
            }
        }
    }
}

static void no_byte_can_change(void **state)
{
    (void)state;
    uint8_t signature[SIGNATURE_MAX];
    const struct scheme *scheme = &schemes[6];
    size_t len = sign(scheme, makers[P256].key, signature);
    for (size_t at = 0; at < len; at++) {
        signature[at] ^= 1;
        enum err err = check(scheme, P256, span_of(signature, len), TRANSCRIPT);
        unit_holds(err == ERR_PROOF_WRONG, "byte %zu: %s", at, err_name(err));
        signature[at] ^= 1;
        err = check(scheme, P256, span_of(signature, at), TRANSCRIPT);
        unit_holds(err != ERR_OK, "cut at %zu", at);
    }
    for (size_t at = 0; at < TRANSCRIPT; at += 97) {
        transcript[at] ^= 1;
        enum err err = check(scheme, P256, span_of(signature, len), TRANSCRIPT);
        unit_holds(err == ERR_PROOF_WRONG, "byte %zu of the transcript: %s", at, err_name(err));
        transcript[at] ^= 1;
    }
}

static void no_byte_of_a_key_is_trusted(void **state)
{
    (void)state;
    uint8_t signature[SIGNATURE_MAX];
    static const size_t keys[] = {RSA_KEY, P256, ED25519_KEY};
    static const size_t by[] = {3, 6, 11};
    for (size_t i = 0; i < unit_count(keys); i++) {
        struct maker *maker = &makers[keys[i]];
        size_t len = sign(&schemes[by[i]], maker->key, signature);
        for (size_t at = 0; at < maker->der_len; at++) {
            for (unsigned bit = 0; bit < 8; bit += 3) {
                maker->der[at] ^= (uint8_t)(1U << bit);
                enum err err = check(&schemes[by[i]], keys[i], span_of(signature, len), 1000);
                unit_holds(err != ERR_CRYPTO, "%s, byte %zu", maker->name, at);
                maker->der[at] ^= (uint8_t)(1U << bit);
            }
        }
    }
}

/* What EdDSA signs is kept whole: more than there is room for is not checked. */
static void a_long_transcript_has_an_end(void **state)
{
    (void)state;
    static uint8_t much[PROOF_TRANSCRIPT_MAX + 1];
    uint8_t signature[SIGNATURE_MAX];
    struct pieces pieces = {span_of(much, sizeof much), 4000};
    EVP_PKEY *key;
    size_t len = sign(&schemes[11], makers[ED25519_KEY].key, signature);
    assert_int_equal(
        proof_key_read(span_of(makers[ED25519_KEY].der, makers[ED25519_KEY].der_len), &key),
        ERR_OK);
    enum err err = proof_check(&(struct proof){.key = key,
                                               .version = 0x0303,
                                               .scheme = 0x0807,
                                               .signature = span_of(signature, len),
                                               .context = &pieces,
                                               .next = next_piece,
                                               .scratch = scratch});
    proof_key_free(key);
    assert_int_equal(err, ERR_PROOF_UNCHECKED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scheme_with_its_key),
        cmocka_unit_test(no_scheme_with_another),
        cmocka_unit_test(no_byte_can_change),
        cmocka_unit_test(no_byte_of_a_key_is_trusted),
        cmocka_unit_test(a_long_transcript_has_an_end),
    };
    return cmocka_run_group_tests_name("proof", tests, make_keys, free_keys);
}
