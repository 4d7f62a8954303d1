/*
 * Proves moments: known ones, every day from 1970 to 2200 against a calendar that counts day by
 * day, every second of a day, and the last moment that 64 bits hold.
 */
#include "base/when.h"
#include "unit/unit.h"

static const uint64_t day_ms = 86400000;

static struct span print(uint64_t unix_ms, char place[64])
{
    struct out out;
    out_begin(&out, place, 64);
    when_print(unix_ms, &out);
    assert_int_equal(out_end(&out), ERR_OK);
    return out_span(&out);
}

static void known_moments(void **state)
{
    (void)state;
    static const struct {
        uint64_t unix_ms;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1, "1970-01-01T00:00:00.001Z"},
        {999, "1970-01-01T00:00:00.999Z"},
        {1000, "1970-01-01T00:00:01.000Z"},
        {UINT64_C(31535999999), "1970-12-31T23:59:59.999Z"},
        {UINT64_C(68255999999), "1972-02-29T23:59:59.999Z"},
        {UINT64_C(68256000000), "1972-03-01T00:00:00.000Z"},
        {UINT64_C(946684799999), "1999-12-31T23:59:59.999Z"},
        {UINT64_C(951827696789), "2000-02-29T12:34:56.789Z"}, /* a century with a leap day */
        {UINT64_C(951868800000), "2000-03-01T00:00:00.000Z"},
        {UINT64_C(1000000000000), "2001-09-09T01:46:40.000Z"},
        {UINT64_C(1735689599999), "2024-12-31T23:59:59.999Z"}, /* day 366 */
        {UINT64_C(1795255200123), "2026-11-21T10:00:00.123Z"},
        {UINT64_C(2147483648000), "2038-01-19T03:14:08.000Z"}, /* seconds leave 31 bits */
        {UINT64_C(4107542399999), "2100-02-28T23:59:59.999Z"}, /* a century without one */
        {UINT64_C(4107542400000), "2100-03-01T00:00:00.000Z"},
        {UINT64_C(4294967296000), "2106-02-07T06:28:16.000Z"}, /* and 32 */
        {UINT64_C(13574563200000), "2400-02-29T00:00:00.000Z"},
        {UINT64_C(253402300799999), "9999-12-31T23:59:59.999Z"},
        {UINT64_C(253402300800000), "10000-01-01T00:00:00.000Z"},
        {UINT64_MAX, "584556019-04-03T14:25:51.615Z"},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        char place[64];
        unit_same(print(rows[i].unix_ms, place), span_str(rows[i].text), "%s", rows[i].text);
    }
}

static bool is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static void every_day_from_1970_to_2200(void **state)
{
    (void)state;
    static const unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint64_t days = 0;
    for (unsigned year = 1970; year <= 2200; year++) {
        for (unsigned month = 1; month <= 12; month++) {
            unsigned length = lengths[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
            for (unsigned day = 1; day <= length; day++, days++) {
                char got[64], want[64];
                (void)snprintf(want, sizeof want, "%04u-%02u-%02uT00:00:00.000Z", year, month, day);
                unit_same(print(days * day_ms, got), span_str(want), "day %" PRIu64, days);
                (void)snprintf(want, sizeof want, "%04u-%02u-%02uT23:59:59.999Z", year, month, day);
                unit_same(print(days * day_ms + day_ms - 1, got), span_str(want), "day %" PRIu64,
                          days);
            }
        }
    }
    assert_int_equal(days, 84371); /* 231 years of 365 days, and 56 leap days */
}

static void every_second_of_a_day(void **state)
{
    (void)state;
    for (unsigned second = 0; second < 86400; second++) {
        char got[64], want[64];
        unsigned ms = second % 1000;
        (void)snprintf(want, sizeof want, "2000-02-29T%02u:%02u:%02u.%03uZ", second / 3600,
                       second / 60 % 60, second % 60, ms);
        unit_same(print(UINT64_C(951782400000) + second * UINT64_C(1000) + ms, got), span_str(want),
                  "second %u", second);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_moments),
        cmocka_unit_test(every_day_from_1970_to_2200),
        cmocka_unit_test(every_second_of_a_day),
    };
    return cmocka_run_group_tests_name("when", tests, NULL, NULL);
}
