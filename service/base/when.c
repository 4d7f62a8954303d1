/*
 * Days since 1970 to year, month and day in the proleptic Gregorian calendar. Years are counted
 * from March, so that the leap day is a year's last day and months have a regular pattern.
 */
#include "base/when.h"

enum { DAY_MS = 86400000, DAYS_TO_1970 = 719468, ERA_DAYS = 146097 };

static void when_print_date(uint64_t days_since_1970, struct out *out)
{
    uint64_t days = days_since_1970 + DAYS_TO_1970; /* since 0000-03-01 */
    uint64_t era = days / ERA_DAYS, day_of_era = days % ERA_DAYS;
    uint64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint64_t day = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint64_t month = (5 * day + 2) / 153; /* 0: March */
    uint64_t year = era * 400 + year_of_era + (month >= 10 ? 1 : 0);
    out_padded(out, year, 4);
    out_char(out, '-');
    out_padded(out, month < 10 ? month + 3 : month - 9, 2);
    out_char(out, '-');
    out_padded(out, day - (153 * month + 2) / 5 + 1, 2);
}

void when_print(uint64_t unix_ms, struct out *out)
{
    uint64_t ms = unix_ms % DAY_MS;
    when_print_date(unix_ms / DAY_MS, out);
    out_char(out, 'T');
    out_padded(out, ms / 3600000, 2);
    out_char(out, ':');
    out_padded(out, ms / 60000 % 60, 2);
    out_char(out, ':');
    out_padded(out, ms / 1000 % 60, 2);
    out_char(out, '.');
    out_padded(out, ms % 1000, 3);
    out_char(out, 'Z');
}
