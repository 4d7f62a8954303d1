/*
 * Proves the memory of sessions: every short sequence of putting and forgetting by time does what a
 * plain list does, with room for less than comes, and what was put last is found whole.
 */
#include "shared/sessions.h"
#include "unit/unit.h"

enum { NAMES = 3, ROOM = 2, STEPS = NAMES + 1, DAY_MS = SESSION_LIFE_MS };

static const uint64_t seed[2] = {5, 6};

struct model {
    struct {
        size_t name;
        uint64_t put_ms;
        size_t version;
    } at[ROOM]; /* the oldest first */
    size_t count;
};

static void fill_name(size_t number, uint8_t name[SESSION_NAME])
{
    memset(name, 0x40, SESSION_NAME);
    name[SESSION_NAME - 1] = (uint8_t)number;
}

/* Each version is somebody else; every third showed nothing. */
static void fill_who(size_t version, struct session_who *who)
{
    memset(who, 0, sizeof *who);
    who->shown = version % 3 != 0;
    who->asked = version % 2 == 0;
    who->subject.pairs_len = (uint16_t)(version * 100 % SESSION_PAIRS_MAX);
    who->subject.text_len = (uint16_t)(version % SESSION_TEXT_MAX);
    memset(who->subject.pairs, (int)version, sizeof who->subject.pairs);
    memset(who->subject.text, (int)version + 1, sizeof who->subject.text);
}

static void *open_sessions(struct sessions *sessions, uint32_t capacity)
{
    void *memory = malloc(sessions_size(capacity));
    assert_non_null(memory);
    sessions_open(sessions, memory, capacity, seed);
    return memory;
}

static void model_put(struct model *model, size_t name, uint64_t now_ms, size_t version)
{
    size_t gone = model->count == ROOM ? 0 : model->count;
    for (size_t i = 0; i < model->count; i++) {
        gone = model->at[i].name == name ? i : gone;
    }
    for (size_t i = gone; i + 1 < model->count; i++) {
        model->at[i] = model->at[i + 1];
    }
    model->count = gone == model->count ? gone + 1 : model->count;
    model->at[model->count - 1].name = name;
    model->at[model->count - 1].put_ms = now_ms;
    model->at[model->count - 1].version = version;
}

static void expect_who(const struct session_who *got, size_t version)
{
    struct session_who want;
    fill_who(version, &want);
    assert_true(got->shown == want.shown && got->asked == want.asked);
    if (want.shown) {
        assert_int_equal(got->subject.pairs_len, want.subject.pairs_len);
        assert_int_equal(got->subject.text_len, want.subject.text_len);
        assert_memory_equal(got->subject.pairs, want.subject.pairs, want.subject.pairs_len);
        assert_memory_equal(got->subject.text, want.subject.text, want.subject.text_len);
    }
}

static void expect_model(struct sessions *sessions, const struct model *model, uint64_t now_ms)
{
    for (size_t number = 0; number < NAMES; number++) {
        uint8_t name[SESSION_NAME];
        struct session_who who;
        size_t at = 0;
        while (at < model->count && model->at[at].name != number) {
            at++;
        }
        bool known = at < model->count && now_ms < model->at[at].put_ms + DAY_MS;
        fill_name(number, name);
        assert_int_equal(sessions_find(sessions, now_ms, name, &who), known);
        if (known) {
            expect_who(&who, model->at[at].version);
        }
    }
}

/* A step puts one of the names, or lets half a day go by. */
static void every_short_life(void **state)
{
    (void)state;
    struct unit_words words = {.letters = STEPS, .max = 6};
    while (unit_words_next(&words)) {
        struct sessions sessions;
        struct model model = {.count = 0};
        uint64_t now_ms = 1000;
        void *memory = open_sessions(&sessions, ROOM);
        for (size_t i = 0; i < words.len; i++) {
            if (words.index[i] < NAMES) {
                uint8_t name[SESSION_NAME];
                struct session_who who;
                fill_name(words.index[i], name);
                fill_who(i + 1, &who);
                sessions_put(&sessions, now_ms, name, &who);
                model_put(&model, words.index[i], now_ms, i + 1);
            } else {
                now_ms += DAY_MS / 2;
            }
            expect_model(&sessions, &model, now_ms);
        }
        sessions_shut(&sessions);
        free(memory);
    }
}

static void many_more_than_there_is_room_for(void **state)
{
    (void)state;
    enum { MANY = 1000, FEW = 37 };
    struct sessions sessions;
    struct session_who who;
    uint8_t name[SESSION_NAME];
    void *memory = open_sessions(&sessions, FEW);
    for (size_t i = 0; i < MANY; i++) {
        memset(name, (int)(i / 256), sizeof name);
        name[0] = (uint8_t)i;
        fill_who(i, &who);
        sessions_put(&sessions, i, name, &who);
    }
    for (size_t i = 0; i < MANY; i++) {
        memset(name, (int)(i / 256), sizeof name);
        name[0] = (uint8_t)i;
        assert_int_equal(sessions_find(&sessions, MANY, name, &who), i >= MANY - FEW);
        if (i >= MANY - FEW) {
            expect_who(&who, i);
        }
    }
    sessions_shut(&sessions);
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_short_life),
        cmocka_unit_test(many_more_than_there_is_room_for),
    };
    return cmocka_run_group_tests_name("sessions", tests, NULL, NULL);
}
