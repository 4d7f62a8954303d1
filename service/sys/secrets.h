/*
 * Secrets at rest: bytes sealed so that what is stored tells nothing away from this machine. On
 * Windows by DPAPI in machine scope (installer and cmdlets run as other accounts than the service)
 * with the 32 bytes of `secret.key` as entropy; on Linux by AES-256-GCM under that key. The rights
 * on the data folder are the real wall on both: whoever reads `secret.key` reads the secrets.
 *
 * `context` says what the secret is for; it is not stored, and unsealing needs the same one, so a
 * sealed secret cannot be moved to another use.
 */
#ifndef SYS_SECRETS_H
#define SYS_SECRETS_H

#include "base/span.h"

enum {
    SECRETS_PLAIN_MAX = 1024,
    SECRETS_SEALED_MAX = 2048, /* DPAPI adds some 250 bytes */
    SECRETS_CONTEXT_MAX = 2048,
    SECRETS_KEY = 32
};

/* `folder` is the data folder; its secret.key is made where it is missing or too long or short. */
MUST_CHECK enum err secrets_seal(const char *folder, struct span context, struct span plain,
                                 uint8_t sealed[SECRETS_SEALED_MAX], size_t *len);

/*
 * ERR_SECRET when it cannot be unsealed: from another machine, for another context, damaged, or
 * its key is gone; else what files_read says of that. `plain` is the caller's to wipe.
 */
MUST_CHECK enum err secrets_unseal(const char *folder, struct span context, struct span sealed,
                                   uint8_t plain[SECRETS_PLAIN_MAX], size_t *len);

/* Overwrites a secret that is not needed any more; the compiler cannot leave it out. */
void sys_wipe(void *bytes, size_t len);

/* What a system does with the key's bytes: for secrets.c alone. Any error means it did not work. */
struct secrets_key {
    uint8_t bytes[SECRETS_KEY];
};

MUST_CHECK enum err sys_seal(const struct secrets_key *key, struct span context, struct span plain,
                             uint8_t sealed[SECRETS_SEALED_MAX], size_t *len);
MUST_CHECK enum err sys_unseal(const struct secrets_key *key, struct span context,
                               struct span sealed, uint8_t plain[SECRETS_PLAIN_MAX], size_t *len);

#endif
