/*
 * random.h over OpenSSL's generator for private values. OpenSSL seeds it from the system.
 */
#include "crypto/random.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

enum err random_bytes(void *place, size_t len)
{
    CHECK(len <= INT_MAX);
    if (len > 0 && RAND_priv_bytes(place, (int)len) != 1) {
        OPENSSL_cleanse(place, len);
        return ERR_CRYPTO;
    }
    return ERR_OK;
}
