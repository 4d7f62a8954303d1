/*
 * The decision about a host, by which rule, and what would change it, without connecting. Who asks
 * may have its addresses found, and judged with it.
 */
#include "admin/data.h"
#include "admin/load.h"
#include "policy/explain.h"
#include "policy/say.h"

enum {
    CHECK_ADDRESS_MAX = 1024, /* one address as JSON, its rule included */
    CHECK_LEFT_OUT_MAX = 20
};

struct check {
    const struct admin *admin;
    const struct admin_question *asked;
    char host_place[PATTERN_NAME_MAX + 3], subject_place[SUBJECT_TEXT_MAX + 1];
    struct pattern host;
    struct policy_question question;
    struct addr client, addrs[ADMIN_ADDRS_MAX];
    size_t addr_count;
    struct load load;
    size_t left_out; /* entries that are wrong */
    bool allowed;
};

/* ---- what is asked ---- */

static enum err check_fail(const struct check *check, enum err err, bool known,
                           const struct pattern *right)
{
    char place[PATTERN_WHY_MAX];
    struct out why;
    out_begin(&why, place, sizeof place);
    say_wrong(say_unlogged(check->asked->host), err, &why);
    say_right(known, known ? "check " : "check a.example.com:443", &why);
    if (known) {
        pattern_print(right, &why);
    }
    return admin_fail(check->admin, err, out_span(&why));
}

static enum err check_take_host(struct check *check)
{
    char place[PATTERN_WHY_MAX];
    struct out why, host;
    struct pattern right;
    struct span text = check->asked->host;
    size_t colon = pattern_find_port(text);
    bool url = span_find(text, '/') < text.len;
    struct span name = url ? text : span_first(text, colon);
    out_begin(&why, place, sizeof place);
    enum err err = pattern_parse(name, &check->host, &why);
    if (err == ERR_OK && check->host.kind == PATTERN_SUFFIX) {
        err = ERR_HOST_ONE;
    }
    if (err != ERR_OK) {
        bool known = pattern_guess(name, err, &right) && right.kind != PATTERN_SUFFIX;
        return check_fail(check, err, known, &right);
    }
    check->question.port = 443;
    if (colon < text.len) {
        err = port_parse(span_after(text, colon + 1), &check->question.port);
    }
    out_begin(&host, check->host_place, sizeof check->host_place);
    pattern_print(&check->host, &host);
    check->question.host = out_span(&host);
    return err == ERR_OK ? ERR_OK : check_fail(check, err, true, &check->host);
}

static enum err check_take_subject(struct check *check)
{
    char place[SUBJECT_WHY_MAX];
    struct subject_row row;
    struct out why, subject;
    if (!check->asked->subject.at) {
        return ERR_OK;
    }
    out_begin(&why, place, sizeof place);
    enum err err = subject_parse(check->asked->subject, &row, &why);
    if (err != ERR_OK) {
        return admin_fail(check->admin, err, out_span(&why));
    }
    out_begin(&subject, check->subject_place, sizeof check->subject_place);
    out_put(&subject, span_of(row.text, row.text_len));
    check->question.subject = out_span(&subject);
    return ERR_OK;
}

static enum err check_take_client(struct check *check)
{
    char place[PATTERN_WHY_MAX];
    struct out why;
    struct span given = check->asked->client;
    if (!given.at) {
        return ERR_OK;
    }
    enum err err = addr_parse(given, &check->client);
    if (err != ERR_OK) {
        out_begin(&why, place, sizeof place);
        say_wrong(given, err, &why);
        say_right(false, "check a.example.com --client 10.1.2.3", &why);
        return admin_fail(check->admin, err, out_span(&why));
    }
    check->question.client = &check->client;
    return ERR_OK;
}

/* ---- its addresses ---- */

