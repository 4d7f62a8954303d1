/*
 * Hosts as the rules know them: what an administrator lists (an exact name, a wildcard, an
 * address) and what a client or a TLS hello names (a name or an address), in one canonical form:
 * small ASCII letters, A-labels, no dot at the end, addresses as addr_print has them.
 *
 * An underscore is no part of a host name here: no certificate authority and no DNS rule for hosts
 * allows it, and a spelling less is an attack less.
 */
#ifndef POLICY_PATTERN_H
#define POLICY_PATTERN_H

#include "base/out.h"

enum pattern_kind { PATTERN_NAME, PATTERN_SUFFIX, PATTERN_ADDRESS, PATTERN_KINDS };

enum { PATTERN_NAME_MAX = 253, PATTERN_LABEL_MAX = 63 };
enum { PATTERN_WHY_MAX = 1536 }; /* a place for *why that is never too small */

struct pattern {
    enum pattern_kind kind;
    uint8_t len;
    uint8_t text[PATTERN_NAME_MAX + 1]; /* of "*.example.com" what follows the first dot */
};

/*
 * What an administrator writes. Unicode is taken and becomes A-labels; spaces around are dropped.
 * On an error *why gets a sentence: what is wrong, what is accepted, the command to use.
 */
MUST_CHECK enum err pattern_parse(struct span text, struct pattern *pattern, struct out *why);
void pattern_print(const struct pattern *pattern, struct out *out);

/* A wildcard that allows names of strangers, too, and that agents may need: worth a warning. */
bool pattern_is_lent(const struct pattern *pattern);

/* What was probably meant by a text that is wrong in this way; false where nobody can know. */
bool pattern_guess(struct span text, enum err err, struct pattern *pattern);

/* What a client names: never a wildcard, never Unicode. An IPv6 address may stand in brackets. */
MUST_CHECK enum err pattern_host(struct span text, struct pattern *host);

/* Of host:port where the port's colon is, or text.len: those of an IPv6 address are its own. */
size_t pattern_find_port(struct span text);
/* Up to what would be a path, a query or a fragment. */
struct span pattern_authority(struct span text);

struct span pattern_span(const struct pattern *pattern); /* its text */

#endif
