/*
 * secrets.h, the part that is the same everywhere: the key's file. It is made once and replaced
 * only where it is no key any more: what was sealed with it is lost then, and is being set again.
 */
#include "sys/secrets.h"

#include "crypto/random.h"
#include "sys/files.h"
#include "sys/paths.h"

static enum err secrets_read_key(const char *path, struct secrets_key *key)
{
    size_t len;
    enum err err = files_read(path, key->bytes, sizeof key->bytes, &len);
    return err == ERR_LONG || (err == ERR_OK && len != SECRETS_KEY) ? ERR_SECRET : err;
}

/* Of two programs that make the key at once, one makes it and both read it. */
static enum err secrets_make_key(const char *path, struct secrets_key *key)
{
    TRY(random_bytes(key->bytes, sizeof key->bytes));
    enum err err = files_write_new(path, span_of(key->bytes, sizeof key->bytes));
    return err == ERR_EXISTS ? secrets_read_key(path, key) : err;
}

/* ERR_ABSENT when it is gone. */
static enum err secrets_remove_key(const char *path)
{
    enum err err = files_remove(path);
    return err == ERR_OK ? ERR_ABSENT : err;
}

enum err secrets_seal(const char *folder, struct span context, struct span plain,
                      uint8_t sealed[SECRETS_SEALED_MAX], size_t *len)
{
    char path[PATHS_MAX];
    struct secrets_key key;
    if (plain.len > SECRETS_PLAIN_MAX || context.len > SECRETS_CONTEXT_MAX) {
        return ERR_LONG;
    }
    TRY(paths_join(folder, "secret.key", path));
    enum err err = secrets_read_key(path, &key);
    err = err == ERR_SECRET ? secrets_remove_key(path) : err;
    err = err == ERR_ABSENT ? secrets_make_key(path, &key) : err;
    err = err == ERR_OK ? sys_seal(&key, context, plain, sealed, len) : err;
    sys_wipe(&key, sizeof key);
    return err;
}

/* One answer for all the ways in which bytes are not what was sealed here; a file that cannot be
 * read is another matter, and setting the password again would not help. */
static enum err secrets_judge(enum err err)
{
    switch (err) {
    case ERR_OK:
    case ERR_DENIED:
    case ERR_IN_USE:
    case ERR_CRYPTO:
    case ERR_SYSTEM:
        return err;
    default:
        return ERR_SECRET;
    }
}

enum err secrets_unseal(const char *folder, struct span context, struct span sealed,
                        uint8_t plain[SECRETS_PLAIN_MAX], size_t *len)
{
    char path[PATHS_MAX];
    struct secrets_key key;
    *len = 0;
    TRY(paths_join(folder, "secret.key", path));
    if (sealed.len > SECRETS_SEALED_MAX || context.len > SECRETS_CONTEXT_MAX) {
        return ERR_SECRET;
    }
    enum err err = secrets_read_key(path, &key);
    err = err == ERR_OK ? sys_unseal(&key, context, sealed, plain, len) : err;
    sys_wipe(&key, sizeof key);
    return secrets_judge(err);
}
