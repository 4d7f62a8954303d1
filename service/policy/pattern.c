/*
 * Host patterns: judged, brought to one form, and explained when they are wrong. Owns what a host
 * name may look like; knows neither lists nor decisions.
 */
#include "policy/pattern.h"

#include "base/addr.h"
#include "policy/idn.h"
#include "policy/say.h"

static const struct pattern_suffix {
    const char *text;
    enum { PATTERN_COUNTRY, PATTERN_SHARED, PATTERN_LENT } kind;
    size_t parts;
} pattern_suffixes[] = {
#define COUNTRY(word)       {word, PATTERN_COUNTRY, 0},
#define SHARED(text, parts) {text, PATTERN_SHARED, parts},
#define LENT(text, parts)   {text, PATTERN_LENT, parts},
#include "policy/suffixes.def"
#undef COUNTRY
#undef SHARED
#undef LENT
};

struct span pattern_span(const struct pattern *pattern)
{
    return span_of(pattern->text, pattern->len);
}

static enum err pattern_check_label(struct span label)
{
    for (size_t i = 0; i < label.len; i++) {
        uint8_t byte = span_lower(label.at[i]);
        if (!(byte >= 'a' && byte <= 'z') && !span_is_digit(byte) && byte != '-') {
            return ERR_HOST_LETTER;
        }
    }
    if (label.len == 0) {
        return ERR_HOST_DOT;
    }
    if (label.len > PATTERN_LABEL_MAX) {
        return ERR_HOST_LONG;
    }
    return label.at[0] == '-' || label.at[label.len - 1] == '-' ? ERR_HOST_HYPHEN : ERR_OK;
}

/* What other programs take for a number: decimal, or hexadecimal behind 0x. */
static bool pattern_is_number(struct span label)
{
    bool hex = label.len >= 2 && label.at[0] == '0' && span_lower(label.at[1]) == 'x';
    for (size_t i = hex ? 2 : 0; i < label.len; i++) {
        uint8_t value;
        if (!(hex ? span_hex_digit(label.at[i], &value) : span_is_digit(label.at[i]))) {
            return false;
        }
    }
    return true;
}

static enum err pattern_check_name(struct span name)
{
    struct span label = {NULL, 0};
    if (name.len > PATTERN_NAME_MAX) {
        return ERR_HOST_LONG;
    }
    for (bool done = false; span_cut(&name, '.', &done, &label);) {
        TRY(pattern_check_label(label));
    }
    return pattern_is_number(label) ? ERR_HOST_NUMBER : ERR_OK;
}

enum err pattern_host(struct span text, struct pattern *host)
{
    struct addr addr;
    bool brackets = text.len > 1 && text.at[0] == '[' && text.at[text.len - 1] == ']';
    struct span inner = brackets ? span_first(span_after(text, 1), text.len - 2) : text;
    bool ipv6 = span_find(inner, ':') < span_find_last(inner, ':');
    enum err err = addr_parse(inner, &addr);
    if (ipv6 || (err == ERR_OK && !brackets)) {
        struct out out;
        TRY(err);
        out_begin(&out, (char *)host->text, sizeof host->text);
        addr_print(&addr, &out);
        host->kind = PATTERN_ADDRESS;
        host->len = (uint8_t)out.len;
        return ERR_OK;
    }
    bool dot = text.len > 0 && text.at[text.len - 1] == '.';
    text = span_first(text, text.len - (dot ? 1 : 0));
    TRY(pattern_check_name(text));
    host->kind = PATTERN_NAME;
    host->len = (uint8_t)text.len;
    for (size_t i = 0; i < text.len; i++) {
        host->text[i] = span_lower(text.at[i]);
    }
    return ERR_OK;
}

/* Whether `name` lies below `suffix`. */
static bool pattern_is_below(struct span name, struct span suffix)
{
    return name.len > suffix.len && name.at[name.len - suffix.len - 1] == '.' &&
           span_ends_with(name, suffix);
}

/* Whether a wildcard of this name means what lies below the suffix: it, what is above, its parts.
 */
