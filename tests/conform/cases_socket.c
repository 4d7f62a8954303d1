/*
 * Rules 3, 4 and 5: what may be in flight together, cancelling, and closing.
 */
#include "conform/conform.h"

#include <string.h>

static struct pair given_up; /* of worlds that a failed CHECK leaves behind: ops may still be out */

static void recv_twice(struct conform *conform)
{
    static struct probe second;
    open_pair(conform, &given_up);
    probe_init(&second, conform);
    start_recv(conform, &given_up.client);
    io_recv(&conform->loop, &second.op, &given_up.client.socket, &conform->pool, NULL);
}

void case_two_recvs_are_caught(struct conform *conform)
{
    conform_expect_check(conform, recv_twice);
}

static uint8_t big[8 << 20];

static void send_stuck(struct conform *conform, struct side *side)
{
    pattern_fill(big, sizeof big, 0);
    start_send(conform, side, big, sizeof big);
    turn_idle(conform);
}

static void send_twice(struct conform *conform)
{
    static struct probe second;
    open_pair(conform, &given_up);
    probe_init(&second, conform);
    send_stuck(conform, &given_up.client);
    io_send(&conform->loop, &second.op, &given_up.client.socket, span_str("second"));
}

void case_two_sends_are_caught(struct conform *conform)
{
    conform_expect_check(conform, send_twice);
}

void case_recv_and_send_together(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    for (int i = 0; i < 20; i++) {
        start_recv(conform, &pair.client);
        send_all(conform, &pair.client, "ping");
        EXPECT(io_is_out(&pair.client.recv.op));
        expect_text(conform, &pair.server, "ping");
        send_all(conform, &pair.server, "pong");
        settle_err(&pair.client.recv, ERR_OK);
        EXPECT(pair.client.recv.op.bytes >= 1);
        uint32_t got = pair.client.recv.op.bytes;
        EXPECT(memcmp(pair.client.recv.op.arg.recv.buffer, "pong", got) == 0);
        give_back(conform, &pair.client);
        expect_text(conform, &pair.client, &"pong"[got]);
    }
    close_pair(conform, &pair);
}

void case_recv_during_shutdown(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    start_recv(conform, &pair.client);
    io_shutdown(&conform->loop, &pair.client.other.op, &pair.client.socket);
    wait_for_err(&pair.client.other, ERR_OK);
    expect_end(conform, &pair.server);
    io_shutdown(&conform->loop, &pair.server.other.op, &pair.server.socket);
    start_recv(conform, &pair.server); /* while the SHUTDOWN is out */
    settle_err(&pair.client.recv, ERR_OK);
    EXPECT(pair.client.recv.op.bytes == 0);
    settle_err(&pair.server.other, ERR_OK);
    settle_err(&pair.server.recv, ERR_OK);
    EXPECT(pair.server.recv.done == 2 && pair.server.other.done == 2);
    close_pair(conform, &pair);
}

static void shutdown_during_send(struct conform *conform)
{
    open_pair(conform, &given_up);
    send_stuck(conform, &given_up.client);
    io_shutdown(&conform->loop, &given_up.client.other.op, &given_up.client.socket);
}

void case_shutdown_during_send_is_caught(struct conform *conform)
{
    conform_expect_check(conform, shutdown_during_send);
}

/* ---- rule 4 ---- */

void case_cancel_idle_recv(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    for (int i = 0; i < 5; i++) {
        start_recv(conform, &pair.server);
        turn_idle(conform);
        EXPECT(io_is_out(&pair.server.recv.op));
        io_cancel(&conform->loop, &pair.server.recv.op);
        wait_for_err(&pair.server.recv, ERR_CANCELLED);
        EXPECT(!pair.server.recv.op.arg.recv.buffer);
        send_all(conform, &pair.client, "later");
        expect_text(conform, &pair.server, "later");
    }
    close_pair(conform, &pair);
}

void case_cancel_recv_loses_no_byte(struct conform *conform)
{
    struct pair pair;
    uint64_t got = 0;
    open_pair(conform, &pair);
    pattern_fill(big, 100000, 0);
    start_send(conform, &pair.client, big, 100000);
    for (int i = 0; got < 100000; i++) {
        start_recv(conform, &pair.server);
        if (i % 3 == 0) {
            io_turn(&conform->loop, 0);
        }
        if (i % 2 == 0 && io_is_out(&pair.server.recv.op)) {
            io_cancel(&conform->loop, &pair.server.recv.op);
        }
        settle(&pair.server.recv);
        enum err result = pair.server.recv.op.result;
        EXPECT(result == ERR_OK || (result == ERR_CANCELLED && i % 2 == 0));
        uint32_t bytes = pair.server.recv.op.bytes;
        EXPECT((bytes > 0) == (pair.server.recv.op.arg.recv.buffer != NULL));
        if (bytes > 0) {
            EXPECT(pattern_is(pair.server.recv.op.arg.recv.buffer, bytes, got));
            got += bytes;
        }
        give_back(conform, &pair.server);
    }
    settle_err(&pair.client.send, ERR_OK);
    close_pair(conform, &pair);
}

