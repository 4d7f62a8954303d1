/*
 * A loop's world as a whole: what it stands on, what is in force, what happens once a second, and
 * its end. How much memory there is follows from one number, MaxTunnels; all of it is address space
 * until it is used.
 */
#include "gateway/gateway.h"

#include "base/hash.h"
#include "gateway/tunnel.h"
#include "sys/memory.h"
#include "sys/sys.h"

enum { GATEWAY_TICK_MS = 1000, GATEWAY_QUIET_MS = 2000 };

/* What the memory is for; a pool's slots lie behind its items. */
enum {
    GATEWAY_FOR_TUNNELS,
    GATEWAY_FOR_SETUPS = 2,
    GATEWAY_FOR_BULK = 4,
    GATEWAY_FOR_HANDSHAKES = 6,
    GATEWAY_FOR_LEAVES = 8,
    GATEWAY_FOR_SCRATCH
};

/* Each tunnel that can be: carrying, saying 503, or waiting for a client at one of the ports. */
static uint32_t gateway_tunnel_count(const struct gateway *gateway)
{
    return gateway->setup.tunnels_max + gateway->setup.spare + GATEWAY_LISTENERS * GATEWAY_ACCEPTS;
}

static bool gateway_reserve(struct gateway *gateway, size_t which, size_t bytes)
{
    struct gateway_memory *memory = &gateway->memory[which];
    memory->start = memory_reserve(bytes);
    memory->bytes = memory->start ? bytes : 0;
    return memory->start != NULL;
}

static void gateway_release_memory(struct gateway *gateway)
{
    for (size_t i = 0; i < sizeof gateway->memory / sizeof gateway->memory[0]; i++) {
        if (gateway->memory[i].start) {
            memory_release(gateway->memory[i].start, gateway->memory[i].bytes);
        }
    }
}

/* The slots are small and all needed; the items come when they are taken. */
static enum err gateway_open_pool(struct gateway *gateway, struct pool *pool, size_t which,
                                  size_t item_size, uint32_t count, uint32_t share)
{
    size_t slots = count * sizeof(struct pool_slot);
    if (!gateway_reserve(gateway, which, count * item_size) ||
        !gateway_reserve(gateway, which + 1, slots) ||
        !memory_commit(gateway->memory[which + 1].start, slots)) {
        return ERR_MEMORY;
    }
    bool poison = gateway->setup.poison;
    if (poison && !memory_commit(gateway->memory[which].start, count * item_size)) {
        return ERR_MEMORY;
    }
    pool_init(pool, &(struct pool_memory){.items = gateway->memory[which].start,
                                          .slots = gateway->memory[which + 1].start,
                                          .item_size = item_size,
                                          .count = count,
                                          .share = share,
                                          .poison = poison,
                                          .commit = poison ? NULL : memory_commit});
    return ERR_OK;
}

static enum err gateway_open_pools(struct gateway *gateway)
{
    uint32_t count = gateway_tunnel_count(gateway);
    uint32_t halves = TUNNEL_HALVES * count, blocks = count + GATEWAY_HELD_BLOCKS;
    TRY(gateway_open_pool(gateway, &gateway->tunnels, GATEWAY_FOR_TUNNELS, sizeof(struct tunnel),
                          count, count));
    TRY(gateway_open_pool(gateway, &gateway->setups, GATEWAY_FOR_SETUPS,
                          sizeof(struct tunnel_setup), count, count));
    /* One for each half: a tunnel that has begun never finds this pool empty. */
    TRY(gateway_open_pool(gateway, &gateway->bulk, GATEWAY_FOR_BULK, GATEWAY_BULK_BYTES, halves,
                          halves));
    return gateway_open_pool(gateway, &gateway->handshakes, GATEWAY_FOR_HANDSHAKES,
                             sizeof(struct chain_block), blocks, blocks / 4);
}

