/*
 * Digests of bytes: names for what was seen before, such as a certificate that comes back.
 */
#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include "base/span.h"

enum { DIGEST_SHA256 = 32 };

/* ERR_CRYPTO. */
MUST_CHECK enum err digest_sha256(struct span bytes, uint8_t digest[DIGEST_SHA256]);

#endif
