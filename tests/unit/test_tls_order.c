/*
 * Proves what each odd handshake means. A row is a talk in words (table below), `>` said by the
 * client and `<` by the server, and how it ends: an error, or the state. Each talk is fed a word at
 * a time, a byte at a time, and all that one side says at once; the end is the same.
 */
#include "tls/alert.h"
#include "unit/assemble.h"
#include "unit/tls_world.h"

enum { WORD_MAX = 1 << 17 };

#define SNI            "0000 2{2{00 2{'a.test'}}}"
#define VERSIONS(list) "002b 2{1{" list "}}"

#define HELLO(version, extensions)                                                                 \
    "16 0301 2{01 3{" version "@ 1{} 2{c02f 1301} 1{00} 2{" extensions "}}}"
#define ANSWER(version, extensions) "16 0303 2{02 3{" version "@ 1{} c02f 00 2{" extensions "}}}"

#define MESSAGE(number, body) "16 0303 2{" number " 3{" body "}}"

#define LEAF                                                                                       \
    "30d{30d{a0d{020102} 02d{01} 30d{} 30d{} 30d{}"                                                \
    "30d{31d{30d{0603550403 0c d{'a'}}}} 30d{30d{} 03d{00}}} 30d{} 03d{00}}"

static const struct {
    const char *word, *bytes;
} words[] = {
    {">hello", HELLO("0303", SNI)},
    {">hello10", HELLO("0301", SNI)},
    {">hello13", HELLO("0303", SNI VERSIONS("0304"))},
    {">both", HELLO("0303", SNI VERSIONS("0a0a 0304 0303"))},
    {">early", HELLO("0303", SNI VERSIONS("0304") "002a 2{} 0029 2{00}")},
    {">early_both", HELLO("0303", SNI VERSIONS("0304 0303") "002a 2{} 0029 2{00}")},
    {">other", HELLO("0303", "0000 2{2{00 2{'b.test'}}}" VERSIONS("0304"))},
    {">nameless", HELLO("0303", VERSIONS("0304"))},
    {">ech", HELLO("0303", SNI VERSIONS("0304") "fe0d 2{00}")},
    {">twice", HELLO("0303", SNI SNI)},
    {">address", HELLO("0303", "0000 2{2{00 2{'10::1'}}}")},
    {">hello_and_more", "16 0301 2{01 3{0303 @ 1{} 2{c02f} 1{00}} 10 3{}}"},
    {">kex", MESSAGE("10", "#64:4b")},
    {">cert", MESSAGE("0b", "3{3{" LEAF "} 3{" LEAF "}}")},
    {">cert_torn", MESSAGE("0b", "3{3{" LEAF "}} 00")},
    {">cert_over", MESSAGE("0b", "3{ffffff 00}")},
    {">cert_empty", MESSAGE("0b", "3{3{}}")},
    {">cert_bad", MESSAGE("0b", "3{3{'no certificate'}}")},
    {">cert_cut", MESSAGE("0b", "0000")},
    {">cert_raw", MESSAGE("0b", "3{3059301306072a8648ce3d020106082a8648ce3d0301070342 #66:04}")},
    {">no_cert", MESSAGE("0b", "3{}")},
    {">cert_long", "16 0303 4000 0b 0ffff0 0fffed 004001"},
    {">cert_huge", "16 0303 4000 0b 100001 0ffffe"},
    {">verify", MESSAGE("0f", "0401 2{#64:53}")},
    {">verify10", MESSAGE("0f", "2{#64:53}")},
    {">verify_cut", MESSAGE("0f", "0401 0040 53")},
    {">ccs", "14 0303 0001 01"},
    {">ccs_bad", "14 0303 0001 02"},
    {">ccs_long", "14 0303 0002 0101"},
    {">sealed", "16 0303 0010 #16:ee"},
    {">data", "17 0303 0010 #16:dd"},
    {">big", "17 0303 4100 #16640:dd"},
    {">too_big", "17 0303 4101 #16641:dd"},
    {">ping", "17 0303 0000"},
    {">empty", "16 0303 0000"},
    {">half", "16 0303 0003 100000"},
    {">fatal", "15 0303 0002 0228"},
    {">close", "15 0303 0002 0100"},
    {">warn", "15 0303 0002 0129"},
    {">odd_alert", "15 0303 0002 0328"},
    {">long_alert", "15 0303 0004 01290129"},
    {">heartbeat", "18 0303 0001 00"},
    {">unknown", MESSAGE("43", "")},
    {">long_hello", "16 0301 4000 01 00fffd"},
    {">more", "16 0301 4000 #16384:00"},
    {">ssl2", "80 2e 01 0303 0015"},
    {">ssl2_old", "80 2e 01 0002 0015"},
    {">dtls", "16 fefd 0000000000000000 0001 01"},
    {">http", "'GET / HTTP/1.1'"},
    {">ssh", "'SSH-2.0-x'"},
    {">noise", "#8:ff"},
    {"<hello", ANSWER("0303", "")},
    {"<hello10", ANSWER("0301", "")},
    {"<hello_ssl2", ANSWER("0002", "")},
    {"<hello13", ANSWER("0303", "002b 2{0304}")},
    {"<hello13_named_12", ANSWER("0303", "002b 2{0303}")},
    {"<hello13_bare", ANSWER("0304", "")},
    {"<hello13_in_10", ANSWER("0301", "002b 2{0304}")},
    {"<hello_x509", ANSWER("0303", "0013 2{00} 0014 2{02}")},
    {"<hello_raw", ANSWER("0303", "0013 2{02}")},
    {"<hello_pgp", ANSWER("0303", "0009 2{01}")},
    {"<hello_odd", ANSWER("0303", "0013 2{0202}")},
    {"<bare", "16 0303 2{02 3{0303 @ 1{} c02f 00}}"},
    {"<torn", "16 0303 2{02 3{0303 @ 1{} c02f 00 0001}}"},
    {"<retry",
     "16 0303 2{02 3{0303 cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"
     " 1{} 1301 00 2{002b 2{0304}}}}"},
    {"<cert", MESSAGE("0b", "3{3{#100:30}}")},
    {"<status", MESSAGE("16", "01 3{}")},
    {"<kex", MESSAGE("0c", "#64:4b")},
    {"<request", MESSAGE("0d", "1{01} 2{0401} 2{}")},
    {"<done", MESSAGE("0e", "")},
    {"<done_full", MESSAGE("0e", "00")},
    {"<ticket", MESSAGE("04", "00000e10 2{#80:74}")},
    {"<ticket_torn", MESSAGE("04", "00000e10 0050 74")},
    {"<again", MESSAGE("00", "")},
    {"<flight", "16 0303 2{02 3{0303 @ 1{} c02f 00} 0b 3{3{3{#100:30}}} 0c 3{4b} 0e 3{}}"},
    {"<asking", "16 0303 2{02 3{0303 @ 1{} c02f 00} 0b 3{3{3{#100:30}}} 0c 3{4b} 0d 3{00} 0e 3{}}"},
    {"<ccs", "14 0303 0001 01"},
    {"<sealed", "16 0303 0010 #16:ee"},
    {"<data", "17 0303 0010 #16:dd"},
    {"<fatal", "15 0303 0002 0228"},
    {"<warn", "15 0303 0002 0170"},
    {"<empty", "16 0303 0000"},
    {"<long_hello", "16 0303 4000 02 003ffd"},
    {"<ssh", "'SSH-2.0-x'"},
};

