/*
 * data.h: one way into the data folder and one way out, whatever happens between.
 */
#include "admin/data.h"

#include "admin/load.h"
#include "policy/say.h"
#include "sys/files.h"

enum err admin_fail(const struct admin *admin, enum err err, struct span sentence)
{
    admin->say(admin->context, ADMIN_WRONG, sentence);
    return err;
}

void admin_tell(const struct admin *admin, enum admin_tone tone, const char *what,
                struct span which)
{
    char place[1024];
    struct out line;
    out_begin(&line, place, sizeof place);
    say_about(what, which, &line);
    admin->say(admin->context, tone, out_span(&line));
}

enum err data_judge(const struct data *data, enum err err)
{
    char place[ADMIN_SENTENCE_MAX];
    struct out why;
    if (err == ERR_OK) {
        return ERR_OK;
    }
    const char *detail = data->store ? store_detail(data->store) : "";
    out_begin(&why, place, sizeof place);
    out_str(&why, err_sentence(err));
    out_str(&why, " (");
    out_escaped(&why, span_str(data->where.folder));
    out_str(&why, detail[0] ? ": " : "");
    out_escaped(&why, span_str(detail));
    out_str(&why, ")");
    return admin_fail(data->admin, err, out_span(&why));
}

enum err data_find(const struct admin *admin, struct paths_data *where)
{
    enum err err = paths_find_data(admin->folder, where);
    if (err != ERR_OK) {
        admin_tell(admin, ADMIN_WRONG, err_sentence(err),
                   span_str(admin->folder ? admin->folder : ""));
    } else if (where->choice == PATHS_USER) {
        admin_tell(admin, ADMIN_WARNING,
                   "your own data folder is used, not the service's, which takes root",
                   span_str(where->folder));
    }
    return err;
}

enum err data_use(const struct admin *admin, void *context,
                  enum err (*work)(struct data *data, void *context))
{
    struct data data = {.admin = admin};
    TRY(data_find(admin, &data.where));
    struct store_setup setup = {data.where.folder, admin->program, STORE_COMMAND};
    enum err err = data_judge(&data, store_open(&setup, &data.store));
    err = err == ERR_OK ? work(&data, context) : err;
    store_close(data.store);
    return err;
}

/* Who only reads makes no folder; that there is none is worth a word. */
static enum err data_look_at_folder(const struct data *data)
{
    struct files_identity folder;
    enum err err = files_identify(data->where.folder, &folder);
    if (err == ERR_OK && !folder.folder) {
        return ERR_FOLDER_FILE;
    }
    if (err == ERR_ABSENT) {
        admin_tell(data->admin, ADMIN_WARNING,
                   "this data folder does not exist yet: nothing is set or listed in it",
                   span_str(data->where.folder));
    }
    return ERR_OK;
}

enum err data_load(struct data *data, const struct store_visitor *visitor)
{
    uint64_t revision;
    enum err err = store_load(data->store, visitor, &revision);
    if (err == ERR_OK && revision == 0) {
        err = data_look_at_folder(data);
    }
    return data_judge(data, err);
}

static void data_tell_rescue(const struct data *data)
{
    struct store_rescue rescue;
    if (store_take_rescue(data->store, &rescue)) {
        char place[ADMIN_SENTENCE_MAX];
        struct out sentence;
        out_begin(&sentence, place, sizeof place);
        store_print_rescue(&rescue, &sentence);
        data->admin->say(data->admin->context, ADMIN_WARNING, out_span(&sentence));
    }
}

static enum err data_show(struct data *data, void *visitor)
{
    return data_load(data, visitor);
}

enum err data_read(const struct admin *admin, const struct store_visitor *visitor)
{
    struct store_visitor own = *visitor;
    return data_use(admin, &own, data_show);
}

static void data_tell_unkept(const struct data *data)
{
    enum err err = store_judge_good(data->store);
    if (err != ERR_OK) {
        admin_tell(
            data->admin, ADMIN_WARNING,
            "the change is in force, but gateway.db.good, which takes its file's place after a "
            "damage, could not be made",
            span_str(err_sentence(err)));
    }
}

struct data_change {
    void *context;
    enum err (*change)(struct data *data, void *context);
    bool changed;
};

static enum err data_change(struct data *data, void *context)
{
    static const struct store_visitor nothing;
    struct data_change *change = context;
    uint64_t before, after;
    TRY(data_judge(data, store_begin(data->store)));
    data_tell_rescue(data);
    enum err err = data_judge(data, store_load(data->store, &nothing, &before));
    err = err == ERR_OK ? change->change(data, change->context) : err;
    if (err == ERR_OK) {
        err = data_judge(data, store_commit(data->store, &after));
        change->changed = err == ERR_OK && after != before;
        data_tell_unkept(data);
    }
    store_rollback(data->store);
    return err;
}

enum err data_write(const struct admin *admin, void *context,
                    enum err (*change)(struct data *data, void *context), bool *changed)
{
    struct data_change own = {context, change, false};
    enum err err = data_use(admin, &own, data_change);
    *changed = own.changed;
    return err;
}

struct data_settings {
    const struct data *data;
    enum admin_tone tone;
    struct settings *settings;
    enum err *wrong;
};

static enum err data_take_setting(void *context, const struct store_setting *stored)
{
    struct data_settings *taken = context;
    const struct admin *admin = taken->data->admin;
    char place[ADMIN_SENTENCE_MAX];
    struct out why;
    out_begin(&why, place, sizeof place);
    enum err err = load_setting(stored, taken->settings, &why);
    if (err != ERR_OK && taken->wrong) {
        admin->say(admin->context, taken->tone, out_span(&why));
        *taken->wrong = err;
    }
    return ERR_OK;
}

enum err data_take_settings(struct data *data, enum admin_tone tone, struct settings *settings,
                            enum err *wrong)
{
    struct data_settings taken = {data, tone, settings, wrong};
    struct store_visitor visitor = {.context = &taken, .setting = data_take_setting};
    settings_init(settings);
    if (wrong) {
        *wrong = ERR_OK;
    }
    return data_load(data, &visitor);
}

enum err data_settings(struct data *data, enum admin_tone tone, struct settings *settings,
                       enum err *wrong)
{
    char place[POLICY_WHY_MAX];
    struct out why;
    enum setting first;
    TRY(data_take_settings(data, tone, settings, wrong));
    out_begin(&why, place, sizeof place);
    enum err err = load_check(data->where.folder, settings, &first, &why);
    return err == ERR_OK ? ERR_OK : admin_fail(data->admin, err, out_span(&why));
}
