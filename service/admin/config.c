/*
 * Settings read, changed, given back their defaults, and the history of all changes. What a change
 * would make of all settings together is judged before it is kept.
 */
#include "admin/data.h"
#include "admin/load.h"
#include "base/when.h"

#include <string.h>

/* ---- read ---- */

/* The next name in the alphabet behind `last` ("": the first); SETTING_COUNT: there is none. */
static enum setting config_next(const char *last)
{
    enum setting next = SETTING_COUNT;
    for (enum setting i = 0; i < SETTING_COUNT; i++) {
        const char *name = settings_row(i)->name;
        if (strcmp(name, last) > 0 &&
            (next == SETTING_COUNT || strcmp(name, settings_row(next)->name) < 0)) {
            next = i;
        }
    }
    return next;
}

static enum err config_know(const struct admin *admin, struct span name, enum setting *setting)
{
    char place[SETTINGS_WHY_MAX];
    struct out why;
    out_begin(&why, place, sizeof place);
    enum err err = settings_find(name, setting, &why);
    return err == ERR_OK ? ERR_OK : admin_fail(admin, err, out_span(&why));
}

static void config_put(const struct admin *admin, const struct settings *settings,
                       enum setting setting, const struct sheet_shape *shape)
{
    char place[SETTINGS_VALUE_MAX];
    struct out value;
    out_begin(&value, place, sizeof place);
    settings_print(settings, setting, &value);
    const struct settings_row *row = settings_row(setting);
    admin->row(admin->context, shape,
               (struct span[]){span_str(row->name), out_span(&value), span_str(row->standard),
                               span_str(row->accepted), span_str(row->live ? "false" : "true"),
                               span_str(row->description)});
}

/* One, or with SETTING_COUNT all of them. */
static enum err config_show(struct data *data, void *context)
{
    static const struct sheet_column columns[] = {{"name", false},    {"value", false},
                                                  {"default", false}, {"accepted", false},
                                                  {"restart", true},  {"description", false}};
    static const struct sheet_shape one = {columns, 6, 1, 2, false},
                                    all = {columns, 6, 0, 2, false};
    const enum setting *setting = context;
    const struct admin *admin = data->admin;
    struct settings settings;
    enum err wrong;
    TRY(data_settings(data, ADMIN_WRONG, &settings, &wrong));
    TRY(wrong);
    if (*setting != SETTING_COUNT) {
        config_put(admin, &settings, *setting, &one);
    }
    enum setting next = *setting == SETTING_COUNT ? config_next("") : SETTING_COUNT;
    for (; next != SETTING_COUNT; next = config_next(settings_row(next)->name)) {
        config_put(admin, &settings, next, &all);
    }
    admin->row(admin->context, &all, NULL);
    return ERR_OK;
}

enum err admin_get_setting(const struct admin *admin, struct span name)
{
    enum setting setting;
    TRY(config_know(admin, name, &setting));
    return data_use(admin, &setting, config_show);
}

enum err admin_list_settings(const struct admin *admin)
{
    enum setting setting = SETTING_COUNT;
    return data_use(admin, &setting, config_show);
}

/* ---- set, reset ---- */

struct config_change {
    const struct admin_words *words;
    struct settings before, after;
};

/* What all settings would be now; stored values that are wrong are said, and stay for a reset. */
static enum err config_judge(struct data *data, struct config_change *change)
{
    enum err wrong;
    return data_settings(data, ADMIN_WARNING, &change->after, &wrong);
}

static bool config_differs(const struct config_change *change, enum setting setting)
{
    char before_place[SETTINGS_VALUE_MAX], after_place[SETTINGS_VALUE_MAX];
    struct out before, after;
    out_begin(&before, before_place, sizeof before_place);
    out_begin(&after, after_place, sizeof after_place);
    settings_print(&change->before, setting, &before);
    settings_print(&change->after, setting, &after);
    return !span_equal(out_span(&before), out_span(&after));
}

static enum err config_write(const struct admin *admin, struct config_change *change,
                             enum err (*work)(struct data *data, void *change))
{
    bool changed;
    enum err err = data_write(admin, change, work, &changed);
    for (enum setting i = 0; changed && i < SETTING_COUNT; i++) {
        if (!settings_row(i)->live && config_differs(change, i)) {
            admin_tell(admin, ADMIN_WARNING, "a restart of the gateway is needed for this setting",
                       span_str(settings_row(i)->name));
        }
    }
    if (changed && change->after.status_address.port != 0 &&
        config_differs(change, SETTING_StatusAddress)) {
        admin_tell(admin, ADMIN_WARNING, "this version does not serve /metrics and /healthz yet",
                   span_str("StatusAddress"));
    }
    return err;
}

