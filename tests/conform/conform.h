/*
 * The frame of the conformance suite: a world over one backend, and words for what nearly every
 * case does. A case is a function; EXPECT ends the program with the case and the line, so a case
 * reads from top to bottom. Both ends of every connection are ours, on the same loop.
 */
#ifndef TESTS_CONFORM_CONFORM_H
#define TESTS_CONFORM_CONFORM_H

#include "io/io_backend.h"
#include "io/resolve.h"

#include <setjmp.h>

enum {
    CONFORM_BUFFER = 4096,
    CONFORM_BUFFERS = 64,
    CONFORM_TURNS_MAX = 40000, /* of at most CONFORM_WAIT_MS: no machine is as slow as that */
    CONFORM_WAIT_MS = 10
};

struct backend;

struct conform {
    const struct backend *backend;
    struct io_setup setup;
    struct io_loop loop, second; /* second: only after conform_open_second */
    bool has_second;
    bool tells_resets; /* the backend tells a reset from an end (Wine's does not always) */
    bool turns_away;   /* a port that closes takes no new client (not every system can be told) */
    bool has_threads;  /* other threads may post (the simulator is one thread) */
    /* Gives a socket little room, whatever the machine's defaults are; NULL: it has little. */
    void (*narrow)(intptr_t handle);
    struct resolve *resolve;
    struct pool pool;
};

/* An op that remembers how often it was done. */
struct probe {
    struct io_op op; /* first: done() finds the probe */
    uint32_t done;
    bool submitting; /* inside io_submit: done() must not come */
    uint64_t done_at_ms, done_number;
    struct conform *conform;
};

/* One end of a connection with everything it needs. */
struct side {
    struct io_socket socket;
    struct probe recv, send, other; /* other: connect, accept, shutdown, close */
    struct io_accepted accepted;
    struct endpoint to;
};

/* A connection over a listener of its own. */
struct pair {
    struct io_listener listener;
    struct side client, server;
};

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            conform_fail(__FILE__, __LINE__, #condition);                                          \
        }                                                                                          \
    } while (0)

_Noreturn void conform_fail(const char *file, int line, const char *what);

void conform_open(struct conform *conform);
void conform_open_second(struct conform *conform);
void conform_shut(struct conform *conform);

/* Runs `body`, which must trip a CHECK. The world cannot be shut afterwards and is given up. */
void conform_expect_check(struct conform *conform, void (*body)(struct conform *));

void probe_init(struct probe *probe, struct conform *conform);
void side_init(struct side *side, struct conform *conform);

/* Turns the loops until the probe is done; fails the case when that does not come. */
void wait_for(struct probe *probe);
void wait_for_err(struct probe *probe, enum err result);
/* The same where it may be done already. */
void settle(struct probe *probe);
void settle_err(struct probe *probe, enum err result);
/*
 * A few turns without waiting for anything: what comes at once has come. On a slow machine it has
 * not: only what must not happen is expected behind them, never what must.
 */
void turn_idle(struct conform *conform);

struct endpoint loopback(uint16_t port);
void open_listener(struct conform *conform, struct io_listener *listener);
void close_listener(struct conform *conform, struct io_listener *listener);
/* The same where clients may be queued: whoever comes is reset. */
void drain_listener(struct conform *conform, struct io_listener *listener);
void start_connect(struct conform *conform, struct side *side, const struct endpoint *to);
void start_accept(struct conform *conform, struct side *side, struct io_listener *listener);
void open_pair(struct conform *conform, struct pair *pair);
void close_pair(struct conform *conform, struct pair *pair);

void start_recv(struct conform *conform, struct side *side);
void start_send(struct conform *conform, struct side *side, const void *bytes, size_t len);
void give_back(struct conform *conform, struct side *side); /* the buffer of the last RECV */
void send_all(struct conform *conform, struct side *side, const char *text);
/* Receives exactly this text, in however many pieces. */
void expect_text(struct conform *conform, struct side *side, const char *text);
void expect_end(struct conform *conform, struct side *side);
void close_side(struct conform *conform, struct side *side, bool abort);
void shutdown_side(struct conform *conform, struct side *side);

/* Bytes that tell their place: a long stream is checked piece by piece. */
void pattern_fill(uint8_t *bytes, size_t len, uint64_t start);
bool pattern_is(const uint8_t *bytes, size_t len, uint64_t start);
/* Receives `total` bytes of the pattern. */
void expect_pattern(struct conform *conform, struct side *side, uint64_t start, uint64_t total);

#define CASE(rule, name, sentence) void case_##name(struct conform *conform);
#include "conform/cases.def"
#undef CASE

#endif
