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
    PROOF_TRANSCRIPT_MAX = 65536      /* of EdDSA, which signs the bytes and no digest of them */
};

struct proof {
    struct span key;  /* SubjectPublicKeyInfo, DER */
    uint16_t version; /* 0x0301 to 0x0303 */
    uint16_t scheme;  /* SignatureScheme of TLS 1.2; ignored before */
    struct span signature;
    void *context; /* of `next`, which gives the transcript piece by piece */
    bool (*next)(void *context, struct span *piece);
    uint8_t *scratch; /* PROOF_TRANSCRIPT_MAX bytes */
};

/*
 * ERR_OK: proven. ERR_PROOF_WRONG: it is not its signature. ERR_PROOF_UNCHECKED: a key or a scheme
 * that is not checked here. ERR_CRYPTO.
 */
MUST_CHECK enum err proof_check(const struct proof *proof);

#endif
