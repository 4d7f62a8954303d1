/*
 * What a client wants and how it says so, drawn from the seed; and what it may be answered, judged
 * when all is over.
 */
#include "sim/city.h"
#include "tls/alert.h"

#include <string.h>

enum { HUGE = 17000 };

/* A head that is refused, or a greeting that is no head at all. */
struct bad_head {
    struct span text;
    enum err err;
    bool hangs_up;
};

static uint8_t huge_text[HUGE], many_text[640];

static const struct bad_head bad_heads[] = {
    {SPAN("GET http://one.test/secret HTTP/1.1\r\nHost: one.test\r\n\r\n"), ERR_NOT_CONNECT, false},
    {SPAN("POST http://one.test/ HTTP/1.1\r\nContent-Length: 5\r\n\r\nbytes"), ERR_NOT_CONNECT,
     false},
    {SPAN("CONNECT one.test:443 HTTP/1.1\r\n\r\n"), ERR_HOST_FIELD_NONE, false},
    {SPAN("CONNECT one.test:443 HTTP/1.1\r\nHost: two.test\r\n\r\n"), ERR_HOST_FIELD_OTHER, false},
    {SPAN("CONNECT one.test HTTP/1.1\r\nHost: one.test\r\n\r\n"), ERR_TARGET_PORT, false},
    {SPAN("CONNECT u@one.test:443 HTTP/1.1\r\n\r\n"), ERR_TARGET_FORM, false},
    {SPAN("CONNECT one.test:443 HTTP/2.0\r\n\r\n"), ERR_HTTP_VERSION, false},
    {SPAN("CONNECT one.test:443 HTTP/1.1\nHost: one.test:443\n\n"), ERR_LINE_END, false},
    {SPAN("CONNECT one.test:443 HTTP/1.1\r\nHost : one.test:443\r\n\r\n"), ERR_FIELD_NAME, false},
    {SPAN("CONNECT one.test:443 HTTP/1.1\r\nHost: one.test\r\nContent-Length: 0\r\n\r\n"), ERR_BODY,
     false},
    {SPAN("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), ERR_GREETING_TLS, true},
    {SPAN("\x05\x01\x00"), ERR_GREETING_SOCKS, true},
    {SPAN("\x04\x01\x01\xbb\x14\x00\x00\x01\x00"), ERR_GREETING_SOCKS, true},
    {{huge_text, HUGE}, ERR_HEAD_SIZE, false},
    {{many_text, sizeof many_text}, ERR_HEAD_FIELDS, false},
};

enum { BAD_HEADS = sizeof bad_heads / sizeof bad_heads[0] };

/* One field that never ends; and more fields than anybody needs. */
static void fill_long_heads(void)
{
    static const char begin[] = "CONNECT one.test:443 HTTP/1.1\r\n";
    static const char field[] = "A: b\r\n";
    size_t len = strlen(begin);
    memset(huge_text, 'x', sizeof huge_text);
    memcpy(huge_text, begin, len);
    memcpy(huge_text + len, "X: ", 3);
    memcpy(many_text, begin, len);
    for (size_t i = len; i < sizeof many_text; i++) {
        many_text[i] = (uint8_t)field[(i - len) % strlen(field)];
    }
}

static uint32_t below(struct city_client *client, uint32_t limit)
{
    return (uint32_t)sim_below(&client->city->world, limit);
}

/* A plain request in one of its forms; `small` letters or not, with a dot at the end or not. */
static void say_request(struct city_client *client)
{
    static const char *const fields[] = {"",
                                         "User-Agent: agent\r\nProxy-Connection: Keep-Alive\r\n",
                                         "Proxy-Authorization: Basic c2VjcmV0OnNlY3JldA==\r\n"};
    char place[AUTHORITY_MAX];
    struct out name, text;
    out_begin(&name, place, sizeof place);
    if (!client->host->literal) {
        out_str(&name, below(client, 4) == 0 ? "C" : "c");
        out_u64(&name, client->number);
        out_str(&name, ".");
    }
    out_str(&name, client->host->name);
    out_str(&name, !client->host->literal && below(client, 8) == 0 ? "." : "");
    out_str(&name, ":");
    out_u64(&name, client->host->port);
    out_begin(&text, (char *)client->text, sizeof client->text);
    out_str(&text, "CONNECT ");
    out_put(&text, out_span(&name));
    if (below(client, 6) == 0) {
        out_str(&text, " HTTP/1.0\r\n\r\n");
    } else {
        out_str(&text, " HTTP/1.1\r\nHost: ");
        out_put(&text, out_span(&name));
        out_str(&text, "\r\n");
        out_str(&text, fields[below(client, 3)]);
        out_str(&text, "\r\n");
    }
    client->head = out_span(&text);
}

static void plan_bad_head(struct city_client *client)
{
    const struct bad_head *bad = &bad_heads[below(client, BAD_HEADS)];
    client->head = bad->text;
    client->drip = bad->text.len > 1000 && client->drip < 200 ? 200 : client->drip;
    client->head_err = bad->err;
    client->hangs_up = bad->hangs_up;
}

/* Nothing, or a part of a head; then silence, or the end. */
static void plan_part(struct city_client *client)
{
    bool nothing = below(client, 2) == 0;
    say_request(client);
    client->head = span_first(client->head, nothing ? 0 : below(client, 30) + 1);
    client->host = NULL;
    client->total = client->early = 0;
    client->silent = below(client, 2) == 0;
    client->head_err = client->silent ? ERR_HEAD_SLOW : nothing ? ERR_OK : ERR_HEAD_CUT;
    client->hangs_up = nothing && !client->silent;
}

static void plan_name(struct city_client *client)
{
    struct out name;
    out_begin(&name, client->name_text, sizeof client->name_text);
    if (!client->host->literal) {
        out_str(&name, "c");
        out_u64(&name, client->number);
        out_str(&name, ".");
    }
    out_str(&name, client->host->name);
    client->name = out_span(&name);
}

/* How it says hello, and in what records. Bytes one by one are enough work for everybody. */
static void plan_shake(struct city_client *client)
{
    static const uint16_t cuts[] = {0, 0, 0, 300, 40, 3, 1};
    uint32_t usual = below(client, 3) > 0 ? 11 : city_shakes();
    uint8_t code = (uint8_t)(client->number + 1);
    client->shake = city_shake(below(client, usual));
    client->side.cut = cuts[below(client, client->drip < 200 ? 5 : 7)];
    client->side.first = code;
    if (!client->host) {
        client->side.complete = true; /* it says no word of TLS */
        return;
    }
    city_tls_hello(&client->side, client->shake, client->name, code);
    bool over = client->side.complete || client->shake->end != SHAKE_WHOLE;
    client->total = over ? 0 : client->total;
    client->pause_ms = client->side.cut > 0 && client->side.cut < 40 ? 0 : client->pause_ms;
    client->early = client->early > client->side.len ? client->side.len : client->early;
}

static void plan_bytes(struct city_client *client)
{
    static const uint32_t totals[] = {0, 2, 100, 1500, 5000};
    client->total = totals[below(client, 5)];
    if (below(client, 24) == 0) {
        client->total = 90000; /* more than anybody lingers for */
        client->drip = sizeof client->chunk;
        client->pause_ms = 0;
    }
    if (below(client, 2) == 0) {
        client->early = below(client, 3) == 0 ? client->total : client->total / 2;
    }
}

void city_plan(struct city_client *client)
{
    static const uint32_t drips[] = {1024, 1024, 1024, 200, 7, 1};
    struct city *city = client->city;
    uint32_t dice = below(client, 100);
    bool late = client->number >= CITY_CLIENTS - CITY_LATE;
    if (many_text[0] == 0) {
        fill_long_heads();
    }
    client->host = city_host(below(client, below(client, 3) > 0 ? 9 : city_hosts()));
    client->drip = drips[below(client, 6)];
    client->pause_ms = below(client, 4) == 0 ? below(client, 300) : 0;
    client->end = below(client, 3) == 0 ? CITY_END_WAIT : CITY_END_SHUT;
    client->unlisted = below(client, 20) == 0;
    client->deaf = below(client, city->deaf ? 2 : 12) == 0;
    client->arrives_ms = late ? 0 : below(client, 3000);
    client->aborts_ms = below(client, 8) == 0 ? below(client, 6000) + 1 : 0;
    plan_bytes(client);
    client->pause_ms = (client->total + 600) / client->drip > 30 ? 0 : client->pause_ms;
    say_request(client);
    if (dice < 14) {
        plan_bad_head(client);
    } else if (dice < 26) {
        plan_part(client);
    }
    if (client->head_err != ERR_OK || client->head.len == 0) {
        client->host = NULL;
    }
    if (client->host) {
        plan_name(client);
    }
    plan_shake(client);
    client->to = city->at;
    client->from = city_addr(client->unlisted ? "10.2.0.1" : "10.1.0.1");
    client->from.bytes[3] = (uint8_t)(below(client, 3) + 1);
    if (!client->unlisted && below(client, 8) == 0) {
        client->from = city_addr("fd00::1");
    }
}

/* ---- what may come of it ---- */

/* Under one set of rules, where nothing goes wrong that was not meant to. */
static enum err expect(const struct city_client *client, uint32_t kind)
{
    char place[64];
    struct out name;
    struct policy_rule rule;
    out_begin(&name, place, sizeof place);
    out_str(&name, client->host->literal ? "" : "c.");
    out_str(&name, client->host->name);
    const struct policy_request request = {
        .client = client->from, .host = out_span(&name), .port = client->host->port};
    TRY(policy_decide_request(city_snapshot(kind), &request, &rule));
    if (city_kind(kind)->loops) {
        return ERR_ADDRESS_OWN;
    }
    if (city_kind(kind)->relay) {
        return client->answer ? client->answer->err : ERR_OK;
    }
    bool connects = client->host->err == ERR_OK || client->host->err == ERR_REFUSED ||
                    client->host->err == ERR_TIMED_OUT || client->host->err == ERR_UNREACHABLE;
    if (city_kind(kind)->inside && city_has_inside(client->host)) {
        return ERR_OK;
    }
    return connects && city_kind(kind)->outbound_absent ? ERR_OUTBOUND : client->host->err;
}

/* What comes of its handshake. */
static enum err expect_tls(const struct city_client *client, bool strict)
{
    const struct city_shake *shake = client->shake;
    bool fine = shake->err == ERR_SNI_MISSING && client->host->literal; /* it has no name */
    enum err err = fine ? ERR_OK : shake->err;
    return err == ERR_OK && strict ? shake->strict : err;
}

/* All clients of a literal host resume the same session: it may be somebody's who was seen. */
static bool may_be_known(const struct city_client *client, enum err err)
{
    bool resumes = client->shake->by_id || client->shake->by_ticket;
    return client->host->literal && resumes &&
           (err == ERR_OK || err == ERR_RESUMPTION_MIXED || err == ERR_CERTIFICATE_MISSING);
}

/* Where it was granted: refused for its handshake, or not (ERR_OK). */
static bool may_get_tls(const struct city_client *client, enum err err)
{
    bool brisk = client->talk >= 0 && client->city->talks[client->talk].brisk && !client->faulty &&
                 !client->deaf && client->pause_ms == 0 && client->drip >= 200 &&
                 client->shake->end == SHAKE_WHOLE;
    bool late = client->record.total_ms >= CITY_HANDSHAKE_MS && !brisk;
    bool banner = client->city->banners && (err == ERR_TLS_SERVER_FIRST || err == ERR_TLS_RECORD);
    /* Whose handshake did not come to its end was not refused. */
    bool found = banner || (err == ERR_TLS_SILENT && late) ||
                 (err == ERR_OK && (!client->done || client->drained));
    for (uint32_t i = client->first_rules; i <= client->last_rules; i++) {
        bool strict = city_kind(client->city->rules[i].kind)->strict;
        found = found || expect_tls(client, strict) == err || (strict && may_be_known(client, err));
    }
    return found;
}

static bool is_trouble(enum err err)
{
    static const enum err troubles[] = {ERR_NAME_FAILED,  ERR_NAME_SLOW,      ERR_REFUSED,
                                        ERR_UNREACHABLE,  ERR_TIMED_OUT,      ERR_EXHAUSTED,
                                        ERR_RESET,        ERR_RELAY_SLOW,     ERR_RELAY_CUT,
                                        ERR_RELAY_SILENT, ERR_ADDRESS_SPECIAL};
    bool found = false;
    for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++) {
        found = found || troubles[i] == err;
    }
    return found;
}

bool city_may_get(const struct city_client *client, enum err err)
{
    const struct city *city = client->city;
    bool slow = client->replied_ms >= client->connected_ms + CITY_HEADER_MS;
    if ((err == ERR_STOPPING && client->drained) || (err == ERR_HEAD_SLOW && slow) ||
        ((err == ERR_CLIENT_FULL || err == ERR_TUNNELS_FULL) && city->tight)) {
        return true;
    }
    if (!client->host) {
        return err == client->head_err;
    }
    bool changed = client->first_rules < client->last_rules;
    if ((client->faulty && is_trouble(err) && err != ERR_ADDRESS_SPECIAL) ||
        (err == ERR_ADDRESS_SPECIAL && changed && city_has_inside(client->host))) {
        return true; /* the latter: on its way there, when the rules became others */
    }
    for (uint32_t i = client->first_rules; i <= client->last_rules; i++) {
        bool own_family = city_kind(city->rules[i].kind)->outbound != NULL; /* of two, only one */
        bool relay = city_kind(city->rules[i].kind)->relay, unsure = relay && client->host->literal;
        if (relay && !client->answer && err == ERR_RELAY_SLOW) {
            return true; /* nobody there reads */
        }
        if (expect(client, city->rules[i].kind) == err || (own_family && is_trouble(err)) ||
            (unsure && (err == ERR_OK || err_event(err) == 403))) {
            return true;
        }
    }
    return false;
}

/* The gateway's words, as far as they came, are those of this refusal. */
static bool says(const struct city_client *client, enum err err, bool whole)
{
    const struct city_answer *answer = client->answer;
    /* Of a literal the relay proxy's desk does not know whose it was. */
    uint16_t statuses[] = {
        0, answer ? answer->status : 403, answer ? answer->interim : 407, 200, 204, 100};
    bool any = client->host && client->host->literal;
    bool told = answer && answer->err == err && answer->status >= 400;
    statuses[0] = told ? answer->status : 0;
    statuses[2] = told ? answer->status : statuses[2];
    size_t count = err < ERR_RELAY_LOGIN || err > ERR_RELAY_SLOW ? 1 : any ? 6 : 3;
    for (size_t i = 0; i < count; i++) {
        char place[REPLY_MAX];
        struct out reply;
        out_begin(&reply, place, sizeof place);
        reply_put(err, statuses[i], &reply);
        struct span text = out_span(&reply);
        if (client->said_len <= text.len && (!whole || client->said_len == text.len) &&
            memcmp(text.at, client->said, client->said_len) == 0) {
            return true;
        }
    }
    return false;
}

/* One of a crowd above a limit has no time to read why. */
static bool is_hurried(const struct city_client *client)
{
    return client->city->tight &&
           (says(client, ERR_TUNNELS_FULL, false) || says(client, ERR_CLIENT_FULL, false));
}

static void judge_refusal(const struct city_client *client)
{
    bool found = false, named = client->records > 0;
    for (unsigned i = 1; i < ERR_COUNT && !found; i++) {
        enum err err = (enum err)i;
        found = reply_exists(err) && (!named || client->record.verdict == err) &&
                city_may_get(client, err) && says(client, err, client->eof && !client->drained);
    }
    CHECK(found);
}

static void judge_talk(const struct city_client *client)
{
    if (client->talk < 0) {
        return;
    }
    const struct city_talk *talk = &client->city->talks[client->talk];
    /* What an end cut off in the middle is counted, too. */
    CHECK(client->record.bytes_to_server >= talk->received);
    bool patient = client->aborts_ms == 0 && !client->deaf && !client->drained && !client->faulty;
    if (patient && talk->kind && client->record.total_ms < CITY_SEND_MS) {
        CHECK(!client->reset); /* nobody broke it, and no time was over */
    }
    if (!client->side.complete || !talk->side.complete || client->shake->end != SHAKE_WHOLE ||
        client->drained) {
        return; /* what ends in its handshake ends for both at once */
    }
    uint32_t client_total = city_client_total(client), talk_total = city_talk_total(talk);
    if (client->eof) { /* an end that is no reset follows the last byte */
        CHECK(talk->shut && client->heard == talk_total);
    }
    if (talk->ended) {
        CHECK(client->shut && talk->received == client_total);
    }
    if (client->done && talk->ended) {
        CHECK(client->record.bytes_to_server == client_total);
        CHECK(client->record.bytes_to_client == talk_total);
    }
}

/* Refused after our 200: told so by an alert, which is the last thing that it reads. */
static void judge_denial(const struct city_client *client)
{
    const uint8_t number = alert_number(client->record.verdict);
    bool patient = client->aborts_ms == 0 && !client->deaf && !client->drained && !client->faulty;
    bool stuck = client->record.verdict == ERR_TLS_SILENT; /* it may have taken nothing */
    CHECK(client->alert_len < sizeof client->alert || client->alert[6] == number);
    if (patient && !stuck && client->sent < CITY_LINGERS) {
        CHECK(client->eof && client->alert_len == sizeof client->alert);
    }
}

void city_judge_client(const struct city_client *client)
{
    CHECK(client->records <= 1 && (client->records == 0 || client->connected));
    CHECK(client->records == 0 || client->host); /* a target that nobody named */
    if (client->granted) {
        enum err verdict = client->record.verdict;
        CHECK(client->records == 1 && !client->refused && city_may_get(client, ERR_OK));
        CHECK(may_get_tls(client, verdict));
        CHECK(client->alert_len == 0 || verdict != ERR_OK);
        if (verdict == ERR_OK) {
            judge_talk(client);
        } else {
            judge_denial(client);
        }
    } else if (client->said_len > 0 && client->refused) {
        judge_refusal(client);
    } else if (client->eof && !client->drained) {
        CHECK(client->hangs_up); /* the only ones who are told nothing */
    }
    if (client->connected && !client->faulty && !client->drained && client->aborts_ms == 0 &&
        !client->deaf && !client->hangs_up && !client->reset) {
        CHECK(client->granted || client->refused);
    }
    bool patient = client->aborts_ms == 0 && !client->deaf && !client->drained;
    if (client->refused && !client->faulty && patient && client->sent < CITY_LINGERS &&
        !is_hurried(client)) {
        CHECK(client->eof); /* it could read all of the reply */
    }
}
