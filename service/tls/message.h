/*
 * The handshake messages of messages.def: where each belongs, and what reading it does to facts,
 * phase and judge. Knows nothing of records nor of what is held.
 */
#ifndef TLS_MESSAGE_H
#define TLS_MESSAGE_H

#include "tls/inspect.h"

enum { MESSAGE_HEADER = 4 };

/*
 * The header of a message of that side is complete: sets row, rank, end and stop of its half.
 * ERR_TLS_ORDER, ERR_TLS_LONG.
 */
MUST_CHECK enum err message_begin(struct tls_inspect *tls, enum tls_side side);
/* The first `stop` bytes of it are there; a reader that needs more moves `stop` on. */
MUST_CHECK enum err message_read(struct tls_inspect *tls, enum tls_side side, struct span message);
/* More of the message passed: copied where CertificateVerify will be over it. */
MUST_CHECK enum err message_note(struct tls_inspect *tls, enum tls_side side, struct span part);

#endif
