/*
 * What the decisions say to people. Knows how a command is written, not how it is carried out.
 */
#include "policy/explain.h"

#include "policy/say.h"

static const char *const explain_words[] = {
#define RULE(name, words) words,
#include "policy/rules.def"
#undef RULE
};

static const char *const explain_origins[] = {
#define ORIGIN(name, word) word,
#include "policy/origins.def"
#undef ORIGIN
};

void policy_print_rule(const struct snapshot *snapshot, const struct policy_rule *rule,
                       struct out *out)
{
    CHECK(rule->kind < POLICY_RULE_COUNT);
    out_str(out, explain_words[rule->kind]);
    if (rule->network) {
        out_char(out, ' ');
        cidr_print(rule->network, out);
    }
    if (rule->addr.family != ADDR_NONE) {
        out_str(out, ": ");
        addr_print(&rule->addr, out);
    }
    if (rule->range) {
        out_str(out, " is ");
        out_str(out, rule->range->what);
        out_str(out, ", ");
        out_str(out, rule->range->text);
    }
    if (rule->row) {
        CHECK(rule->row->origin < SNAPSHOT_ORIGINS);
        out_str(out, rule->row->kind == PATTERN_SUFFIX ? " *." : " ");
        out_escaped(out, snapshot_text(snapshot, rule->row));
        out_str(out, " (");
        out_str(out, explain_origins[rule->row->origin]);
        out_str(out, ", row ");
        out_u64(out, rule->row->id);
        out_char(out, ')');
    }
}

static enum err explain_addrs(const struct snapshot *snapshot,
                              const struct policy_question *question, struct policy_rule *rule)
{
    enum err first = ERR_OK;
    for (size_t i = 0; i < question->addr_count; i++) {
        struct policy_target target = {{question->addrs[i], question->port}, false};
        struct policy_rule found;
        enum err err = policy_decide_target(snapshot, &target, &found);
        if (i == 0 || err == ERR_OK) {
            *rule = found;
            first = err;
        }
        if (err == ERR_OK) {
            break;
        }
    }
    return first;
}

static enum err explain_subject(const struct snapshot *snapshot,
                                const struct policy_question *question, struct policy_rule *rule)
{
    struct subject_row row;
    char place[SUBJECT_WHY_MAX];
    struct out why;
    struct pattern host;
    bool literal = pattern_host(question->host, &host) == ERR_OK && host.kind == PATTERN_ADDRESS;
    struct policy_tls tls = {.host = question->host,
                             .sni = literal ? span_str("") : question->host,
                             .offered_most = UINT16_MAX,
                             .asked = true,
                             .certificate = POLICY_CERTIFICATE_SHOWN};
    *rule = (struct policy_rule){POLICY_RULE_CERTIFICATES, .row = NULL};
    out_begin(&why, place, sizeof place);
    TRY(subject_parse(question->subject, &row, &why));
    tls.subject = span_of(row.pairs, row.pairs_len);
    return policy_decide_tls(snapshot, &tls, rule);
}

size_t policy_check(const struct snapshot *snapshot, const struct policy_question *question,
                    struct policy_answer answers[POLICY_ANSWERS_MAX])
{
    struct policy_answer *answer = answers;
    if (question->client) {
        answer->what = "client";
        answer->err = policy_decide_client(snapshot, question->client, &answer->rule);
        if (answer->err != ERR_OK) {
            return 1;
        }
        answer++;
    }
    answer->what = "host";
    answer->err = policy_decide_host(snapshot, question->host, question->port, &answer->rule);
    if (answer->err == ERR_OK && question->addr_count > 0) {
        (++answer)->what = "address";
        answer->err = explain_addrs(snapshot, question, &answer->rule);
    }
    if (answer->err == ERR_OK && question->subject.len > 0) {
        (++answer)->what = "certificate";
        answer->err = explain_subject(snapshot, question, &answer->rule);
    }
    return (size_t)(answer - answers) + 1;
}

/* The command up to its last argument, which is one more of a list. */
static void explain_put_setting(const struct settings *settings, enum setting setting, bool first,
                                struct out *out)
{
    out_str(out, "omsgateway config set ");
    out_str(out, settings_row(setting)->name);
    out_char(out, ' ');
    if (!first) {
        settings_print(settings, setting, out);
        out_char(out, ',');
    }
}