static bool pattern_means(struct span name, const struct pattern_suffix *suffix)
{
    struct span text = span_str(suffix->text), part;
    size_t parts = 0;
    if (suffix->kind == PATTERN_COUNTRY) {
        return name.len == text.len + 2 && span_find(name, '.') == text.len - 1 &&
               span_equal(span_first(name, text.len), text);
    }
    if (!pattern_is_below(name, text)) {
        return span_equal(name, text) || pattern_is_below(text, name);
    }
    name = span_first(name, name.len - text.len - 1);
    for (bool done = false; span_cut(&name, '.', &done, &part);) {
        parts++;
    }
    return parts <= suffix->parts;
}

/* Whether strangers can have names below this one; `lent`: agents may need it all the same. */
static bool pattern_is_strangers(struct span name, bool lent)
{
    for (size_t i = 0; i < sizeof pattern_suffixes / sizeof pattern_suffixes[0]; i++) {
        const struct pattern_suffix *suffix = &pattern_suffixes[i];
        if ((suffix->kind == PATTERN_LENT) == lent && pattern_means(name, suffix)) {
            return true;
        }
    }
    return !lent && span_find(name, '.') == name.len;
}

bool pattern_is_lent(const struct pattern *pattern)
{
    return pattern->kind == PATTERN_SUFFIX && pattern_is_strangers(pattern_span(pattern), true);
}

static const char PATTERN_BETWEEN[] = " ,;\t\r\n"; /* what stands between several hosts */

size_t pattern_find_port(struct span text)
{
    size_t colon = span_find_last(text, ':');
    bool only = span_find(text, ':') == colon;
    return only || (text.at[0] == '[' && text.at[colon - 1] == ']') ? colon : text.len;
}

struct span pattern_authority(struct span text)
{
    for (const char *end = "/\\?#"; *end; end++) {
        text = span_first(text, span_find(text, (uint8_t)*end));
    }
    return text;
}

/* What can be seen before anything is read: words, URLs, ports and stars in the wrong place. */
static enum err pattern_check_shape(struct span text)
{
    struct cidr cidr;
    size_t star = span_find_last(text, '*');
    if (text.len == 0) {
        return ERR_HOST_EMPTY;
    }
    if (span_has_any(text, PATTERN_BETWEEN)) {
        return ERR_HOST_SEVERAL;
    }
    if (span_has_any(text, "/\\?#@")) {
        enum err err = cidr_parse(text, &cidr);
        return err == ERR_OK || err == ERR_HOST_BITS ? ERR_HOST_NETWORK : ERR_HOST_URL;
    }
    if (pattern_find_port(text) < text.len) {
        return ERR_HOST_PORT;
    }
    if (text.len == 1 && star == 0) {
        return ERR_HOST_WIDE;
    }
    return star < text.len && (star > 0 || text.at[1] != '.') ? ERR_HOST_STAR : ERR_OK;
}

static enum err pattern_judge(struct span text, struct pattern *pattern)
{
    char place[PATTERN_NAME_MAX + 2]; /* a dot at the end and the NUL */
    struct out out;
    out_begin(&out, place, sizeof place);
    TRY(pattern_check_shape(text));
    bool star = text.at[0] == '*';
    TRY(idn_put(span_after(text, star ? 2 : 0), &out));
    TRY(pattern_host(out_span(&out), pattern));
    if (!star) {
        return ERR_OK;
    }
    if (pattern->kind == PATTERN_ADDRESS) {
        return ERR_HOST_NUMBER;
    }
    if (pattern->len > PATTERN_NAME_MAX - 2) {
        return ERR_HOST_LONG;
    }
    pattern->kind = PATTERN_SUFFIX;
    return pattern_is_strangers(pattern_span(pattern), false) ? ERR_HOST_WIDE : ERR_OK;
}

static bool pattern_is_slash(uint8_t byte)
{
    return byte == '/' || byte == '\\'; /* people mistake one for the other */
}

/* The host in something like scheme://user@host:port/path?query#fragment. */
static struct span pattern_host_part(struct span text)
{
    size_t at = 0, behind;
    while (at < text.len && !pattern_is_slash(text.at[at])) {
        at++;
    }
    for (behind = at; behind < text.len && behind < at + 2 && pattern_is_slash(text.at[behind]);
         behind++) {
    }
    bool scheme = at == 0 || text.at[at - 1] == ':';
    text = pattern_authority(span_after(text, scheme ? behind : 0));
    size_t user = span_find_last(text, '@');
    text = span_after(text, user < text.len ? user + 1 : 0);
    return span_first(text, pattern_find_port(text));
}

