/*
 * Proves chains and holds: bytes come out as they went in at every size of piece, blocks are taken
 * when needed and given back when empty, freed bytes go in order, also those that another side
 * frees while earlier ones have not been taken.
 */
#include "tls/hold.h"
#include "unit/unit.h"

enum { BLOCKS = 4, BLOCK = sizeof(((struct chain_block *)0)->bytes), STREAM = BLOCKS * BLOCK };

static struct chain_block items[BLOCKS];
static struct pool_slot slots[BLOCKS];
static struct pool pool;
static const struct chain_source source = {&pool, NULL};
static uint8_t stream[STREAM];

static int fill(void **state)
{
    (void)state;
    const struct pool_memory memory = {items, slots, sizeof items[0], BLOCKS, BLOCKS, true, NULL};
    pool_init(&pool, &memory);
    for (size_t i = 0; i < STREAM; i++) {
        stream[i] = (uint8_t)(i * 31 + i / 256);
    }
    return 0;
}

/* Puts pieces of one size, drops pieces of another, and reads all of it after each. */
static void a_chain_gives_what_was_put(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 7, 100, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK};
    for (size_t i = 0; i < unit_count(sizes) * unit_count(sizes); i++) {
        size_t put = sizes[i / unit_count(sizes)], drop = sizes[i % unit_count(sizes)];
        struct chain chain = {.len = 0};
        size_t in = 0, gone = 0;
        while (gone < STREAM) {
            size_t count = in + put <= STREAM ? put : STREAM - in;
            if (chain.len + count + BLOCK <= STREAM) {
                assert_int_equal(chain_put(&chain, &source, span_of(stream + in, count)), ERR_OK);
                in += count;
            }
            const struct chain_block *block = NULL;
            struct span piece;
            size_t at = gone;
            while (chain_next(&chain, &block, &piece)) {
                assert_true(piece.len > 0);
                assert_memory_equal(piece.at, stream + at, piece.len);
                at += piece.len;
            }
            assert_int_equal(at, in);
            count = drop <= chain.len ? drop : chain.len;
            chain_drop(&chain, &source, (uint32_t)count);
            gone += count;
        }
        assert_true(pool_is_full(&pool));
    }
}

static void a_chain_takes_blocks_as_it_needs_them(void **state)
{
    (void)state;
    struct chain chain = {.len = 0};
    assert_int_equal(chain_put(&chain, &source, span_of(stream, 0)), ERR_OK);
    assert_int_equal(pool.taken, 0);
    assert_int_equal(chain_put(&chain, &source, span_of(stream, BLOCK)), ERR_OK);
    assert_int_equal(pool.taken, 1);
    assert_int_equal(chain_put(&chain, &source, span_of(stream, 1)), ERR_OK);
    assert_int_equal(pool.taken, 2);
    chain_drop(&chain, &source, BLOCK);
    assert_int_equal(pool.taken, 1);
    assert_int_equal(chain_put(&chain, &source, span_of(stream, STREAM)), ERR_EXHAUSTED);
    assert_int_equal(pool.taken, BLOCKS);
    chain_clear(&chain, &source);
    assert_true(pool_is_full(&pool) && chain.len == 0 && !chain.first && !chain.last);
}

/* What one hold gives out until it has no more. */
static size_t take_all(struct hold *hold, size_t from)
{
    struct span piece;
    size_t sum = 0;
    while (hold_take(hold, &source, &piece)) {
        assert_true(piece.len > 0);
        unit_same(piece, span_of(stream + from + sum, piece.len), "at %zu", from + sum);
        sum += piece.len;
    }
    return sum;
}

/* In pieces of one size; every so many bytes what has been read is freed, or all of it at the end.
 */
