/*
 * Proves secrets on both systems: what is sealed is unsealed, in another "process" too; another
 * context, another key, no key, a wrong bit or a cut end is ERR_SECRET; the secret stands in no
 * file. Under Wine this proves our code, not the secrecy.
 */
#include "sys/files.h"
#include "sys/paths.h"
#include "sys/secrets.h"
#include "unit/unit.h"

#define FOLDER "test_sys_secrets.data"

static const char password[] = "correct horse battery staple";
static uint8_t sealed[SECRETS_SEALED_MAX];
static size_t sealed_len;

static int fresh_folder(void **state)
{
    (void)state;
    enum err err = files_make_folder(FOLDER);
    if (err == ERR_OK) {
        err = files_remove(FOLDER "/secret.key");
    }
    return err == ERR_OK || err == ERR_ABSENT ? 0 : 1;
}

static void seal(void)
{
    assert_int_equal(
        secrets_seal(FOLDER, span_str("context"), span_str(password), sealed, &sealed_len), ERR_OK);
}

static enum err unseal(struct span context, struct span bytes)
{
    static uint8_t plain[SECRETS_PLAIN_MAX];
    size_t len;
    enum err err = secrets_unseal(FOLDER, context, bytes, plain, &len);
    if (err == ERR_OK) {
        unit_same(span_of(plain, len), span_str(password), "unsealed");
    } else {
        assert_int_equal(len, 0);
    }
    sys_wipe(plain, sizeof plain);
    return err;
}

static enum err unseal_again(void)
{
    return unseal(span_str("context"), span_of(sealed, sealed_len));
}

static void what_is_sealed_is_unsealed(void **state)
{
    (void)state;
    seal();
    assert_int_equal(unseal_again(), ERR_OK);
    for (size_t i = 0; i + sizeof password - 1 <= sealed_len; i++) {
        assert_memory_not_equal(sealed + i, password, sizeof password - 1);
    }
    uint8_t first[SECRETS_SEALED_MAX];
    memcpy(first, sealed, sealed_len);
    size_t first_len = sealed_len;
    seal(); /* with the same key: the first stays good */
    assert_int_equal(unseal(span_str("context"), span_of(first, first_len)), ERR_OK);
}

static void any_length_up_to_the_most(void **state)
{
    (void)state;
    static uint8_t plain[SECRETS_PLAIN_MAX + 1], back[SECRETS_PLAIN_MAX];
    memset(plain, 'x', sizeof plain);
    static const size_t lens[] = {0, 1, 15, 16, 17, 255, 256, SECRETS_PLAIN_MAX};
    for (size_t i = 0; i < unit_count(lens); i++) {
        size_t len;
        struct span context = span_of(NULL, 0);
        enum err err = secrets_seal(FOLDER, context, span_of(plain, lens[i]), sealed, &sealed_len);
        unit_holds(err == ERR_OK, "%zu: %s", lens[i], err_name(err));
        err = secrets_unseal(FOLDER, context, span_of(sealed, sealed_len), back, &len);
        unit_holds(err == ERR_OK && len == lens[i], "%zu: %s", lens[i], err_name(err));
    }
    assert_int_equal(
        secrets_seal(FOLDER, span_str(""), span_of(plain, sizeof plain), sealed, &sealed_len),
        ERR_LONG);
}

static void another_context_does_not_open(void **state)
{
    (void)state;
    seal();
    assert_int_equal(unseal(span_str("contexT"), span_of(sealed, sealed_len)), ERR_SECRET);
    assert_int_equal(unseal(span_str("contex"), span_of(sealed, sealed_len)), ERR_SECRET);
    assert_int_equal(unseal(span_str(""), span_of(sealed, sealed_len)), ERR_SECRET);
}

/* DPAPI may pass over some bytes of its own header: then the very same secret comes out. */
static void a_wrong_byte_never_gives_another_secret(void **state)
{
    (void)state;
    size_t found = 0;
    seal();
    for (size_t i = 0; i < sealed_len; i++) {
        sealed[i] ^= 0x40;
        enum err err = unseal_again();
        unit_holds(err == ERR_SECRET || err == ERR_OK, "byte %zu: %s", i, err_name(err));
        found += err == ERR_SECRET ? 1 : 0;
        sealed[i] ^= 0x40;
    }
    unit_holds(found > sizeof password, "only %zu of %zu", found, sealed_len);
    for (size_t len = 0; len < sealed_len; len++) {
        enum err err = unseal(span_str("context"), span_of(sealed, len));
        unit_holds(err == ERR_SECRET, "length %zu: %s", len, err_name(err));
    }
    assert_int_equal(unseal_again(), ERR_OK);
}

static void another_key_does_not_open(void **state)
{
    (void)state;
    uint8_t key[SECRETS_KEY], other[SECRETS_KEY + 1] = {1}, unused[SECRETS_SEALED_MAX];
    size_t len;
    seal();
    assert_int_equal(files_read(FOLDER "/secret.key", key, sizeof key, &len), ERR_OK);
    assert_int_equal(len, SECRETS_KEY);
    for (size_t i = 0; i < SECRETS_KEY; i++) {
        key[i] ^= 1;
        assert_int_equal(files_write(FOLDER "/secret.key", span_of(key, sizeof key)), ERR_OK);
        assert_int_equal(unseal_again(), ERR_SECRET);
        key[i] ^= 1;
    }
    static const size_t lens[] = {0, 1, SECRETS_KEY - 1, SECRETS_KEY + 1};
    for (size_t i = 0; i < unit_count(lens); i++) {
        struct span wrong = span_of(other, lens[i]);
        assert_int_equal(files_write(FOLDER "/secret.key", wrong), ERR_OK);
        assert_int_equal(unseal_again(), ERR_SECRET);
        /* What is sealed next has a key again; what was sealed before stays lost. */
        assert_int_equal(secrets_seal(FOLDER, span_str(""), span_str("x"), unused, &len), ERR_OK);
        assert_int_equal(unseal_again(), ERR_SECRET);
    }
    assert_int_equal(files_remove(FOLDER "/secret.key"), ERR_OK);
    assert_int_equal(unseal_again(), ERR_SECRET);
    assert_int_equal(files_read(FOLDER "/secret.key", other, sizeof other, &len), ERR_ABSENT);
    assert_int_equal(files_write(FOLDER "/secret.key", span_of(key, sizeof key)), ERR_OK);
    assert_int_equal(unseal_again(), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_sealed_is_unsealed, fresh_folder),
        cmocka_unit_test_setup(any_length_up_to_the_most, fresh_folder),
        cmocka_unit_test_setup(another_context_does_not_open, fresh_folder),
        cmocka_unit_test_setup(a_wrong_byte_never_gives_another_secret, fresh_folder),
        cmocka_unit_test_setup(another_key_does_not_open, fresh_folder),
    };
    return cmocka_run_group_tests_name("sys_secrets", tests, NULL, NULL);
}
