/*
 * From the store to the loops: load, compile, hand over, listen where it says. A configuration that
 * is wrong changes nothing: the last good one stays in force, and event 401 names the row. Where
 * there is none, at the start, what is wrong is left out, and so it goes on until nothing is.
 */
#include "host/tell.h"

#include "base/hash.h"
#include "policy/explain.h"

#include <stdlib.h>
#include <string.h>

/* ---- rules ---- */

static void reload_unused(struct rules *rules)
{
    struct engine_rules *mine = list_owner(rules, struct engine_rules, rules);
    void *seen = atom_load_ptr(&mine->engine->retired);
    do {
        mine->next = seen;
    } while (!atom_swap_if_ptr(&mine->engine->retired, &seen, mine));
}

void reload_free_retired(struct engine *engine)
{
    struct engine_rules *rules = atom_trade_ptr(&engine->retired, NULL);
    while (rules) {
        struct engine_rules *next = rules->next;
        policy_free(rules->rules.snapshot);
        sys_wipe(&rules->rules.relay, sizeof rules->rules.relay);
        free(rules);
        rules = next;
    }
}

static void reload_hand_over(struct loop *loop, void *context)
{
    struct rules_cell *cell = context;
    gateway_use_rules(&loop->gateway, cell);
}

/* Takes the snapshot, whatever comes of it. */
static enum err reload_publish(struct engine *engine, struct load *load)
{
    struct engine_rules *made = calloc(1, sizeof *made);
    if (!made) {
        load_free(load);
        return ERR_MEMORY;
    }
    made->engine = engine;
    made->rules.snapshot = load->snapshot;
    made->rules.relay = load->relay;
    made->rules.unused = reload_unused;
    sys_wipe(&load->relay, sizeof load->relay);
    rules_init(&made->rules, engine->loops.count);
    for (uint32_t i = 0; i < engine->loops.count; i++) {
        rules_begin(&made->cells[i], &made->rules);
        loops_call(&engine->loops.loop[i], reload_hand_over, &made->cells[i]);
    }
    return ERR_OK;
}

/* ---- where we are ---- */

static bool reload_same(const struct endpoint *a, const struct endpoint *b)
{
    return a->port == b->port && addr_equal(&a->addr, &b->addr);
}

/* Where the system does not say it, for want of a descriptor, they are what they were. */
static bool reload_own_changed(struct engine *engine)
{
    struct endpoint own[LOAD_OWN_MAX];
    size_t count = engine->at.port > 0 ? load_find_own(&engine->at, own) : 0;
    bool same = count == engine->own_count;
    for (size_t i = 0; i < count && same; i++) {
        same = reload_same(&own[i], &engine->own[i]);
    }
    if (same || (count == 0 && engine->at.port > 0)) {
        return false;
    }
    memcpy(engine->own, own, count * sizeof own[0]);
    engine->own_count = count;
    return true;
}

/* ---- listening ---- */

struct reload_listen {
    const struct endpoint *at;
    const struct gateway_port *sibling;
    struct gateway_port *port;
    enum err err;
};

static void reload_listen_one(struct loop *loop, void *context)
{
    struct reload_listen *listen = context;
    listen->port = NULL;
    listen->err = gateway_listen(&loop->gateway, listen->at, listen->sibling, &listen->port);
}

static void reload_unlisten_one(struct loop *loop, void *context)
{
    (void)loop;
    gateway_unlisten(context);
}

static void reload_unlisten(struct engine *engine, struct gateway_port *const ports[LOOPS_MAX])
{
    for (uint32_t i = 0; i < engine->loops.count; i++) {
        if (ports[i]) {
            loops_call(&engine->loops.loop[i], reload_unlisten_one, ports[i]);
        }
    }
}

/* The same port on every loop, or on none. */
static enum err reload_listen_all(struct engine *engine, const struct endpoint *at,
                                  struct gateway_port *ports[LOOPS_MAX])
{
    struct reload_listen listen = {.at = at};
    memset(ports, 0, LOOPS_MAX * sizeof ports[0]);
    for (uint32_t i = 0; i < engine->loops.count; i++) {
        loops_call(&engine->loops.loop[i], reload_listen_one, &listen);
        if (listen.err != ERR_OK) {
            reload_unlisten(engine, ports);
            return listen.err;
        }
        ports[i] = listen.port;
        listen.sibling = ports[0];
    }
    return ERR_OK;
}

static struct endpoint reload_wanted(const struct engine *engine)
{
    const struct settings *settings = &engine->settings;
    return engine->setup.pinned
               ? engine->setup.pin
               : (struct endpoint){settings->listen_address, settings->listen_port};
}

