/*
 * The inspector of one tunnel: it watches a TLS handshake pass, asks its judge at every point that
 * matters, and says which bytes may go on. It is fed all bytes of both directions in the order in
 * which they came, at any split, and the answer does not depend on the split.
 *
 * What is held until its judgement: ClientHello (both of a HelloRetryRequest), ServerHello and
 * HelloRetryRequest; the client's Certificate until its leaf was judged; CertificateVerify; the
 * server's ChangeCipherSpec of a resumption; NewSessionTicket until its end; and, as it is not
 * known yet what they begin, the headers of records and messages. All else flows. So a refused
 * ClientHello sends the server nothing, and after a refusal nothing goes any more.
 *
 *     tls_begin(&tls, &ask);
 *     each chunk:   enum err err = tls_feed(&tls, side, bytes, &state);
 *                   err: refused; alert_put(err, ...) for the client, tls_end
 *                   while (tls_take(&tls, side, &piece)) { send the piece, wait until it is sent }
 *     TLS_PASSED:   take the pieces of both sides, then relay blindly; nothing is held any more
 *     TLS_ENDED:    an alert ended it: take the pieces of this side, then close
 *     tls_end(&tls);
 *
 * Pure: no clock, no I/O, no memory but blocks of the pool. It never ends by itself: silence is
 * judged by who has a clock (ERR_TLS_SILENT), and so is the end of a connection before TLS_PASSED;
 * what is held then never goes.
 */
#ifndef TLS_INSPECT_H
#define TLS_INSPECT_H

#include "tls/facts.h"
#include "tls/greeting.h"
#include "tls/hold.h"
#include "tls/record.h"

enum {
    TLS_HELD_MAX = 65536,       /* of one side, record headers included */
    TLS_TRANSCRIPT_MAX = 65536, /* a longer handshake cannot be checked: ERR_PROOF_UNCHECKED */
    TLS_IDLE_MAX = 32           /* of one side: empty records, warnings, what says nothing */
};

/* One for each loop: what all its tunnels share. */
struct tls_shop {
    struct pool *blocks; /* of struct chain_block */
    uint8_t *scratch;    /* TLS_HELD_MAX bytes, used within one call only */
    /* ERR_OK lets it pass. Called from within tls_feed, into which it must not call back. */
    enum err (*judge)(void *tunnel, enum tls_point point, const struct tls_facts *facts,
                      const struct tls_bytes *bytes);
    bool transcript; /* keep what CertificateVerify signs; without it TLS_AT_PROOF has none */
};

enum tls_phase {
    TLS_START,  /* before the ClientHello */
    TLS_HELLO,  /* it went on: 0-RTT data may follow; the server answers */
    TLS_RETRY,  /* HelloRetryRequest: the client says hello again */
    TLS_ANSWER, /* ServerHello of TLS <= 1.2: the server goes on */
    TLS_FLIGHT, /* ServerHelloDone: the client answers */
    TLS_FINISH, /* the client's ChangeCipherSpec: the server's will end it */
    TLS_RESUME, /* the server's came first: the client's will end it */
    TLS_OVER
};

enum tls_state { TLS_WATCHING, TLS_PASSED, TLS_ENDED, TLS_REFUSED };

/* One direction. */
struct tls_half {
    struct hold hold;
    uint32_t at;   /* bytes read of the handshake message under way, its header included; 0: none */
    uint32_t end;  /* its length */
    uint32_t stop; /* where it is read; at >= stop: it flows */
    struct tls_record record;
    uint8_t header[4]; /* of the message, or the bytes of an alert */
    uint8_t row;       /* in messages.def */
    uint8_t rank;
    uint8_t idle;
    bool blind; /* encrypted from here on */
};

struct tls_inspect {
    const struct tls_shop *shop;
    void *tunnel;
    struct chain_source source;
    struct tls_half half[2]; /* by enum tls_side */
    struct chain transcript;
    uint64_t hello_sum;
    struct tls_facts facts;
    struct greeting greeting;
    uint8_t phase;    /* an enum tls_phase */
    uint8_t state;    /* an enum tls_state */
    bool greeted;     /* the client's first bytes are those of TLS */
    bool full;        /* the server began a full handshake of TLS <= 1.2 */
    bool transcribes; /* what passes is copied to the transcript */
    bool too_long;    /* ... and was, until it was too much */
};

struct tls_ask {
    const struct tls_shop *shop;
    void *tunnel;             /* for the judge */
    struct pool_owner *owner; /* who is charged for blocks; NULL: nobody */
};

void tls_begin(struct tls_inspect *tls, const struct tls_ask *ask);
/*
 * The bytes must stay where they are until tls_take says there is no more. On an error the state is
 * TLS_REFUSED and nothing may be fed any more. ERR_EXHAUSTED: no block was left.
 */
MUST_CHECK enum err tls_feed(struct tls_inspect *tls, enum tls_side side, struct span bytes,
                             enum tls_state *state);
/* The piece stays valid until the next call for its side; false: there is none (now, or ever). */
bool tls_take(struct tls_inspect *tls, enum tls_side side, struct span *piece);
/* Whether bytes of that side wait, or were freed and are not taken. */
bool tls_holds(const struct tls_inspect *tls, enum tls_side side);
/* Gives all blocks back, at any time, once no piece is in use. */
void tls_end(struct tls_inspect *tls);

/* The version for alert_put: what the client has seen the server choose; 0: nothing yet. */
uint16_t tls_version_seen(const struct tls_inspect *tls);
/* For the files of this room: one more of what carries nothing; ERR_TLS_IDLE: one too many. */
MUST_CHECK enum err tls_count_idle(struct tls_half *half);
/* Asks the judge; for the files of this room. */
MUST_CHECK enum err tls_ask_judge(struct tls_inspect *tls, enum tls_point point,
                                  const struct tls_bytes *bytes);
/* From here on nothing is inspected and nothing held; for the files of this room. */
void tls_pass(struct tls_inspect *tls);

#endif
