/*
 * Headers of records. The version in them says nothing since TLS 1.3 (RFC 8446, 5.1), so only its
 * first byte is judged, which all of SSL 3 and TLS have in common.
 */
#include "tls/record.h"

#include <string.h>

enum { RECORD_MAJOR = 3 };

size_t tls_record_wants(const struct tls_record *record)
{
    return RECORD_HEADER - (size_t)record->have;
}

enum err tls_record_add(struct tls_record *record, struct span bytes, bool *complete)
{
    CHECK(record->left == 0 && bytes.len <= tls_record_wants(record));
    memcpy(record->header + record->have, bytes.at, bytes.len);
    record->have = (uint8_t)(record->have + bytes.len);
    *complete = record->have == RECORD_HEADER;
    if (!*complete) {
        return ERR_OK;
    }
    record->have = 0;
    record->type = record->header[0];
    record->left = (uint16_t)(record->header[3] << 8 | record->header[4]);
    bool known = record->type >= RECORD_CHANGE && record->type <= RECORD_DATA;
    size_t most = record->type == RECORD_DATA ? RECORD_SEALED_MAX : RECORD_MAX;
    return known && record->header[1] == RECORD_MAJOR && record->left <= most ? ERR_OK
                                                                              : ERR_TLS_RECORD;
}

/* The next `count` bytes at most, cut off the front. */
static struct span record_cut(struct span *raw, size_t count)
{
    struct span part = span_first(*raw, count < raw->len ? count : raw->len);
    *raw = span_after(*raw, part.len);
    return part;
}

void tls_record_strip(struct tls_record_strip *strip, struct span raw)
{
    struct tls_record *record = &strip->record;
    while (raw.len > 0 && strip->wanted > 0) {
        if (record->left == 0) {
            bool complete;
            struct span header = record_cut(&raw, tls_record_wants(record));
            CHECK(tls_record_add(record, header, &complete) == ERR_OK); /* as at the first time */
            continue;
        }
        struct span part =
            record_cut(&raw, record->left < strip->wanted ? record->left : strip->wanted);
        memcpy(strip->to, part.at, part.len);
        strip->to += part.len;
        record->left = (uint16_t)(record->left - part.len);
        strip->wanted -= part.len;
    }
}
