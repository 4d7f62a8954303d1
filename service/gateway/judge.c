/*
 * From points to decisions. A resumed session of TLS up to 1.2 shows no certificate: it is who it
 * was in its full handshake, and that is judged by the rules of now.
 */
#include "gateway/judge.h"

#include <string.h>

enum { JUDGE_ID = 'i', JUDGE_TICKET = 't' }; /* kinds of names */

void judge_begin(struct judge *judge, const struct judge_shop *shop,
                 const struct snapshot *snapshot, struct span host)
{
    CHECK(host.len > 0 && host.len <= sizeof judge->sni);
    memset(judge, 0, offsetof(struct judge, who));
    judge->who.asked = judge->who.shown = false;
    judge->shop = shop;
    judge->snapshot = snapshot;
    judge->host = host;
}

void judge_end(struct judge *judge)
{
    proof_key_free(judge->key);
    judge->key = NULL;
}

/* ---- names of sessions ---- */

/* Of one host only: what another server calls its sessions means nothing here. */
static enum err judge_name(const struct judge *judge, uint8_t kind, struct span bytes,
                           struct judge_name *name)
{
    uint8_t place[1 + DIGEST_SHA256 + sizeof judge->sni];
    name->there = false;
    if (bytes.len == 0) {
        return ERR_OK;
    }
    place[0] = kind;
    TRY(digest_sha256(bytes, place + 1));
    memcpy(place + 1 + DIGEST_SHA256, judge->host.at, judge->host.len);
    TRY(digest_sha256(span_of(place, 1 + DIGEST_SHA256 + judge->host.len), name->digest));
    name->there = true;
    return ERR_OK;
}

static struct judge_id judge_keep_id(struct span bytes)
{
    struct judge_id id = {.len = (uint8_t)bytes.len};
    CHECK(bytes.len <= JUDGE_ID_MAX); /* the inspector reads no longer one */
    for (size_t i = 0; i < bytes.len; i++) {
        id.bytes[i] = bytes.at[i];
    }
    return id;
}

static enum err judge_name_id(const struct judge *judge, const struct judge_id *id,
                              struct judge_name *name)
{
    return judge_name(judge, JUDGE_ID, span_of(id->bytes, id->len), name);
}

static bool judge_knows(const struct judge *judge, const struct judge_name *name,
                        struct session_who *who)
{
    return name->there && sessions_find(judge->shop->sessions, judge->now_ms, name->digest, who);
}

static void judge_remember(const struct judge *judge, const struct judge_name *name)
{
    if (name->there) {
        sessions_put(judge->shop->sessions, judge->now_ms, name->digest, &judge->who);
    }
}

/* ---- deciding ---- */

static enum err judge_decide(struct judge *judge, const struct tls_facts *facts, struct span sni,
                             const struct session_who *who)
{
    const struct session_subject *subject = &who->subject;
    bool resumed = judge->resumed == POLICY_RESUMED_KNOWN;
    bool known = resumed || facts->certificate != TLS_CERTIFICATE_UNKNOWN;
    const struct policy_tls tls = {
        .host = judge->host,
        .sni = sni,
        .offered_least = facts->offered_least,
        .offered_most = facts->offered_most,
        .chosen = facts->chosen,
        .early = facts->has_early_data,
        .ech = facts->has_ech,
        .asked = who->asked,
        .certificate = !known       ? POLICY_CERTIFICATE_UNKNOWN
                       : who->shown ? POLICY_CERTIFICATE_SHOWN
                                    : POLICY_CERTIFICATE_NONE,
        .resumed = judge->resumed,
        .subject = span_of(subject->pairs, who->shown ? subject->pairs_len : 0),
    };
    enum err err = policy_decide_tls(judge->snapshot, &tls, &judge->rule);
    judge->ruled = err != ERR_OK;
    return err;
}

/* The SNI that was allowed is the host. */
static enum err judge_decide_later(struct judge *judge, const struct tls_facts *facts,
                                   const struct session_who *who)
{
    return judge_decide(judge, facts, span_first(judge->host, facts->has_sni ? judge->host.len : 0),
                        who);
}

static enum err judge_hello(struct judge *judge, const struct tls_facts *facts,
                            const struct tls_bytes *bytes)
{
    judge->id_offered = judge_keep_id(bytes->session_id);
    TRY(judge_name(judge, JUDGE_TICKET, bytes->ticket, &judge->ticket_offered));
    enum err err = judge_decide(judge, facts, bytes->sni, &judge->who);
    if (err == ERR_SNI_OTHER) {
        CHECK(bytes->sni.len <= sizeof judge->sni); /* it is a host's name */
        judge->sni_len = (uint8_t)bytes->sni.len;
        memcpy(judge->sni, bytes->sni.at, bytes->sni.len);
    }
    return err;
}

