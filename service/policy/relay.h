/*
 * The relay proxy as an administrator writes it: http://host:port, of which http:// and the port
 * may be missing (80 then), and the login it may ask for. What is wrong is said without ever
 * showing what may be a password. Must not know where a relay is kept, nor how one is spoken to.
 */
#ifndef POLICY_RELAY_H
#define POLICY_RELAY_H

#include "policy/pattern.h"

enum {
    RELAY_URL_MAX = 7 + PATTERN_NAME_MAX + 2 + 6 + 1, /* longest printed form, with the NUL */
    RELAY_USERNAME_MAX = 255,
    RELAY_PASSWORD_MAX = 512,
    RELAY_WHY_MAX = 1024 /* a place for *why that is never too small */
};

struct relay {
    struct pattern host; /* a name or an address, never a wildcard */
    uint16_t port;
};

/*
 * Unicode in the host becomes A-labels; a single slash at the end is dropped. On an error *why gets
 * a sentence: what is wrong, what is accepted, the command to use.
 */
MUST_CHECK enum err relay_parse(struct span text, struct relay *relay, struct out *why);
/* The one canonical form, which relay_parse reads as the same. */
void relay_print(const struct relay *relay, struct out *out);

/* UTF-8 without control characters, a user name without a colon (RFC 7617). The sentence shows
 * nothing of either. */
MUST_CHECK enum err relay_check_username(struct span username, struct out *why);
MUST_CHECK enum err relay_check_password(struct span password, struct out *why);

#endif
