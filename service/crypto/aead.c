/*
 * aead.h over OpenSSL's EVP. Key schedule and state live in the EVP context, which OpenSSL wipes
 * when it is freed; nothing secret is copied here.
 */
#include "crypto/aead.h"

#include "crypto/random.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

/* A cipher context that knows key, nonce and context; NULL: OpenSSL refused, as without memory. */
static EVP_CIPHER_CTX *aead_begin(const uint8_t *key, const uint8_t *nonce, struct span context,
                                  int sealing)
{
    int len;
    CHECK(context.len <= INT_MAX);
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    if (cipher && EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, nonce, sealing) == 1 &&
        (context.len == 0 ||
         EVP_CipherUpdate(cipher, NULL, &len, context.at, (int)context.len) == 1)) {
        return cipher;
    }
    EVP_CIPHER_CTX_free(cipher);
    return NULL;
}

/* All bytes at once: GCM is a stream, as much comes out as goes in. */
static bool aead_run(EVP_CIPHER_CTX *cipher, struct span from, uint8_t *to)
{
    int len = 0;
    return from.len == 0 || (EVP_CipherUpdate(cipher, to, &len, from.at, (int)from.len) == 1 &&
                             (size_t)len == from.len);
}

enum err aead_seal(const uint8_t key[AEAD_KEY], struct span context, struct span plain,
                   uint8_t *sealed, size_t max, size_t *len)
{
    int none;
    CHECK(plain.len <= INT_MAX);
    if (max < AEAD_EXTRA || plain.len > max - AEAD_EXTRA) {
        return ERR_LONG;
    }
    uint8_t *text = sealed + AEAD_NONCE, *tag = text + plain.len;
    TRY(random_bytes(sealed, AEAD_NONCE));
    EVP_CIPHER_CTX *cipher = aead_begin(key, sealed, context, 1);
    bool well = cipher && aead_run(cipher, plain, text) &&
                EVP_CipherFinal_ex(cipher, tag, &none) == 1 &&
                EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG, tag) == 1;
    EVP_CIPHER_CTX_free(cipher);
    *len = plain.len + AEAD_EXTRA;
    return well ? ERR_OK : ERR_CRYPTO;
}

/* The tag as EVP wants it: not const, though it only reads it. */
static bool aead_expect(EVP_CIPHER_CTX *cipher, struct span tag)
{
    uint8_t copy[AEAD_TAG];
    for (size_t i = 0; i < AEAD_TAG; i++) {
        copy[i] = tag.at[i];
    }
    return EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG, copy) == 1;
}

enum err aead_open(const uint8_t key[AEAD_KEY], struct span context, struct span sealed,
                   uint8_t *plain, size_t max, size_t *len)
{
    int none;
    uint8_t end[AEAD_TAG]; /* GCM writes nothing at its end, yet asks for a place */
    CHECK(sealed.len <= INT_MAX);
    if (sealed.len < AEAD_EXTRA) {
        return ERR_SHORT;
    }
    size_t count = sealed.len - AEAD_EXTRA;
    if (count > max) {
        return ERR_LONG;
    }
    struct span text = span_first(span_after(sealed, AEAD_NONCE), count);
    EVP_CIPHER_CTX *cipher = aead_begin(key, sealed.at, context, 0);
    bool ready = cipher && aead_run(cipher, text, plain) &&
                 aead_expect(cipher, span_after(sealed, AEAD_NONCE + count));
    bool genuine = ready && EVP_CipherFinal_ex(cipher, end, &none) == 1;
    EVP_CIPHER_CTX_free(cipher);
    *len = genuine ? count : 0;
    if (!genuine && count > 0) {
        OPENSSL_cleanse(plain, count);
    }
    return genuine ? ERR_OK : ready ? ERR_FORGED : ERR_CRYPTO;
}
