/*
 * load.h. The store hands out one row at a time, the compiler wants them all: between the two they
 * lie in memory of their own.
 */
#include "admin/load.h"

#include "base/utf.h"
#include "crypto/random.h"
#include "sys/machine.h"
#include "sys/own.h"

#include <stdlib.h>
#include <string.h>

struct load_rows {
    struct settings settings;
    struct policy_row *rows;
    size_t count, room;
    struct store *store;
    struct load *load;
    const struct load_own *own;
    struct out *why;
    bool nowhere; /* no row counts: it is not known through whom a target is reached */
};

static enum err load_read_setting(const struct store_setting *stored, struct settings *settings,
                                  struct out *why)
{
    enum setting setting;
    TRY(settings_find(stored->name, &setting, why));
    return settings_parse(setting, stored->value, settings, why);
}

enum err load_setting(const struct store_setting *stored, struct settings *settings,
                      struct out *why)
{
    char place[SETTINGS_WHY_MAX];
    struct out wrong;
    out_begin(&wrong, place, sizeof place);
    enum err err = load_read_setting(stored, settings, &wrong);
    if (err != ERR_OK) {
        out_str(why, "a stored setting is wrong: ");
        out_put(why, out_span(&wrong));
        out_str(why, " or: omsgateway config reset ");
        out_escaped(why, stored->name);
    }
    return err;
}

void load_say_nothing(void *context, struct span entry, struct span why)
{
    (void)context;
    (void)entry;
    (void)why;
}

/* Something is wrong: its end, or another entry that is left out. */
static enum err load_leave_out(const struct load_rows *rows, struct span entry,
                               const struct out *why)
{
    if (!rows->own->leave_out) {
        out_put(rows->why, out_span(why));
        return ERR_RULES;
    }
    rows->own->leave_out(rows->own->context, entry, out_span(why));
    return ERR_OK;
}

static enum err load_take_setting(void *context, const struct store_setting *stored)
{
    struct load_rows *rows = context;
    char place[POLICY_WHY_MAX];
    struct out why;
    enum setting setting;
    out_begin(&why, place, sizeof place);
    if (load_setting(stored, &rows->settings, &why) == ERR_OK) {
        return ERR_OK;
    }
    TRY(load_leave_out(rows, stored->name, &why));
    if (settings_find(stored->name, &setting, &why) == ERR_OK) {
        settings_shut(setting, &rows->settings);
    }
    return ERR_OK;
}

static enum err load_take_rule(void *context, const struct store_rule *rule)
{
    struct load_rows *rows = context;
    if (rows->count == rows->room) {
        size_t room = rows->room * 2 + 64;
        void *more = realloc(rows->rows, room * sizeof *rows->rows);
        if (!more) {
            return ERR_MEMORY;
        }
        rows->rows = more;
        rows->room = room;
    }
    uint8_t *text = malloc(rule->value.len + 1);
    if (!text) {
        return ERR_MEMORY;
    }
    memcpy(text, rule->value.at, rule->value.len);
    rows->rows[rows->count++] = (struct policy_row){
        .list = rule->kind == STORE_HOST ? POLICY_HOSTS : POLICY_SUBJECTS,
        .origin = (enum snapshot_origin)rule->origin, /* both come from origins.def */
        .id = rule->id,
        .text = span_of(text, rule->value.len),
    };
    return ERR_OK;
}

static void load_put_authority(const struct relay *relay, struct authority *at)
{
    *at = (struct authority){.port = relay->port, .host_len = relay->host.len};
    memcpy(at->host, relay->host.text, relay->host.len);
    if (relay->host.kind == PATTERN_ADDRESS) {
        CHECK(addr_parse(authority_host(at), &at->addr) == ERR_OK);
    }
}

static enum err load_take_login(struct load_rows *rows, const struct store_relay *stored)
{
    struct rules_relay *to = &rows->load->relay;
    uint8_t password[SECRETS_PLAIN_MAX];
    size_t len = 0;
    if (stored->sealed.len > 0 && !rows->own->sealed) {
        TRY(store_unseal(rows->store, stored, password, &len));
    }
    enum err err = stored->username.len + len <= sizeof to->login ? ERR_OK : ERR_LONG;
    if (err == ERR_OK) {
        to->user_len = (uint16_t)stored->username.len;
        to->password_len = (uint16_t)len;
        memcpy(to->login, stored->username.at, stored->username.len);
        memcpy(to->login + to->user_len, password, len);
    }
    sys_wipe(password, sizeof password);
    return err;
}

/* What passes by itself, and a lack of memory, fail the whole: it is loaded again. */
static enum err load_leave_login(struct load_rows *rows, enum err err)
{
    char place[POLICY_WHY_MAX];
    struct out why;
    out_begin(&why, place, sizeof place);
    out_str(&why, err == ERR_LONG ? "" : "secret.key: ");
    out_str(&why, err_sentence(err));
    if (err == ERR_IN_USE) {
        out_put(rows->why, out_span(&why));
        return err;
    }
    return err == ERR_MEMORY ? err : load_leave_out(rows, span_str("the login of the relay"), &why);
}

