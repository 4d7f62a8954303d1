/*
 * cli_data.h: one way into the data folder and one way out, whatever happens between.
 */
#include "host/cli/cli_data.h"

#include "host/load.h"

int cli_data_judge(const struct cli_data *data, enum err err)
{
    char place[CLI_SENTENCE_MAX];
    struct out why;
    if (err == ERR_OK) {
        return CLI_DONE;
    }
    const char *detail = data->store ? store_detail(data->store) : "";
    out_begin(&why, place, sizeof place);
    out_str(&why, err_sentence(err));
    out_str(&why, " (");
    out_escaped(&why, span_str(data->where.folder));
    out_str(&why, detail[0] ? ": " : "");
    out_escaped(&why, span_str(detail));
    out_str(&why, ")");
    return cli_refuse(&why);
}

int cli_data_find(const struct cli_line *line, struct paths_data *where)
{
    struct span given = {NULL, 0};
    (void)cli_value(line, CLI_DATA, &given);
    enum err err = paths_find_data((const char *)given.at, where);
    if (err != ERR_OK) {
        cli_complain(err_sentence(err), given);
        return CLI_FAILED;
    }
    if (where->choice == PATHS_USER) {
        cli_complain("your own data folder is used, not the service's, which takes root",
                     span_str(where->folder));
    }
    return CLI_DONE;
}

static int data_open(const struct cli_line *line, struct cli_data *data)
{
    struct store_setup setup = {data->where.folder, "omsgateway", STORE_COMMAND};
    int status = cli_data_find(line, &data->where);
    return status == CLI_DONE ? cli_data_judge(data, store_open(&setup, &data->store)) : status;
}

int cli_data_use(const struct cli_line *line, void *context,
                 int (*work)(struct cli_data *data, void *context))
{
    struct cli_data data = {.store = NULL};
    int status = data_open(line, &data);
    status = status == CLI_DONE ? work(&data, context) : status;
    store_close(data.store);
    return status;
}

int cli_data_load(struct cli_data *data, const struct store_visitor *visitor)
{
    uint64_t revision;
    return cli_data_judge(data, store_load(data->store, visitor, &revision));
}

static void data_say_rescue(const struct cli_data *data)
{
    struct store_rescue rescue;
    if (store_take_rescue(data->store, &rescue)) {
        bool moved = rescue.aside[0] != '\0';
        cli_complain(rescue.from_good ? "the configuration was damaged or missing, and the last "
                                        "good copy took its place"
                                      : "the configuration was damaged and is empty now: nothing "
                                        "is allowed until hosts are added again",
                     span_str(""));
        cli_complain(moved ? "the damaged file was set aside" : "there was no file to set aside",
                     span_str(rescue.aside));
    }
}

int cli_data_read(const struct cli_line *line, const struct store_visitor *visitor)
{
    struct cli_data data = {.store = NULL};
    int status = data_open(line, &data);
    status = status == CLI_DONE ? cli_data_load(&data, visitor) : status;
    store_close(data.store);
    return status;
}

struct data_write {
    const void *context;
    int (*change)(struct cli_data *data, const void *context);
    bool changed;
};

static int data_write(struct cli_data *data, void *context)
{
    static const struct store_visitor nothing;
    struct data_write *write = context;
    uint64_t before, after;
    int status = cli_data_judge(data, store_begin(data->store));
    if (status != CLI_DONE) {
        return status;
    }
    data_say_rescue(data);
    status = cli_data_judge(data, store_load(data->store, &nothing, &before));
    status = status == CLI_DONE ? write->change(data, write->context) : status;
    if (status == CLI_DONE) {
        status = cli_data_judge(data, store_commit(data->store, &after));
        write->changed = status == CLI_DONE && after != before;
    }
    store_rollback(data->store);
    return status;
}

int cli_data_write(const struct cli_line *line, const void *context,
                   int (*change)(struct cli_data *data, const void *context), bool *changed)
{
    struct data_write write = {context, change, false};
    int status = cli_data_use(line, &write, data_write);
    *changed = write.changed;
    return status;
}

struct data_settings {
    struct settings *settings;
    size_t wrong;
};

static enum err data_take_setting(void *context, const struct store_setting *stored)
{
    struct data_settings *taken = context;
    char place[CLI_SENTENCE_MAX];
    struct out why;
    out_begin(&why, place, sizeof place);
    if (load_setting(stored, taken->settings, &why) != ERR_OK) {
        (void)cli_refuse(&why);
        taken->wrong++;
    }
    return ERR_OK;
}

int cli_data_settings(struct cli_data *data, struct settings *settings, size_t *wrong)
{
    char place[SETTINGS_WHY_MAX];
    struct out why;
    struct data_settings taken = {settings, 0};
    struct store_visitor visitor = {.context = &taken, .setting = data_take_setting};
    settings_init(settings);
    int status = cli_data_load(data, &visitor);
    *wrong = taken.wrong;
    if (status != CLI_DONE) {
        return status;
    }
    out_begin(&why, place, sizeof place);
    return settings_check(settings, &why) == ERR_OK ? CLI_DONE : cli_refuse(&why);
}
