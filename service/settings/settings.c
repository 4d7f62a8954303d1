/*
 * The settings by name: rows, defaults, the sentences about a bad value or name, and what
 * contradicts what. How a value of a type is read and printed is types.c's.
 */
#include "settings/settings.h"

#include "base/near.h"
#include "base/utf.h"
#include "settings/accepted.def"
#include "settings/types.h"

/* settings_words_FIELD: what a CHOICE can be. */
#define NONE
#define VALUE(constant, number, word) {number, word},
#define SETTING(name, field, type, min, max, standard, unit, when, values, description)            \
    static const struct settings_value settings_words_##field[] = {values{0, NULL}};
#include "settings/settings.def"
#undef SETTING
#undef VALUE
#undef NONE

enum { SETTINGS_RESTART, SETTINGS_LIVE };

static const struct settings_row settings_rows[SETTING_COUNT] = {
#define VALUE(constant, number, word) " " word
#define SETTING(name, field, type, min, max, standard, unit, when, values, description)            \
    [SETTING_##name] = {#name,                                                                     \
                        standard,                                                                  \
                        unit,                                                                      \
                        description,                                                               \
                        SETTINGS_ACCEPTED_##type(min, max, standard, unit, values),                \
                        settings_words_##field,                                                    \
                        SETTINGS_##type,                                                           \
                        min,                                                                       \
                        max,                                                                       \
                        SETTINGS_##when,                                                           \
                        offsetof(struct settings, field)},
#include "settings/settings.def"
#undef SETTING
#undef VALUE
};

const struct settings_row *settings_row(enum setting setting)
{
    CHECK(setting < SETTING_COUNT);
    return &settings_rows[setting];
}

void settings_init(struct settings *settings)
{
    char place[SETTINGS_WHY_MAX];
    struct out why;
    for (enum setting i = 0; i < SETTING_COUNT; i++) {
        out_begin(&why, place, sizeof place);
        CHECK(settings_parse(i, span_str(settings_rows[i].standard), settings, &why) == ERR_OK);
    }
}

/* The name that was probably meant, NULL: too far from each. */
static const char *settings_nearest(struct span name)
{
    const char *nearest = NULL;
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        struct span known = span_str(settings_rows[i].name);
        size_t distance = near_distance(name, known);
        if (distance < least && near_enough(distance, known)) {
            least = distance;
            nearest = settings_rows[i].name;
        }
    }
    return nearest;
}

enum err settings_find(struct span name, enum setting *setting, struct out *why)
{
    for (enum setting i = 0; i < SETTING_COUNT; i++) {
        if (span_is_nocase(name, settings_rows[i].name)) {
            *setting = i;
            return ERR_OK;
        }
    }
    const char *nearest = settings_nearest(name);
    out_str(why, "there is no setting ");
    out_quoted(why, name);
    if (nearest) {
        out_str(why, "; did you mean ");
        out_str(why, nearest);
        out_str(why, "?");
    } else {
        out_str(why, "; all of them: omsgateway config get");
    }
    return ERR_SETTING;
}

/* What no value of any type has. */
static enum err settings_judge_text(struct span text)
{
    if (text.len == 0) {
        return ERR_EMPTY;
    }
    if (!utf_valid(text)) {
        return ERR_UTF;
    }
    return out_is_plain(text) ? ERR_OK : ERR_CONTROL; /* a log shows it as itself */
}

static void settings_explain(const struct types_given *given, enum err err, struct out *why)
{
    const struct settings_row *row = given->row;
    bool whole = given->fault.len == given->text.len;
    struct cidr meant;
    out_str(why, row->name);
    out_str(why, whole ? " cannot be " : " cannot have ");
    out_quoted(why, given->fault);
    out_str(why, ": ");
    out_str(why, err_sentence(err));
    if (err == ERR_HOST_BITS) {
        CHECK(cidr_parse(given->fault, &meant) == err);
        out_str(why, " (the network is ");
        cidr_print(&meant, why);
        out_str(why, ")");
    }
    out_str(why, "; accepted: ");
    out_str(why, row->accepted);
    out_str(why, "; for example: omsgateway config set ");
    out_str(why, row->name);
    out_str(why, " ");
    out_str(why, types_example(row));
}

