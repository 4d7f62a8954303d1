/*
 * What the contract forbids and io.c catches, apart from the cases that stand with their subject:
 * ops beside one another, broken sockets, shutting too early, arguments that make no sense.
 */
#include "conform/conform.h"

#include <string.h>

static struct pair given_up; /* of worlds that a failed CHECK leaves behind */
static struct probe extra;
static uint8_t big[8 << 20];

typedef void misuse(struct conform *conform);

static void expect_all_caught(struct conform *conform, misuse *const bodies[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        conform_expect_check(conform, bodies[i]);
    }
}

#define EXPECT_ALL_CAUGHT(conform, bodies)                                                         \
    expect_all_caught(conform, bodies, sizeof(bodies) / sizeof(bodies)[0])

static void post_twice(struct conform *conform)
{
    probe_init(&extra, conform);
    io_post(&conform->loop, &extra.op);
    io_post(&conform->loop, &extra.op);
}

static void post_a_timer_that_is_out(struct conform *conform)
{
    probe_init(&extra, conform);
    io_timer(&conform->loop, &extra.op, io_now_ms(&conform->loop) + 1000);
    io_post(&conform->loop, &extra.op);
}

void case_post_twice_is_caught(struct conform *conform)
{
    misuse *const bodies[] = {post_twice, post_a_timer_that_is_out};
    EXPECT_ALL_CAUGHT(conform, bodies);
}

/* ---- rule 3 and 5: beside CONNECT, SHUTDOWN and CLOSE ---- */

static void connect_only(struct conform *conform)
{
    side_init(&given_up.client, conform);
    open_listener(conform, &given_up.listener);
    start_connect(conform, &given_up.client, &given_up.listener.at);
}

static void recv_during_connect(struct conform *conform)
{
    connect_only(conform);
    start_recv(conform, &given_up.client);
}

static void send_during_connect(struct conform *conform)
{
    connect_only(conform);
    start_send(conform, &given_up.client, "early", 5);
}

static void recv_during_close(struct conform *conform)
{
    open_pair(conform, &given_up);
    io_close(&conform->loop, &given_up.client.other.op, &given_up.client.socket, false);
    start_recv(conform, &given_up.client);
}

static void send_during_shutdown(struct conform *conform)
{
    open_pair(conform, &given_up);
    io_shutdown(&conform->loop, &given_up.client.other.op, &given_up.client.socket);
    start_send(conform, &given_up.client, "late", 4);
}

static void close_during_shutdown(struct conform *conform)
{
    open_pair(conform, &given_up);
    probe_init(&extra, conform);
    io_shutdown(&conform->loop, &given_up.client.other.op, &given_up.client.socket);
    io_close(&conform->loop, &extra.op, &given_up.client.socket, false);
}

static void shutdown_twice(struct conform *conform)
{
    open_pair(conform, &given_up);
    probe_init(&extra, conform);
    io_shutdown(&conform->loop, &given_up.client.other.op, &given_up.client.socket);
    io_shutdown(&conform->loop, &extra.op, &given_up.client.socket);
}

static void close_twice(struct conform *conform)
{
    open_pair(conform, &given_up);
    probe_init(&extra, conform);
    io_close(&conform->loop, &given_up.client.other.op, &given_up.client.socket, false);
    io_close(&conform->loop, &extra.op, &given_up.client.socket, false);
}

void case_ops_beside_another_are_caught(struct conform *conform)
{
    misuse *const bodies[] = {recv_during_connect,  send_during_connect,   recv_during_close,
                              send_during_shutdown, close_during_shutdown, shutdown_twice,
                              close_twice};
    EXPECT_ALL_CAUGHT(conform, bodies);
}

/* ---- rule 4: a broken socket, and what cannot be cancelled ---- */

static void cancel_a_send(struct conform *conform)
{
    open_pair(conform, &given_up);
    start_send(conform, &given_up.client, big, sizeof big);
    turn_idle(conform);
    io_cancel(&conform->loop, &given_up.client.send.op);
    wait_for_err(&given_up.client.send, ERR_CANCELLED);
}

static void recv_after_cancelled_send(struct conform *conform)
{
    cancel_a_send(conform);
    start_recv(conform, &given_up.client);
}

static void shutdown_after_cancelled_send(struct conform *conform)
{
    cancel_a_send(conform);
    io_shutdown(&conform->loop, &given_up.client.other.op, &given_up.client.socket);
}

static void send_after_failed_send(struct conform *conform)
{
    open_pair(conform, &given_up);
    close_side(conform, &given_up.server, true);
    do { /* ends by the CHECK or, without it, by the limit of the test */
        start_send(conform, &given_up.client, "anyone?", 7);
        wait_for(&given_up.client.send);
        turn_idle(conform);
    } while (given_up.client.send.op.result == ERR_OK);
    start_send(conform, &given_up.client, "again?", 6);
}

