/*
 * A feed: two rings and a bell. The bell rings when a put makes a ring exactly half full: a fill
 * level rises by one at a time, so it is never jumped over, and while the taker is behind it is not
 * rung again for each record.
 */
#include "eventlog/feed.h"

bool feed_wants(const struct feed *feed, enum event event)
{
    return event_level(event) > SEVERITY_DEBUG || atom_load(feed->level) == SEVERITY_DEBUG;
}

bool feed_wants_access(const struct feed *feed)
{
    return atom_load(feed->access_on) != 0;
}

static bool feed_put(struct feed *feed, struct ring *ring, const void *record)
{
    bool kept = ring_put(ring, record);
    if (kept && ring_inside(ring) == ring->count / 2 && feed->wake) {
        feed->wake(feed->context);
    }
    return kept;
}

bool feed_event(struct feed *feed, const struct event_record *record)
{
    return feed_put(feed, &feed->events, record);
}

bool feed_access(struct feed *feed, const struct access_record *record)
{
    return feed_put(feed, &feed->access, record);
}
