/*
 * host and certificate: two lists of rules, one mechanism. What the values are is policy's; here
 * they are listed, added and removed, several in one change, all of them or none.
 */
#include "base/near.h"
#include "host/cli/cli_data.h"
#include "host/cli/cli_table.h"
#include "policy/explain.h"

#include <string.h>

enum { RULE_COMMENT_MAX = 512, RULE_NEAR_MAX = 3 };

struct rule_list {
    enum store_kind kind;
    const char *family;
    /* The one form of what was given; on an error a sentence. */
    enum err (*parse)(struct span given, struct out *value, struct out *why);
};

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

static const struct rule_list rule_hosts = {STORE_HOST, "host", rule_parse_host};
static const struct rule_list rule_subjects = {STORE_CERTIFICATE, "certificate",
                                               rule_parse_subject};

struct rule_change {
    const struct rule_list *list;
    const struct cli_line *line;
};

/* `"value": what`, safe for a terminal. */
static void rule_say(struct span value, const char *what)
{
    char place[CLI_SENTENCE_MAX];
    struct out sentence;
    out_begin(&sentence, place, sizeof place);
    out_char(&sentence, '"');
    out_escaped(&sentence, span_first(value, value.len < 200 ? value.len : 200));
    out_str(&sentence, "\" ");
    out_str(&sentence, what);
    cli_say(out_span(&sentence));
}

/* ---- list ---- */

struct rule_print {
    enum store_kind kind;
    bool all;
    struct cli_table table;
};

static enum err rule_put(void *context, const struct store_rule *rule)
{
    struct rule_print *print = context;
    if (rule->kind == print->kind && (print->all || rule->origin == STORE_LOCAL)) {
        cli_table_row(
            &print->table,
            (struct span[]){rule->value, span_str(store_origin_name(rule->origin)), rule->comment});
    }
    return ERR_OK;
}

static int rule_list(const struct rule_list *list, const struct cli_line *line)
{
    static const struct cli_column columns[] = {
        {"value", false}, {"origin", false}, {"comment", false}};
    struct rule_print print = {.kind = list->kind, .all = cli_has(line, CLI_ALL)};
    struct store_visitor visitor = {.context = &print, .rule = rule_put};
    cli_table_begin(&print.table, cli_has(line, CLI_JSON), columns, 3, print.all ? 2 : 1);
    return cli_table_end(&print.table, cli_data_read(line, &visitor));
}

/* ---- add ---- */

/* A host that people read otherwise than it is kept is said. */
static void rule_say_a_label(struct span given, struct span value)
{
    for (size_t i = 0; i < given.len; i++) {
        if (given.at[i] >= 0x80) {
            char place[2 * PATTERN_NAME_MAX];
            struct out sentence;
            out_begin(&sentence, place, sizeof place);
            out_str(&sentence, "is kept as ");
            out_put(&sentence, value);
            rule_say(given, place);
            return;
        }
    }
}

/* What an administrator of certificates must know while TLS 1.3 passes. */
static void rule_say_hidden(struct cli_data *data)
{
    struct settings settings;
    size_t wrong;
    if (cli_data_settings(data, &settings, &wrong) == CLI_DONE && policy_hidden(&settings, 1)) {
        cli_say(span_str(policy_hidden(&settings, 1)));
    }
}

/* Without `data` the values are only judged. */
static int rule_add_all(struct cli_data *data, const struct rule_change *change)
{
    bool any = false;
    struct span comment = {(const uint8_t *)"", 0};
    (void)cli_value(change->line, CLI_COMMENT, &comment);
    for (int i = 0; i < change->line->count; i++) {
        char place[SUBJECT_TEXT_MAX + 1], why_place[SUBJECT_WHY_MAX];
        struct out value, why;
        struct span given = cli_word(change->line, i);
        bool added = false;
        out_begin(&value, place, sizeof place);
        out_begin(&why, why_place, sizeof why_place);
        if (change->list->parse(given, &value, &why) != ERR_OK) {
            return cli_refuse(&why);
        }
        struct store_rule rule = {.kind = change->list->kind,
                                  .origin = STORE_LOCAL,
                                  .value = out_span(&value),
                                  .comment = comment};
        int status =
            !data ? CLI_DONE : cli_data_judge(data, store_add_rule(data->store, &rule, &added));
        if (status != CLI_DONE) {
            return status;
        }
        if (data && !added) {
            rule_say(rule.value, "is on the list already");
        } else if (data && rule.kind == STORE_HOST) {
            rule_say_a_label(given, rule.value);
        }
        any = any || added;
    }
    if (any && change->list->kind == STORE_CERTIFICATE) {
        rule_say_hidden(data);
    }
    return CLI_DONE;
}

