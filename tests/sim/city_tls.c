/*
 * The writer of handshakes. Records are cut as the side says; what flows and what is held follows
 * from the messages' places.
 */
#include "sim/city_tls.h"

#include "base/check.h"

#include <openssl/evp.h>
#include <string.h>

enum { CHANGE = 20, ALERT = 21, HANDSHAKE = 22, DATA = 23, KEY = 32, SIGNATURE = 64 };
enum { TLS10 = 0x0301, TLS11, TLS12, TLS13 };

#define TEXT(literal) .text = (literal), .text_len = sizeof(literal) - 1

static const struct city_shake shakes[] = {
    /* Mostly these. */
    {.least = TLS13, .most = TLS13, .chosen = TLS13, .strict = ERR_TLS13_REFUSED},
    {.least = TLS12, .most = TLS13, .chosen = TLS13, .strict = ERR_TLS13_REFUSED},
    {.least = TLS12, .most = TLS12, .chosen = TLS12},
    {.least = TLS10, .most = TLS12, .chosen = TLS12, .asks = true, .leaf = SHAKE_LISTED},
    {.least = TLS10, .most = TLS13, .chosen = TLS12, .asks = true, .leaf = SHAKE_LISTED},
    {.least = TLS12,
     .most = TLS12,
     .chosen = TLS12,
     .asks = true,
     .strict = ERR_CERTIFICATE_MISSING},
    {.least = TLS12, .most = TLS13, .chosen = TLS13, .retries = true, .strict = ERR_TLS13_REFUSED},
    {.least = TLS13, .most = TLS13, .chosen = TLS13, .early = true, .strict = ERR_TLS13_REFUSED},
    {.least = TLS12,
     .most = TLS12,
     .chosen = TLS12,
     .by_id = true,
     .strict = ERR_RESUMPTION_UNKNOWN},
    {.least = TLS12,
     .most = TLS13,
     .chosen = TLS12,
     .by_ticket = true,
     .strict = ERR_RESUMPTION_UNKNOWN},
    {.least = TLS12, .most = TLS13, .chosen = TLS13, .stray = true, .strict = ERR_TLS13_REFUSED},
    /* And these are refused, or end. */
    {.least = TLS10,
     .most = TLS12,
     .chosen = TLS12,
     .asks = true,
     .leaf = SHAKE_UNLISTED,
     .err = ERR_CERTIFICATE_UNLISTED},
    {.least = TLS10,
     .most = TLS12,
     .chosen = TLS12,
     .asks = true,
     .leaf = SHAKE_COPIED,
     .err = ERR_PROOF_WRONG},
    {.least = TLS12,
     .most = TLS12,
     .chosen = TLS12,
     .asks = true,
     .leaf = SHAKE_UNPROVEN,
     .err = ERR_PROOF_MISSING},
    {.least = TLS12,
     .most = TLS12,
     .chosen = TLS12,
     .leaf = SHAKE_LISTED,
     .err = ERR_CERTIFICATE_UNASKED},
    {.least = TLS12, .most = TLS13, .chosen = TLS13, .name = SHAKE_OTHER, .err = ERR_SNI_OTHER},
    {.least = TLS12,
     .most = TLS13,
     .chosen = TLS13,
     .name = SHAKE_NAMELESS,
     .err = ERR_SNI_MISSING,
     .strict = ERR_TLS13_REFUSED},
    {.least = TLS10, .most = TLS11, .chosen = TLS11, .err = ERR_TLS_OLD},
    {.least = TLS10, .most = TLS12, .chosen = TLS11, .err = ERR_TLS_OLD},
    {.least = TLS12, .most = TLS12, .chosen = TLS13, .err = ERR_TLS_VERSION},
    {.least = TLS12, .most = TLS13, .chosen = TLS13, .broken = true, .err = ERR_TLS_DECODE},
    {.least = TLS12, .most = TLS12, .chosen = TLS12, .disorder = true, .err = ERR_TLS_ORDER},
    {TEXT("GET / HTTP/1.1\r\n\r\n"), .err = ERR_TLS_PLAIN},
    {TEXT("SSH-2.0-OpenSSH_9.2\r\n"), .err = ERR_TLS_PLAIN},
    {TEXT("\x80\x2e\x01\x03\x01"), .err = ERR_TLS_SSL2},
    {TEXT("\x16\x03\x01\x48\x01"), .err = ERR_TLS_RECORD},
    {TEXT("\x16\x03\x01\x40\x00\x01\xff\xff\xff"), .err = ERR_TLS_LONG},
    {.least = TLS12, .most = TLS12, .chosen = TLS12, .end = SHAKE_CLIENT_ALERT},
    {.least = TLS12, .most = TLS12, .chosen = TLS12, .end = SHAKE_SERVER_ALERT},
    {.least = TLS12, .most = TLS13, .chosen = TLS13, .end = SHAKE_CLIENT_LEAVES},
    {.least = TLS12, .most = TLS13, .chosen = TLS13, .end = SHAKE_SERVER_LEAVES},
    {.least = TLS12, .most = TLS12, .chosen = TLS12, .end = SHAKE_SILENT, .err = ERR_TLS_SILENT},
};

