/*
 * The terminal and standard input, for a secret that a person types or a script hands over. Read
 * straight into the caller's place, past every buffer that would keep a copy; the caller wipes it.
 */
#ifndef HOST_TERMINAL_H
#define HOST_TERMINAL_H

#include "base/span.h"

/* Whether a person can be asked: standard input is a terminal. */
bool terminal_is_there(void);

/*
 * One line typed without being shown, its end included. ERR_LONG, ERR_CANCELLED by Ctrl-C,
 * ERR_SYSTEM.
 */
MUST_CHECK enum err terminal_ask(const char *prompt, uint8_t *place, size_t max, size_t *len);
/* Standard input to its end. ERR_LONG, ERR_SYSTEM. */
MUST_CHECK enum err terminal_read(uint8_t *place, size_t max, size_t *len);

#endif