/* Whether the host is an address that nothing allows, listed or not, and by which rule. */
static bool explain_is_never(const struct snapshot *snapshot,
                             const struct policy_question *question, struct policy_rule *rule)
{
    struct pattern host;
    struct endpoint target = {.port = question->port};
    return pattern_host(question->host, &host) == ERR_OK && host.kind == PATTERN_ADDRESS &&
           addr_parse(pattern_span(&host), &target.addr) == ERR_OK &&
           policy_decide_never(snapshot, &target, rule) != ERR_OK;
}

void policy_print_remedy(const struct snapshot *snapshot, const struct policy_question *question,
                         const struct policy_answer *answer, struct out *out)
{
    const struct settings *settings = &snapshot->settings;
    struct pattern host;
    struct policy_rule never;
    bool known = pattern_host(question->host, &host) == ERR_OK;
    if (explain_is_never(snapshot, question, &never)) {
        return;
    }
    if (answer->err == ERR_CLIENT_UNLISTED) {
        explain_put_setting(settings, SETTING_AllowedClients, false, out);
        addr_print(question->client, out);
    } else if (answer->err == ERR_PORT_UNLISTED) {
        explain_put_setting(settings, SETTING_AllowedPorts, false, out);
        out_u64(out, question->port);
    } else if (answer->err == ERR_ADDRESS_SPECIAL) {
        bool first = settings->allowed_networks.count == 0;
        explain_put_setting(settings, SETTING_AllowedNetworks, first, out);
        addr_print(&answer->rule.addr, out);
    } else if (answer->err == ERR_CERTIFICATE_UNLISTED && say_is_plain(question->subject)) {
        out_str(out, "omsgateway certificate add \"");
        out_put(out, question->subject);
        out_char(out, '"');
    } else if (known && (answer->err == ERR_HOST_UNLISTED || answer->err == ERR_LITERAL_UNLISTED)) {
        out_str(out, "omsgateway host add ");
        pattern_print(&host, out);
    }
}

const char *policy_hidden(const struct settings *settings, size_t subject_count)
{
    return subject_count > 0 && settings->tls13 == TLS13_ALLOW &&
                   settings->client_certificates != CLIENT_CERTIFICATES_ANY
               ? "TLS 1.3 encrypts the client's certificate: the list of certificates judges "
                 "sessions up to TLS 1.2 only, unless Tls13 is set to refuse"
               : NULL;
}

void policy_print_notes(const struct snapshot *snapshot, const struct policy_question *question,
                        struct out *out)
{
    const char *hidden = policy_hidden(&snapshot->settings, snapshot->subject_count);
    bool open = !question->client && !settings_is_everywhere(&snapshot->settings.allowed_clients);
    out_str(out, open ? "the client is not judged: none was named, and AllowedClients does not let "
                        "everybody in"
                      : "");
    out_str(out, open && hidden ? "; " : "");
    out_str(out, hidden ? hidden : "");
}

void policy_explain(const struct snapshot *snapshot, const struct policy_question *question,
                    struct out *out)
{
    struct policy_answer answers[POLICY_ANSWERS_MAX];
    size_t count = policy_check(snapshot, question, answers);
    for (size_t i = 0; i < count; i++) {
        char place[POLICY_TEXT_MAX];
        struct out remedy;
        struct policy_rule never;
        bool allowed = answers[i].err == ERR_OK;
        out_begin(&remedy, place, sizeof place);
        policy_print_remedy(snapshot, question, &answers[i], &remedy);
        out_str(out, answers[i].what);
        out_str(out, allowed ? ": allowed by " : ": refused: ");
        out_str(out, allowed ? "" : err_sentence(answers[i].err));
        out_str(out, allowed ? "" : "; rule: ");
        policy_print_rule(snapshot, &answers[i].rule, out);
        out_str(out, remedy.len > 0 ? "\nto allow it: " : "");
        out_put(out, out_span(&remedy));
        if (!allowed && explain_is_never(snapshot, question, &never)) {
            out_str(out, "\nnothing allows it: ");
            policy_print_rule(snapshot, &never, out);
        }
        out_char(out, '\n');
    }
    size_t before = out->len;
    policy_print_notes(snapshot, question, out);
    out_str(out, out->len > before ? "\n" : "");
}
