/*
 * One reader for each message that says something.
 */
#include "tls/message.h"

#include "base/rd.h"
#include "tls/certs.h"
#include "tls/hello.h"

enum message_how { MESSAGE_WHOLE, MESSAGE_LEAF, MESSAGE_HEAD };

struct message_row {
    enum err (*read)(struct tls_inspect *tls, struct span message);
    uint32_t max;
    uint8_t number;
    uint8_t side;   /* an enum tls_side */
    uint8_t phases; /* bit: an enum tls_phase */
    uint8_t rank, after;
    uint8_t how; /* an enum message_how */
    bool is_signed;
};

static enum err message_nothing(struct tls_inspect *tls, struct span message)
{
    (void)tls;
    (void)message;
    return ERR_OK;
}

static enum err message_hello_request(struct tls_inspect *tls, struct span message)
{
    (void)message;
    return tls_count_idle(&tls->half[TLS_SERVER]);
}

static void message_forget(struct tls_inspect *tls)
{
    tls->transcribes = false;
    chain_clear(&tls->transcript, &tls->source);
}

static enum err message_keep(struct tls_inspect *tls, struct span part)
{
    if (!tls->transcribes) {
        return ERR_OK;
    }
    if (part.len > TLS_TRANSCRIPT_MAX - (size_t)tls->transcript.len) {
        message_forget(tls);
        tls->too_long = true;
        return ERR_OK;
    }
    return chain_put(&tls->transcript, &tls->source, part);
}

/* The second hello is judged like the first, and must say the same where it is judged. */
static enum err message_client_hello(struct tls_inspect *tls, struct span message)
{
    struct tls_facts *facts = &tls->facts;
    struct tls_bytes bytes = {.scheme = 0};
    TRY(hello_read_client(span_after(message, MESSAGE_HEADER), facts, &bytes));
    uint64_t sum = hello_sum(facts, &bytes);
    if (facts->retried && (sum != tls->hello_sum || facts->has_early_data)) {
        return ERR_TLS_CHANGED;
    }
    tls->hello_sum = sum;
    TRY(tls_ask_judge(tls, TLS_AT_HELLO, &bytes));
    tls->phase = TLS_HELLO;
    tls->transcribes = tls->shop->transcript && !facts->retried && facts->offered_least < TLS_1_3;
    return message_keep(tls, message);
}

static bool message_was_offered(const struct tls_facts *facts)
{
    return facts->chosen >= TLS_SSL3 && (facts->offered >> (facts->chosen - TLS_SSL3) & 1);
}

static enum err message_server_hello(struct tls_inspect *tls, struct span message)
{
    struct tls_facts *facts = &tls->facts;
    struct tls_bytes bytes = {.scheme = 0};
    bool retry;
    TRY(hello_read_server(span_after(message, MESSAGE_HEADER), facts, &bytes, &retry));
    if (!message_was_offered(facts) || (facts->retried && facts->chosen != TLS_1_3)) {
        return ERR_TLS_VERSION;
    }
    if (retry && facts->retried) {
        return ERR_TLS_ORDER;
    }
    TRY(tls_ask_judge(tls, TLS_AT_CHOSEN, &bytes));
    if (facts->chosen < TLS_1_3) {
        tls->phase = TLS_ANSWER;
    } else if (retry) {
        facts->retried = true;
        message_forget(tls);
        tls->phase = TLS_RETRY;
    } else {
        tls_pass(tls);
    }
    return ERR_OK;
}

/* What no server sends that resumes. */
static enum err message_full(struct tls_inspect *tls, struct span message)
{
    (void)message;
    tls->full = true;
    return ERR_OK;
}

static enum err message_request(struct tls_inspect *tls, struct span message)
{
    tls->facts.asked = true;
    return message_full(tls, message);
}

static enum err message_server_done(struct tls_inspect *tls, struct span message)
{
    tls->phase = TLS_FLIGHT;
    if (!tls->facts.asked) {
        message_forget(tls);
    }
    return message_full(tls, message);
}

static enum err message_no_certificate(struct tls_inspect *tls)
{
    struct tls_bytes bytes = {.scheme = 0};
    tls->facts.certificate = TLS_CERTIFICATE_NONE;
    return tls_ask_judge(tls, TLS_AT_CERTIFICATE, &bytes);
}

/* Read twice: when the length of the leaf is there, and when the leaf is. */
static enum err message_certificate(struct tls_inspect *tls, struct span message)
{
    enum { START = MESSAGE_HEADER + CERTS_HEAD };
    struct tls_half *half = &tls->half[TLS_CLIENT];
    struct tls_bytes bytes = {.scheme = 0};
    struct span head = span_after(message, MESSAGE_HEADER);
    size_t leaf_len;
    TRY(certs_leaf_len(head, half->end - MESSAGE_HEADER, &leaf_len));
    if (leaf_len == 0) {
        return message_no_certificate(tls);
    }
    if (message.len < START + leaf_len) {
        half->stop = (uint32_t)(START + leaf_len);
        return ERR_OK;
    }
    bytes.leaf = span_first(span_after(message, START), leaf_len);
    TRY(certs_cut(bytes.leaf, &bytes.subject, &bytes.key));
    tls->facts.certificate = TLS_CERTIFICATE_SHOWN;
    return tls_ask_judge(tls, TLS_AT_CERTIFICATE, &bytes);
}

