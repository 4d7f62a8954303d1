/*
 * Rules 6 and 7: where buffers come from, and that bytes arrive whole and in order.
 */
#include "conform/conform.h"

#include <string.h>

enum { IDLE_PAIRS = 50 };

void case_idle_recv_holds_no_buffer(struct conform *conform)
{
    static struct pair pairs[IDLE_PAIRS];
    for (int i = 0; i < IDLE_PAIRS; i++) {
        open_pair(conform, &pairs[i]);
        start_recv(conform, &pairs[i].client);
        start_recv(conform, &pairs[i].server);
    }
    turn_idle(conform);
    EXPECT(conform->pool.taken == 0);
    for (int i = 0; i < IDLE_PAIRS; i++) {
        io_cancel(&conform->loop, &pairs[i].client.recv.op);
        wait_for_err(&pairs[i].client.recv, ERR_CANCELLED);
        io_cancel(&conform->loop, &pairs[i].server.recv.op);
        settle_err(&pairs[i].server.recv, ERR_CANCELLED);
        close_pair(conform, &pairs[i]);
    }
}

void case_recv_brings_buffer(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    start_recv(conform, &pair.server);
    send_all(conform, &pair.client, "bytes");
    settle_err(&pair.server.recv, ERR_OK);
    EXPECT(pair.server.recv.op.arg.recv.buffer && conform->pool.taken == 1);
    uint32_t got = pair.server.recv.op.bytes;
    EXPECT(got >= 1 && memcmp(pair.server.recv.op.arg.recv.buffer, "bytes", got) == 0);
    give_back(conform, &pair.server);
    expect_text(conform, &pair.server, &"bytes"[got]);
    EXPECT(conform->pool.taken == 0);
    close_pair(conform, &pair);
}

void case_end_brings_no_buffer(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    send_all(conform, &pair.client, "last words");
    shutdown_side(conform, &pair.client);
    expect_text(conform, &pair.server, "last words");
    for (int i = 0; i < 3; i++) {
        expect_end(conform, &pair.server);
        EXPECT(conform->pool.taken == 0);
    }
    close_pair(conform, &pair);
}

static uint8_t *taken[CONFORM_BUFFERS];

void case_empty_pool_is_told(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    for (int i = 0; i < CONFORM_BUFFERS; i++) {
        taken[i] = pool_take(&conform->pool, NULL);
    }
    send_all(conform, &pair.client, "patience");
    for (int i = 0; i < 3; i++) {
        start_recv(conform, &pair.server);
        wait_for_err(&pair.server.recv, ERR_EXHAUSTED);
        EXPECT(!pair.server.recv.op.arg.recv.buffer && pair.server.recv.op.bytes == 0);
    }
    for (int i = 0; i < CONFORM_BUFFERS; i++) {
        pool_give(&conform->pool, taken[i]);
    }
    expect_text(conform, &pair.server, "patience");
    close_pair(conform, &pair);
}

void case_used_share_is_told(struct conform *conform)
{
    struct pair pair;
    struct pool_owner greedy = {0}, modest = {0};
    open_pair(conform, &pair);
    for (int i = 0; i < CONFORM_BUFFERS / 4; i++) {
        taken[i] = pool_take(&conform->pool, &greedy);
        EXPECT(taken[i]);
    }
    send_all(conform, &pair.client, "x");
    io_recv(&conform->loop, &pair.server.recv.op, &pair.server.socket, &conform->pool, &greedy);
    wait_for_err(&pair.server.recv, ERR_EXHAUSTED);
    io_recv(&conform->loop, &pair.server.recv.op, &pair.server.socket, &conform->pool, &modest);
    wait_for_err(&pair.server.recv, ERR_OK);
    EXPECT(modest.held == 1);
    give_back(conform, &pair.server);
    EXPECT(modest.held == 0);
    for (int i = 0; i < CONFORM_BUFFERS / 4; i++) {
        pool_give(&conform->pool, taken[i]);
    }
    close_pair(conform, &pair);
}

static uint8_t big[8 << 20];

void case_recv_keeps_order(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    pattern_fill(big, 1 << 20, 0);
    start_send(conform, &pair.client, big, 1 << 20);
    expect_pattern(conform, &pair.server, 0, 1 << 20);
    settle_err(&pair.client.send, ERR_OK);
    close_pair(conform, &pair);
}