static EVP_PKEY *key;
static uint8_t public_key[KEY];

uint32_t city_shakes(void)
{
    return sizeof shakes / sizeof shakes[0];
}

const struct city_shake *city_shake(uint32_t number)
{
    CHECK(number < city_shakes());
    return &shakes[number];
}

void city_tls_begin(void)
{
    uint8_t secret[KEY];
    size_t len = sizeof public_key;
    memset(secret, 7, sizeof secret);
    key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, sizeof secret);
    CHECK(key && EVP_PKEY_get_raw_public_key(key, public_key, &len) == 1 && len == KEY);
}

void city_tls_end(void)
{
    EVP_PKEY_free(key);
}

/* ---- messages ---- */

struct message {
    uint8_t bytes[1024];
    uint32_t len;
};

static void put(struct message *message, const void *bytes, size_t len)
{
    CHECK(len <= sizeof message->bytes - message->len);
    memcpy(message->bytes + message->len, bytes, len);
    message->len += (uint32_t)len;
}

static void put_number(struct message *message, size_t width, uint32_t number)
{
    for (size_t i = width; i > 0; i--) {
        uint8_t byte = (uint8_t)(number >> 8 * (i - 1));
        put(message, &byte, 1);
    }
}

static void put_filler(struct message *message, size_t len, uint8_t byte)
{
    while (len-- > 0) {
        put(message, &byte, 1);
    }
}

/* What follows up to shut() stands behind its length in so many bytes. */
static uint32_t open_scope(struct message *message, size_t width)
{
    put_filler(message, width, 0);
    return message->len;
}

static void shut_scope(struct message *message, size_t width, uint32_t start)
{
    uint32_t len = message->len - start;
    for (size_t i = 1; i <= width; i++) {
        message->bytes[start - i] = (uint8_t)(len >> 8 * (i - 1));
    }
}

static uint32_t open_message(struct message *message, uint8_t type)
{
    message->len = 0;
    put(message, &type, 1);
    return open_scope(message, 3);
}

/* ---- records ---- */

static void side_put(struct city_side *side, const void *bytes, size_t len)
{
    CHECK(len <= SIDE_BYTES - side->len);
    memcpy(side->bytes + side->len, bytes, len);
    side->len += (uint32_t)len;
}

static void side_record(struct city_side *side, uint8_t type, const void *bytes, size_t len)
{
    const uint8_t header[] = {type, 3, 3, (uint8_t)(len >> 8), (uint8_t)len};
    side_put(side, header, sizeof header);
    side_put(side, bytes, len);
}

/* A message in records of its own; is_signed: CertificateVerify is over it. Where it begins. */
static uint32_t side_message(struct city_side *side, const struct message *message, bool is_signed)
{
    uint32_t start = side->len, at = 0;
    while (at < message->len) {
        uint32_t left = message->len - at, most = side->cut > 0 ? side->cut : left;
        most = side->len == 0 && side->cut > 0 ? side->first : most;
        most = left < most ? left : most;
        side_record(side, HANDSHAKE, message->bytes + at, most);
        at += most;
    }
    if (is_signed) {
        CHECK(message->len <= SIDE_MESSAGES - side->messages_len);
        memcpy(side->messages + side->messages_len, message->bytes, message->len);
        side->messages_len += message->len;
    }
    return start;
}

