/*
 * The relay of the town: a client comes, the origin's name is resolved, the origin connected, bytes
 * go both ways until both directions have ended; and any failure ends both sides.
 */
#include "sim/town.h"

#include <string.h>

/* One record for each accepted client, whatever became of it. */
static void tunnel_rest(struct party *party)
{
    struct tunnel *tunnel = list_owner(party, struct tunnel, party);
    tunnel->town->records += tunnel->accepted_one ? 1 : 0;
    if (!tunnel->town->closing || tunnel->accepted_one) {
        tunnel_begin(tunnel, tunnel->town);
    }
}

static void tunnel_over(struct half *half)
{
    struct tunnel *tunnel = list_owner(half->party, struct tunnel, party);
    if (++tunnel->over == 2) {
        party_die(half->party, false);
    }
}

static void tunnel_broken(struct half *half)
{
    party_die(half->party, true);
}

static void tunnel_on_accept(struct io_op *op)
{
    struct tunnel *tunnel = list_owner(op, struct tunnel, accept);
    static const char name[] = "origin.test";
    if (op->result == ERR_OK) {
        tunnel->accepted_one = true;
        tunnel->town->accepted++;
        tunnel->names.name_len = sizeof name - 1;
        tunnel->names.client = tunnel->accepted.peer.port;
        memcpy(tunnel->names.name, name, sizeof name - 1);
        io_resolve(tunnel->party.loop, &tunnel->resolve, &tunnel->names);
        io_timer(tunnel->party.loop, &tunnel->timer, io_now_ms(tunnel->party.loop) + 10000);
    } else if (op->result == ERR_EXHAUSTED) {
        /* No descriptor: asking again at once would find none again. */
        io_timer(tunnel->party.loop, &tunnel->timer, io_now_ms(op->loop) + TOWN_BACK_OFF_MS);
    } else {
        party_die(&tunnel->party, false);
    }
    party_step(&tunnel->party);
}

static void tunnel_on_resolve(struct io_op *op)
{
    struct tunnel *tunnel = list_owner(op, struct tunnel, resolve);
    if (!tunnel->party.dying && op->result == ERR_OK) {
        CHECK(tunnel->names.count > 0);
        tunnel->to = (struct endpoint){tunnel->names.addrs[0], tunnel->town->origin_port.at.port};
        io_connect(tunnel->party.loop, &tunnel->connect, &tunnel->server, &tunnel->to, NULL);
    } else {
        party_die(&tunnel->party, true);
    }
    party_step(&tunnel->party);
}

static void tunnel_on_connect(struct io_op *op)
{
    struct tunnel *tunnel = list_owner(op, struct tunnel, connect);
    if (!tunnel->party.dying && op->result == ERR_OK) {
        half_begin(&tunnel->up);
        half_begin(&tunnel->down);
    } else {
        party_die(&tunnel->party, true);
    }
    party_step(&tunnel->party);
}

static void tunnel_accept(struct tunnel *tunnel)
{
    io_accept(tunnel->party.loop, &tunnel->accept, &tunnel->town->relay_port, &tunnel->client,
              &tunnel->accepted);
}

/* The deadline of a tunnel, or the end of a pause before the next ACCEPT. */
static void tunnel_on_timer(struct io_op *op)
{
    struct tunnel *tunnel = list_owner(op, struct tunnel, timer);
    if (op->result == ERR_OK && tunnel->accepted_one) {
        party_die(&tunnel->party, true);
    } else if (op->result == ERR_OK && io_is_listening(&tunnel->town->relay_port)) {
        tunnel_accept(tunnel);
    }
    party_step(&tunnel->party);
}

void tunnel_begin(struct tunnel *tunnel, struct town *town)
{
    *tunnel = (struct tunnel){.town = town};
    party_init(&tunnel->party, &town->relay_loop, tunnel_rest);
    party_add_socket(&tunnel->party, &tunnel->client);
    party_add_socket(&tunnel->party, &tunnel->server);
    party_add_op(&tunnel->party, &tunnel->accept, tunnel_on_accept);
    party_add_op(&tunnel->party, &tunnel->resolve, tunnel_on_resolve);
    party_add_op(&tunnel->party, &tunnel->connect, tunnel_on_connect);
    party_add_op(&tunnel->party, &tunnel->timer, tunnel_on_timer);
    half_init(&tunnel->up, &tunnel->party, &tunnel->client, &tunnel->server, &town->pool);
    half_init(&tunnel->down, &tunnel->party, &tunnel->server, &tunnel->client, &town->pool);
    tunnel->up.over = tunnel->down.over = tunnel_over;
    tunnel->up.broken = tunnel->down.broken = tunnel_broken;
    if (io_is_listening(&town->relay_port)) {
        tunnel_accept(tunnel);
    }
}
