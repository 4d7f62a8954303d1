/*
 * One end of one connection, the client's or the origin's: plays its part as far as its socket lets
 * it. Owns the sockets and epoll; what is measured is bench_load.c's affair.
 */
#define _GNU_SOURCE /* accept4 */

#include "bench/load.h"

#include "base/check.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { END_BULK = 256 * 1024, END_EVENTS = 256, END_BACKLOG = 4096 };

static uint8_t end_bulk[END_BULK];

uint64_t load_now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

int load_poll_open(void)
{
    int poll = epoll_create1(EPOLL_CLOEXEC);
    CHECK(poll >= 0);
    return poll;
}

void load_poll_add(int poll, struct load_end *end)
{
    end->writes = end->phase == LOAD_CONNECT;
    struct epoll_event event = {.events = EPOLLIN | (end->writes ? EPOLLOUT : 0U), .data.ptr = end};
    CHECK(epoll_ctl(poll, EPOLL_CTL_ADD, end->fd, &event) == 0);
}

/* Level-triggered: EPOLLOUT is asked for only while something waits to be written. */
static void end_watch(int poll, struct load_end *end, bool writes)
{
    struct epoll_event event = {.events = EPOLLIN | (writes ? EPOLLOUT : 0U), .data.ptr = end};
    if (end->writes != writes) {
        CHECK(epoll_ctl(poll, EPOLL_CTL_MOD, end->fd, &event) == 0);
        end->writes = writes;
    }
}

static void end_over(struct load_end *end)
{
    end->phase = LOAD_OVER;
    (void)close(end->fd);
}

/* Bytes that went, 0: not now, -1: the connection is over. */
static ssize_t end_sent(ssize_t result)
{
    return result >= 0 ? result : errno == EAGAIN || errno == EINTR ? 0 : -1;
}

static ssize_t end_got(ssize_t result)
{
    return result == 0 ? -1 : end_sent(result);
}

/* True when all of it went. */
static bool end_send(struct load_end *end, int poll, const uint8_t *bytes, size_t len)
{
    ssize_t sent = end_sent(send(end->fd, bytes + end->at, len - end->at, MSG_NOSIGNAL));
    if (sent < 0) {
        end_over(end);
        return false;
    }
    end->at += (size_t)sent;
    end_watch(poll, end, end->at < len);
    return end->at == len;
}

static bool end_read(struct load_end *end, uint8_t *bytes, size_t len)
{
    ssize_t got = end_got(recv(end->fd, bytes + end->at, len - end->at, 0));
    if (got < 0) {
        end_over(end);
        return false;
    }
    end->at += (size_t)got;
    return end->at == len;
}

static void end_go(struct load_end *end, enum load_phase phase)
{
    end->phase = phase;
    end->at = 0;
}

/* ---- what each phase does; true: the next one may have something to do at once ---- */

static bool end_connect(const struct load_plan *plan, struct load_end *end, int poll)
{
    int number = 0;
    socklen_t len = sizeof number;
    if (getsockopt(end->fd, SOL_SOCKET, SO_ERROR, &number, &len) != 0 || number != 0) {
        end_over(end);
        return false;
    }
    end_watch(poll, end, false);
    end_go(end, plan->ask_len > 0 ? LOAD_ASK : LOAD_TALK);
    return true;
}

/* The reply's head; the other side does not speak first, so nothing comes behind it. */
static bool end_greet(const struct load_plan *plan, struct load_end *end)
{
    ssize_t got = end_got(recv(end->fd, end->block + end->at, LOAD_BLOCK - 1 - end->at, 0));
    if (got < 0) {
        end_over(end);
        return false;
    }
    end->at += (size_t)got;
    if (end->at < 16 || memcmp(end->block + end->at - 4, "\r\n\r\n", 4) != 0) {
        return false;
    }
    if (memcmp(end->block + 8, " 200", 4) != 0) {
        end_over(end);
        return false;
    }
    end_go(end, plan->herd ? LOAD_REST : LOAD_TALK);
    return true;
}

static bool end_talk(const struct load_plan *plan, struct load_end *end, int poll)
{
    uint8_t seen[LOAD_FLIGHT_MAX];
    const struct load_flight *flight = &plan->script->flights[end->step];
    if (end->step == plan->script->count) {
        bool wishes = !end->client || end->wish != LOAD_WISH_NOTHING;
        end_go(end, wishes ? LOAD_WISH : LOAD_OVER);
        if (!wishes) {
            (void)close(end->fd);
        }
        return wishes;
    }
    size_t from = end->at;
    bool whole = flight->client == end->client ? end_send(end, poll, flight->bytes, flight->len)
                                               : end_read(end, seen, flight->len);
    if (end->phase == LOAD_TALK && flight->client != end->client) {
        CHECK(memcmp(seen + from, flight->bytes + from, end->at - from) == 0);
    }
    if (whole) {
        end->step++;
        end->at = 0;
    }
    return whole;
}

static bool end_wish(const struct load_plan *plan, struct load_end *end, int poll)
{
    if (end->client && end->at == 0) {
        memset(end->block, (int)end->wish, sizeof end->block);
    }
    if (!(end->client ? end_send(end, poll, end->block, LOAD_BLOCK)
                      : end_read(end, end->block, LOAD_BLOCK))) {
        return false;
    }
    enum load_wish wish = (enum load_wish)end->block[0];
    CHECK(wish == LOAD_WISH_ECHO || wish == LOAD_WISH_UP || wish == LOAD_WISH_DOWN);
    bool sends = (wish == LOAD_WISH_UP) == end->client;
    end->left = end->client ? plan->bulk : UINT64_MAX;
    end_go(end, wish == LOAD_WISH_ECHO ? LOAD_ECHO : sends ? LOAD_SEND : LOAD_READ);
    return true;
}

