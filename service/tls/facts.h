/*
 * What is known of a handshake, and the points at which it is judged. The tls room collects facts;
 * what is allowed is decided by who is asked.
 */
#ifndef TLS_FACTS_H
#define TLS_FACTS_H

#include "tls/chain.h"

enum tls_side { TLS_CLIENT, TLS_SERVER };

/* Versions as on the wire; 0x0300 + bit of struct tls_facts.offered. */
enum { TLS_SSL3 = 0x0300, TLS_1_2 = 0x0303, TLS_1_3 = 0x0304 };

/* When the judge is asked, and which spans of struct tls_bytes it is shown besides the facts. */
enum tls_point {
    TLS_AT_HELLO,       /* a ClientHello, each of two: sni, session_id, ticket */
    TLS_AT_CHOSEN,      /* a ServerHello or HelloRetryRequest: session_id */
    TLS_AT_RESUMED,     /* the server resumes a session of TLS <= 1.2 */
    TLS_AT_CERTIFICATE, /* of the client, or that none comes, asked or not: leaf, subject, key */
    TLS_AT_PROOF,       /* CertificateVerify: scheme, signature, transcript */
    TLS_AT_TICKET       /* of TLS <= 1.2, before TLS_AT_RESUMED where both come: ticket */
};

enum tls_certificate { TLS_CERTIFICATE_UNKNOWN, TLS_CERTIFICATE_NONE, TLS_CERTIFICATE_SHOWN };

/*
 * Kept as long as the handshake lasts. Zero: nothing is known. The SNI is not kept: once it was
 * allowed it is the host of the CONNECT.
 */
struct tls_facts {
    uint16_t offered_least, offered_most; /* SSL 3.0 to TLS 1.3; GREASE and what is later no */
    uint16_t chosen;
    uint8_t offered;  /* bit n: version 0x0300 + n; a legacy hello offers all up to its own */
    uint8_t greeting; /* an enum greeting_kind: what the client's first bytes are */
    bool has_sni;     /* exactly one, and a name */
    bool has_ech;     /* the extension, real or GREASE: nobody between can tell */
    bool has_alpn;
    bool has_early_data; /* offered in the last ClientHello: records of data may follow it */
    bool has_psk;        /* TLS 1.3 resumption offered */
    bool retried;        /* there was a HelloRetryRequest */
    bool asked;          /* CertificateRequest was seen */
    bool resumed;        /* TLS <= 1.2: the server did */
    bool proven;         /* CertificateVerify came, and was judged */
    enum tls_certificate certificate;
};

/* Bytes of the messages themselves: they are gone when the judge returns. Unused ones are empty. */
struct tls_bytes {
    struct span sni;        /* without a dot at its end, letters as they came */
    struct span alpn;       /* protocol names: they stay the same in a second ClientHello */
    struct span session_id; /* at most 32 bytes; a client of TLS 1.3 sends one for no reason, too */
    struct span ticket;     /* of TLS <= 1.2 */
    struct span leaf;       /* DER, at most 16 KiB */
    struct span subject;    /* of the leaf: its Name, DER */
    struct span key;        /* of the leaf: its SubjectPublicKeyInfo, DER */
    uint16_t scheme;        /* SignatureScheme of TLS 1.2, 0 before: MD5 + SHA-1, or SHA-1 */
    struct span signature;
    const struct chain *transcript; /* what the signature is over: read it with chain_next */
};

#endif
