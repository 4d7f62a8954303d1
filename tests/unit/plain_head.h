/*
 * A second reader of heads, written as unlike the product's as it goes: it sees a head whole, and
 * says only whether it is one and where it ends. What the product accepts and this one does not, or
 * the other way round, is a mistake in one of them.
 */
#ifndef TESTS_UNIT_PLAIN_HEAD_H
#define TESTS_UNIT_PLAIN_HEAD_H

#include "http/authority.h"

/* A request that is to be accepted: its length and its target. False: refused, or not whole. */
bool plain_request(struct span bytes, size_t *len, struct authority *target);

/* A relay proxy's reply that grants, with the interim ones before it. */
bool plain_reply(struct span bytes, size_t *len);

#endif
