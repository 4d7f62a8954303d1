/*
 * Bounded formatting: text is put, piece by piece, into a place of fixed size. What does not fit
 * is left out whole pieces at a time and remembered in `full`, so nothing is ever cut inside a
 * number or a UTF-8 sequence, and one check at the end is enough. The text always ends in a NUL
 * that `len` does not count.
 */
#ifndef BASE_OUT_H
#define BASE_OUT_H

#include "base/span.h"

struct out {
    char *at;
    size_t len;
    size_t size; /* the place, its NUL included */
    bool full;   /* something did not fit; from then on nothing is put */
};

void out_begin(struct out *out, char *place, size_t size); /* size >= 1 */
struct span out_span(const struct out *out);
MUST_CHECK enum err out_end(const struct out *out); /* ERR_LONG when something did not fit */

void out_put(struct out *out, struct span text);
void out_str(struct out *out, const char *string);
void out_char(struct out *out, char byte);
void out_u64(struct out *out, uint64_t number);
void out_padded(struct out *out, uint64_t number, unsigned digits); /* zeros in front */
void out_hex(struct out *out, uint64_t number); /* lower case, no zeros in front */

/*
 * A JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD; whatever could deceive who
 * reads the line in a terminal (see out_escaped) is written as \uXXXX.
 */
void out_json(struct out *out, struct span text);

/*
 * Text from a peer for a line of a log: controls, bidirectional marks, separators, invisible
 * characters and bytes that are not UTF-8 become \xHH or \u{HHHH}, a backslash two, so that nothing
 * in it can end the line, move the cursor or look like something else.
 */
void out_escaped(struct out *out, struct span text);
/* Whether it shows all of the text as it is, but for backslashes. */
bool out_is_plain(struct span text);

/* The start of what somebody gave, `max` of its bytes, escaped; "..." where that is not all. */
void out_start(struct out *out, struct span text, size_t max);
/* The same, of one length, in quotes which nothing in it ends. */
void out_quoted(struct out *out, struct span text);

#endif
