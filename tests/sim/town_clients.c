/*
 * The clients of the town. The byte at each place of a stream follows from the client and the
 * place, so that a client can check every byte that comes back.
 */
#include "sim/town.h"

static uint8_t client_byte(const struct client *client, uint32_t place)
{
    return (uint8_t)(client->number * 59 + place * 31 + (place >> 8));
}

static void client_rest(struct party *party)
{
    struct client *client = list_owner(party, struct client, party);
    CHECK(client->received <= client->sent || client->sent == client->total);
    client->town->completed += client->complete ? 1 : 0;
    client->town->clients_left--;
}

static void client_send_more(struct client *client)
{
    uint32_t left = client->total - client->sent;
    uint32_t len = left < sizeof client->chunk ? left : (uint32_t)sizeof client->chunk;
    if (len == 0) {
        io_shutdown(client->party.loop, &client->shutdown, &client->socket);
        return;
    }
    for (uint32_t i = 0; i < len; i++) {
        client->chunk[i] = client_byte(client, client->sent + i);
    }
    io_send(client->party.loop, &client->send, &client->socket, span_of(client->chunk, len));
}

static void client_receive(struct client *client)
{
    io_recv(client->party.loop, &client->recv, &client->socket, &client->town->pool, NULL);
}

static void client_on_connect(struct io_op *op)
{
    struct client *client = list_owner(op, struct client, connect);
    if (!client->party.dying && op->result == ERR_OK) {
        client_send_more(client);
        client_receive(client);
    } else {
        party_die(&client->party, false);
    }
    party_step(&client->party);
}

static void client_on_send(struct io_op *op)
{
    struct client *client = list_owner(op, struct client, send);
    client->sent += op->bytes;
    if (op->result != ERR_OK) {
        party_die(&client->party, true);
    } else if (!client->party.dying) {
        client_send_more(client);
    }
    party_step(&client->party);
}

/* What comes back is what was sent, in order: a prefix at every moment. */
static void client_check_bytes(struct client *client, const uint8_t *bytes, uint32_t count)
{
    CHECK(client->received + count <= client->total);
    for (uint32_t i = 0; i < count; i++) {
        CHECK(bytes[i] == client_byte(client, client->received + i));
    }
    client->received += count;
}

static void client_on_recv(struct io_op *op)
{
    struct client *client = list_owner(op, struct client, recv);
    if (op->arg.recv.buffer) {
        client_check_bytes(client, op->arg.recv.buffer, op->bytes);
        pool_give(&client->town->pool, op->arg.recv.buffer);
    }
    if (op->result == ERR_OK && op->bytes == 0) {
        client->complete = client->received == client->total;
        party_die(&client->party, false);
    } else if (op->result != ERR_OK) {
        party_die(&client->party, true);
    } else if (!client->party.dying) {
        client_receive(client);
    }
    party_step(&client->party);
}

static void client_on_shutdown(struct io_op *op)
{
    struct client *client = list_owner(op, struct client, shutdown);
    if (op->result != ERR_OK) {
        party_die(&client->party, true);
    }
    party_step(&client->party);
}

/* Some clients lose patience, at any moment of their life. */
static void client_on_timer(struct io_op *op)
{
    struct client *client = list_owner(op, struct client, timer);
    if (op->result == ERR_OK) {
        party_die(&client->party, true);
    }
    party_step(&client->party);
}

void client_begin(struct client *client, struct town *town, uint32_t number)
{
    struct sim_world *world = &town->world;
    *client = (struct client){.town = town, .number = number, .to = town->relay_port.at};
    client->total = (uint32_t)sim_below(world, sim_chance(world, 5000) ? 64 : TOWN_STREAM_MAX) + 1;
    party_init(&client->party, &town->other_loop, client_rest);
    party_add_socket(&client->party, &client->socket);
    party_add_op(&client->party, &client->connect, client_on_connect);
    party_add_op(&client->party, &client->send, client_on_send);
    party_add_op(&client->party, &client->recv, client_on_recv);
    party_add_op(&client->party, &client->shutdown, client_on_shutdown);
    party_add_op(&client->party, &client->timer, client_on_timer);
    io_connect(client->party.loop, &client->connect, &client->socket, &client->to, NULL);
    if (sim_chance(world, 2000)) {
        io_timer(client->party.loop, &client->timer, world->now_ms + sim_below(world, 500));
    }
}
