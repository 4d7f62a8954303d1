/*
 * A backend without a system: a small network inside one thread, on a virtual clock, driven by a
 * seed. It keeps the eight rules as the real backends do, and is nastier: sends and receives come
 * in random pieces, everything takes its time, connections break, descriptors run out, names are
 * slow, and a cancelled op may still have succeeded. How often each of that happens is drawn from
 * the seed too, so that two seeds are two different networks.
 *
 * The same seed gives the same run, on every machine: the hash over everything that ended says so.
 */
#ifndef TESTS_SIM_IO_SIM_H
#define TESTS_SIM_IO_SIM_H

#include "io/io_backend.h"
#include "io/resolve.h"

extern const struct io_backend io_sim;

enum {
    SIM_ENDS = 512,      /* ends of connections at once */
    SIM_LISTENERS = 64,  /* open ports at once */
    SIM_INBOX = 1 << 16, /* bytes that wait for a reader, at the most */
    SIM_SLOW_MS = 800,   /* to connect to the slow address */
    SIM_BACKLOG = 128,   /* clients that wait for an ACCEPT */
    SIM_QUESTIONS = RESOLVE_THREADS_MAX
};

/* Chances in 10,000 and spans of time; all zero: a network without faults or delays. */
struct sim_faults {
    uint32_t split_recv, split_send; /* less than possible is moved */
    uint32_t delayed;                /* an op takes up to delay_ms_max */
    uint32_t delay_ms_max;
    uint32_t reset;         /* the connection breaks when it is touched */
    uint32_t accept_fails;  /* ERR_EXHAUSTED, the client stays queued, and may stay so a while */
    uint32_t connect_fails; /* refused, unreachable, timed out, no descriptor */
    uint32_t connect_hangs; /* no answer: only cancelling ends it */
    uint32_t name_fails;
    uint32_t name_delay_ms_max;
    uint32_t inbox; /* bytes that wait for a reader, 1..SIM_INBOX */
};

struct sim_listener {
    bool open;
    uint32_t loops; /* io_listeners that serve it */
    struct endpoint at;
    bool closing;
    uint32_t queued;
    int32_t queue[SIM_BACKLOG]; /* ends, the first first */
    struct list parked;         /* ACCEPTs that wait for a client: nobody looks at them meanwhile */
};

/* One end of a connection; `peer` is the other. Numbers index the world's arrays. */
struct sim_end {
    bool used;  /* held by a socket, queued, or with a peer that is */
    bool open;  /* its socket (or the queue) has not closed it */
    bool ended; /* the peer sends no more: after the inbox comes the end */
    bool reset; /* the connection is broken */
    int32_t peer;
    struct endpoint local, remote;
    uint32_t first, len; /* of the inbox, a ring */
    uint8_t inbox[SIM_INBOX];
};

struct sim_question {
    struct resolve_entry *entry;
    uint64_t due_ms;
};

struct sim_world {
    uint64_t random, now_ms, trace, serial;
    struct sim_faults faults;
    bool any_address; /* ports may be opened on, and connected from, addresses that are not local */
    struct addr absent;     /* with any_address: the one that is not; family ADDR_NONE: all are */
    struct addr mute, slow; /* never answers; takes a while: family ADDR_NONE: none does */
    struct addr apart;      /* no address of ours leads there, as where IPv6 is switched off */
    uint16_t next_port;
    struct resolve *resolve;
    uint64_t exhausted_ms; /* no descriptor until then */
    bool queued;           /* it may have a name for us */
    uint32_t asking;       /* names that are being asked */
    /* Answers a name; false: not yet, ask again later. */
    bool (*answer)(struct span name, struct resolve_answer *answer);
    void (*asked)(void); /* counts questions, may be NULL */
    uint64_t progress;   /* grows with everything that moves */
    struct list pending; /* ops that wait, of all loops */
    struct sim_listener listeners[SIM_LISTENERS];
    struct sim_question questions[SIM_QUESTIONS];
    struct sim_end ends[SIM_ENDS];
};

void sim_begin(struct sim_world *world, uint64_t seed);
void sim_draw_faults(struct sim_world *world);       /* from the seed; without it there are none */
void sim_end_faults(struct sim_world *world);        /* from now on the network is kind */
void sim_expect_rest(const struct sim_world *world); /* no end, port or question is left */

uint64_t sim_random(struct sim_world *world);
uint64_t sim_below(struct sim_world *world, uint64_t limit); /* 0..limit-1 */
bool sim_chance(struct sim_world *world, uint32_t in_10000);

/* io_sim.c's and sim_world.c's */
void sim_trace(struct sim_world *world, uint64_t value);
void sim_trace_err(struct sim_world *world, enum err err);
void sim_answer_questions(struct sim_world *world); /* begins those queued, ends those due */

/* For resolve_setup: `queued` with the world as its context. */
void sim_name_queued(void *world, struct resolve *resolve);

#endif
