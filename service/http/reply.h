/*
 * Replies to a client: from an error to the exact bytes. They are made of err.def alone, so nothing
 * that a client sent ever comes back to it, and each ends the connection.
 */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include "base/out.h"

enum { REPLY_MAX = 512 }; /* a place that is never too small, with the NUL */

/* The tunnel is open: no field at all, as a 2xx to CONNECT has neither length nor body. */
struct span reply_granted(void);

/* Whether the error has a reply: a TLS or SOCKS greeting has none. */
bool reply_exists(enum err err);

/*
 * The refusal. `relay_status` is that of a relay proxy's reply, which is passed on as a number; 0
 * where the refusal is not about one.
 */
void reply_put(enum err err, uint16_t relay_status, struct out *out);

#endif
