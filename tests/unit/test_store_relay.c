/*
 * Proves how the relay proxy is kept: its password is sealed, of use for this relay alone, and
 * readable in no file.
 */
#define FOLDER "test_store_relay.data"
#include "unit/test_store_steps.h"

static void a_password_is_sealed_and_bound(void **state)
{
    struct store *store = *state;
    bool was_set;
    begin(store);
    assert_int_equal(
        store_set_relay(store, span_str("http://p:1"), span_str("user"), span_str("s3cret")),
        ERR_OK);
    assert_int_equal(commit(store), 1);
    expect(store, "relay http://p:1 user s3cret\nrevision 1\n");
    begin(store);
    assert_int_equal(store_set_relay(store, span_str("http://q:1"), span_str("user"), span_str("")),
                     ERR_OK);
    assert_int_equal(commit(store), 2);
    expect(store, "relay http://q:1 user \nrevision 2\n");
    begin(store);
    assert_int_equal(store_clear_relay(store, &was_set), ERR_OK);
    assert_true(was_set);
    assert_int_equal(commit(store), 3);
    expect(store, "revision 3\n");
    unit_same(span_str(world_print_history(store)),
              span_str("3 test relay: http://q:1 with a login -> (none)\n"
                       "2 test relay: http://p:1 with a login -> http://q:1 with a login\n"
                       "1 test relay: (none) -> http://p:1 with a login\n"),
              "history");
}

struct moved {
    struct store *store;
    enum err url, username, same;
};

static enum err try_elsewhere(void *context, const struct store_relay *relay)
{
    struct moved *moved = context;
    uint8_t plain[SECRETS_PLAIN_MAX];
    size_t len;
    struct store_relay other = *relay;
    other.url = span_str("http://evil:1");
    moved->url = store_unseal(moved->store, &other, plain, &len);
    other = *relay;
    other.username = span_str("p:1user");
    moved->username = store_unseal(moved->store, &other, plain, &len);
    moved->same = store_unseal(moved->store, relay, plain, &len);
    return ERR_OK;
}

static void a_password_is_of_no_use_elsewhere(void **state)
{
    struct moved moved = {.store = *state};
    struct store_visitor visitor = {.context = &moved, .relay = try_elsewhere};
    uint64_t revision;
    begin(*state);
    assert_int_equal(
        store_set_relay(*state, span_str("http://p:1"), span_str("user"), span_str("s3cret")),
        ERR_OK);
    commit(*state);
    assert_int_equal(store_load(*state, &visitor, &revision), ERR_OK);
    assert_int_equal(moved.url, ERR_SECRET);
    assert_int_equal(moved.username, ERR_SECRET);
    assert_int_equal(moved.same, ERR_OK);
    world_remove(FOLDER, "secret.key");
    expect(*state, "relay http://p:1 user SECRET\nrevision 1\n");
}

static bool holds(const uint8_t *bytes, size_t len, const char *text, size_t text_len)
{
    for (size_t i = 0; i + text_len <= len; i++) {
        if (memcmp(bytes + i, text, text_len) == 0) {
            return true;
        }
    }
    return false;
}

/* As it is, in base64 at each of its three places, and in UTF-16. */
static void a_password_stands_in_no_file(void **state)
{
    static const struct span forms[] = {
        SPAN("Passw0rd-of-relay"), SPAN("UGFzc3cwcmQtb2YtcmVsYX"), SPAN("Bhc3N3MHJkLW9mLXJlbGF5"),
        SPAN("QYXNzdzByZC1vZi1yZWxhe"), SPAN("P\0a\0s\0s\0w\0000\0r\0d\0")};
    static const char *const names[] = {"gateway.db", "gateway.db.good", "secret.key"};
    for (unsigned round = 0; round < 3; round++) {
        begin(*state);
        assert_int_equal(store_set_relay(*state, span_str("http://p:1"), span_str("user"),
                                         span_str("Passw0rd-of-relay")),
                         ERR_OK);
        commit(*state);
    }
    expect(*state, "relay http://p:1 user Passw0rd-of-relay\nrevision 3\n");
    assert_int_equal(store_keep_good(*state), ERR_OK);
    for (size_t i = 0; i < unit_count(names); i++) {
        size_t len;
        uint8_t *bytes = world_read(FOLDER, names[i], &len);
        for (size_t k = 0; k < unit_count(forms); k++) {
            unit_holds(!holds(bytes, len, (const char *)forms[k].at, forms[k].len), "%s %zu",
                       names[i], k);
        }
        free(bytes);
    }
}

static void a_password_too_long_is_refused(void **state)
{
    static char longest[SECRETS_PLAIN_MAX + 2];
    uint64_t revision;
    memset(longest, 'x', sizeof longest - 1);
    begin(*state);
    assert_int_equal(store_set_relay(*state, span_str("u"), span_str(""), span_str(longest)),
                     ERR_LONG);
    assert_int_equal(store_commit(*state, &revision), ERR_LONG);
    expect(*state, "revision 0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(a_password_is_sealed_and_bound),
        IN_A_WORLD(a_password_is_of_no_use_elsewhere),
        IN_A_WORLD(a_password_stands_in_no_file),
        IN_A_WORLD(a_password_too_long_is_refused),
    };
    return cmocka_run_group_tests_name("store_relay", tests, NULL, NULL);
}
