/*
 * One loop's world: its pools, its listeners, the tunnels that live and die on it, and the rules
 * under which new ones begin. All of it is touched by the loop's thread alone; other threads ask
 * for something by an op of theirs that they post to the loop and whose done() calls here.
 */
#ifndef GATEWAY_GATEWAY_H
#define GATEWAY_GATEWAY_H

#include "eventlog/feed.h"
#include "gateway/judge.h"
#include "io/io.h"
#include "perfcounters/counter.h"
#include "shared/quota.h"
#include "shared/rules.h"
#include "tls/inspect.h"

enum {
    GATEWAY_SPARE = 64,   /* clients above a limit who have time to read their 503 */
    GATEWAY_ACCEPTS = 32, /* clients that a listener takes in one turn */
    GATEWAY_OVER = GATEWAY_SPARE + GATEWAY_ACCEPTS, /* those above a limit, as a rule */
    GATEWAY_LISTENERS = 4,                          /* open ones, and those being closed */
    GATEWAY_BULK_BYTES = 128 * 1024,                /* one buffer of a half */
    GATEWAY_LEAVES = 2048,                          /* certificates that are known again */
    GATEWAY_SHARES = 1024, /* of the handshakes' blocks: a client has one of them */
    /* Of handshakes: one for each tunnel, what a ClientHello leaves until the server has chosen;
     * and as many as so many whole handshakes of the largest kind hold. */
    GATEWAY_HELD_BLOCKS = 16 * ((2 * TLS_HELD_MAX + TLS_TRANSCRIPT_MAX) / 4096 + 3)
};

struct gateway;
struct tunnel;

/* One client that may come, and the tunnel that waits for it. */
struct gateway_accept {
    struct io_op op;
    struct io_accepted accepted;
    struct gateway_port *port;
    struct tunnel *tunnel;
};

/* An open port. */
struct gateway_port {
    struct io_listener listener;
    struct gateway *gateway;
    bool used;
    struct gateway_accept accepts[GATEWAY_ACCEPTS];
};

struct gateway_setup {
    struct io_setup io;
    uint32_t tunnels_max;      /* MaxTunnels: any loop may come to carry all of them */
    uint32_t spare;            /* GATEWAY_SPARE */
    struct quota *quota;       /* of all loops */
    struct sessions *sessions; /* the same */
    uint64_t seed[2];          /* secret and random */
    struct feed *feed;         /* this loop's */
    bool poison;               /* see pool.h */
    /* A simulator's: told of each step of the table before it is taken. NULL elsewhere. */
    void (*raised)(const struct tunnel *tunnel, unsigned event);
};

struct gateway_memory {
    void *start;
    size_t bytes;
};

struct gateway {
    struct io_loop loop;
    struct gateway_setup setup;
    struct pool tunnels, setups, bulk, handshakes;
    struct gateway_memory memory[10]; /* what the pools and caches stand on */
    struct pool_owner shares[GATEWAY_SHARES];
    struct leaves leaves;
    struct judge_shop judges;
    struct tls_shop inspectors;
    struct rules_cell *rules; /* for new tunnels; NULL until the first */
    struct list live;         /* tunnels, from accepted to released */
    uint32_t over;            /* of these: without a place of the quota */
    struct counters counters;
    struct gateway_port ports[GATEWAY_LISTENERS];
    struct io_op tick;
    uint64_t unix_offset_ms; /* to be added to the loop's clock */
    uint64_t drain_until_ms;
    bool draining, stopped;
};

/* ERR_MEMORY, ERR_EXHAUSTED, ERR_SYSTEM: then nothing is left behind. */
MUST_CHECK enum err gateway_open(struct gateway *gateway, const struct gateway_setup *setup);
void gateway_shut(struct gateway *gateway); /* when gateway_is_idle */

/*
 * In force for every request from now on, also for those that are on their way. Open tunnels are
 * judged again where OnRemove says so.
 */
void gateway_use_rules(struct gateway *gateway, struct rules_cell *cell);
/* The same for one tunnel: its handshake was judged by the rules with which it had begun. */
void gateway_judge_again(struct tunnel *tunnel);

/*
 * Listens, beside what is open already; with `sibling` at the same port as another loop. Where it
 * is bound is in *port. ERR_EXHAUSTED when GATEWAY_LISTENERS are open; ERR_ADDRESS_IN_USE and the
 * others of io_listen.
 */
MUST_CHECK enum err gateway_listen(struct gateway *gateway, const struct endpoint *at,
                                   const struct gateway_port *sibling, struct gateway_port **port);
/* Nobody who is queued there is reset. */
void gateway_unlisten(struct gateway_port *port);

/*
 * The end: no new clients; requests that are not tunnels yet get 503; tunnels without a byte for
 * two seconds end, the others have so much time.
 */
void gateway_drain(struct gateway *gateway, uint64_t time_ms);

/* Turns until everything is at rest are the caller's: io_turn(&gateway->loop, ...). */
bool gateway_is_idle(const struct gateway *gateway);

/* A client as a number, which nobody can choose; */
uint64_t gateway_hash(const struct gateway *gateway, const struct addr *client);
/* and who is charged for its blocks; two clients may be one, by a chance nobody can choose. */
struct pool_owner *gateway_share(struct gateway *gateway, const struct addr *client);

/* listener.c's: clients are accepted as far as there are tunnels for them. */
void gateway_accept_more(struct gateway *gateway);

#endif
