/*
 * Reading an authority: first what is no part of one, then the colon, then host and port. Nothing
 * is decoded, skipped or cut; what does not fit the form exactly is refused.
 */
#include "http/authority.h"

#include <string.h>

struct span authority_host(const struct authority *authority)
{
    return span_of(authority->host, authority->host_len);
}

static enum err authority_read_address(const struct addr *addr, struct authority *authority)
{
    char place[ADDR_TEXT_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    addr_print(addr, &out);
    TRY(out_end(&out));
    authority->addr = *addr;
    authority->host_len = (uint8_t)out.len;
    memcpy(authority->host, out.at, out.len);
    return ERR_OK;
}

/* Two dots, or one in front, would be a name that the next reader may take for another. */
static enum err authority_read_name(struct span name, struct authority *authority)
{
    uint8_t before = '.';
    if (name.len > AUTHORITY_HOST_MAX) {
        return ERR_TARGET_LONG;
    }
    authority->addr = (struct addr){ADDR_NONE, {0}};
    authority->host_len = (uint8_t)name.len;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t byte = span_lower(name.at[i]);
        bool plain = (byte >= 'a' && byte <= 'z') || span_is_digit(byte);
        if (!plain && byte != '-' && byte != '_' && (byte != '.' || before == '.')) {
            return ERR_TARGET_HOST;
        }
        authority->host[i] = before = byte;
    }
    return before == '.' ? ERR_TARGET_HOST : ERR_OK;
}

/* One dot at the end says that a name is complete; behind an address it says nothing. */
static enum err authority_read_host(struct span host, bool brackets, struct authority *authority)
{
    struct addr addr;
    bool dot = host.len > 0 && host.at[host.len - 1] == '.';
    struct span bare = span_first(host, host.len - (dot ? 1 : 0));
    if (addr_parse(bare, &addr) == ERR_OK) {
        bool fits = !dot && brackets == (addr.family == ADDR_IPV6);
        return fits ? authority_read_address(&addr, authority) : ERR_TARGET_HOST;
    }
    return brackets ? ERR_TARGET_HOST : authority_read_name(bare, authority);
}

enum err authority_parse(struct span text, uint16_t standard_port, struct authority *authority)
{
    struct authority parsed = {.port = standard_port};
    bool brackets = text.len > 0 && text.at[0] == '[';
    size_t close = brackets ? span_find(text, ']') : 0;
    if (span_has_any(text, "@/?#%\\")) {
        return ERR_TARGET_FORM;
    }
    if (brackets && close == text.len) {
        return ERR_TARGET_HOST;
    }
    struct span rest = span_after(text, brackets ? close + 1 : 0);
    size_t colon = span_find(rest, ':');
    if (colon != span_find_last(rest, ':') || (brackets && colon > 0)) {
        return ERR_TARGET_FORM; /* IPv6 without brackets, or something behind them */
    }
    struct span host =
        brackets ? span_first(span_after(text, 1), close - 1) : span_first(rest, colon);
    TRY(authority_read_host(host, brackets, &parsed));
    if (colon == rest.len && standard_port == 0) {
        return ERR_TARGET_PORT;
    }
    if (colon < rest.len && port_parse(span_after(rest, colon + 1), &parsed.port) != ERR_OK) {
        return ERR_TARGET_PORT;
    }
    *authority = parsed;
    return ERR_OK;
}

void authority_print(const struct authority *authority, struct out *out)
{
    bool brackets = authority->addr.family == ADDR_IPV6;
    CHECK(authority->host_len > 0 && authority->port > 0);
    out_str(out, brackets ? "[" : "");
    out_put(out, authority_host(authority));
    out_str(out, brackets ? "]:" : ":");
    out_u64(out, authority->port);
}

bool authority_equal(const struct authority *a, const struct authority *b)
{
    return a->port == b->port && span_equal(authority_host(a), authority_host(b));
}