static void side_gate(struct city_side *side, uint32_t after)
{
    CHECK(side->gate_count < SIDE_GATES);
    side->gates[side->gate_count].at = side->len;
    side->gates[side->gate_count++].after = after;
}

static void side_hold(struct city_side *side, uint32_t from, uint32_t to)
{
    CHECK(side->hold_count < SIDE_HOLDS);
    side->holds[side->hold_count].from = from;
    side->holds[side->hold_count++].to = to;
}

static void side_begin(struct city_side *side)
{
    uint16_t cut = side->cut, first = side->first;
    memset(side, 0, offsetof(struct city_side, bytes));
    side->cut = cut;
    side->first = first;
    side->built = true;
}

static void side_change(struct city_side *side)
{
    side_record(side, CHANGE, "\x01", 1);
    side_record(side, HANDSHAKE, "sealed: Finished", 16);
}

static void side_alert(struct city_side *side)
{
    side_record(side, ALERT, "\x02\x47", 2); /* fatal, insufficient_security: the gateway says no
                                                such thing */
    side->complete = true;
}

/* ---- the client's hello ---- */

static void put_sni(struct message *hello, struct span host)
{
    put_number(hello, 2, 0);
    uint32_t data = open_scope(hello, 2), list = open_scope(hello, 2);
    put_number(hello, 1, 0);
    put_number(hello, 2, (uint32_t)host.len);
    put(hello, host.at, host.len);
    shut_scope(hello, 2, list);
    shut_scope(hello, 2, data);
}

static void put_versions(struct message *hello, const struct city_shake *shake)
{
    put_number(hello, 2, 43);
    uint32_t data = open_scope(hello, 2), list = open_scope(hello, 1);
    for (uint16_t version = shake->most; version >= shake->least; version--) {
        put_number(hello, 2, version);
    }
    shut_scope(hello, 1, list);
    shut_scope(hello, 2, data);
}

static void put_extension(struct message *hello, uint16_t number, size_t len)
{
    put_number(hello, 2, number);
    put_number(hello, 2, (uint32_t)len);
    put_filler(hello, len, 0x55);
}

static bool names_host(const struct city_shake *shake, struct span host)
{
    bool literal = span_is_digit(host.at[0]);
    return shake->name == SHAKE_OTHER || (shake->name == SHAKE_HOST && !literal);
}

static void put_extensions(struct message *hello, const struct city_shake *shake, struct span host,
                           bool again)
{
    uint32_t all = open_scope(hello, 2);
    if (names_host(shake, host)) {
        put_sni(hello, shake->name == SHAKE_HOST ? host : span_str("other.test"));
    }
    if (shake->most == TLS13) {
        put_versions(hello, shake);
    }
    put_extension(hello, 35, shake->by_ticket ? 100 : 0);
    if (shake->early && !again) {
        put_extension(hello, 42, 0);
    }
    put_number(hello, 2, 0x1234);
    put_number(hello, 2, shake->broken ? 5000 : 0); /* what runs out of its place, or a pad */
    shut_scope(hello, 2, all);
}

static void fill_hello(struct message *hello, const struct city_shake *shake, struct span host,
                       bool again)
{
    bool id = shake->by_id || shake->by_ticket || shake->most == TLS13;
    uint32_t body = open_message(hello, 1);
    put_number(hello, 2, shake->most > TLS12 ? TLS12 : shake->most);
    put_filler(hello, 32, 0x77);
    put_number(hello, 1, id ? 32 : 0);
    put_filler(hello, id ? 32 : 0, 0x66);
    put(hello, "\x00\x02\x13\x01\x01\x00", 6); /* one cipher, one compression */
    put_extensions(hello, shake, host, again);
    shut_scope(hello, 3, body);
}

