/*
 * The clients of the city: each connects, says its head and its bytes in its own way, and notes
 * what it hears. A stream begins with TLS; behind that the byte at each place follows from its
 * maker and the place.
 */
#include "sim/city.h"

#include <string.h>

enum { CLIENT_LOOK_MS = 4000 };

uint8_t city_client_byte(const struct city_client *client, uint32_t place)
{
    uint8_t own = (uint8_t)(client->number * 59 + place * 31 + place / 256);
    return place < client->side.len ? client->side.bytes[place] : own;
}

uint32_t city_client_total(const struct city_client *client)
{
    return city_side_total(&client->side, client->total);
}

/* The socket's other end was closed by whoever had it. */
bool city_is_left(const struct city *city, const struct io_socket *socket)
{
    const struct sim_end *ends = city->world.ends;
    return !io_socket_is_open(socket) || !ends[ends[socket->handle].peer].open;
}

/* What waits for somebody who does not read. */
uint32_t city_unread(const struct city *city, const struct io_socket *socket)
{
    return io_socket_is_open(socket) ? city->world.ends[socket->handle].len : 0;
}

static void client_rest(struct party *party)
{
    struct city_client *client = list_owner(party, struct city_client, party);
    struct city *city = client->city;
    client->last_rules = city->rules_count - 1;
    client->drained = client->drained || city->drained;
    city->clients_left--;
}

static uint32_t client_limit(const struct city_client *client)
{
    uint32_t limit = city_side_limit(&client->side, client->total, client->heard);
    return (uint32_t)client->head.len + (client->granted ? limit : client->early);
}

static void client_fill(struct city_client *client, uint32_t len)
{
    uint32_t head_len = (uint32_t)client->head.len;
    for (uint32_t i = 0; i < len; i++) {
        uint32_t at = client->sent + i;
        client->chunk[i] =
            at < head_len ? client->head.at[at] : city_client_byte(client, at - head_len);
    }
}

/* Whether it has nothing more to say, ever. */
static bool client_is_through(const struct city_client *client)
{
    uint32_t said = client->sent - (uint32_t)client->head.len;
    bool all = client->sent >= client->head.len &&
               city_side_is_over(&client->side, client->total, client->heard, said);
    all = all || (client->granted && client->eof); /* in the middle of a handshake */
    bool may = client->granted || !client->host;   /* a good head waits for its answer */
    return all && may && !client->silent && (client->end == CITY_END_SHUT || client->eof);
}

static void client_say(struct city_client *client)
{
    uint32_t left = client_limit(client) - client->sent;
    uint32_t len = left < client->drip ? left : client->drip;
    if (client->party.dying || client->shut || io_is_out(&client->send) ||
        io_is_out(&client->shutdown) || io_is_out(&client->pause)) {
        return;
    }
    if (len > 0) {
        client_fill(client, len);
        io_send(client->party.loop, &client->send, &client->socket, span_of(client->chunk, len));
    } else if (client_is_through(client)) {
        io_shutdown(client->party.loop, &client->shutdown, &client->socket);
    }
}

static void client_hear(struct city_client *client)
{
    if (!client->deaf) {
        io_recv(client->party.loop, &client->recv, &client->socket, &client->city->pool, NULL);
    }
}

static void client_on_connect(struct io_op *op)
{
    struct city_client *client = list_owner(op, struct city_client, connect);
    const struct city *city = client->city;
    if (op->result == ERR_OK) {
        client->connected = true;
        client->port = city->world.ends[client->socket.handle].local.port;
        client->connected_ms = client->moved_ms = io_now_ms(op->loop);
    }
    if (!client->party.dying && op->result == ERR_OK) {
        client_say(client);
        client_hear(client);
    } else {
        client->reset = true;
        party_die(&client->party, false);
    }
    party_step(&client->party);
}

