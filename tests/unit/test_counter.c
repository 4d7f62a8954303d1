/*
 * Proves the counters: the product's names, names that every reader can use, which counter each
 * error goes to, and sums over loops of each kind.
 */
#include "perfcounters/counter.h"
#include "unit/unit.h"

static void the_products_four_are_there(void **state)
{
    (void)state;
    static const struct {
        enum counter which;
        const char *perfmon;
    } rows[] = {
        {COUNTER_client_connections, "Active Client Connection"},
        {COUNTER_connected_clients, "Connected Client"},
        {COUNTER_errors, "Error Count"},
        {COUNTER_rejections, "Rejection Count"},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        assert_string_equal(counter_perfmon(rows[i].which), rows[i].perfmon);
    }
}

/* A name on the metrics page, a sentence for its help. */
static void every_row_has_the_form(void **state)
{
    static const char *const helps[] = {
#define COUNTER(name, kind, help, perfmon) help,
#include "perfcounters/counters.def"
#undef COUNTER
    };
    (void)state;
    for (size_t i = 0; i < COUNTER_COUNT; i++) {
        const char *name = counter_name((enum counter)i), *help = helps[i];
        unit_holds(strspn(name, "abcdefghijklmnopqrstuvwxyz_") == strlen(name), "%s", name);
        unit_holds(help[0] >= 'A' && help[0] <= 'Z' && help[strlen(help) - 1] == '.', "%s", name);
        unit_holds(!strpbrk(help, "\"\\\n"), "%s", name);
        for (size_t k = 0; k < i; k++) {
            unit_holds(strcmp(name, counter_name((enum counter)k)) != 0, "%s", name);
        }
    }
}

static uint64_t value(const struct counters *counters, enum counter which)
{
    return atom_load(&counters->at[which]);
}

static uint64_t count_all(const struct counters *counters)
{
    uint64_t all = 0;
    for (size_t i = 0; i < COUNTER_COUNT; i++) {
        all += value(counters, (enum counter)i);
    }
    return all;
}

static void each_error_has_its_group(void **state)
{
    (void)state;
    static const struct {
        enum err err;
        enum counter group;
    } rows[] = {
        {ERR_CLIENT_UNLISTED, COUNTER_refused_client},
        {ERR_HOST_UNLISTED, COUNTER_refused_host},
        {ERR_LITERAL_UNLISTED, COUNTER_refused_host},
        {ERR_PORT_UNLISTED, COUNTER_refused_port},
        {ERR_ADDRESS_SPECIAL, COUNTER_refused_address},
        {ERR_ADDRESS_PLATFORM, COUNTER_refused_address},
        {ERR_ADDRESS_OWN, COUNTER_refused_address},
        {ERR_CERTIFICATE_UNLISTED, COUNTER_refused_certificate},
        {ERR_SNI_OTHER, COUNTER_refused_tls},
        {ERR_TLS_OLD, COUNTER_refused_tls},
        {ERR_EXHAUSTED, COUNTER_refused_limit},
        {ERR_TIMED_OUT, COUNTER_failed_network},
        {ERR_NAME_UNKNOWN, COUNTER_failed_network},
        {ERR_SYSTEM, COUNTER_errors},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct counters counters = {0};
        counter_refusal(&counters, rows[i].err);
        unit_holds(value(&counters, rows[i].group) == 1, "%s", err_name(rows[i].err));
    }
}

/* Whatever the table of errors says of one: its event decides what it is counted as. */
static void every_error_is_counted_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < ERR_COUNT; i++) {
        enum err err = (enum err)i;
        uint16_t event = err_event(err);
        struct counters counters = {0};
        counter_refusal(&counters, err);
        bool tls = event == 106 || event == 402 || err == ERR_CERTIFICATE_UNLISTED;
        bool error = event == 400 || event == 401 || event == 403;
        bool group = event != 0 && event != 400 && event != 401;
        unit_holds(value(&counters, COUNTER_rejections) == tls, "%s", err_name(err));
        unit_holds(value(&counters, COUNTER_errors) == error, "%s", err_name(err));
        unit_holds(count_all(&counters) == (uint64_t)group + tls + error, "%s", err_name(err));
    }
}

static void sums_are_of_their_kind(void **state)
{
    (void)state;
    struct counters a = {0}, b = {0};
    const struct counters *const loops[] = {&a, &b};
    struct counter_sums sums;
    counter_add(&a, COUNTER_accepted, 40);
    counter_add(&b, COUNTER_accepted, 2);
    counter_set(&a, COUNTER_pool_bulk_peak, 7);
    counter_set(&b, COUNTER_pool_bulk_peak, 9);
    counter_add(&a, COUNTER_client_connections, 5);
    counter_sub(&b, COUNTER_client_connections, 3); /* accepted by a, ended on b */
    counter_sub(&b, COUNTER_tunnels_open, 1);       /* seen before its addition */
    counter_set(&a, COUNTER_bytes_to_client, UINT64_MAX);
    counter_sum(loops, 2, &sums);
    assert_int_equal(sums.at[COUNTER_accepted], 42);
    assert_int_equal(sums.at[COUNTER_pool_bulk_peak], 9);
    assert_int_equal(sums.at[COUNTER_client_connections], 2);
    assert_int_equal(sums.at[COUNTER_tunnels_open], 0);
    assert_true(sums.at[COUNTER_bytes_to_client] == UINT64_MAX);
    counter_sum(loops, 0, &sums);
    assert_int_equal(sums.at[COUNTER_accepted], 0);
}

static void a_pool_has_three_rows(void **state)
{
    (void)state;
    static const enum counter rows[] = {COUNTER_pool_tunnels_taken, COUNTER_pool_handshakes_taken,
                                        COUNTER_pool_bulk_taken};
    const struct pool pool = {.taken = 3, .most_taken = 8, .refused = 2};
    struct counters counters = {0};
    for (size_t i = 0; i < unit_count(rows); i++) {
        counter_pool(&counters, rows[i], &pool);
    }
    assert_int_equal(value(&counters, COUNTER_pool_bulk_taken), 3);
    assert_int_equal(value(&counters, COUNTER_pool_bulk_peak), 8);
    assert_int_equal(value(&counters, COUNTER_pool_bulk_refused), 2);
    assert_int_equal(count_all(&counters), unit_count(rows) * 13);
}

static void pool_of_no_pool(void *arg)
{
    const struct pool pool = {.taken = 0};
    counter_pool(arg, COUNTER_accepted, &pool);
}

static void name_of_none(void *arg)
{
    *(const char **)arg = counter_name(COUNTER_COUNT);
}

static void wrong_rows_trip_a_check(void **state)
{
    (void)state;
    struct counters counters = {0};
    const char *name;
    (void)unit_expect_check(pool_of_no_pool, &counters);
    (void)unit_expect_check(name_of_none, &name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_products_four_are_there),
        cmocka_unit_test(every_row_has_the_form),
        cmocka_unit_test(each_error_has_its_group),
        cmocka_unit_test(every_error_is_counted_once),
        cmocka_unit_test(sums_are_of_their_kind),
        cmocka_unit_test(a_pool_has_three_rows),
        cmocka_unit_test(wrong_rows_trip_a_check),
    };
    return cmocka_run_group_tests_name("counter", tests, NULL, NULL);
}