static enum err gateway_open_inspectors(struct gateway *gateway)
{
    size_t leaves = leaves_size(GATEWAY_LEAVES), scratch = TLS_HELD_MAX + PROOF_TRANSCRIPT_MAX;
    struct gateway_memory *memory = gateway->memory;
    if (!gateway_reserve(gateway, GATEWAY_FOR_LEAVES, leaves) ||
        !gateway_reserve(gateway, GATEWAY_FOR_SCRATCH, scratch) ||
        !memory_commit(memory[GATEWAY_FOR_LEAVES].start, leaves) ||
        !memory_commit(memory[GATEWAY_FOR_SCRATCH].start, scratch)) {
        return ERR_MEMORY;
    }
    uint8_t *place = memory[GATEWAY_FOR_SCRATCH].start;
    leaves_open(&gateway->leaves, memory[GATEWAY_FOR_LEAVES].start, GATEWAY_LEAVES,
                gateway->setup.seed);
    gateway->judges =
        (struct judge_shop){&gateway->leaves, gateway->setup.sessions, place + TLS_HELD_MAX};
    gateway->inspectors = (struct tls_shop){&gateway->handshakes, place, judge_ask, true};
    return ERR_OK;
}

uint64_t gateway_hash(const struct gateway *gateway, const struct addr *client)
{
    return hash_keyed(gateway->setup.seed, span_of(client->bytes, sizeof client->bytes));
}

struct pool_owner *gateway_share(struct gateway *gateway, const struct addr *client)
{
    return &gateway->shares[gateway_hash(gateway, client) % GATEWAY_SHARES];
}

static struct tunnel *gateway_tunnel(struct list_node *node)
{
    return list_owner(node, struct tunnel, link);
}

/* ---- once a second ---- */

/*
 * While the gateway stops: what is no tunnel yet, or quiet, ends now, in the end everything does.
 * Who still takes bytes, however slowly, is not quiet: a SEND tells it only when it is over.
 */
static bool gateway_must_stop(const struct tunnel *tunnel, uint64_t now_ms)
{
    bool over = now_ms >= tunnel->gateway->drain_until_ms;
    const struct half *up = &tunnel->halves[TUNNEL_UP], *down = &tunnel->halves[TUNNEL_DOWN];
    bool quiet =
        !half_sends(up) && !half_sends(down) && now_ms - tunnel->active_ms >= GATEWAY_QUIET_MS;
    switch (tunnel->state) {
    case TUNNEL_REQUEST:
    case TUNNEL_RESOLVE:
    case TUNNEL_CONNECT:
    case TUNNEL_PARENT:
        return true;
    case TUNNEL_INSPECT:
    case TUNNEL_RELAY:
        return over || quiet;
    case TUNNEL_GREET:
    case TUNNEL_REFUSE:
    case TUNNEL_LINGER:
        return over;
    default:
        return false;
    }
}

static void gateway_stop_tunnels(struct gateway *gateway)
{
    uint64_t now_ms = io_now_ms(&gateway->loop);
    CHECK(gateway->draining);
    struct list_node *node = gateway->live.ends.next;
    while (node != &gateway->live.ends) {
        struct tunnel *tunnel = gateway_tunnel(node);
        node = node->next; /* a tunnel that stops is released later, never at once */
        if (gateway_must_stop(tunnel, now_ms)) {
            tunnel_blame(tunnel, ERR_STOPPING);
            tunnel_raise(tunnel, TUNNEL_EVENT_STOP);
        }
    }
}

static void gateway_count_pools(struct gateway *gateway)
{
    counter_pool(&gateway->counters, COUNTER_pool_tunnels_taken, &gateway->tunnels);
    counter_pool(&gateway->counters, COUNTER_pool_bulk_taken, &gateway->bulk);
    counter_pool(&gateway->counters, COUNTER_pool_handshakes_taken, &gateway->handshakes);
}

static void gateway_ticked(struct io_op *op)
{
    struct gateway *gateway = list_owner(op, struct gateway, tick);
    uint64_t now_ms = io_now_ms(&gateway->loop);
    gateway->unix_offset_ms = sys_unix_ms() - now_ms;
    counter_add(&gateway->counters, COUNTER_loop_ticks, 1);
    if (gateway->draining) {
        gateway_stop_tunnels(gateway);
    }
    if (!gateway->setup.poison) {
        pool_trim(&gateway->bulk, memory_discard);
        pool_trim(&gateway->setups, memory_discard);
        pool_trim(&gateway->handshakes, memory_discard);
    }
    gateway_count_pools(gateway);
    gateway_accept_more(gateway); /* descriptors may be there again */
    if (!gateway->stopped) {
        io_timer(&gateway->loop, op, now_ms + GATEWAY_TICK_MS);
    }
}

/* ---- begin and end ---- */

