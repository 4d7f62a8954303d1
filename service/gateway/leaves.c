/*
 * Leaves in a table by digest and a list by use; and how a Name becomes pairs and a line of text.
 */
#include "gateway/leaves.h"

#include "crypto/name.h"
#include "policy/subject.h"

#include <string.h>

_Static_assert(sizeof(struct leaf) % sizeof(void *) == 0, "what follows is aligned");

/* In the memory the leaves lie first, then the buckets. */
size_t leaves_size(uint32_t capacity)
{
    return capacity * sizeof(struct leaf) + table_size(capacity);
}

void leaves_open(struct leaves *leaves, void *memory, uint32_t capacity, const uint64_t seed[2])
{
    CHECK(memory && capacity > 0);
    *leaves = (struct leaves){.at = memory, .capacity = capacity};
    table_open(&leaves->digests, leaves->at + capacity, capacity, seed);
    list_init(&leaves->ages);
}

void leaves_shut(struct leaves *leaves)
{
    for (uint32_t i = 0; i < leaves->used; i++) {
        proof_key_free(leaves->at[i].key);
    }
    leaves->used = 0;
}

/* ---- reading a subject ---- */

/* Attributes as they are visited, their bytes copied: the printed form needs them all at once. */
struct leaf_reading {
    struct subject_attribute at[NAME_ATTRIBUTES_MAX];
    size_t count, used;
    uint8_t bytes[2 * SESSION_PAIRS_MAX];
    struct out pairs;
};

static bool leaf_copy(struct leaf_reading *reading, struct span from, struct span *copy)
{
    if (from.len > sizeof reading->bytes - reading->used) {
        return false;
    }
    uint8_t *place = reading->bytes + reading->used;
    memcpy(place, from.at, from.len);
    *copy = span_of(place, from.len);
    reading->used += from.len;
    return true;
}

static enum err leaf_visit(void *context, const struct name_attribute *attribute)
{
    struct leaf_reading *reading = context;
    struct subject_attribute *copy = &reading->at[reading->count];
    CHECK(reading->count < NAME_ATTRIBUTES_MAX);
    if (!leaf_copy(reading, attribute->oid, &copy->oid) ||
        !leaf_copy(reading, attribute->value, &copy->value)) {
        return ERR_CERTIFICATE_UNREADABLE;
    }
    copy->joined = attribute->joined;
    subject_put_pair(copy, &reading->pairs);
    reading->count++;
    return reading->pairs.full ? ERR_CERTIFICATE_UNREADABLE : ERR_OK;
}

/* The longest text that fits, whole attributes of it, the certificate's last ones first. */
static void leaf_print(const struct leaf_reading *reading, struct session_subject *subject)
{
    char place[SESSION_TEXT_MAX + 1];
    struct out text;
    out_begin(&text, place, sizeof place);
    subject_print(reading->at, reading->count, &text);
    subject->text_len = (uint16_t)text.len;
    memcpy(subject->text, place, text.len);
}

static enum err leaf_read(struct span name, struct session_subject *subject)
{
    char place[SESSION_PAIRS_MAX + 1];
    struct leaf_reading reading;
    reading.count = reading.used = 0;
    out_begin(&reading.pairs, place, sizeof place);
    TRY(name_read(name, &reading, leaf_visit));
    subject->pairs_len = (uint16_t)reading.pairs.len;
    memcpy(subject->pairs, place, reading.pairs.len);
    leaf_print(&reading, subject);
    return ERR_OK;
}

/* ---- the cache ---- */

static struct leaf *leaf_of(struct table_node *node)
{
    return list_owner(node, struct leaf, node);
}

static bool leaf_is(struct table_node *node, const void *digest)
{
    return memcmp(leaf_of(node)->digest, digest, DIGEST_SHA256) == 0;
}

/* One that was never used, or the one unused the longest, which is forgotten. */
static struct leaf *leaves_take(struct leaves *leaves)
{
    if (leaves->used < leaves->capacity) {
        struct leaf *fresh = &leaves->at[leaves->used++];
        list_node_init(&fresh->age);
        return fresh;
    }
    struct leaf *oldest = list_owner(list_take_first(&leaves->ages), struct leaf, age);
    table_remove(&leaves->digests, &oldest->node);
    proof_key_free(oldest->key);
    return oldest;
}

static enum err leaves_add(struct leaves *leaves, uint64_t hash, const uint8_t *digest,
                           struct span name, struct leaf **leaf)
{
    struct session_subject subject;
    TRY(leaf_read(name, &subject));
    struct leaf *made = leaves_take(leaves);
    memcpy(made->digest, digest, DIGEST_SHA256);
    sessions_copy_subject(&made->subject, &subject);
    made->key = NULL;
    table_add(&leaves->digests, &made->node, hash);
    list_push_last(&leaves->ages, &made->age);
    *leaf = made;
    return ERR_OK;
}

enum err leaves_find(struct leaves *leaves, struct span certificate, struct span name,
                     struct leaf **leaf)
{
    uint8_t digest[DIGEST_SHA256];
    TRY(digest_sha256(certificate, digest));
    uint64_t hash = table_hash(&leaves->digests, span_of(digest, sizeof digest));
    struct table_node *node = table_find(&leaves->digests, hash, leaf_is, digest);
    if (!node) {
        return leaves_add(leaves, hash, digest, name, leaf);
    }
    *leaf = leaf_of(node);
    list_unlink(&(*leaf)->age);
    list_push_last(&leaves->ages, &(*leaf)->age);
    return ERR_OK;
}

enum err leaves_share_key(struct leaf *leaf, struct span der, struct evp_pkey_st **key)
{
    if (!leaf->key) {
        TRY(proof_key_read(der, &leaf->key));
    }
    *key = proof_key_share(leaf->key);
    return ERR_OK;
}