/* The pad, the last extension, makes the length what it has to be. */
static void pad_hello(struct message *hello, uint8_t code)
{
    uint32_t pad = (code - hello->len) & 0xFF, extensions = hello->len - 4;
    uint32_t all = 4 + 2 + 32 + 1 + hello->bytes[4 + 2 + 32] + 6;
    put_filler(hello, pad, 0);
    hello->bytes[extensions + 2] = (uint8_t)(pad >> 8);
    hello->bytes[extensions + 3] = (uint8_t)pad;
    shut_scope(hello, 2, all + 2);
    shut_scope(hello, 3, 4);
}

/* ChangeCipherSpec; all of it stays with the gateway until the server has chosen TLS 1.3. */
static const uint8_t stray[] = {CHANGE, 3, 3, 0, 1, 1};
enum { STRAY = 3 };

void city_tls_hello(struct city_side *side, const struct city_shake *shake, struct span host,
                    uint8_t code)
{
    struct message hello;
    side_begin(side);
    if (shake->text) {
        side_put(side, shake->text, shake->text_len);
        side_hold(side, 0, UINT32_MAX);
        side->complete = true;
        return;
    }
    fill_hello(&hello, shake, host, false);
    if (side->cut == 0 && !shake->broken) {
        pad_hello(&hello, code);
    }
    (void)side_message(side, &hello, true);
    enum err err = shake->err;
    bool at_hello = err == ERR_SNI_OTHER || err == ERR_SNI_MISSING || err == ERR_TLS_DECODE ||
                    (err == ERR_TLS_OLD && shake->most < TLS12);
    bool nameless = err == ERR_SNI_MISSING && span_is_digit(host.at[0]);
    side_hold(side, 0, at_hello && !nameless ? UINT32_MAX : side->len);
    if (shake->early) {
        side_record(side, DATA, "early data", 10);
    }
    if (shake->stray) {
        side_put(side, stray, STRAY);
    }
    if (shake->disorder) {
        side_hold(side, side->len, UINT32_MAX);
        side_record(side, DATA, "disorder", 8);
    }
    if (shake->end == SHAKE_CLIENT_ALERT) {
        side_alert(side);
    }
    side->complete = side->complete || shake->disorder || shake->end == SHAKE_CLIENT_LEAVES;
}

/* ---- the server ---- */

static const uint8_t retry_random[32] = {
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};

static void fill_server_hello(struct message *hello, const struct city_shake *shake, bool retry)
{
    uint32_t body = open_message(hello, 2);
    put_number(hello, 2, shake->chosen > TLS12 ? TLS12 : shake->chosen);
    if (retry) {
        put(hello, retry_random, sizeof retry_random);
    } else {
        put_filler(hello, 32, 0x78);
    }
    put_number(hello, 1, 32);
    put_filler(hello, 32, 0x66);
    put(hello, "\x13\x01\x00", 3);
    uint32_t all = open_scope(hello, 2);
    if (shake->chosen == TLS13) {
        put_number(hello, 2, 43);
        put_number(hello, 2, 2);
        put_number(hello, 2, TLS13);
    }
    shut_scope(hello, 2, all);
    shut_scope(hello, 3, body);
}

static void serve_message(struct city_side *side, uint8_t type, size_t len, bool is_signed)
{
    struct message message;
    uint32_t body = open_message(&message, type);
    put_filler(&message, len, 0x44);
    shut_scope(&message, 3, body);
    (void)side_message(side, &message, is_signed);
}

static void serve_ticket(struct city_side *side)
{
    struct message message;
    uint32_t body = open_message(&message, 4);
    put_number(&message, 4, 7200);
    put_number(&message, 2, 120);
    put_filler(&message, 120, 0x33);
    shut_scope(&message, 3, body);
    (void)side_message(side, &message, false);
}

static bool is_resumed(const struct city_shake *shake)
{
    return shake->by_id || shake->by_ticket;
}

static void serve_12(struct city_side *side, const struct city_shake *shake)
{
    if (is_resumed(shake)) {
        if (shake->by_ticket) {
            serve_ticket(side);
        }
        uint32_t start = side->len;
        side_change(side);
        side_hold(side, start, start + 6);
        return;
    }
    serve_message(side, 11, 300, true);
    if (shake->asks) {
        serve_message(side, 13, 20, true);
    }
    serve_message(side, 14, 0, true);
}

