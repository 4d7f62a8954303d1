/*
 * test_store_world.h over ISO C's files.
 */
#include "unit/test_store_world.h"

#include "base/out.h"
#include "sys/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 65536 };

struct text {
    struct store *store;
    char room[TEXT_MAX];
    struct out out;
};

static struct text text;

static void path_of(const char *folder, const char *name, char path[PATHS_MAX])
{
    CHECK(paths_join(folder, name, path) == ERR_OK);
}

void world_remove(const char *folder, const char *name)
{
    char path[PATHS_MAX];
    path_of(folder, name, path);
    enum err err = files_remove(path);
    CHECK(err == ERR_OK || err == ERR_ABSENT);
}

void world_clean(const char *folder)
{
    static const char *const names[] = {
        "gateway.db",          "gateway.db-journal", "gateway.db.new", "gateway.db.good",
        "gateway.db.good.new", "secret.key",         "gateway.lock",   "gateway.db.good.damaged"};
    CHECK(files_make_folder(folder) == ERR_OK);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        world_remove(folder, names[i]);
    }
    world_sweep(folder);
}

unsigned world_number(int argc, char **argv, int i, unsigned otherwise)
{
    uint64_t number;
    if (i >= argc) {
        return otherwise;
    }
    CHECK(span_number(span_str(argv[i]), 1, 1000000, &number) == ERR_OK);
    return (unsigned)number;
}

const char *world_folder(int argc, char **argv, int i, const char *name)
{
    static char folder[PATHS_MAX];
    path_of(i < argc ? argv[i] : ".", name, folder);
    return folder;
}

bool world_has(const char *folder, const char *name)
{
    char path[PATHS_MAX];
    struct files_identity identity;
    path_of(folder, name, path);
    return files_identify(path, &identity) == ERR_OK;
}

struct store *world_open(const char *folder, enum store_use use)
{
    struct store_setup setup = {.folder = folder, .program = "test", .use = use};
    struct store *store;
    CHECK(store_open(&setup, &store) == ERR_OK);
    return store;
}

/* ---- files ---- */

static FILE *open_file(const char *folder, const char *name, const char *how)
{
    char path[PATHS_MAX];
    path_of(folder, name, path);
    FILE *file = fopen(path, how);
    CHECK(file);
    return file;
}

uint8_t *world_read(const char *folder, const char *name, size_t *len)
{
    FILE *file = open_file(folder, name, "rb");
    CHECK(fseek(file, 0, SEEK_END) == 0);
    long size = ftell(file);
    CHECK(size >= 0 && fseek(file, 0, SEEK_SET) == 0);
    uint8_t *bytes = malloc((size_t)size + 1);
    CHECK(bytes && fread(bytes, 1, (size_t)size, file) == (size_t)size);
    CHECK(fclose(file) == 0);
    *len = (size_t)size;
    return bytes;
}

void world_write(const char *folder, const char *name, struct span bytes)
{
    FILE *file = open_file(folder, name, "wb");
    CHECK(bytes.len == 0 || fwrite(bytes.at, 1, bytes.len, file) == bytes.len);
    CHECK(fclose(file) == 0);
}

void world_flip(const char *folder, const char *name, size_t offset, uint8_t mask)
{
    FILE *file = open_file(folder, name, "r+b");
    CHECK(fseek(file, (long)offset, SEEK_SET) == 0);
    int byte = getc(file);
    CHECK(byte != EOF && fseek(file, (long)offset, SEEK_SET) == 0);
    CHECK(putc(byte ^ mask, file) != EOF && fclose(file) == 0);
}

/* ---- printing ---- */

static enum err print_setting(void *context, const struct store_setting *setting)
{
    struct out *out = &((struct text *)context)->out;
    out_str(out, "setting ");
    out_put(out, setting->name);
    out_char(out, '=');
    out_put(out, setting->value);
    out_char(out, '\n');
    return ERR_OK;
}

static enum err print_rule(void *context, const struct store_rule *rule)
{
    struct out *out = &((struct text *)context)->out;
    CHECK(rule->id > 0 && rule->time_ms > 1500000000000);
    out_str(out, store_kind_name(rule->kind));
    out_char(out, ' ');
    out_str(out, store_origin_name(rule->origin));
    out_char(out, ' ');
    out_put(out, rule->value);
    if (rule->comment.len > 0) {
        out_str(out, " #");
        out_put(out, rule->comment);
    }
    out_char(out, '\n');
    return ERR_OK;
}

