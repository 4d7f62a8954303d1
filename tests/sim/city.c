/*
 * The city's life: opened from a seed, lived with faults, rules and ports changing, then without
 * faults, with late clients who must all be served; ended, and looked at.
 */
#include "sim/city.h"

#include <string.h>

enum {
    CITY_TURNS_FAULTY = 500,
    CITY_TURNS_MAX = 400000, /* where 16 bytes fit at a time, 40,000 are not enough */
    CITY_WAIT_MS = 250,
    CITY_TUNNELS = 64,
    CITY_FORGET_MS = 1200, /* until names that failed are asked again */
};

static struct city *living; /* the resolver's questions bring no context */

static bool answer_name(struct span name, struct resolve_answer *answer)
{
    return city_answer_name(living, name, answer);
}

static uint32_t below(struct city *city, uint32_t limit)
{
    return (uint32_t)sim_below(&city->world, limit);
}

/* ---- opening ---- */

static void open_world(struct city *city, uint64_t seed)
{
    sim_begin(&city->world, seed);
    sim_draw_faults(&city->world);
    city->world.faults.reset /= 8; /* a life here takes many more ops than in the small world */
    city->world.faults.connect_fails /= 3;
    city->world.faults.connect_hangs /= 2;
    city->world.any_address = true;
    city->world.absent = city_addr("20.66.66.66");
    city->world.mute = city_addr("20.0.0.66");
    city->world.slow = city_addr("20.0.0.5");
    city->world.apart = city_addr("2603::66");
    city->world.answer = answer_name;
    struct resolve_setup names = {.positive_ms = below(city, 3) * 1000,
                                  .negative_ms = below(city, 3) * 500,
                                  .queued = sim_name_queued,
                                  .context = &city->world};
    resolve_open(&city->resolve, &names);
    city->never_exhausted = city->world.faults.accept_fails == 0;
    city->deaf = below(city, 8) == 0;
    city->world.faults.inbox = city->deaf ? 16 : city->world.faults.inbox;
    struct io_setup street = {.backend = &io_sim, .world = &city->world, .resolve = &city->resolve};
    CHECK(io_open(&city->street, &street) == ERR_OK);
}

static void open_gateways(struct city *city, uint64_t seed)
{
    static uint64_t memory[CITY_TUNNELS * 32];
    static const uint64_t hash_seed[2] = {3, 4};
    struct quota_limits limits = {CITY_TUNNELS, CITY_TUNNELS};
    static uint64_t more[CITY_TUNNELS * 256];
    CHECK(quota_size(CITY_TUNNELS) <= sizeof memory);
    CHECK(sessions_size(CITY_TUNNELS) <= sizeof more);
    city->tight = below(city, 4) == 0;
    if (city->tight) {
        limits = (struct quota_limits){below(city, 6) + 1, below(city, 4) + 1};
    }
    uint32_t spare = below(city, 3) + 1;
    quota_open(&city->quota, memory, CITY_TUNNELS, &limits, hash_seed);
    sessions_open(&city->sessions, more, CITY_TUNNELS, hash_seed);
    for (uint32_t i = 0; i < CITY_GATEWAYS; i++) {
        struct gateway_setup setup = {
            .io = {.backend = &io_sim, .world = &city->world, .resolve = &city->resolve},
            .tunnels_max = CITY_TUNNELS,
            .spare = spare,
            .quota = &city->quota,
            .sessions = &city->sessions,
            .seed = {hash_seed[0], hash_seed[1]},
            .poison = seed % 256 == 7}; /* it costs as much as all the rest */
        city_watch(city, &setup, i);
        CHECK(gateway_open(&city->gateways[i], &setup) == ERR_OK);
    }
}

/* The same port on both gateways, and the old one, if any, closed. */
static bool listen_at(struct city *city, uint16_t port)
{
    struct gateway_port *ports[CITY_GATEWAYS];
    struct endpoint at = {{ADDR_NONE, {0}}, port};
    for (uint32_t i = 0; i < CITY_GATEWAYS; i++) {
        enum err err = gateway_listen(&city->gateways[i], &at, i > 0 ? ports[0] : NULL, &ports[i]);
        if (err != ERR_OK) {
            CHECK(i == 0 && (err == ERR_ADDRESS_IN_USE || err == ERR_EXHAUSTED));
            return false;
        }
    }
    for (uint32_t i = 0; i < CITY_GATEWAYS; i++) {
        if (city->ports[i]) {
            gateway_unlisten(city->ports[i]);
        }
        city->ports[i] = ports[i];
    }
    city->at = (struct endpoint){city_addr("20.9.9.9"), port};
    return true;
}

