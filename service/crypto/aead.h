/*
 * Sealing bytes with AES-256-GCM: nobody without the key reads them or changes them unnoticed. The
 * context is authenticated with them and not stored: what was sealed for one purpose does not open
 * for another. Sealed bytes are nonce, ciphertext, tag. The nonce is random, so one key may seal
 * some millions of times, not more; a relay's password is far from that.
 */
#ifndef CRYPTO_AEAD_H
#define CRYPTO_AEAD_H

#include "base/span.h"

enum { AEAD_KEY = 32, AEAD_NONCE = 12, AEAD_TAG = 16, AEAD_EXTRA = AEAD_NONCE + AEAD_TAG };

/* `*len` becomes plain.len + AEAD_EXTRA. ERR_LONG when `max` is less; ERR_CRYPTO. */
MUST_CHECK enum err aead_seal(const uint8_t key[AEAD_KEY], struct span context, struct span plain,
                              uint8_t *sealed, size_t max, size_t *len);

/*
 * ERR_SHORT, ERR_LONG, ERR_CRYPTO; ERR_FORGED for another key, another context or changed bytes.
 * After an error `plain` holds none of what was sealed.
 */
MUST_CHECK enum err aead_open(const uint8_t key[AEAD_KEY], struct span context, struct span sealed,
                              uint8_t *plain, size_t max, size_t *len);

#endif