enum err settings_parse(enum setting setting, struct span value, struct settings *settings,
                        struct out *why)
{
    const struct settings_row *row = settings_row(setting);
    struct types_given given = {row, value, value};
    enum err err = settings_judge_text(value);
    if (err == ERR_OK) {
        err = types_parse(&given, (char *)settings + row->offset);
    }
    if (err != ERR_OK) {
        settings_explain(&given, err, why);
    }
    return err;
}

/* Where the default lets pass what another value forbids. NULL: a list without an entry. */
static const struct {
    enum setting setting;
    const char *least;
} settings_least[] = {
    {SETTING_ListenAddress, "127.0.0.1"},
    {SETTING_AllowedClients, NULL},
    {SETTING_AllowedPorts, NULL},
    {SETTING_OutboundAddress, "127.0.0.1"},
    {SETTING_MinimumTls, "1.3"},
    {SETTING_Tls13, "refuse"},
    {SETTING_Ech, "refuse"},
    {SETTING_ClientCertificates, "required"},
    {SETTING_UnknownResumption, "refuse"},
    {SETTING_OnRemove, "close"},
};

void settings_shut(enum setting setting, struct settings *settings)
{
    const struct settings_row *row = settings_row(setting);
    const char *value = row->standard;
    char place[SETTINGS_WHY_MAX];
    struct out why;
    for (size_t i = 0; i < sizeof settings_least / sizeof settings_least[0]; i++) {
        value = settings_least[i].setting == setting ? settings_least[i].least : value;
    }
    out_begin(&why, place, sizeof place);
    if (value) {
        CHECK(settings_parse(setting, span_str(value), settings, &why) == ERR_OK);
    } else {
        types_empty(row, (char *)settings + row->offset);
    }
}

void settings_print(const struct settings *settings, enum setting setting, struct out *out)
{
    const struct settings_row *row = settings_row(setting);
    types_print(row, (const char *)settings + row->offset, out);
}

bool settings_is_everywhere(const struct settings_networks *networks)
{
    return networks->count == 2 && networks->at[0].prefix == 0 && networks->at[1].prefix == 0;
}

static bool settings_too_many_for_one(const struct settings *settings)
{
    return settings->max_tunnels_per_client > settings->max_tunnels;
}

static bool settings_share_a_port(const struct settings *settings)
{
    return settings->status_address.port == settings->listen_port;
}

static bool settings_pass_no_tls(const struct settings *settings)
{
    return settings->minimum_tls == MINIMUM_TLS_1_3 && settings->tls13 == TLS13_REFUSE;
}

/* The first of two is the one whose default ends the contradiction, whatever the second is; that of
 * MinimumTls is only advice, for settings_shut keeps it. */
static const struct {
    enum setting first, second;
    bool (*broken)(const struct settings *);
    const char *why;
} settings_rules[] = {
    {SETTING_MaxTunnelsPerClient, SETTING_MaxTunnels, settings_too_many_for_one,
     "one client cannot have more tunnels than there are"},
    {SETTING_StatusAddress, SETTING_ListenPort, settings_share_a_port,
     "clients and status need ports of their own"},
    {SETTING_MinimumTls, SETTING_Tls13, settings_pass_no_tls, "no version of TLS would pass"},
};

static void settings_name(const struct settings *settings, enum setting setting, struct out *out)
{
    out_str(out, settings_row(setting)->name);
    out_str(out, " (");
    settings_print(settings, setting, out);
    out_str(out, ")");
}

enum err settings_check(const struct settings *settings, enum setting *first, struct out *why)
{
    for (size_t i = 0; i < sizeof settings_rules / sizeof settings_rules[0]; i++) {
        if (!settings_rules[i].broken(settings)) {
            continue;
        }
        *first = settings_rules[i].first;
        settings_name(settings, *first, why);
        out_str(why, " and ");
        settings_name(settings, settings_rules[i].second, why);
        out_str(why, " contradict each other: ");
        out_str(why, settings_rules[i].why);
        out_str(why, "; for example: omsgateway config reset ");
        out_str(why, settings_row(*first)->name);
        return ERR_CONFLICT;
    }
    return ERR_OK;
}
