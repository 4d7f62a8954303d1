/*
 * The judge of one handshake: what the inspector sees becomes facts for the rules, at each of its
 * points. It reads a certificate's subject, has the client's proof checked, and knows who resumes a
 * session. It lasts as long as the handshake; it knows no tunnel, no socket and no event.
 */
#ifndef GATEWAY_JUDGE_H
#define GATEWAY_JUDGE_H

#include "gateway/leaves.h"
#include "policy/decide.h"
#include "tls/facts.h"

/* What all judges of a loop share. */
struct judge_shop {
    struct leaves *leaves;
    struct sessions *sessions; /* of all loops */
    uint8_t *scratch;          /* PROOF_TRANSCRIPT_MAX bytes, used within one call only */
};

enum { JUDGE_ID_MAX = 32 };

/* A session id; zero: none. */
struct judge_id {
    uint8_t len;
    uint8_t bytes[JUDGE_ID_MAX];
};

/* What the memory of sessions calls a session; zero: none. */
struct judge_name {
    bool there;
    uint8_t digest[SESSION_NAME];
};

struct judge {
    const struct judge_shop *shop;
    const struct snapshot *snapshot;
    struct span host;                     /* as in the CONNECT; its owner keeps it */
    uint64_t now_ms;                      /* set by the owner before each feed */
    struct policy_rule rule;              /* of the last answer */
    bool ruled;                           /* it was a refusal: what else refuses has no rule */
    struct evp_pkey_st *key;              /* of the certificate that was shown */
    enum policy_resumed resumed;          /* once it is */
    struct judge_id id_offered, id_given; /* by the client, by the server */
    struct judge_name ticket_offered, ticket_given;
    uint8_t sni_len;
    uint8_t sni[253]; /* one that is refused */
    struct session_who who;
};

void judge_begin(struct judge *judge, const struct judge_shop *shop,
                 const struct snapshot *snapshot, struct span host);
void judge_end(struct judge *judge);

/* The form that the inspector calls; *context is a struct judge. */
MUST_CHECK enum err judge_ask(void *context, enum tls_point point, const struct tls_facts *facts,
                              const struct tls_bytes *bytes);
/* The handshake is over and was allowed: what may be resumed of it is remembered. */
void judge_passed(struct judge *judge, const struct tls_facts *facts);

#endif
