/*
 * Hosts and certificates: two lists of rules, one mechanism. What the values are is policy's; here
 * they are listed, added and removed, several in one change, all of them or none.
 */
#include "admin/data.h"
#include "admin/text.h"
#include "base/near.h"
#include "policy/explain.h"

#include <string.h>

enum { RULE_COMMENT_MAX = 512, RULE_NEAR_MAX = 3 };

static enum err rule_parse_host(struct span given, struct out *value, struct out *why)
{
    struct pattern pattern;
    TRY(pattern_parse(given, &pattern, why));
    pattern_print(&pattern, value);
    return out_end(value);
}

static enum err rule_parse_subject(struct span given, struct out *value, struct out *why)
{
    struct subject_row row;
    TRY(subject_parse(given, &row, why));
    out_put(value, span_of(row.text, row.text_len));
    return out_end(value);
}

/* The one form of what was given; on an error a sentence. */
static enum err (*const rule_parse[])(struct span given, struct out *value, struct out *why) = {
    [STORE_HOST] = rule_parse_host,
    [STORE_CERTIFICATE] = rule_parse_subject,
};

struct rule_change {
    enum store_kind kind;
    const struct admin_words *values;
    struct span comment;
    struct text *gone; /* of removing, a letter a value: - for one that went off the list */
};

/* `"value" what`, safe for a terminal. */
static void rule_tell(const struct admin *admin, enum admin_tone tone, struct span value,
                      const char *what)
{
    char place[ADMIN_SENTENCE_MAX];
    struct out sentence;
    out_begin(&sentence, place, sizeof place);
    out_quoted(&sentence, value);
    out_char(&sentence, ' ');
    out_str(&sentence, what);
    admin->say(admin->context, tone, out_span(&sentence));
}

/* ---- list ---- */

struct rule_print {
    const struct admin *admin;
    enum store_kind kind;
    bool all;
    struct sheet_shape shape;
};

static enum err rule_put(void *context, const struct store_rule *rule)
{
    const struct rule_print *print = context;
    if (rule->kind == print->kind && (print->all || rule->origin == STORE_LOCAL)) {
        print->admin->row(
            print->admin->context, &print->shape,
            (struct span[]){rule->value, span_str(store_origin_name(rule->origin)), rule->comment});
    }
    return ERR_OK;
}

enum err admin_list_rules(const struct admin *admin, enum store_kind kind, bool all)
{
    static const struct sheet_column columns[] = {
        {"value", false}, {"origin", false}, {"comment", false}};
    struct rule_print print = {admin, kind, all, {columns, 3, 0, all ? 2 : 1, false}};
    struct store_visitor visitor = {.context = &print, .rule = rule_put};
    TRY(data_read(admin, &visitor));
    admin->row(admin->context, &print.shape, NULL);
    return ERR_OK;
}

/* ---- add ---- */

/* A host that people read otherwise than it is kept is said. */
static void rule_tell_a_label(const struct admin *admin, struct span given, struct span value)
{
    for (size_t i = 0; i < given.len; i++) {
        if (given.at[i] >= 0x80) {
            char place[2 * PATTERN_NAME_MAX];
            struct out sentence;
            out_begin(&sentence, place, sizeof place);
            out_str(&sentence, "is kept as ");
            out_put(&sentence, value);
            rule_tell(admin, ADMIN_NOTE, given, place);
            return;
        }
    }
}

/* What an administrator of certificates must know while TLS 1.3 passes. */
static enum err rule_tell_hidden(struct data *data)
{
    struct settings settings;
    enum err wrong;
    TRY(data_take_settings(data, ADMIN_WARNING, &settings, &wrong));
    if (policy_hidden(&settings, 1)) {
        admin_tell(data->admin, ADMIN_WARNING, policy_hidden(&settings, 1), span_str(""));
    }
    return ERR_OK;
}

/* A wildcard that more people's names lie below is said, and allowed. */
static void rule_tell_lent(const struct admin *admin, struct span value)
{
    struct pattern pattern;
    char place[PATTERN_WHY_MAX];
    struct out why;
    out_begin(&why, place, sizeof place);
    if (pattern_parse(value, &pattern, &why) == ERR_OK && pattern_is_lent(&pattern)) {
        rule_tell(admin, ADMIN_WARNING, value,
                  "allows the names of strangers, too: every customer of the cloud can have one "
                  "there; where your own are known, list those");
    }
}

/* What is there already gets the comment that was given. */
static enum err rule_comment(struct data *data, const struct store_rule *rule)
{
    bool changed = false;
    if (rule->comment.at) {
        TRY(data_judge(data, store_comment_rule(data->store, rule, &changed)));
    }
    rule_tell(data->admin, ADMIN_NOTE, rule->value,
              changed ? "is on the list already; its comment is changed"
                      : "is on the list already");
    return ERR_OK;
}

