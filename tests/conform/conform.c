/*
 * The runner (conform BACKEND [CASE...]) and the words of conform.h. Each case gets a new world;
 * the first that fails ends the program, so what is printed last is what went wrong.
 */
#include "conform/conform.h"

#include "conform/backends.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct conform_case {
    const char *rule, *name, *sentence;
    void (*run)(struct conform *conform);
};

static const struct conform_case cases[] = {
#define CASE(rule, name, sentence) {#rule, #name, sentence, case_##name},
#include "conform/cases.def"
#undef CASE
};

enum { CASES = sizeof cases / sizeof cases[0] };

static const char *running = "";
static uint64_t done_ever;

void conform_fail(const char *file, int line, const char *what)
{
    (void)fprintf(stderr, "FAILED %s at %s:%d: %s\n", running, file, line, what);
    (void)fflush(stderr);
    exit(1);
}

static uint8_t pool_items[CONFORM_BUFFERS * CONFORM_BUFFER];
static struct pool_slot pool_slots[CONFORM_BUFFERS];

void conform_open(struct conform *conform)
{
    struct pool_memory memory = {.items = pool_items,
                                 .slots = pool_slots,
                                 .item_size = CONFORM_BUFFER,
                                 .count = CONFORM_BUFFERS,
                                 .share = CONFORM_BUFFERS / 4,
                                 .poison = true};
    pool_init(&conform->pool, &memory);
    conform->has_second = false;
    EXPECT(io_open(&conform->loop, &conform->setup) == ERR_OK);
}

void conform_open_second(struct conform *conform)
{
    EXPECT(io_open(&conform->second, &conform->setup) == ERR_OK);
    conform->has_second = true;
}

void conform_shut(struct conform *conform)
{
    EXPECT(pool_is_full(&conform->pool));
    if (conform->has_second) {
        io_shut(&conform->second);
    }
    io_shut(&conform->loop);
}

static jmp_buf check_left;

static void check_hook(const char *sentence)
{
    (void)sentence;
    longjmp(check_left, 1);
}

void conform_expect_check(struct conform *conform, void (*body)(struct conform *))
{
    if (setjmp(check_left) == 0) {
        check_set_hook(check_hook);
        body(conform);
        conform_fail(__FILE__, __LINE__, "a CHECK should have failed");
    }
    check_set_hook(NULL);
    /* The old loop is in no state to be shut: it is given up, with its descriptors. */
    conform->backend->end(conform);
    conform->backend->begin(conform);
    conform_open(conform);
}

static void probe_done(struct io_op *op)
{
    struct probe *probe = (void *)op;
    EXPECT(!probe->submitting);
    probe->done++;
    probe->done_at_ms = io_now_ms(op->loop);
    probe->done_number = ++done_ever;
}

void probe_init(struct probe *probe, struct conform *conform)
{
    *probe = (struct probe){.conform = conform};
    io_op_init(&probe->op, probe_done);
}

void side_init(struct side *side, struct conform *conform)
{
    io_socket_init(&side->socket);
    probe_init(&side->recv, conform);
    probe_init(&side->send, conform);
    probe_init(&side->other, conform);
}

static void turn_once(struct conform *conform, uint64_t wait_ms)
{
    io_turn(&conform->loop, conform->has_second ? wait_ms / 2 : wait_ms);
    if (conform->has_second) {
        io_turn(&conform->second, wait_ms / 2);
    }
}

void wait_for(struct probe *probe)
{
    uint32_t before = probe->done;
    EXPECT(io_is_out(&probe->op));
    for (int i = 0; i < CONFORM_TURNS_MAX && probe->done == before; i++) {
        turn_once(probe->conform, CONFORM_WAIT_MS);
    }
    EXPECT(probe->done == before + 1);
}

void settle(struct probe *probe)
{
    if (io_is_out(&probe->op)) {
        wait_for(probe);
    }
}

void wait_for_err(struct probe *probe, enum err result)
{
    EXPECT(io_is_out(&probe->op));
    settle_err(probe, result);
}

void settle_err(struct probe *probe, enum err result)
{
    settle(probe);
    if (probe->op.result != result) {
        (void)fprintf(stderr, "%s instead of %s\n", err_name(probe->op.result), err_name(result));
    }
    EXPECT(probe->op.result == result);
}

void turn_idle(struct conform *conform)
{
    for (int i = 0; i < 20; i++) {
        turn_once(conform, 2);
    }
}

struct endpoint loopback(uint16_t port)
{
    return (struct endpoint){{ADDR_IPV4, {127, 0, 0, 1}}, port};
}

static void narrow(const struct conform *conform, intptr_t handle)
{
    if (conform->narrow && handle != IO_NO_HANDLE) {
        conform->narrow(handle);
    }
}

void open_listener(struct conform *conform, struct io_listener *listener)
{
    struct endpoint at = loopback(0);
    EXPECT(io_listen(&conform->loop, listener, &at, NULL) == ERR_OK);
    EXPECT(listener->at.port != 0);
    narrow(conform, listener->handle); /* and so are the connections that come by it */
}

void close_listener(struct conform *conform, struct io_listener *listener)
{
    struct side last;
    side_init(&last, conform);
    io_unlisten(&conform->loop, listener);
    start_accept(conform, &last, listener);
    wait_for_err(&last.other, ERR_CLOSED);
    EXPECT(!io_is_listening(listener));
}

void drain_listener(struct conform *conform, struct io_listener *listener)
{
    if (!listener->closing) {
        io_unlisten(&conform->loop, listener);
    }
    while (io_is_listening(listener)) {
        struct side late;
        side_init(&late, conform);
        start_accept(conform, &late, listener);
        wait_for(&late.other);
        if (late.other.op.result == ERR_OK) {
            close_side(conform, &late, true);
        }
    }
}

