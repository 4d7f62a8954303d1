/*
 * The part of secrets.h that only Linux has: there is no keeper of secrets on every Linux, so the
 * key itself seals.
 */
#define _DEFAULT_SOURCE

#include "sys/secrets.h"

#include "crypto/aead.h"

#include <string.h>

enum err sys_seal(const struct secrets_key *key, struct span context, struct span plain,
                  uint8_t sealed[SECRETS_SEALED_MAX], size_t *len)
{
    return aead_seal(key->bytes, context, plain, sealed, SECRETS_SEALED_MAX, len);
}

enum err sys_unseal(const struct secrets_key *key, struct span context, struct span sealed,
                    uint8_t plain[SECRETS_PLAIN_MAX], size_t *len)
{
    return aead_open(key->bytes, context, sealed, plain, SECRETS_PLAIN_MAX, len);
}

void sys_wipe(void *bytes, size_t len)
{
    explicit_bzero(bytes, len);
}
