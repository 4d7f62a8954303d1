/*
 * The Name of a certificate's subject: DER in, attributes out, one after the other as they stand
 * there, each value as UTF-8 whatever alphabet it was written in.
 */
#ifndef CRYPTO_NAME_H
#define CRYPTO_NAME_H

#include "base/span.h"

enum { NAME_ATTRIBUTES_MAX = 64, NAME_OID_MAX = 128, NAME_VALUE_MAX = 1024 };

/* The spans live until the visitor returns. */
struct name_attribute {
    struct span oid;   /* dotted */
    struct span value; /* UTF-8, not empty, no NUL in it */
    bool joined;       /* in one RDN with the attribute before */
};

/*
 * Visits every attribute; an error of the visitor ends it and is the result.
 * ERR_CERTIFICATE_UNREADABLE: not one whole Name, more or longer attributes than above, a value
 * with a NUL or one that is no text. Nothing was promised about the attributes visited before.
 */
MUST_CHECK enum err name_read(struct span der, void *context,
                              enum err (*visit)(void *context,
                                                const struct name_attribute *attribute));

#endif