void case_cancel_stuck_send(struct conform *conform)
{
    struct pair pair;
    uint64_t got = 0;
    open_pair(conform, &pair);
    send_stuck(conform, &pair.client);
    EXPECT(io_is_out(&pair.client.send.op));
    io_cancel(&conform->loop, &pair.client.send.op);
    wait_for_err(&pair.client.send, ERR_CANCELLED);
    EXPECT(pair.client.send.op.bytes < sizeof big);
    close_side(conform, &pair.client, false);
    for (;;) {
        start_recv(conform, &pair.server);
        wait_for(&pair.server.recv);
        if (pair.server.recv.op.result != ERR_OK || pair.server.recv.op.bytes == 0) {
            break;
        }
        uint32_t bytes = pair.server.recv.op.bytes;
        EXPECT(pattern_is(pair.server.recv.op.arg.recv.buffer, bytes, got));
        got += bytes;
        give_back(conform, &pair.server);
    }
    EXPECT(got >= pair.client.send.op.bytes && got < sizeof big);
    close_side(conform, &pair.server, false);
    close_listener(conform, &pair.listener);
}

static void send_after_cancelled_send(struct conform *conform)
{
    open_pair(conform, &given_up);
    send_stuck(conform, &given_up.client);
    io_cancel(&conform->loop, &given_up.client.send.op);
    wait_for_err(&given_up.client.send, ERR_CANCELLED);
    start_send(conform, &given_up.client, "more", 4);
}

void case_send_after_cancelled_send_is_caught(struct conform *conform)
{
    conform_expect_check(conform, send_after_cancelled_send);
}

void case_cancel_connect(struct conform *conform)
{
    for (int turns = 0; turns < 3; turns++) {
        struct io_listener listener;
        struct side client;
        side_init(&client, conform);
        open_listener(conform, &listener);
        start_connect(conform, &client, &listener.at);
        for (int i = 0; i < turns; i++) {
            io_turn(&conform->loop, 0);
        }
        if (io_is_out(&client.other.op)) {
            io_cancel(&conform->loop, &client.other.op);
            wait_for(&client.other);
        }
        enum err result = client.other.op.result;
        EXPECT(result == ERR_CANCELLED || result == ERR_OK);
        EXPECT(result != ERR_OK || io_socket_is_open(&client.socket));
        if (io_socket_is_open(&client.socket)) {
            close_side(conform, &client, true);
        }
        io_unlisten(&conform->loop, &listener);
        while (io_is_listening(&listener)) { /* the client may have come, and may be gone */
            side_init(&client, conform);
            start_accept(conform, &client, &listener);
            wait_for(&client.other);
            if (client.other.op.result == ERR_OK) {
                close_side(conform, &client, true);
            }
        }
    }
}

void case_cancel_accept(struct conform *conform)
{
    struct io_listener listener;
    struct side first, second, client;
    side_init(&first, conform);
    side_init(&second, conform);
    side_init(&client, conform);
    open_listener(conform, &listener);
    start_accept(conform, &first, &listener);
    turn_idle(conform);
    io_cancel(&conform->loop, &first.other.op);
    wait_for_err(&first.other, ERR_CANCELLED);
    EXPECT(!io_socket_is_open(&first.socket));
    start_connect(conform, &client, &listener.at);
    wait_for_err(&client.other, ERR_OK);
    start_accept(conform, &second, &listener);
    wait_for_err(&second.other, ERR_OK);
    send_all(conform, &client, "second");
    expect_text(conform, &second, "second");
    close_side(conform, &client, false);
    close_side(conform, &second, false);
    close_listener(conform, &listener);
}

void case_cancel_timer(struct conform *conform)
{
    struct probe far, near, past;
    uint64_t now_ms = io_now_ms(&conform->loop);
    probe_init(&far, conform);
    probe_init(&near, conform);
    probe_init(&past, conform);
    io_timer(&conform->loop, &far.op, now_ms + 3600000);
    io_timer(&conform->loop, &near.op, now_ms + 5);
    io_timer(&conform->loop, &past.op, now_ms);
    io_cancel(&conform->loop, &past.op);
    wait_for_err(&past, ERR_CANCELLED);
    if (near.done == 0) { /* a slow machine had both in one turn */
        wait_for(&near);
    }
    EXPECT(near.done == 1 && near.op.result == ERR_OK);
    EXPECT(io_is_out(&far.op));
    io_cancel(&conform->loop, &far.op);
    wait_for_err(&far, ERR_CANCELLED);
}

