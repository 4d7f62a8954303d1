/*
 * The desks of the city: servers, and relay proxies in front of them. A desk takes one connection
 * after the other and serves each as the seed says. It knows what may not come to it: a byte before
 * the client has its 200, or behind a refusal.
 */
#include "sim/city.h"

#include <string.h>

enum { DESK_LOOK_MS = 5000, DESK_BACK_OFF_MS = 50, HUGE = 17000 };

static uint8_t huge_answer[HUGE];

static const struct city_answer answers[] = {
    {SPAN("HTTP/1.1 200 OK\r\n\r\n"), ERR_OK, 200, 0, false, false},
    {SPAN("HTTP/1.0 200 Connection established\r\nVia: x\r\n\r\n"), ERR_OK, 200, 0, false, false},
    {SPAN("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"), ERR_OK, 200, 100, false, false},
    {SPAN("HTTP/1.1 204 No Content\r\n\r\n"), ERR_OK, 204, 0, false, false},
    {SPAN("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), ERR_OK, 200, 0, false, false},
    {SPAN("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n"),
     ERR_RELAY_LOGIN, 407, 0, false, false},
    {SPAN("HTTP/1.1 403 Not today\r\nContent-Length: 2\r\n\r\nno"), ERR_RELAY_REFUSED, 403, 0, true,
     false},
    {SPAN("SSH-2.0-OpenSSH_9.2\r\n"), ERR_RELAY_ANSWER, 0, 0, false, false},
    {{huge_answer, HUGE}, ERR_RELAY_SIZE, 200, 0, false, false},
    {SPAN(""), ERR_RELAY_SILENT, 0, 0, true, false},
    {SPAN("HTTP/1.1 200 OK\r\nServer: x"), ERR_RELAY_CUT, 200, 0, true, false},
    {SPAN(""), ERR_RELAY_SLOW, 0, 0, false, false},
    {SPAN("HTTP/1.1 20"), ERR_RESET, 0, 0, false, true},
};

enum { ANSWERS = sizeof answers / sizeof answers[0] };

uint8_t city_talk_byte(const struct city *city, int32_t talk, uint32_t place)
{
    const struct city_side *side = &city->talks[talk].side;
    uint8_t own = (uint8_t)((uint32_t)talk * 37 + place * 17 + place / 256);
    return place < side->len ? side->bytes[place] : own;
}

uint32_t city_talk_total(const struct city_talk *talk)
{
    return city_side_total(&talk->side, talk->total);
}

static void desk_begin_again(struct city_desk *desk);

static void desk_rest(struct party *party)
{
    desk_begin_again(list_owner(party, struct city_desk, party));
}

static uint32_t below(struct city_desk *desk, uint32_t limit)
{
    return (uint32_t)sim_below(&desk->city->world, limit);
}

static struct city_talk *desk_talk(struct city_desk *desk)
{
    CHECK(desk->talk >= 0);
    return &desk->city->talks[desk->talk];
}

/* The plan for one connection. */
static void desk_open(struct city_desk *desk)
{
    static const uint32_t totals[] = {0, 2, 60, 3000, 3000};
    static const uint32_t drips[] = {1024, 1024, 300, 1};
    struct city *city = desk->city;
    CHECK(city->talk_count < CITY_TALKS);
    desk->talk = city->talk_count++;
    struct city_talk *talk = &city->talks[desk->talk];
    memset(talk, 0, offsetof(struct city_talk, side));
    talk->total = totals[below(desk, 5)];
    talk->side.len = 0;
    talk->side.built = talk->side.complete = false;
    talk->side.gate_count = talk->side.hold_count = 0;
    desk->drip = drips[below(desk, 4)];
    desk->pause_ms = desk->drip > 1 && below(desk, 4) == 0 ? below(desk, 300) : 0;
    desk->first = below(desk, 25) == 0;
    desk->waits = below(desk, 2) == 0;
    desk->deaf = below(desk, 15) == 0;
    desk->resets_at = below(desk, 12) == 0 ? below(desk, 2000) + 1 : UINT32_MAX;
    desk->resets_at = desk->front ? UINT32_MAX : desk->resets_at;
    desk->answer = &answers[below(desk, 2) == 0 ? below(desk, 5) : below(desk, ANSWERS)];
    desk->moved_ms = io_now_ms(desk->party.loop);
    talk->kind = !desk->first && !desk->deaf && desk->resets_at == UINT32_MAX;
    talk->brisk = talk->kind && desk->drip > 1 && desk->pause_ms == 0;
    if (desk->first) {
        city->banners = true;
        talk->total = 0;
        city_tls_banner(&talk->side);
    }
}

/* ---- saying ---- */

static uint32_t desk_answer_len(const struct city_desk *desk)
{
    return desk->front ? (uint32_t)desk->answer->text.len : 0;
}

/* A relay proxy answers when it has the head; a server speaks first, or when it was spoken to. */
static uint32_t desk_limit(struct city_desk *desk)
{
    struct city_talk *talk = desk_talk(desk);
    if (desk->front && (!desk->open || desk->answer->err != ERR_OK)) {
        return desk->open ? desk_answer_len(desk) : 0;
    }
    return desk_answer_len(desk) + city_side_limit(&talk->side, talk->total, talk->received);
}

/* Whether it has said everything, and says so. */
static bool desk_is_through(struct city_desk *desk)
{
    const struct city_talk *talk = desk_talk(desk);
    if (desk->front && !desk->open) {
        return false;
    }
    if (desk->front && desk->answer->err != ERR_OK) {
        return desk->answer->closes || talk->ended;
    }
    bool leaves = desk->client && desk->client->shake->end == SHAKE_SERVER_LEAVES;
    bool all = desk->sent >= desk_answer_len(desk) &&
               city_side_is_over(&talk->side, talk->total, talk->received,
                                 desk->sent - desk_answer_len(desk));
    return talk->ended || (all && (leaves || !desk->waits));
}

static void desk_fill(struct city_desk *desk, uint32_t len)
{
    uint32_t answer_len = desk_answer_len(desk);
    for (uint32_t i = 0; i < len; i++) {
        uint32_t at = desk->sent + i;
        desk->chunk[i] = at < answer_len ? desk->answer->text.at[at]
                                         : city_talk_byte(desk->city, desk->talk, at - answer_len);
    }
}

static void desk_say(struct city_desk *desk)
{
    if (desk->party.dying || desk_talk(desk)->shut || io_is_out(&desk->send) ||
        io_is_out(&desk->shutdown) || io_is_out(&desk->pause)) {
        return;
    }
    uint32_t left = desk_limit(desk) - desk->sent;
    uint32_t len = left < desk->drip ? left : desk->drip;
    len = desk->front && len > 0 && desk->drip == 1 && left > 200 ? 200 : len; /* a huge head */
    bool breaks = desk->front && desk->open && desk->answer->resets && left == 0;
    if (breaks || desk->sent >= desk->resets_at) {
        party_die(&desk->party, true);
    } else if (len > 0) {
        uint32_t answer_len = desk_answer_len(desk), said = desk->sent + len;
        desk_talk(desk)->said = said > answer_len ? said - answer_len : 0;
        desk_fill(desk, len);
        io_send(desk->party.loop, &desk->send, &desk->socket, span_of(desk->chunk, len));
    } else if (desk_is_through(desk)) {
        io_shutdown(desk->party.loop, &desk->shutdown, &desk->socket);
    }
}

static void desk_on_send(struct io_op *op)
{
    struct city_desk *desk = list_owner(op, struct city_desk, send);
    desk->sent += op->bytes;
    desk->moved_ms = io_now_ms(op->loop);
    if (op->result != ERR_OK) {
        party_die(&desk->party, true);
    } else if (!desk->party.dying && desk->pause_ms > 0 && desk->sent >= desk_answer_len(desk)) {
        io_timer(op->loop, &desk->pause, desk->moved_ms + desk->pause_ms);
    }
    desk_say(desk);
    party_step(&desk->party);
}

static void desk_on_pause(struct io_op *op)
{
    struct city_desk *desk = list_owner(op, struct city_desk, pause);
    desk_say(desk);
    party_step(&desk->party);
}

static void desk_look_for_end(struct city_desk *desk)
{
    if (desk_talk(desk)->shut && desk_talk(desk)->ended) {
        party_die(&desk->party, false);
    }
}

static void desk_on_shutdown(struct io_op *op)
{
    struct city_desk *desk = list_owner(op, struct city_desk, shutdown);
    if (op->result == ERR_OK) {
        desk_talk(desk)->shut = true;
        desk_look_for_end(desk);
    } else {
        party_die(&desk->party, true);
    }
    party_step(&desk->party);
}

/* ---- hearing ---- */

/* The first byte of a client: our 200 has gone out to it, and it was refused nothing. */
static void desk_check_first(const struct city *city, const struct city_client *client)
{
    CHECK(!client->refused);
    if (io_socket_is_open(&client->socket)) {
        const struct sim_end *end = &city->world.ends[client->socket.handle];
        uint32_t taken = io_is_out(&client->recv) ? client->recv.bytes : 0; /* not told yet */
        CHECK(client->said_len + client->received + taken + end->len >= CITY_GRANT);
    }
}

static void desk_learn(struct city_desk *desk, struct city_client *client)
{
    CHECK(!desk->client || desk->client == client);
    CHECK(client->talk < 0 || client->talk == desk->talk);
    desk->client = client;
    client->talk = desk->talk;
}

/* The low byte of its first record's length names the client. */
static void desk_take_start(struct city_desk *desk)
{
    enum { CODE = 4 };
    struct city_talk *talk = desk_talk(desk);
    CHECK(desk->start[CODE] > 0 && desk->start[CODE] <= CITY_CLIENTS);
    struct city_client *client = &desk->city->clients[desk->start[CODE] - 1];
    desk_learn(desk, client);
    desk_check_first(desk->city, client);
    CHECK(memcmp(desk->start, client->side.bytes, sizeof desk->start) == 0);
    if (!talk->side.built) {
        talk->side.cut = client->side.cut;
        talk->side.first = client->side.cut;
        talk->total = client->shake->end == SHAKE_WHOLE ? talk->total : 0;
        city_tls_serve(&talk->side, &client->side, client->shake);
    }
}

/* What the client has sent inside the tunnel, or begun to. */
static uint32_t desk_client_said(const struct city_client *client)
{
    uint32_t said = client->sent + (io_is_out(&client->send) ? client->send.arg.send.len : 0);
    return said > client->head.len ? said - (uint32_t)client->head.len : 0;
}

static void desk_take_stream(struct city_desk *desk, struct span bytes)
{
    struct city_talk *talk = desk_talk(desk);
    for (size_t i = 0; i < bytes.len; i++) {
        uint32_t place = talk->received++;
        if (place < sizeof desk->start) {
            desk->start[place] = bytes.at[i];
        }
        if (place + 1 == sizeof desk->start) {
            desk_take_start(desk);
        } else if (place >= sizeof desk->start) {
            CHECK(bytes.at[i] == city_client_byte(desk->client, place));
            CHECK(place < city_client_total(desk->client));
        }
    }
    if (talk->received >= sizeof desk->start) {
        city_side_check(&desk->client->side, talk->received, desk_client_said(desk->client));
    }
}

/* What a relay proxy must be asked with: the target in its one form, the login, nothing else. */
static void desk_check_request(struct city_desk *desk)
{
    const struct city_host *host = desk->client ? desk->client->host : NULL;
    const struct city *city = desk->city;
    bool found = !host;
    for (uint32_t i = 0; i < city->rules_count && host; i++) {
        const struct city_kind *kind = city_kind(city->rules[i].kind);
        char place[sizeof desk->head];
        struct out want;
        out_begin(&want, place, sizeof place);
        for (int part = 0; part < 2; part++) {
            out_str(&want, part == 0 ? "CONNECT c" : "Host: c");
            out_u64(&want, desk->client->number);
            out_str(&want, ".");
            out_str(&want, host->name);
            out_str(&want, ":");
            out_u64(&want, host->port);
            out_str(&want, part == 0 ? " HTTP/1.1\r\n" : "\r\n");
        }
        if (kind->basic) {
            out_str(&want, "Proxy-Authorization: Basic ");
            out_str(&want, kind->basic);
            out_str(&want, "\r\n");
        }
        out_str(&want, "\r\n");
        found = found ||
                (kind->relay && span_equal(out_span(&want), span_of(desk->head, desk->head_len)));
    }
    CHECK(found);
}

static bool desk_has_head(const struct city_desk *desk)
{
    uint32_t len = desk->head_len;
    return len >= 4 && memcmp(desk->head + len - 4, "\r\n\r\n", 4) == 0;
}

/* Bytes behind the head come only where the relay proxy grants, and only after it has. */
static struct span desk_take_head(struct city_desk *desk, struct span bytes)
{
    while (bytes.len > 0 && !desk->open) {
        CHECK(desk->head_len < sizeof desk->head);
        desk->head[desk->head_len++] = bytes.at[0];
        bytes = span_after(bytes, 1);
        if (desk_has_head(desk)) {
            struct span name = span_of(desk->head + 8, desk->head_len - 8);
            struct city_client *client = city_client_by_name(desk->city, name);
            if (client) {
                desk_learn(desk, client);
                client->answer = desk->answer;
            }
            desk_check_request(desk);
            desk->open = true;
            CHECK(bytes.len == 0);
        }
    }
    return bytes;
}

static void desk_take(struct city_desk *desk, struct span bytes)
{
    if (desk->front && !desk->open) {
        bytes = desk_take_head(desk, bytes);
    } else if (desk->front) {
        CHECK(desk->answer->err == ERR_OK);
        CHECK(desk->sent + (io_is_out(&desk->send) ? desk->send.arg.send.len : 0) >=
              desk_answer_len(desk));
    }
    desk_take_stream(desk, bytes);
}

static void desk_hear(struct city_desk *desk)
{
    bool deaf = desk->deaf && (desk->front || desk_talk(desk)->received > 0);
    if (!deaf) {
        io_recv(desk->party.loop, &desk->recv, &desk->socket, &desk->city->pool, NULL);
    }
}

static void desk_on_recv(struct io_op *op)
{
    struct city_desk *desk = list_owner(op, struct city_desk, recv);
    desk->moved_ms = io_now_ms(op->loop);
    if (op->arg.recv.buffer) {
        desk_take(desk, span_of(op->arg.recv.buffer, op->bytes));
        pool_give(&desk->city->pool, op->arg.recv.buffer);
    }
    if (op->result != ERR_OK) {
        party_die(&desk->party, true);
    } else if (op->bytes == 0) {
        desk_talk(desk)->ended = true;
        desk_look_for_end(desk);
    } else if (!desk->party.dying) {
        desk_hear(desk);
    }
    desk_say(desk);
    party_step(&desk->party);
}

/* ---- one connection after the other ---- */

static void desk_look(struct city_desk *desk)
{
    uint64_t now_ms = io_now_ms(desk->party.loop);
    uint32_t unread = city_unread(desk->city, &desk->socket);
    desk->moved_ms = unread == desk->unread ? desk->moved_ms : now_ms;
    desk->unread = unread;
    if (now_ms >= desk->moved_ms + CITY_PATIENCE_MS) {
        CHECK(city_is_left(desk->city, &desk->socket));
        party_die(&desk->party, true);
    } else {
        io_timer(desk->party.loop, &desk->timer, now_ms + DESK_LOOK_MS);
    }
}

static bool was_inside_allowed(const struct city *city)
{
    bool allowed = false;
    for (uint32_t i = 0; i < city->rules_count; i++) {
        allowed = allowed || city_kind(city->rules[i].kind)->inside;
    }
    return allowed;
}

static void desk_on_accept(struct io_op *op)
{
    struct city_desk *desk = list_owner(op, struct city_desk, accept);
    uint64_t now_ms = io_now_ms(op->loop);
    if (op->result == ERR_OK) {
        CHECK(!desk->trap || was_inside_allowed(desk->city));
        desk->accepted_one = true;
        desk_open(desk);
        desk_say(desk);
        desk_hear(desk);
        io_timer(op->loop, &desk->timer, now_ms + DESK_LOOK_MS);
    } else if (op->result == ERR_EXHAUSTED) {
        io_timer(op->loop, &desk->timer, now_ms + DESK_BACK_OFF_MS);
    } else {
        party_die(&desk->party, false);
    }
    party_step(&desk->party);
}

static void desk_accept(struct city_desk *desk)
{
    io_accept(desk->party.loop, &desk->accept, desk->port, &desk->socket, &desk->accepted);
}

static void desk_on_timer(struct io_op *op)
{
    struct city_desk *desk = list_owner(op, struct city_desk, timer);
    if (!desk->party.dying && desk->accepted_one) {
        desk_look(desk);
    } else if (!desk->party.dying && io_is_listening(desk->port)) {
        desk_accept(desk);
    }
    party_step(&desk->party);
}

static void desk_begin_again(struct city_desk *desk)
{
    if (!desk->city->closing || desk->accepted_one) {
        city_desk_begin(desk, desk->city, desk->port);
    }
}

void city_desk_begin(struct city_desk *desk, struct city *city, struct io_listener *port)
{
    if (huge_answer[0] == 0) {
        memset(huge_answer, 'x', sizeof huge_answer);
        memcpy(huge_answer, "HTTP/1.1 200 OK\r\nX: ", 20);
    }
    memset(desk, 0, offsetof(struct city_desk, head));
    desk->city = city;
    desk->port = port;
    desk->trap = port == &city->listeners[CITY_PORTS - 2];
    desk->front = port == &city->listeners[CITY_PORTS - 1];
    desk->talk = -1;
    party_init(&desk->party, &city->street, desk_rest);
    party_add_socket(&desk->party, &desk->socket);
    party_add_op(&desk->party, &desk->accept, desk_on_accept);
    party_add_op(&desk->party, &desk->send, desk_on_send);
    party_add_op(&desk->party, &desk->recv, desk_on_recv);
    party_add_op(&desk->party, &desk->shutdown, desk_on_shutdown);
    party_add_op(&desk->party, &desk->timer, desk_on_timer);
    party_add_op(&desk->party, &desk->pause, desk_on_pause);
    if (io_is_listening(port)) {
        desk_accept(desk);
    }
}
