/*
 * The record layer: five bytes of header, then so many bytes of one type. Streaming, any split; it
 * keeps the header's bytes until there are five. Knows nothing of messages nor of what is held.
 */
#ifndef TLS_RECORD_H
#define TLS_RECORD_H

#include "base/span.h"

enum { RECORD_HEADER = 5, RECORD_MAX = 1 << 14, RECORD_SEALED_MAX = RECORD_MAX + 256 };

enum tls_record_type {
    RECORD_CHANGE = 20, /* ChangeCipherSpec */
    RECORD_ALERT = 21,
    RECORD_HANDSHAKE = 22,
    RECORD_DATA = 23
};

/* Zero: before the first record. */
struct tls_record {
    uint8_t header[RECORD_HEADER];
    uint8_t have;
    uint8_t type;  /* an enum tls_record_type, once a header is complete */
    uint16_t left; /* bytes of the record still to come */
};

/* How many bytes the header still wants. */
size_t tls_record_wants(const struct tls_record *record);
/* Adds at most so many. ERR_TLS_RECORD: no header of a record of TLS. */
MUST_CHECK enum err tls_record_add(struct tls_record *record, struct span bytes, bool *complete);

/* Copies what is inside records that were read before, headers left out. */
struct tls_record_strip {
    struct tls_record record; /* so much of the first one was to come */
    uint8_t *to;
    size_t wanted;
};

void tls_record_strip(struct tls_record_strip *strip, struct span raw);

#endif