static void reload_close_old(struct engine *engine)
{
    struct gateway_port *old[LOOPS_MAX] = {NULL};
    for (uint32_t i = 0; i < engine->loops.count; i++) {
        old[i] = engine->loops.loop[i].port;
        engine->loops.loop[i].port = NULL;
    }
    reload_unlisten(engine, old);
}

/* Opens there, then closes what was open. */
static enum err reload_open(struct engine *engine, const struct endpoint *where)
{
    struct gateway_port *ports[LOOPS_MAX];
    TRY(reload_listen_all(engine, where, ports));
    reload_close_old(engine);
    for (uint32_t i = 0; i < engine->loops.count; i++) {
        engine->loops.loop[i].port = ports[i];
    }
    engine->listening = true;
    engine->listens = *where;
    engine->at = ports[0]->listener.at;
    tell_listening(engine);
    return ERR_OK;
}

/* Whether only one of the two can be open: the bytes of "all addresses" are zero. */
static bool reload_overlap(const struct endpoint *a, const struct endpoint *b)
{
    static const uint8_t all[sizeof a->addr.bytes];
    struct addr one = addr_unmap(&a->addr), other = addr_unmap(&b->addr);
    bool any =
        memcmp(a->addr.bytes, all, sizeof all) == 0 || memcmp(b->addr.bytes, all, sizeof all) == 0;
    return a->port == b->port && (any || addr_equal(&one, &other));
}

static void reload_see_closing(struct loop *loop, void *context)
{
    bool *closing = context;
    for (size_t i = 0; i < GATEWAY_LISTENERS; i++) {
        const struct gateway_port *port = &loop->gateway.ports[i];
        *closing = *closing || (port->used && port->listener.closing);
    }
}

/* Whether a port that was closed may still be in the way of a new one. */
static bool reload_is_closing(struct engine *engine)
{
    bool closing = false;
    for (uint32_t i = 0; i < engine->loops.count; i++) {
        loops_call(&engine->loops.loop[i], reload_see_closing, &closing);
    }
    return closing;
}

/* One try of a place where we do not listen. */
static void reload_try(struct engine *engine, const struct endpoint *wanted)
{
    bool known = reload_same(&engine->refused, wanted);
    if (reload_is_closing(engine)) {
        return; /* the next second */
    }
    enum err err = reload_open(engine, wanted);
    if (err == ERR_ADDRESS_IN_USE && !known && engine->listening &&
        reload_overlap(&engine->at, wanted)) {
        reload_close_old(engine);
        engine->listening = false;
        engine->at.port = 0;
        return;
    }
    if (err != ERR_OK && !engine->listening && engine->listens.port > 0) {
        (void)(reload_open(engine, &engine->listens) == ERR_OK); /* where we came from */
    }
    if (err != ERR_OK && !known) {
        tell_cannot_listen(engine, wanted, err);
    }
    engine->refused = err != ERR_OK ? *wanted : (struct endpoint){.port = 0};
}

/*
 * Moves to where the settings say. Where old and new are in each other's way the old one is closed,
 * and it is the next second that opens the new one, or the old one again. A place that cannot be
 * had is tried every second and told once; for its sake nothing is closed again.
 */
static void reload_move(struct engine *engine)
{
    struct endpoint wanted = reload_wanted(engine);
    if (engine->listening && reload_same(&engine->listens, &wanted)) {
        engine->refused = (struct endpoint){.port = 0};
    } else {
        reload_try(engine, &wanted);
    }
}

/* ---- all of it ---- */

static void reload_apply(struct engine *engine)
{
    const struct settings *settings = &engine->settings;
    quota_set_limits(&engine->quota,
                     &(struct quota_limits){engine->tunnels_max, settings->max_tunnels_per_client});
    resolve_set_times(&engine->resolve, settings->resolve_cache_ms,
                      settings->resolve_failure_cache_ms);
    sinks_set_level(engine->sinks, (enum severity)settings->log_level);
    enum err err = sinks_set_access_log(engine->sinks, settings->access_log.text);
    if (err != ERR_OK) {
        tell_wrong(engine, span_str("AccessLog"), span_str(err_sentence(err)));
    }
}

/* What stays wrong is met again and again, and said once; where too much is, the first of it. */
static bool reload_is_news(struct engine *engine, struct span entry, struct span sentence)
{
    static const uint64_t seed[2] = {0, 0};
    uint64_t complaint = hash_keyed(seed, entry) ^ ~hash_keyed(seed, sentence);
    for (size_t i = 0; i < engine->complaint_count; i++) {
        if (engine->complaints[i] == complaint) {
            return false;
        }
    }
    if (engine->complaint_count == ENGINE_COMPLAINTS_MAX) {
        return false;
    }
    engine->complaints[engine->complaint_count++] = complaint;
    return true;
}

struct reload_left {
    struct engine *engine;
    bool any;
};