static void client_on_send(struct io_op *op)
{
    struct city_client *client = list_owner(op, struct city_client, send);
    client->sent += op->bytes;
    client->moved_ms = io_now_ms(op->loop);
    if (op->result != ERR_OK) {
        client->reset = true;
        party_die(&client->party, true);
    } else if (!client->party.dying && client->pause_ms > 0) {
        io_timer(op->loop, &client->pause, client->moved_ms + client->pause_ms);
    }
    client_say(client);
    party_step(&client->party);
}

static void client_on_pause(struct io_op *op)
{
    struct city_client *client = list_owner(op, struct city_client, pause);
    client_say(client);
    party_step(&client->party);
}

/* Whether it is over with both directions: nothing is said, or the end of it was. */
static void client_look_for_end(struct city_client *client)
{
    bool granted_over = client->eof && client->shut;
    if (granted_over || (client->eof && !client->granted)) {
        client->done = client->granted;
        party_die(&client->party, false);
    }
}

static void client_on_shutdown(struct io_op *op)
{
    struct city_client *client = list_owner(op, struct city_client, shutdown);
    client->shut = op->result == ERR_OK;
    if (op->result != ERR_OK) {
        client->reset = true;
        party_die(&client->party, true);
    }
    client_look_for_end(client);
    party_step(&client->party);
}

/* Whether what was heard last and this byte are the beginning of an alert of ours. */
static bool client_finds_alert(struct city_client *client, uint32_t shared, uint8_t byte)
{
    static const uint8_t alert[] = {21, 3, 0, 0, 2, 2, 0};
    for (uint32_t i = 0; i <= shared; i++) {
        uint32_t place = client->heard - shared + i;
        uint8_t at = i < shared ? city_talk_byte(client->city, client->talk, place) : byte;
        if (i != 2 && i != 6 && at != alert[i]) {
            return false;
        }
        client->alert[i] = at;
    }
    return true;
}

/* It may begin as what the server says goes on. */
static void client_begin_alert(struct city_client *client, uint8_t byte)
{
    uint32_t shared = client->heard < 6 ? client->heard : 6;
    while (!client_finds_alert(client, shared, byte)) {
        CHECK(shared > 0);
        shared--;
    }
    client->heard -= shared;
    client->alert_len = (uint8_t)(shared + 1);
}

/* What comes behind the 200: what the server says, up to some place, and an alert of ours. */
static void client_take_stream(struct city_client *client, struct span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        const struct city *city = client->city;
        client->received++;
        if (client->alert_len > 0) {
            CHECK(client->alert_len < sizeof client->alert);
            client->alert[client->alert_len++] = bytes.at[i];
        } else if (client->talk >= 0 &&
                   client->heard < city_talk_total(&city->talks[client->talk]) &&
                   bytes.at[i] == city_talk_byte(city, client->talk, client->heard)) {
            client->heard++;
        } else {
            client_begin_alert(client, bytes.at[i]);
        }
    }
    if (client->talk >= 0) {
        const struct city_talk *talk = &client->city->talks[client->talk];
        city_side_check(&talk->side, client->heard, talk->said);
    }
}

/* The server's first words were heard: both know how it goes on. */
static void client_answer(struct city_client *client)
{
    struct city_talk *talk = client->talk < 0 ? NULL : &client->city->talks[client->talk];
    const struct city_shake *shake = client->shake;
    if (talk && talk->side.built && talk->side.len > 0 && client->heard >= talk->side.len &&
        !client->answered && !client->side.complete && shake->end == SHAKE_WHOLE) {
        client->answered = true;
        city_tls_answer(&client->side, &talk->side, shake, client->name);
    }
}

/* Up to the end of our 200, or whatever else was said instead. */
static struct span client_take_reply(struct city_client *client, struct span bytes)
{
    struct span grant = reply_granted();
    client->replied_ms = client->said_len == 0 ? io_now_ms(client->party.loop) : client->replied_ms;
    while (bytes.len > 0 && !client->granted) {
        CHECK(client->said_len < sizeof client->said);
        client->said[client->said_len++] = bytes.at[0];
        bytes = span_after(bytes, 1);
        bool as_grant =
            client->said_len <= grant.len && memcmp(client->said, grant.at, client->said_len) == 0;
        client->refused = !as_grant;
        client->granted = as_grant && client->said_len == grant.len;
    }
    return bytes;
}

