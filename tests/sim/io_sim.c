/*
 * The simulated network. Every op that waits lies in the world's list with the moment from which it
 * may move; a wait lets them move in that order, and when none can, the clock jumps to the next
 * moment at which something might.
 */
#include "sim/io_sim.h"

#include <string.h>

/* What an op keeps in its backend room. */
struct sim_op {
    struct list_node order;
    uint64_t due_ms, serial;
    bool cancelled, hangs;
};

struct sim_state {
    struct sim_world *world;
};

_Static_assert(sizeof(struct sim_op) <= sizeof(((struct io_op *)0)->backend), "op's room");

static struct sim_op *sim_op(struct io_op *op)
{
    return (void *)op->backend;
}

static struct io_op *sim_owner(struct list_node *order)
{
    return list_owner(order, struct io_op, backend);
}

static struct sim_world *sim_world(struct io_loop *loop)
{
    struct sim_state *state = (void *)loop->state;
    return state->world;
}

static struct sim_end *sim_end(struct sim_world *world, intptr_t handle)
{
    CHECK(handle >= 0 && handle < SIM_ENDS && world->ends[handle].used);
    return &world->ends[handle];
}

/* ---- ops ---- */

static uint64_t sim_due_ms(struct sim_world *world)
{
    bool delayed = sim_chance(world, world->faults.delayed);
    return world->now_ms + (delayed ? sim_below(world, world->faults.delay_ms_max) + 1 : 0);
}

static void sim_start(struct io_loop *loop, struct io_op *op)
{
    struct sim_world *world = sim_world(loop);
    *sim_op(op) = (struct sim_op){.due_ms = sim_due_ms(world), .serial = world->serial++};
    list_push_last(&world->pending, &sim_op(op)->order);
    if (op->kind == IO_CONNECT) {
        sim_op(op)->hangs = sim_chance(world, world->faults.connect_hangs);
        bool slow = addr_equal(&op->arg.connect.to->addr, &world->slow);
        sim_op(op)->due_ms += slow ? SIM_SLOW_MS : 0;
    }
}

static void sim_finish(struct sim_world *world, struct io_op *op, enum err result)
{
    list_unlink(&sim_op(op)->order);
    world->progress++;
    sim_trace(world, sim_op(op)->serial);
    sim_trace(world, world->now_ms);
    sim_trace(world, (uint64_t)op->kind << 32 | op->bytes);
    sim_trace_err(world, result);
    io_finish(op->loop, op, result);
}

/* So many of the ACCEPTs that wait are looked at again. */
static void sim_unpark(struct sim_world *world, struct sim_listener *listener, uint32_t count)
{
    struct list_node *node;
    for (; count > 0 && (node = list_take_first(&listener->parked)); count--) {
        list_push_last(&world->pending, node);
    }
}

static void sim_cancel(struct io_loop *loop, struct io_op *op)
{
    if (op->kind == IO_ACCEPT) { /* it may be parked */
        list_unlink(&sim_op(op)->order);
        list_push_last(&sim_world(loop)->pending, &sim_op(op)->order);
    }
    sim_op(op)->cancelled = true;
    sim_op(op)->due_ms = sim_due_ms(sim_world(loop));
}

/* ---- connections ---- */

static int32_t sim_new_end(struct sim_world *world)
{
    for (int32_t i = 0; i < SIM_ENDS; i++) {
        struct sim_end *end = &world->ends[i];
        if (!end->used) {
            end->used = end->open = true;
            end->ended = end->reset = false;
            end->first = end->len = 0;
            return i;
        }
    }
    return -1;
}

/* Ends leave together, when both are closed. */
static void sim_close_end(struct sim_world *world, int32_t number, bool abort)
{
    struct sim_end *end = sim_end(world, number), *peer = sim_end(world, end->peer);
    CHECK(end->open);
    end->open = false;
    /* As the systems do: who closes with bytes unread resets. */
    peer->reset = peer->reset || abort || end->len > 0;
    peer->ended = true;
    if (!peer->open) {
        end->used = peer->used = false;
    }
}

static void sim_break(struct sim_world *world, struct sim_end *end)
{
    end->reset = true;
    sim_end(world, end->peer)->reset = true;
}

static bool sim_matches(const struct endpoint *at, const struct endpoint *to)
{
    return at->port == to->port &&
           (at->addr.family == ADDR_NONE || addr_equal(&at->addr, &to->addr));
}

