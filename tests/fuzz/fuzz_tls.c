/*
 * Fuzz target: the inspector. The input's first three bytes say which question is refused, whether
 * a transcript is kept, and how the bytes are split; then follow chunks, each behind two bytes: the
 * side (highest bit) and the length. The same chunks are fed whole, in pieces by chance, and byte
 * by byte: judge, error, state and what went on must be the same, nothing may go before the first
 * question was answered, and every block must come back.
 */
#include "fuzz.h"

#include "tls/alert.h"
#include "tls/inspect.h"

#include <string.h>

enum { BLOCKS = 256, HEAD = 3, SENT_MAX = 1 << 16, FNV_PRIME = 0x01000193 };

static struct chain_block items[BLOCKS];
static struct pool_slot slots[BLOCKS];
static uint8_t scratch[TLS_HELD_MAX];

/* One way to feed the input. */
struct run {
    struct tls_inspect tls;
    struct tls_shop shop;
    struct pool pool;
    uint8_t fed[2][SENT_MAX];
    size_t fed_len[2], sent_len[2];
    unsigned asked, refuse;
    uint32_t seed, questions; /* a number made of all questions */
    enum tls_state state;
    enum err err;
};

static struct run runs[3];

static void note(struct run *run, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++) {
        run->questions = (run->questions ^ (uint8_t)(value >> 8 * i)) * FNV_PRIME;
    }
}

/* All bytes of what is shown are read, so that a sanitizer sees where they lie. */
static void note_span(struct run *run, struct span bytes)
{
    note(run, bytes.len);
    for (size_t i = 0; i < bytes.len; i++) {
        run->questions = (run->questions ^ bytes.at[i]) * FNV_PRIME;
    }
}

static enum err judge(void *tunnel, enum tls_point point, const struct tls_facts *facts,
                      const struct tls_bytes *bytes)
{
    struct run *run = tunnel;
    const struct chain_block *block = NULL;
    struct span piece;
    const struct span shown[] = {bytes->sni,  bytes->alpn,    bytes->session_id, bytes->ticket,
                                 bytes->leaf, bytes->subject, bytes->key,        bytes->signature};
    note(run, point);
    note(run, (uint64_t)facts->offered_least << 32 | facts->offered_most);
    note(run, (uint64_t)facts->chosen << 32 | facts->certificate);
    note(run, (uint64_t)facts->has_sni << 3 | (uint64_t)facts->has_ech << 2 |
                  (uint64_t)facts->asked << 1 | facts->resumed);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        note_span(run, shown[i]);
    }
    while (bytes->transcript && chain_next(bytes->transcript, &block, &piece)) {
        for (size_t i = 0; i < piece.len; i++) {
            run->questions = (run->questions ^ piece.at[i]) * FNV_PRIME;
        }
    }
    CHECK(facts->has_sni == (bytes->sni.len > 0) || point != TLS_AT_HELLO);
    CHECK(facts->offered_least <= facts->offered_most);
    CHECK(run->asked > 0 || (point == TLS_AT_HELLO && run->sent_len[TLS_CLIENT] == 0));
    run->asked++;
    return run->asked == run->refuse ? ERR_SNI_OTHER : ERR_OK;
}

static void drain(struct run *run, enum tls_side side)
{
    struct span piece;
    while (tls_take(&run->tls, side, &piece)) {
        CHECK(run->state != TLS_REFUSED && run->asked > 0);
        CHECK(piece.len > 0 && piece.len <= run->fed_len[side] - run->sent_len[side]);
        CHECK(memcmp(piece.at, run->fed[side] + run->sent_len[side], piece.len) == 0);
        run->sent_len[side] += piece.len;
    }
}

static void feed(struct run *run, enum tls_side side, struct span bytes)
{
    memcpy(run->fed[side] + run->fed_len[side], bytes.at, bytes.len);
    run->fed_len[side] += bytes.len;
    run->err = tls_feed(&run->tls, side, bytes, &run->state);
    CHECK((run->err != ERR_OK) == (run->state == TLS_REFUSED));
    drain(run, side);
    if (run->state == TLS_PASSED) {
        drain(run, side == TLS_CLIENT ? TLS_SERVER : TLS_CLIENT);
        CHECK(pool_is_full(&run->pool));
        CHECK(run->sent_len[0] == run->fed_len[0] && run->sent_len[1] == run->fed_len[1]);
    }
}

/* Length of the next piece of so many bytes: `way` 0 all, 1 by chance, 2 one. */
static size_t next_piece(struct run *run, unsigned way, size_t left)
{
    if (way == 0) {
        return left;
    }
    run->seed = run->seed * 1664525 + 1013904223;
    size_t most = way == 2 ? 1 : 1 + (run->seed >> 16) % (run->seed >> 8 & 1 ? 9 : 700);
    return most < left ? most : left;
}

static void play(struct run *run, unsigned way, struct span input)
{
    while (input.len > 2 && (run->state == TLS_WATCHING || run->state == TLS_PASSED)) {
        enum tls_side side = input.at[0] >> 7 ? TLS_SERVER : TLS_CLIENT;
        size_t len = (size_t)(input.at[0] & 0x7F) << 8 | input.at[1];
        input = span_after(input, 2);
        struct span chunk = span_first(input, len < input.len ? len : input.len);
        input = span_after(input, chunk.len);
        while (chunk.len > 0 && (run->state == TLS_WATCHING || run->state == TLS_PASSED)) {
            size_t count = next_piece(run, way, chunk.len);
            feed(run, side, span_first(chunk, count));
            chunk = span_after(chunk, count);
        }
    }
}

static void begin(struct run *run, const uint8_t *head)
{
    const struct pool_memory memory = {items, slots, sizeof items[0], BLOCKS, BLOCKS, false, NULL};
    *run = (struct run){.refuse = head[0] % 16, .seed = head[2]};
    pool_init(&run->pool, &memory);
    run->shop = (struct tls_shop){&run->pool, scratch, judge, head[1] % 2 == 1};
    const struct tls_ask ask = {&run->shop, run, NULL};
    tls_begin(&run->tls, &ask);
}

static void compare(const struct run *whole, const struct run *other)
{
    CHECK(other->err == whole->err && other->state == whole->state);
    CHECK(other->asked == whole->asked && other->questions == whole->questions);
    for (unsigned side = 0; side < 2; side++) {
        CHECK(other->sent_len[side] >= whole->sent_len[side]);
        CHECK(whole->err != ERR_OK || other->sent_len[side] == whole->sent_len[side]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t record[ALERT_SIZE];
    if (size < HEAD || size > SENT_MAX) {
        return 0;
    }
    for (unsigned way = 0; way < 3; way++) {
        begin(&runs[way], data);
        play(&runs[way], way, span_of(data + HEAD, size - HEAD));
        alert_put(runs[way].err, tls_version_seen(&runs[way].tls), record);
        tls_end(&runs[way].tls);
        CHECK(pool_is_full(&runs[way].pool));
        compare(&runs[0], &runs[way]);
    }
    return 0;
}
