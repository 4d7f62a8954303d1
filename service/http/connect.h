/*
 * Our own CONNECT, as the relay proxy gets it: the target, Host, and credentials where it wants
 * some. Nothing of the client's request is in it but host and port, in their one form.
 */
#ifndef HTTP_CONNECT_H
#define HTTP_CONNECT_H

#include "http/authority.h"

enum {
    CONNECT_LOGIN_MAX = 512, /* user name and password together */
    CONNECT_MAX = 2 * AUTHORITY_MAX + 4 * (CONNECT_LOGIN_MAX + 3) / 3 + 96 /* with the NUL */
};

/*
 * Puts the request. No user name and no password: no Proxy-Authorization. ERR_LOGIN when they
 * cannot be said in a field (a control character, a colon in the name, too long), ERR_LONG when the
 * place is smaller than CONNECT_MAX and too small. The place then holds a secret: the caller wipes
 * it after use, also after an error.
 */
MUST_CHECK enum err connect_put(const struct authority *target, struct span user,
                                struct span password, struct out *out);

#endif
