/*
 * Proves the refusals: every sequence of steps on three keys and two rows does what a plain list
 * does (who makes room, what is lost, what is drained and in which order); every part of a key
 * counts; long texts are cut; over several threads nothing is counted twice or forgotten.
 */
#include "base/atom.h"
#include "shared/refusals.h"
#include "unit/unit.h"

enum { KEYS = 3, ROWS = 2 };

static const uint64_t seed[2] = {3, 4};

static const struct refusal_key plain = {
    .client = {ADDR_IPV4, {192, 0, 2, 1}},
    .host = SPAN("a.example"),
    .port = 443,
    .err = ERR_HOST_UNLISTED,
    .rule = SPAN("list of allowed hosts"),
};

/* In memory of exactly its size, so that the address sanitizer sees one byte too many. */
static void *open_refusals(struct refusals *refusals, uint32_t rows)
{
    void *memory = malloc(refusals_size(rows));
    assert_non_null(memory);
    refusals_open(refusals, memory, rows, seed);
    return memory;
}

static void close_refusals(struct refusals *refusals, void *memory)
{
    refusals_shut(refusals);
    free(memory);
}

/* What is in the table, the one not seen for the longest time first. */
struct model {
    struct {
        uint16_t port; /* the key */
        uint64_t count, first, last;
    } rows[ROWS];
    size_t len;
    uint64_t lost;
};

struct world {
    struct refusals refusals;
    struct model model;
    uint64_t now;
};

static void model_remove(struct model *model, size_t i)
{
    model->len--;
    memmove(&model->rows[i], &model->rows[i + 1], (model->len - i) * sizeof model->rows[0]);
}

static void note(struct world *world, uint16_t port)
{
    struct model *model = &world->model;
    struct refusal_key key = plain;
    size_t i = 0;
    key.port = port;
    world->now++;
    refusals_note(&world->refusals, &key, world->now);
    while (i < model->len && model->rows[i].port != port) {
        i++;
    }
    uint64_t first = world->now, count = 1;
    if (i < model->len) {
        first = model->rows[i].first;
        count += model->rows[i].count;
        model_remove(model, i);
    } else if (model->len == ROWS) {
        model->lost += model->rows[0].count;
        model_remove(model, 0);
    }
    model->rows[model->len].port = port;
    model->rows[model->len].count = count;
    model->rows[model->len].first = first;
    model->rows[model->len++].last = world->now;
}

static void drain(struct world *world, size_t most)
{
    struct model *model = &world->model;
    struct refusal batch[ROWS + 1];
    size_t got = refusals_drain(&world->refusals, batch, most);
    assert_int_equal(got, model->len < most ? model->len : most);
    for (size_t i = 0; i < got; i++) {
        assert_int_equal(batch[i].port, model->rows[0].port);
        assert_int_equal(batch[i].count, model->rows[0].count);
        assert_int_equal(batch[i].first_ms, model->rows[0].first);
        assert_int_equal(batch[i].last_ms, model->rows[0].last);
        unit_same(refusals_host(&batch[i]), plain.host, "host");
        unit_same(refusals_rule(&batch[i]), plain.rule, "rule");
        assert_true(batch[i].err == plain.err && addr_equal(&batch[i].client, &plain.client));
        model_remove(model, 0);
    }
}

/* Steps: note one of the keys; drain one row, or all. */
static void every_short_life_of_the_refusals(void **state)
{
    (void)state;
    struct unit_words words = {.letters = KEYS + 2, .max = 7};
    while (unit_words_next(&words)) {
        struct world world = {.now = 1000};
        void *memory = open_refusals(&world.refusals, ROWS);
        for (size_t i = 0; i < words.len; i++) {
            if (words.index[i] < KEYS) {
                note(&world, words.index[i]);
            } else {
                drain(&world, words.index[i] == KEYS ? 1 : ROWS + 1);
            }
        }
        assert_int_equal(refusals_lost(&world.refusals), world.model.lost);
        drain(&world, ROWS + 1);
        drain(&world, ROWS + 1);
        close_refusals(&world.refusals, memory);
    }
}