static void reload_leave_out(void *context, struct span entry, struct span why)
{
    struct reload_left *left = context;
    struct engine *engine = left->engine;
    left->any = true;
    if (reload_is_news(engine, entry, why)) {
        bool last = engine->complaint_count == ENGINE_COMPLAINTS_MAX;
        tell_left_out(engine, last ? span_str("gateway.db") : entry,
                      last ? span_str("more entries are wrong than are named here") : why);
    }
}

static void reload_failed(struct engine *engine, enum err err, struct span why)
{
    const char *detail = store_detail(engine->store);
    struct span sentence = why.len > 0         ? why
                           : detail[0] != '\0' ? span_str(detail)
                                               : span_str(err_sentence(err));
    if (reload_is_news(engine, span_str("gateway.db"), sentence)) {
        tell_wrong(engine, span_str("gateway.db"), sentence);
    }
}

/* Said when it begins to be so, and when one more is hidden. */
static void reload_look_for_hidden(struct engine *engine, size_t subjects)
{
    uint64_t hidden = policy_hidden(&engine->settings, subjects) ? subjects : 0;
    if (hidden > engine->hidden) {
        tell_hidden(engine, hidden);
    }
    engine->hidden = hidden;
}

/* Who changed what. Where that was more than is in force by now, the next second has the rest. */
static void reload_tell_changes(struct engine *engine)
{
    if (engine->told != engine->revision) {
        tell_changes(engine, &engine->told);
    }
    if (engine->told != engine->revision) {
        store_forget(engine->store);
    }
}

/* The configuration is in force; what is news about it. */
static void reload_tell(struct engine *engine, const struct settings *old, size_t subjects)
{
    tell_applied(engine);
    tell_not_yet(engine, old);
    reload_look_for_hidden(engine, subjects);
}

/* What the store says; false: nothing that could be in force, and that is told. */
static bool reload_read(struct engine *engine, struct load *load, bool *whole)
{
    struct store_rescue rescue;
    struct reload_left left = {engine, false};
    struct load_own own = {.at = engine->own,
                           .count = engine->own_count,
                           .leave_out = engine->whole ? NULL : reload_leave_out,
                           .context = &left};
    char place[POLICY_WHY_MAX];
    struct out why;
    out_begin(&why, place, sizeof place);
    enum err err = load_rules(engine->store, &own, load, &why);
    *whole = !left.any;
    if (store_take_rescue(engine->store, &rescue)) {
        tell_rescue(engine, &rescue);
        engine->revision = 0; /* what comes now is news, whatever its number */
    }
    if (err != ERR_OK) {
        load_free(load);
    }
    if (err != ERR_OK && err != ERR_RULES) {
        store_forget(engine->store); /* it may be readable in a second */
    }
    if (err != ERR_OK && (err != ERR_STORE_BUSY || engine->start_ms == 0)) {
        reload_failed(engine, err, out_span(&why));
    }
    return err == ERR_OK;
}

/* That it cannot be made is worth an event, once. */
static void reload_keep_good(struct engine *engine)
{
    enum err err = store_keep_good(engine->store);
    engine->unkept = err == ERR_STORE_BUSY;
    if (engine->unkept) {
        return; /* the next second */
    }
    if (err != ERR_OK && !engine->uncopied) {
        tell_no_copy(engine, err);
    }
    engine->uncopied = err != ERR_OK;
}

static void reload_all(struct engine *engine)
{
    struct load load;
    bool whole;
    if (!reload_read(engine, &load, &whole)) {
        return;
    }
    struct settings settings = load.snapshot->settings, old = engine->settings;
    size_t subjects = load.snapshot->subject_count;
    uint64_t revision = load.revision;
    if (reload_publish(engine, &load) != ERR_OK) {
        store_forget(engine->store);
        reload_failed(engine, ERR_MEMORY, span_str(""));
        return;
    }
    engine->settings = settings;
    engine->whole = whole;
    engine->complaint_count = whole ? 0 : engine->complaint_count;
    bool news = revision != engine->revision; /* 0: nothing was ever changed */
    engine->revision = revision;
    reload_apply(engine);
    reload_tell_changes(engine);
    if (news) {
        reload_tell(engine, &old, subjects);
    }
    reload_keep_good(engine);
    reload_move(engine);
}

/* What is ours is known before anybody can come, but for a port that the system chooses. */
void reload_first(struct engine *engine)
{
    engine->at = reload_wanted(engine);
    (void)reload_own_changed(engine);
    reload_all(engine);
    if (engine->listening && reload_own_changed(engine)) {
        reload_all(engine);
    }
}

void reload_look(struct engine *engine)
{
    reload_free_retired(engine);
    reload_move(engine);
    if (engine->unkept) {
        reload_keep_good(engine);
    }
    bool own = reload_own_changed(engine);
    if (own || store_poll(engine->store) == STORE_CHANGED) {
        reload_all(engine);
    }
}
