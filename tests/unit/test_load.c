/*
 * Proves the way from a store to rules in force: what was put in decides, what is wrong in a store
 * (written by another version, or by hand) is named and nothing is given, or all but that.
 */
#include "admin/load.h"

#include "policy/decide.h"
#include "store/change.h"
#include "unit/test_store_world.h"
#include "unit/unit.h"

static const char FOLDER[] = "test_load.data";

/* The linker puts it in the place of the store's own. */
typedef enum err unseal_type(const struct store *store, const struct store_relay *relay,
                             uint8_t plain[SECRETS_PLAIN_MAX], size_t *len);
unseal_type __real_store_unseal, __wrap_store_unseal;
static enum err unsealing;

enum err __wrap_store_unseal(const struct store *store, const struct store_relay *relay,
                             uint8_t plain[SECRETS_PLAIN_MAX], size_t *len)
{
    return unsealing != ERR_OK ? unsealing : __real_store_unseal(store, relay, plain, len);
}

/* One change: a setting, a host and a relay with a login, each where it is given. */
static void put(struct store *store, const char *name, const char *value, const char *host,
                const char *url)
{
    uint64_t revision;
    bool added;
    assert_int_equal(store_begin(store), ERR_OK);
    if (name) {
        assert_int_equal(store_set_setting(store, span_str(name), span_str(value)), ERR_OK);
    }
    if (host) {
        struct store_rule rule = world_rule(STORE_HOST, host, "");
        assert_int_equal(store_add_rule(store, &rule, &added), ERR_OK);
    }
    if (url) {
        assert_int_equal(
            store_set_relay(store, span_str(url), span_str("alice"), span_str("secret")), ERR_OK);
    }
    assert_int_equal(store_commit(store, &revision), ERR_OK);
}

static struct store *fresh(void)
{
    world_clean(FOLDER);
    return world_open(FOLDER, STORE_COMMAND);
}

