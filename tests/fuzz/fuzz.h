/*
 * What every fuzz target is: a function that takes any bytes and trips a CHECK when something that
 * must always hold does not. libFuzzer calls it, or replay.c where there is none.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* The name is libFuzzer's. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
