/*
 * begin.h over OpenSSL, which takes the first word about its end only.
 */
#include "crypto/begin.h"

#include "base/check.h"

#include <openssl/crypto.h>

void crypto_begin(void)
{
    CHECK(OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL) == 1);
}
