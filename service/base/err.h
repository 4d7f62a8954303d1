/*
 * The one error type: what went wrong, as a row of err.def. Every function that can fail returns
 * it, is marked MUST_CHECK, and gives its results through pointers that come last.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/check.h"

#include <stdint.h>

enum err {
#define ERR(name, http, rfc9209, event, sentence) ERR_##name,
#include "base/err.def"
#undef ERR
    ERR_COUNT
};

/* The one guard: leaves the function with the error of the call, if it has one. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum err try_err = (call);                                                                 \
        if (try_err != ERR_OK) {                                                                   \
            return try_err;                                                                        \
        }                                                                                          \
    } while (0)

const char *err_name(enum err err);         /* "ERR_PORT" without the prefix: "PORT" */
const char *err_sentence(enum err err);     /* for a person, no full stop */
uint16_t err_http_status(enum err err);     /* 0: no reply carries it */
const char *err_proxy_status(enum err err); /* RFC 9209 error type, "" where there is none */
uint16_t err_event(enum err err);           /* id of the event that reports it, 0: none */

#endif