void start_connect(struct conform *conform, struct side *side, const struct endpoint *to)
{
    side->to = *to;
    io_connect(&conform->loop, &side->other.op, &side->socket, &side->to, NULL);
    narrow(conform, side->socket.handle);
}

void start_accept(struct conform *conform, struct side *side, struct io_listener *listener)
{
    io_accept(&conform->loop, &side->other.op, listener, &side->socket, &side->accepted);
}

void open_pair(struct conform *conform, struct pair *pair)
{
    side_init(&pair->client, conform);
    side_init(&pair->server, conform);
    open_listener(conform, &pair->listener);
    start_accept(conform, &pair->server, &pair->listener);
    start_connect(conform, &pair->client, &pair->listener.at);
    wait_for_err(&pair->client.other, ERR_OK);
    settle(&pair->server.other);
    EXPECT(pair->server.other.op.result == ERR_OK);
}

void close_pair(struct conform *conform, struct pair *pair)
{
    close_side(conform, &pair->client, false);
    close_side(conform, &pair->server, false);
    close_listener(conform, &pair->listener);
}

void start_recv(struct conform *conform, struct side *side)
{
    io_recv(&conform->loop, &side->recv.op, &side->socket, &conform->pool, NULL);
}

void start_send(struct conform *conform, struct side *side, const void *bytes, size_t len)
{
    io_send(&conform->loop, &side->send.op, &side->socket, span_of(bytes, len));
}

void give_back(struct conform *conform, struct side *side)
{
    if (side->recv.op.arg.recv.buffer) {
        pool_give(&conform->pool, side->recv.op.arg.recv.buffer);
        side->recv.op.arg.recv.buffer = NULL;
    }
}

void send_all(struct conform *conform, struct side *side, const char *text)
{
    start_send(conform, side, text, strlen(text));
    wait_for_err(&side->send, ERR_OK);
    EXPECT(side->send.op.bytes == strlen(text));
}

void expect_text(struct conform *conform, struct side *side, const char *text)
{
    while (*text) {
        start_recv(conform, side);
        wait_for_err(&side->recv, ERR_OK);
        uint32_t bytes = side->recv.op.bytes;
        EXPECT(bytes > 0 && bytes <= strlen(text));
        EXPECT(memcmp(side->recv.op.arg.recv.buffer, text, bytes) == 0);
        text += bytes;
        give_back(conform, side);
    }
}

void expect_end(struct conform *conform, struct side *side)
{
    start_recv(conform, side);
    wait_for_err(&side->recv, ERR_OK);
    EXPECT(side->recv.op.bytes == 0 && !side->recv.op.arg.recv.buffer);
}

void close_side(struct conform *conform, struct side *side, bool abort)
{
    io_close(&conform->loop, &side->other.op, &side->socket, abort);
    wait_for_err(&side->other, ERR_OK);
    EXPECT(!io_socket_is_open(&side->socket));
}

void shutdown_side(struct conform *conform, struct side *side)
{
    io_shutdown(&conform->loop, &side->other.op, &side->socket);
    wait_for_err(&side->other, ERR_OK);
}

static uint8_t pattern_byte(uint64_t place)
{
    return (uint8_t)(place * 167 + (place >> 8) * 13 + (place >> 16));
}

void pattern_fill(uint8_t *bytes, size_t len, uint64_t start)
{
    for (size_t i = 0; i < len; i++) {
        bytes[i] = pattern_byte(start + i);
    }
}

bool pattern_is(const uint8_t *bytes, size_t len, uint64_t start)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != pattern_byte(start + i)) {
            return false;
        }
    }
    return true;
}

void expect_pattern(struct conform *conform, struct side *side, uint64_t start, uint64_t total)
{
    for (uint64_t got = 0; got < total; got += side->recv.op.bytes) {
        start_recv(conform, side);
        wait_for_err(&side->recv, ERR_OK);
        EXPECT(side->recv.op.bytes > 0 && side->recv.op.bytes <= total - got);
        EXPECT(pattern_is(side->recv.op.arg.recv.buffer, side->recv.op.bytes, start + got));
        give_back(conform, side);
    }
}

static bool is_wanted(const char *name, int argc, char **argv)
{
    bool wanted = argc <= 2;
    for (int i = 2; i < argc; i++) {
        wanted = wanted || strcmp(argv[i], name) == 0;
    }
    return wanted;
}

static int run_cases(const struct backend *backend, int argc, char **argv)
{
    int count = 0;
    for (int i = 0; i < CASES; i++) {
        if (is_wanted(cases[i].name, argc, argv)) {
            static struct conform conform;
            running = cases[i].name;
            conform = (struct conform){.backend = backend};
            backend->begin(&conform);
            conform_open(&conform);
            cases[i].run(&conform);
            conform_shut(&conform);
            backend->end(&conform);
            (void)printf("ok rule %s %s\n", cases[i].rule, cases[i].name);
            (void)fflush(stdout);
            count++;
        }
    }
    (void)printf("conform: %d cases passed on %s\n", count, backend->name);
    return count > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    for (int i = 0; argc >= 2 && backends[i].name; i++) {
        if (strcmp(argv[1], backends[i].name) == 0) {
            return run_cases(&backends[i], argc, argv);
        }
    }
    (void)fprintf(stderr, "usage: conform BACKEND [CASE...]; backends:");
    for (int i = 0; backends[i].name; i++) {
        (void)fprintf(stderr, " %s", backends[i].name);
    }
    (void)fprintf(stderr, "\n");
    return 2;
}
