/*
 * The first bytes of a client: TLS, or what else they are (tls_names.def). Streaming: it keeps
 * which rows still fit and not the bytes, and says what it is as soon as nothing else can come of
 * it, so that the answer depends on the bytes and not on how they arrived.
 */
#ifndef TLS_GREETING_H
#define TLS_GREETING_H

#include "base/span.h"

enum greeting_kind {
#define GREETING(name, error, bytes, mask, words) GREETING_##name,
#define VERSION(number, words)
#include "tls/tls_names.def"
#undef GREETING
#undef VERSION
    GREETING_COUNT
};

/* Zero: before the first byte. */
struct greeting {
    uint32_t gone; /* bit: a row that does not fit */
    uint8_t len;
};

/* True when this byte decides what it is. */
bool greeting_add(struct greeting *greeting, uint8_t byte, enum greeting_kind *kind);

enum err greeting_err(enum greeting_kind kind);      /* ERR_OK: TLS */
const char *greeting_words(enum greeting_kind kind); /* for a person */
const char *greeting_version(uint16_t version);      /* "TLS 1.2", or "an unknown version" */

#endif