static enum err load(struct store *store, struct load *load, const char **why)
{
    static char place[POLICY_WHY_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    static const struct load_own nowhere;
    enum err err = load_rules(store, &nowhere, load, &out);
    unit_holds((err == ERR_RULES || err == ERR_IN_USE) == (out.len > 0), "%s: %s", err_name(err),
               place);
    *why = place;
    return err;
}

static void what_was_put_in_decides(void **state)
{
    (void)state;
    struct store *store = fresh();
    struct load loaded;
    struct policy_rule rule;
    const char *why;
    assert_int_equal(load(store, &loaded, &why), ERR_OK); /* an empty one too */
    assert_int_equal(loaded.revision, 0);
    assert_int_equal(policy_decide_host(loaded.snapshot, span_str("a.example.com"), 443, &rule),
                     ERR_HOST_UNLISTED);
    load_free(&loaded);

    put(store, "ListenPort", "8081", "*.example.com", "http://proxy:8080");
    assert_int_equal(load(store, &loaded, &why), ERR_OK);
    assert_int_equal(loaded.revision, 1);
    assert_int_equal(loaded.snapshot->settings.listen_port, 8081);
    assert_true(loaded.relay.set && loaded.relay.at.port == 8080);
    unit_same(authority_host(&loaded.relay.at), span_str("proxy"), "relay");
    unit_same(span_of(loaded.relay.login, loaded.relay.user_len), span_str("alice"), "user");
    unit_same(span_of(loaded.relay.login + loaded.relay.user_len, loaded.relay.password_len),
              span_str("secret"), "password");
    assert_int_equal(policy_decide_host(loaded.snapshot, span_str("a.example.com"), 443, &rule),
                     ERR_OK);
    assert_int_equal(rule.row->origin, SNAPSHOT_LOCAL);
    load_free(&loaded);
    for (size_t i = 0; i < sizeof loaded.relay.login; i++) {
        assert_int_equal(loaded.relay.login[i], 0);
    }
    store_close(store);
}

static void many_rows(void **state)
{
    (void)state;
    struct store *store = fresh();
    struct load loaded;
    const char *why;
    uint64_t revision;
    bool added;
    enum { ROWS = 1000 };
    assert_int_equal(store_begin(store), ERR_OK);
    for (unsigned i = 0; i < ROWS; i++) {
        char host[32];
        (void)snprintf(host, sizeof host, "h%u.example.com", i);
        struct store_rule rule = world_rule(i % 2 ? STORE_HOST : STORE_CERTIFICATE, host, "");
        assert_int_equal(store_add_rule(store, &rule, &added), ERR_OK);
    }
    assert_int_equal(store_commit(store, &revision), ERR_OK);
    assert_int_equal(load(store, &loaded, &why), ERR_OK);
    assert_int_equal(loaded.snapshot->row_count, ROWS);
    assert_int_equal(loaded.snapshot->subject_count, ROWS / 2);
    load_free(&loaded);
    store_close(store);
}

/* What is only judged loads no password, and needs no key for it. */
static void what_is_only_judged_stays_sealed(void **state)
{
    (void)state;
    struct store *store = fresh();
    struct load loaded;
    struct load_own own = {.sealed = true};
    char place[POLICY_WHY_MAX];
    struct out why;
    const char *sentence;
    put(store, NULL, NULL, NULL, "http://proxy:8080");
    world_remove(FOLDER, "secret.key");
    out_begin(&why, place, sizeof place);
    assert_int_equal(load(store, &loaded, &sentence), ERR_RULES);
    load_free(&loaded);
    assert_int_equal(load_rules(store, &own, &loaded, &why), ERR_OK);
    assert_true(loaded.relay.set && loaded.relay.password_len == 0);
    load_free(&loaded);
    store_close(store);
}

/* Every way to say "all addresses" finds those of this machine. */
static void a_listener_on_all_addresses_is_on_each(void **state)
{
    (void)state;
    static const struct addr none = {ADDR_NONE, {0}}, v4 = {ADDR_IPV4, {0}}, v6 = {ADDR_IPV6, {0}};
    static const struct addr loopback = {ADDR_IPV4, {127, 0, 0, 1}};
    const struct addr *const all[] = {&none, &v4, &v6};
    struct endpoint own[LOAD_OWN_MAX];
    for (size_t i = 0; i < unit_count(all); i++) {
        const struct endpoint at = {*all[i], 8080};
        size_t count = load_find_own(&at, own);
        bool found = false;
        for (size_t k = 0; k < count; k++) {
            found = found || addr_equal(&own[k].addr, &loopback);
            assert_int_equal(own[k].port, 8080);
        }
        unit_holds(found, "%zu of %zu", i, count);
    }
    const struct endpoint at = {loopback, 8080};
    assert_int_equal(load_find_own(&at, own), 1);
}

static const struct {
    const char *name, *value, *host, *url, *why;
} wrong[] = {
    {"Nonsense", "1", NULL, NULL, "wrong: there is no setting \"Nonsense\""},
    {"ListenPort", "none", NULL, NULL, "ListenPort cannot be \"none\""},
    {"MaxTunnelsPerClient", "20000", NULL, NULL, "contradict each other"},
    {NULL, NULL, "https://a", NULL, "row 1: \"https://a\""},
    {NULL, NULL, NULL, "ftp://proxy", "\"ftp://proxy\": the relay proxy is written as"},
};

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(wrong); i++) {
        struct store *store = fresh();
        struct load loaded;
        const char *why;
        put(store, wrong[i].name, wrong[i].value, wrong[i].host, wrong[i].url);
        assert_int_equal(load(store, &loaded, &why), ERR_RULES);
        unit_holds(strstr(why, wrong[i].why), "%s: %s", wrong[i].why, why);
        assert_null(loaded.snapshot);
        load_free(&loaded);
        store_close(store);
    }
}

static void hear(void *context, struct span entry, struct span why)
{
    struct out *heard = context;
    out_put(heard, entry);
    out_char(heard, ';');
    unit_holds(why.len > 0, "%s", heard->at);
}

/* What contradicts is shut; what stays a contradiction then lets nothing pass, and ends the search.
 */