static const struct {
    const char *talk, *end;
} rows[] = {
#define ODD(talk, end) {talk, end},
#include "unit/tls_odd.def"
#undef ODD
};

static struct world world;

static int open_world(void **state)
{
    (void)state;
    world_open(&world);
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

static const char *find_word(struct span word)
{
    for (size_t i = 0; i < unit_count(words); i++) {
        if (span_is(word, words[i].word)) {
            return words[i].bytes;
        }
    }
    unit_holds(false, "no such word: %s", unit_show(word));
    return "";
}

/* The bytes of a talk; *merge: all that one side says at once is one chunk. */
static void make_talk(const char *text, bool merge, struct world_talk *talk)
{
    struct span rest = span_str(text), word;
    bool done = false;
    talk->bytes = malloc(WORD_MAX);
    assert_non_null(talk->bytes);
    talk->count = 0;
    talk->len = 0;
    while (span_cut(&rest, ' ', &done, &word)) {
        size_t times = 1;
        if (word.at[word.len - 1] == '*') { /* the word before forty times in all */
            times = 39;
            word = span_first(word, word.len - 1);
        }
        enum tls_side side = word.at[0] == '>' ? TLS_CLIENT : TLS_SERVER;
        for (size_t i = 0; i < times; i++) {
            struct span bytes =
                assemble(find_word(word), talk->bytes + talk->len, WORD_MAX - talk->len);
            talk->len += bytes.len;
            struct world_chunk *last = &talk->chunks[talk->count > 0 ? talk->count - 1 : 0];
            if (merge && talk->count > 0 && last->side == side) {
                last->bytes.len += bytes.len;
                continue;
            }
            assert_true(talk->count < WORLD_CHUNKS);
            talk->chunks[talk->count++] = (struct world_chunk){side, bytes};
        }
    }
}

static const char *ending(void)
{
    static const char *const states[] = {"WATCHING", "PASSED", "ENDED", ""};
    return world.err != ERR_OK ? err_name(world.err) : states[world.state];
}

static void every_odd_handshake_ends_as_its_row_says(void **state)
{
    (void)state;
    static const struct {
        bool merge;
        size_t most;
    } ways[] = {{false, 0}, {true, 0}, {false, 1}, {true, 3}};
    for (size_t i = 0; i < unit_count(rows); i++) {
        for (size_t k = 0; k < unit_count(ways); k++) {
            struct world_talk talk;
            make_talk(rows[i].talk, ways[k].merge, &talk);
            world_play(&world, &talk, &(struct world_cut){.most = ways[k].most});
            unit_holds(strcmp(ending(), rows[i].end) == 0, "%s (way %zu): %s", rows[i].talk, k,
                       ending());
            world_end(&world);
            world_free(&talk);
        }
    }
}

/* Up to the first hello that is judged the server gets nothing, however the client begins. */
static void before_a_good_hello_nothing_goes(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(words); i++) {
        struct world_talk talk;
        if (words[i].word[0] != '>') {
            continue;
        }
        make_talk(words[i].word, false, &talk);
        world_play(&world, &talk, &(struct world_cut){.most = 1});
        unit_holds(world.asked > 0 || world.sent[TLS_CLIENT].len == 0, "%s", words[i].word);
        world_end(&world);
        world.refuse = 1;
        world_play(&world, &talk, &(struct world_cut){.most = 1});
        world.refuse = 0;
        unit_holds(world.sent[TLS_CLIENT].len == 0, "%s", words[i].word);
        world_end(&world);
        world_free(&talk);
    }
}

