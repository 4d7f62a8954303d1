/*
 * The second reader: finds the empty line, then looks at the lines again and again. Uses nothing of
 * service/http but the struct it fills, and the two parsers of base/ that have oracles of their
 * own.
 */
#include "plain_head.h"

#include <string.h>

enum { PLAIN_SIZE_MAX = 16384, PLAIN_FIELDS_MAX = 64, PLAIN_INTERIMS_MAX = 8 };

static const struct span plain_end = SPAN("\r\n\r\n");

static bool plain_is_in(uint8_t byte, const char *set)
{
    return byte != 0 && strchr(set, byte) != NULL;
}

/* Only CR LF pairs, tabs, and what can be printed or is beyond ASCII. */
static bool plain_is_clean(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.at[i];
        bool pair = (byte == '\r' && i + 1 < text.len && text.at[i + 1] == '\n') ||
                    (byte == '\n' && i > 0 && text.at[i - 1] == '\r');
        if (byte == 0x7F || (byte < 0x20 && byte != '\t' && !pair)) {
            return false;
        }
    }
    return true;
}

/* Up to and with the empty line; empty where there is none. */
static struct span plain_whole(struct span bytes)
{
    for (size_t i = plain_end.len; i <= bytes.len; i++) {
        if (span_ends_with(span_first(bytes, i), plain_end)) {
            return span_first(bytes, i);
        }
    }
    return span_first(bytes, 0);
}

/* The line before the next CR LF, which is there. */
static struct span plain_line(struct span *rest)
{
    struct span line = span_first(*rest, span_find(*rest, '\r'));
    *rest = span_after(*rest, line.len + 2);
    return line;
}

static bool plain_is_name(struct span name)
{
    static const char marks[] = "!#$%&'*+-.^_`|~0123456789"
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (size_t i = 0; i < name.len; i++) {
        if (!plain_is_in(name.at[i], marks)) {
            return false;
        }
    }
    return name.len > 0;
}

static bool plain_host(struct span host, struct authority *target)
{
    struct addr addr;
    bool last_dot = host.len > 0 && host.at[host.len - 1] == '.';
    if (host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']') {
        struct span inner = span_after(span_first(host, host.len - 1), 1);
        if (addr_parse(inner, &addr) != ERR_OK || addr.family != ADDR_IPV6) {
            return false;
        }
        struct out out;
        char place[ADDR_TEXT_MAX];
        out_begin(&out, place, sizeof place);
        addr_print(&addr, &out);
        target->addr = addr;
        target->host_len = (uint8_t)out.len;
        memcpy(target->host, place, out.len);
        return true;
    }
    target->addr = (struct addr){ADDR_NONE, {0}};
    if (addr_parse(host, &addr) == ERR_OK && addr.family == ADDR_IPV4) {
        target->addr = addr;
    } else if (last_dot) {
        host.len--;
        if (addr_parse(host, &addr) == ERR_OK) {
            return false;
        }
    }
    if (host.len < 1 || host.len > 253) {
        return false;
    }
    for (size_t i = 0; i < host.len; i++) {
        target->host[i] = span_lower(host.at[i]);
        if (!plain_is_in(target->host[i], "abcdefghijklmnopqrstuvwxyz0123456789-_.")) {
            return false;
        }
    }
    struct span rest = host, label;
    for (bool done = false; span_cut(&rest, '.', &done, &label);) {
        if (label.len == 0) {
            return false;
        }
    }
    target->host_len = (uint8_t)host.len;
    return true;
}

static bool plain_authority(struct span text, bool port_needed, struct authority *target)
{
    size_t colon = span_find_last(text, ':');
    bool inside = colon < text.len && text.at[text.len - 1] == ']'; /* [::1] */
    if (colon == text.len || inside) {
        target->port = 443;
        return !port_needed && plain_host(text, target);
    }
    return port_parse(span_after(text, colon + 1), &target->port) == ERR_OK &&
           plain_host(span_first(text, colon), target);
}

static bool plain_same(const struct authority *a, const struct authority *b)
{
    return a->port == b->port && a->host_len == b->host_len &&
           memcmp(a->host, b->host, a->host_len) == 0;
}

/* The lines up to the empty one: how many; target NULL: their names do not matter. */
static bool plain_fields(struct span *rest, const struct authority *target, size_t *count,
                         size_t *hosts)
{
    for (struct span line = plain_line(rest); line.len > 0; line = plain_line(rest)) {
        size_t colon = span_find(line, ':');
        struct span name = span_first(line, colon);
        struct authority host;
        if (colon == line.len || !plain_is_name(name) || ++*count > PLAIN_FIELDS_MAX) {
            return false;
        }
        if (!target) {
            continue;
        }
        if (span_is_nocase(name, "content-length") || span_is_nocase(name, "transfer-encoding")) {
            return false;
        }
        if (span_is_nocase(name, "host")) {
            struct span value = span_trim(span_after(line, colon + 1));
            if (++*hosts > 1 || !plain_authority(value, false, &host) ||
                !plain_same(&host, target)) {
                return false;
            }
        }
    }
    return true;
}

bool plain_request(struct span bytes, size_t *len, struct authority *target)
{
    static const struct span start = SPAN("CONNECT "), end = SPAN(" HTTP/1.");
    struct span whole = plain_whole(bytes), rest = whole;
    size_t count = 0, hosts = 0;
    *len = whole.len;
    if (whole.len == 0 || whole.len > PLAIN_SIZE_MAX || !plain_is_clean(whole)) {
        return false;
    }
    struct span line = plain_line(&rest);
    if (line.len < start.len + end.len + 1 || !span_starts_with(line, start)) {
        return false;
    }
    uint8_t version = line.at[line.len - 1];
    struct span words = span_after(span_first(line, line.len - 1), start.len);
    if (!plain_is_in(version, "01") || !span_ends_with(words, end) ||
        !plain_authority(span_first(words, words.len - end.len), true, target)) {
        return false;
    }
    return plain_fields(&rest, target, &count, &hosts) && (hosts == 1 || version == '0');
}

bool plain_reply(struct span bytes, size_t *len)
{
    size_t count = 0, interims = 0, hosts;
    struct span left = bytes;
    for (;;) {
        struct span whole = plain_whole(left), rest = whole;
        left = span_after(left, whole.len);
        *len = bytes.len - left.len;
        if (whole.len == 0 || *len > PLAIN_SIZE_MAX || !plain_is_clean(whole)) {
            return false;
        }
        struct span line = plain_line(&rest);
        uint64_t code;
        if (line.len < 12 || !span_starts_with(line, span_str("HTTP/1.")) ||
            !plain_is_in(line.at[7], "01") || line.at[8] != ' ' ||
            (line.len > 12 && line.at[12] != ' ') ||
            span_number(span_first(span_after(line, 9), 3), 100, 299, &code) != ERR_OK ||
            code == 101 || !plain_fields(&rest, NULL, &count, &hosts)) {
            return false;
        }
        if (code >= 200) {
            return true;
        }
        if (++interims > PLAIN_INTERIMS_MAX) {
            return false;
        }
    }
}
