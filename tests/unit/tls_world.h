/*
 * A tunnel around one inspector: it feeds bytes, takes what may go, notes what the judge was asked,
 * and refuses where it is told to. Also the handshakes that tests/data/handshakes holds, cut up in
 * other ways than they were recorded, and messages made by hand.
 */
#ifndef TESTS_UNIT_TLS_WORLD_H
#define TESTS_UNIT_TLS_WORLD_H

#include "base/out.h"
#include "tls/inspect.h"
#include "unit/unit.h"

enum { WORLD_BLOCKS = 96, WORLD_STREAM = 1 << 21, WORLD_NOTES = 4096, WORLD_CHUNKS = 64 };

struct world_stream {
    uint8_t *at; /* WORLD_STREAM bytes */
    size_t len;
};

struct world {
    struct tls_inspect tls;
    struct tls_shop shop;
    struct pool pool;
    struct world_stream fed[2], sent[2]; /* by enum tls_side */
    char notes[WORLD_NOTES];             /* a line for each question to the judge */
    struct out out;
    unsigned asked;  /* questions so far */
    unsigned refuse; /* which of them is refused, from 1; 0: none */
    enum tls_state state;
    enum err err;
};

/* What passed, in order. */
struct world_chunk {
    enum tls_side side;
    struct span bytes;
};

struct world_talk {
    struct world_chunk chunks[WORLD_CHUNKS];
    size_t count;
    uint8_t *bytes; /* of all chunks */
    size_t len;
};

/* How the bytes of a talk arrive. */
struct world_cut {
    size_t most;         /* at most so many bytes at once; 0: as they were recorded */
    size_t chunk, split; /* this chunk alone in two parts */
};

void world_open(struct world *world);  /* once: memory */
void world_close(struct world *world); /* all blocks must be back */
void world_begin(struct world *world); /* a new tunnel */
void world_end(struct world *world);   /* gives its blocks back */
void world_feed(struct world *world, enum tls_side side, struct span bytes);

/* A talk with `cut` until something refuses or ends it; *world tells the rest. */
void world_play(struct world *world, const struct world_talk *talk, const struct world_cut *cut);

/* The file of that name; fails the test when it cannot be read. */
void world_load(const char *name, struct world_talk *talk);
/*
 * The same talk with its handshake records cut to `most` bytes each; `empty`: an empty record
 * before the first of each that is cut, and before every 400th.
 */
void world_reframe(const struct world_talk *talk, size_t most, bool empty, struct world_talk *made);
void world_free(struct world_talk *talk);

/* All bytes of one side of a talk; the caller frees `at`. */
struct world_stream world_side(const struct world_talk *talk, enum tls_side side);

#endif
