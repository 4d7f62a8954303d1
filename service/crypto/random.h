/*
 * Bytes that nobody can guess: keys, nonces, entropy.
 */
#ifndef CRYPTO_RANDOM_H
#define CRYPTO_RANDOM_H

#include "base/err.h"

#include <stddef.h>

/* ERR_CRYPTO: then the place holds zeros, which must not be used. */
MUST_CHECK enum err random_bytes(void *place, size_t len);

#endif