/* Without `data` the value is only judged. */
static enum err rule_add(const struct admin *admin, struct data *data,
                         const struct rule_change *change, struct span given, bool *added)
{
    char place[SUBJECT_TEXT_MAX + 1], why_place[SUBJECT_WHY_MAX];
    struct out value, why;
    out_begin(&value, place, sizeof place);
    out_begin(&why, why_place, sizeof why_place);
    enum err err = rule_parse[change->kind](given, &value, &why);
    if (err != ERR_OK) {
        return admin_fail(admin, err, out_span(&why));
    }
    struct store_rule rule = {.kind = change->kind,
                              .origin = STORE_LOCAL,
                              .value = out_span(&value),
                              .comment = change->comment};
    *added = false;
    if (!data) {
        return ERR_OK;
    }
    TRY(data_judge(data, store_add_rule(data->store, &rule, added)));
    if (!*added) {
        return rule_comment(data, &rule);
    }
    if (rule.kind == STORE_HOST) {
        rule_tell_a_label(admin, given, rule.value);
        rule_tell_lent(admin, rule.value);
    }
    return ERR_OK;
}

static enum err rule_add_all(struct data *data, void *context)
{
    const struct rule_change *change = context;
    bool any = false;
    for (size_t i = 0; i < change->values->count; i++) {
        bool added;
        TRY(rule_add(data->admin, data, change, span_str(change->values->at[i]), &added));
        any = any || added;
    }
    return any && change->kind == STORE_CERTIFICATE ? rule_tell_hidden(data) : ERR_OK;
}

static enum err rule_judge_comment(const struct admin *admin, struct span comment)
{
    if (comment.len > RULE_COMMENT_MAX || !out_is_plain(comment)) {
        admin_tell(admin, ADMIN_WRONG,
                   "a comment is one line of at most 512 bytes of UTF-8, without control or "
                   "invisible characters",
                   comment);
        return ERR_CONTROL;
    }
    return ERR_OK;
}

enum err admin_add_rules(const struct admin *admin, enum store_kind kind,
                         const struct admin_words *values, struct span comment)
{
    bool added;
    struct rule_change change = {.kind = kind, .values = values, .comment = comment};
    TRY(rule_judge_comment(admin, comment));
    for (size_t i = 0; i < values->count; i++) {
        TRY(rule_add(admin, NULL, &change, span_str(values->at[i]), &added));
    }
    return data_write(admin, &change, rule_add_all, &added);
}

/* ---- remove ---- */

struct rule_near {
    enum store_kind kind;
    struct span wanted;
    const char *elsewhere; /* the origin of a rule with this very value */
    size_t count, distance[RULE_NEAR_MAX];
    char text[RULE_NEAR_MAX][SUBJECT_TEXT_MAX + 1];
};

/* The wildcard that allows what was wanted is as near as can be. */
static size_t rule_distance(const struct rule_near *near, struct span value)
{
    bool wild = near->kind == STORE_HOST && value.len > 1 && value.at[0] == '*' &&
                span_ends_with(near->wanted, span_after(value, 1));
    return wild ? 0 : near_distance(near->wanted, value);
}

/* Keeps the nearest few, the nearest first. */
static enum err rule_take_near(void *context, const struct store_rule *rule)
{
    struct rule_near *near = context;
    if (rule->kind != near->kind || rule->value.len > SUBJECT_TEXT_MAX) {
        return ERR_OK;
    }
    if (span_equal(rule->value, near->wanted)) {
        near->elsewhere = store_origin_name(rule->origin);
    }
    size_t distance = rule_distance(near, rule->value), at = near->count;
    if (!near_enough(distance, rule->value) || rule->origin != STORE_LOCAL) {
        return ERR_OK;
    }
    while (at > 0 && near->distance[at - 1] > distance) {
        at--;
    }
    if (at < RULE_NEAR_MAX) {
        size_t last = near->count < RULE_NEAR_MAX ? near->count++ : RULE_NEAR_MAX - 1;
        memmove(near->distance + at + 1, near->distance + at,
                (last - at) * sizeof near->distance[0]);
        memmove(near->text + at + 1, near->text + at, (last - at) * sizeof near->text[0]);
        near->distance[at] = distance;
        memcpy(near->text[at], rule->value.at, rule->value.len);
        near->text[at][rule->value.len] = '\0';
    }
    return ERR_OK;
}