enum err gateway_open(struct gateway *gateway, const struct gateway_setup *setup)
{
    *gateway = (struct gateway){.setup = *setup};
    CHECK(setup->tunnels_max > 0 && setup->spare > 0 && setup->quota && setup->sessions &&
          setup->feed);
    list_init(&gateway->live);
    enum err err = gateway_open_pools(gateway);
    err = err == ERR_OK ? gateway_open_inspectors(gateway) : err;
    err = err == ERR_OK ? io_open(&gateway->loop, &setup->io) : err;
    if (err != ERR_OK) {
        gateway_release_memory(gateway);
        return err;
    }
    gateway->unix_offset_ms = sys_unix_ms() - io_now_ms(&gateway->loop);
    io_op_init(&gateway->tick, gateway_ticked);
    io_timer(&gateway->loop, &gateway->tick, io_now_ms(&gateway->loop) + GATEWAY_TICK_MS);
    return ERR_OK;
}

/* Who has no 200 yet gets none any more; for those who have one, OnRemove decides. */
void gateway_judge_again(struct tunnel *tunnel)
{
    const struct snapshot *snapshot = tunnel->gateway->rules->rules->snapshot;
    const struct policy_request request = {.client = tunnel->client.addr,
                                           .host = authority_host(&tunnel->target),
                                           .port = tunnel->target.port};
    bool keeps = snapshot->settings.on_remove == ON_REMOVE_KEEP;
    struct policy_rule rule;
    if (!tunnel_allows(tunnel->state, TUNNEL_EVENT_REVOKED) || (tunnel->granted && keeps)) {
        return;
    }
    CHECK(tunnel->target.port != 0); /* it has asked for something */
    enum err err = policy_decide_request(snapshot, &request, &rule);
    err = err == ERR_OK ? dial_judge_again(tunnel, snapshot, &rule) : err;
    if (err == ERR_OK && tunnel->subject_row > 0) {
        err = policy_decide_subject(snapshot, tunnel->subject_row);
    }
    if (err == ERR_OK) {
        return;
    }
    if (!tunnel->granted) {
        CHECK(!rule.row); /* nothing of a snapshot that may be gone when it is printed */
        tunnel->setup->rule = rule;
    }
    tunnel_blame(tunnel, tunnel->granted ? ERR_REVOKED : err);
    tunnel_raise(tunnel, TUNNEL_EVENT_REVOKED);
}

void gateway_use_rules(struct gateway *gateway, struct rules_cell *cell)
{
    struct rules_cell *before = gateway->rules;
    CHECK(cell->current);
    gateway->rules = cell;
    if (before) {
        rules_retire(before);
    }
    struct list_node *node = gateway->live.ends.next;
    while (node != &gateway->live.ends) {
        struct tunnel *tunnel = gateway_tunnel(node);
        node = node->next;
        gateway_judge_again(tunnel);
    }
}

void gateway_drain(struct gateway *gateway, uint64_t time_ms)
{
    CHECK(!gateway->draining);
    gateway->draining = true;
    gateway->drain_until_ms = io_now_ms(&gateway->loop) + time_ms;
    for (size_t i = 0; i < GATEWAY_LISTENERS; i++) {
        if (gateway->ports[i].used) {
            gateway_unlisten(&gateway->ports[i]);
        }
    }
    gateway_stop_tunnels(gateway);
}

static bool gateway_has_port(const struct gateway *gateway)
{
    bool any = false;
    for (size_t i = 0; i < GATEWAY_LISTENERS; i++) {
        any = any || gateway->ports[i].used;
    }
    return any;
}

bool gateway_is_idle(const struct gateway *gateway)
{
    return gateway->draining && list_empty(&gateway->live) && !gateway_has_port(gateway);
}

void gateway_shut(struct gateway *gateway)
{
    CHECK(gateway_is_idle(gateway));
    CHECK(pool_is_full(&gateway->tunnels) && pool_is_full(&gateway->setups));
    CHECK(pool_is_full(&gateway->bulk) && pool_is_full(&gateway->handshakes));
    gateway->stopped = true;
    io_cancel(&gateway->loop, &gateway->tick);
    while (io_is_out(&gateway->tick)) {
        io_turn(&gateway->loop, 0);
    }
    if (gateway->rules) {
        rules_retire(gateway->rules);
        gateway->rules = NULL;
    }
    io_shut(&gateway->loop);
    leaves_shut(&gateway->leaves);
    gateway_release_memory(gateway);
}
