/*
 * What inspecting a handshake costs: processor time for one, over all chunks that were recorded, by
 * the inspector alone, and with the judge: rules, a list of certificates, the client's proof,
 * sessions; the certificate was seen before, or it is new each time. Nothing is asserted here but
 * that they pass; it prints one line a file.
 *
 *     bench_tls tests/data/handshakes/tls13.txt ...     microseconds a handshake, the best of turns
 */
#include "gateway/judge.h"
#include "tls/inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    BLOCKS = 32,
    CHUNKS = 64,
    LINE_MAX = 1 << 16,
    TIMES = 20000,
    TIMES_COLD = 500,
    TURNS = 7,
    LEAVES = 64,
    SESSIONS = 1000
};

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

static struct leaves leaves;
static struct sessions sessions;
static struct snapshot *snapshot;
static uint8_t proof_scratch[PROOF_TRANSCRIPT_MAX];

static void open_rules(void)
{
    static const uint64_t seed[2] = {1, 2};
    static const char host[] = "*.ods.example.com";
    char place[POLICY_WHY_MAX];
    struct out why;
    struct settings settings;
    void *memory = malloc(leaves_size(LEAVES)), *more = malloc(sessions_size(SESSIONS));
    struct policy_row rows[] = {
        {.list = POLICY_HOSTS, .id = 1, .text = span_str(host)},
        {.list = POLICY_SUBJECTS, .id = 2, .text = span_str("workspace-id")},
    };
    const struct policy_source source = {
        .settings = &settings, .rows = rows, .row_count = 2, .seed = {1, 2}};
    settings_init(&settings);
    settings.minimum_tls = MINIMUM_TLS_1_0;
    settings.missing_sni = MISSING_SNI_ALLOW;
    out_begin(&why, place, sizeof place);
    CHECK(memory && more && policy_compile(&source, &snapshot, &why) == ERR_OK);
    leaves_open(&leaves, memory, LEAVES, seed);
    sessions_open(&sessions, more, SESSIONS, seed);
}

static void inspect(const struct tls_shop *shop, const struct talk *talk)
{
    static const struct judge_shop judges = {&leaves, &sessions, proof_scratch};
    struct judge judge;
    bool judged = shop->judge == judge_ask;
    const struct tls_ask ask = {shop, &judge, NULL};
    struct tls_inspect tls;
    enum tls_state state = TLS_WATCHING;
    if (judged) {
        judge_begin(&judge, &judges, snapshot, span_str("workspace.ods.example.com"));
    }
    tls_begin(&tls, &ask);
    for (size_t i = 0; i < talk->count && state == TLS_WATCHING; i++) {
        struct span piece;
        CHECK(tls_feed(&tls, talk->chunks[i].side, talk->chunks[i].bytes, &state) == ERR_OK);
        while (tls_take(&tls, TLS_CLIENT, &piece) || tls_take(&tls, TLS_SERVER, &piece)) {
        }
    }
    if (judged) {
        judge_passed(&judge, &tls.facts);
        judge_end(&judge);
    }
    tls_end(&tls);
}

/* `cold`: each certificate is one that nobody has seen. */
static double measure(const struct tls_shop *shop, const struct talk *talk, bool cold)
{
    static const uint64_t seed[2] = {3, 4};
    unsigned times = cold ? TIMES_COLD : shop->judge == judge_ask ? TIMES / 10 : TIMES;
    double best = 0;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        clock_t begin = clock();
        for (unsigned i = 0; i < times; i++) {
            inspect(shop, talk);
            if (cold) {
                leaves_shut(&leaves);
                leaves_open(&leaves, leaves.at, LEAVES, seed);
            }
        }
        double spent = (double)(clock() - begin) / CLOCKS_PER_SEC / times * 1e6;
        best = turn == 0 || spent < best ? spent : best;
    }
    return best;
}

int main(int argc, char **argv)
{
    static struct talk talk;
    const struct pool_memory memory = {items, slots, sizeof items[0], BLOCKS, BLOCKS, false, NULL};
    static const struct tls_shop alone = {&pool, scratch, allow, true};
    static const struct tls_shop judged = {&pool, scratch, judge_ask, true};
    pool_init(&pool, &memory);
    open_rules();
    (void)printf("  alone  judged     new  microseconds\n");
    for (int i = 1; i < argc; i++) {
        if (!read_talk(argv[i], &talk)) {
            (void)fprintf(stderr, "bench_tls: cannot read %s\n", argv[i]);
            return EXIT_FAILURE;
        }
        (void)printf("%7.2f %7.2f %7.2f  %s\n", measure(&alone, &talk, false),
                     measure(&judged, &talk, false), measure(&judged, &talk, true), argv[i]);
    }
    return EXIT_SUCCESS;
}