static struct sim_listener *sim_find_listener(struct sim_world *world, const struct endpoint *to)
{
    for (size_t i = 0; i < SIM_LISTENERS; i++) {
        struct sim_listener *listener = &world->listeners[i];
        if (listener->open && !listener->closing && sim_matches(&listener->at, to)) {
            return listener;
        }
    }
    return NULL;
}

static bool sim_is_local(const struct sim_world *world, const struct addr *addr)
{
    static const struct addr loopback_ipv6 = {ADDR_IPV6, {[15] = 1}};
    bool absent = world->absent.family != ADDR_NONE && addr_equal(addr, &world->absent);
    return (world->any_address && !absent) || addr->family == ADDR_NONE ||
           addr_equal(addr, &loopback_ipv6) || (addr->family == ADDR_IPV4 && addr->bytes[0] == 127);
}

static enum err sim_connect_fault(struct sim_world *world)
{
    static const enum err faults[] = {ERR_REFUSED, ERR_UNREACHABLE, ERR_TIMED_OUT, ERR_EXHAUSTED};
    return faults[sim_below(world, sizeof faults / sizeof faults[0])];
}

/* The queue has room and there are ends: the connection stands, its server end waits there. */
static bool sim_establish(struct sim_world *world, struct io_op *op, struct sim_listener *listener)
{
    int32_t client = listener->queued < SIM_BACKLOG ? sim_new_end(world) : -1;
    int32_t server = client < 0 ? -1 : sim_new_end(world);
    if (server < 0) {
        if (client >= 0) {
            world->ends[client].used = false;
        }
        return false;
    }
    const struct endpoint *to = op->arg.connect.to;
    struct endpoint local = {to->addr, world->next_port++};
    if (op->arg.connect.from) {
        local.addr = *op->arg.connect.from;
    }
    world->next_port = world->next_port < 60000 ? world->next_port : 20000;
    struct sim_end *ends = world->ends;
    ends[client].peer = server;
    ends[server].peer = client;
    ends[client].local = ends[server].remote = local;
    ends[client].remote = ends[server].local = *to;
    listener->queue[listener->queued++] = server;
    sim_unpark(world, listener, 1);
    op->arg.connect.socket->handle = client;
    return true;
}

static bool sim_move_connect(struct sim_world *world, struct io_op *op)
{
    struct sim_listener *listener = sim_find_listener(world, op->arg.connect.to);
    enum err result = ERR_OK;
    bool mute = addr_equal(&op->arg.connect.to->addr, &world->mute);
    if (mute || (sim_op(op)->hangs && world->faults.connect_hangs > 0)) {
        return false; /* until the network is kind again, or the op is cancelled */
    }
    bool apart = addr_equal(&op->arg.connect.to->addr, &world->apart);
    if (apart || (op->arg.connect.from && !sim_is_local(world, op->arg.connect.from))) {
        result = ERR_ADDRESS_ABSENT;
    } else if (sim_chance(world, world->faults.connect_fails)) {
        result = sim_connect_fault(world);
    } else if (!listener) {
        result = ERR_REFUSED;
    } else if (!sim_establish(world, op, listener)) {
        return false;
    }
    sim_finish(world, op, result);
    return true;
}

static struct sim_listener *sim_listener(struct sim_world *world,
                                         const struct io_listener *listener)
{
    CHECK(listener->handle >= 0 && listener->handle < SIM_LISTENERS);
    return &world->listeners[listener->handle];
}

/* For one ACCEPT, or for all of them until others have closed something. */
static bool sim_lacks_descriptors(struct sim_world *world)
{
    if (world->now_ms < world->exhausted_ms) {
        return true;
    }
    bool lacks = sim_chance(world, world->faults.accept_fails);
    if (lacks && sim_chance(world, 1000)) {
        world->exhausted_ms = world->now_ms + sim_below(world, 1500);
    }
    return lacks;
}

static bool sim_move_accept(struct sim_world *world, struct io_op *op)
{
    struct sim_listener *listener = sim_listener(world, op->arg.accept.listener);
    if (listener->queued == 0) {
        if (!op->arg.accept.listener->closing) {
            list_unlink(&sim_op(op)->order);
            list_push_last(&listener->parked, &sim_op(op)->order);
            return false;
        }
        sim_finish(world, op, ERR_CLOSED);
        return true;
    }
    if (sim_lacks_descriptors(world)) {
        sim_unpark(world, listener, 1); /* the client stays */
        sim_finish(world, op, ERR_EXHAUSTED);
        return true;
    }
    int32_t end = listener->queue[0];
    listener->queued--;
    memmove(listener->queue, listener->queue + 1, listener->queued * sizeof listener->queue[0]);
    op->arg.accept.socket->handle = end;
    op->arg.accept.accepted->peer = world->ends[end].remote;
    sim_finish(world, op, ERR_OK);
    return true;
}

