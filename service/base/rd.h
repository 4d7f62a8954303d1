/*
 * Reading bytes inside nested scopes. A scope owns its end: code that reads an inner field cannot
 * reach beyond that field, not even by mistake. A read that does not fit gives zero (or an empty
 * span), and marks the scope and all scopes around it bad; so a whole message is read first and
 * asked once at its end. Numbers are big-endian, as on the wire.
 *
 *     struct rd message, body;
 *     rd_begin(&message, bytes);
 *     uint8_t type = rd_u8(&message);
 *     rd_sub16(&message, &body);          the next two bytes say how long the body is
 *     uint16_t version = rd_u16(&body);
 *     rd_end(&body);                      the body must be used up
 *     TRY(rd_result(&message));
 */
#ifndef BASE_RD_H
#define BASE_RD_H

#include "base/span.h"

struct rd {
    struct span left;  /* what has not been read yet */
    struct rd *parent; /* NULL: outermost */
    enum err bad;      /* ERR_OK, ERR_SHORT or ERR_TRAILING: the first that happened inside */
};

void rd_begin(struct rd *rd, struct span bytes);

uint8_t rd_u8(struct rd *rd);
uint16_t rd_u16(struct rd *rd);
uint32_t rd_u24(struct rd *rd);
uint32_t rd_u32(struct rd *rd);
struct span rd_bytes(struct rd *rd, size_t count);
struct span rd_rest(struct rd *rd);

/* Opens a scope over the next `count` bytes of `outer`, which moves behind them at once. */
void rd_sub(struct rd *outer, struct rd *inner, size_t count);
/* The same with the count read first from one or two bytes of `outer`. */
void rd_sub8(struct rd *outer, struct rd *inner);
void rd_sub16(struct rd *outer, struct rd *inner);

/* True while there is something to read and nothing went wrong: the condition of a loop. */
bool rd_more(const struct rd *rd);
/* Says that the scope must be used up; what is left over marks it bad (ERR_TRAILING). */
void rd_end(struct rd *rd);
MUST_CHECK enum err rd_result(const struct rd *rd);

#endif
