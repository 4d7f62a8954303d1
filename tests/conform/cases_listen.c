/*
 * The calls beside the ops: opening and closing ports, connecting, half-closing, addresses.
 */
#include "conform/conform.h"

#include <string.h>

void case_half_close_both_ways(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    send_all(conform, &pair.client, "question");
    shutdown_side(conform, &pair.client);
    expect_text(conform, &pair.server, "question");
    expect_end(conform, &pair.server);
    for (int i = 0; i < 5; i++) {
        send_all(conform, &pair.server, "answer");
        expect_text(conform, &pair.client, "answer");
    }
    shutdown_side(conform, &pair.server);
    expect_end(conform, &pair.client);
    close_pair(conform, &pair);
}

void case_shutdown_after_data(struct conform *conform)
{
    static uint8_t bytes[30000];
    struct pair pair;
    open_pair(conform, &pair);
    pattern_fill(bytes, sizeof bytes, 0);
    start_send(conform, &pair.server, bytes, sizeof bytes);
    wait_for_err(&pair.server.send, ERR_OK);
    shutdown_side(conform, &pair.server);
    expect_pattern(conform, &pair.client, 0, sizeof bytes);
    expect_end(conform, &pair.client);
    close_pair(conform, &pair);
}

void case_listen_chooses_port(struct conform *conform)
{
    struct io_listener first, second;
    open_listener(conform, &first);
    open_listener(conform, &second);
    EXPECT(first.at.port != second.at.port);
    struct endpoint expected = loopback(first.at.port);
    EXPECT(addr_equal(&first.at.addr, &expected.addr));
    close_listener(conform, &first);
    close_listener(conform, &second);
}

static enum err try_listen(struct conform *conform, struct io_listener *listener,
                           const struct endpoint *at)
{
    return io_listen(&conform->loop, listener, at, NULL);
}

void case_listen_twice_is_refused(struct conform *conform)
{
    struct io_listener first, second;
    open_listener(conform, &first);
    for (int i = 0; i < 3; i++) {
        EXPECT(try_listen(conform, &second, &first.at) == ERR_ADDRESS_IN_USE);
        EXPECT(!io_is_listening(&second));
    }
    close_listener(conform, &first);
}

void case_listen_on_foreign_address(struct conform *conform)
{
    struct io_listener listener;
    struct endpoint foreign = {{ADDR_IPV4, {192, 0, 2, 1}}, 0};
    EXPECT(try_listen(conform, &listener, &foreign) == ERR_ADDRESS_ABSENT);
    EXPECT(!io_is_listening(&listener));
}

/* One client over the listener, from `to`; says what the server saw as its peer. */
static struct endpoint serve_one(struct conform *conform, struct io_listener *listener,
                                 const struct endpoint *to, const struct addr *from)
{
    struct side client, server;
    side_init(&client, conform);
    side_init(&server, conform);
    start_accept(conform, &server, listener);
    client.to = *to;
    io_connect(&conform->loop, &client.other.op, &client.socket, &client.to, from);
    wait_for_err(&client.other, ERR_OK);
    settle_err(&server.other, ERR_OK);
    send_all(conform, &client, "served");
    expect_text(conform, &server, "served");
    close_side(conform, &client, false);
    close_side(conform, &server, false);
    return server.accepted.peer;
}

void case_listen_on_both_families(struct conform *conform)
{
    struct io_listener listener;
    struct endpoint any = {{ADDR_NONE, {0}}, 0};
    EXPECT(try_listen(conform, &listener, &any) == ERR_OK);
    struct endpoint to = loopback(listener.at.port);
    struct endpoint peer = serve_one(conform, &listener, &to, NULL);
    EXPECT(addr_equal(&peer.addr, &to.addr));
    close_listener(conform, &listener);
}

void case_listen_on_ipv6(struct conform *conform)
{
    struct io_listener listener;
    struct endpoint at = {{ADDR_IPV6, {[15] = 1}}, 0};
    enum err opened = try_listen(conform, &listener, &at);
    if (opened == ERR_ADDRESS_ABSENT || opened == ERR_UNREACHABLE) {
        return; /* a machine without IPv6: the dual-stack case still covers its listener */
    }
    EXPECT(opened == ERR_OK);
    at.port = listener.at.port;
    struct endpoint peer = serve_one(conform, &listener, &at, NULL);
    EXPECT(addr_equal(&peer.addr, &at.addr));
    close_listener(conform, &listener);
}