static enum err judge_chosen(struct judge *judge, const struct tls_facts *facts,
                             const struct tls_bytes *bytes)
{
    judge->id_given = judge_keep_id(bytes->session_id);
    return judge_decide_later(judge, facts, &judge->who);
}

static bool judge_is_same(const struct session_who *a, const struct session_who *b)
{
    return a->shown == b->shown &&
           (!a->shown || (a->subject.pairs_len == b->subject.pairs_len &&
                          memcmp(a->subject.pairs, b->subject.pairs, a->subject.pairs_len) == 0));
}

/*
 * Of ticket and id the ticket decides, but which of them the server has looked at nobody can see:
 * an id that is known must be somebody who is allowed, too, and the same one.
 */
static enum err judge_resumed(struct judge *judge, const struct tls_facts *facts)
{
    struct session_who other;
    struct judge_name id;
    TRY(judge_name_id(judge, &judge->id_offered, &id));
    bool by_ticket = judge_knows(judge, &judge->ticket_offered, &judge->who);
    bool by_id = judge_knows(judge, &id, by_ticket ? &other : &judge->who);
    if (by_ticket || by_id) {
        judge->resumed = POLICY_RESUMED_KNOWN;
        TRY(judge_decide_later(judge, facts, &judge->who));
    }
    if (by_ticket && by_id && !judge_is_same(&judge->who, &other)) {
        return ERR_RESUMPTION_MIXED;
    }
    if (by_ticket || (by_id && !judge->ticket_offered.there)) {
        return ERR_OK;
    }
    judge->resumed = POLICY_RESUMED_UNKNOWN;
    judge->who.asked = judge->who.shown = false;
    return judge_decide_later(judge, facts, &judge->who);
}

/* The key is read only where its owner is allowed. */
static enum err judge_certificate(struct judge *judge, const struct tls_facts *facts,
                                  const struct tls_bytes *bytes)
{
    struct leaf *leaf = NULL;
    judge->who.asked = facts->asked;
    judge->who.shown = facts->certificate == TLS_CERTIFICATE_SHOWN;
    if (judge->who.shown) {
        TRY(leaves_find(judge->shop->leaves, bytes->leaf, bytes->subject, &leaf));
        sessions_copy_subject(&judge->who.subject, &leaf->subject);
    }
    TRY(judge_decide_later(judge, facts, &judge->who));
    return leaf ? leaves_share_key(leaf, bytes->key, &judge->key) : ERR_OK;
}

struct judge_transcript {
    const struct chain *chain;
    const struct chain_block *block;
};

static bool judge_next_piece(void *context, struct span *piece)
{
    struct judge_transcript *transcript = context;
    return chain_next(transcript->chain, &transcript->block, piece);
}

static enum err judge_proof(struct judge *judge, const struct tls_facts *facts,
                            const struct tls_bytes *bytes)
{
    struct judge_transcript transcript = {bytes->transcript, NULL};
    CHECK(judge->key && bytes->transcript); /* a certificate came before, and was allowed */
    return proof_check(&(struct proof){.key = judge->key,
                                       .version = facts->chosen,
                                       .scheme = bytes->scheme,
                                       .signature = bytes->signature,
                                       .context = &transcript,
                                       .next = judge_next_piece,
                                       .scratch = judge->shop->scratch});
}

enum err judge_ask(void *context, enum tls_point point, const struct tls_facts *facts,
                   const struct tls_bytes *bytes)
{
    struct judge *judge = context;
    switch (point) {
    case TLS_AT_HELLO:
        return judge_hello(judge, facts, bytes);
    case TLS_AT_CHOSEN:
        return judge_chosen(judge, facts, bytes);
    case TLS_AT_RESUMED:
        return judge_resumed(judge, facts);
    case TLS_AT_CERTIFICATE:
        return judge_certificate(judge, facts, bytes);
    case TLS_AT_PROOF:
        return judge_proof(judge, facts, bytes);
    case TLS_AT_TICKET:
        return judge_name(judge, JUDGE_TICKET, bytes->ticket, &judge->ticket_given);
    }
    CHECK_NEVER("every point is above");
    return ERR_TLS_ORDER;
}

void judge_passed(struct judge *judge, const struct tls_facts *facts)
{
    struct judge_name id;
    if (facts->chosen >= TLS_1_3 || judge->resumed == POLICY_RESUMED_UNKNOWN) {
        return; /* nobody was seen */
    }
    judge_remember(judge, &judge->ticket_given); /* a renewed one is who the old one was */
    if (judge->resumed == POLICY_RESUMED_NOT &&
        judge_name_id(judge, &judge->id_given, &id) == ERR_OK) {
        judge_remember(judge, &id);
    }
}
