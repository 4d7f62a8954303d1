/*
 * Client certificates that one loop saw lately, by the digest of the whole certificate: agents come
 * back with the same one again and again, and reading its subject and its key costs more than all
 * else about it. Bounded: the one unused the longest makes room. Touched by its loop alone; knows
 * no rule and no tunnel.
 */
#ifndef GATEWAY_LEAVES_H
#define GATEWAY_LEAVES_H

#include "crypto/digest.h"
#include "crypto/proof.h"
#include "shared/sessions.h"

struct leaf {
    struct table_node node;
    struct list_node age;
    uint8_t digest[DIGEST_SHA256];
    struct session_subject subject;
    struct evp_pkey_st *key; /* NULL: nobody wanted it yet */
};

struct leaves {
    struct table digests;
    struct list ages; /* unused the longest first */
    struct leaf *at;
    uint32_t capacity, used;
};

size_t leaves_size(uint32_t capacity); /* bytes of memory */
/* `memory` is aligned for a pointer and outlives it; `seed` is secret and random. */
void leaves_open(struct leaves *leaves, void *memory, uint32_t capacity, const uint64_t seed[2]);
void leaves_shut(struct leaves *leaves);

/*
 * The certificate with its subject read; it stays until the next call. `name`: the subject in it,
 * DER. ERR_CERTIFICATE_UNREADABLE; ERR_CRYPTO. What cannot be read is not kept.
 */
MUST_CHECK enum err leaves_find(struct leaves *leaves, struct span certificate, struct span name,
                                struct leaf **leaf);
/* Its key, from `der` when it is wanted first; the caller frees it. ERR_PROOF_UNCHECKED. */
MUST_CHECK enum err leaves_share_key(struct leaf *leaf, struct span der, struct evp_pkey_st **key);

#endif
