/*
 * An authority: host and port, as the target of a CONNECT and the Host field name them. It is read
 * strictly and kept in one form, so that two spellings of one host are the same bytes for whoever
 * decides about it. Knows characters, brackets and ports; which names may be asked for is the
 * rules' matter, also that nobody lists 127.1 or a name with an underscore.
 */
#ifndef HTTP_AUTHORITY_H
#define HTTP_AUTHORITY_H

#include "base/addr.h"

enum {
    AUTHORITY_HOST_MAX = 253,                  /* of a name without the dot at its end */
    AUTHORITY_MAX = AUTHORITY_HOST_MAX + 1 + 6 /* as it is read: that dot, ":65535" */
};

struct authority {
    struct addr addr; /* family ADDR_NONE: the host is a name */
    uint16_t port;
    uint8_t host_len;
    uint8_t host[AUTHORITY_HOST_MAX]; /* small letters, no empty label, no brackets */
};

/*
 * "host:port"; without a port it is `standard_port`, and an error where that is 0. ERR_TARGET_FORM,
 * ERR_TARGET_HOST, ERR_TARGET_LONG or ERR_TARGET_PORT.
 */
MUST_CHECK enum err authority_parse(struct span text, uint16_t standard_port,
                                    struct authority *authority);
/* The same bytes again: an IPv6 address gets its brackets. At most AUTHORITY_MAX. */
void authority_print(const struct authority *authority, struct out *out);
bool authority_equal(const struct authority *a, const struct authority *b);
struct span authority_host(const struct authority *authority);

#endif
