/*
 * Proves the inspector on recorded handshakes of openssl (tests/data/handshakes): each is judged as
 * its row says, and the same, byte for byte, at every split, one byte at a time, in records of one
 * byte, in records of many messages; and a refusal at any question lets nothing of what was asked
 * about go on.
 */
#include "unit/tls_world.h"

struct row {
    const char *name;
    enum tls_state state;
    const char *notes;
};

static const struct row rows[] = {
#define TALK(name, state, notes) {#name, TLS_##state, notes},
#include "unit/tls_talks.def"
#undef TALK
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

/* The talk as the row says it, and all of its bytes gone on where nothing is left to judge. */
static void expect(const struct row *row, const struct world_talk *talk, const char *how, size_t n)
{
    unit_holds(world.err == ERR_OK && world.state == row->state, "%s, %s %zu: %s", row->name, how,
               n, err_name(world.err));
    unit_same(span_str(world.notes), span_str(row->notes), "%s, %s %zu", row->name, how, n);
    for (unsigned side = 0; side < 2 && row->state == TLS_PASSED; side++) {
        struct world_stream all = world_side(talk, (enum tls_side)side);
        unit_holds(world.sent[side].len == all.len, "%s, %s %zu: side %u sent %zu of %zu",
                   row->name, how, n, side, world.sent[side].len, all.len);
        free(all.at);
    }
    world_end(&world);
}

static void each_is_judged_as_its_row_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct world_talk talk;
        world_load(rows[i].name, &talk);
        world_play(&world, &talk, &(struct world_cut){.most = 0});
        expect(&rows[i], &talk, "as recorded", 0);
        world_free(&talk);
    }
}

static void each_is_judged_the_same_at_every_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct world_talk talk;
        world_load(rows[i].name, &talk);
        for (size_t chunk = 0; chunk < talk.count; chunk++) {
            for (size_t split = 1; split < talk.chunks[chunk].bytes.len; split++) {
                world_play(&world, &talk, &(struct world_cut){.chunk = chunk, .split = split});
                expect(&rows[i], &talk, "split", chunk * 100000 + split);
            }
        }
        world_free(&talk);
    }
}

static void each_is_judged_the_same_in_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct world_talk talk;
        world_load(rows[i].name, &talk);
        for (size_t most = 1; most <= 64; most += most < 8 ? 1 : 7) {
            world_play(&world, &talk, &(struct world_cut){.most = most});
            expect(&rows[i], &talk, "pieces of", most);
        }
        world_free(&talk);
    }
}

static void each_is_judged_the_same_in_other_records(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 4, 5, 17, 100, 16384};
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct world_talk talk;
        world_load(rows[i].name, &talk);
        for (size_t k = 0; k < unit_count(sizes); k++) {
            for (unsigned empty = 0; empty < 2; empty++) {
                struct world_talk made;
                world_reframe(&talk, sizes[k], empty, &made);
                world_play(&world, &made, &(struct world_cut){.most = 0});
                expect(&rows[i], &made, empty ? "records, some empty," : "records of", sizes[k]);
                world_play(&world, &made, &(struct world_cut){.most = 1});
                expect(&rows[i], &made, empty ? "bytes, some empty," : "bytes in records of",
                       sizes[k]);
                world_free(&made);
            }
        }
        world_free(&talk);
    }
}

/* Which side a question is about, and which message or record of it must not have gone. */
static const struct {
    const char *point;
    enum tls_side side;
    uint8_t type, number; /* of the record, of the message in it */
} points[] = {
    {"hello", TLS_CLIENT, RECORD_HANDSHAKE, 1},  {"chosen", TLS_SERVER, RECORD_HANDSHAKE, 2},
    {"resumed", TLS_SERVER, RECORD_CHANGE, 1},   {"certificate", TLS_CLIENT, RECORD_HANDSHAKE, 11},
    {"proof", TLS_CLIENT, RECORD_HANDSHAKE, 15}, {"ticket", TLS_SERVER, RECORD_HANDSHAKE, 4},
};

/* Where the nth such record begins in the bytes; openssl begins a record for each message. */
static size_t find_record(struct world_stream stream, uint8_t type, uint8_t number, size_t nth)
{
    size_t at = 0;
    while (at + RECORD_HEADER < stream.len) {
        nth -= stream.at[at] == type && stream.at[at + RECORD_HEADER] == number;
        if (nth == 0) {
            return at;
        }
        at += RECORD_HEADER + ((size_t)stream.at[at + 3] << 8 | stream.at[at + 4]);
    }
    return stream.len;
}

