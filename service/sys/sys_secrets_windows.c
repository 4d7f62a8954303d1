/*
 * The part of secrets.h that only Windows has: DPAPI in machine scope. Its entropy is the key's
 * bytes with the context behind them, so both must be the same to unseal.
 */
#include "sys/secrets.h"

#include <string.h>
#include <windows.h>

#include <wincrypt.h>

static const DWORD SYS_SCOPE = CRYPTPROTECT_LOCAL_MACHINE | CRYPTPROTECT_UI_FORBIDDEN;

struct sys_entropy {
    BYTE bytes[SECRETS_KEY + SECRETS_CONTEXT_MAX];
};

static DATA_BLOB sys_entropy(struct sys_entropy *room, const struct secrets_key *key,
                             struct span context)
{
    CHECK(context.len <= SECRETS_CONTEXT_MAX);
    memcpy(room->bytes, key->bytes, SECRETS_KEY);
    if (context.len > 0) {
        memcpy(room->bytes + SECRETS_KEY, context.at, context.len);
    }
    return (DATA_BLOB){(DWORD)(SECRETS_KEY + context.len), room->bytes};
}

/* Bytes for DPAPI, whose blobs are not const though it only reads them. */
static DATA_BLOB sys_blob(uint8_t *room, struct span bytes)
{
    if (bytes.len > 0) {
        memcpy(room, bytes.at, bytes.len);
    }
    return (DATA_BLOB){(DWORD)bytes.len, room};
}

/* Moves what DPAPI gave to its place, wiped behind. */
static enum err sys_take(DATA_BLOB *given, uint8_t *place, size_t max, size_t *len)
{
    enum err err = given->cbData <= max ? ERR_OK : ERR_LONG;
    if (err == ERR_OK) {
        memcpy(place, given->pbData, given->cbData);
        *len = given->cbData;
    }
    SecureZeroMemory(given->pbData, given->cbData);
    LocalFree(given->pbData);
    return err;
}

enum err sys_seal(const struct secrets_key *key, struct span context, struct span plain,
                  uint8_t sealed[SECRETS_SEALED_MAX], size_t *len)
{
    struct sys_entropy room;
    uint8_t copy[SECRETS_PLAIN_MAX];
    DATA_BLOB in = sys_blob(copy, plain), entropy = sys_entropy(&room, key, context), out;
    BOOL well = CryptProtectData(&in, NULL, &entropy, NULL, NULL, SYS_SCOPE, &out);
    SecureZeroMemory(&room, sizeof room);
    SecureZeroMemory(copy, sizeof copy);
    return well ? sys_take(&out, sealed, SECRETS_SEALED_MAX, len) : ERR_CRYPTO;
}

enum err sys_unseal(const struct secrets_key *key, struct span context, struct span sealed,
                    uint8_t plain[SECRETS_PLAIN_MAX], size_t *len)
{
    struct sys_entropy room;
    uint8_t copy[SECRETS_SEALED_MAX];
    DATA_BLOB in = sys_blob(copy, sealed), entropy = sys_entropy(&room, key, context), out;
    BOOL well = CryptUnprotectData(&in, NULL, &entropy, NULL, NULL, SYS_SCOPE, &out);
    SecureZeroMemory(&room, sizeof room);
    return well ? sys_take(&out, plain, SECRETS_PLAIN_MAX, len) : ERR_FORGED;
}

void sys_wipe(void *bytes, size_t len)
{
    SecureZeroMemory(bytes, len);
}