static enum err rule_fail_absent(struct data *data, enum store_kind kind, struct span wanted)
{
    char place[4 * SUBJECT_WHY_MAX];
    struct out why;
    struct rule_near near = {.kind = kind, .wanted = wanted};
    struct store_visitor visitor = {.context = &near, .rule = rule_take_near};
    TRY(data_load(data, &visitor));
    out_begin(&why, place, sizeof place);
    out_str(&why, near.elsewhere ? "is on the list, but was not added by hand; its origin: "
                                 : "is not on the list");
    out_str(&why, near.elsewhere ? near.elsewhere : "");
    for (size_t i = 0; i < near.count; i++) {
        out_str(&why, i > 0 ? ", " : "; near it: ");
        out_escaped(&why, span_str(near.text[i]));
    }
    out_str(&why, "; all of it: omsgateway ");
    out_str(&why, store_kind_name(kind));
    out_str(&why, near.elsewhere ? " list --all" : " list");
    rule_tell(data->admin, ADMIN_WRONG, wanted, place);
    return ERR_ABSENT;
}

/* A value in its one form; what is listed and wrong, however that came to be, as it stands. */
static struct span rule_form(enum store_kind kind, struct span given, struct out *value)
{
    char place[SUBJECT_WHY_MAX];
    struct out why;
    out_begin(&why, place, sizeof place);
    return rule_parse[kind](given, value, &why) == ERR_OK ? out_span(value) : given;
}

/* Whether one of the words before number `count` is the same value. */
static bool rule_is_given(const struct rule_change *change, size_t count, struct span value)
{
    for (size_t i = 0; i < count; i++) {
        char place[SUBJECT_TEXT_MAX + 1];
        struct out out;
        out_begin(&out, place, sizeof place);
        if (span_equal_nocase(rule_form(change->kind, span_str(change->values->at[i]), &out),
                              value)) {
            return true;
        }
    }
    return false;
}

static void rule_tell_cover(const struct admin *admin, struct span removed, struct span cover,
                            enum store_origin origin)
{
    char place[2 * SUBJECT_TEXT_MAX];
    struct out sentence;
    out_begin(&sentence, place, sizeof place);
    out_str(&sentence, "is off the list, but still allowed by ");
    out_escaped(&sentence, cover);
    out_str(&sentence, " (");
    out_str(&sentence, store_origin_name(origin));
    out_str(&sentence, ")");
    rule_tell(admin, ADMIN_WARNING, removed, place);
}

/* What was removed and is allowed all the same is said: by another origin, or a wildcard above. */
static enum err rule_tell_covered(struct data *data, enum store_kind kind, struct span removed)
{
    char place[SUBJECT_TEXT_MAX + 1];
    struct span rest = removed, label, cover = removed;
    bool found, done = kind != STORE_HOST;
    enum store_origin origin;
    TRY(data_judge(data, store_find_rule(data->store, kind, cover, &found, &origin)));
    while (!found && span_cut(&rest, '.', &done, &label)) {
        struct out out;
        out_begin(&out, place, sizeof place);
        out_str(&out, "*.");
        out_put(&out, rest);
        cover = out_span(&out);
        TRY(data_judge(data, store_find_rule(data->store, kind, cover, &found, &origin)));
    }
    if (found) {
        rule_tell_cover(data->admin, removed, cover, origin);
    }
    return ERR_OK;
}

static enum err rule_remove(struct data *data, const struct rule_change *change, size_t i)
{
    char place[SUBJECT_TEXT_MAX + 1];
    struct out value;
    bool removed;
    out_begin(&value, place, sizeof place);
    struct store_rule rule = {.kind = change->kind,
                              .origin = STORE_LOCAL,
                              .value =
                                  rule_form(change->kind, span_str(change->values->at[i]), &value)};
    TRY(data_judge(data, store_remove_rule(data->store, &rule, &removed)));
    text_str(change->gone, removed ? "-" : "=");
    if (removed || rule_is_given(change, i, rule.value)) {
        return ERR_OK;
    }
    return rule_fail_absent(data, change->kind, rule.value);
}

/* What covers what is known when all of them are off the list. */
static enum err rule_remove_all(struct data *data, void *context)
{
    const struct rule_change *change = context;
    for (size_t i = 0; i < change->values->count; i++) {
        TRY(rule_remove(data, change, i));
    }
    if (change->gone->failed) {
        return data_judge(data, ERR_MEMORY);
    }
    for (size_t i = 0; i < change->values->count; i++) {
        char place[SUBJECT_TEXT_MAX + 1];
        struct out value;
        out_begin(&value, place, sizeof place);
        if (text_span(change->gone).at[i] == '-') { /* once, however often it was given */
            TRY(rule_tell_covered(
                data, change->kind,
                rule_form(change->kind, span_str(change->values->at[i]), &value)));
        }
    }
    return ERR_OK;
}

enum err admin_remove_rules(const struct admin *admin, enum store_kind kind,
                            const struct admin_words *values)
{
    bool removed;
    struct text gone = {0};
    struct rule_change change = {.kind = kind, .values = values, .gone = &gone};
    enum err err = data_write(admin, &change, rule_remove_all, &removed);
    text_free(&gone);
    return err;
}