static void bytes_go_in_order_and_only_when_freed(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 5, 64, 1000, BLOCK, 2 * BLOCK};
    static const size_t steps[] = {1, 3, 50, 999, BLOCK + 1, 2 * BLOCK};
    for (size_t i = 0; i < unit_count(sizes) * unit_count(steps); i++) {
        size_t size = sizes[i / unit_count(steps)], step = steps[i % unit_count(steps)];
        struct hold hold = {.inside = 0};
        size_t fed = 0, freed = 0, sent = 0, all = 2 * BLOCK;
        while (fed < all) {
            size_t count = size < all - fed ? size : all - fed;
            hold_feed(&hold, span_of(stream + fed, count));
            for (size_t end = fed + count; fed < end;) {
                fed += hold_read(&hold, step - fed % step).len;
                if (fed % step == 0) {
                    hold_free(&hold, 0);
                    freed = fed;
                }
                assert_int_equal(hold_len(&hold), fed - freed);
            }
            assert_false(hold_has_more(&hold));
            assert_int_equal(hold_settle(&hold, &source), ERR_OK);
            sent += take_all(&hold, sent);
            assert_int_equal(sent, freed);
        }
        hold_free_all(&hold);
        sent += take_all(&hold, sent);
        assert_int_equal(sent, all);
        assert_true(pool_is_full(&pool));
    }
}

/* Chain, fed and chain again: in that order, though the last was freed while the first was on its
 * way. */
static void what_another_side_frees_goes_last(void **state)
{
    (void)state;
    struct hold hold = {.inside = 0};
    struct span piece;
    hold_feed(&hold, span_of(stream, 10));
    (void)hold_read(&hold, 10);
    assert_int_equal(hold_settle(&hold, &source), ERR_OK);
    assert_false(hold_take(&hold, &source, &piece));
    hold_feed(&hold, span_of(stream + 10, 10));
    (void)hold_read(&hold, 5);
    hold_free(&hold, 0);
    assert_int_equal(hold_settle(&hold, &source), ERR_OK);
    assert_true(hold_take(&hold, &source, &piece));
    unit_same(piece, span_of(stream, 10), "from the chain");
    hold_free_all(&hold);
    unit_same(piece, span_of(stream, 10), "still from the chain");
    assert_true(hold_take(&hold, &source, &piece));
    unit_same(piece, span_of(stream + 10, 5), "where it was fed from");
    assert_true(hold_take(&hold, &source, &piece));
    unit_same(piece, span_of(stream + 15, 5), "the rest");
    assert_false(hold_take(&hold, &source, &piece));
    assert_true(pool_is_full(&pool));
}

static void what_is_cut_is_forgotten(void **state)
{
    (void)state;
    struct hold hold = {.inside = 0};
    hold_feed(&hold, span_of(stream, 10));
    (void)hold_read(&hold, 4);
    hold_free(&hold, 0);
    hold_cut(&hold);
    assert_int_equal(take_all(&hold, 0), 4);
    assert_true(pool_is_full(&pool));
}

static void feed_again(void *arg)
{
    hold_feed(arg, span_of(stream, 1));
}

static void a_feed_before_all_was_taken_trips_a_check(void **state)
{
    (void)state;
    struct hold hold = {.inside = 0};
    hold_feed(&hold, span_of(stream, 10));
    (void)hold_read(&hold, 4);
    hold_free(&hold, 0);
    assert_int_equal(hold_settle(&hold, &source), ERR_OK);
    assert_non_null(strstr(unit_expect_check(feed_again, &hold), "hold.c:"));
    hold_clear(&hold, &source);
    assert_true(pool_is_full(&pool));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_gives_what_was_put),
        cmocka_unit_test(a_chain_takes_blocks_as_it_needs_them),
        cmocka_unit_test(bytes_go_in_order_and_only_when_freed),
        cmocka_unit_test(what_another_side_frees_goes_last),
        cmocka_unit_test(what_is_cut_is_forgotten),
        cmocka_unit_test(a_feed_before_all_was_taken_trips_a_check),
    };
    return cmocka_run_group_tests_name("tls_hold", tests, fill, NULL);
}
