/*
 * The city: the engine itself, two loops of it, in a simulated network with everybody who may come
 * to it: clients that ask well, badly, slowly or never; servers that talk, wait, break off; relay
 * proxies that grant, refuse and stammer; an administrator who changes rules and ports meanwhile;
 * and an end at any moment. Everybody knows what was said, and what may be answered.
 *
 * Who it is made of: city.c (its life), city_rules.c (what is in force), city_plans.c (what a
 * client wants and may get), city_clients.c, city_desks.c (servers and relay proxies), city_tls.c
 * (what is said inside tunnels), city_watch.c (the table's steps, records, events and counters).
 */
#ifndef TESTS_SIM_CITY_H
#define TESTS_SIM_CITY_H

#include "gateway/gateway.h"
#include "http/reply.h"
#include "policy/decide.h"
#include "sim/city_tls.h"
#include "sim/io_sim.h"
#include "sim/party.h"

enum {
    CITY_GATEWAYS = 2,
    CITY_CLIENTS = 20, /* the last CITY_LATE of them come when there are no faults any more */
    CITY_LATE = 4,
    CITY_DESKS = 24,
    CITY_TALKS = 250,
    /* Of servers: IPv4, IPv6, a slow one, one where nobody may come to, the relay proxy. */
    CITY_PORTS = 5,
    CITY_CHANGES = 6,
    CITY_BUFFERS = 64,
    CITY_BUFFER = 4096,
    CITY_EVENTS = 128,
    CITY_GRANT = 39,      /* bytes of our 200 */
    CITY_LINGERS = 60000, /* bytes that a refused client may have sent, and still reads why */

    CITY_HEADER_MS = 2000,
    CITY_RESOLVE_MS = 1500,
    CITY_CONNECT_MS = 2500,
    CITY_SEND_MS = 2000,
    CITY_HANDSHAKE_MS = 4000,
    CITY_IDLE_MS = 6000,
    CITY_PATIENCE_MS = 30000 /* longer than the gateway ever lets anybody wait for nothing */
};

struct city;

/* What is asked for, and what comes of it where nothing else goes wrong. */
struct city_host {
    const char *name; /* behind "cNN."; a literal stands alone */
    uint16_t port;
    bool literal;
    enum err err; /* of its name or addresses, without a relay proxy */
    uint32_t late_ms;
    uint8_t count;
    const char *addrs[8];
};

/* What is in force: see city_rules.c. */
struct city_kind {
    const char *without;  /* a host that is not listed; "*": none is */
    const char *outbound; /* NULL: automatic */
    const char *login;    /* "user:password" of the relay proxy; "": none is asked for */
    const char *basic;    /* the same as it is sent */
    bool outbound_absent; /* that is none of this machine's */
    bool inside;          /* 10.0.0.0/8 is allowed */
    bool relay, closes, debug;
    bool strict; /* as far as TLS goes: see city_tls.h */
    bool loops;  /* the relay proxy is the gateway itself */
};

struct city_rules {
    struct rules rules;
    struct rules_cell cells[CITY_GATEWAYS];
    uint32_t kind;
    bool unused;
};

/* A reply of a relay proxy: what it makes the gateway say. */
struct city_answer {
    struct span text;
    enum err err;
    uint16_t status, interim;
    bool closes, resets; /* behind the text */
};

/* One connection to a server, as both ends of it are compared. */
struct city_talk {
    uint32_t total, received; /* bytes of its own, behind TLS; bytes of its client that came */
    uint32_t said;            /* all that it has sent, or begun to */
    bool shut, ended;         /* it has sent all and said so; its client has */
    bool kind, brisk;         /* it does nothing that breaks a connection; it takes no time */
    struct city_side side;
};

enum city_end { CITY_END_SHUT, CITY_END_WAIT };

struct city_client {
    struct party party;
    struct city *city;
    uint32_t number;
    struct io_socket socket;
    struct io_op connect, send, recv, shutdown, timer, pause;

    /* The plan. */
    const struct city_host *host; /* NULL: its head names none */
    const struct city_shake *shake;
    enum err head_err; /* what its head alone is refused for */
    bool hangs_up;     /* it gets no reply for that, only the end */
    bool silent, deaf; /* says nothing, or not all of its head; never reads */
    bool unlisted;
    enum city_end end;
    struct endpoint to;
    struct addr from;
    struct span head;
    uint32_t early, total, drip, pause_ms; /* total: behind TLS */
    uint64_t arrives_ms, aborts_ms;        /* 0: never */
    uint8_t text[640];
    struct span name; /* of the host, as TLS has it */
    char name_text[64];

