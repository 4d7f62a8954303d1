/*
 * Feeds a head to the product in three ways (whole, byte by byte, in pieces of odd sizes), each
 * piece in memory of its own, and checks that they end alike. For the two fuzz targets of heads.
 */
#ifndef TESTS_FUZZ_SPLIT_HEAD_H
#define TESTS_FUZZ_SPLIT_HEAD_H

#include "http/head.h"

struct split_end {
    struct head head;
    enum err err;
    bool done;
    size_t used;
};

void split_head(bool relay, struct span bytes, struct split_end *end);

#endif