static bool end_echo(struct load_end *end, int poll)
{
    bool whole = end->client ? end_read(end, end->block, LOAD_BLOCK)
                             : end_send(end, poll, end->block, LOAD_BLOCK);
    if (whole) {
        end_go(end, LOAD_REST);
    }
    return false;
}

static bool end_send_bulk(struct load_end *end, int poll)
{
    size_t len = end->left < END_BULK ? (size_t)end->left : END_BULK;
    ssize_t sent = end_sent(send(end->fd, end_bulk, len, MSG_NOSIGNAL));
    end_watch(poll, end, true);
    if (sent < 0) {
        end_over(end);
        return false;
    }
    end->left -= (uint64_t)sent;
    if (end->left == 0) {
        (void)shutdown(end->fd, SHUT_WR);
        end_watch(poll, end, false);
        end_go(end, LOAD_LEAVE);
    }
    return false;
}

static bool end_read_bulk(struct load_end *end)
{
    ssize_t got = end_got(recv(end->fd, end_bulk, END_BULK, 0));
    uint64_t count = got > 0 ? (uint64_t)got : 0;
    end->left -= count < end->left ? count : end->left;
    if (got < 0 || end->left == 0) {
        end_over(end);
    }
    return false;
}

/* The end of the other side is all that may come. */
static bool end_rest(struct load_end *end)
{
    uint8_t byte;
    ssize_t got = end_got(recv(end->fd, &byte, 1, 0));
    CHECK(got <= 0);
    if (got < 0) {
        end_over(end);
    }
    return false;
}

static bool end_step(const struct load_plan *plan, struct load_end *end, int poll)
{
    switch (end->phase) {
    case LOAD_CONNECT:
        return end_connect(plan, end, poll);
    case LOAD_ASK:
        if (end_send(end, poll, (const uint8_t *)plan->ask, plan->ask_len)) {
            end_go(end, LOAD_GREET);
        }
        return false;
    case LOAD_GREET:
        return end_greet(plan, end);
    case LOAD_TALK:
        return end_talk(plan, end, poll);
    case LOAD_WISH:
        return end_wish(plan, end, poll);
    case LOAD_ECHO:
        return end_echo(end, poll);
    case LOAD_SEND:
        return end_send_bulk(end, poll);
    case LOAD_READ:
        return end_read_bulk(end);
    default:
        return end_rest(end);
    }
}

/* A flight that is received ends where ours begins: no read is tried that would find nothing. */
static bool end_waits(const struct load_plan *plan, const struct load_end *end)
{
    const struct load_script *script = plan->script;
    return (end->phase == LOAD_TALK && end->step < script->count && end->at == 0 &&
            script->flights[end->step].client != end->client) ||
           (end->phase == LOAD_WISH && !end->client && end->at == 0) || end->phase == LOAD_REST;
}

void load_play(const struct load_plan *plan, struct load_end *end, int poll)
{
    while (end_step(plan, end, poll) && !end_waits(plan, end)) {
    }
}

static struct sockaddr_in end_address(unsigned subnet, unsigned host, uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(0x7F000000U | subnet << 8 | host)};
}

static int end_socket(void)
{
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0);
    CHECK(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0);
    return fd;
}

int load_connect(uint16_t port, unsigned from)
{
    int one = 1;
    int fd = end_socket();
    struct sockaddr_in source = end_address(1, from, 0), to = end_address(0, 1, port);
    if (from > 0) {
        CHECK(setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one) == 0);
        CHECK(bind(fd, (void *)&source, sizeof source) == 0);
    }
    CHECK(connect(fd, (void *)&to, sizeof to) == 0 || errno == EINPROGRESS);
    return fd;
}

/* ---- the origin ---- */

enum { ORIGIN_ENDS = 65536 };

static struct load_end origin_ends[ORIGIN_ENDS]; /* by descriptor */

static int origin_listen(void)
{
    int one = 1;
    int fd = end_socket();
    struct sockaddr_in at = end_address(0, 1, 0);
    socklen_t len = sizeof at;
    CHECK(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0);
    CHECK(bind(fd, (void *)&at, len) == 0 && listen(fd, END_BACKLOG) == 0);
    CHECK(getsockname(fd, (void *)&at, &len) == 0);
    (void)printf("%u\n", (unsigned)ntohs(at.sin_port));
    (void)fflush(stdout);
    return fd;
}

static void origin_accept(int listener, int poll)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            return;
        }
        CHECK(fd < ORIGIN_ENDS);
        struct load_end *end = &origin_ends[fd];
        *end = (struct load_end){.fd = fd, .phase = LOAD_TALK};
        load_poll_add(poll, end);
    }
}

int load_origin(const struct load_script *script)
{
    const struct load_plan plan = {.script = script};
    struct epoll_event events[END_EVENTS];
    int poll = load_poll_open(), listener = origin_listen();
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    CHECK(epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event) == 0);
    for (;;) {
        int count = epoll_wait(poll, events, END_EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr) {
                load_play(&plan, events[i].data.ptr, poll);
            } else {
                origin_accept(listener, poll);
            }
        }
    }
}