static void what_is_wrong_can_be_left_out(void **state)
{
    (void)state;
    struct store *store = fresh();
    struct load loaded;
    char place[POLICY_WHY_MAX], entries[1024];
    struct out why, heard;
    struct load_own own = {.leave_out = hear, .context = &heard};
    put(store, "AllowedClients", "friends", "https://a", "ftp://proxy");
    put(store, "MinimumTls", "1.3", "a.example.com", NULL);
    put(store, "Tls13", "refuse", NULL, NULL);
    put(store, "StatusAddress", "127.0.0.1:8080", NULL, NULL);
    out_begin(&why, place, sizeof place);
    out_begin(&heard, entries, sizeof entries);
    assert_int_equal(load_rules(store, &own, &loaded, &why), ERR_OK);
    assert_int_equal(why.len, 0);
    assert_string_equal(entries, "AllowedClients;relay;StatusAddress;MinimumTls;");
    const struct settings *settings = &loaded.snapshot->settings;
    assert_int_equal(settings->allowed_clients.count, 0);
    assert_int_equal(settings->status_address.port, 0);
    assert_int_equal(settings->minimum_tls, MINIMUM_TLS_1_3);
    assert_int_equal(settings->tls13, TLS13_REFUSE);
    assert_int_equal(loaded.snapshot->row_count, 0); /* without the relay nothing is allowed */
    load_free(&loaded);
    store_close(store);
}

/* For a login that cannot be read nothing else waits, unless it can be read in a moment. */
static void a_login_that_cannot_be_read_is_left_out(void **state)
{
    (void)state;
    static const struct {
        enum err met, whole, without;
    } rows[] = {
        {ERR_SECRET, ERR_RULES, ERR_OK},      {ERR_DENIED, ERR_RULES, ERR_OK},
        {ERR_SYSTEM, ERR_RULES, ERR_OK},      {ERR_CRYPTO, ERR_RULES, ERR_OK},
        {ERR_IN_USE, ERR_IN_USE, ERR_IN_USE}, {ERR_MEMORY, ERR_MEMORY, ERR_MEMORY},
    };
    struct store *store = fresh();
    char place[POLICY_WHY_MAX], entries[1024];
    struct out why, heard;
    struct load_own own = {.leave_out = hear, .context = &heard};
    put(store, NULL, NULL, "a.example.com", "http://proxy:8080");
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct load loaded;
        const char *sentence;
        const char *name = err_name(rows[i].met);
        unsealing = rows[i].met;
        enum err err = load(store, &loaded, &sentence);
        unit_holds(err == rows[i].whole, "%s: %s", name, err_name(err));
        bool named = err == ERR_MEMORY || strncmp(sentence, "secret.key: ", 12) == 0;
        unit_holds(named, "%s: %s", name, sentence);
        load_free(&loaded);
        out_begin(&why, place, sizeof place);
        out_begin(&heard, entries, sizeof entries);
        err = load_rules(store, &own, &loaded, &why);
        unit_holds(err == rows[i].without, "%s: %s", name, err_name(err));
        unit_holds((err == ERR_OK) == (strcmp(entries, "the login of the relay;") == 0), "%s: %s",
                   name, entries);
        assert_true(err != ERR_OK || (loaded.relay.set && loaded.relay.user_len == 0 &&
                                      loaded.snapshot->row_count == 1));
        load_free(&loaded);
    }
    unsealing = ERR_OK;
    store_close(store);
}

static void a_damaged_store_gives_nothing(void **state)
{
    (void)state;
    struct store *store = fresh();
    struct load loaded;
    const char *why;
    put(store, NULL, NULL, "a.example.com", NULL);
    store_close(store);
    world_write(FOLDER, "gateway.db", span_str("damaged"));
    store = world_open(FOLDER, STORE_COMMAND);
    assert_int_equal(load(store, &loaded, &why), ERR_STORE_DAMAGED);
    assert_null(loaded.snapshot);
    load_free(&loaded);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_in_decides),
        cmocka_unit_test(many_rows),
        cmocka_unit_test(what_is_only_judged_stays_sealed),
        cmocka_unit_test(a_listener_on_all_addresses_is_on_each),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(what_is_wrong_can_be_left_out),
        cmocka_unit_test(a_login_that_cannot_be_read_is_left_out),
        cmocka_unit_test(a_damaged_store_gives_nothing),
    };
    return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
