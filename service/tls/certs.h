/*
 * A client's Certificate message up to TLS 1.2, and what is cut out of its first certificate. The
 * frame of the DER is read strictly here; names and keys inside stay bytes, for the crypto room.
 */
#ifndef TLS_CERTS_H
#define TLS_CERTS_H

#include "base/span.h"

enum {
    CERTS_HEAD = 6, /* length of the list, length of its first certificate */
    CERTS_LEAF_MAX = 16384
};

/*
 * From the first CERTS_HEAD bytes of the body (fewer, if the body has fewer) and its whole length:
 * how long the first certificate is, 0: the list is empty. ERR_TLS_DECODE; ERR_TLS_LONG.
 */
MUST_CHECK enum err certs_leaf_len(struct span head, size_t body_len, size_t *leaf_len);

/*
 * From a certificate its subject (the Name) and its SubjectPublicKeyInfo, each with its own tag and
 * length. ERR_CERTIFICATE_UNREADABLE.
 */
MUST_CHECK enum err certs_cut(struct span leaf, struct span *subject, struct span *key);

#endif
