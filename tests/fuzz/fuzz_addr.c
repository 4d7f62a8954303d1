/*
 * Fuzz target: addresses, networks, ports and endpoints. What is accepted prints to a text that is
 * accepted again with the same meaning and prints the same; a network contains its own address.
 */
#include "fuzz.h"

#include "base/addr.h"

static void try_addr(struct span text)
{
    struct addr addr, again;
    char place[ADDR_TEXT_MAX];
    struct out out;
    if (addr_parse(text, &addr) != ERR_OK) {
        return;
    }
    out_begin(&out, place, sizeof place);
    addr_print(&addr, &out);
    CHECK(out_end(&out) == ERR_OK);
    CHECK(addr_parse(out_span(&out), &again) == ERR_OK);
    CHECK(addr_equal(&addr, &again));
    CHECK(addr.family == ADDR_IPV4 || out.len <= 39);
    CHECK(addr.family == ADDR_IPV6 || span_equal(text, out_span(&out)));

    struct addr unmapped = addr_unmap(&addr);
    CHECK(addr_equal(&unmapped, &addr) ||
          (addr.family == ADDR_IPV6 && unmapped.family == ADDR_IPV4));
}

static void try_cidr(struct span text)
{
    struct cidr cidr, again;
    struct addr addr;
    char place[ADDR_TEXT_MAX + 4];
    struct out out;
    enum err err = cidr_parse(text, &cidr);
    if (err != ERR_OK && err != ERR_HOST_BITS) {
        return;
    }
    out_begin(&out, place, sizeof place);
    cidr_print(&cidr, &out);
    CHECK(out_end(&out) == ERR_OK);
    CHECK(cidr_parse(out_span(&out), &again) == ERR_OK);
    CHECK(again.prefix == cidr.prefix && addr_equal(&again.net, &cidr.net));

    CHECK(addr_parse(span_first(text, span_find(text, '/')), &addr) == ERR_OK);
    CHECK(cidr_contains(&cidr, &cidr.net) && cidr_contains(&cidr, &addr));
    CHECK(addr_equal(&addr, &cidr.net) == (err == ERR_OK));
    for (unsigned bit = 0; bit < addr_bits(&addr); bit++) {
        struct addr other = addr;
        uint8_t mask = (uint8_t)(0x80U >> bit % 8);
        other.bytes[bit / 8] ^= mask;
        CHECK(cidr_contains(&cidr, &other) == (bit >= cidr.prefix));
        CHECK(bit < cidr.prefix || (cidr.net.bytes[bit / 8] & mask) == 0);
    }
    addr.family = addr.family == ADDR_IPV4 ? ADDR_IPV6 : ADDR_IPV4;
    CHECK(!cidr_contains(&cidr, &addr)); /* the same bytes, but another family */
}

static void try_endpoint(struct span text)
{
    struct endpoint endpoint, again;
    char place[ENDPOINT_TEXT_MAX];
    struct out out;
    enum err err = endpoint_parse(text, &endpoint);
    enum err bind_err = endpoint_parse_bind(text, &again);
    CHECK(bind_err == err || (err == ERR_PORT && bind_err == ERR_OK && again.port == 0));
    bool several = span_find(text, ':') < span_find_last(text, ':');
    CHECK(err == ERR_ENDPOINT || span_find(text, ':') < text.len);
    CHECK(err == ERR_ENDPOINT || !several || text.at[0] == '['); /* IPv6 without brackets */
    if (err != ERR_OK) {
        return;
    }
    out_begin(&out, place, sizeof place);
    endpoint_print(&endpoint, &out);
    CHECK(out_end(&out) == ERR_OK);
    CHECK(endpoint.port > 0);
    CHECK((endpoint.addr.family == ADDR_IPV6) == (text.at[0] == '['));
    CHECK(endpoint_parse(out_span(&out), &again) == ERR_OK);
    CHECK(addr_equal(&endpoint.addr, &again.addr) && endpoint.port == again.port);
}

static void try_port(struct span text)
{
    uint16_t port;
    char place[8];
    struct out out;
    if (port_parse(text, &port) != ERR_OK) {
        return;
    }
    out_begin(&out, place, sizeof place);
    out_u64(&out, port);
    CHECK(port > 0 && span_equal(out_span(&out), text)); /* one spelling for each number */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = {data, size};
    try_addr(text);
    try_cidr(text);
    try_endpoint(text);
    try_port(text);
    return 0;
}
