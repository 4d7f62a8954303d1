/*
 * The alert a refused client is sent: one plain record, which a client can read because nothing of
 * its server's encryption has reached it. alerts.def says which error is which alert.
 */
#ifndef TLS_ALERT_H
#define TLS_ALERT_H

#include "base/span.h"

enum { ALERT_SIZE = 7, ALERT_INTERNAL = 80 };

uint8_t alert_number(enum err err); /* of the description; ALERT_INTERNAL: of no row */

/* `version`: what the server chose, as far as the client has seen it; 0: not known. */
void alert_put(enum err err, uint16_t version, uint8_t record[ALERT_SIZE]);

#endif
