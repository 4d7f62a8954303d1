/*
 * Reads whole ClientHello and ServerHello messages, the four bytes of message header left out, into
 * facts. Decides nothing but what is not TLS at all: a field that runs out of its place, an
 * extension twice, a name that no host can have.
 */
#ifndef TLS_HELLO_H
#define TLS_HELLO_H

#include "tls/facts.h"

/*
 * Sets offered*, has_*. ERR_TLS_DECODE; ERR_SNI_INVALID: server_name is there and is not exactly
 * one name in the form of a host's (RFC 6066): letters, digits, hyphens, no dot at the end.
 */
MUST_CHECK enum err hello_read_client(struct span body, struct tls_facts *facts,
                                      struct tls_bytes *bytes);
/*
 * Sets chosen, at most TLS 1.3; *retry: it is a HelloRetryRequest. ERR_TLS_DECODE; ERR_TLS_VERSION:
 * not chosen the way it is done; ERR_CERTIFICATE_UNREADABLE: the client's is to be none of X.509.
 */
MUST_CHECK enum err hello_read_server(struct span body, struct tls_facts *facts,
                                      struct tls_bytes *bytes, bool *retry);

/*
 * A number made of what is judged in a ClientHello. It finds two hellos of one handshake that
 * differ by mistake; one that differs by intent is judged like the first, which is what protects.
 */
uint64_t hello_sum(const struct tls_facts *facts, const struct tls_bytes *bytes);

#endif