void case_accept_tells_peer(struct conform *conform)
{
    struct io_listener listener;
    open_listener(conform, &listener);
    for (uint8_t i = 0; i < 5; i++) {
        struct addr from = {ADDR_IPV4, {127, 0, 0, (uint8_t)(2 + i)}};
        struct endpoint peer = serve_one(conform, &listener, &listener.at, &from);
        EXPECT(addr_equal(&peer.addr, &from));
        EXPECT(peer.port != 0 && peer.port != listener.at.port);
    }
    close_listener(conform, &listener);
}

enum { QUEUE = 30 };

static struct side clients[QUEUE], servers[QUEUE];

static void connect_queue(struct conform *conform, const struct io_listener *listener, int count)
{
    for (int i = 0; i < count; i++) {
        side_init(&clients[i], conform);
        side_init(&servers[i], conform);
        start_connect(conform, &clients[i], &listener->at);
    }
    for (int i = 0; i < count; i++) {
        settle_err(&clients[i].other, ERR_OK);
    }
}

/* Accepts `count` queued clients, one after the other. */
static void accept_queue(struct conform *conform, struct io_listener *listener, int count)
{
    for (int i = 0; i < count; i++) {
        start_accept(conform, &servers[i], listener);
        wait_for_err(&servers[i].other, ERR_OK);
    }
}

/* Whoever is who: what all clients send comes to all servers. */
static void exchange_and_close(struct conform *conform, int count)
{
    for (int i = 0; i < count; i++) {
        send_all(conform, &clients[i], "hello");
    }
    for (int i = 0; i < count; i++) {
        expect_text(conform, &servers[i], "hello");
        send_all(conform, &servers[i], "welcome");
    }
    for (int i = 0; i < count; i++) {
        expect_text(conform, &clients[i], "welcome");
        close_side(conform, &clients[i], false);
        close_side(conform, &servers[i], false);
    }
}

void case_accept_a_queue(struct conform *conform)
{
    struct io_listener listener;
    open_listener(conform, &listener);
    connect_queue(conform, &listener, QUEUE);
    accept_queue(conform, &listener, QUEUE);
    exchange_and_close(conform, QUEUE);
    close_listener(conform, &listener);
}

void case_unlisten_resets_nobody(struct conform *conform)
{
    struct io_listener listener;
    struct side last;
    side_init(&last, conform);
    open_listener(conform, &listener);
    connect_queue(conform, &listener, QUEUE);
    io_unlisten(&conform->loop, &listener);
    accept_queue(conform, &listener, QUEUE);
    start_accept(conform, &last, &listener);
    wait_for_err(&last.other, ERR_CLOSED);
    EXPECT(!io_is_listening(&listener));
    exchange_and_close(conform, QUEUE);
}

void case_unlisten_ends_accepts(struct conform *conform)
{
    struct io_listener listener;
    struct side accepts[8], client;
    side_init(&client, conform);
    open_listener(conform, &listener);
    struct endpoint at = listener.at;
    for (int i = 0; i < 8; i++) {
        side_init(&accepts[i], conform);
        start_accept(conform, &accepts[i], &listener);
    }
    turn_idle(conform);
    io_unlisten(&conform->loop, &listener);
    for (int i = 0; i < 8; i++) {
        settle(&accepts[i].other);
        EXPECT(accepts[i].other.done == 1 && accepts[i].other.op.result == ERR_CLOSED);
        EXPECT(!io_socket_is_open(&accepts[i].socket));
    }
    EXPECT(!io_is_listening(&listener));
    start_connect(conform, &client, &at);
    wait_for_err(&client.other, ERR_REFUSED);
    if (io_socket_is_open(&client.socket)) {
        close_side(conform, &client, false);
    }
}