/* Into the store in its one form; without `data` it is only judged. */
static enum err config_set_pair(const struct admin *admin, struct data *data, enum setting setting,
                                struct span value)
{
    char why_place[SETTINGS_WHY_MAX], place[SETTINGS_VALUE_MAX];
    struct settings settings;
    struct out why, canonical;
    out_begin(&why, why_place, sizeof why_place);
    out_begin(&canonical, place, sizeof place);
    settings_init(&settings);
    enum err err = settings_parse(setting, value, &settings, &why);
    if (err != ERR_OK) {
        return admin_fail(admin, err, out_span(&why));
    }
    settings_print(&settings, setting, &canonical);
    struct span name = span_str(settings_row(setting)->name);
    return !data ? ERR_OK
                 : data_judge(data, store_set_setting(data->store, name, out_span(&canonical)));
}

/* Every pair, each setting once. */
static enum err config_set_pairs(const struct admin *admin, struct data *data,
                                 const struct admin_words *pairs)
{
    bool seen[SETTING_COUNT] = {false};
    for (size_t i = 0; i < pairs->count; i += 2) {
        enum setting setting;
        struct span name = span_str(pairs->at[i]);
        TRY(config_know(admin, name, &setting));
        if (seen[setting]) {
            admin_tell(admin, ADMIN_WRONG, "this setting is given twice", name);
            return ERR_CONFLICT;
        }
        seen[setting] = true;
        TRY(config_set_pair(admin, data, setting, span_str(pairs->at[i + 1])));
    }
    return ERR_OK;
}

static enum err config_set(struct data *data, void *context)
{
    struct config_change *change = context;
    TRY(data_take_settings(data, ADMIN_NOTE, &change->before, NULL)); /* said by config_judge */
    TRY(config_set_pairs(data->admin, data, change->words));
    return config_judge(data, change);
}

enum err admin_set_settings(const struct admin *admin, const struct admin_words *pairs)
{
    struct config_change change = {.words = pairs};
    CHECK(pairs->count % 2 == 0);
    TRY(config_set_pairs(admin, NULL, pairs));
    return config_write(admin, &change, config_set);
}

/* A stored name that is no setting any more can be reset too. */
static enum err config_reset_one(struct data *data, struct span name)
{
    char place[SETTINGS_WHY_MAX];
    struct out why;
    enum setting setting;
    bool was_set;
    out_begin(&why, place, sizeof place);
    enum err known = settings_find(name, &setting, &why);
    name = known == ERR_OK ? span_str(settings_row(setting)->name) : name;
    TRY(data_judge(data, store_reset_setting(data->store, name, &was_set)));
    if (!was_set && known != ERR_OK) {
        return admin_fail(data->admin, known, out_span(&why));
    }
    if (!was_set) {
        admin_tell(data->admin, ADMIN_NOTE, "this setting has its default already", name);
    }
    return ERR_OK;
}

static enum err config_reset(struct data *data, void *context)
{
    struct config_change *change = context;
    TRY(data_take_settings(data, ADMIN_NOTE, &change->before, NULL)); /* said by config_judge */
    for (size_t i = 0; i < change->words->count; i++) {
        TRY(config_reset_one(data, span_str(change->words->at[i])));
    }
    return config_judge(data, change);
}

enum err admin_reset_settings(const struct admin *admin, const struct admin_words *names)
{
    struct config_change change = {.words = names};
    return config_write(admin, &change, config_reset);
}

/* ---- history ---- */

static const struct sheet_column history_columns[] = {
    {"revision", true}, {"time", false}, {"who", false}, {"program", false},
    {"what", false},    {"old", false},  {"new", false},
};
static const struct sheet_shape history_shape = {history_columns, 7, 0, 7, false};

static enum err history_put(void *context, const struct store_event *event)
{
    const struct admin *admin = context;
    char revision_place[24], time_place[32];
    struct out revision, time;
    out_begin(&revision, revision_place, sizeof revision_place);
    out_begin(&time, time_place, sizeof time_place);
    out_u64(&revision, event->revision);
    when_print(event->time_ms, &time);
    admin->row(admin->context, &history_shape,
               (struct span[]){out_span(&revision), out_span(&time), event->who, event->program,
                               event->what, event->old, event->new});
    return ERR_OK;
}

enum err admin_list_history(const struct admin *admin)
{
    struct admin own = *admin;
    struct store_visitor visitor = {.context = &own, .event = history_put};
    TRY(data_read(admin, &visitor));
    admin->row(admin->context, &history_shape, NULL);
    return ERR_OK;
}
