/*
 * One client and what it asked for, from its connection to the last byte: a row of tunnel.def at a
 * time. Which files do what, in the order of a tunnel's life:
 *
 *   listener.c   a client comes             dial.c      names, addresses, connecting
 *   request.c    its request, or a refusal  parent.c    the talk with a relay proxy
 *   handshake.c  TLS that passes by         relay.c     bytes both ways
 *   report.c     what is told about it
 *   tunnel.c     the table, deadlines, and the one way in which everything ends
 */
#ifndef GATEWAY_TUNNEL_H
#define GATEWAY_TUNNEL_H

#include "gateway/gateway.h"
#include "http/head.h"
#include "http/reply.h"
#include "tls/inspect.h"

enum tunnel_state {
#define STATE(name, time, error, up, down, dial, words) TUNNEL_##name,
#define EVENT(name, words)
#define ROW(state, event, action, next)
#include "gateway/tunnel.def"
#undef STATE
#undef EVENT
    TUNNEL_STATES
};

enum tunnel_event {
#define STATE(name, time, error, up, down, dial, words)
#define EVENT(name, words) TUNNEL_EVENT_##name,
#include "gateway/tunnel.def"
#undef STATE
#undef EVENT
#undef ROW
    TUNNEL_EVENTS
};

enum { TUNNEL_UP, TUNNEL_DOWN, TUNNEL_HALVES }; /* from the client, to the client */
enum { TUNNEL_DIALS = 2 };                      /* addresses that are tried at once */

/* One direction. What is received is sent before more is received. */
struct half {
    struct io_op op;
    uint8_t side; /* TUNNEL_UP or TUNNEL_DOWN: its place in the tunnel */
    struct io_socket *from, *to;
    uint8_t *buffer;     /* of the bulk pool, while it holds bytes */
    uint32_t start, len; /* of the bytes in it that are not sent, nor shown to the inspector */
    bool over;           /* its end was passed on */
    uint64_t bytes;      /* sent on inside the tunnel */
    uint64_t first_ms;   /* when the first of them came */
};

/* One attempt to connect; the first one also asks for the name. */
struct dial {
    struct io_op op;
    struct io_socket socket;
    struct endpoint to;
    uint64_t since_ms;
};

/* What a tunnel needs only until it carries bytes that nobody looks at. */
struct tunnel_setup {
    struct head head;
    struct io_names names;
    struct policy_rule rule;      /* that allowed or refused it */
    enum err failed;              /* what the client is told if all addresses fail */
    uint8_t reply[REPLY_MAX];     /* to the client; an alert, too */
    uint8_t request[CONNECT_MAX]; /* to the relay proxy; it holds a password */
    bool inspects;                /* the two below are in use */
    struct tls_inspect tls;
    struct judge judge;
};

struct tunnel {
    struct gateway *gateway;
    struct list_node link;
    struct rules_cell *rules;   /* by which it is judged; NULL before, and once it carries bytes */
    struct tunnel_setup *setup; /* NULL once it carries bytes */
    enum tunnel_state state;
    enum err why; /* it is refused or ended; the first reason counts */
    struct endpoint client;
    struct authority target;
    struct io_socket socket; /* the client's */
    struct io_op timer, say; /* say: replies, the end of our side, the close of the client's */
    struct half halves[TUNNEL_HALVES];
    struct dial dials[TUNNEL_DIALS];
    struct dial *server;                                    /* the one that is connected */
    uint64_t began_ms, asked_ms, resolved_ms, connected_ms; /* on the loop's clock; 0: not yet */
    uint64_t active_ms;                                     /* when a RECV or SEND last ended */
    uint64_t deadline_ms, stagger_ms;                       /* stagger 0: none */
    uint32_t lingered;                                      /* bytes that nobody wanted */
    uint8_t next_address;
    uint8_t rule_kind;    /* which kind of rule allowed it, */
    uint64_t rule_row;    /* and its row in the store */
    uint64_t subject_row; /* the same of its client's certificate; 0: none allowed it */
    uint16_t tls;         /* the version that the server chose; 0: not seen */
    bool named;           /* by an SNI that was allowed: it is the target's host */
    bool counted;         /* it has a place of the quota; otherwise one of the gateway's `over` */
    bool relayed;         /* its server is a relay proxy, or is to be one */
    bool granted;         /* the client has its 200 */
    bool denied;          /* and was refused all the same: its handshake */
    bool abort;           /* its connections are reset */
};

_Static_assert(sizeof(struct tunnel) <= 2048, "what an idle tunnel costs");