void case_send_is_whole(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    pattern_fill(big, sizeof big, 0);
    start_send(conform, &pair.client, big, sizeof big);
    turn_idle(conform);
    EXPECT(io_is_out(&pair.client.send.op)); /* no system takes eight megabytes unread */
    expect_pattern(conform, &pair.server, 0, sizeof big);
    settle_err(&pair.client.send, ERR_OK);
    EXPECT(pair.client.send.op.result == ERR_OK && pair.client.send.op.bytes == sizeof big);
    close_pair(conform, &pair);
}

static uint32_t recv_some(struct conform *conform, struct side *side, uint64_t start)
{
    start_recv(conform, side);
    settle_err(&side->recv, ERR_OK);
    uint32_t bytes = side->recv.op.bytes;
    EXPECT(bytes > 0 && pattern_is(side->recv.op.arg.recv.buffer, bytes, start));
    give_back(conform, side);
    return bytes;
}

/* A backend may hand over a part at a time, and be told of it when all of that is taken. */
void case_slow_send_shows_its_progress(struct conform *conform)
{
    enum { PART = 64 * 1024 };
    struct pair pair;
    uint32_t got = 0, moves = 0;
    open_pair(conform, &pair);
    pattern_fill(big, sizeof big, 0);
    start_send(conform, &pair.client, big, sizeof big);
    const struct io_op *send = &pair.client.send.op;
    while (got < sizeof big) {
        uint64_t before_ms = io_now_ms(&conform->loop);
        uint32_t before = send->bytes;
        EXPECT(send->arg.send.moved_ms <= before_ms);
        got += recv_some(conform, &pair.server, got);
        moves += send->bytes > before && io_is_out(send) ? 1 : 0;
        EXPECT(send->bytes + PART >= got && send->bytes <= sizeof big);
        EXPECT(send->bytes == before || send->arg.send.moved_ms >= before_ms);
    }
    EXPECT(moves > 1);
    settle_err(&pair.client.send, ERR_OK);
    close_pair(conform, &pair);
}

void case_small_send_needs_no_reader(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    for (int i = 0; i < 5; i++) {
        send_all(conform, &pair.client, "ten bytes.");
    }
    expect_text(conform, &pair.server, "ten bytes.ten bytes.ten bytes.ten bytes.ten bytes.");
    close_pair(conform, &pair);
}

void case_send_to_aborted_peer_fails(struct conform *conform)
{
    struct pair pair;
    bool failed = false;
    open_pair(conform, &pair);
    close_side(conform, &pair.server, true);
    for (int i = 0; i < 100 && !failed; i++) {
        start_send(conform, &pair.client, "anyone?", 7);
        wait_for(&pair.client.send);
        failed = pair.client.send.op.result != ERR_OK;
        turn_idle(conform);
    }
    EXPECT(pair.client.send.op.result == ERR_RESET);
    close_side(conform, &pair.client, false);
    close_listener(conform, &pair.listener);
}

void case_sends_keep_order(struct conform *conform)
{
    struct pair pair;
    uint64_t sent = 0;
    open_pair(conform, &pair);
    for (size_t len = 1; len < 400; len += 3) {
        pattern_fill(big, len, sent);
        start_send(conform, &pair.client, big, len);
        wait_for_err(&pair.client.send, ERR_OK);
        sent += len;
    }
    expect_pattern(conform, &pair.server, 0, sent);
    close_pair(conform, &pair);
}

/* What a RECV took and did not need is given back in the owner's name. */
void case_idle_recv_holds_no_share(struct conform *conform)
{
    struct pair pair;
    struct pool_owner owner = {0};
    uint32_t got = 0;
    open_pair(conform, &pair);
    pattern_fill(big, 2 * CONFORM_BUFFER, 0);
    start_send(conform, &pair.client, big, 2 * CONFORM_BUFFER); /* whole buffers: is there more? */
    wait_for_err(&pair.client.send, ERR_OK);
    turn_idle(conform);
    while (got < 2 * CONFORM_BUFFER) {
        io_recv(&conform->loop, &pair.server.recv.op, &pair.server.socket, &conform->pool, &owner);
        wait_for_err(&pair.server.recv, ERR_OK);
        EXPECT(owner.held == 1 && pair.server.recv.op.bytes > 0);
        got += pair.server.recv.op.bytes;
        give_back(conform, &pair.server);
    }
    io_recv(&conform->loop, &pair.server.recv.op, &pair.server.socket, &conform->pool, &owner);
    turn_idle(conform);
    EXPECT(io_is_out(&pair.server.recv.op));
    EXPECT(owner.held == 0 && conform->pool.taken == 0);
    shutdown_side(conform, &pair.client);
    settle_err(&pair.server.recv, ERR_OK);
    EXPECT(pair.server.recv.op.bytes == 0 && owner.held == 0 && conform->pool.taken == 0);
    close_pair(conform, &pair);
}

