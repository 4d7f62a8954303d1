/*
 * Whether a CertificateVerify of TLS 1.0 to 1.2 proves that its sender has the key of the
 * certificate it showed: one signature over the handshake so far. A certificate alone can be copied
 * by everybody who has seen it.
 */
#ifndef CRYPTO_PROOF_H
#define CRYPTO_PROOF_H

#include "base/span.h"

enum {
    PROOF_RSA_BITS_MIN = 1024,
    PROOF_RSA_BITS_MAX = 8192,
    PROOF_RSA_EXPONENT_BITS_MAX = 33, /* a larger one makes checking a work without end */
    PROOF_KEY_MAX = 2048,             /* bytes: RSA of 8192 bits takes half of it */
    PROOF_TRANSCRIPT_MAX = 65536      /* of EdDSA, which signs the bytes and no digest of them */
};

/* A key as it was read, OpenSSL's own: reading one costs several times what checking does. */
struct evp_pkey_st;

/* From a SubjectPublicKeyInfo, DER. ERR_PROOF_UNCHECKED: a key with which nothing is checked here.
 */
MUST_CHECK enum err proof_key_read(struct span der, struct evp_pkey_st **key);
struct evp_pkey_st *proof_key_share(struct evp_pkey_st *key); /* one more who frees it */
void proof_key_free(struct evp_pkey_st *key);                 /* NULL: nothing happens */

struct proof {
    struct evp_pkey_st *key;
    uint16_t version; /* 0x0301 to 0x0303 */
    uint16_t scheme;  /* SignatureScheme of TLS 1.2; ignored before */
    struct span signature;
    void *context; /* of `next`, which gives the transcript piece by piece */
    bool (*next)(void *context, struct span *piece);
    uint8_t *scratch; /* PROOF_TRANSCRIPT_MAX bytes */
};

/*
 * ERR_OK: proven. ERR_PROOF_WRONG: it is not its signature. ERR_PROOF_UNCHECKED: a scheme that is
 * not checked here, or not one of this key. ERR_CRYPTO.
 */
MUST_CHECK enum err proof_check(const struct proof *proof);

#endif