static enum err load_take_relay(void *context, const struct store_relay *stored)
{
    struct load_rows *rows = context;
    struct relay relay;
    char place[POLICY_WHY_MAX];
    struct out why;
    out_begin(&why, place, sizeof place);
    if (relay_parse(stored->url, &relay, &why) != ERR_OK) {
        rows->nowhere = true;
        return load_leave_out(rows, span_str("relay"), &why);
    }
    load_put_authority(&relay, &rows->load->relay.at);
    rows->load->relay.set = true;
    enum err err = load_take_login(rows, stored);
    return err == ERR_OK ? ERR_OK : load_leave_login(rows, err);
}

static void load_free_rows(struct load_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        uintptr_t text = (uintptr_t)rows->rows[i].text.at; /* ours, and const to everybody else */
        free((void *)text);
    }
    free(rows->rows);
}

size_t load_find_own(const struct endpoint *at, struct endpoint own[LOAD_OWN_MAX])
{
    static const struct addr any_v4 = {ADDR_IPV4, {0}}, any_v6 = {ADDR_IPV6, {0}};
    struct addr addrs[LOAD_OWN_MAX];
    memset(own, 0, LOAD_OWN_MAX * sizeof own[0]);
    own[0] = (struct endpoint){at->addr.family == ADDR_NONE ? any_v6 : at->addr, at->port};
    if (!addr_equal(&own[0].addr, &any_v4) && !addr_equal(&own[0].addr, &any_v6)) {
        return 1;
    }
    size_t count = machine_addresses(addrs, LOAD_OWN_MAX - 1);
    for (size_t i = 0; i < count; i++) {
        own[i + 1] = (struct endpoint){addrs[i], at->port};
    }
    return count > 0 ? count + 1 : 0;
}

enum err load_check(const char *folder, const struct settings *settings, enum setting *first,
                    struct out *why)
{
    const char *log = settings->access_log.text;
    if (log[0] == '\0' || !own_is_path(folder, log)) {
        return settings_check(settings, first, why);
    }
    *first = SETTING_AccessLog;
    out_str(why, "AccessLog (");
    out_escaped(why, span_str(log));
    out_str(why, ") is a file in which the gateway keeps its own data; for example: omsgateway "
                 "config set AccessLog off");
    return ERR_CONFLICT;
}

/* A contradiction that stays lets nothing pass. */
static enum err load_settle(struct load_rows *rows)
{
    enum setting last = SETTING_COUNT, first;
    char place[POLICY_WHY_MAX];
    struct out why;
    out_begin(&why, place, sizeof place);
    while (load_check(store_folder(rows->store), &rows->settings, &first, &why) != ERR_OK &&
           first != last) {
        TRY(load_leave_out(rows, span_str(settings_row(first)->name), &why));
        settings_shut(first, &rows->settings);
        last = first;
        out_begin(&why, place, sizeof place);
    }
    return ERR_OK;
}

static void load_leave_row(void *context, const struct policy_row *row, struct span why)
{
    const struct load_rows *rows = context;
    enum { SHOWN_MAX = 400 };
    char place[SHOWN_MAX + 32];
    struct out entry;
    out_begin(&entry, place, sizeof place);
    out_str(&entry, store_kind_name(row->list == POLICY_HOSTS ? STORE_HOST : STORE_CERTIFICATE));
    out_char(&entry, ' ');
    out_put(&entry, utf_first(row->text, SHOWN_MAX));
    out_str(&entry, row->text.len > SHOWN_MAX ? "..." : "");
    rows->own->leave_out(rows->own->context, out_span(&entry), why);
}

static enum err load_compile(struct load_rows *rows)
{
    const struct load_own *own = rows->own;
    struct policy_source source = {.settings = &rows->settings,
                                   .rows = rows->rows,
                                   .row_count = rows->nowhere ? 0 : rows->count,
                                   .own = own->at,
                                   .own_count = own->count,
                                   .leave_out = own->leave_out ? load_leave_row : NULL,
                                   .context = rows};
    TRY(load_settle(rows));
    TRY(random_bytes(source.seed, sizeof source.seed));
    return policy_compile(&source, &rows->load->snapshot, rows->why);
}

enum err load_rules(struct store *store, const struct load_own *own, struct load *load,
                    struct out *why)
{
    struct load_rows rows = {.store = store, .load = load, .own = own, .why = why};
    struct store_visitor visitor = {.context = &rows,
                                    .setting = load_take_setting,
                                    .rule = load_take_rule,
                                    .relay = load_take_relay};
    settings_init(&rows.settings);
    *load = (struct load){.snapshot = NULL};
    enum err err = store_load(store, &visitor, &load->revision);
    err = err == ERR_OK ? load_compile(&rows) : err;
    load_free_rows(&rows);
    return err;
}

void load_free(struct load *load)
{
    policy_free(load->snapshot);
    sys_wipe(&load->relay, sizeof load->relay);
}