static void client_take(struct city_client *client, struct span bytes)
{
    if (!client->granted) {
        bytes = client_take_reply(client, bytes);
    }
    if (client->granted) {
        CHECK(client->host);
        client_take_stream(client, bytes);
        client_answer(client);
    } else if (client->refused) {
        CHECK(client->talk < 0 || client->city->talks[client->talk].received == 0);
    }
}

static void client_on_recv(struct io_op *op)
{
    struct city_client *client = list_owner(op, struct city_client, recv);
    client->moved_ms = io_now_ms(op->loop);
    if (op->arg.recv.buffer) {
        client_take(client, span_of(op->arg.recv.buffer, op->bytes));
        pool_give(&client->city->pool, op->arg.recv.buffer);
    }
    if (op->result == ERR_OK && op->bytes == 0) {
        client->eof = true;
        client_look_for_end(client);
    } else if (op->result != ERR_OK) {
        client->reset = client->reset || op->result != ERR_CANCELLED;
        party_die(&client->party, true);
    } else if (!client->party.dying) {
        client_hear(client);
    }
    client_say(client);
    party_step(&client->party);
}

static void client_arrive(struct city_client *client)
{
    client->first_rules = client->city->rules_count - 1;
    client->to = client->city->at;
    client->faulty = client->number < CITY_CLIENTS - CITY_LATE;
    io_connect(client->party.loop, &client->connect, &client->socket, &client->to, &client->from);
}

/* Nobody is left waiting for nothing longer than all of the gateway's times together. */
static void client_look(struct city_client *client)
{
    uint64_t now_ms = io_now_ms(client->party.loop);
    bool aborts = client->aborts_ms > 0 && now_ms >= client->connected_ms + client->aborts_ms;
    uint32_t unread = city_unread(client->city, &client->socket);
    client->moved_ms = unread == client->unread ? client->moved_ms : now_ms;
    client->unread = unread;
    bool bored = now_ms >= client->moved_ms + CITY_PATIENCE_MS;
    if (client->connected && bored) {
        CHECK(city_is_left(client->city, &client->socket));
    }
    if (bored || (client->connected && aborts)) {
        client->gave_up = client->reset = true;
        party_die(&client->party, true);
    } else {
        uint64_t step_ms = client->aborts_ms > 0 ? client->aborts_ms / 2 + 1 : CLIENT_LOOK_MS;
        io_timer(client->party.loop, &client->timer, now_ms + step_ms);
    }
}

static void client_on_timer(struct io_op *op)
{
    struct city_client *client = list_owner(op, struct city_client, timer);
    if (!client->party.dying && client->arrives_ms > 0) {
        client->arrives_ms = 0;
        client->moved_ms = io_now_ms(op->loop);
        client_arrive(client);
    }
    if (!client->party.dying) {
        client_look(client);
    }
    party_step(&client->party);
}

void city_client_begin(struct city_client *client, struct city *city, uint32_t number)
{
    memset(client, 0, offsetof(struct city_client, said));
    client->city = city;
    client->number = number;
    client->talk = -1;
    party_init(&client->party, &city->street, client_rest);
    party_add_socket(&client->party, &client->socket);
    party_add_op(&client->party, &client->connect, client_on_connect);
    party_add_op(&client->party, &client->send, client_on_send);
    party_add_op(&client->party, &client->recv, client_on_recv);
    party_add_op(&client->party, &client->shutdown, client_on_shutdown);
    party_add_op(&client->party, &client->timer, client_on_timer);
    party_add_op(&client->party, &client->pause, client_on_pause);
    city_plan(client);
    client->arrives_ms++;
    io_timer(&city->street, &client->timer, city->world.now_ms + client->arrives_ms);
}
