/*
 * Holding and freeing. While a feed lasts the held bytes are: the chain without its first
 * chain_free bytes, then fed[freed..at], then what is not read yet.
 */
#include "tls/hold.h"

#include "tls/record.h"

#include <string.h>

void hold_feed(struct hold *hold, struct span bytes)
{
    CHECK(hold->chain_free == 0 && hold->given == 0 && hold->fed.len == 0);
    CHECK(!hold->open || hold->chain.len == 0);
    CHECK(bytes.len <= UINT32_MAX / 2);
    hold->fed = bytes;
    hold->at = 0;
    hold->freed = 0;
}

struct span hold_read(struct hold *hold, size_t most)
{
    size_t left = hold->fed.len - hold->at;
    size_t count = left < most ? left : most;
    struct span part = span_first(span_after(hold->fed, hold->at), count);
    hold->at += (uint32_t)count;
    return part;
}

bool hold_has_more(const struct hold *hold)
{
    return hold->at < hold->fed.len;
}

void hold_free(struct hold *hold, uint16_t inside)
{
    hold->chain_free = hold->chain.len;
    hold->freed = hold->at;
    hold->inside = inside;
}

void hold_free_all(struct hold *hold)
{
    hold->at = (uint32_t)hold->fed.len;
    hold->freed = hold->at;
    hold->open = true;
}

size_t hold_len(const struct hold *hold)
{
    return (size_t)(hold->chain.len - hold->chain_free) + (hold->at - hold->freed);
}

/* Whether the message lies in what was fed, in one record. */
static bool hold_is_whole(const struct hold *hold, size_t count, struct span *message)
{
    struct span raw = span_first(hold->fed, hold->at);
    raw = span_after(raw, hold->freed);
    size_t inside = hold->inside;
    if (inside == 0 && raw.len >= RECORD_HEADER) {
        inside = (size_t)raw.at[3] << 8 | raw.at[4];
        raw = span_after(raw, RECORD_HEADER);
    }
    if (hold->chain.len > hold->chain_free || inside < count || raw.len < count) {
        return false;
    }
    *message = span_first(raw, count);
    return true;
}

struct span hold_message(const struct hold *hold, size_t count, uint8_t *scratch)
{
    struct span piece, message;
    if (hold_is_whole(hold, count, &message)) {
        return message;
    }
    struct tls_record_strip strip = {{.left = hold->inside}, scratch, count};
    const struct chain_block *block = NULL;
    CHECK(hold->chain_free == 0 || hold->chain_free == hold->chain.len);
    while (hold->chain_free == 0 && chain_next(&hold->chain, &block, &piece)) {
        tls_record_strip(&strip, piece);
    }
    tls_record_strip(&strip, span_after(span_first(hold->fed, hold->at), hold->freed));
    CHECK(strip.wanted == 0);
    return span_of(scratch, count);
}

void hold_cut(struct hold *hold)
{
    hold->fed = span_first(hold->fed, hold->freed);
    hold->at = hold->freed;
}

enum err hold_settle(struct hold *hold, const struct chain_source *source)
{
    struct span rest = span_after(hold->fed, hold->freed);
    hold_cut(hold);
    return chain_put(&hold->chain, source, rest);
}

static bool hold_take_chain(struct hold *hold, struct span *piece)
{
    const struct chain_block *block = NULL;
    if (hold->chain_free == 0 || !chain_next(&hold->chain, &block, piece)) {
        return false;
    }
    size_t count = piece->len < hold->chain_free ? piece->len : hold->chain_free;
    *piece = span_first(*piece, count);
    hold->given = (uint16_t)count;
    return true;
}

bool hold_take(struct hold *hold, const struct chain_source *source, struct span *piece)
{
    chain_drop(&hold->chain, source, hold->given);
    hold->chain_free -= hold->given;
    hold->given = 0;
    if (hold_take_chain(hold, piece)) {
        return true;
    }
    *piece = hold->fed;
    hold->fed = span_of(NULL, 0);
    hold->at = 0;
    hold->freed = 0;
    hold->chain_free = hold->open ? hold->chain.len : 0;
    return piece->len > 0 || hold_take_chain(hold, piece);
}

void hold_clear(struct hold *hold, const struct chain_source *source)
{
    chain_clear(&hold->chain, source);
    *hold = (struct hold){.inside = 0};
}
