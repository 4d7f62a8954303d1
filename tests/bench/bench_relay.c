/*
 * A relay with nothing but the seam in it, to measure what the seam costs: each client is connected
 * to one origin and bytes go both ways. It is the town's tunnel without names, over the system's
 * own backend.
 *
 *     bench_relay ORIGIN_PORT     prints its own port, runs until it is killed
 */
#include "io/io_backend.h"
#include "sim/half.h"

#include <stdio.h>

enum { RELAY_TUNNELS = 20000, RELAY_ACCEPTS = 32, RELAY_BUFFERS = 256, RELAY_BUFFER = 65536 };

struct relay_tunnel {
    struct party party;
    struct io_socket client, server;
    struct io_accepted accepted;
    struct io_op accept, connect;
    struct half up, down;
    struct relay_tunnel *next_free;
    int over;
};

static struct io_loop loop;
static struct io_listener listener;
static struct endpoint origin = {{ADDR_IPV4, {127, 0, 0, 1}}, 0};
static struct pool pool;
static struct pool_slot slots[RELAY_BUFFERS];
static uint8_t buffers[RELAY_BUFFERS][RELAY_BUFFER];
static struct relay_tunnel tunnels[RELAY_TUNNELS], *first_free;
static uint32_t accepting, tunnels_ever; /* tunnels behind that have not been touched yet */

static void relay_accept_more(void);

static void relay_rest(struct party *party)
{
    struct relay_tunnel *tunnel = list_owner(party, struct relay_tunnel, party);
    tunnel->next_free = first_free;
    first_free = tunnel;
    relay_accept_more();
}

static void relay_over(struct half *half)
{
    struct relay_tunnel *tunnel = list_owner(half->party, struct relay_tunnel, party);
    if (++tunnel->over == 2) {
        party_die(half->party, false);
    }
}

static void relay_broken(struct half *half)
{
    party_die(half->party, true);
}

static void relay_on_accept(struct io_op *op)
{
    struct relay_tunnel *tunnel = list_owner(op, struct relay_tunnel, accept);
    accepting--;
    if (op->result == ERR_OK) {
        io_connect(&loop, &tunnel->connect, &tunnel->server, &origin, NULL);
        relay_accept_more();
    } else {
        party_die(&tunnel->party, false);
    }
    party_step(&tunnel->party);
}

static void relay_on_connect(struct io_op *op)
{
    struct relay_tunnel *tunnel = list_owner(op, struct relay_tunnel, connect);
    if (op->result == ERR_OK) {
        half_begin(&tunnel->up);
        half_begin(&tunnel->down);
    } else {
        party_die(&tunnel->party, true);
    }
    party_step(&tunnel->party);
}

static void relay_begin(struct relay_tunnel *tunnel)
{
    *tunnel = (struct relay_tunnel){0};
    party_init(&tunnel->party, &loop, relay_rest);
    party_add_socket(&tunnel->party, &tunnel->client);
    party_add_socket(&tunnel->party, &tunnel->server);
    party_add_op(&tunnel->party, &tunnel->accept, relay_on_accept);
    party_add_op(&tunnel->party, &tunnel->connect, relay_on_connect);
    half_init(&tunnel->up, &tunnel->party, &tunnel->client, &tunnel->server, &pool);
    half_init(&tunnel->down, &tunnel->party, &tunnel->server, &tunnel->client, &pool);
    tunnel->up.over = tunnel->down.over = relay_over;
    tunnel->up.broken = tunnel->down.broken = relay_broken;
    io_accept(&loop, &tunnel->accept, &listener, &tunnel->client, &tunnel->accepted);
}

static struct relay_tunnel *relay_take(void)
{
    struct relay_tunnel *tunnel = first_free;
    if (tunnel) {
        first_free = tunnel->next_free;
        return tunnel;
    }
    return tunnels_ever < RELAY_TUNNELS ? &tunnels[tunnels_ever++] : NULL;
}

static void relay_accept_more(void)
{
    struct relay_tunnel *tunnel;
    while (accepting < RELAY_ACCEPTS && (tunnel = relay_take())) {
        accepting++;
        relay_begin(tunnel);
    }
}

int main(int argc, char **argv)
{
    struct io_setup setup = {.backend = BENCH_BACKEND};
    struct endpoint at = {{ADDR_IPV4, {127, 0, 0, 1}}, 0};
    struct pool_memory memory = {.items = buffers,
                                 .slots = slots,
                                 .item_size = RELAY_BUFFER,
                                 .count = RELAY_BUFFERS,
                                 .share = RELAY_BUFFERS};
    if (argc != 2 || port_parse(span_str(argv[1]), &origin.port) != ERR_OK) {
        (void)fprintf(stderr, "usage: bench_relay ORIGIN_PORT\n");
        return 2;
    }
    pool_init(&pool, &memory);
    if (io_open(&loop, &setup) != ERR_OK || io_listen(&loop, &listener, &at, NULL) != ERR_OK) {
        (void)fprintf(stderr, "bench_relay: no loop, or no port\n");
        return 1;
    }
    (void)printf("%u\n", (unsigned)listener.at.port);
    (void)fflush(stdout);
    relay_accept_more();
    for (;;) {
        io_turn(&loop, 1000);
    }
}