static void open_desks(struct city *city)
{
    static const struct {
        const char *addr;
        uint16_t port;
    } places[CITY_PORTS] = {{"20.0.0.1", 443},
                            {"2603::1", 443},
                            {"20.0.0.5", 443},
                            {"10.0.0.1", 443},
                            {"20.0.0.3", 3128}};
    for (uint32_t i = 0; i < CITY_PORTS; i++) {
        struct endpoint at = {city_addr(places[i].addr), places[i].port};
        CHECK(io_listen(&city->street, &city->listeners[i], &at, NULL) == ERR_OK);
    }
    for (uint32_t i = 0; i < CITY_DESKS; i++) {
        uint32_t port = i == 0 ? 3 : i % 8 < 3 ? 0 : i % 8 < 5 ? i % 8 - 2 : 4;
        city_desk_begin(&city->desks[i], city, &city->listeners[port]);
    }
}

static void open_people(struct city *city)
{
    static uint8_t buffers[CITY_BUFFERS][CITY_BUFFER];
    pool_init(&city->pool, &(struct pool_memory){.items = buffers,
                                                 .slots = city->slots,
                                                 .item_size = CITY_BUFFER,
                                                 .count = CITY_BUFFERS,
                                                 .share = CITY_BUFFERS});
    open_desks(city);
    city->client_count = city->clients_left = below(city, CITY_CLIENTS - CITY_LATE) + 1;
    for (uint32_t i = 0; i < city->client_count; i++) {
        city_client_begin(&city->clients[i], city, i);
    }
}

/* What the last seed has left is no part of this one; buffers keep what nobody looks at. */
static void open_city(struct city *city, uint64_t seed)
{
    living = city;
    memset(city->clients, 0, sizeof city->clients);
    memset(city->asked_ms, 0, sizeof city->asked_ms);
    memset(city->since_ms, 0, sizeof city->since_ms);
    memset(city->won_ms, 0, sizeof city->won_ms);
    memset(city->events, 0, sizeof city->events);
    memset(city->ports, 0, sizeof city->ports);
    city->joined = city->named = city->records = 0;
    city->carried = 0;
    city->rules_count = 0;
    city->talk_count = 0;
    city->tight = city->drained = city->closing = city->banners = false;
    city->wait_ms = 1;
    atom_store(&city->access_on, 1);
    open_world(city, seed);
    open_gateways(city, seed);
    uint32_t kind = below(city, 4); /* mostly one that allows most */
    city_change_rules(city, kind == 3 ? below(city, city_kinds()) : kind == 2 ? 4 : kind);
    CHECK(listen_at(city, 8080));
    open_people(city);
}

/* ---- living ---- */

/* Everybody moves as far as possible in this moment; then the clock goes on. */
static void turn(struct city *city)
{
    struct io_loop *loops[] = {&city->gateways[0].loop, &city->gateways[1].loop, &city->street};
    uint64_t before = city->world.progress;
    uint32_t first = below(city, 3);
    for (uint32_t i = 0; i < 3; i++) {
        io_turn(loops[(first + i) % 3], 0);
    }
    bool moved = city->world.progress != before;
    city->wait_ms = moved ? 1 : city->wait_ms * 2;
    city->wait_ms = city->wait_ms < CITY_WAIT_MS ? city->wait_ms : CITY_WAIT_MS;
    if (!moved) {
        io_turn(loops[first], city->wait_ms);
    }
    city_look(city);
}

static void drain(struct city *city)
{
    static const uint32_t times_ms[] = {0, 1000, 5000};
    city->drained = true;
    city->drained_ms = city->world.now_ms;
    city->drain_ms = times_ms[below(city, city->deaf ? 1 : 3)];
    for (uint32_t i = 0; i < CITY_GATEWAYS; i++) {
        gateway_drain(&city->gateways[i], city->drain_ms);
    }
}

/* Now and then somebody changes something. */
static void disturb(struct city *city, bool ends)
{
    uint32_t dice = below(city, city->deaf ? 60 : 200);
    if (city->tight && dice == 30) {
        struct quota_limits limits = {below(city, 6) + 1, below(city, 4)};
        quota_set_limits(&city->quota, &limits);
    }
    if (dice < 2 && city->rules_count < CITY_CHANGES) {
        city_change_rules(city, below(city, 3) == 0 ? 2 : below(city, city_kinds()));
    } else if (dice < 3) {
        (void)listen_at(city, city->at.port == 8080 ? 8081 : 8080);
    } else if ((dice < 4 || (dice < 20 && city->greeting > 0)) && ends) {
        drain(city);
    }
}

