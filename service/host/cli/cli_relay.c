/*
 * relay: the proxy behind which the internet lies, and its login. The password comes from a prompt,
 * a file or standard input, lives in one place here and is wiped from it; nothing prints it.
 */
#include "host/cli/cli_data.h"
#include "host/cli/cli_table.h"
#include "host/terminal.h"
#include "policy/relay.h"
#include "sys/files.h"

#include <string.h>

/* ---- get, clear ---- */

struct relay_print {
    struct cli_table table;
    bool found;
};

static enum err relay_put(void *context, const struct store_relay *relay)
{
    struct relay_print *print = context;
    print->found = true;
    cli_table_row(
        &print->table,
        (struct span[]){relay->url, span_str(relay->username.len > 0 ? "true" : "false")});
    return ERR_OK;
}

int cli_relay_get(const struct cli_line *line)
{
    static const struct cli_column columns[] = {{"url", false}, {"login", true}};
    struct relay_print print = {.found = false};
    struct store_visitor visitor = {.context = &print, .relay = relay_put};
    cli_table_begin(&print.table, cli_has(line, CLI_JSON), columns, 2, 1);
    print.table.one = true;
    int status = cli_data_read(line, &visitor);
    if (status == CLI_DONE && !print.found) {
        cli_say(span_str("no relay proxy is set: targets are reached directly"));
    }
    if (status == CLI_DONE && !print.found && print.table.json) {
        cli_table_row(&print.table, (struct span[]){{NULL, 0}, span_str("false")});
    }
    return cli_table_end(&print.table, status);
}

static int relay_clear_in(struct cli_data *data, const void *context)
{
    bool was_set;
    (void)context;
    int status = cli_data_judge(data, store_clear_relay(data->store, &was_set));
    if (status == CLI_DONE && !was_set) {
        cli_say(span_str("no relay proxy was set: targets are reached directly"));
    }
    return status;
}

int cli_relay_clear(const struct cli_line *line)
{
    bool changed;
    return cli_data_write(line, NULL, relay_clear_in, &changed);
}

/* ---- set ---- */

struct relay_change {
    struct span url, username, password;
};

/* With what a person or an editor put around it: the end of the line, a byte order mark. */
enum { RELAY_PLACE = RELAY_PASSWORD_MAX + 8 };

static enum err relay_take_password(const struct cli_line *line, uint8_t place[RELAY_PLACE],
                                    size_t *len)
{
    struct span file;
    if (!cli_value(line, CLI_PASSWORD_FILE, &file)) {
        return terminal_ask("password of the relay proxy: ", place, RELAY_PLACE, len);
    }
    return span_is(file, "-") ? terminal_read(place, RELAY_PLACE, len)
                              : files_read((const char *)file.at, place, RELAY_PLACE, len);
}

static struct span relay_strip(struct span text)
{
    struct span mark = span_str("\xEF\xBB\xBF");
    text = span_starts_with(text, mark) ? span_after(text, mark.len) : text;
    for (const char *end = "\n\r"; *end; end++) {
        if (text.len > 0 && text.at[text.len - 1] == (uint8_t)*end) {
            text = span_first(text, text.len - 1);
        }
    }
    return text;
}

static int relay_read_password(const struct cli_line *line, uint8_t place[RELAY_PLACE],
                               struct span *password)
{
    char why_place[RELAY_WHY_MAX];
    struct out why;
    struct span file = {NULL, 0};
    size_t len = 0;
    bool filed = cli_value(line, CLI_PASSWORD_FILE, &file);
    if (!filed && !terminal_is_there()) {
        cli_say(span_str("standard input is no terminal to ask for the password: give "
                         "--password-file FILE, or --password-file - to read it from there"));
        return CLI_FAILED;
    }
    out_begin(&why, why_place, sizeof why_place);
    enum err err = relay_take_password(line, place, &len);
    *password = relay_strip(span_of(place, len));
    if (err != ERR_OK && err != ERR_LONG) {
        cli_complain(err_sentence(err), filed ? file : span_str("password"));
        return CLI_FAILED;
    }
    *password = err == ERR_LONG ? span_of(place, RELAY_PLACE) : *password;
    return relay_check_password(*password, &why) == ERR_OK ? CLI_DONE : cli_refuse(&why);
}

static int relay_set_in(struct cli_data *data, const void *context)
{
    const struct relay_change *change = context;
    return cli_data_judge(
        data, store_set_relay(data->store, change->url, change->username, change->password));
}

int cli_relay_set(const struct cli_line *line)
{
    char url_place[RELAY_URL_MAX], why_place[RELAY_WHY_MAX];
    uint8_t password_place[RELAY_PLACE];
    struct relay relay;
    struct relay_change change = {.username = span_str(""), .password = span_str("")};
    struct out url, why;
    bool login = cli_value(line, CLI_USERNAME, &change.username);
    if (!login && cli_has(line, CLI_PASSWORD_FILE)) {
        return cli_misused(CLI_relay_set, "a password without a user name: give --username NAME",
                           span_str(""));
    }
    out_begin(&why, why_place, sizeof why_place);
    out_begin(&url, url_place, sizeof url_place);
    if (relay_parse(cli_word(line, 0), &relay, &why) != ERR_OK ||
        (login && relay_check_username(change.username, &why) != ERR_OK)) {
        return cli_refuse(&why);
    }
    relay_print(&relay, &url);
    change.url = out_span(&url);
    int status = login ? relay_read_password(line, password_place, &change.password) : CLI_DONE;
    status = status == CLI_DONE ? cli_data_write(line, &change, relay_set_in, &login) : status;
    sys_wipe(password_place, sizeof password_place);
    return status;
}
