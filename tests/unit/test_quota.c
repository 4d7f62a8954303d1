/*
 * Proves the quota: every sequence of steps by three clients does what plain counts do, whatever
 * the limits become meanwhile; it holds with as many clients as places, and over several threads.
 */
#include "base/atom.h"
#include "shared/quota.h"
#include "unit/unit.h"

enum { CLIENTS = 3 };

static const uint64_t seed[2] = {1, 2};

static struct addr addr_of(const char *text)
{
    struct addr addr;
    assert_int_equal(addr_parse(span_str(text), &addr), ERR_OK);
    return addr;
}

/* In memory of exactly its size, so that the address sanitizer sees one byte too many. */
static void open_quota(struct quota *quota, uint32_t capacity, uint32_t total, uint32_t per_client)
{
    struct quota_limits limits = {total, per_client};
    void *memory = malloc(quota_size(capacity));
    assert_non_null(memory);
    quota_open(quota, memory, capacity, &limits, seed);
}

static void close_quota(struct quota *quota)
{
    quota_shut(quota);
    free(quota->pool.memory.items);
}

struct model {
    uint32_t total, per_client; /* as they act */
    uint32_t held[CLIENTS], all;
};

struct world {
    struct quota quota;
    struct addr clients[CLIENTS];
    struct model model;
};

static void take(struct world *world, size_t client)
{
    struct model *model = &world->model;
    enum err want = model->all >= model->total                 ? ERR_TUNNELS_FULL
                    : model->held[client] >= model->per_client ? ERR_CLIENT_FULL
                                                               : ERR_OK;
    assert_int_equal(quota_take(&world->quota, &world->clients[client]), want);
    model->held[client] += want == ERR_OK;
    model->all += want == ERR_OK;
}

static void give(struct world *world, size_t client)
{
    if (world->model.held[client] > 0) {
        quota_give(&world->quota, &world->clients[client]);
        world->model.held[client]--;
        world->model.all--;
    }
}

/* What is asked for, and what acts where the capacity is 3. */
static const struct {
    struct quota_limits said, acting;
} limits[] = {
    {{3, 2}, {3, 2}},
    {{1, 0}, {1, 1}},
    {{1000, 0}, {3, 1}},
};

static void set_limits(struct world *world, size_t i)
{
    quota_set_limits(&world->quota, &limits[i].said);
    world->model.total = limits[i].acting.total;
    world->model.per_client = limits[i].acting.per_client;
}

/* Steps: each client takes, each gives, limits become this or that. */
static void every_short_life_of_a_quota(void **state)
{
    (void)state;
    struct unit_words words = {.letters = 2 * CLIENTS + unit_count(limits), .max = 5};
    struct addr clients[CLIENTS] = {addr_of("192.0.2.1"), addr_of("192.0.2.2"), addr_of("::1")};
    while (unit_words_next(&words)) {
        struct world world = {.model = {.total = 3, .per_client = 2}};
        memcpy(world.clients, clients, sizeof clients);
        open_quota(&world.quota, 3, 3, 2);
        for (size_t i = 0; i < words.len; i++) {
            size_t step = words.index[i];
            if (step < CLIENTS) {
                take(&world, step);
            } else if (step < 2 * CLIENTS) {
                give(&world, step - CLIENTS);
            } else {
                set_limits(&world, step - 2 * CLIENTS);
            }
        }
        assert_int_equal(world.quota.held, world.model.all);
        for (size_t i = 0; i < CLIENTS; i++) {
            while (world.model.held[i] > 0) {
                give(&world, i);
            }
        }
        close_quota(&world.quota);
    }
}

/* Half of the total where nothing is said, and never nothing. */
static void a_client_has_half_by_default(void **state)
{
    (void)state;
    static const struct {
        uint32_t total, per_client, want;
    } rows[] = {{1, 0, 1}, {2, 0, 1},  {3, 0, 1},    {4, 0, 2},    {64, 0, 32},
                {5, 1, 1}, {64, 9, 9}, {64, 64, 64}, {64, 65, 64}, {64, 100000, 64}};
    struct addr client = addr_of("2001:db8::1");
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct quota quota;
        uint32_t got = 0;
        open_quota(&quota, 64, rows[i].total, rows[i].per_client);
        while (quota_take(&quota, &client) == ERR_OK) {
            got++;
        }
        unit_holds(got == rows[i].want, "%u of %u: %u", (unsigned)rows[i].per_client,
                   (unsigned)rows[i].total, (unsigned)got);
        for (uint32_t k = 0; k < got; k++) {
            quota_give(&quota, &client);
        }
        close_quota(&quota);
    }
}

static void one_client_however_it_is_written(void **state)
{
    (void)state;
    struct addr plain = addr_of("192.0.2.1"), mapped = addr_of("::ffff:192.0.2.1");
    struct addr alike = addr_of("c000:201::"); /* the same bytes, another family */
    struct quota quota;
    open_quota(&quota, 8, 8, 2);
    assert_int_equal(quota_take(&quota, &plain), ERR_OK);
    assert_int_equal(quota_take(&quota, &mapped), ERR_OK);
    assert_int_equal(quota_take(&quota, &plain), ERR_CLIENT_FULL);
    assert_int_equal(quota_take(&quota, &alike), ERR_OK);
    quota_give(&quota, &mapped);
    quota_give(&quota, &mapped);
    quota_give(&quota, &alike);
    close_quota(&quota);
}