void case_cancel_twice(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    start_recv(conform, &pair.server);
    io_cancel(&conform->loop, &pair.server.recv.op);
    io_cancel(&conform->loop, &pair.server.recv.op);
    wait_for_err(&pair.server.recv, ERR_CANCELLED);
    turn_idle(conform);
    EXPECT(pair.server.recv.done == 1);
    close_pair(conform, &pair);
}

void case_cancel_after_the_end(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    start_send(conform, &pair.client, "sent", 4);
    io_cancel(&conform->loop, &pair.client.send.op);
    wait_for(&pair.client.send);
    enum err result = pair.client.send.op.result;
    EXPECT(result == ERR_OK || result == ERR_CANCELLED);
    EXPECT(result != ERR_OK || pair.client.send.op.bytes == 4);
    if (result == ERR_OK) {
        expect_text(conform, &pair.server, "sent");
    }
    close_pair(conform, &pair);
}

void case_cancel_close_and_shutdown(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    io_shutdown(&conform->loop, &pair.client.other.op, &pair.client.socket);
    io_cancel(&conform->loop, &pair.client.other.op);
    wait_for_err(&pair.client.other, ERR_OK);
    expect_end(conform, &pair.server);
    io_close(&conform->loop, &pair.client.other.op, &pair.client.socket, false);
    io_cancel(&conform->loop, &pair.client.other.op);
    wait_for_err(&pair.client.other, ERR_OK);
    EXPECT(!io_socket_is_open(&pair.client.socket));
    close_side(conform, &pair.server, false);
    close_listener(conform, &pair.listener);
}

/* ---- rule 5 ---- */

static void close_with_recv_out(struct conform *conform)
{
    open_pair(conform, &given_up);
    start_recv(conform, &given_up.client);
    io_close(&conform->loop, &given_up.client.other.op, &given_up.client.socket, false);
}

void case_close_with_recv_out_is_caught(struct conform *conform)
{
    conform_expect_check(conform, close_with_recv_out);
}

static void close_with_send_out(struct conform *conform)
{
    open_pair(conform, &given_up);
    send_stuck(conform, &given_up.client);
    io_close(&conform->loop, &given_up.client.other.op, &given_up.client.socket, true);
}

void case_close_with_send_out_is_caught(struct conform *conform)
{
    conform_expect_check(conform, close_with_send_out);
}

void case_close_is_graceful(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    pattern_fill(big, 20000, 0);
    start_send(conform, &pair.client, big, 20000);
    wait_for_err(&pair.client.send, ERR_OK);
    close_side(conform, &pair.client, false);
    expect_pattern(conform, &pair.server, 0, 20000);
    expect_end(conform, &pair.server);
    close_side(conform, &pair.server, false);
    close_listener(conform, &pair.listener);
}

void case_close_aborts(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    start_recv(conform, &pair.server);
    turn_idle(conform);
    close_side(conform, &pair.client, true);
    settle(&pair.server.recv);
    enum err result = pair.server.recv.op.result;
    EXPECT(pair.server.recv.op.bytes == 0);
    EXPECT(result == ERR_RESET || (result == ERR_OK && !conform->tells_resets));
    close_side(conform, &pair.server, false);
    close_listener(conform, &pair.listener);
}

void case_socket_is_free_after_close(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    for (int i = 0; i < 5; i++) {
        close_side(conform, &pair.client, false);
        close_side(conform, &pair.server, i % 2 == 0);
        start_accept(conform, &pair.server, &pair.listener);
        start_connect(conform, &pair.client, &pair.listener.at);
        wait_for_err(&pair.client.other, ERR_OK);
        settle_err(&pair.server.other, ERR_OK);
        send_all(conform, &pair.server, "again");
        expect_text(conform, &pair.client, "again");
    }
    close_pair(conform, &pair);
}

static void use_after_close(struct conform *conform)
{
    open_pair(conform, &given_up);
    close_side(conform, &given_up.client, false);
    start_recv(conform, &given_up.client);
}

void case_use_after_close_is_caught(struct conform *conform)
{
    conform_expect_check(conform, use_after_close);
}

static void connect_open_socket(struct conform *conform)
{
    open_pair(conform, &given_up);
    start_connect(conform, &given_up.client, &given_up.listener.at);
}

void case_connect_open_socket_is_caught(struct conform *conform)
{
    conform_expect_check(conform, connect_open_socket);
}

static void shut_with_timer_out(struct conform *conform)
{
    static struct probe probe;
    probe_init(&probe, conform);
    io_timer(&conform->loop, &probe.op, io_now_ms(&conform->loop) + 1000);
    io_shut(&conform->loop);
}

void case_shut_with_ops_out_is_caught(struct conform *conform)
{
    conform_expect_check(conform, shut_with_timer_out);
}
