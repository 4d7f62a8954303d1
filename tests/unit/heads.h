/*
 * How tests feed a head: whole, in two pieces cut at each place, and byte by byte, each piece in
 * memory of its own that is gone afterwards. All ways must end the same.
 */
#ifndef TESTS_UNIT_HEADS_H
#define TESTS_UNIT_HEADS_H

#include "http/head.h"

struct heads_end {
    enum err err; /* of head_feed; ERR_OK without `done`: it waits for more */
    bool done;
    size_t used;
    struct head head;
};

/* In pieces of `first` bytes and then `rest` bytes at a time. */
void heads_feed(bool relay, struct span bytes, size_t first, size_t rest, struct heads_end *end);

/* Whole and byte by byte, which must agree with each other and with the plain reader. */
void heads_agree(bool relay, struct span bytes, struct heads_end *end);

/* The same, and cut at every place (long heads: at many). */
void heads_judge(bool relay, struct span bytes, struct heads_end *end);

#endif
