/*
 * Proves the limits: the largest ClientHello and the first that is too large, a certificate chain
 * of a megabyte that passes in a few blocks, and a handshake too long for its proof.
 */
#include "unit/assemble.h"
#include "unit/tls_world.h"

enum { MESSAGE_MAX = (1 << 20) + 4096, RECORD_BODY = 1 << 14 };

static struct world world;
static uint8_t message[MESSAGE_MAX];

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

/* The message in records of at most 16 KiB, each fed in pieces. */
static void say(enum tls_side side, struct span bytes, size_t piece)
{
    uint8_t record[RECORD_HEADER + RECORD_BODY];
    while (bytes.len > 0 && world.err == ERR_OK) {
        size_t len = bytes.len < RECORD_BODY ? bytes.len : RECORD_BODY;
        const uint8_t header[] = {RECORD_HANDSHAKE, 3, 3, (uint8_t)(len >> 8), (uint8_t)len};
        memcpy(record, header, sizeof header);
        memcpy(record + sizeof header, bytes.at, len);
        bytes = span_after(bytes, len);
        struct span left = {record, sizeof header + len};
        while (left.len > 0 && world.err == ERR_OK) {
            size_t count = left.len < piece ? left.len : piece;
            world_feed(&world, side, span_first(left, count));
            left = span_after(left, count);
        }
    }
}

static void say_text(enum tls_side side, const char *text)
{
    say(side, assemble(text, message, sizeof message), 1000);
}

/* A ClientHello of that length, its header included, most of it padding. */
static struct span make_hello(size_t len)
{
    char text[256];
    size_t frame = 4 + 2 + 32 + 1 + 4 + 2 + 2 + 4 + 4 + 9;
    (void)snprintf(text, sizeof text,
                   "01 3{0303 @ 1{} 2{c02f} 1{00} 2{0000 2{2{00 2{'test'}}} 0015 2{#%zu:00}}}",
                   len - frame);
    struct span hello = assemble(text, message, sizeof message);
    assert_int_equal(hello.len, len);
    return hello;
}

/* With its record headers, four of them, 64 KiB; and all of it in seventeen blocks. */
static void a_hello_has_at_most_64_kib(void **state)
{
    (void)state;
    static const size_t pieces[] = {100, 4096, 1 << 20};
    enum { MOST = TLS_HELD_MAX - 4 * RECORD_HEADER };
    for (size_t i = 0; i < unit_count(pieces); i++) {
        for (size_t more = 0; more < 2; more++) {
            world.shop.transcript = false;
            world_begin(&world);
            say(TLS_CLIENT, make_hello(MOST + more), pieces[i]);
            unit_holds(world.err == (more ? ERR_TLS_LONG : ERR_OK), "%zu: %s", MOST + more,
                       err_name(world.err));
            unit_holds(world.asked == 1 - more, "%zu", MOST + more);
            assert_int_equal(world.sent[TLS_CLIENT].len, more ? 0 : TLS_HELD_MAX);
            world_end(&world);
        }
    }
    unit_holds(world.pool.most_taken == 17, "%u blocks", world.pool.most_taken);
}

/* A hello that drips in takes a block for 4 KiB, not for each drop. */
static void drops_share_a_block(void **state)
{
    (void)state;
    world_begin(&world);
    struct span hello = make_hello(2000);
    world.pool.most_taken = 0;
    say(TLS_CLIENT, span_first(hello, 1500), 1);
    assert_int_equal(world.pool.most_taken, 1);
    world_end(&world);
}

#define FLIGHT "02 3{0303 @ 1{} c02f 00} 0b 3{3{3{#100:30}}} 0c 3{4b} 0d 3{00} 0e 3{}"
#define LEAF                                                                                       \
    "30d{30d{02d{01} 30d{} 30d{} 30d{#%zu:69} 30d{31d{}} 30d{30d{} 03d{00}}} 30d{} 03d{00}}"

/* A Certificate whose leaf has about that length, in a chain of a megabyte. */
static struct span make_chain(size_t leaf)
{
    char text[512];
    (void)snprintf(text, sizeof text, "0b 3{3{3{" LEAF "} 3{#%zu:63}}}", leaf - 34,
                   ((size_t)1 << 20) - leaf - 200);
    return assemble(text, message, sizeof message);
}

static void begin_asked(bool transcript)
{
    world.shop.transcript = transcript;
    world_begin(&world);
    say(TLS_CLIENT, make_hello(100), 1000);
    say_text(TLS_SERVER, FLIGHT);
    assert_int_equal(world.asked, 2);
    world.pool.most_taken = 0;
}

static void a_chain_of_a_megabyte_takes_a_few_blocks(void **state)
{
    (void)state;
    static const size_t leaves[] = {200, 1000, 16380};
    for (size_t i = 0; i < unit_count(leaves); i++) {
        begin_asked(false);
        say(TLS_CLIENT, make_chain(leaves[i]), 1000);
        assert_int_equal(world.err, ERR_OK);
        assert_int_equal(world.asked, 3);
        unit_holds(world.pool.most_taken <= leaves[i] / 4000 + 1, "%zu: %u blocks", leaves[i],
                   world.pool.most_taken);
        assert_true(pool_is_full(&world.pool));
        assert_int_equal(world.sent[TLS_CLIENT].len, world.fed[TLS_CLIENT].len);
        world_end(&world);
    }
}

static void a_leaf_of_more_than_16_kib_is_refused(void **state)
{
    (void)state;
    begin_asked(false);
    say(TLS_CLIENT, make_chain(16500), 1000);
    assert_int_equal(world.err, ERR_TLS_LONG);
    assert_int_equal(world.asked, 2);
    world_end(&world);
}

/* What was signed is not all kept: the proof cannot be checked, and the certificate is not used. */
static void a_proof_of_too_much_is_refused(void **state)
{
    (void)state;
    begin_asked(true);
    say(TLS_CLIENT, make_chain(1000), 1000);
    assert_int_equal(world.err, ERR_OK);
    unit_holds(world.pool.most_taken <= 18, "%u blocks", world.pool.most_taken);
    say_text(TLS_CLIENT, "10 3{4b} 0f 3{0401 2{53}}");
    assert_int_equal(world.err, ERR_PROOF_UNCHECKED);
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hello_has_at_most_64_kib),
        cmocka_unit_test(drops_share_a_block),
        cmocka_unit_test(a_chain_of_a_megabyte_takes_a_few_blocks),
        cmocka_unit_test(a_leaf_of_more_than_16_kib_is_refused),
        cmocka_unit_test(a_proof_of_too_much_is_refused),
    };
    return cmocka_run_group_tests_name("tls_big", tests, open_world, close_world);
}
