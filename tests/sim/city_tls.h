/*
 * What the city's clients and servers say inside their tunnels: TLS, in many manners, made here
 * byte by byte. A side is what one of them says until its own bytes begin; gates say what it waits
 * for, holds what the gateway may not let go before all of it has come.
 */
#ifndef TESTS_SIM_CITY_TLS_H
#define TESTS_SIM_CITY_TLS_H

#include "base/span.h"

enum { SIDE_BYTES = 12000, SIDE_MESSAGES = 2048, SIDE_GATES = 4, SIDE_HOLDS = 4 };

struct city_side {
    uint32_t len;          /* of the bytes */
    uint32_t messages_len; /* what is signed of it: messages without records */
    uint32_t gate_count, hold_count;
    bool built, complete; /* complete: nothing more but its own bytes */
    uint16_t cut;         /* handshake records have at most so many bytes; 0: as it comes */
    uint16_t first;       /* and the first one has exactly so many */
    struct {
        uint32_t at, after; /* nothing from `at` on is said before so much was heard */
    } gates[SIDE_GATES];
    struct {
        uint32_t from, to; /* nothing from `from` on goes on before all up to `to` has come */
    } holds[SIDE_HOLDS];
    uint8_t bytes[SIDE_BYTES], messages[SIDE_MESSAGES];
};

enum shake_leaf { SHAKE_NO_LEAF, SHAKE_LISTED, SHAKE_UNLISTED, SHAKE_COPIED, SHAKE_UNPROVEN };
enum shake_name { SHAKE_HOST, SHAKE_OTHER, SHAKE_NAMELESS };
enum shake_end {
    SHAKE_WHOLE,
    SHAKE_CLIENT_ALERT,
    SHAKE_SERVER_ALERT,
    SHAKE_CLIENT_LEAVES,
    SHAKE_SERVER_LEAVES,
    SHAKE_SILENT
};

/* A manner. `err`: what comes of it; `strict`: where Tls13 refuses, certificates are required and
 * what is resumed must be known. */
struct city_shake {
    const char *text; /* the first bytes, where they are no hello that is made here */
    size_t text_len;
    uint16_t least, most, chosen;
    enum shake_leaf leaf;
    enum shake_name name;
    enum shake_end end;
    bool asks;             /* the server wants a certificate */
    bool retries, early;   /* HelloRetryRequest; data with the hello */
    bool by_id, by_ticket; /* resumed */
    bool broken;           /* the hello's extensions run out of their place */
    bool disorder;         /* data where a message belongs */
    bool stray;            /* a part of its next record comes with the hello, the rest much later */
    enum err err, strict;
};

const struct city_shake *city_shake(uint32_t number);
uint32_t city_shakes(void);

/* The client's first flight. `code`: 1 to 255, the low byte of its first record's length. */
void city_tls_hello(struct city_side *side, const struct city_shake *shake, struct span host,
                    uint8_t code);
/* What a server says to it; and what the client says then. */
void city_tls_serve(struct city_side *side, const struct city_side *client,
                    const struct city_shake *shake);
/* Both know what comes: when the client has heard the server's first flight. */
void city_tls_answer(struct city_side *client, struct city_side *server,
                     const struct city_shake *shake, struct span host);
/* A server that does not wait for a hello, nor speaks TLS. */
void city_tls_banner(struct city_side *side);

/* With so many bytes of its own behind TLS, as soon as that is complete. */
uint32_t city_side_total(const struct city_side *side, uint32_t own);
/* How much of that may be said when so much was heard. */
uint32_t city_side_limit(const struct city_side *side, uint32_t own, uint32_t heard);
/* All of it was said, and the other side has answered. */
bool city_side_is_over(const struct city_side *side, uint32_t own, uint32_t heard, uint32_t said);
/* The other side has heard so much, of what was said; nothing of it was to be held back. */
void city_side_check(const struct city_side *side, uint32_t heard, uint32_t said);

void city_tls_begin(void); /* once: keys */
void city_tls_end(void);

#endif
