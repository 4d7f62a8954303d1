/*
 * A snapshot made of a few words, for the tests of the rules: rows as text, settings as
 * "Name=value". Allocates through the compiler of snapshots only.
 */
#ifndef TESTS_UNIT_POLICY_RULES_H
#define TESTS_UNIT_POLICY_RULES_H

#include "policy/explain.h"
#include "unit/unit.h"

enum { RULES_MAX = 16 };

struct rules {
    const char *hosts[RULES_MAX], *subjects[RULES_MAX], *settings[RULES_MAX], *own[RULES_MAX];
};

static inline struct addr rules_addr(const char *text)
{
    struct addr addr;
    unit_holds(addr_parse(span_str(text), &addr) == ERR_OK, "%s", text);
    return addr;
}

static inline void rules_set(struct settings *settings, const char *text)
{
    char place[SETTINGS_WHY_MAX];
    enum setting setting;
    struct out why;
    struct span all = span_str(text);
    size_t equals = span_find(all, '=');
    out_begin(&why, place, sizeof place);
    unit_holds(settings_find(span_first(all, equals), &setting, &why) == ERR_OK, "%s", text);
    unit_holds(settings_parse(setting, span_after(all, equals + 1), settings, &why) == ERR_OK, "%s",
               place);
}

/* Hosts are rows 1, 2, ..., subjects 101, 102, ...; origins take turns. policy_free gives it back.
 */
static inline struct snapshot *rules_compile(const struct rules *rules)
{
    char place[POLICY_WHY_MAX];
    struct policy_row rows[2 * RULES_MAX];
    struct endpoint own[RULES_MAX];
    struct settings settings;
    struct snapshot *snapshot = NULL;
    struct policy_source source = {.settings = &settings, .rows = rows, .own = own, .seed = {1, 2}};
    struct out why;
    settings_init(&settings);
    for (uint32_t i = 0; i < RULES_MAX && rules->settings[i]; i++) {
        rules_set(&settings, rules->settings[i]);
    }
    for (uint32_t i = 0; i < RULES_MAX && rules->hosts[i]; i++) {
        rows[source.row_count++] =
            (struct policy_row){POLICY_HOSTS, (enum snapshot_origin)(i % SNAPSHOT_ORIGINS), i + 1,
                                span_str(rules->hosts[i])};
    }
    for (uint32_t i = 0; i < RULES_MAX && rules->subjects[i]; i++) {
        rows[source.row_count++] =
            (struct policy_row){POLICY_SUBJECTS, (enum snapshot_origin)(i % SNAPSHOT_ORIGINS),
                                i + 101, span_str(rules->subjects[i])};
    }
    for (; source.own_count < RULES_MAX && rules->own[source.own_count]; source.own_count++) {
        unit_holds(endpoint_parse(span_str(rules->own[source.own_count]), &own[source.own_count]) ==
                       ERR_OK,
                   "%s", rules->own[source.own_count]);
    }
    out_begin(&why, place, sizeof place);
    unit_holds(policy_compile(&source, &snapshot, &why) == ERR_OK, "%s", place);
    return snapshot;
}

#endif
