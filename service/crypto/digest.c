/*
 * digest.h over OpenSSL.
 */
#include "crypto/digest.h"

#include <openssl/evp.h>

enum err digest_sha256(struct span bytes, uint8_t digest[DIGEST_SHA256])
{
    unsigned len = 0;
    int well = EVP_Digest(bytes.len > 0 ? bytes.at : (const uint8_t *)"", bytes.len, digest, &len,
                          EVP_sha256(), NULL);
    return well == 1 && len == DIGEST_SHA256 ? ERR_OK : ERR_CRYPTO;
}
