/*
 * watch.h. Time is added up look by look, so that one late look counts no more than another.
 */
#include "host/watch.h"

enum {
    WATCH_LOOK_MS = 1000,  /* counts at the most, from one look to the next: a machine may sleep */
    WATCH_STILL_MS = 10000 /* no turn takes so long, whatever comes from outside */
};

bool watch_look(struct watch *watch, uint64_t ticks, uint64_t now_ms)
{
    uint64_t before_ms = watch->still_ms, passed_ms = now_ms - watch->seen_ms;
    passed_ms = passed_ms < WATCH_LOOK_MS ? passed_ms : WATCH_LOOK_MS;
    *watch = (struct watch){ticks, now_ms, ticks == watch->ticks ? before_ms + passed_ms : 0};
    return before_ms < WATCH_STILL_MS && watch->still_ms >= WATCH_STILL_MS;
}