void case_broken_socket_only_closes(struct conform *conform)
{
    misuse *const bodies[] = {recv_after_cancelled_send, shutdown_after_cancelled_send,
                              send_after_failed_send};
    EXPECT_ALL_CAUGHT(conform, bodies);
}

static void cancel_what_is_done(struct conform *conform)
{
    probe_init(&extra, conform);
    io_timer(&conform->loop, &extra.op, 0);
    wait_for_err(&extra, ERR_OK);
    io_cancel(&conform->loop, &extra.op);
}

static void cancel_on_another_loop(struct conform *conform)
{
    conform_open_second(conform);
    probe_init(&extra, conform);
    io_timer(&conform->loop, &extra.op, io_now_ms(&conform->loop) + 1000);
    io_cancel(&conform->second, &extra.op);
}

void case_wrong_cancels_are_caught(struct conform *conform)
{
    misuse *const bodies[] = {cancel_what_is_done, cancel_on_another_loop};
    EXPECT_ALL_CAUGHT(conform, bodies);
}

/* ---- shutting a loop, and arguments ---- */

static void shut_with_listener_open(struct conform *conform)
{
    open_listener(conform, &given_up.listener);
    io_shut(&conform->loop);
}

static void shut_with_post_out(struct conform *conform)
{
    probe_init(&extra, conform);
    io_post(&conform->loop, &extra.op);
    io_shut(&conform->loop);
}

void case_shut_too_early_is_caught(struct conform *conform)
{
    misuse *const bodies[] = {shut_with_listener_open, shut_with_post_out};
    EXPECT_ALL_CAUGHT(conform, bodies);
}

static void submit_without_done(struct conform *conform)
{
    io_op_init(&extra.op, NULL);
    io_timer(&conform->loop, &extra.op, 0);
}

static void submit_a_post(struct conform *conform)
{
    probe_init(&extra, conform);
    extra.op.kind = IO_POST;
    io_submit(&conform->loop, &extra.op);
}

static void connect_to_port_zero(struct conform *conform)
{
    struct endpoint nowhere = loopback(0);
    side_init(&given_up.client, conform);
    start_connect(conform, &given_up.client, &nowhere);
}

static void connect_to_no_address(struct conform *conform)
{
    struct endpoint nowhere = {{ADDR_NONE, {0}}, 80};
    side_init(&given_up.client, conform);
    start_connect(conform, &given_up.client, &nowhere);
}

static void send_nothing(struct conform *conform)
{
    open_pair(conform, &given_up);
    start_send(conform, &given_up.client, "", 0);
}

static void resolve_no_name(struct conform *conform)
{
    static struct io_names names;
    names.name_len = 0;
    probe_init(&extra, conform);
    io_resolve(&conform->loop, &extra.op, &names);
}

static void resolve_long_name(struct conform *conform)
{
    static struct io_names names;
    names.name_len = IO_NAME_MAX + 1;
    probe_init(&extra, conform);
    io_resolve(&conform->loop, &extra.op, &names);
}

static void accept_on_closed_port(struct conform *conform)
{
    side_init(&given_up.server, conform);
    open_listener(conform, &given_up.listener);
    close_listener(conform, &given_up.listener);
    start_accept(conform, &given_up.server, &given_up.listener);
}

static void accept_into_open_socket(struct conform *conform)
{
    open_pair(conform, &given_up);
    start_accept(conform, &given_up.server, &given_up.listener);
}

static void unlisten_twice(struct conform *conform)
{
    open_listener(conform, &given_up.listener);
    io_unlisten(&conform->loop, &given_up.listener);
    io_unlisten(&conform->loop, &given_up.listener);
}

static void sibling_of_a_closing_port(struct conform *conform)
{
    static struct io_listener sibling;
    conform_open_second(conform);
    open_listener(conform, &given_up.listener);
    io_unlisten(&conform->loop, &given_up.listener);
    EXPECT(io_listen(&conform->second, &sibling, &given_up.listener.at, &given_up.listener) ==
           ERR_OK);
}

void case_wrong_arguments_are_caught(struct conform *conform)
{
    misuse *const bodies[] = {submit_without_done,
                              submit_a_post,
                              connect_to_port_zero,
                              connect_to_no_address,
                              send_nothing,
                              resolve_no_name,
                              resolve_long_name,
                              accept_on_closed_port,
                              accept_into_open_socket,
                              unlisten_twice,
                              sibling_of_a_closing_port};
    EXPECT_ALL_CAUGHT(conform, bodies);
}