/* listener.c has a tunnel ready before its client comes, and gives up waiting for one. */
struct tunnel *tunnel_take(struct gateway *gateway);
void tunnel_give(struct tunnel *tunnel);
void tunnel_begin(struct tunnel *tunnel, const struct endpoint *client);

/* The table: what happens next. The tunnel lasts at least until its connection has been closed. */
void tunnel_raise(struct tunnel *tunnel, enum tunnel_event event);
bool tunnel_allows(enum tunnel_state state, enum tunnel_event event);

/* The first reason stays. */
void tunnel_blame(struct tunnel *tunnel, enum err why);
/* At the end of a handler that may run in CLOSING. */
void tunnel_went(struct tunnel *tunnel);
/* The timer looks at the deadlines again, not later than the nearest. */
void tunnel_arm(struct tunnel *tunnel);
/* An op that is out is asked to end. */
void tunnel_cancel(struct tunnel *tunnel, struct io_op *op);
/* What the client may still send is not wanted any more; the buffer goes back. */
void tunnel_drop(struct half *half);
/* Takes over what a RECV has brought: the bytes behind the first `used`, or no buffer at all. */
void tunnel_keep(struct half *half, size_t used);

uint64_t tunnel_now_ms(const struct tunnel *tunnel);
struct tunnel *half_tunnel(struct half *half);
bool half_sends(const struct half *half); /* what it took is on its way out */
const struct settings *tunnel_settings(const struct tunnel *tunnel);

/* Handlers of ops that ended, by state. */
void tunnel_nothing(struct tunnel *tunnel, struct io_op *op);
void request_came(struct tunnel *tunnel, struct io_op *op);
void dial_resolved(struct tunnel *tunnel, struct io_op *op);
void dial_connected(struct tunnel *tunnel, struct io_op *op);
void dial_late(struct tunnel *tunnel, struct io_op *op);
void parent_asked(struct tunnel *tunnel, struct io_op *op);
void parent_left(struct tunnel *tunnel, struct io_op *op);
void parent_came(struct tunnel *tunnel, struct io_op *op);
void handshake_moved(struct tunnel *tunnel, struct io_op *op);
void relay_moved(struct tunnel *tunnel, struct io_op *op);
void request_lingered(struct tunnel *tunnel, struct io_op *op);
void tunnel_dropped(struct tunnel *tunnel, struct io_op *op);

/* Actions. */
void request_begin(struct tunnel *tunnel);
void dial_resolve(struct tunnel *tunnel);
void dial_next(struct tunnel *tunnel);
void parent_ask(struct tunnel *tunnel);
void parent_leave(struct tunnel *tunnel);
void request_grant(struct tunnel *tunnel);
void request_refuse(struct tunnel *tunnel);
void request_hang_up(struct tunnel *tunnel);
void request_linger(struct tunnel *tunnel);
void handshake_begin(struct tunnel *tunnel);
void handshake_pass(struct tunnel *tunnel);
void handshake_refuse(struct tunnel *tunnel);
void handshake_leave(struct tunnel *tunnel);
void relay_begin(struct tunnel *tunnel);
void relay_keep(struct tunnel *tunnel);
void tunnel_close(struct tunnel *tunnel);
void tunnel_abort(struct tunnel *tunnel);
void tunnel_release(struct tunnel *tunnel);

void tunnel_settle(struct tunnel *tunnel);
void handshake_end(struct tunnel_setup *setup); /* what it held is given back */
void relay_read(struct tunnel *tunnel, struct half *half);
uint64_t relay_deadline_ms(const struct tunnel *tunnel); /* of RELAY, which has no fixed one */
/* Whether one of the addresses that it would reach, or has, is refused by these rules. */
MUST_CHECK enum err dial_judge_again(const struct tunnel *tunnel, const struct snapshot *snapshot,
                                     struct policy_rule *rule);

/* The resolver's order, but the families take turns: one that is down costs one try, not all. */
void dial_interleave(struct io_names *names);

/* report.c: what is told and counted. */
void report_client(struct tunnel *tunnel);
void report_request(struct tunnel *tunnel);
void report_resolved(struct tunnel *tunnel, enum err err);
void report_connected(struct tunnel *tunnel, enum err err);
void report_grant(struct tunnel *tunnel);
void report_passed(struct tunnel *tunnel);
void report_refusal(struct tunnel *tunnel);
void report_sent(struct tunnel *tunnel, struct half *half);
void report_end(struct tunnel *tunnel);

#endif
