/*
 * What is held of one direction. Bytes are fed, read one after the other, and freed up to where
 * the reading stands. What has been read or not, but is not freed, waits: in the place it was fed
 * from while that call lasts, in a chain of blocks afterwards. Freed bytes come out in order.
 *
 * The held bytes are raw: record headers are among them. They begin at a record's header or, with
 * `inside` bytes of that record still to come, within one; so the handshake message that they begin
 * with can be put together again without its record headers.
 */
#ifndef TLS_HOLD_H
#define TLS_HOLD_H

#include "tls/chain.h"

/* Zero: nothing was fed yet. */
struct hold {
    struct chain chain;
    struct span fed; /* bytes of the feed that lasts, or freed ones of it until they are taken */
    uint32_t at;     /* how many of `fed` were read */
    uint32_t freed;  /* how many of `fed` may go */
    uint32_t chain_free; /* how many of the chain may go, before those of `fed` */
    uint16_t inside;
    uint16_t given; /* of the chain, with the last piece */
    bool open;      /* nothing is held any more, the chain's end included */
};

/* All pieces that were freed by the feed before have been taken. */
void hold_feed(struct hold *hold, struct span bytes);
/* Reads on: at most `most` bytes, fewer when the feed ends before. */
struct span hold_read(struct hold *hold, size_t most);
bool hold_has_more(const struct hold *hold);

/* Everything read so far may go; of the record under way `inside` bytes are still to be read. */
void hold_free(struct hold *hold, uint16_t inside);
/* Everything may go, read or not, and nothing more will be held. */
void hold_free_all(struct hold *hold);
size_t hold_len(const struct hold *hold); /* read and not freed */

/*
 * The first `count` bytes of the handshake message that the held bytes begin with, all of them read
 * before: where they lie, if they lie in one piece, or copied to `scratch`.
 */
struct span hold_message(const struct hold *hold, size_t count, uint8_t *scratch);

/* Ends the feed: what is not freed moves into the chain. ERR_EXHAUSTED. */
MUST_CHECK enum err hold_settle(struct hold *hold, const struct chain_source *source);
/* Ends the feed: what is not freed is forgotten. */
void hold_cut(struct hold *hold);
/* The next piece that may go, valid until the next call; false where there is none. */
bool hold_take(struct hold *hold, const struct chain_source *source, struct span *piece);
void hold_clear(struct hold *hold, const struct chain_source *source);

#endif