void city_tls_serve(struct city_side *side, const struct city_side *client,
                    const struct city_shake *shake)
{
    struct message hello;
    side_begin(side);
    side_gate(side, client->len - (shake->stray ? STRAY : 0));
    if (shake->end == SHAKE_SERVER_ALERT) {
        side_alert(side);
        return;
    }
    if (shake->end != SHAKE_WHOLE) { /* it has nothing to say to that */
        side->complete = shake->end == SHAKE_SERVER_LEAVES;
        return;
    }
    fill_server_hello(&hello, shake, shake->retries);
    (void)side_message(side, &hello, true);
    bool refused = shake->err == ERR_TLS_VERSION || shake->err == ERR_TLS_OLD;
    side_hold(side, 0, refused ? UINT32_MAX : side->len);
    if (shake->chosen == TLS13 && !shake->retries) {
        uint8_t sealed[1500] = {0};
        side_record(side, DATA, sealed, shake->stray ? sizeof sealed : 20);
        side->complete = true;
    } else if (shake->chosen < TLS13) {
        serve_12(side, shake);
    }
}

void city_tls_banner(struct city_side *side)
{
    side_begin(side);
    side_put(side, "220 ready\r\n", 11);
    side->complete = true;
}

/* ---- the rest of it ---- */

/* Once it is known how long the client's part is. */
static void serve_more(struct city_side *side, const struct city_side *client,
                       const struct city_shake *shake)
{
    struct message hello;
    side_gate(side, client->len);
    if (shake->retries) {
        uint32_t start = side->len;
        fill_server_hello(&hello, shake, false);
        (void)side_message(side, &hello, false);
        side_hold(side, start, side->len);
        side_record(side, DATA, "sealed: all the rest", 20);
    } else if (!is_resumed(shake)) {
        serve_ticket(side);
        side_change(side);
    }
    side->complete = true;
}

static void put_der(struct message *to, uint8_t tag, const void *bytes, size_t len)
{
    put(to, &tag, 1);
    if (len >= 0x80) {
        put(to, "\x81", 1);
    }
    put_number(to, 1, (uint32_t)len);
    put(to, bytes, len);
}

static void put_der_all(struct message *to, uint8_t tag, const struct message *inside)
{
    put_der(to, tag, inside->bytes, inside->len);
}

static void fill_name(struct message *name, const char *cn)
{
    struct message pair = {.len = 0}, sequence = {.len = 0}, set = {.len = 0};
    put(&pair, "\x06\x03\x55\x04\x03", 5);
    put_der(&pair, 0x0C, cn, strlen(cn));
    put_der_all(&sequence, 0x30, &pair);
    put_der_all(&set, 0x31, &sequence);
    name->len = 0;
    put_der_all(name, 0x30, &set);
}

static void fill_leaf(struct message *leaf, const char *cn)
{
    static const char spki[] = "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
    struct message name, body = {.len = 0}, all = {.len = 0};
    fill_name(&name, cn);
    put(&body, "\x02\x01\x05\x30\x00\x30\x00\x30\x00", 9); /* number, algorithm, issuer, validity */
    put(&body, name.bytes, name.len);
    put(&body, spki, sizeof spki - 1);
    put(&body, public_key, KEY);
    put_der_all(&all, 0x30, &body);
    put(&all, "\x30\x00\x03\x01\x00", 5); /* algorithm, signature */
    leaf->len = 0;
    put_der_all(leaf, 0x30, &all);
}