/* TLS 1.0 lets a client that was asked skip the Certificate: the same as an empty one. */
static enum err message_key_exchange(struct tls_inspect *tls, struct span message)
{
    (void)message;
    return tls->facts.certificate == TLS_CERTIFICATE_UNKNOWN ? message_no_certificate(tls) : ERR_OK;
}

static enum err message_proof(struct tls_inspect *tls, struct span message)
{
    struct tls_bytes bytes = {.scheme = 0};
    struct rd body, signature;
    rd_begin(&body, span_after(message, MESSAGE_HEADER));
    bytes.scheme = tls->facts.chosen < TLS_1_2 ? 0 : rd_u16(&body);
    rd_sub16(&body, &signature);
    bytes.signature = rd_rest(&signature);
    rd_end(&body);
    if (rd_result(&body) != ERR_OK) {
        return ERR_TLS_DECODE;
    }
    if (tls->facts.certificate != TLS_CERTIFICATE_SHOWN) {
        return ERR_TLS_ORDER;
    }
    if (tls->too_long) {
        return ERR_PROOF_UNCHECKED;
    }
    bytes.transcript = tls->transcribes ? &tls->transcript : NULL;
    TRY(tls_ask_judge(tls, TLS_AT_PROOF, &bytes));
    tls->facts.proven = true;
    message_forget(tls);
    return ERR_OK;
}

static enum err message_ticket(struct tls_inspect *tls, struct span message)
{
    struct tls_bytes bytes = {.scheme = 0};
    struct rd body, ticket;
    rd_begin(&body, span_after(message, MESSAGE_HEADER));
    (void)rd_u32(&body); /* lifetime */
    rd_sub16(&body, &ticket);
    bytes.ticket = rd_rest(&ticket);
    rd_end(&body);
    if (rd_result(&body) != ERR_OK) {
        return ERR_TLS_DECODE;
    }
    if (tls->phase == TLS_ANSWER && tls->full) {
        return ERR_TLS_ORDER;
    }
    return tls_ask_judge(tls, TLS_AT_TICKET, &bytes);
}

static const struct message_row message_rows[] = {
#define IN(phase) (1U << TLS_##phase)
#define MESSAGE(number, name, side, phases, rank, after, how, max, is_signed, reader)              \
    {reader, max, number, TLS_##side, phases, rank, after, MESSAGE_##how, is_signed},
#include "tls/messages.def"
#undef MESSAGE
#undef IN
};

enum { MESSAGE_ROWS = sizeof message_rows / sizeof *message_rows };

static uint8_t message_find(enum tls_side side, uint8_t number)
{
    uint8_t i = 0;
    while (i < MESSAGE_ROWS &&
           (message_rows[i].number != number || message_rows[i].side != (uint8_t)side)) {
        i++;
    }
    return i;
}

enum err message_begin(struct tls_inspect *tls, enum tls_side side)
{
    struct tls_half *half = &tls->half[side];
    struct rd header;
    rd_begin(&header, span_of(half->header, MESSAGE_HEADER));
    half->row = message_find(side, rd_u8(&header));
    half->end = MESSAGE_HEADER + rd_u24(&header);
    CHECK(rd_result(&header) == ERR_OK);
    if (half->row == MESSAGE_ROWS) {
        return ERR_TLS_ORDER;
    }
    const struct message_row *row = &message_rows[half->row];
    bool ranked = row->rank == 0 || (row->rank > half->rank && row->after <= half->rank);
    if (!(row->phases >> tls->phase & 1) || !ranked) {
        return ERR_TLS_ORDER;
    }
    if (half->end > MESSAGE_HEADER + row->max) {
        return ERR_TLS_LONG;
    }
    uint32_t leaf = MESSAGE_HEADER + CERTS_HEAD;
    half->rank = row->rank > 0 ? row->rank : half->rank;
    half->stop = row->how == MESSAGE_HEAD                       ? MESSAGE_HEADER
                 : row->how == MESSAGE_LEAF && leaf < half->end ? leaf
                                                                : half->end;
    return message_note(tls, side, span_of(half->header, MESSAGE_HEADER));
}

enum err message_read(struct tls_inspect *tls, enum tls_side side, struct span message)
{
    return message_rows[tls->half[side].row].read(tls, message);
}

enum err message_note(struct tls_inspect *tls, enum tls_side side, struct span part)
{
    return message_rows[tls->half[side].row].is_signed ? message_keep(tls, part) : ERR_OK;
}
