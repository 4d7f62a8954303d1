/*
 * Certificates: RFC 5280, 4.1, in DER.
 */
#include "tls/certs.h"

#include "base/rd.h"

enum {
    DER_INTEGER = 0x02,
    DER_SEQUENCE = 0x30,
    DER_VERSION = 0xA0, /* [0], of a TBSCertificate */
    CERTS_LENGTH = 3
};

enum err certs_leaf_len(struct span head, size_t body_len, size_t *leaf_len)
{
    struct rd rd;
    rd_begin(&rd, head);
    size_t list_len = rd_u24(&rd);
    *leaf_len = 0;
    if (rd_result(&rd) != ERR_OK || list_len + CERTS_LENGTH != body_len) {
        return ERR_TLS_DECODE;
    }
    if (list_len == 0) {
        return ERR_OK;
    }
    *leaf_len = rd_u24(&rd);
    if (rd_result(&rd) != ERR_OK || *leaf_len == 0 || *leaf_len + CERTS_LENGTH > list_len) {
        return ERR_TLS_DECODE;
    }
    return *leaf_len > CERTS_LEAF_MAX ? ERR_TLS_LONG : ERR_OK;
}

/* DER has one form of a length: short below 128, and no zero in front. */
static size_t certs_length(struct rd *rd)
{
    uint8_t first = rd_u8(rd);
    switch (first) {
    case 0x81: {
        size_t len = rd_u8(rd);
        return len >= 0x80 ? len : SIZE_MAX;
    }
    case 0x82: {
        size_t len = rd_u16(rd);
        return len >= 0x100 ? len : SIZE_MAX;
    }
    default:
        return first < 0x80 ? first : SIZE_MAX;
    }
}

/* The next element, which must have this tag: its content as a scope, all of it as a span. */
static struct span certs_element(struct rd *outer, uint8_t tag, struct rd *inner)
{
    const uint8_t *start = outer->left.at;
    uint8_t found = rd_u8(outer);
    size_t len = certs_length(outer);
    rd_sub(outer, inner, found == tag ? len : SIZE_MAX);
    bool good = rd_result(inner) == ERR_OK;
    return good ? span_of(start, (size_t)(outer->left.at - start)) : span_of(NULL, 0);
}

static void certs_skip(struct rd *outer, uint8_t tag)
{
    struct rd inner;
    (void)certs_element(outer, tag, &inner);
}

enum err certs_cut(struct span leaf, struct span *subject, struct span *key)
{
    struct rd rd, certificate, body, inner;
    rd_begin(&rd, leaf);
    (void)certs_element(&rd, DER_SEQUENCE, &certificate);
    rd_end(&rd);
    (void)certs_element(&certificate, DER_SEQUENCE, &body);
    if (rd_more(&body) && body.left.at[0] == DER_VERSION) {
        certs_skip(&body, DER_VERSION);
    }
    certs_skip(&body, DER_INTEGER);  /* serial number */
    certs_skip(&body, DER_SEQUENCE); /* signature algorithm */
    certs_skip(&body, DER_SEQUENCE); /* issuer */
    certs_skip(&body, DER_SEQUENCE); /* validity */
    *subject = certs_element(&body, DER_SEQUENCE, &inner);
    *key = certs_element(&body, DER_SEQUENCE, &inner);
    certs_skip(&certificate, DER_SEQUENCE); /* signature algorithm */
    certs_skip(&certificate, 0x03);         /* signature */
    rd_end(&certificate);
    return rd_result(&rd) == ERR_OK ? ERR_OK : ERR_CERTIFICATE_UNREADABLE;
}
