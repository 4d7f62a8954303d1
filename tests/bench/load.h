/*
 * The load generator's nouns: a script (a recorded handshake), and an end (one side of one
 * connection, playing its part of the script, then what was wished). All ends of a process live in
 * one epoll; the clients' ends and the origin's are told apart by their phases.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOAD_FLIGHTS = 8, LOAD_FLIGHT_MAX = 4096, LOAD_BLOCK = 1024, LOAD_ASK_MAX = 512 };

struct load_flight {
    bool client; /* who sends it */
    size_t len;
    uint8_t bytes[LOAD_FLIGHT_MAX];
};

struct load_script {
    size_t count;
    struct load_flight flights[LOAD_FLIGHTS];
};

/* What the client wishes behind the handshake: the first byte of a block of its own. */
enum load_wish {
    LOAD_WISH_NOTHING = 0, /* no block: the connection is over */
    LOAD_WISH_ECHO = 'E',  /* the block comes back, then both are silent */
    LOAD_WISH_UP = 'U',    /* the client sends, the origin reads to the end */
    LOAD_WISH_DOWN = 'D'   /* the origin sends until the client leaves */
};

enum load_phase {
    LOAD_CONNECT,
    LOAD_ASK,   /* sends CONNECT */
    LOAD_GREET, /* reads the proxy's reply */
    LOAD_TALK,  /* the script */
    LOAD_WISH,  /* the block with the wish is on its way */
    LOAD_ECHO,  /* and back again */
    LOAD_REST,  /* nothing is expected but the end */
    LOAD_SEND,  /* bulk */
    LOAD_READ,
    LOAD_LEAVE, /* has said that it ends, waits for the other end */
    LOAD_OVER
};

struct load_end {
    int fd;
    bool client, writes; /* writes: epoll tells when it may */
    enum load_phase phase;
    enum load_wish wish; /* of a client */
    size_t step, at;     /* flight, and bytes of it; or bytes of a block */
    uint64_t left;       /* bytes of bulk */
    uint64_t began_us;
    uint8_t block[LOAD_BLOCK];
};

struct load_plan {
    const struct load_script *script;
    size_t ask_len; /* 0: the peer speaks no CONNECT */
    char ask[LOAD_ASK_MAX];
    bool herd; /* the 200 is all that is waited for */
    uint64_t bulk;
};

/* Text, a line a flight: "client HEX" or "server HEX". */
bool load_read_script(const char *path, struct load_script *script);

/* As far as the socket lets it; the phase says what is waited for. */
void load_play(const struct load_plan *plan, struct load_end *end, int poll);
uint64_t load_now_us(void);
int load_poll_open(void);
void load_poll_add(int poll, struct load_end *end);
/* A socket for a client from 127.0.1.`from`, or from wherever the system likes; connecting. */
int load_connect(uint16_t port, unsigned from);

/* Accepts and plays until it is killed; prints its port. */
int load_origin(const struct load_script *script);

#endif