static void live_with_faults(struct city *city)
{
    bool changes = city->deaf || below(city, 2) == 0, ends = below(city, 5) < 2;
    for (uint32_t i = 0; i < CITY_TURNS_FAULTY && city->clients_left > 0; i++) {
        turn(city);
        if (changes && !city->drained) {
            disturb(city, ends);
        }
    }
}

static void live_to_the_end(struct city *city)
{
    for (uint32_t i = 0; i < CITY_TURNS_MAX && city->clients_left > 0; i++) {
        turn(city);
    }
    CHECK(city->clients_left == 0); /* without faults nobody may hang */
}

/* Nobody is in their way: each of them is answered what is due to it. */
static void serve_late_clients(struct city *city)
{
    uint32_t count = below(city, CITY_LATE) + 1;
    uint64_t calm_ms = city->world.now_ms + CITY_FORGET_MS;
    while (city->world.now_ms < calm_ms) {
        turn(city);
    }
    city->client_count += count;
    city->clients_left = count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = CITY_CLIENTS - CITY_LATE + i;
        city_client_begin(&city->clients[number], city, number);
    }
    live_to_the_end(city);
}

/* ---- closing ---- */

static bool are_idle(const struct city *city)
{
    bool idle = true;
    for (uint32_t i = 0; i < CITY_GATEWAYS; i++) {
        idle = idle && gateway_is_idle(&city->gateways[i]);
    }
    return idle;
}

/* Without a client no tunnel lasts longer than what it is given. */
static void wait_for_tunnels(struct city *city)
{
    const struct list *live[] = {&city->gateways[0].live, &city->gateways[1].live};
    uint64_t until_ms = city->world.now_ms + CITY_PATIENCE_MS;
    while (!list_empty(live[0]) || !list_empty(live[1])) {
        turn(city);
        CHECK(city->world.now_ms < until_ms);
    }
}

static void close_gateways(struct city *city)
{
    if (!city->drained && below(city, 4) > 0) {
        wait_for_tunnels(city);
    }
    if (!city->drained) {
        drain(city);
    }
    for (uint32_t i = 0; i < CITY_TURNS_MAX && !are_idle(city); i++) {
        turn(city);
    }
    CHECK(are_idle(city));
    city_look_at_end(city);
    for (uint32_t i = 0; i < CITY_GATEWAYS; i++) {
        gateway_shut(&city->gateways[i]);
    }
    for (uint32_t i = 0; i < city->rules_count; i++) {
        CHECK(city->rules[i].unused);
    }
}

static void close_street(struct city *city)
{
    city->closing = true;
    for (uint32_t i = 0; i < CITY_PORTS; i++) {
        io_unlisten(&city->street, &city->listeners[i]);
    }
    for (uint32_t i = 0; i < CITY_TURNS_MAX && city->street.inflight > 0; i++) {
        io_turn(&city->street, CITY_WAIT_MS);
    }
    CHECK(city->street.inflight == 0 && pool_is_full(&city->pool));
    io_shut(&city->street);
    resolve_shut(&city->resolve);
    quota_shut(&city->quota);
    sessions_shut(&city->sessions);
    sim_expect_rest(&city->world);
}

static struct city_result judge(struct city *city, const struct sim_faults *faults)
{
    struct city_result result = {.trace = city->world.trace,
                                 .now_ms = city->world.now_ms,
                                 .clients = city->client_count,
                                 .faults = *faults};
    for (uint32_t i = 0; i < CITY_CLIENTS; i++) {
        const struct city_client *client = &city->clients[i];
        if (client->city) {
            city->judged = client;
            city_judge_client(client);
            city->judged = NULL;
        }
        result.granted += client->granted ? 1 : 0;
        result.complete += client->done && client->record.verdict == ERR_OK ? 1 : 0;
        result.denied += client->granted && client->record.verdict != ERR_OK ? 1 : 0;
        result.refused += client->refused ? 1 : 0;
    }
    return result;
}

struct city_result city_run(struct city *city, uint64_t seed)
{
    open_city(city, seed);
    struct sim_faults faults = city->world.faults;
    live_with_faults(city);
    sim_end_faults(&city->world);
    live_to_the_end(city);
    if (!city->drained) {
        serve_late_clients(city);
    }
    close_gateways(city);
    close_street(city);
    return judge(city, &faults);
}
