/*
 * Rule 4 where an op is cancelled in the moment in which it could end, and where it never would.
 */
#include "conform/conform.h"

#include <string.h>

static struct probe *victim;

static void done_cancels_the_victim(struct io_op *op)
{
    struct probe *probe = (void *)op;
    probe->done++;
    EXPECT(io_is_out(&victim->op));
    io_cancel(op->loop, &victim->op);
}

/* Both moments have passed when the first done() runs: the second timer has ended, too. */
void case_cancel_keeps_real_result(struct conform *conform)
{
    struct probe first, second;
    probe_init(&first, conform);
    probe_init(&second, conform);
    first.op.done = done_cancels_the_victim;
    victim = &second;
    io_timer(&conform->loop, &first.op, 0);
    io_timer(&conform->loop, &second.op, 0);
    wait_for_err(&second, ERR_OK);
    EXPECT(first.done == 1);
}

void case_cancel_post(struct conform *conform)
{
    struct probe post;
    probe_init(&post, conform);
    for (int i = 0; i < 3; i++) {
        io_post(&conform->loop, &post.op);
        io_cancel(&conform->loop, &post.op);
        wait_for_err(&post, ERR_OK);
        turn_idle(conform);
    }
    EXPECT(post.done == 3);
}

/* A client of the second loop, so that the first has not turned when it stands in the queue. */
static void connect_on_second(struct conform *conform, struct side *client,
                              const struct endpoint *to)
{
    side_init(client, conform);
    client->to = *to;
    io_connect(&conform->second, &client->other.op, &client->socket, &client->to, NULL);
    for (int i = 0; i < CONFORM_TURNS_MAX && io_is_out(&client->other.op); i++) {
        io_turn(&conform->second, CONFORM_WAIT_MS);
    }
    EXPECT(client->other.done == 1 && client->other.op.result == ERR_OK);
}

static void close_on_second(struct conform *conform, struct side *client)
{
    io_close(&conform->second, &client->other.op, &client->socket, false);
    wait_for_err(&client->other, ERR_OK);
}

void case_cancel_accept_keeps_client(struct conform *conform)
{
    struct io_listener listener;
    struct side first, second, client;
    struct side *server = &first;
    conform_open_second(conform);
    side_init(&first, conform);
    side_init(&second, conform);
    open_listener(conform, &listener);
    start_accept(conform, &first, &listener);
    turn_idle(conform);
    connect_on_second(conform, &client, &listener.at);
    io_cancel(&conform->loop, &first.other.op);
    wait_for(&first.other);
    EXPECT(io_socket_is_open(&first.socket) == (first.other.op.result == ERR_OK));
    if (first.other.op.result != ERR_OK) {
        EXPECT(first.other.op.result == ERR_CANCELLED);
        server = &second;
        start_accept(conform, server, &listener);
        wait_for_err(&server->other, ERR_OK);
    }
    send_all(conform, server, "not lost");
    io_recv(&conform->second, &client.recv.op, &client.socket, &conform->pool, NULL);
    wait_for_err(&client.recv, ERR_OK);
    EXPECT(client.recv.op.bytes > 0);
    give_back(conform, &client);
    close_on_second(conform, &client);
    close_side(conform, server, false);
    close_listener(conform, &listener);
}

/* A port that closes and is not drained answers nobody: there a CONNECT waits, if it is not told.
 */
void case_cancel_connect_without_answer(struct conform *conform)
{
    struct io_listener listener;
    struct side client;
    side_init(&client, conform);
    open_listener(conform, &listener);
    io_unlisten(&conform->loop, &listener);
    start_connect(conform, &client, &listener.at);
    turn_idle(conform);
    if (io_is_out(&client.other.op)) {
        io_cancel(&conform->loop, &client.other.op);
        wait_for_err(&client.other, ERR_CANCELLED);
    }
    EXPECT(client.other.op.result != ERR_OK || !conform->turns_away);
    if (io_socket_is_open(&client.socket)) {
        close_side(conform, &client, true);
    }
    drain_listener(conform, &listener);
}

static uint8_t big[8 << 20];

void case_socket_is_free_after_broken(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    start_send(conform, &pair.client, big, sizeof big);
    turn_idle(conform);
    io_cancel(&conform->loop, &pair.client.send.op);
    wait_for_err(&pair.client.send, ERR_CANCELLED);
    close_side(conform, &pair.client, true);
    close_side(conform, &pair.server, true);
    start_accept(conform, &pair.server, &pair.listener);
    start_connect(conform, &pair.client, &pair.listener.at);
    wait_for_err(&pair.client.other, ERR_OK);
    settle_err(&pair.server.other, ERR_OK);
    send_all(conform, &pair.client, "whole again");
    expect_text(conform, &pair.server, "whole again");
    close_pair(conform, &pair);
}