    /* What came of it. */
    bool connected, granted, refused, shut, eof, reset, gave_up, faulty, drained, done;
    uint16_t port; /* its own */
    uint64_t connected_ms, replied_ms, moved_ms;
    uint32_t sent, received, said_len, first_rules, last_rules, unread;
    uint32_t heard;   /* of what its server said */
    uint8_t alert[7]; /* of ours, behind that */
    uint8_t alert_len;
    bool answered; /* what it says to its server's first words is known */
    int32_t talk;  /* -1: none known */
    const struct city_answer *answer;
    uint32_t records;
    struct access_record record; /* the last of them */
    uint8_t said[REPLY_MAX];
    uint8_t chunk[1024];
    struct city_side side;
};

/* A server's side of one connection, or a relay proxy's. */
struct city_desk {
    struct party party;
    struct city *city;
    struct io_listener *port;
    struct io_socket socket;
    struct io_accepted accepted;
    struct io_op accept, send, recv, shutdown, timer, pause;
    bool front; /* it is a relay proxy first */
    bool trap;  /* at an address that most rules do not allow */
    bool accepted_one, open, first, deaf, waits;
    struct city_client *client; /* NULL: not known */
    const struct city_answer *answer;
    int32_t talk;
    uint32_t sent, drip, pause_ms, resets_at, head_len, unread;
    uint64_t moved_ms;
    uint8_t head[1200], start[5];
    uint8_t chunk[1024];
};

struct city {
    struct sim_world world;
    struct resolve resolve;
    struct io_loop street;
    struct gateway gateways[CITY_GATEWAYS];
    struct gateway_port *ports[CITY_GATEWAYS];
    struct feed feeds[CITY_GATEWAYS];
    struct atom_u64 level, access_on;
    struct quota quota;
    struct sessions sessions;
    struct city_rules rules[CITY_CHANGES + 1];
    uint32_t rules_count;
    struct endpoint at; /* where clients come to */
    struct io_listener listeners[CITY_PORTS];
    struct city_client clients[CITY_CLIENTS];
    struct city_desk desks[CITY_DESKS];
    struct city_talk talks[CITY_TALKS];
    int32_t talk_count;
    uint64_t asked_ms[CITY_CLIENTS];
    uint64_t since_ms[CITY_CLIENTS], won_ms[CITY_CLIENTS]; /* of their tunnels: see city_watch.c */
    struct pool pool;
    struct pool_slot slots[CITY_BUFFERS];
    uint32_t client_count, clients_left, wait_ms;
    uint64_t drained_ms, drain_ms;
    bool never_exhausted; /* no descriptor is ever lacking in this seed */
    bool deaf;            /* half of the clients read nothing, and not even our 200 has room */
    bool told;            /* each step of the table is printed */
    bool tight, drained, closing;
    const struct city_client *judged; /* who is looked at when a checker fails */
    /* city_watch.c's */
    uint32_t greeting; /* tunnels whose 200 is not out yet */
    uint32_t joined, named, records, events[1000];
    uint64_t carried; /* bytes, by the records of tunnels that have ended */
    uint32_t granted, complete, refused;
    bool banners; /* a server spoke first, and no TLS */
};

struct city_result {
    uint64_t trace, now_ms;
    uint32_t clients, granted, complete, denied, refused;
    struct sim_faults faults;
};

void city_begin(void); /* once: what is in force by kinds */
void city_end(void);
struct city_result city_run(struct city *city, uint64_t seed);

/* city_rules.c */
uint32_t city_kinds(void);
const struct city_kind *city_kind(uint32_t kind);
const struct snapshot *city_snapshot(uint32_t kind);
void city_change_rules(struct city *city, uint32_t kind);
const struct city_host *city_host(uint32_t number);
uint32_t city_hosts(void);
bool city_has_inside(const struct city_host *host); /* one of its addresses is in 10.0.0.0/8 */
uint64_t city_row(const struct city_host *host);    /* its row in the rules */
bool city_answer_name(struct city *city, struct span name, struct resolve_answer *answer);
struct addr city_addr(const char *text);

/* city_plans.c */
void city_plan(struct city_client *client);
bool city_may_get(const struct city_client *client, enum err err);
uint32_t city_client_total(const struct city_client *client); /* with TLS */
void city_judge_client(const struct city_client *client);

/* city_clients.c, city_desks.c */
void city_client_begin(struct city_client *client, struct city *city, uint32_t number);
uint8_t city_client_byte(const struct city_client *client, uint32_t place);
uint8_t city_talk_byte(const struct city *city, int32_t talk, uint32_t place);
uint32_t city_talk_total(const struct city_talk *talk); /* with TLS */
void city_desk_begin(struct city_desk *desk, struct city *city, struct io_listener *port);
bool city_is_left(const struct city *city, const struct io_socket *socket);
uint32_t city_unread(const struct city *city, const struct io_socket *socket);

/* city_watch.c */
void city_watch(struct city *city, struct gateway_setup *setup, uint32_t which);
void city_look(struct city *city);        /* at every turn */
void city_look_at_end(struct city *city); /* the gateways are idle, not yet shut */
uint32_t city_unvisited(void);            /* prints the rows that no seed has come to */
struct city_client *city_client_by_name(struct city *city, struct span name);

#endif
