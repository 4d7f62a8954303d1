/*
 * The watch over something that ticks once a second: whether it stands still. Knows nothing of what
 * it is, and no clock.
 */
#ifndef HOST_WATCH_H
#define HOST_WATCH_H

#include <stdbool.h>
#include <stdint.h>

/* What was seen at the last look, and for how long it has not ticked. */
struct watch {
    uint64_t ticks, seen_ms, still_ms;
};

/* To be asked once a second: whether it has been found standing still, once each time. */
bool watch_look(struct watch *watch, uint64_t ticks, uint64_t now_ms);

#endif
