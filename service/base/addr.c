/*
 * Addresses: the strict parsers and the one printed form. Knows text and bits, no sockets.
 */
#include "base/addr.h"

#include <string.h>

enum { GROUPS = 8, IPV4_BYTES = 4, IPV6_BYTES = 16 };

static enum err addr_parse_ipv4(struct span text, uint8_t bytes[IPV4_BYTES])
{
    struct span part;
    bool done = false;
    size_t count = 0;
    while (span_cut(&text, '.', &done, &part)) {
        uint64_t value;
        if (count == IPV4_BYTES || span_number(part, 0, 255, &value) != ERR_OK) {
            return ERR_ADDRESS;
        }
        bytes[count++] = (uint8_t)value;
    }
    return count == IPV4_BYTES ? ERR_OK : ERR_ADDRESS;
}

/* The groups on one side of "::", into `bytes`; the last may be an IPv4 address if `last` is set.
 */
static enum err addr_parse_groups(struct span text, bool last, uint8_t bytes[IPV6_BYTES],
                                  size_t *count)
{
    struct span part;
    bool done = text.len == 0;
    *count = 0;
    while (span_cut(&text, ':', &done, &part)) {
        if (last && done && span_find(part, '.') < part.len) {
            if (*count > IPV6_BYTES - IPV4_BYTES) {
                return ERR_ADDRESS;
            }
            TRY(addr_parse_ipv4(part, bytes + *count));
            *count += IPV4_BYTES;
            continue;
        }
        if (part.len < 1 || part.len > 4 || *count == IPV6_BYTES) {
            return ERR_ADDRESS;
        }
        unsigned group = 0;
        for (size_t i = 0; i < part.len; i++) {
            uint8_t digit;
            if (!span_hex_digit(part.at[i], &digit)) {
                return ERR_ADDRESS;
            }
            group = group << 4 | digit;
        }
        bytes[(*count)++] = (uint8_t)(group >> 8);
        bytes[(*count)++] = (uint8_t)group;
    }
    return ERR_OK;
}

/* Index of the first "::", or text.len. */
static size_t addr_find_gap(struct span text)
{
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.at[i] == ':' && text.at[i + 1] == ':') {
            return i;
        }
    }
    return text.len;
}

static enum err addr_parse_ipv6(struct span text, uint8_t bytes[IPV6_BYTES])
{
    uint8_t head[IPV6_BYTES], tail[IPV6_BYTES];
    size_t head_len, tail_len = 0;
    size_t gap = addr_find_gap(text);
    bool has_gap = gap < text.len;
    TRY(addr_parse_groups(span_first(text, gap), !has_gap, head, &head_len));
    if (has_gap) {
        TRY(addr_parse_groups(span_after(text, gap + 2), true, tail, &tail_len));
    }
    /* "::" stands for at least one group. */
    size_t room = has_gap ? IPV6_BYTES - 2 : IPV6_BYTES;
    if (has_gap ? head_len + tail_len > room : head_len != room) {
        return ERR_ADDRESS;
    }
    memset(bytes, 0, IPV6_BYTES);
    memcpy(bytes, head, head_len);
    memcpy(bytes + IPV6_BYTES - tail_len, tail, tail_len);
    return ERR_OK;
}

enum err addr_parse(struct span text, struct addr *addr)
{
    struct addr parsed = {ADDR_IPV6, {0}};
    if (span_find(text, ':') == text.len) {
        parsed.family = ADDR_IPV4;
        TRY(addr_parse_ipv4(text, parsed.bytes));
    } else if (span_find(text, '%') < text.len) {
        return ERR_SCOPE;
    } else {
        TRY(addr_parse_ipv6(text, parsed.bytes));
    }
    *addr = parsed;
    return ERR_OK;
}

static void addr_print_ipv4(const uint8_t bytes[IPV4_BYTES], struct out *out)
{
    for (size_t i = 0; i < IPV4_BYTES; i++) {
        if (i > 0) {
            out_char(out, '.');
        }
        out_u64(out, bytes[i]);
    }
}

static unsigned addr_group(const struct addr *addr, size_t i)
{
    return (unsigned)(addr->bytes[2 * i] << 8 | addr->bytes[2 * i + 1]);
}

/* The longest run of two or more zero groups, the first of equals; *len = 0 where there is none. */
static size_t addr_find_zeros(const struct addr *addr, size_t *len)
{
    size_t best = 0, run = 0;
    *len = 0;
    for (size_t i = 0; i < GROUPS; i++) {
        run = addr_group(addr, i) == 0 ? run + 1 : 0;
        if (run >= 2 && run > *len) {
            *len = run;
            best = i + 1 - run;
        }
    }
    return best;
}