/* How often the notes ask at this point; the last line is the question that was refused. */
static size_t count_notes(size_t *point)
{
    struct span rest = span_str(world.notes), line, last = {NULL, 0};
    size_t times = 0;
    bool done = false;
    while (span_cut(&rest, '\n', &done, &line)) {
        last = line.len > 0 ? line : last;
    }
    while (!span_starts_with(last, span_str(points[*point].point))) {
        ++*point;
        assert_true(*point < unit_count(points));
    }
    rest = span_str(world.notes);
    done = false;
    while (span_cut(&rest, '\n', &done, &line)) {
        times += span_starts_with(line, span_str(points[*point].point));
    }
    return times;
}

static void refuse_nth(const struct row *row, const struct world_talk *talk, unsigned nth)
{
    size_t point = 0;
    world.refuse = nth;
    world_play(&world, talk, &(struct world_cut){.most = 1});
    world.refuse = 0;
    unit_holds(world.err == ERR_SNI_OTHER && world.asked == nth, "%s %u", row->name, nth);
    size_t times = count_notes(&point);
    struct world_stream all = world_side(talk, points[point].side);
    size_t begin = find_record(all, points[point].type, points[point].number, times);
    size_t sent = world.sent[points[point].side].len;
    bool absent = begin == all.len; /* a certificate that does not come holds nothing back */
    unit_holds(absent || sent == begin, "%s, question %u: sent %zu, begins at %zu", row->name, nth,
               sent, begin);
    struct span piece;
    assert_false(tls_take(&world.tls, TLS_CLIENT, &piece) ||
                 tls_take(&world.tls, TLS_SERVER, &piece));
    free(all.at);
    world_end(&world);
}

static void a_refusal_holds_back_what_was_asked_about(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct world_talk talk;
        world_load(rows[i].name, &talk);
        world_play(&world, &talk, &(struct world_cut){.most = 0});
        unsigned asked = world.asked;
        world_end(&world);
        for (unsigned nth = 1; nth <= asked; nth++) {
            refuse_nth(&rows[i], &talk, nth);
        }
        world_free(&talk);
    }
}

/* How a talk ends when `taken` blocks are not there. */
static enum err play_without(const struct world_talk *talk, uint32_t taken)
{
    void *blocks[WORLD_BLOCKS];
    for (uint32_t i = 0; i < taken; i++) {
        blocks[i] = pool_take(&world.pool, NULL);
    }
    world_begin(&world);
    for (size_t i = 0; i < 2 * talk->count && world.err == ERR_OK; i++) {
        const struct world_chunk *chunk = &talk->chunks[i / 2];
        size_t half = chunk->bytes.len / 2;
        struct span piece,
            part = i % 2 == 0 ? span_first(chunk->bytes, half) : span_after(chunk->bytes, half);
        world.err = tls_feed(&world.tls, chunk->side, part, &world.state);
        while (tls_take(&world.tls, TLS_CLIENT, &piece) ||
               tls_take(&world.tls, TLS_SERVER, &piece)) {
        }
    }
    tls_end(&world.tls);
    for (uint32_t i = 0; i < taken; i++) {
        pool_give(&world.pool, blocks[i]);
    }
    return world.err;
}

/* With ever fewer blocks it is refused for want of one, and none is ever lost. */
static void want_of_blocks_is_a_refusal(void **state)
{
    (void)state;
    struct world_talk talk, made;
    uint32_t taken = 0;
    world_load("tls12_certificate_chain", &talk);
    world_reframe(&talk, 1, false, &made);
    while (taken < WORLD_BLOCKS && play_without(&made, taken) == ERR_OK) {
        assert_true(pool_is_full(&world.pool));
        taken++;
    }
    assert_int_equal(WORLD_BLOCKS - taken, 1); /* the hold and the transcript take one each */
    for (; taken <= WORLD_BLOCKS; taken++) {
        assert_int_equal(play_without(&made, taken), ERR_EXHAUSTED);
        assert_true(pool_is_full(&world.pool));
    }
    world_free(&made);
    world_free(&talk);
}

static void a_tunnel_takes_little(void **state)
{
    (void)state;
    unit_holds(sizeof(struct tls_inspect) <= 320, "%zu bytes", sizeof(struct tls_inspect));
    unit_holds(sizeof(struct chain_block) == 4096, "%zu bytes", sizeof(struct chain_block));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_judged_as_its_row_says),
        cmocka_unit_test(each_is_judged_the_same_at_every_split),
        cmocka_unit_test(each_is_judged_the_same_in_pieces),
        cmocka_unit_test(each_is_judged_the_same_in_other_records),
        cmocka_unit_test(a_refusal_holds_back_what_was_asked_about),
        cmocka_unit_test(want_of_blocks_is_a_refusal),
        cmocka_unit_test(a_tunnel_takes_little),
    };
    return cmocka_run_group_tests_name("tls_inspect", tests, open_world, close_world);
}