static enum err print_relay(void *context, const struct store_relay *relay)
{
    struct text *to = context;
    uint8_t plain[SECRETS_PLAIN_MAX];
    size_t len = 0;
    enum err err = ERR_OK;
    if (relay->sealed.len > 0) {
        err = store_unseal(to->store, relay, plain, &len);
    }
    out_str(&to->out, "relay ");
    out_put(&to->out, relay->url);
    out_char(&to->out, ' ');
    out_put(&to->out, relay->username);
    out_char(&to->out, ' ');
    out_put(&to->out, err == ERR_OK ? span_of(plain, len) : span_str(err_name(err)));
    out_char(&to->out, '\n');
    sys_wipe(plain, sizeof plain);
    return ERR_OK;
}

static enum err print_event(void *context, const struct store_event *event)
{
    struct out *out = &((struct text *)context)->out;
    char user[PATHS_USER_MAX];
    paths_user(user);
    CHECK(span_is(event->who, user) && event->time_ms > 1500000000000);
    out_u64(out, event->revision);
    out_char(out, ' ');
    out_put(out, event->program);
    out_char(out, ' ');
    out_put(out, event->what);
    out_str(out, ": ");
    out_put(out, event->old.at ? event->old : span_str("(none)"));
    out_str(out, " -> ");
    out_put(out, event->new.at ? event->new : span_str("(none)"));
    out_char(out, '\n');
    return ERR_OK;
}

static const char *print(struct store *store, const struct store_visitor *visitor, bool revision)
{
    uint64_t number;
    text.store = store;
    out_begin(&text.out, text.room, sizeof text.room);
    enum err err = store_load(store, visitor, &number);
    if (err != ERR_OK) {
        out_begin(&text.out, text.room, sizeof text.room);
        out_str(&text.out, "ERR_");
        out_str(&text.out, err_name(err));
    } else if (revision) {
        out_str(&text.out, "revision ");
        out_u64(&text.out, number);
        out_char(&text.out, '\n');
    }
    CHECK(out_end(&text.out) == ERR_OK);
    return text.room;
}

const char *world_print(struct store *store)
{
    return print(
        store,
        &(struct store_visitor){
            .context = &text, .setting = print_setting, .rule = print_rule, .relay = print_relay},
        true);
}

const char *world_print_history(struct store *store)
{
    return print(store, &(struct store_visitor){.context = &text, .event = print_event}, false);
}

/* ---- changing ---- */

struct store_rule world_rule(enum store_kind kind, const char *value, const char *comment)
{
    return (struct store_rule){.kind = kind,
                               .origin = STORE_LOCAL,
                               .value = span_str(value),
                               .comment = span_str(comment)};
}

uint64_t world_set(struct store *store, const char *name, const char *value)
{
    uint64_t revision;
    CHECK(store_begin(store) == ERR_OK);
    CHECK(store_set_setting(store, span_str(name), span_str(value)) == ERR_OK);
    CHECK(store_commit(store, &revision) == ERR_OK);
    return revision;
}

static enum err change_steps(struct store *store, unsigned n)
{
    char number[32], host[64];
    bool did;
    (void)snprintf(number, sizeof number, "%u", n);
    (void)snprintf(host, sizeof host, "host-%u.example.com", n);
    struct store_rule rule = world_rule(STORE_HOST, host, "for the test");
    TRY(store_set_setting(store, span_str("Counter"), span_str(number)));
    TRY(store_add_rule(store, &rule, &did));
    if (n % 3 == 0) {
        (void)snprintf(host, sizeof host, "host-%u.example.com", n / 3 * 2);
        rule.value = span_str(host);
        TRY(store_remove_rule(store, &rule, &did));
    }
    if (n % 4 == 1) {
        TRY(store_set_relay(store, span_str("http://proxy:8080"), span_str(number),
                            span_str("the password of the test")));
    }
    return n % 8 == 7 ? store_clear_relay(store, &did) : ERR_OK;
}

enum err world_change(struct store *store, unsigned n, uint64_t *revision)
{
    TRY(store_begin(store));
    enum err err = change_steps(store, n);
    if (err != ERR_OK) {
        store_rollback(store);
        return err;
    }
    return store_commit(store, revision);
}
