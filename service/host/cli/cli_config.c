/*
 * config: settings and their history, and status, which looks at the gateway itself.
 */
#include "host/cli/cli_admin.h"

int cli_config_get(const struct cli_line *line)
{
    struct cli_admin place;
    const struct admin *admin = cli_admin_begin(&place, line);
    return cli_admin_end(&place, line->count > 0 ? admin_get_setting(admin, cli_word(line, 0))
                                                 : admin_list_settings(admin));
}

/* A list that the shell cut into words; false where there is none. */
static bool config_find_cut(const struct cli_line *line, struct span *word)
{
    for (int i = 1; i < line->count; i++) {
        *word = cli_word(line, i);
        if (word->len > 0 && word->at[word->len - 1] == ',') {
            return true;
        }
    }
    return false;
}

int cli_config_set(const struct cli_line *line)
{
    struct cli_admin place;
    struct admin_words pairs = cli_words(line);
    struct span last = cli_word(line, line->count - 1), cut;
    if (config_find_cut(line, &cut)) {
        return cli_misused(CLI_config_set, "a list is one word, with no space behind its commas",
                           cut);
    }
    if (line->count % 2 > 0) {
        bool joined = span_find(last, '=') < last.len;
        return cli_misused(CLI_config_set,
                           joined ? "name and value are two words, with a space between them"
                                  : "a setting without its value",
                           last);
    }
    return cli_admin_end(&place, admin_set_settings(cli_admin_begin(&place, line), &pairs));
}

int cli_config_reset(const struct cli_line *line)
{
    struct cli_admin place;
    struct admin_words names = cli_words(line);
    return cli_admin_end(&place, admin_reset_settings(cli_admin_begin(&place, line), &names));
}

int cli_config_history(const struct cli_line *line)
{
    struct cli_admin place;
    return cli_admin_end(&place, admin_list_history(cli_admin_begin(&place, line)));
}

int cli_status(const struct cli_line *line)
{
    struct cli_admin place;
    return cli_admin_end(&place, admin_get_status(cli_admin_begin(&place, line)));
}
