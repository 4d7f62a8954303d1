/*
 * Fuzz target: what is cut out of a client's certificate. Subject and key lie inside, one behind
 * the other, each a whole SEQUENCE; a byte more or less is no certificate any more.
 */
#include "fuzz.h"

#include "tls/certs.h"

#include <stdlib.h>
#include <string.h>

/* In memory of exactly that size, so that a sanitizer sees a byte too many. */
static enum err cut_copy(const uint8_t *data, size_t size)
{
    struct span subject, key;
    uint8_t *copy = malloc(size > 0 ? size : 1);
    CHECK(copy);
    memcpy(copy, data, size);
    enum err err = certs_cut(span_of(copy, size), &subject, &key);
    if (err == ERR_OK) {
        CHECK(subject.at > copy && subject.len >= 2 && subject.at[0] == 0x30);
        CHECK(key.at == subject.at + subject.len && key.len >= 2 && key.at[0] == 0x30);
        CHECK(key.at + key.len < copy + size);
    }
    free(copy);
    return err;
}

static void try_head(const uint8_t *data, size_t size)
{
    size_t head = size < CERTS_HEAD ? size : CERTS_HEAD, leaf;
    if (certs_leaf_len(span_of(data, head), size, &leaf) == ERR_OK) {
        CHECK(leaf <= CERTS_LEAF_MAX && (leaf == 0 || leaf + CERTS_HEAD <= size));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_head(data, size);
    if (cut_copy(data, size) == ERR_OK) {
        CHECK(cut_copy(data, size - 1) == ERR_CERTIFICATE_UNREADABLE);
    } else if (size > 0 && cut_copy(data, size - 1) == ERR_OK) {
        CHECK(cut_copy(data, size) == ERR_CERTIFICATE_UNREADABLE);
    }
    return 0;
}