/* The largest gateway: each tunnel of another client, all places in use, in several rounds. */
static void as_many_clients_as_places(void **state)
{
    (void)state;
    enum { MOST = 10064 };
    struct quota quota;
    open_quota(&quota, MOST, MOST, 0);
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = 0; i <= MOST; i++) {
            struct addr client = {ADDR_IPV6, {0x20, 0x01, (uint8_t)(i >> 8), (uint8_t)i}};
            enum err want = i < MOST ? ERR_OK : ERR_TUNNELS_FULL;
            assert_int_equal(quota_take(&quota, &client), want);
        }
        assert_int_equal(quota.held, MOST);
        for (uint32_t i = 0; i < MOST; i++) {
            uint32_t k = round == 1 ? MOST - 1 - i : i;
            struct addr client = {ADDR_IPV6, {0x20, 0x01, (uint8_t)(k >> 8), (uint8_t)k}};
            quota_give(&quota, &client);
        }
    }
    close_quota(&quota);
}

/*
 * Threads that all want more than there is; the last two are one client. They count by themselves
 * how many hold at once: up behind each take, down before each give, so never more than there are.
 */
enum { THREADS = 4, ROUNDS = 5000, PLACES = 2, SHARE = 1 };

struct crowd {
    struct quota quota;
    struct atom_u64 holding[THREADS]; /* the first: all */
    struct atom_u64 wrong;
};

struct member {
    struct sys_thread thread;
    struct crowd *crowd;
    size_t client; /* from 1 */
};

static void hold(struct crowd *crowd, size_t client)
{
    uint64_t all = atom_add(&crowd->holding[0], 1), own = atom_add(&crowd->holding[client], 1);
    if (all >= PLACES || own >= SHARE) {
        (void)atom_add(&crowd->wrong, 1);
    }
    (void)atom_add(&crowd->holding[client], UINT64_MAX);
    (void)atom_add(&crowd->holding[0], UINT64_MAX);
}

static void crowd_in(void *context)
{
    struct member *member = context;
    struct addr client = {ADDR_IPV4, {10, 0, 0, (uint8_t)member->client}};
    for (int i = 0; i < ROUNDS; i++) {
        if (quota_take(&member->crowd->quota, &client) == ERR_OK) {
            hold(member->crowd, member->client);
            quota_give(&member->crowd->quota, &client);
        }
    }
}

static void threads_never_hold_more_than_there_is(void **state)
{
    (void)state;
    struct crowd crowd = {.wrong = {0}};
    struct member members[THREADS];
    open_quota(&crowd.quota, PLACES, PLACES, SHARE);
    for (size_t i = 0; i < THREADS; i++) {
        members[i] = (struct member){.crowd = &crowd, .client = i < THREADS - 1 ? i + 1 : i};
        assert_int_equal(sys_thread_start(&members[i].thread, crowd_in, &members[i]), ERR_OK);
    }
    for (size_t i = 0; i < THREADS; i++) {
        sys_thread_join(&members[i].thread);
    }
    assert_int_equal(atom_load(&crowd.wrong), 0);
    assert_int_equal(crowd.quota.held, 0);
    close_quota(&crowd.quota);
}

static struct quota caught; /* of the tests that end inside it, with its lock */

static void give_what_was_not_taken(void *arg)
{
    quota_give(&caught, arg);
}

static void take_for_nobody(void *arg)
{
    (void)arg;
    struct addr nobody = {ADDR_NONE, {0}};
    (void)!quota_take(&caught, &nobody);
}

static void close_too_early(void *arg)
{
    (void)arg;
    quota_shut(&caught);
}

static void misuse_is_caught(void **state)
{
    (void)state;
    struct addr first = addr_of("10.0.0.1"), second = addr_of("10.0.0.2");
    static const struct {
        const char *name;
        void (*body)(void *);
    } rows[] = {
        {"for nobody", take_for_nobody},
        {"too early", close_too_early},
        {"not taken", give_what_was_not_taken}, /* last: it keeps the lock */
    };
    open_quota(&caught, 4, 4, 4);
    assert_int_equal(quota_take(&caught, &first), ERR_OK);
    for (size_t i = 0; i < unit_count(rows); i++) {
        const char *sentence = unit_expect_check(rows[i].body, &second);
        unit_holds(strstr(sentence, "quota.c:"), "%s: %s", rows[i].name, sentence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_short_life_of_a_quota),
        cmocka_unit_test(a_client_has_half_by_default),
        cmocka_unit_test(one_client_however_it_is_written),
        cmocka_unit_test(as_many_clients_as_places),
        cmocka_unit_test(threads_never_hold_more_than_there_is),
        cmocka_unit_test(misuse_is_caught),
    };
    return cmocka_run_group_tests_name("quota", tests, NULL, NULL);
}
