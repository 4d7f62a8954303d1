/*
 * The machine: records in, messages out of them, and what each record means in each phase. The
 * loop takes one step after the other; a step reads what belongs together and is in one record.
 */
#include "tls/inspect.h"

#include "tls/message.h"

#include <string.h>

enum { ALERT_LEN = 2, ALERT_WARNING = 1, ALERT_FATAL = 2, ALERT_CLOSE = 0, CHANGE_VALUE = 1 };

void tls_begin(struct tls_inspect *tls, const struct tls_ask *ask)
{
    *tls = (struct tls_inspect){.shop = ask->shop, .tunnel = ask->tunnel};
    tls->source = (struct chain_source){ask->shop->blocks, ask->owner};
}

void tls_end(struct tls_inspect *tls)
{
    hold_clear(&tls->half[TLS_CLIENT].hold, &tls->source);
    hold_clear(&tls->half[TLS_SERVER].hold, &tls->source);
    chain_clear(&tls->transcript, &tls->source);
}

enum err tls_ask_judge(struct tls_inspect *tls, enum tls_point point, const struct tls_bytes *bytes)
{
    return tls->shop->judge(tls->tunnel, point, &tls->facts, bytes);
}

void tls_pass(struct tls_inspect *tls)
{
    for (unsigned side = TLS_CLIENT; side <= TLS_SERVER; side++) {
        tls->half[side].blind = true;
        hold_free_all(&tls->half[side].hold);
    }
    chain_clear(&tls->transcript, &tls->source);
    tls->phase = TLS_OVER;
    tls->state = TLS_PASSED;
}

uint16_t tls_version_seen(const struct tls_inspect *tls)
{
    return tls->phase >= TLS_RETRY || tls->facts.retried ? tls->facts.chosen : 0;
}

/* The first bytes of all: TLS or not, before anything reads them as records. */
static enum err inspect_greeting(struct tls_inspect *tls, struct tls_half *half)
{
    static const uint8_t bytes[] = {RECORD_HANDSHAKE, 3};
    enum greeting_kind kind;
    bool complete;
    struct span byte = hold_read(&half->hold, 1);
    if (!greeting_add(&tls->greeting, byte.at[0], &kind)) {
        return ERR_OK;
    }
    tls->facts.greeting = (uint8_t)kind;
    TRY(greeting_err(kind));
    tls->greeted = true;
    return tls_record_add(&half->record, span_of(bytes, sizeof bytes), &complete);
}

/* One that carries nothing is fine, many are an attack. */
enum err tls_count_idle(struct tls_half *half)
{
    half->idle++;
    return half->idle > TLS_IDLE_MAX ? ERR_TLS_IDLE : ERR_OK;
}

/* Whether a record of this type may come now; between the parts of a message none of another. */
static enum err inspect_type(const struct tls_inspect *tls, enum tls_side side)
{
    const struct tls_half *half = &tls->half[side];
    bool early = side == TLS_CLIENT && tls->facts.has_early_data &&
                 (tls->phase == TLS_HELLO || tls->phase == TLS_RETRY);
    switch (half->record.type) {
    case RECORD_HANDSHAKE:
        return ERR_OK;
    case RECORD_ALERT:
        return half->at > 0 || tls->phase == TLS_START ? ERR_TLS_ORDER
               : half->record.left == ALERT_LEN        ? ERR_OK
                                                       : ERR_TLS_RECORD;
    case RECORD_CHANGE:
        return half->at > 0 ? ERR_TLS_ORDER : half->record.left == 1 ? ERR_OK : ERR_TLS_RECORD;
    default:
        return half->at == 0 && early ? ERR_OK : ERR_TLS_ORDER;
    }
}

static bool inspect_flows(const struct tls_half *half)
{
    return half->at >= MESSAGE_HEADER ? half->at >= half->stop
                                      : half->at == 0 && half->record.type == RECORD_DATA;
}

static enum err inspect_header(struct tls_inspect *tls, enum tls_side side)
{
    struct tls_half *half = &tls->half[side];
    bool complete;
    TRY(tls_record_add(&half->record, hold_read(&half->hold, tls_record_wants(&half->record)),
                       &complete));
    if (!complete) {
        return ERR_OK;
    }
    TRY(inspect_type(tls, side));
    if (inspect_flows(half)) {
        hold_free(&half->hold, half->record.left);
    }
    return half->record.left == 0 ? tls_count_idle(half) : ERR_OK;
}

static struct span inspect_read(struct tls_half *half, size_t most)
{
    size_t left = half->record.left;
    struct span part = hold_read(&half->hold, left < most ? left : most);
    half->record.left = (uint16_t)(half->record.left - part.len);
    return part;
}

/* The next bytes of a message: of its header, or up to where it is read, or up to its end. */
static enum err inspect_part(struct tls_inspect *tls, enum tls_side side)
{
    struct tls_half *half = &tls->half[side];
    if (half->at < MESSAGE_HEADER) {
        struct span part = inspect_read(half, MESSAGE_HEADER - half->at);
        memcpy(half->header + half->at, part.at, part.len);
        half->at += (uint32_t)part.len;
        return half->at == MESSAGE_HEADER ? message_begin(tls, side) : ERR_OK;
    }
    struct span part =
        inspect_read(half, (half->at < half->stop ? half->stop : half->end) - half->at);
    half->at += (uint32_t)part.len;
    return message_note(tls, side, part);
}

static enum err inspect_message(struct tls_inspect *tls, enum tls_side side)
{
    struct tls_half *half = &tls->half[side];
    TRY(inspect_part(tls, side));
    if (hold_len(&half->hold) > TLS_HELD_MAX) {
        return ERR_TLS_LONG;
    }
    if (half->at < MESSAGE_HEADER) {
        return ERR_OK;
    }
    if (half->at == half->stop) {
        TRY(message_read(tls, side, hold_message(&half->hold, half->stop, tls->shop->scratch)));
    }
    if (half->at >= half->stop) {
        hold_free(&half->hold, half->record.left);
    }
    half->at = half->at == half->end ? 0 : half->at;
    return ERR_OK;
}

