/*
 * Subjects of client certificates: the rows an administrator lists and whether a certificate's
 * subject fits one.
 *
 *   mycert                       bare: any CN of the subject; commas are part of it
 *   CN=mycert,O=Contoso\, Inc.   RFC 4514: each pair must be there, in any order; the same pair
 *                                twice needs two of it; names are short ones or dotted OIDs
 *
 * Values are compared as X.520 does: ASCII letters without case, runs of spaces as one, none at
 * the ends. A row's pairs are kept in that form: name NUL value NUL, again and again. But for the
 * case of letters a row has one text, whatever the order in which it was given: pairs in the order
 * of attributes.def, and a CN that is alone is bare.
 */
#ifndef POLICY_SUBJECT_H
#define POLICY_SUBJECT_H

#include "base/out.h"

enum {
    SUBJECT_TEXT_MAX = 512,                   /* a row, as given and as printed */
    SUBJECT_PAIRS_MAX = SUBJECT_TEXT_MAX + 8, /* a bare value gets its name and two NULs */
    SUBJECT_WHY_MAX = 2048                    /* a place for *why that is never too small */
};

/* One attribute of a certificate's subject, told by who read it. */
struct subject_attribute {
    struct span oid;   /* dotted */
    struct span value; /* UTF-8 */
    bool joined;       /* in one RDN with the attribute before */
};

struct subject_row {
    char text[SUBJECT_TEXT_MAX + 1]; /* canonical */
    char pairs[SUBJECT_PAIRS_MAX];
    uint16_t text_len, pairs_len;
};

/* On an error *why gets a sentence: what is wrong, what is accepted, the command to use. */
MUST_CHECK enum err subject_parse(struct span text, struct subject_row *row, struct out *why);

/* The pair of an attribute: a certificate's subject is judged as the pairs of all of them. */
void subject_put_pair(const struct subject_attribute *attribute, struct out *pairs);
/* Cuts one pair off the front; false where there is none. */
bool subject_cut_pair(struct span *pairs, struct span *pair);
/* Whether each pair of the row is there, as often as the row has it. */
bool subject_matches(struct span row, struct span pairs);
/* The pair by which a row is found: its longest, which says most. */
struct span subject_key(struct span row);

/* RFC 4514: the certificate's order reversed, escaped. */
void subject_print(const struct subject_attribute *at, size_t count, struct out *out);

#endif
