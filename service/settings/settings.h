/*
 * The settings: settings.def as a struct for the engine, and values as text for people. A value is
 * read strictly and printed in one form; whoever gives a bad one (command line, cmdlet, document,
 * store) gets the same sentence. Owns defaults, bounds and what contradicts what. Must not know
 * where values are kept, nor who asks.
 */
#ifndef SETTINGS_SETTINGS_H
#define SETTINGS_SETTINGS_H

#include "base/addr.h"

enum {
    SETTINGS_NETWORKS_MAX = 64,
    SETTINGS_PORTS_MAX = 16,
    SETTINGS_PATH_MAX = 1024,
    SETTINGS_VALUE_MAX = SETTINGS_NETWORKS_MAX * 50 + 1, /* longest printed value, with the NUL */
    SETTINGS_WHY_MAX = 576                               /* longest sentence, with the NUL */
};

/* In canonical order, no entry twice, none inside another. No entries: no address is in it. */
struct settings_networks {
    uint32_t count;
    struct cidr at[SETTINGS_NETWORKS_MAX];
};

struct settings_ports {
    uint32_t count;
    uint16_t at[SETTINGS_PORTS_MAX]; /* in order */
};

struct settings_path {
    char text[SETTINGS_PATH_MAX + 1]; /* UTF-8, absolute; "": off */
};

/* For each CHOICE: enum settings_log_level {LOG_LEVEL_INFO = 1, LOG_LEVEL_DEBUG = 0, ...}; */
#define SETTINGS_ENUM_PORT(field, ...)
#define SETTINGS_ENUM_NUMBER(field, ...)
#define SETTINGS_ENUM_TIME(field, ...)
#define SETTINGS_ENUM_CHOICE(field, ...) enum settings_##field{__VA_ARGS__};
#define SETTINGS_ENUM_NETWORKS(field, ...)
#define SETTINGS_ENUM_PORTS(field, ...)
#define SETTINGS_ENUM_ADDRESS(field, ...)
#define SETTINGS_ENUM_ENDPOINT(field, ...)
#define SETTINGS_ENUM_PATH(field, ...)
#define VALUE(constant, number, word) constant = number,
#define SETTING(name, field, type, min, max, standard, unit, when, values, description)            \
    SETTINGS_ENUM_##type(field, values)
#include "settings/settings.def"
#undef SETTING
#undef VALUE

#define SETTINGS_FIELD_PORT(field)     uint16_t field;
#define SETTINGS_FIELD_NUMBER(field)   uint32_t field;
#define SETTINGS_FIELD_TIME(field)     uint32_t field; /* milliseconds */
#define SETTINGS_FIELD_CHOICE(field)   enum settings_##field field;
#define SETTINGS_FIELD_NETWORKS(field) struct settings_networks field;
#define SETTINGS_FIELD_PORTS(field)    struct settings_ports field;
#define SETTINGS_FIELD_ADDRESS(field)  struct addr field;     /* family ADDR_NONE: the word */
#define SETTINGS_FIELD_ENDPOINT(field) struct endpoint field; /* port 0: the word */
#define SETTINGS_FIELD_PATH(field)     struct settings_path field;
struct settings {
#define SETTING(name, field, type, min, max, standard, unit, when, values, description)            \
    SETTINGS_FIELD_##type(field)
#include "settings/settings.def"
#undef SETTING
};

enum setting {
#define SETTING(name, field, type, min, max, standard, unit, when, values, description)            \
    SETTING_##name,
#include "settings/settings.def"
#undef SETTING
    SETTING_COUNT
};

enum settings_type {
    SETTINGS_PORT,
    SETTINGS_NUMBER,
    SETTINGS_TIME,
    SETTINGS_CHOICE,
    SETTINGS_NETWORKS,
    SETTINGS_PORTS,
    SETTINGS_ADDRESS,
    SETTINGS_ENDPOINT,
    SETTINGS_PATH,
    SETTINGS_TYPE_COUNT
};

struct settings_value {
    unsigned number;  /* the constant of the enum */
    const char *word; /* NULL: behind the last */
};

/* What settings.def says of one setting. */
struct settings_row {
    const char *name, *standard, *unit, *description; /* standard: the default */
    const char *accepted;                             /* in words */
    const struct settings_value *values; /* of a CHOICE, the default first; else none */
    enum settings_type type;
    uint32_t min, max;
    bool live;     /* false: after the next start */
    size_t offset; /* of the field in struct settings */
};

const struct settings_row *settings_row(enum setting setting);

/* Every setting at its default. */
void settings_init(struct settings *settings);

/* In any case of letters. ERR_SETTING: the sentence says which name was probably meant. */
MUST_CHECK enum err settings_find(struct span name, enum setting *setting, struct out *why);

/*
 * Reads one value into its field. On error the settings are as before, and the sentence says what
 * was wrong, what is accepted, and the command that would do. `why` has SETTINGS_WHY_MAX.
 */
MUST_CHECK enum err settings_parse(enum setting setting, struct span value,
                                   struct settings *settings, struct out *why);

/* The one canonical form of a value, which settings_parse reads as the same. */
void settings_print(const struct settings *settings, enum setting setting, struct out *out);

/* Whether every address there is lies in them. */
bool settings_is_everywhere(const struct settings_networks *networks);

/*
 * What stands for a value that is wrong: the default, unless that lets pass what somebody may have
 * forbidden; then what lets pass least, for AllowedClients and AllowedPorts nothing at all, which
 * has no printed form.
 */
void settings_shut(enum setting setting, struct settings *settings);

/* Whether values that are fine alone contradict each other. ERR_CONFLICT: the sentence names both,
 * and the first of them shut is no contradiction any more, or lets nothing pass. */
MUST_CHECK enum err settings_check(const struct settings *settings, enum setting *first,
                                   struct out *why);

#endif