/* An address stands for itself; a name is asked for when told, unless a relay does that. */
static enum err check_find_addrs(struct check *check)
{
    struct policy_answer answers[POLICY_ANSWERS_MAX];
    struct span host = check->question.host;
    size_t count = policy_check(check->load.snapshot, &check->question, answers);
    if (check->load.relay.set || answers[count - 1].err != ERR_OK) {
        return ERR_OK;
    }
    if (check->host.kind == PATTERN_ADDRESS) {
        check->addr_count = 1;
        CHECK(addr_parse(host, &check->addrs[0]) == ERR_OK);
    } else if (check->asked->resolve) {
        enum err err =
            check->asked->resolve(check->asked->context, host, check->addrs, &check->addr_count);
        if (err != ERR_OK) {
            admin_tell(check->admin, ADMIN_WRONG, err_sentence(err), host);
            return err;
        }
    }
    check->question.addrs = check->addrs;
    check->question.addr_count = check->addr_count;
    return ERR_OK;
}

/* One address of several, as a line or as an object. */
static void check_put_addr(const struct check *check, size_t i, bool json, struct out *out)
{
    char text_place[ADDR_TEXT_MAX], rule_place[CHECK_ADDRESS_MAX];
    struct out text, rule_text;
    struct policy_rule rule;
    struct policy_target target = {{check->addrs[i], check->question.port}, false};
    enum err err = policy_decide_target(check->load.snapshot, &target, &rule);
    out_begin(&text, text_place, sizeof text_place);
    out_begin(&rule_text, rule_place, sizeof rule_place);
    addr_print(&check->addrs[i], &text);
    policy_print_rule(check->load.snapshot, &rule, &rule_text);
    if (json) {
        out_str(out, "{\"address\":");
        out_json(out, out_span(&text));
        out_str(out,
                err == ERR_OK ? ",\"allowed\":true,\"rule\":" : ",\"allowed\":false,\"rule\":");
        out_json(out, out_span(&rule_text));
        out_char(out, '}');
    } else {
        out_put(out, out_span(&text));
        out_str(out, err == ERR_OK ? ": allowed by " : ": refused by ");
        out_put(out, out_span(&rule_text));
        out_char(out, '\n');
    }
}

/* ---- the answer ---- */

/* Nothing where there is none. */
static void check_put_relay(const struct check *check, struct out *out)
{
    if (check->load.relay.set) {
        out_str(out, "http://");
        authority_print(&check->load.relay.at, out);
    }
}

/* The lines for a person, without the end of the last. */
static struct span check_print_text(const struct check *check, struct out *out)
{
    policy_explain(check->load.snapshot, &check->question, out);
    for (size_t i = 0; check->addr_count > 1 && i < check->addr_count; i++) {
        check_put_addr(check, i, false, out);
    }
    if (check->load.relay.set && check->allowed) {
        out_str(out, "reached through the relay proxy ");
        check_put_relay(check, out);
        out_str(out, ", which resolves the name: addresses are not judged\n");
    }
    return span_first(out_span(out), out->len - 1);
}

static struct span check_json_addrs(const struct check *check, struct out *out)
{
    out_char(out, '[');
    for (size_t i = 0; i < check->addr_count; i++) {
        out_str(out, i > 0 ? "," : "");
        check_put_addr(check, i, true, out);
    }
    out_char(out, ']');
    return out_span(out);
}

