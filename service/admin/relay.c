/*
 * The relay proxy and its login. A password lives with whoever asked for it, who wipes it; nothing
 * says it.
 */
#include "policy/relay.h"
#include "admin/data.h"

/* ---- get, clear ---- */

static void relay_put(const struct admin *admin, struct span url, bool login)
{
    static const struct sheet_column columns[] = {{"url", false}, {"login", true}};
    static const struct sheet_shape shape = {columns, 2, 0, 1, true};
    admin->row(admin->context, &shape, (struct span[]){url, span_str(login ? "true" : "false")});
}

struct relay_show {
    const struct admin *admin;
    bool found;
};

static enum err relay_take(void *context, const struct store_relay *relay)
{
    struct relay_show *show = context;
    show->found = true;
    relay_put(show->admin, relay->url, relay->username.len > 0);
    return ERR_OK;
}

enum err admin_get_relay(const struct admin *admin)
{
    struct relay_show show = {admin, false};
    struct store_visitor visitor = {.context = &show, .relay = relay_take};
    TRY(data_read(admin, &visitor));
    if (!show.found) {
        admin_tell(admin, ADMIN_NOTE, "no relay proxy is set: targets are reached directly",
                   span_str(""));
        relay_put(admin, (struct span){NULL, 0}, false);
    }
    return ERR_OK;
}

static enum err relay_clear(struct data *data, void *context)
{
    bool was_set;
    (void)context;
    TRY(data_judge(data, store_clear_relay(data->store, &was_set)));
    if (!was_set) {
        admin_tell(data->admin, ADMIN_NOTE, "no relay proxy was set: targets are reached directly",
                   span_str(""));
    }
    return ERR_OK;
}

enum err admin_clear_relay(const struct admin *admin)
{
    bool changed;
    return data_write(admin, NULL, relay_clear, &changed);
}

/* ---- set ---- */

static enum err relay_judge(const struct admin *admin, const struct admin_relay *given, bool all,
                            struct relay *relay)
{
    char place[RELAY_WHY_MAX];
    struct out why;
    out_begin(&why, place, sizeof place);
    enum err err = relay_parse(given->url, relay, &why);
    if (err == ERR_OK && given->login) {
        err = relay_check_username(given->username, &why);
    }
    if (err == ERR_OK && given->login && all) {
        err = relay_check_password(given->password, &why);
    }
    return err == ERR_OK ? ERR_OK : admin_fail(admin, err, out_span(&why));
}

enum err admin_judge_relay(const struct admin *admin, const struct admin_relay *relay)
{
    struct relay parsed;
    return relay_judge(admin, relay, false, &parsed);
}

static enum err relay_set(struct data *data, void *context)
{
    const struct admin_relay *relay = context;
    return data_judge(data,
                      store_set_relay(data->store, relay->url, relay->username, relay->password));
}

enum err admin_set_relay(const struct admin *admin, const struct admin_relay *relay)
{
    char place[RELAY_URL_MAX];
    struct admin_relay kept = {.username = span_str(""), .password = span_str("")};
    struct relay parsed;
    struct out url;
    bool changed;
    TRY(relay_judge(admin, relay, true, &parsed));
    kept = relay->login ? *relay : kept;
    out_begin(&url, place, sizeof place);
    relay_print(&parsed, &url);
    kept.url = out_span(&url);
    return data_write(admin, &kept, relay_set, &changed);
}