void case_unlisten_then_listen_again(struct conform *conform)
{
    struct io_listener listener;
    open_listener(conform, &listener);
    struct endpoint at = listener.at;
    for (int i = 0; i < 5; i++) {
        serve_one(conform, &listener, &at, NULL);
        close_listener(conform, &listener);
        EXPECT(try_listen(conform, &listener, &at) == ERR_OK);
        EXPECT(listener.at.port == at.port);
    }
    close_listener(conform, &listener);
}

/* ---- two loops ---- */

static void shared_servers(struct io_loop *loop, struct io_listener *listener, int first, int count)
{
    for (int i = first; i < first + count; i++) {
        side_init(&servers[i], clients[i].other.conform);
        io_accept(loop, &servers[i].other.op, listener, &servers[i].socket, &servers[i].accepted);
    }
}

static int count_accepted(int count, enum err result)
{
    int accepted = 0;
    for (int i = 0; i < count; i++) {
        accepted += servers[i].other.done == 1 && servers[i].other.op.result == result ? 1 : 0;
    }
    return accepted;
}

static void close_servers(struct io_loop *loop, int first, int count)
{
    for (int i = first; i < first + count; i++) {
        if (io_socket_is_open(&servers[i].socket)) {
            io_close(loop, &servers[i].other.op, &servers[i].socket, false);
            wait_for_err(&servers[i].other, ERR_OK);
        }
    }
}

static void listen_on_both(struct conform *conform, struct io_listener listeners[2])
{
    open_listener(conform, &listeners[0]);
    EXPECT(io_listen(&conform->second, &listeners[1], &listeners[0].at, &listeners[0]) == ERR_OK);
    EXPECT(listeners[1].at.port == listeners[0].at.port);
}

static void wait_for_accepted(struct conform *conform, int wanted)
{
    for (int i = 0; i < CONFORM_TURNS_MAX && count_accepted(QUEUE, ERR_OK) < wanted; i++) {
        io_turn(&conform->loop, 1);
        io_turn(&conform->second, 1);
    }
    EXPECT(count_accepted(QUEUE, ERR_OK) == wanted);
}

/* The listener was told to close: every ACCEPT that is out ends, and with the last the port. */
static void end_accepts(struct io_loop *loop, struct io_listener *listener)
{
    for (int i = 0; i < QUEUE; i++) {
        if (io_is_out(&servers[i].other.op) && servers[i].other.op.loop == loop) {
            wait_for_err(&servers[i].other, ERR_CLOSED);
        }
    }
    if (io_is_listening(listener)) {
        struct side last;
        side_init(&last, servers[0].other.conform);
        io_accept(loop, &last.other.op, listener, &last.socket, &last.accepted);
        wait_for_err(&last.other, ERR_CLOSED);
    }
    EXPECT(!io_is_listening(listener));
}

void case_two_loops_share_a_port(struct conform *conform)
{
    struct io_listener listeners[2];
    conform_open_second(conform);
    listen_on_both(conform, listeners);
    for (int i = 0; i < QUEUE; i++) {
        side_init(&clients[i], conform);
    }
    shared_servers(&conform->loop, &listeners[0], 0, QUEUE / 2);
    shared_servers(&conform->second, &listeners[1], QUEUE / 2, QUEUE / 2);
    for (int i = 0; i < QUEUE; i++) {
        start_connect(conform, &clients[i], &listeners[0].at);
    }
    wait_for_accepted(conform, QUEUE);
    for (int i = 0; i < QUEUE; i++) {
        settle_err(&clients[i].other, ERR_OK);
        close_side(conform, &clients[i], false);
    }
    close_servers(&conform->loop, 0, QUEUE / 2);
    close_servers(&conform->second, QUEUE / 2, QUEUE / 2);
    io_unlisten(&conform->loop, &listeners[0]);
    end_accepts(&conform->loop, &listeners[0]);
    io_unlisten(&conform->second, &listeners[1]);
    end_accepts(&conform->second, &listeners[1]);
}