/* A warning goes by; what is fatal, or says goodbye, ends the handshake for both. */
static enum err inspect_alert(struct tls_inspect *tls, struct tls_half *half)
{
    struct span part = inspect_read(half, ALERT_LEN);
    memcpy(half->header + ALERT_LEN - half->record.left - part.len, part.at, part.len);
    if (half->record.left > 0) {
        return ERR_OK;
    }
    uint8_t level = half->header[0];
    if (level != ALERT_WARNING && level != ALERT_FATAL) {
        return ERR_TLS_DECODE;
    }
    hold_free(&half->hold, 0);
    if (level == ALERT_FATAL || half->header[1] == ALERT_CLOSE) {
        tls->state = TLS_ENDED;
        return ERR_OK;
    }
    return tls_count_idle(half);
}

/* The client goes over to encryption: its key was shown to be there, if a certificate was shown. */
static enum err inspect_client_change(struct tls_inspect *tls, struct tls_half *half)
{
    const struct tls_facts *facts = &tls->facts;
    enum { CLIENT_KEY_EXCHANGE = 3 };
    if (tls->phase == TLS_RESUME) {
        tls_pass(tls);
        return ERR_OK;
    }
    if (tls->phase != TLS_FLIGHT || half->rank < CLIENT_KEY_EXCHANGE) {
        return ERR_TLS_ORDER;
    }
    if (facts->certificate == TLS_CERTIFICATE_SHOWN && !facts->proven) {
        return ERR_PROOF_MISSING;
    }
    half->blind = true;
    tls->phase = TLS_FINISH;
    return ERR_OK;
}

/* RFC 8446, appendix D.4, has TLS 1.3 send one that means nothing. */
static bool inspect_is_idle_change(const struct tls_inspect *tls, enum tls_side side)
{
    bool retry = tls->phase == TLS_RETRY || (tls->phase == TLS_HELLO && tls->facts.retried);
    return side == TLS_SERVER
               ? retry
               : tls->phase == TLS_RETRY || (tls->phase == TLS_HELLO && tls->facts.has_early_data);
}

static enum err inspect_server_change(struct tls_inspect *tls, struct tls_half *half)
{
    static const struct tls_bytes nothing = {.scheme = 0};
    if (tls->phase == TLS_FINISH) {
        tls_pass(tls);
        return ERR_OK;
    }
    if (tls->phase != TLS_ANSWER || tls->full) {
        return ERR_TLS_ORDER;
    }
    tls->facts.resumed = true;
    TRY(tls_ask_judge(tls, TLS_AT_RESUMED, &nothing));
    half->blind = true;
    tls->phase = TLS_RESUME;
    return ERR_OK;
}

static enum err inspect_change(struct tls_inspect *tls, enum tls_side side)
{
    struct tls_half *half = &tls->half[side];
    if (inspect_read(half, 1).at[0] != CHANGE_VALUE) {
        return ERR_TLS_DECODE;
    }
    if (inspect_is_idle_change(tls, side)) {
        TRY(tls_count_idle(half));
    } else {
        TRY(side == TLS_CLIENT ? inspect_client_change(tls, half)
                               : inspect_server_change(tls, half));
    }
    hold_free(&half->hold, 0);
    return ERR_OK;
}

static enum err inspect_step(struct tls_inspect *tls, enum tls_side side)
{
    struct tls_half *half = &tls->half[side];
    if (side == TLS_SERVER && tls->phase == TLS_START) {
        return ERR_TLS_SERVER_FIRST;
    }
    if (side == TLS_CLIENT && !tls->greeted) {
        return inspect_greeting(tls, half);
    }
    if (half->record.left == 0) {
        return inspect_header(tls, side);
    }
    switch (half->record.type) {
    case RECORD_HANDSHAKE:
        return inspect_message(tls, side);
    case RECORD_ALERT:
        return inspect_alert(tls, half);
    case RECORD_CHANGE:
        return inspect_change(tls, side);
    default:
        (void)inspect_read(half, half->record.left);
        hold_free(&half->hold, half->record.left);
        return ERR_OK;
    }
}

static enum err inspect_steps(struct tls_inspect *tls, enum tls_side side)
{
    struct tls_half *half = &tls->half[side];
    while (tls->state == TLS_WATCHING && !half->blind && hold_has_more(&half->hold)) {
        TRY(inspect_step(tls, side));
    }
    if (half->blind) {
        hold_free_all(&half->hold);
    }
    if (tls->state == TLS_ENDED) {
        hold_cut(&half->hold);
        return ERR_OK;
    }
    return hold_settle(&half->hold, &tls->source);
}

enum err tls_feed(struct tls_inspect *tls, enum tls_side side, struct span bytes,
                  enum tls_state *state)
{
    CHECK(tls->state != TLS_REFUSED);
    hold_feed(&tls->half[side].hold, bytes);
    enum err err = inspect_steps(tls, side);
    if (err != ERR_OK) {
        tls->state = TLS_REFUSED;
    }
    *state = (enum tls_state)tls->state;
    return err;
}

bool tls_take(struct tls_inspect *tls, enum tls_side side, struct span *piece)
{
    return tls->state != TLS_REFUSED && hold_take(&tls->half[side].hold, &tls->source, piece);
}

bool tls_holds(const struct tls_inspect *tls, enum tls_side side)
{
    const struct hold *hold = &tls->half[side].hold;
    return hold->chain.len > 0 || hold->fed.len > 0;
}
