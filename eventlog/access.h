/*
 * A record of one tunnel, or of a request that became none: who, where to, how much, how long, and
 * the verdict. Of one fixed size, so that it can lie in a ring; texts that are too long are cut.
 * Printed here as one line of JSON; the file is sink_access.h's matter.
 */
#ifndef EVENTLOG_ACCESS_H
#define EVENTLOG_ACCESS_H

#include "base/addr.h"

enum access_text { ACCESS_HOST, ACCESS_RULE, ACCESS_SNI, ACCESS_SUBJECT, ACCESS_TEXTS };

enum {
    ACCESS_HOST_MAX = 253,
    ACCESS_RULE_MAX = 320,
    ACCESS_SNI_MAX = 253,
    ACCESS_SUBJECT_MAX = 512,
    ACCESS_TEXT_MAX = ACCESS_HOST_MAX + ACCESS_RULE_MAX + ACCESS_SNI_MAX + ACCESS_SUBJECT_MAX,
    /* The longest line: each byte of text as \u0000, and everything else of a line. */
    ACCESS_LINE_MAX = ACCESS_TEXT_MAX * 6 + 1024
};

/* A time that never began, or never ended. */
#define ACCESS_NEVER UINT32_MAX

struct access_record {
    uint64_t unix_ms; /* when it ended */
    struct endpoint client;
    struct endpoint server;   /* the address that was connected; ADDR_NONE: none was */
    uint16_t port;            /* that was asked for */
    uint16_t tls;             /* version as it is in ServerHello: 0x0303, 0x0304; 0: none seen */
    enum err verdict;         /* ERR_OK: allowed, however it ended */
    uint64_t bytes_to_server; /* inside the tunnel */
    uint64_t bytes_to_client;
    /* Milliseconds that took; ACCESS_NEVER. */
    uint32_t resolve_ms, connect_ms;
    uint32_t first_byte_ms; /* from the accept to the server's first byte */
    uint32_t total_ms;      /* from the accept to the end */
    uint16_t lens[ACCESS_TEXTS];
    uint8_t text[ACCESS_TEXT_MAX]; /* each at its own place, whatever the others take */
};

/* Nothing known, nothing happened. */
void access_begin(struct access_record *record);
/* Longer text is cut between two characters. */
void access_set(struct access_record *record, enum access_text which, struct span text);
struct span access_get(const struct access_record *record, enum access_text which);

/* One object, without the end of the line. What is not known is null. */
void access_print(const struct access_record *record, struct out *out);

#endif