/* Nine keys, each but the first different from it in one thing alone: nine rows. */
static void every_part_of_a_key_counts(void **state)
{
    (void)state;
    struct refusal_key keys[9];
    struct refusal batch[unit_count(keys) + 1];
    struct refusals refusals;
    for (size_t i = 0; i < unit_count(keys); i++) {
        keys[i] = plain;
    }
    keys[1].client.bytes[3] = 2;
    keys[2].client.family = ADDR_IPV6;
    keys[3].host = span_str("b.example");
    keys[4].host = span_str("a.exampl");
    keys[5].port = 444;
    keys[6].err = ERR_PORT_UNLISTED;
    keys[7].rule = span_str("list of allowed hostS");
    keys[8].rule = span_str("");
    void *memory = open_refusals(&refusals, unit_count(keys));
    for (uint64_t round = 1; round <= 3; round++) {
        for (size_t i = 0; i < unit_count(keys); i++) {
            refusals_note(&refusals, &keys[i], 10 * round + i);
        }
    }
    assert_int_equal(refusals_drain(&refusals, batch, unit_count(batch)), unit_count(keys));
    for (size_t i = 0; i < unit_count(keys); i++) {
        unit_holds(batch[i].count == 3 && batch[i].first_ms == 10 + i && batch[i].last_ms == 30 + i,
                   "%zu", i);
        unit_same(refusals_host(&batch[i]), keys[i].host, "%zu", i);
        unit_same(refusals_rule(&batch[i]), keys[i].rule, "%zu", i);
        unit_holds(batch[i].err == keys[i].err && batch[i].port == keys[i].port, "%zu", i);
        unit_holds(addr_equal(&batch[i].client, &keys[i].client), "%zu", i);
    }
    assert_int_equal(refusals_lost(&refusals), 0);
    close_refusals(&refusals, memory);
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    static uint8_t text[1000];
    memset(text, 'x', sizeof text);
    static const size_t lens[] = {0, 1, 252, 253, 254, 299, 300, 301, 1000};
    for (size_t i = 0; i < unit_count(lens) * unit_count(lens); i++) {
        size_t host = lens[i % unit_count(lens)], rule = lens[i / unit_count(lens)];
        struct refusal_key key = plain;
        struct refusal got;
        struct refusals refusals;
        key.host = span_of(host > 0 ? text : NULL, host);
        key.rule = span_of(rule > 0 ? text : NULL, rule);
        void *memory = open_refusals(&refusals, 1);
        refusals_note(&refusals, &key, 1);
        refusals_note(&refusals, &key, 2);
        assert_int_equal(refusals_drain(&refusals, &got, 1), 1);
        assert_int_equal(got.count, 2);
        unit_same(refusals_host(&got), span_of(text, host < 253 ? host : 253), "%zu", host);
        unit_same(refusals_rule(&got), span_of(text, rule < 300 ? rule : 300), "%zu", rule);
        close_refusals(&refusals, memory);
    }
}

/* Three threads note, one drains: each refusal is drained once, or was in a row that made room. */
enum { THREADS = 3, ROUNDS = 4000, HOSTS = 50 };

struct office {
    struct refusals refusals;
    struct atom_u64 noting; /* threads that are not done */
};

static void note_many(void *context)
{
    struct office *office = context;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct refusal_key key = plain;
        key.port = (uint16_t)(i * 7 % HOSTS);
        refusals_note(&office->refusals, &key, i);
    }
    (void)atom_add(&office->noting, UINT64_MAX);
}

static void nothing_is_counted_twice_or_forgotten(void **state)
{
    (void)state;
    struct office office = {.noting = {0}};
    struct sys_thread threads[THREADS];
    struct refusal batch[4];
    uint64_t drained = 0;
    void *memory = open_refusals(&office.refusals, HOSTS / 2);
    atom_store(&office.noting, THREADS);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(sys_thread_start(&threads[i], note_many, &office), ERR_OK);
    }
    for (bool done = false; !done;) {
        done = atom_load(&office.noting) == 0;
        size_t got;
        while ((got = refusals_drain(&office.refusals, batch, unit_count(batch))) > 0) {
            for (size_t i = 0; i < got; i++) {
                drained += batch[i].count;
            }
        }
    }
    for (size_t i = 0; i < THREADS; i++) {
        sys_thread_join(&threads[i]);
    }
    assert_int_equal(drained + refusals_lost(&office.refusals), THREADS * ROUNDS);
    close_refusals(&office.refusals, memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_short_life_of_the_refusals),
        cmocka_unit_test(every_part_of_a_key_counts),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(nothing_is_counted_twice_or_forgotten),
    };
    return cmocka_run_group_tests_name("refusals", tests, NULL, NULL);
}
