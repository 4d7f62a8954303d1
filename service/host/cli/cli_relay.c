/*
 * relay: the proxy behind which the internet lies, and its login. The password comes from a prompt,
 * a file or standard input, lives in one place here and is wiped from it; nothing prints it.
 */
#include "host/cli/cli_admin.h"
#include "host/terminal.h"
#include "policy/relay.h"
#include "sys/files.h"

int cli_relay_get(const struct cli_line *line)
{
    struct cli_admin place;
    return cli_admin_end(&place, admin_get_relay(cli_admin_begin(&place, line)));
}

int cli_relay_clear(const struct cli_line *line)
{
    struct cli_admin place;
    return cli_admin_end(&place, admin_clear_relay(cli_admin_begin(&place, line)));
}

/* ---- set ---- */

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
    struct span file = {NULL, 0};
    size_t len = 0;
    bool filed = cli_value(line, CLI_PASSWORD_FILE, &file);
    if (!filed && !terminal_is_there()) {
        cli_say(span_str("standard input is no terminal to ask for the password: give "
                         "--password-file FILE, or --password-file - to read it from there"));
        return CLI_FAILED;
    }
    enum err err = relay_take_password(line, place, &len);
    *password = relay_strip(span_of(place, len));
    if (err != ERR_OK && err != ERR_LONG) {
        cli_complain(err_sentence(err), filed ? file : span_str("password"));
        return CLI_FAILED;
    }
    *password = err == ERR_LONG ? span_of(place, RELAY_PLACE) : *password;
    return CLI_DONE;
}

int cli_relay_set(const struct cli_line *line)
{
    uint8_t password_place[RELAY_PLACE];
    struct cli_admin place;
    struct admin_relay relay = {.url = cli_word(line, 0)};
    const struct admin *admin = cli_admin_begin(&place, line);
    relay.login = cli_value(line, CLI_USERNAME, &relay.username);
    if (!relay.login && cli_has(line, CLI_PASSWORD_FILE)) {
        return cli_misused(CLI_relay_set, "a password without a user name: give --username NAME",
                           span_str(""));
    }
    int status = cli_admin_end(&place, admin_judge_relay(admin, &relay));
    if (status == CLI_DONE && relay.login) {
        status = relay_read_password(line, password_place, &relay.password);
    }
    status = status == CLI_DONE ? cli_admin_end(&place, admin_set_relay(admin, &relay)) : status;
    sys_wipe(password_place, sizeof password_place);
    return status;
}
