/*
 * config: settings read, changed, given back their defaults, and the history of all changes. What
 * a change would make of all settings together is judged before it is kept.
 */
#include "base/when.h"
#include "host/cli/cli_data.h"
#include "host/cli/cli_table.h"

#include <string.h>

/* ---- get ---- */

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

static void config_put(struct cli_table *table, const struct settings *settings,
                       enum setting setting)
{
    char place[SETTINGS_VALUE_MAX];
    struct out value;
    out_begin(&value, place, sizeof place);
    settings_print(settings, setting, &value);
    cli_table_row(table, (struct span[]){span_str(settings_row(setting)->name), out_span(&value)});
}

static int config_find(struct span name, enum setting *setting)
{
    char place[SETTINGS_WHY_MAX];
    struct out why;
    out_begin(&why, place, sizeof place);
    return settings_find(name, setting, &why) == ERR_OK ? CLI_DONE : cli_refuse(&why);
}

struct config_print {
    const struct cli_line *line;
    enum setting setting; /* SETTING_COUNT: all of them */
};

static int config_print(struct cli_data *data, void *context)
{
    static const struct cli_column columns[] = {{"name", false}, {"value", false}};
    const struct config_print *print = context;
    struct settings settings;
    struct cli_table table;
    size_t wrong;
    bool all = print->setting == SETTING_COUNT;
    if (cli_data_settings(data, &settings, &wrong) != CLI_DONE || wrong > 0) {
        return CLI_FAILED;
    }
    cli_table_begin(&table, cli_has(print->line, CLI_JSON), columns, 2, 2);
    table.first = all ? 0 : 1;
    if (!all) {
        config_put(&table, &settings, print->setting);
    }
    enum setting next = all ? config_next("") : SETTING_COUNT;
    for (; next != SETTING_COUNT; next = config_next(settings_row(next)->name)) {
        config_put(&table, &settings, next);
    }
    return cli_table_end(&table, CLI_DONE);
}

int cli_config_get(const struct cli_line *line)
{
    struct config_print print = {line, SETTING_COUNT};
    if (line->count > 0 && config_find(cli_word(line, 0), &print.setting) != CLI_DONE) {
        return CLI_FAILED;
    }
    return cli_data_use(line, &print, config_print);
}

/* ---- set, reset ---- */

/* What all settings would be now; stored values that are wrong are said, and stay for a reset. */
static int config_judge(struct cli_data *data)
{
    struct settings settings;
    size_t wrong;
    return cli_data_settings(data, &settings, &wrong);
}

/* A change of these acts later; every `step`th word is a name. */
static void config_say_restarts(const struct cli_line *line, int step)
{
    for (int i = 0; i < line->count; i += step) {
        char place[SETTINGS_WHY_MAX];
        struct out why;
        enum setting setting;
        out_begin(&why, place, sizeof place);
        bool known = settings_find(cli_word(line, i), &setting, &why) == ERR_OK;
        if (known && !settings_row(setting)->live) {
            cli_complain("a restart of the gateway is needed for this setting",
                         span_str(settings_row(setting)->name));
        }
    }
}

static int config_change(const struct cli_line *line, int step,
                         int (*change)(struct cli_data *data, const void *line))
{
    bool changed;
    int status = cli_data_write(line, line, change, &changed);
    if (changed) {
        config_say_restarts(line, step);
    }
    return status;
}

/* Into the store in its one form; for the second time without a fault. */
static int config_set_pair(struct cli_data *data, enum setting setting, struct span value)
{
    char why_place[SETTINGS_WHY_MAX], place[SETTINGS_VALUE_MAX];
    struct settings settings;
    struct out why, canonical;
    out_begin(&why, why_place, sizeof why_place);
    out_begin(&canonical, place, sizeof place);
    settings_init(&settings);
    if (settings_parse(setting, value, &settings, &why) != ERR_OK) {
        return cli_refuse(&why);
    }
    settings_print(&settings, setting, &canonical);
    return !data ? CLI_DONE
                 : cli_data_judge(data, store_set_setting(data->store,
                                                          span_str(settings_row(setting)->name),
                                                          out_span(&canonical)));
}

/* Every pair, each setting once; without `data` they are only judged. */
static int config_set_pairs(struct cli_data *data, const struct cli_line *line)
{
    bool seen[SETTING_COUNT] = {false};
    for (int i = 0; i < line->count; i += 2) {
        enum setting setting;
        if (config_find(cli_word(line, i), &setting) != CLI_DONE) {
            return CLI_FAILED;
        }
        if (seen[setting]) {
            cli_complain("this setting is given twice", cli_word(line, i));
            return CLI_FAILED;
        }
        seen[setting] = true;
        int status = config_set_pair(data, setting, cli_word(line, i + 1));
        if (status != CLI_DONE) {
            return status;
        }
    }
    return CLI_DONE;
}

static int config_set(struct cli_data *data, const void *line)
{
    int status = config_set_pairs(data, line);
    return status == CLI_DONE ? config_judge(data) : status;
}

int cli_config_set(const struct cli_line *line)
{
    struct span last = cli_word(line, line->count - 1);
    if (line->count % 2 > 0) {
        bool joined = span_find(last, '=') < last.len;
        return cli_misused(CLI_config_set,
                           joined ? "name and value are two words, with a space between them"
                                  : "a setting without its value",
                           last);
    }
    int status = config_set_pairs(NULL, line);
    return status == CLI_DONE ? config_change(line, 2, config_set) : status;
}

/* A stored name that is no setting any more can be reset too. */
static int config_reset_one(struct cli_data *data, struct span name)
{
    char place[SETTINGS_WHY_MAX];
    struct out why;
    enum setting setting;
    bool was_set;
    out_begin(&why, place, sizeof place);
    bool known = settings_find(name, &setting, &why) == ERR_OK;
    name = known ? span_str(settings_row(setting)->name) : name;
    int status = cli_data_judge(data, store_reset_setting(data->store, name, &was_set));
    if (status != CLI_DONE || was_set) {
        return status;
    }
    if (!known) {
        return cli_refuse(&why);
    }
    cli_complain("this setting has its default already", name);
    return CLI_DONE;
}

static int config_reset(struct cli_data *data, const void *context)
{
    const struct cli_line *line = context;
    int status = CLI_DONE;
    for (int i = 0; i < line->count && status == CLI_DONE; i++) {
        status = config_reset_one(data, cli_word(line, i));
    }
    return status == CLI_DONE ? config_judge(data) : status;
}

int cli_config_reset(const struct cli_line *line)
{
    return config_change(line, 1, config_reset);
}

/* ---- history ---- */

static enum err config_put_event(void *context, const struct store_event *event)
{
    char revision_place[24], time_place[32];
    struct out revision, time;
    out_begin(&revision, revision_place, sizeof revision_place);
    out_begin(&time, time_place, sizeof time_place);
    out_u64(&revision, event->revision);
    when_print(event->time_ms, &time);
    cli_table_row(context, (struct span[]){out_span(&revision), out_span(&time), event->who,
                                           event->program, event->what, event->old, event->new});
    return ERR_OK;
}

int cli_config_history(const struct cli_line *line)
{
    static const struct cli_column columns[] = {
        {"revision", true}, {"time", false}, {"who", false}, {"program", false},
        {"what", false},    {"old", false},  {"new", false},
    };
    struct cli_table table;
    struct store_visitor visitor = {.context = &table, .event = config_put_event};
    cli_table_begin(&table, cli_has(line, CLI_JSON), columns, 7, 7);
    return cli_table_end(&table, cli_data_read(line, &visitor));
}
