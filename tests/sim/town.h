/*
 * The small world of issue [2]: clients, a relay, an origin that echoes, on two loops of one
 * simulated network. It is the pattern for the engine's world: actors that know what they sent,
 * checkers that look all the time, a phase with faults and then one without, in which everything
 * must come to rest.
 */
#ifndef TESTS_SIM_TOWN_H
#define TESTS_SIM_TOWN_H

#include "sim/half.h"
#include "sim/io_sim.h"

enum {
    TOWN_CLIENTS = 12,
    TOWN_TUNNELS = 16,
    TOWN_BUFFER = 512,
    TOWN_BUFFERS = 48,
    TOWN_STREAM_MAX = 8192,
    TOWN_BACK_OFF_MS = 50
};

struct town;

/* Connects, sends so many bytes, ends its side, and reads the echo. */
struct client {
    struct party party;
    struct town *town;
    struct io_socket socket;
    struct io_op connect, send, recv, shutdown, timer;
    struct endpoint to;
    uint32_t number, total, sent, received;
    bool complete; /* every byte came back, then the end */
    uint8_t chunk[1024];
};

/* The relay's side of one client. */
struct tunnel {
    struct party party;
    struct town *town;
    struct io_socket client, server;
    struct io_accepted accepted;
    struct io_op accept, resolve, connect, timer;
    struct io_names names;
    struct endpoint to;
    struct half up, down;
    bool accepted_one;
    uint32_t over;
};

/* The origin's side of one connection: what comes goes back. */
struct echo {
    struct party party;
    struct town *town;
    struct io_socket socket;
    struct io_accepted accepted;
    struct io_op accept, timer;
    struct half half;
    bool accepted_one;
};

struct town {
    struct sim_world world;
    struct resolve resolve;
    struct io_loop relay_loop, other_loop;
    struct io_listener relay_port, origin_port;
    struct pool pool;
    struct pool_slot slots[TOWN_BUFFERS];
    uint8_t buffers[TOWN_BUFFERS][TOWN_BUFFER];
    struct client clients[TOWN_CLIENTS];
    struct tunnel tunnels[TOWN_TUNNELS];
    struct echo echoes[TOWN_TUNNELS];
    uint32_t client_count, tunnel_count;
    uint32_t clients_left;
    uint32_t completed, accepted, records; /* what the checkers compare at the end */
    bool closing;
};

struct town_result {
    uint64_t trace, now_ms;
    uint32_t clients, completed, accepted;
    struct sim_faults faults;
};

/* Runs one seed from the first client to the last; a checker that fails ends the program. */
struct town_result town_run(struct town *town, uint64_t seed);

/* client.c, relay.c, origin.c: their parts of the town */
void client_begin(struct client *client, struct town *town, uint32_t number);
void tunnel_begin(struct tunnel *tunnel, struct town *town);
void echo_begin(struct echo *echo, struct town *town);

#endif