static bool addr_is_mapped(const struct addr *addr)
{
    static const uint8_t start[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    return addr->family == ADDR_IPV6 && memcmp(addr->bytes, start, sizeof start) == 0;
}

static void addr_print_ipv6(const struct addr *addr, struct out *out)
{
    size_t zeros;
    size_t start = addr_find_zeros(addr, &zeros);
    if (addr_is_mapped(addr)) {
        out_str(out, "::ffff:");
        addr_print_ipv4(addr->bytes + 12, out);
        return;
    }
    for (size_t i = 0; i < GROUPS; i++) {
        if (zeros > 0 && i == start) {
            out_str(out, "::");
            i += zeros - 1;
            continue;
        }
        if (i > 0 && !(zeros > 0 && i == start + zeros)) {
            out_char(out, ':');
        }
        out_hex(out, addr_group(addr, i));
    }
}

void addr_print(const struct addr *addr, struct out *out)
{
    CHECK(addr->family == ADDR_IPV4 || addr->family == ADDR_IPV6);
    if (addr->family == ADDR_IPV4) {
        addr_print_ipv4(addr->bytes, out);
    } else {
        addr_print_ipv6(addr, out);
    }
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
    return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

unsigned addr_bits(const struct addr *addr)
{
    CHECK(addr->family == ADDR_IPV4 || addr->family == ADDR_IPV6);
    return addr->family == ADDR_IPV4 ? 32 : 128;
}

struct addr addr_unmap(const struct addr *addr)
{
    if (!addr_is_mapped(addr)) {
        return *addr;
    }
    struct addr inner = {ADDR_IPV4, {0}};
    memcpy(inner.bytes, addr->bytes + 12, IPV4_BYTES);
    return inner;
}

static enum err port_parse_from(struct span text, uint16_t least, uint16_t *port)
{
    uint64_t value;
    if (span_number(text, least, 65535, &value) != ERR_OK) {
        return ERR_PORT;
    }
    *port = (uint16_t)value;
    return ERR_OK;
}

enum err port_parse(struct span text, uint16_t *port)
{
    return port_parse_from(text, 1, port);
}

static enum err endpoint_parse_from(struct span text, uint16_t least, struct endpoint *endpoint)
{
    struct endpoint parsed;
    size_t colon = span_find_last(text, ':');
    if (colon == text.len) {
        return ERR_ENDPOINT;
    }
    struct span host = span_first(text, colon);
    bool brackets = host.len >= 2 && host.at[0] == '[' && host.at[host.len - 1] == ']';
    if (brackets) {
        host = span_first(span_after(host, 1), host.len - 2);
    }
    if (!brackets && span_find(host, ':') < host.len) {
        return ERR_ENDPOINT; /* an IPv6 address without brackets, or without a port */
    }
    TRY(addr_parse(host, &parsed.addr));
    if (brackets != (parsed.addr.family == ADDR_IPV6)) {
        return ERR_ENDPOINT;
    }
    TRY(port_parse_from(span_after(text, colon + 1), least, &parsed.port));
    *endpoint = parsed;
    return ERR_OK;
}

enum err endpoint_parse(struct span text, struct endpoint *endpoint)
{
    return endpoint_parse_from(text, 1, endpoint);
}

enum err endpoint_parse_bind(struct span text, struct endpoint *endpoint)
{
    return endpoint_parse_from(text, 0, endpoint);
}

void endpoint_print(const struct endpoint *endpoint, struct out *out)
{
    bool brackets = endpoint->addr.family == ADDR_IPV6;
    out_str(out, brackets ? "[" : "");
    addr_print(&endpoint->addr, out);
    out_str(out, brackets ? "]:" : ":");
    out_u64(out, endpoint->port);
}

/* Clears the bits behind the prefix; true when there were none to clear. */
static bool addr_mask(struct addr *addr, unsigned prefix)
{
    bool clean = true;
    for (unsigned bit = prefix; bit < addr_bits(addr); bit++) {
        uint8_t mask = (uint8_t)(0x80U >> (bit % 8));
        clean = clean && (addr->bytes[bit / 8] & mask) == 0;
        addr->bytes[bit / 8] &= (uint8_t)~mask;
    }
    return clean;
}

enum err cidr_parse(struct span text, struct cidr *cidr)
{
    struct cidr parsed;
    size_t slash = span_find(text, '/');
    TRY(addr_parse(span_first(text, slash), &parsed.net));
    uint64_t prefix = addr_bits(&parsed.net);
    if (slash < text.len &&
        span_number(span_after(text, slash + 1), 0, addr_bits(&parsed.net), &prefix) != ERR_OK) {
        return ERR_PREFIX;
    }
    parsed.prefix = (uint8_t)prefix;
    bool clean = addr_mask(&parsed.net, parsed.prefix);
    *cidr = parsed;
    return clean ? ERR_OK : ERR_HOST_BITS;
}

void cidr_print(const struct cidr *cidr, struct out *out)
{
    addr_print(&cidr->net, out);
    if (cidr->prefix < addr_bits(&cidr->net)) {
        out_char(out, '/');
        out_u64(out, cidr->prefix);
    }
}

bool cidr_contains(const struct cidr *cidr, const struct addr *addr)
{
    CHECK(cidr->prefix <= addr_bits(&cidr->net));
    if (cidr->net.family != addr->family) {
        return false;
    }
    size_t whole = cidr->prefix / 8;
    unsigned rest = cidr->prefix % 8;
    if (memcmp(cidr->net.bytes, addr->bytes, whole) != 0) {
        return false;
    }
    return rest == 0 || (cidr->net.bytes[whole] ^ addr->bytes[whole]) >> (8 - rest) == 0;
}