/* ---- ports that close ---- */

void case_unlisten_takes_no_new_client(struct conform *conform)
{
    struct io_listener listeners[2];
    struct side server, client;
    conform_open_second(conform);
    side_init(&server, conform);
    side_init(&client, conform);
    open_listener(conform, &listeners[0]);
    EXPECT(io_listen(&conform->second, &listeners[1], &listeners[0].at, &listeners[0]) == ERR_OK);
    io_accept(&conform->second, &server.other.op, &listeners[1], &server.socket, &server.accepted);
    turn_idle(conform);
    io_unlisten(&conform->loop, &listeners[0]); /* the other still listens, but not to new ones */
    start_connect(conform, &client, &listeners[0].at);
    turn_idle(conform);
    EXPECT(!conform->turns_away || server.other.done == 0);
    EXPECT(!conform->turns_away || client.other.done == 0 || client.other.op.result != ERR_OK);
    io_unlisten(&conform->second, &listeners[1]);
    settle(&server.other);
    if (server.other.op.result ==
        ERR_OK) { /* a system that cannot turn away: the client is served */
        io_close(&conform->second, &server.other.op, &server.socket, false);
        wait_for_err(&server.other, ERR_OK);
        io_accept(&conform->second, &server.other.op, &listeners[1], &server.socket,
                  &server.accepted);
        wait_for(&server.other);
    }
    EXPECT(server.other.op.result == ERR_CLOSED && !io_is_listening(&listeners[1]));
    drain_listener(conform, &listeners[0]);
    if (io_is_out(&client.other.op)) { /* it would ask again, later: anybody may be there */
        io_cancel(&conform->loop, &client.other.op);
        settle(&client.other);
    }
    if (io_socket_is_open(&client.socket)) {
        close_side(conform, &client, true);
    }
}

static struct io_listener ending;
static uint32_t accepts_left;

static void accept_of_ending_port(struct io_op *op)
{
    struct probe *probe = (void *)op;
    probe->done++;
    accepts_left--;
    EXPECT(op->result == ERR_CLOSED);
    EXPECT(io_is_listening(&ending) == (accepts_left > 0));
}

void case_port_closes_with_last_accept(struct conform *conform)
{
    static struct side accepts[5];
    open_listener(conform, &ending);
    accepts_left = 5;
    for (int i = 0; i < 5; i++) {
        side_init(&accepts[i], conform);
        accepts[i].other.op.done = accept_of_ending_port;
        start_accept(conform, &accepts[i], &ending);
    }
    turn_idle(conform);
    io_unlisten(&conform->loop, &ending);
    for (int i = 0; i < CONFORM_TURNS_MAX && accepts_left > 0; i++) {
        io_turn(&conform->loop, CONFORM_WAIT_MS);
    }
    EXPECT(accepts_left == 0);
}

enum { WAITING = 4, COMING = 2 };

void case_unlisten_serves_and_ends(struct conform *conform)
{
    static struct side accepts[WAITING], clients[COMING];
    struct io_listener listener;
    int served = 0, ended = 0;
    conform_open_second(conform);
    open_listener(conform, &listener);
    for (int i = 0; i < WAITING; i++) {
        side_init(&accepts[i], conform);
        start_accept(conform, &accepts[i], &listener);
    }
    turn_idle(conform);
    for (int i = 0; i < COMING; i++) {
        connect_on_second(conform, &clients[i], &listener.at);
    }
    io_unlisten(&conform->loop, &listener);
    for (int i = 0; i < WAITING; i++) {
        settle(&accepts[i].other);
        served += accepts[i].other.op.result == ERR_OK ? 1 : 0;
        ended += accepts[i].other.op.result == ERR_CLOSED ? 1 : 0;
    }
    EXPECT(served == COMING && ended == WAITING - COMING && !io_is_listening(&listener));
    for (int i = 0; i < WAITING; i++) {
        if (io_socket_is_open(&accepts[i].socket)) {
            close_side(conform, &accepts[i], false);
        }
    }
    for (int i = 0; i < COMING; i++) {
        close_on_second(conform, &clients[i]);
    }
}

/* The server's end closes first, which on some systems keeps its port for a while. */
void case_listen_again_after_serving(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    struct endpoint at = pair.listener.at;
    close_side(conform, &pair.server, false);
    expect_end(conform, &pair.client);
    close_side(conform, &pair.client, false);
    close_listener(conform, &pair.listener);
    EXPECT(io_listen(&conform->loop, &pair.listener, &at, NULL) == ERR_OK);
    EXPECT(pair.listener.at.port == at.port);
    close_listener(conform, &pair.listener);
}
