/*
 * What the store's thread and whoever starts the engine tell, and control once: one function an
 * occasion, so that the work around it reads without records. Which words, events.def knows; when,
 * the caller.
 */
#ifndef HOST_TELL_H
#define HOST_TELL_H

#include "host/engine_inside.h"

enum { TELL_CHANGES_MAX = 100 }; /* of one revision; the rest is counted */

/* Beginning. `last`: of the run before this one. */
void tell_started(struct engine *engine);
void tell_crash(struct engine *engine, const struct publish_map_view *last);
void tell_no_map(struct engine *engine);
void tell_no_perf(struct engine *engine, uint32_t os_error);
void tell_tunnels_lowered(struct engine *engine, uint64_t wanted, uint64_t possible);

/* The one thing that control tells: a loop, the first is 1, stands still. */
void tell_still(struct engine *engine, uint32_t which);

/* Where we listen. */
void tell_listening(struct engine *engine);
void tell_cannot_listen(struct engine *engine, const struct endpoint *wanted, enum err err);

/* The configuration. */
/* What is wrong leaves all as it was, or was left out. */
void tell_wrong(struct engine *engine, struct span entry, struct span reason);
void tell_left_out(struct engine *engine, struct span entry, struct span reason);
void tell_no_copy(struct engine *engine, enum err err);
void tell_rescue(struct engine *engine, const struct store_rescue *rescue);
void tell_applied(struct engine *engine);
/* Who changed what in the revisions after this one; then it is the last of them. */
void tell_changes(struct engine *engine, uint64_t *told);
/* What the new settings have that the old had not, and that is not what the service began with. */
void tell_not_yet(struct engine *engine, const struct settings *old);
void tell_hidden(struct engine *engine, uint64_t subjects);

#endif