/* The owner need not clear it: the buffer of the last RECV is not that of the next. */
void case_recv_forgets_last_buffer(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    send_all(conform, &pair.client, "x");
    start_recv(conform, &pair.server);
    wait_for_err(&pair.server.recv, ERR_OK);
    EXPECT(pair.server.recv.op.bytes == 1);
    pool_give(&conform->pool, pair.server.recv.op.arg.recv.buffer);
    start_recv(conform, &pair.server);
    turn_idle(conform);
    io_cancel(&conform->loop, &pair.server.recv.op);
    wait_for_err(&pair.server.recv, ERR_CANCELLED);
    EXPECT(!pair.server.recv.op.arg.recv.buffer && pair.server.recv.op.bytes == 0);
    shutdown_side(conform, &pair.client);
    expect_end(conform, &pair.server);
    close_pair(conform, &pair);
}

/* The reader's silence stops the SEND, not the RECV that waits on the same socket. */
void case_stuck_send_beside_recv(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    pattern_fill(big, sizeof big, 0);
    start_recv(conform, &pair.client);
    start_send(conform, &pair.client, big, sizeof big);
    turn_idle(conform);
    EXPECT(io_is_out(&pair.client.send.op) && io_is_out(&pair.client.recv.op));
    expect_pattern(conform, &pair.server, 0, sizeof big);
    settle_err(&pair.client.send, ERR_OK);
    EXPECT(io_is_out(&pair.client.recv.op));
    send_all(conform, &pair.server, "thanks");
    settle_err(&pair.client.recv, ERR_OK);
    uint32_t got = pair.client.recv.op.bytes;
    EXPECT(got > 0 && memcmp(pair.client.recv.op.arg.recv.buffer, "thanks", got) == 0);
    give_back(conform, &pair.client);
    expect_text(conform, &pair.client, &"thanks"[got]);
    close_pair(conform, &pair);
}

void case_stuck_send_to_aborting_peer(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    pattern_fill(big, sizeof big, 0);
    start_send(conform, &pair.client, big, sizeof big);
    turn_idle(conform);
    EXPECT(io_is_out(&pair.client.send.op));
    close_side(conform, &pair.server, true);
    settle(&pair.client.send);
    EXPECT(pair.client.send.op.result == ERR_RESET && pair.client.send.op.bytes < sizeof big);
    close_side(conform, &pair.client, false);
    close_listener(conform, &pair.listener);
}

/* The reset has been told to the RECV: the SEND after it still fails, and harms nobody. */
void case_send_after_told_reset(struct conform *conform)
{
    struct pair pair;
    bool failed = false;
    open_pair(conform, &pair);
    start_recv(conform, &pair.client);
    turn_idle(conform);
    close_side(conform, &pair.server, true);
    settle(&pair.client.recv);
    for (int i = 0; i < 100 && !failed; i++) {
        start_send(conform, &pair.client, "anyone?", 7);
        wait_for(&pair.client.send);
        failed = pair.client.send.op.result != ERR_OK;
        turn_idle(conform);
    }
    EXPECT(pair.client.send.op.result == ERR_RESET);
    close_side(conform, &pair.client, false);
    close_listener(conform, &pair.listener);
}

void case_shutdown_of_reset_connection(struct conform *conform)
{
    struct pair pair;
    open_pair(conform, &pair);
    close_side(conform, &pair.server, true);
    turn_idle(conform);
    io_shutdown(&conform->loop, &pair.client.other.op, &pair.client.socket);
    wait_for(&pair.client.other);
    close_side(conform, &pair.client, false);
    close_listener(conform, &pair.listener);
}
