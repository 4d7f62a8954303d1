/*
 * host and certificate, the two lists of rules, and check, which asks them for a decision.
 */
#include "host/cli/cli_admin.h"
#include "io/resolve.h"

#include <string.h>

static int rules_list(const struct cli_line *line, enum store_kind kind)
{
    struct cli_admin place;
    const struct admin *admin = cli_admin_begin(&place, line);
    return cli_admin_end(&place, admin_list_rules(admin, kind, cli_has(line, CLI_ALL)));
}

static int rules_add(const struct cli_line *line, enum store_kind kind)
{
    struct cli_admin place;
    struct admin_words values = cli_words(line);
    struct span comment = {NULL, 0};
    (void)cli_value(line, CLI_COMMENT, &comment);
    const struct admin *admin = cli_admin_begin(&place, line);
    return cli_admin_end(&place, admin_add_rules(admin, kind, &values, comment));
}

static int rules_remove(const struct cli_line *line, enum store_kind kind)
{
    struct cli_admin place;
    struct admin_words values = cli_words(line);
    return cli_admin_end(&place, admin_remove_rules(cli_admin_begin(&place, line), kind, &values));
}

int cli_host_list(const struct cli_line *line)
{
    return rules_list(line, STORE_HOST);
}

int cli_host_add(const struct cli_line *line)
{
    return rules_add(line, STORE_HOST);
}

int cli_host_remove(const struct cli_line *line)
{
    return rules_remove(line, STORE_HOST);
}

int cli_certificate_list(const struct cli_line *line)
{
    return rules_list(line, STORE_CERTIFICATE);
}

int cli_certificate_add(const struct cli_line *line)
{
    return rules_add(line, STORE_CERTIFICATE);
}

int cli_certificate_remove(const struct cli_line *line)
{
    return rules_remove(line, STORE_CERTIFICATE);
}

static enum err rules_resolve(void *context, struct span host, struct addr addrs[ADMIN_ADDRS_MAX],
                              size_t *count)
{
    _Static_assert((int)ADMIN_ADDRS_MAX >= (int)IO_NAMES_MAX, "all of an answer finds its place");
    struct resolve_answer answer;
    (void)context;
    resolve_ask(host, &answer);
    *count = answer.count;
    memcpy(addrs, answer.addrs, answer.count * sizeof *addrs);
    return answer.result;
}

int cli_check(const struct cli_line *line)
{
    struct cli_admin place;
    struct admin_question question = {.host = cli_word(line, 0)};
    (void)cli_value(line, CLI_SUBJECT, &question.subject);
    (void)cli_value(line, CLI_CLIENT, &question.client);
    question.resolve = cli_has(line, CLI_RESOLVE_NOW) ? rules_resolve : NULL;
    return cli_admin_end(&place, admin_check_host(cli_admin_begin(&place, line), &question));
}
