/*
 * The inspector for a test in another language: reads talks from standard input, a line for each
 * chunk (`>` from the client, `<` from the server, then hexadecimal), a dot behind each talk.
 * Writes a line for each question to the judge, who allows everything, and how the talk ended. With
 * a number as argument chunks are fed in pieces of so many bytes; with 1 there is a line for each
 * handshake message, too, as it begins.
 */
#include "base/pool.h"
#include "tls/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 64, LINE_MAX = 1 << 18 };

static struct chain_block items[BLOCKS];
static struct pool_slot slots[BLOCKS];
static struct pool pool;
static uint8_t scratch[TLS_HELD_MAX];
static char line[LINE_MAX];
static uint8_t chunk[LINE_MAX / 2];

static void print_hex(const char *name, struct span bytes)
{
    (void)printf(" %s=", name);
    for (size_t i = 0; i < bytes.len; i++) {
        (void)printf("%02x", bytes.at[i]);
    }
}

static void print_hello(const struct tls_facts *facts, const struct tls_bytes *bytes)
{
    (void)printf("hello %04x %04x name=%.*s", facts->offered_least, facts->offered_most,
                 (int)bytes->sni.len, (const char *)bytes->sni.at);
    print_hex("alpn", bytes->alpn);
    (void)printf(" ech=%d psk=%d early=%d", facts->has_ech, facts->has_psk, facts->has_early_data);
    print_hex("id", bytes->session_id);
    print_hex("ticket", bytes->ticket);
}

static void print_proof(const struct tls_bytes *bytes)
{
    const struct chain_block *block = NULL;
    struct span piece;
    (void)printf("proof scheme=%04x", bytes->scheme);
    print_hex("signature", bytes->signature);
    (void)printf(" transcript=");
    while (chain_next(bytes->transcript, &block, &piece)) {
        for (size_t i = 0; i < piece.len; i++) {
            (void)printf("%02x", piece.at[i]);
        }
    }
}

static enum err judge(void *tunnel, enum tls_point point, const struct tls_facts *facts,
                      const struct tls_bytes *bytes)
{
    (void)tunnel;
    switch (point) {
    case TLS_AT_HELLO:
        print_hello(facts, bytes);
        break;
    case TLS_AT_CHOSEN:
        (void)printf("chosen %04x", facts->chosen);
        print_hex("id", bytes->session_id);
        break;
    case TLS_AT_RESUMED:
        (void)printf("resumed");
        break;
    case TLS_AT_CERTIFICATE:
        (void)printf("certificate asked=%d", facts->asked);
        print_hex("leaf", bytes->leaf);
        print_hex("subject", bytes->subject);
        print_hex("key", bytes->key);
        break;
    case TLS_AT_PROOF:
        print_proof(bytes);
        break;
    case TLS_AT_TICKET:
        (void)printf("ticket");
        print_hex("bytes", bytes->ticket);
        break;
    }
    (void)printf("\n");
    return ERR_OK;
}

static size_t read_chunk(const char *text)
{
    size_t len = 0;
    uint8_t high, low;
    while (span_hex_digit((uint8_t)text[2 * len], &high) &&
           span_hex_digit((uint8_t)text[2 * len + 1], &low)) {
        chunk[len++] = (uint8_t)(high << 4 | low);
    }
    return len;
}

static enum err feed(struct tls_inspect *tls, enum tls_side side, struct span bytes, size_t most,
                     enum tls_state *state)
{
    while (bytes.len > 0 && (*state == TLS_WATCHING || *state == TLS_PASSED)) {
        struct span piece, part = span_first(bytes, bytes.len < most ? bytes.len : most);
        bytes = span_after(bytes, part.len);
        bool in_header = tls->half[side].at == MESSAGE_HEADER - 1;
        enum err err = tls_feed(tls, side, part, state);
        if (most == 1 && in_header && tls->half[side].at != MESSAGE_HEADER - 1) {
            (void)printf("message %c %02x\n", side == TLS_CLIENT ? '>' : '<',
                         tls->half[side].header[0]);
        }
        TRY(err);
        while (tls_take(tls, TLS_CLIENT, &piece) || tls_take(tls, TLS_SERVER, &piece)) {
        }
    }
    return ERR_OK;
}

/* One talk; false: there was none. */
static bool run(size_t most)
{
    static const char *const states[] = {"WATCHING", "PASSED", "ENDED", "REFUSED"};
    const struct tls_shop shop = {&pool, scratch, judge, true};
    const struct tls_ask ask = {&shop, NULL, NULL};
    struct tls_inspect tls;
    enum tls_state state = TLS_WATCHING;
    enum err err = ERR_OK;
    tls_begin(&tls, &ask);
    while (fgets(line, sizeof line, stdin)) {
        if (line[0] == '.') {
            (void)printf("end %s\n", err == ERR_OK ? states[state] : err_name(err));
            tls_end(&tls);
            CHECK(pool_is_full(&pool));
            return true;
        }
        size_t len = read_chunk(line + 2);
        if (err == ERR_OK) {
            err = feed(&tls, line[0] == '>' ? TLS_CLIENT : TLS_SERVER, span_of(chunk, len), most,
                       &state);
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    const struct pool_memory memory = {items, slots, sizeof items[0], BLOCKS, BLOCKS, true, NULL};
    uint64_t most = SIZE_MAX;
    if (argc > 1 && span_number(span_str(argv[1]), 1, LINE_MAX, &most) != ERR_OK) {
        return EXIT_FAILURE;
    }
    pool_init(&pool, &memory);
    while (run((size_t)most)) {
    }
    return EXIT_SUCCESS;
}