static void check_put_row(const struct check *check, const struct policy_answer *last)
{
    static const struct sheet_column columns[] = {
        {"host", false},     {"port", true},   {"client", false}, {"allowed", true},
        {"judged", false},   {"rule", false},  {"reason", false}, {"remedy", false},
        {"addresses", true}, {"relay", false}, {"note", false}};
    static const struct sheet_shape shape = {columns, 11, 11, 12, true};
    char addrs_place[ADMIN_ADDRS_MAX * CHECK_ADDRESS_MAX], text_place[2 * POLICY_TEXT_MAX];
    char rule_place[POLICY_TEXT_MAX], remedy_place[POLICY_TEXT_MAX], port_place[8];
    char relay_place[AUTHORITY_MAX + 8];
    struct span none = {NULL, 0};
    char client_place[ADDR_TEXT_MAX], note_place[POLICY_TEXT_MAX];
    struct out rule, remedy, port, client, addrs, relay, note, text;
    const struct snapshot *snapshot = check->load.snapshot;
    out_begin(&rule, rule_place, sizeof rule_place);
    out_begin(&remedy, remedy_place, sizeof remedy_place);
    out_begin(&port, port_place, sizeof port_place);
    out_begin(&addrs, addrs_place, sizeof addrs_place);
    out_begin(&relay, relay_place, sizeof relay_place);
    out_begin(&text, text_place, sizeof text_place);
    out_begin(&client, client_place, sizeof client_place);
    if (check->question.client) {
        addr_print(check->question.client, &client);
    }
    out_begin(&note, note_place, sizeof note_place);
    check_put_relay(check, &relay);
    policy_print_notes(snapshot, &check->question, &note);
    policy_print_rule(snapshot, &last->rule, &rule);
    policy_print_remedy(snapshot, &check->question, last, &remedy);
    out_u64(&port, check->question.port);
    check->admin->row(
        check->admin->context, &shape,
        (struct span[]){check->question.host, out_span(&port),
                        client.len > 0 ? out_span(&client) : none,
                        span_str(check->allowed ? "true" : "false"), span_str(last->what),
                        out_span(&rule), check->allowed ? none : span_str(err_sentence(last->err)),
                        remedy.len > 0 ? out_span(&remedy) : none, check_json_addrs(check, &addrs),
                        relay.len > 0 ? out_span(&relay) : none,
                        note.len > 0 ? out_span(&note) : none, check_print_text(check, &text)});
}

static enum err check_answer(struct check *check)
{
    struct policy_answer answers[POLICY_ANSWERS_MAX];
    TRY(check_find_addrs(check));
    const struct policy_answer *last =
        &answers[policy_check(check->load.snapshot, &check->question, answers) - 1];
    check->allowed = last->err == ERR_OK;
    check_put_row(check, last);
    return last->err;
}

/* As a gateway that starts does: the good entries count. */
static void check_leave_out(void *context, struct span entry, struct span why)
{
    struct check *check = context;
    char place[ADMIN_SENTENCE_MAX];
    struct out line;
    (void)entry; /* stands in the sentence, too */
    if (++check->left_out > CHECK_LEFT_OUT_MAX) {
        return;
    }
    out_begin(&line, place, sizeof place);
    out_str(&line, "left out: ");
    out_put(&line, check->left_out < CHECK_LEFT_OUT_MAX
                       ? why
                       : span_str("more entries are wrong than are named here"));
    check->admin->say(check->admin->context, ADMIN_WARNING, out_span(&line));
}

static enum err check_judge(struct data *data, void *context)
{
    char place[POLICY_WHY_MAX];
    struct out why;
    struct check *check = context;
    struct settings settings;
    struct endpoint own[LOAD_OWN_MAX];
    TRY(data_take_settings(data, ADMIN_NOTE, &settings, NULL)); /* said by check_leave_out */
    const struct endpoint at = {settings.listen_address, settings.listen_port};
    struct load_own where = {.at = own,
                             .count = load_find_own(&at, own),
                             .sealed = true,
                             .leave_out = check_leave_out,
                             .context = check};
    out_begin(&why, place, sizeof place);
    enum err err = load_rules(data->store, &where, &check->load, &why);
    err = err == ERR_OK ? check_answer(check) : data_judge(data, err);
    load_free(&check->load);
    return err;
}

enum err admin_check_host(const struct admin *admin, const struct admin_question *question)
{
    struct check check = {.admin = admin, .asked = question};
    TRY(check_take_host(&check));
    TRY(check_take_subject(&check));
    TRY(check_take_client(&check));
    return data_use(admin, &check, check_judge);
}
