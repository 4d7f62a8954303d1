/*
 * proof.h over OpenSSL. The key is a stranger's: its size is looked at before anything is computed
 * with it, and its curve must be one that has a name.
 */
#include "crypto/proof.h"

#include "base/check.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

enum { PROOF_TLS_1_2 = 0x0303, PROOF_GROUP_MAX = 32 };

enum proof_key { PROOF_RSA, PROOF_PSS, PROOF_EC, PROOF_ED25519, PROOF_ED448, PROOF_OTHER };

struct proof_scheme {
    uint16_t number;
    enum proof_key key;
    const char *digest;
    int padding;
};

static const struct proof_scheme proof_schemes[] = {
#define SCHEME(number, key, digest, padding) {number, PROOF_##key, digest, padding},
#include "crypto/schemes.def"
#undef SCHEME
};

static enum proof_key proof_kind(const EVP_PKEY *key)
{
    static const struct {
        int id;
        enum proof_key kind;
    } kinds[] = {{EVP_PKEY_RSA, PROOF_RSA},
                 {EVP_PKEY_RSA_PSS, PROOF_PSS},
                 {EVP_PKEY_EC, PROOF_EC},
                 {EVP_PKEY_ED25519, PROOF_ED25519},
                 {EVP_PKEY_ED448, PROOF_ED448}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (EVP_PKEY_get_base_id(key) == kinds[i].id) {
            return kinds[i].kind;
        }
    }
    return PROOF_OTHER;
}

/* Before TLS 1.2 the kind of key says it all. */
static const struct proof_scheme *proof_find(const struct proof *proof, enum proof_key kind)
{
    uint16_t number = proof->scheme;
    if (proof->version < PROOF_TLS_1_2) {
        number = kind == PROOF_RSA ? 0x0001 : kind == PROOF_EC ? 0x0002 : 0;
    } else if (number < 0x0100) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof proof_schemes / sizeof proof_schemes[0]; i++) {
        if (proof_schemes[i].number == number && proof_schemes[i].key == kind) {
            return &proof_schemes[i];
        }
    }
    return NULL;
}

static bool proof_rsa_is_fine(const EVP_PKEY *key)
{
    BIGNUM *exponent = NULL;
    int bits = EVP_PKEY_get_bits(key);
    bool fine = bits >= PROOF_RSA_BITS_MIN && bits <= PROOF_RSA_BITS_MAX &&
                EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 &&
                BN_num_bits(exponent) <= PROOF_RSA_EXPONENT_BITS_MAX;
    BN_free(exponent);
    return fine;
}

static bool proof_curve_is_fine(const EVP_PKEY *key)
{
    static const char *const curves[] = {SN_X9_62_prime256v1, SN_secp384r1, SN_secp521r1};
    char group[PROOF_GROUP_MAX];
    size_t len;
    if (EVP_PKEY_get_group_name(key, group, sizeof group, &len) != 1) {
        return false; /* its own parameters, or a name longer than any of ours */
    }
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        if (strcmp(group, curves[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool proof_key_is_fine(const EVP_PKEY *key, enum proof_key kind)
{
    switch (kind) {
    case PROOF_RSA:
    case PROOF_PSS:
        return proof_rsa_is_fine(key);
    case PROOF_EC:
        return proof_curve_is_fine(key);
    case PROOF_ED25519:
    case PROOF_ED448:
        return true;
    case PROOF_OTHER:
        break;
    }
    return false;
}

/* 1: it is the signature; 0 and less: it is not. OpenSSL does not tell bad bytes from a bad one. */
static enum err proof_result(int answer)
{
    return answer == 1 ? ERR_OK : ERR_PROOF_WRONG;
}

static enum err proof_verify_digest(EVP_MD_CTX *digest, const struct proof *proof)
{
    struct span piece;
    while (proof->next(proof->context, &piece)) {
        if (EVP_DigestVerifyUpdate(digest, piece.at, piece.len) != 1) {
            return ERR_CRYPTO;
        }
    }
    return proof_result(EVP_DigestVerifyFinal(digest, proof->signature.at, proof->signature.len));
}

static enum err proof_verify_bytes(EVP_MD_CTX *digest, const struct proof *proof)
{
    struct span piece;
    size_t len = 0;
    while (proof->next(proof->context, &piece)) {
        if (piece.len > PROOF_TRANSCRIPT_MAX - len) {
            return ERR_PROOF_UNCHECKED;
        }
        memcpy(proof->scratch + len, piece.at, piece.len);
        len += piece.len;
    }
    return proof_result(
        EVP_DigestVerify(digest, proof->signature.at, proof->signature.len, proof->scratch, len));
}

static bool proof_begin(EVP_MD_CTX *digest, EVP_PKEY *key, const struct proof_scheme *scheme)
{
    EVP_PKEY_CTX *way = NULL; /* belongs to the digest's context */
    if (EVP_DigestVerifyInit_ex(digest, &way, scheme->digest, NULL, NULL, key, NULL) != 1) {
        return false;
    }
    if (scheme->padding == 0) {
        return true;
    }
    return EVP_PKEY_CTX_set_rsa_padding(way, scheme->padding) == 1 &&
           (scheme->padding != RSA_PKCS1_PSS_PADDING ||
            EVP_PKEY_CTX_set_rsa_pss_saltlen(way, RSA_PSS_SALTLEN_DIGEST) == 1);
}

enum err proof_key_read(struct span der, EVP_PKEY **key)
{
    const uint8_t *at = der.at;
    *key = NULL;
    if (der.len == 0 || der.len > PROOF_KEY_MAX) {
        return ERR_PROOF_UNCHECKED;
    }
    EVP_PKEY *made = d2i_PUBKEY(NULL, &at, (long)der.len);
    if (!made || at != der.at + der.len || !proof_key_is_fine(made, proof_kind(made))) {
        EVP_PKEY_free(made);
        return ERR_PROOF_UNCHECKED;
    }
    *key = made;
    return ERR_OK;
}

EVP_PKEY *proof_key_share(EVP_PKEY *key)
{
    CHECK(EVP_PKEY_up_ref(key) == 1);
    return key;
}

void proof_key_free(EVP_PKEY *key)
{
    EVP_PKEY_free(key);
}

enum err proof_check(const struct proof *proof)
{
    EVP_PKEY *key = proof->key;
    const struct proof_scheme *scheme = proof_find(proof, proof_kind(key));
    if (!scheme || proof->signature.len == 0) {
        return ERR_PROOF_UNCHECKED;
    }
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    if (!digest) {
        return ERR_CRYPTO;
    }
    enum err err = ERR_PROOF_UNCHECKED; /* a PSS key may forbid the scheme's digest */
    if (proof_begin(digest, key, scheme)) {
        err =
            scheme->digest ? proof_verify_digest(digest, proof) : proof_verify_bytes(digest, proof);
    }
    EVP_MD_CTX_free(digest);
    return err;
}