static void answer_certificate(struct city_side *side, const struct city_shake *shake)
{
    struct message message, leaf;
    uint32_t body = open_message(&message, 11), list = open_scope(&message, 3);
    if (shake->leaf != SHAKE_NO_LEAF) {
        uint32_t one = open_scope(&message, 3);
        fill_leaf(&leaf, shake->leaf == SHAKE_UNLISTED ? "unlisted" : "listed");
        put(&message, leaf.bytes, leaf.len);
        shut_scope(&message, 3, one);
    }
    shut_scope(&message, 3, list);
    shut_scope(&message, 3, body);
    bool refused = shake->err == ERR_CERTIFICATE_UNLISTED || shake->err == ERR_CERTIFICATE_UNASKED;
    uint32_t start = side_message(side, &message, true);
    side_hold(side, start, refused ? UINT32_MAX : side->len);
}

/* EdDSA over everything said so far. */
static void answer_proof(struct city_side *side, const struct city_side *server, uint32_t hello_len,
                         const struct city_shake *shake)
{
    uint8_t all[2 * SIDE_MESSAGES], signature[SIGNATURE];
    uint32_t rest = side->messages_len - hello_len, server_len = server->messages_len;
    size_t len = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    struct message message;
    memcpy(all, side->messages, hello_len);
    memcpy(all + hello_len, server->messages, server_len);
    memcpy(all + hello_len + server_len, side->messages + hello_len, rest);
    CHECK(context && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
          EVP_DigestSign(context, signature, &len, all, hello_len + server_len + rest) == 1);
    EVP_MD_CTX_free(context);
    signature[0] ^= shake->leaf == SHAKE_COPIED ? 1 : 0;
    uint32_t body = open_message(&message, 15);
    put_number(&message, 2, 0x0807);
    put_number(&message, 2, SIGNATURE);
    put(&message, signature, sizeof signature);
    shut_scope(&message, 3, body);
    uint32_t start = side_message(side, &message, false);
    side_hold(side, start, shake->leaf == SHAKE_COPIED ? UINT32_MAX : side->len);
}

static void answer_12(struct city_side *client, const struct city_side *server,
                      const struct city_shake *shake)
{
    uint32_t hello_len = client->messages_len;
    if (shake->asks || shake->leaf != SHAKE_NO_LEAF) {
        answer_certificate(client, shake);
    }
    serve_message(client, 16, 33, true);
    if (shake->leaf != SHAKE_NO_LEAF && shake->leaf != SHAKE_UNPROVEN) {
        answer_proof(client, server, hello_len, shake);
    }
    if (shake->leaf == SHAKE_UNPROVEN) {
        side_hold(client, client->len, UINT32_MAX);
    }
    side_change(client);
}

void city_tls_answer(struct city_side *client, struct city_side *server,
                     const struct city_shake *shake, struct span host)
{
    struct message hello;
    side_gate(client, server->len);
    if (shake->retries) {
        uint32_t start = client->len;
        fill_hello(&hello, shake, host, true);
        (void)side_message(client, &hello, false);
        side_hold(client, start, client->len);
    } else if (shake->stray) {
        side_put(client, stray + STRAY, sizeof stray - STRAY);
        side_record(client, DATA, "sealed: Finished", 16);
    } else if (shake->chosen == TLS13 || is_resumed(shake)) {
        side_change(client);
    } else {
        answer_12(client, server, shake);
    }
    if (!server->complete) {
        serve_more(server, client, shake);
        side_gate(client, server->len);
    }
    client->complete = true;
}

uint32_t city_side_total(const struct city_side *side, uint32_t own)
{
    return side->len + (side->complete ? own : 0);
}

uint32_t city_side_limit(const struct city_side *side, uint32_t own, uint32_t heard)
{
    for (uint32_t i = 0; i < side->gate_count; i++) {
        if (heard < side->gates[i].after) {
            return side->gates[i].at;
        }
    }
    return city_side_total(side, own);
}

bool city_side_is_over(const struct city_side *side, uint32_t own, uint32_t heard, uint32_t said)
{
    bool waits = false;
    for (uint32_t i = 0; i < side->gate_count; i++) {
        waits = waits || heard < side->gates[i].after;
    }
    return side->complete && !waits && said == city_side_total(side, own);
}

void city_side_check(const struct city_side *side, uint32_t heard, uint32_t said)
{
    for (uint32_t i = 0; i < side->hold_count; i++) {
        CHECK(heard <= side->holds[i].from || said >= side->holds[i].to);
    }
}