/* Half of the queue to each loop, the first of which has already been told to close. */
static void drain_by_both(struct conform *conform, struct io_listener listeners[2], int first)
{
    struct io_loop *loops[2] = {&conform->loop, &conform->second};
    int other = 1 - first;
    connect_queue(conform, &listeners[0], QUEUE);
    io_unlisten(loops[first], &listeners[first]);
    shared_servers(loops[first], &listeners[first], 0, QUEUE / 2);
    wait_for_accepted(conform, QUEUE / 2);
    shared_servers(loops[other], &listeners[other], QUEUE / 2, QUEUE / 2);
    wait_for_accepted(conform, QUEUE);
    end_accepts(loops[first], &listeners[first]);
    io_unlisten(loops[other], &listeners[other]);
    end_accepts(loops[other], &listeners[other]);
    close_servers(loops[first], 0, QUEUE / 2);
    close_servers(loops[other], QUEUE / 2, QUEUE / 2);
    for (int i = 0; i < QUEUE; i++) {
        expect_end(conform, &clients[i]); /* accepted and closed, not reset */
        close_side(conform, &clients[i], false);
    }
}

void case_two_loops_unlisten(struct conform *conform)
{
    struct io_listener listeners[2];
    conform_open_second(conform);
    for (int first = 0; first < 2; first++) { /* whichever opened the port may be first */
        listen_on_both(conform, listeners);
        drain_by_both(conform, listeners, first);
    }
}

/* ---- connecting ---- */

void case_connect_refused(struct conform *conform)
{
    struct io_listener listener;
    struct side client;
    open_listener(conform, &listener);
    struct endpoint at = listener.at;
    close_listener(conform, &listener);
    side_init(&client, conform);
    for (int i = 0; i < 3; i++) {
        start_connect(conform, &client, &at);
        wait_for_err(&client.other, ERR_REFUSED);
        if (io_socket_is_open(&client.socket)) {
            close_side(conform, &client, false);
        }
    }
}

void case_connect_from(struct conform *conform)
{
    struct io_listener listener;
    struct addr from = {ADDR_IPV4, {127, 0, 0, 2}};
    open_listener(conform, &listener);
    struct endpoint peer = serve_one(conform, &listener, &listener.at, &from);
    EXPECT(addr_equal(&peer.addr, &from));
    close_listener(conform, &listener);
}

void case_connect_from_foreign_address(struct conform *conform)
{
    struct io_listener listener;
    struct side client;
    struct addr from = {ADDR_IPV4, {192, 0, 2, 1}};
    side_init(&client, conform);
    open_listener(conform, &listener);
    io_connect(&conform->loop, &client.other.op, &client.socket, &listener.at, &from);
    wait_for_err(&client.other, ERR_ADDRESS_ABSENT);
    if (io_socket_is_open(&client.socket)) {
        close_side(conform, &client, false);
    }
    close_listener(conform, &listener);
}

void case_connect_two_at_once(struct conform *conform)
{
    struct io_listener listener;
    struct side pair[2], accepted[2];
    static const struct addr from[2] = {{ADDR_IPV4, {127, 0, 0, 2}}, {ADDR_IPV4, {127, 0, 0, 3}}};
    open_listener(conform, &listener);
    for (int i = 0; i < 2; i++) {
        side_init(&pair[i], conform);
        side_init(&accepted[i], conform);
        io_connect(&conform->loop, &pair[i].other.op, &pair[i].socket, &listener.at, &from[i]);
    }
    for (int i = 0; i < 2; i++) {
        settle_err(&pair[i].other, ERR_OK);
        EXPECT(pair[i].other.op.result == ERR_OK);
    }
    close_side(conform, &pair[0], true); /* the one that lost the race */
    int winner = -1;
    do { /* one that was reset in the queue may come, or be passed over */
        winner++;
        EXPECT(winner < 2);
        start_accept(conform, &accepted[winner], &listener);
        wait_for_err(&accepted[winner].other, ERR_OK);
    } while (!addr_equal(&accepted[winner].accepted.peer.addr, &from[1]));
    send_all(conform, &pair[1], "won");
    expect_text(conform, &accepted[winner], "won");
    close_side(conform, &pair[1], false);
    for (int i = 0; i <= winner; i++) {
        close_side(conform, &accepted[i], false);
    }
    drain_listener(conform, &listener); /* the loser may be queued behind the winner */
}