/* ---- bytes ---- */

static uint32_t sim_piece(struct sim_world *world, uint32_t most, uint32_t split)
{
    return most > 1 && sim_chance(world, split) ? (uint32_t)sim_below(world, most) + 1 : most;
}

static void sim_copy_out(struct sim_end *end, uint8_t *to, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        to[i] = end->inbox[(end->first + i) % SIM_INBOX];
    }
    end->first = (end->first + count) % SIM_INBOX;
    end->len -= count;
}

static void sim_copy_in(struct sim_end *end, const uint8_t *from, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        end->inbox[(end->first + end->len + i) % SIM_INBOX] = from[i];
    }
    end->len += count;
}

static bool sim_move_recv(struct sim_world *world, struct io_op *op)
{
    struct sim_end *end = sim_end(world, op->arg.recv.socket->handle);
    if (sim_chance(world, world->faults.reset)) {
        sim_break(world, end);
    }
    if (end->len > 0 && !(end->reset && sim_chance(world, 5000))) {
        struct pool *pool = op->arg.recv.pool;
        uint32_t size = (uint32_t)pool->memory.item_size;
        uint8_t *buffer = pool_take(pool, op->arg.recv.owner);
        if (buffer) {
            uint32_t most = end->len < size ? end->len : size;
            op->bytes = sim_piece(world, most, world->faults.split_recv);
            op->arg.recv.buffer = buffer;
            sim_copy_out(end, buffer, op->bytes);
        }
        sim_finish(world, op, buffer ? ERR_OK : ERR_EXHAUSTED);
        return true;
    }
    if (end->reset || end->ended) {
        sim_finish(world, op, end->reset ? ERR_RESET : ERR_OK);
        return true;
    }
    return false;
}

static bool sim_move_send(struct sim_world *world, struct io_op *op)
{
    struct sim_end *end = sim_end(world, op->arg.send.socket->handle);
    struct sim_end *peer = sim_end(world, end->peer);
    if (sim_chance(world, world->faults.reset)) {
        sim_break(world, end);
    }
    if (end->reset || !peer->open) {
        end->reset = true;
        sim_finish(world, op, ERR_RESET);
        return true;
    }
    uint32_t room = peer->len < world->faults.inbox ? world->faults.inbox - peer->len : 0;
    uint32_t left = op->arg.send.len - op->bytes;
    uint32_t most = left < room ? left : room;
    if (most == 0) {
        return false;
    }
    uint32_t count = sim_piece(world, most, world->faults.split_send);
    sim_copy_in(peer, op->arg.send.data + op->bytes, count);
    io_count_sent(op->loop, op, count);
    world->progress++;
    if (op->bytes == op->arg.send.len) {
        sim_finish(world, op, ERR_OK);
        return true;
    }
    sim_op(op)->due_ms = sim_due_ms(world);
    return false;
}

static bool sim_move_shutdown(struct sim_world *world, struct io_op *op)
{
    struct sim_end *end = sim_end(world, op->arg.shutdown.socket->handle);
    sim_end(world, end->peer)->ended = true;
    sim_finish(world, op, end->reset ? ERR_RESET : ERR_OK);
    return true;
}

static bool sim_move_close(struct sim_world *world, struct io_op *op)
{
    sim_close_end(world, (int32_t)op->arg.close.socket->handle, op->arg.close.abort);
    sim_finish(world, op, ERR_OK);
    return true;
}

/* ---- waiting ---- */

static bool (*const sim_moves[IO_KINDS])(struct sim_world *world, struct io_op *op) = {
    [IO_ACCEPT] = sim_move_accept, [IO_CONNECT] = sim_move_connect,   [IO_RECV] = sim_move_recv,
    [IO_SEND] = sim_move_send,     [IO_SHUTDOWN] = sim_move_shutdown, [IO_CLOSE] = sim_move_close,
};

/* A cancelled op may still have succeeded: a coin decides, if it could succeed now. */
static void sim_move(struct sim_world *world, struct io_op *op)
{
    bool tries = !sim_op(op)->cancelled || sim_chance(world, 5000);
    bool ended = tries && sim_moves[op->kind](world, op);
    if (!ended && sim_op(op)->cancelled) {
        sim_finish(world, op, ERR_CANCELLED);
    }
}

static void sim_move_all(struct io_loop *loop)
{
    struct sim_world *world = sim_world(loop);
    struct list_node *node = world->pending.ends.next;
    while (node != &world->pending.ends) {
        struct io_op *op = sim_owner(node);
        node = node->next;
        if (op->loop == loop && sim_op(op)->due_ms <= world->now_ms) {
            sim_move(world, op);
        }
    }
}

