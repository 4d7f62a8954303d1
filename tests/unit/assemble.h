/*
 * Bytes written as a person reads them:
 *
 *   16 0301      hexadecimal, spaces where one likes
 *   'a.test'     text
 *   1{ } 2{ } 3{ }   what is inside, behind its length in so many bytes; d{ } behind that of DER
 *   #100:41      a hundred bytes 0x41
 *   @            the 32 bytes of a random
 */
#ifndef TESTS_UNIT_ASSEMBLE_H
#define TESTS_UNIT_ASSEMBLE_H

#include "unit/unit.h"

/* Fails the test when the text is wrong or the place too small. */
struct span assemble(const char *text, uint8_t *place, size_t size);

#endif