static int rule_add_in(struct cli_data *data, const void *context)
{
    return rule_add_all(data, context);
}

static int rule_judge_comment(const struct cli_line *line)
{
    struct span comment = {NULL, 0};
    char place[4 * RULE_COMMENT_MAX];
    struct out escaped;
    out_begin(&escaped, place, sizeof place);
    (void)cli_value(line, CLI_COMMENT, &comment);
    size_t backslashes = 0;
    for (size_t i = 0; i < comment.len; i++) {
        backslashes += comment.at[i] == '\\' ? 1 : 0;
    }
    out_escaped(&escaped, comment);
    if (comment.len > RULE_COMMENT_MAX || escaped.len != comment.len + backslashes) {
        cli_complain("a comment is one line of at most 512 bytes of UTF-8, without control or "
                     "invisible characters",
                     comment);
        return CLI_FAILED;
    }
    return CLI_DONE;
}

static int rule_add(const struct rule_list *list, const struct cli_line *line)
{
    bool added;
    struct rule_change change = {list, line};
    if (rule_judge_comment(line) != CLI_DONE || rule_add_all(NULL, &change) != CLI_DONE) {
        return CLI_FAILED;
    }
    return cli_data_write(line, &change, rule_add_in, &added);
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

static int rule_say_absent(struct cli_data *data, const struct rule_list *list, struct span wanted)
{
    char place[4 * SUBJECT_WHY_MAX];
    struct out why;
    struct rule_near near = {.kind = list->kind, .wanted = wanted};
    struct store_visitor visitor = {.context = &near, .rule = rule_take_near};
    if (cli_data_load(data, &visitor) != CLI_DONE) {
        return CLI_FAILED;
    }
    out_begin(&why, place, sizeof place);
    out_str(&why, near.elsewhere ? "is on the list, but was not added by hand; its origin: "
                                 : "is not on the list");
    out_str(&why, near.elsewhere ? near.elsewhere : "");
    for (size_t i = 0; i < near.count; i++) {
        out_str(&why, i > 0 ? ", " : "; near it: ");
        out_escaped(&why, span_str(near.text[i]));
    }
    out_str(&why, "; all of it: omsgateway ");
    out_str(&why, list->family);
    out_str(&why, near.elsewhere ? " list --all" : " list");
    rule_say(wanted, place);
    return CLI_FAILED;
}

static int rule_remove_in(struct cli_data *data, const void *context)
{
    const struct rule_change *change = context;
    for (int i = 0; i < change->line->count; i++) {
        char place[SUBJECT_TEXT_MAX + 1], why_place[SUBJECT_WHY_MAX];
        struct out value, why;
        struct span given = cli_word(change->line, i);
        bool removed, good;
        out_begin(&value, place, sizeof place);
        out_begin(&why, why_place, sizeof why_place);
        good = change->list->parse(given, &value, &why) == ERR_OK;
        /* What is listed and wrong, however that came to be, can be removed as it stands. */
        struct store_rule rule = {.kind = change->list->kind,
                                  .origin = STORE_LOCAL,
                                  .value = good ? out_span(&value) : given};
        int status = cli_data_judge(data, store_remove_rule(data->store, &rule, &removed));
        if (status != CLI_DONE) {
            return status;
        }
        if (!removed) {
            return rule_say_absent(data, change->list, rule.value);
        }
    }
    return CLI_DONE;
}

static int rule_remove(const struct rule_list *list, const struct cli_line *line)
{
    bool removed;
    struct rule_change change = {list, line};
    return cli_data_write(line, &change, rule_remove_in, &removed);
}

/* ---- the commands ---- */

int cli_host_list(const struct cli_line *line)
{
    return rule_list(&rule_hosts, line);
}

int cli_host_add(const struct cli_line *line)
{
    return rule_add(&rule_hosts, line);
}

int cli_host_remove(const struct cli_line *line)
{
    return rule_remove(&rule_hosts, line);
}

int cli_certificate_list(const struct cli_line *line)
{
    return rule_list(&rule_subjects, line);
}

int cli_certificate_add(const struct cli_line *line)
{
    return rule_add(&rule_subjects, line);
}

int cli_certificate_remove(const struct cli_line *line)
{
    return rule_remove(&rule_subjects, line);
}
