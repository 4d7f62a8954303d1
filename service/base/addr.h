/*
 * Addresses, networks and ports, parsed strictly and printed in one form. What inet_aton and its
 * like forgive is refused here, because two programs that read one spelling differently are a hole
 * in a policy: no octal, hexadecimal or short IPv4, no sign, no leading zero, no scope id.
 */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include "base/out.h"

enum addr_family { ADDR_NONE, ADDR_IPV4, ADDR_IPV6 };

struct addr {
    enum addr_family family;
    uint8_t bytes[16]; /* network order; IPv4 uses the first four, the others are zero */
};

struct endpoint {
    struct addr addr;
    uint16_t port;
};

struct cidr {
    struct addr net; /* bits behind the prefix are zero */
    uint8_t prefix;
};

/* The longest printed forms with the NUL: eight groups of four digits, and "[...]:65535". */
enum { ADDR_TEXT_MAX = 40, ENDPOINT_TEXT_MAX = ADDR_TEXT_MAX + 8 };

/* ERR_ADDRESS, or ERR_SCOPE for IPv6 with a "%...". No brackets. */
MUST_CHECK enum err addr_parse(struct span text, struct addr *addr);
void addr_print(const struct addr *addr, struct out *out); /* RFC 5952 */
bool addr_equal(const struct addr *a, const struct addr *b);
unsigned addr_bits(const struct addr *addr); /* 32 or 128 */

/* 1..65535 in plain decimal; ERR_PORT. */
MUST_CHECK enum err port_parse(struct span text, uint16_t *port);

/* "192.0.2.1:443", "[2001:db8::1]:443"; ERR_ENDPOINT or what its parts say. */
MUST_CHECK enum err endpoint_parse(struct span text, struct endpoint *endpoint);
/* The same for a place to listen at, where port 0 stands too: the system chooses one. */
MUST_CHECK enum err endpoint_parse_bind(struct span text, struct endpoint *endpoint);
void endpoint_print(const struct endpoint *endpoint, struct out *out);

/*
 * "10.0.0.0/8", "2001:db8::/32", or one address, which is a network of one. ERR_HOST_BITS when bits
 * behind the prefix are set: *cidr then holds the network that was probably meant.
 */
MUST_CHECK enum err cidr_parse(struct span text, struct cidr *cidr);
void cidr_print(const struct cidr *cidr, struct out *out);
/* Families are never mixed: ::ffff:10.0.0.1 is not in 10.0.0.0/8 unless addr_unmap was asked. */
bool cidr_contains(const struct cidr *cidr, const struct addr *addr);

/* The IPv4 address inside an IPv4-mapped IPv6 address (::ffff:a.b.c.d); others as they are. */
struct addr addr_unmap(const struct addr *addr);

#endif