/* Behind a ServerHello a client wants its version in the records that come, of TLS 1.3 that of 1.2.
 */
static void the_alert_carries_the_version_that_was_seen(void **state)
{
    (void)state;
    static const struct {
        const char *talk;
        uint16_t seen;
        uint8_t record[ALERT_SIZE];
    } alerts[] = {
        {">hello", 0, {21, 3, 1, 0, 2, 2, 10}},
        {">hello10 <hello10", 0x0301, {21, 3, 1, 0, 2, 2, 10}},
        {">hello <hello", 0x0303, {21, 3, 3, 0, 2, 2, 10}},
        {">both <retry", 0x0304, {21, 3, 3, 0, 2, 2, 10}},
        {">both <retry >both", 0x0304, {21, 3, 3, 0, 2, 2, 10}},
    };
    for (size_t i = 0; i < unit_count(alerts); i++) {
        struct world_talk talk;
        uint8_t record[ALERT_SIZE];
        make_talk(alerts[i].talk, false, &talk);
        world_play(&world, &talk, &(struct world_cut){.most = 0});
        assert_int_equal(tls_version_seen(&world.tls), alerts[i].seen);
        alert_put(ERR_TLS_ORDER, tls_version_seen(&world.tls), record);
        assert_memory_equal(record, alerts[i].record, ALERT_SIZE);
        world_end(&world);
        world_free(&talk);
    }
}

/* Without a transcript the proof is asked about all the same, and no block is taken for it. */
static void a_transcript_is_kept_only_where_it_is_wanted(void **state)
{
    (void)state;
    struct world_talk talk;
    make_talk(">hello <hello <cert <request <done >cert >kex >verify >ccs <ccs", false, &talk);
    for (unsigned wanted = 0; wanted < 2; wanted++) {
        world.shop.transcript = wanted;
        uint32_t most = world.pool.most_taken;
        world.pool.most_taken = 0;
        world_play(&world, &talk, &(struct world_cut){.most = 0});
        assert_string_equal(ending(), "PASSED");
        assert_int_equal(world.tls.facts.proven, true);
        assert_int_equal(world.pool.most_taken, wanted);
        assert_int_equal(strstr(world.notes, "transcript") != NULL, wanted);
        world.pool.most_taken = most;
        world_end(&world);
    }
    world_free(&talk);
}

static void feed_after_refusal(void *arg)
{
    struct world *refused = arg;
    enum tls_state now;
    assert_true(tls_feed(&refused->tls, TLS_CLIENT, span_str("x"), &now) != ERR_OK);
}

static void a_feed_after_a_refusal_trips_a_check(void **state)
{
    (void)state;
    world_begin(&world);
    world_feed(&world, TLS_CLIENT, span_str("GET /"));
    assert_int_equal(world.err, ERR_TLS_PLAIN);
    assert_non_null(strstr(unit_expect_check(feed_after_refusal, &world), "inspect.c:"));
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_odd_handshake_ends_as_its_row_says),
        cmocka_unit_test(before_a_good_hello_nothing_goes),
        cmocka_unit_test(the_alert_carries_the_version_that_was_seen),
        cmocka_unit_test(a_transcript_is_kept_only_where_it_is_wanted),
        cmocka_unit_test(a_feed_after_a_refusal_trips_a_check),
    };
    return cmocka_run_group_tests_name("tls_order", tests, open_world, close_world);
}
