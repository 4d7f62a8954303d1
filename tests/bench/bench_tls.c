/*
 * What inspecting a handshake costs: processor time for one, over all chunks that were recorded.
 * Nothing is asserted here but that they pass; it prints one line a file.
 *
 *     bench_tls tests/data/handshakes/tls13.txt ...     microseconds a handshake, the best of turns
 */
#include "tls/inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BLOCKS = 32, CHUNKS = 64, LINE_MAX = 1 << 16, TIMES = 20000, TURNS = 7 };

struct talk {
    struct {
        enum tls_side side;
        struct span bytes;
    } chunks[CHUNKS];
    size_t count;
};

static struct chain_block items[BLOCKS];
static struct pool_slot slots[BLOCKS];
static struct pool pool;
static uint8_t scratch[TLS_HELD_MAX];
static uint8_t bytes[LINE_MAX];

static enum err allow(void *tunnel, enum tls_point point, const struct tls_facts *facts,
                      const struct tls_bytes *shown)
{
    (void)tunnel;
    (void)point;
    (void)facts;
    (void)shown;
    return ERR_OK;
}

/* Lines `>` or `<` and hexadecimal; false: the file cannot be read. */
static bool read_talk(const char *path, struct talk *talk)
{
    static char line[LINE_MAX];
    size_t len = 0;
    FILE *file = fopen(path, "r");
    talk->count = 0;
    while (file && fgets(line, sizeof line, file)) {
        uint8_t high, low;
        size_t start = len;
        if (line[0] == '#' || talk->count == CHUNKS) {
            continue;
        }
        for (size_t i = 2; span_hex_digit((uint8_t)line[i], &high) &&
                           span_hex_digit((uint8_t)line[i + 1], &low) && len < sizeof bytes;
             i += 2) {
            bytes[len++] = (uint8_t)(high << 4 | low);
        }
        talk->chunks[talk->count].side = line[0] == '>' ? TLS_CLIENT : TLS_SERVER;
        talk->chunks[talk->count++].bytes = span_of(bytes + start, len - start);
    }
    return file && fclose(file) == 0;
}

static void inspect(const struct tls_shop *shop, const struct talk *talk)
{
    const struct tls_ask ask = {shop, NULL, NULL};
    struct tls_inspect tls;
    enum tls_state state = TLS_WATCHING;
    tls_begin(&tls, &ask);
    for (size_t i = 0; i < talk->count && state == TLS_WATCHING; i++) {
        struct span piece;
        CHECK(tls_feed(&tls, talk->chunks[i].side, talk->chunks[i].bytes, &state) == ERR_OK);
        while (tls_take(&tls, TLS_CLIENT, &piece) || tls_take(&tls, TLS_SERVER, &piece)) {
        }
    }
    tls_end(&tls);
}

static double measure(const struct talk *talk)
{
    const struct tls_shop shop = {&pool, scratch, allow, true};
    double best = 0;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        clock_t begin = clock();
        for (unsigned i = 0; i < TIMES; i++) {
            inspect(&shop, talk);
        }
        double spent = (double)(clock() - begin) / CLOCKS_PER_SEC / TIMES * 1e6;
        best = turn == 0 || spent < best ? spent : best;
    }
    return best;
}

int main(int argc, char **argv)
{
    static struct talk talk;
    const struct pool_memory memory = {items, slots, sizeof items[0], BLOCKS, BLOCKS, false, NULL};
    pool_init(&pool, &memory);
    for (int i = 1; i < argc; i++) {
        if (!read_talk(argv[i], &talk)) {
            (void)fprintf(stderr, "bench_tls: cannot read %s\n", argv[i]);
            return EXIT_FAILURE;
        }
        (void)printf("%6.2f us  %s\n", measure(&talk), argv[i]);
    }
    return EXIT_SUCCESS;
}
