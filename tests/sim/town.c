/*
 * The town's life: opened from a seed, run with faults, then without until everything rests, and
 * looked at.
 */
#include "sim/town.h"

#include <string.h>

/* Turns without faults in which everything must have come to rest. */
enum { TOWN_TURNS_MAX = 20000, TOWN_FAULTY_TURNS_MAX = 400 };

static bool town_answer(struct span name, struct resolve_answer *answer)
{
    CHECK(span_is(name, "origin.test"));
    *answer = (struct resolve_answer){.result = ERR_OK, .count = 1};
    answer->addrs[0] = (struct addr){ADDR_IPV4, {192, 0, 2, 80}};
    return true;
}

static void town_listen(struct io_loop *loop, struct io_listener *listener, uint8_t last,
                        uint16_t port)
{
    struct endpoint at = {{ADDR_IPV4, {192, 0, 2, last}}, port};
    CHECK(io_listen(loop, listener, &at, NULL) == ERR_OK);
}

static void town_open_loop(struct town *town, struct io_loop *loop)
{
    struct io_setup setup = {.backend = &io_sim, .world = &town->world, .resolve = &town->resolve};
    CHECK(io_open(loop, &setup) == ERR_OK);
}

static void town_open(struct town *town, uint64_t seed)
{
    sim_begin(&town->world, seed);
    sim_draw_faults(&town->world);
    town->world.any_address = true;
    town->world.answer = town_answer;
    struct resolve_setup names = {.positive_ms = sim_below(&town->world, 3) * 200,
                                  .negative_ms = sim_below(&town->world, 3) * 100,
                                  .queued = sim_name_queued,
                                  .context = &town->world};
    resolve_open(&town->resolve, &names);
    struct pool_memory memory = {.items = town->buffers,
                                 .slots = town->slots,
                                 .item_size = TOWN_BUFFER,
                                 .count = (uint32_t)sim_below(&town->world, TOWN_BUFFERS - 3) + 4,
                                 .poison = true};
    memory.share = memory.count;
    pool_init(&town->pool, &memory);
    town_open_loop(town, &town->relay_loop);
    town_open_loop(town, &town->other_loop);
    town_listen(&town->relay_loop, &town->relay_port, 8, 8080);
    town_listen(&town->other_loop, &town->origin_port, 80, 443);
    town->closing = false;
    town->completed = town->accepted = town->records = 0;
}

static void town_people(struct town *town)
{
    struct sim_world *world = &town->world;
    town->client_count = (uint32_t)sim_below(world, TOWN_CLIENTS) + 1;
    town->tunnel_count = (uint32_t)sim_below(world, TOWN_TUNNELS) + 1;
    town->clients_left = town->client_count;
    for (uint32_t i = 0; i < town->tunnel_count; i++) {
        tunnel_begin(&town->tunnels[i], town);
    }
    for (uint32_t i = 0; i < TOWN_TUNNELS; i++) {
        echo_begin(&town->echoes[i], town);
    }
    for (uint32_t i = 0; i < town->client_count; i++) {
        client_begin(&town->clients[i], town, i);
    }
}

static void town_turn(struct town *town)
{
    bool relay_first = sim_chance(&town->world, 5000);
    io_turn(relay_first ? &town->relay_loop : &town->other_loop, 20);
    io_turn(relay_first ? &town->other_loop : &town->relay_loop, 20);
    CHECK(town->records <= town->accepted);
}

static uint32_t town_inflight(const struct town *town)
{
    return town->relay_loop.inflight + town->other_loop.inflight;
}

/* Closes both ports; the ACCEPTs that are out end, and with the last one everything. */
static void town_close(struct town *town)
{
    town->closing = true;
    io_unlisten(&town->relay_loop, &town->relay_port);
    io_unlisten(&town->other_loop, &town->origin_port);
    for (int i = 0; i < TOWN_TURNS_MAX && town_inflight(town) > 0; i++) {
        town_turn(town);
    }
    CHECK(town_inflight(town) == 0);
    CHECK(!io_is_listening(&town->relay_port) && !io_is_listening(&town->origin_port));
}

struct town_result town_run(struct town *town, uint64_t seed)
{
    town_open(town, seed);
    struct sim_faults faults = town->world.faults;
    town_people(town);
    for (int i = 0; i < TOWN_FAULTY_TURNS_MAX && town->clients_left > 0; i++) {
        town_turn(town);
    }
    sim_end_faults(&town->world);
    for (int i = 0; i < TOWN_TURNS_MAX && town->clients_left > 0; i++) {
        town_turn(town);
    }
    CHECK(town->clients_left == 0); /* without faults nobody may hang */
    town_close(town);
    CHECK(town->records == town->accepted);
    CHECK(pool_is_full(&town->pool));
    io_shut(&town->relay_loop);
    io_shut(&town->other_loop);
    resolve_shut(&town->resolve);
    sim_expect_rest(&town->world);
    return (struct town_result){.trace = town->world.trace,
                                .now_ms = town->world.now_ms,
                                .clients = town->client_count,
                                .completed = town->completed,
                                .accepted = town->accepted,
                                .faults = faults};
}
