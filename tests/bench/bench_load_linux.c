/*
 * The load generator: clients and an origin that replay a recorded TLS 1.3 handshake through
 * whatever stands between them. The same bytes for all: CONNECT where it is spoken, then records.
 *
 *     bench_load_linux SCRIPT origin                           prints its port, runs until killed
 *     bench_load_linux SCRIPT open PORT HOST:PORT|- COUNT AT_ONCE
 *     bench_load_linux SCRIPT bulk PORT HOST:PORT|- BYTES STREAMS    half of them upwards
 *     bench_load_linux SCRIPT rest PORT HOST:PORT|- COUNT      1 KB each way, then silence
 *     bench_load_linux SCRIPT herd PORT HOST:PORT|- COUNT      all at once, until the last 200
 *
 * `-` for a peer that speaks no CONNECT. One line of JSON tells the result; then rest waits for the
 * end of its standard input.
 */
#include "bench/load.h"

#include "base/addr.h"
#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

enum { CLIENTS_MAX = 32768, CLIENTS_EVENTS = 256, CLIENTS_SOURCES = 8, CLIENTS_REST_AT_ONCE = 64 };

struct clients {
    struct load_plan plan;
    uint16_t port;
    bool sources; /* from several addresses */
    enum load_wish wish;
    uint64_t wanted, begun, ended, failed, resting, at_once;
    uint32_t *times_us; /* of those that ended well */
    int poll;
};

static struct load_end ends[CLIENTS_MAX];

/* Where a client has what it came for. */
static bool clients_done(const struct clients *all, const struct load_end *end)
{
    return end->phase == LOAD_REST ||
           (end->phase == LOAD_OVER && end->step == all->plan.script->count && end->left == 0);
}

static void clients_begin(struct clients *all, struct load_end *end)
{
    unsigned from = all->sources ? 1 + (unsigned)(all->begun % CLIENTS_SOURCES) : 0;
    enum load_wish bulk = all->begun % 2 == 0 ? LOAD_WISH_UP : LOAD_WISH_DOWN;
    all->begun++;
    *end = (struct load_end){.client = true,
                             .phase = LOAD_CONNECT,
                             .wish = all->plan.bulk > 0 ? bulk : all->wish,
                             .began_us = load_now_us()};
    end->fd = load_connect(all->port, from);
    load_poll_add(all->poll, end);
}

static void clients_play(struct clients *all, struct load_end *end)
{
    bool rested = end->phase == LOAD_REST;
    load_play(&all->plan, end, all->poll);
    if (rested || (end->phase != LOAD_OVER && end->phase != LOAD_REST)) {
        all->failed += rested && end->phase == LOAD_OVER;
        return;
    }
    if (clients_done(all, end)) {
        all->times_us[all->ended - all->failed] = (uint32_t)(load_now_us() - end->began_us);
    } else {
        all->failed++;
    }
    all->ended++;
    if (all->begun < all->wanted) {
        clients_begin(all, end->phase == LOAD_OVER ? end : &ends[all->begun]);
    }
}

static void clients_run(struct clients *all)
{
    struct epoll_event events[CLIENTS_EVENTS];
    while (all->begun < all->at_once && all->begun < all->wanted) {
        clients_begin(all, &ends[all->begun]);
    }
    while (all->ended < all->wanted) {
        int count = epoll_wait(all->poll, events, CLIENTS_EVENTS, -1);
        for (int i = 0; i < count; i++) {
            clients_play(all, events[i].data.ptr);
        }
    }
}

static int clients_compare(const void *a, const void *b)
{
    const uint32_t *one = a, *other = b;
    return *one < *other ? -1 : *one > *other;
}

static void clients_tell(struct clients *all, uint64_t took_us)
{
    size_t good = (size_t)(all->ended - all->failed);
    qsort(all->times_us, good, sizeof all->times_us[0], clients_compare);
    (void)printf("{\"us\": %llu, \"good\": %zu, \"failed\": %llu, \"p50_us\": %u, \"p99_us\": %u, "
                 "\"worst_us\": %u}\n",
                 (unsigned long long)took_us, good, (unsigned long long)all->failed,
                 good > 0 ? all->times_us[good / 2] : 0,
                 good > 0 ? all->times_us[good - 1 - good / 100] : 0,
                 good > 0 ? all->times_us[good - 1] : 0);
    (void)fflush(stdout);
}

static bool clients_set_mode(struct clients *all, const char *mode, uint64_t count, uint64_t more)
{
    all->wanted = all->at_once = count;
    if (strcmp(mode, "open") == 0) {
        all->at_once = more;
    } else if (strcmp(mode, "bulk") == 0) {
        all->plan.bulk = more > 0 ? count / more : 0;
        all->wanted = all->at_once = more;
        return all->plan.bulk > 0;
    } else if (strcmp(mode, "rest") == 0) {
        all->wish = LOAD_WISH_ECHO;
        all->at_once = CLIENTS_REST_AT_ONCE;
        all->sources = true;
    } else if (strcmp(mode, "herd") == 0) {
        all->plan.herd = all->sources = true;
    } else {
        return false;
    }
    return true;
}

/* So many clients may hang about at once; with `open` their places are used again. */
static bool clients_fit(const struct clients *all)
{
    bool stay = all->wish == LOAD_WISH_ECHO || all->plan.herd;
    return all->at_once > 0 && (stay ? all->wanted : all->at_once) <= CLIENTS_MAX;
}

static int clients_main(const struct load_script *script, char **words, int count)
{
    struct clients all = {.plan.script = script, .poll = load_poll_open()};
    uint64_t number, more = 0;
    if (port_parse(span_str(words[1]), &all.port) != ERR_OK ||
        span_number(span_str(words[3]), 1, INT64_MAX, &number) != ERR_OK ||
        (count > 4 && span_number(span_str(words[4]), 1, INT64_MAX, &more) != ERR_OK) ||
        !clients_set_mode(&all, words[0], number, more) || !clients_fit(&all)) {
        return 2;
    }
    if (strcmp(words[2], "-") != 0) {
        int len = snprintf(all.plan.ask, sizeof all.plan.ask,
                           "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", words[2], words[2]);
        all.plan.ask_len = (size_t)len;
    }
    all.times_us = calloc(all.wanted, sizeof all.times_us[0]);
    CHECK(all.times_us);
    uint64_t began_us = load_now_us();
    clients_run(&all);
    clients_tell(&all, load_now_us() - began_us);
    if (strcmp(words[0], "rest") == 0) {
        while (getchar() != EOF) {
        }
    }
    free(all.times_us);
    return all.failed == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    static struct load_script script;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    int status = 2;
    if (argc > 2 && !load_read_script(argv[1], &script)) {
        (void)fprintf(stderr, "bench_load_linux: %s is no recorded handshake\n", argv[1]);
    } else if (argc == 3 && strcmp(argv[2], "origin") == 0) {
        status = load_origin(&script);
    } else if (argc > 5) {
        status = clients_main(&script, argv + 2, argc - 2);
    }
    if (status == 2) {
        (void)fprintf(stderr, "usage: bench_load_linux SCRIPT origin | open|bulk|rest|herd PORT "
                              "HOST:PORT|- COUNT [AT_ONCE]\n");
    }
    return status;
}