bool pattern_guess(struct span text, enum err err, struct pattern *pattern)
{
    char place[4 * PATTERN_NAME_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    if (err == ERR_HOST_URL || err == ERR_HOST_PORT) {
        out_put(&out, pattern_host_part(text));
    } else if (err == ERR_HOST_STAR || err == ERR_HOST_DOT) {
        size_t star = span_find_last(text, '*');
        struct span tail = star < text.len ? span_after(text, star + 1) : text;
        size_t dot = span_find(tail, '.');
        out_str(&out, "*.");
        out_put(&out, dot == tail.len || star == 0 ? tail : span_after(tail, dot + 1));
    }
    return pattern_judge(out_span(&out), pattern) == ERR_OK;
}

/* The words of one text that several hosts were put into; false where one of them is none. */
static bool pattern_put_several(struct span text, struct out *out)
{
    size_t start = 0;
    for (size_t i = 0; i <= text.len; i++) {
        struct pattern pattern;
        bool over = i == text.len ||
                    span_find(span_str(PATTERN_BETWEEN), text.at[i]) < sizeof PATTERN_BETWEEN - 1;
        struct span word = span_first(span_after(text, start), i - start);
        if (over && word.len > 0) {
            if (pattern_judge(word, &pattern) != ERR_OK) {
                return false;
            }
            out_str(out, out->len > 0 ? " " : "");
            pattern_print(&pattern, out);
        }
        start = over ? i + 1 : start;
    }
    return out_end(out) == ERR_OK && out->len > 0;
}

static void pattern_explain(struct span text, enum err err, struct out *why)
{
    struct pattern right;
    struct cidr network;
    uint16_t port;
    char several_place[4 * PATTERN_NAME_MAX];
    struct out several;
    out_begin(&several, several_place, sizeof several_place);
    bool known = pattern_guess(text, err, &right);
    say_wrong(say_unlogged(text), err, why);
    if (err == ERR_HOST_NETWORK && cidr_parse(text, &network) != ERR_ADDRESS) {
        say_right(false, "config set AllowedNetworks ", why);
        cidr_print(&network, why);
    } else if (known) {
        bool more = err == ERR_HOST_STAR && span_find_last(text, '*') > 0;
        if (more) {
            out_str(why, "; for example, which allows more: omsgateway host add ");
        } else {
            say_right(true, "host add ", why);
        }
        pattern_print(&right, why);
    } else if (err == ERR_HOST_SEVERAL && pattern_put_several(text, &several)) {
        say_right(true, "host add ", why);
        out_put(why, out_span(&several));
    } else {
        bool star = err == ERR_HOST_STAR || err == ERR_HOST_WIDE || err == ERR_HOST_DOT;
        bool number = err == ERR_HOST_NUMBER || err == ERR_ADDRESS || err == ERR_SCOPE;
        say_right(false, "host add ", why);
        out_str(why, star ? "*.example.com" : number ? "192.0.2.1" : "a.example.com");
        out_str(why, err == ERR_HOST_SEVERAL ? " b.example.com" : "");
    }
    if (err == ERR_HOST_PORT && known && right.kind == PATTERN_NAME &&
        port_parse(span_after(text, pattern_find_port(text) + 1), &port) == ERR_OK && port != 443) {
        out_str(why, " and: omsgateway check ");
        pattern_print(&right, why);
        out_char(why, ':');
        out_u64(why, port);
    }
}

enum err pattern_parse(struct span text, struct pattern *pattern, struct out *why)
{
    text = span_trim(text);
    enum err err = pattern_judge(text, pattern);
    if (err != ERR_OK) {
        pattern_explain(text, err, why);
    }
    return err;
}

void pattern_print(const struct pattern *pattern, struct out *out)
{
    out_str(out, pattern->kind == PATTERN_SUFFIX ? "*." : "");
    out_put(out, pattern_span(pattern));
}
