/*
 * Relay proxies: their URL judged and brought to one form, their login judged. Whatever stands
 * before an @ may hold a password, so no sentence shows it.
 */
#include "policy/relay.h"

#include "base/addr.h"
#include "base/utf.h"
#include "policy/say.h"

enum { RELAY_PORT = 80 }; /* where none is given */
static const char RELAY_SCHEME[] = "http://";
static const char RELAY_EXAMPLE[] = "relay set http://proxy.example.com:8080";

static bool relay_begins(struct span text, const char *start)
{
    size_t len = span_str(start).len;
    return text.len >= len && span_equal_nocase(span_first(text, len), span_str(start));
}

/* Whether something like socks5: stands in front. */
static bool relay_has_scheme(struct span text)
{
    size_t slash = pattern_authority(text).len;
    return slash > 0 && slash < text.len && text.at[slash - 1] == ':';
}

static enum err relay_judge_host(struct span text, struct pattern *host)
{
    char place[PATTERN_WHY_MAX];
    struct out why;
    bool brackets = text.len > 0 && text.at[0] == '[';
    if (!brackets && span_find(text, ':') < text.len) {
        return ERR_ENDPOINT;
    }
    if (span_trim(text).len != text.len) {
        return ERR_HOST_LETTER;
    }
    out_begin(&why, place, sizeof place);
    TRY(pattern_parse(text, host, &why));
    return host->kind == PATTERN_SUFFIX ? ERR_HOST_LETTER : ERR_OK;
}

static enum err relay_judge(struct span text, struct relay *relay)
{
    if (text.len == 0) {
        return ERR_EMPTY;
    }
    if (span_find(text, '@') < text.len) {
        return ERR_RELAY_URL_LOGIN;
    }
    if (relay_begins(text, "https://")) {
        return ERR_RELAY_HTTPS;
    }
    bool scheme = relay_begins(text, RELAY_SCHEME);
    struct span rest = span_after(text, scheme ? sizeof RELAY_SCHEME - 1 : 0);
    struct span authority = pattern_authority(rest);
    if (!scheme && relay_has_scheme(text)) {
        return ERR_RELAY_SCHEME;
    }
    if (authority.len < rest.len && !span_is(span_after(rest, authority.len), "/")) {
        return ERR_RELAY_PATH;
    }
    size_t colon = pattern_find_port(authority);
    TRY(relay_judge_host(span_first(authority, colon), &relay->host));
    relay->port = RELAY_PORT;
    return colon == authority.len ? ERR_OK
                                  : port_parse(span_after(authority, colon + 1), &relay->port);
}

/* What was probably meant: host and port of whatever was given. False where nobody can know. */
static bool relay_guess(struct span text, struct relay *relay)
{
    char place[2 * RELAY_URL_MAX];
    struct out out;
    size_t user = span_find_last(text, '@'), at = 0;
    text = span_after(text, user < text.len ? user + 1 : 0);
    while (at + 2 < text.len && !span_is(span_first(span_after(text, at), 3), "://")) {
        at++;
    }
    text = pattern_authority(span_after(text, at + 2 < text.len ? at + 3 : 0));
    out_begin(&out, place, sizeof place);
    out_str(&out, RELAY_SCHEME);
    out_put(&out, text);
    return relay_judge(out_span(&out), relay) == ERR_OK;
}

static void relay_explain(struct span text, enum err err, struct out *why)
{
    struct relay right;
    struct span behind = pattern_authority(span_after(text, text.len > 8 ? 8 : text.len));
    /* Of another scheme nobody knows what stands at which port. */
    bool other = err == ERR_RELAY_SCHEME ||
                 (err == ERR_RELAY_HTTPS && pattern_find_port(behind) == behind.len);
    bool known = !other && relay_guess(text, &right);
    say_wrong(say_unlogged(text), err, why);
    say_right(known, known ? "relay set " : RELAY_EXAMPLE, why);
    if (known) {
        relay_print(&right, why);
    }
    out_str(why, err == ERR_RELAY_URL_LOGIN ? " --username NAME" : "");
}

enum err relay_parse(struct span text, struct relay *relay, struct out *why)
{
    text = span_trim(text);
    enum err err = relay_judge(text, relay);
    if (err != ERR_OK) {
        relay_explain(text, err, why);
    }
    return err;
}

void relay_print(const struct relay *relay, struct out *out)
{
    struct span host = pattern_span(&relay->host);
    bool brackets = span_find(host, ':') < host.len;
    out_str(out, RELAY_SCHEME);
    out_str(out, brackets ? "[" : "");
    out_put(out, host);
    out_str(out, brackets ? "]:" : ":");
    out_u64(out, relay->port);
}

/* ---- login ---- */

static enum err relay_judge_text(struct span text, size_t max)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < 0x20 || text.at[i] == 0x7F) {
            return ERR_CONTROL;
        }
    }
    if (text.len == 0) {
        return ERR_EMPTY;
    }
    return text.len > max ? ERR_LONG : utf_valid(text) ? ERR_OK : ERR_UTF;
}

static enum err relay_say_login(const char *what, enum err err, struct out *why)
{
    if (err != ERR_OK) {
        out_str(why, what);
        out_str(why, " of the relay proxy is not accepted: ");
        out_str(why, err_sentence(err));
        say_right(false, RELAY_EXAMPLE, why);
        out_str(why, " --username NAME");
    }
    return err;
}

enum err relay_check_username(struct span username, struct out *why)
{
    enum err err = relay_judge_text(username, RELAY_USERNAME_MAX);
    bool colon = span_find(username, ':') < username.len;
    return relay_say_login("the user name", err == ERR_OK && colon ? ERR_RELAY_COLON : err, why);
}

enum err relay_check_password(struct span password, struct out *why)
{
    return relay_say_login("the password", relay_judge_text(password, RELAY_PASSWORD_MAX), why);
}
