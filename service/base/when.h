/*
 * A moment: milliseconds since 1970-01-01 UTC, printed as ISO 8601. Who needs the moment gets it
 * from a loop or from sys; nothing here asks a clock.
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include "base/out.h"

/* "2026-11-21T10:00:00.123Z" */
void when_print(uint64_t unix_ms, struct out *out);

#endif
