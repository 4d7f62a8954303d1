/*
 * Alerts: all that we send are fatal.
 */
#include "tls/alert.h"

#include "tls/record.h"

#include <string.h>

enum { ALERT_FATAL = 2, ALERT_VERSION = 0x0301, ALERT_VERSION_MOST = 0x0303 };

uint8_t alert_number(enum err err)
{
    switch (err) {
#define ALERT(name, number, words)                                                                 \
    case ERR_##name:                                                                               \
        return number;
#include "tls/alerts.def"
#undef ALERT
    default:
        return ALERT_INTERNAL;
    }
}

/* A client that has seen a ServerHello wants its version in every record, of TLS 1.3 that of 1.2.
 */
void alert_put(enum err err, uint16_t version, uint8_t record[ALERT_SIZE])
{
    uint16_t shown = version == 0                   ? ALERT_VERSION
                     : version > ALERT_VERSION_MOST ? ALERT_VERSION_MOST
                                                    : version;
    const uint8_t bytes[ALERT_SIZE] = {RECORD_ALERT, (uint8_t)(shown >> 8), (uint8_t)shown, 0, 2,
                                       ALERT_FATAL,  alert_number(err)};
    memcpy(record, bytes, ALERT_SIZE);
}