/* The next moment at which something might move by itself, `limit_ms` at the latest. */
static uint64_t sim_next_ms(struct sim_world *world, uint64_t limit_ms)
{
    uint64_t next_ms = limit_ms;
    list_each (node, &world->pending) {
        uint64_t due_ms = sim_op(sim_owner(node))->due_ms;
        next_ms = due_ms > world->now_ms && due_ms < next_ms ? due_ms : next_ms;
    }
    for (size_t i = 0; i < SIM_QUESTIONS && world->asking > 0; i++) {
        uint64_t due_ms = world->questions[i].entry ? world->questions[i].due_ms : 0;
        next_ms = due_ms > world->now_ms && due_ms < next_ms ? due_ms : next_ms;
    }
    return next_ms;
}

static void sim_wait(struct io_loop *loop, uint64_t ms)
{
    struct sim_world *world = sim_world(loop);
    uint64_t limit_ms = world->now_ms + ms;
    for (;;) {
        uint64_t before = world->progress;
        sim_answer_questions(world);
        sim_move_all(loop);
        if (!list_empty(&loop->ready) || atom_load_ptr(&loop->inbox)) {
            return;
        }
        if (world->progress != before) {
            continue;
        }
        if (world->now_ms == limit_ms) {
            return;
        }
        world->now_ms = sim_next_ms(world, limit_ms);
    }
}

static enum err sim_open(struct io_loop *loop, void *world)
{
    CHECK(world);
    *(struct sim_state *)(void *)loop->state = (struct sim_state){world};
    return ERR_OK;
}

static void sim_shut(struct io_loop *loop)
{
    (void)loop;
}

static uint64_t sim_clock(struct io_loop *loop)
{
    return sim_world(loop)->now_ms;
}

static enum err sim_listen(struct io_loop *loop, struct io_listener *listener,
                           const struct endpoint *at, const struct io_listener *sibling)
{
    struct sim_world *world = sim_world(loop);
    struct endpoint bound = *at;
    if (sibling) {
        sim_listener(world, sibling)->loops++;
        listener->handle = sibling->handle;
        listener->at = sibling->at;
        return ERR_OK;
    }
    if (!sim_is_local(world, &at->addr)) {
        return ERR_ADDRESS_ABSENT;
    }
    bound.port = at->port == 0 ? world->next_port++ : at->port;
    for (int i = 0; i < SIM_LISTENERS; i++) {
        if (world->listeners[i].open && sim_matches(&world->listeners[i].at, &bound)) {
            return ERR_ADDRESS_IN_USE;
        }
    }
    for (int i = 0; i < SIM_LISTENERS; i++) {
        if (!world->listeners[i].open) {
            world->listeners[i] = (struct sim_listener){.open = true, .loops = 1, .at = bound};
            list_init(&world->listeners[i].parked);
            listener->handle = i;
            listener->at = bound;
            return ERR_OK;
        }
    }
    return ERR_EXHAUSTED;
}

static void sim_unlisten(struct io_loop *loop, struct io_listener *listener)
{
    struct sim_listener *mine = sim_listener(sim_world(loop), listener);
    mine->closing = true;
    sim_unpark(sim_world(loop), mine, UINT32_MAX);
}

static void sim_unlistened(struct io_loop *loop, struct io_listener *io_listener)
{
    struct sim_world *world = sim_world(loop);
    struct sim_listener *listener = sim_listener(world, io_listener);
    CHECK(listener->loops > 0);
    if (--listener->loops > 0) {
        return;
    }
    CHECK(list_empty(&listener->parked));
    for (uint32_t i = 0; i < listener->queued; i++) {
        sim_close_end(world, listener->queue[i], true);
    }
    listener->open = false;
}

const struct io_backend io_sim = {
    .name = "sim",
    .open = sim_open,
    .shut = sim_shut,
    .clock = sim_clock,
    .wait = sim_wait,
    .wake = sim_shut, /* one thread: nobody waits while somebody posts */
    .start = {[IO_ACCEPT] = sim_start,
              [IO_CONNECT] = sim_start,
              [IO_RECV] = sim_start,
              [IO_SEND] = sim_start,
              [IO_SHUTDOWN] = sim_start,
              [IO_CLOSE] = sim_start},
    .cancel = sim_cancel,
    .listen = sim_listen,
    .unlisten = sim_unlisten,
    .unlistened = sim_unlistened,
};
