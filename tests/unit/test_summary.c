/*
 * Proves summaries, records that speak for others: their lines, that the longest fits, which wrong
 * uses trip a CHECK; and finding an argument by its name, from which they are made.
 */
#include "eventlog/event.h"
#include "unit/unit.h"

static const uint64_t moment = UINT64_C(1795255200123);

#define TEXT_ARG(name)   "T"
#define NUMBER_ARG(name) "N"
static const char *const kinds[EVENT_COUNT] = {
#define EVENT(id, name, severity, level, per_minute, args, english) [EVENT_##name] = "" args,
#include "eventlog/events.def"
#undef EVENT
};

static char place[EVENT_LINE_MAX];

static struct span line(const struct event_record *record, bool json)
{
    struct out out;
    out_begin(&out, place, sizeof place - 1);
    if (json) {
        event_print_json(record, &out);
    } else {
        event_print_text(record, &out);
    }
    unit_holds(out_end(&out) == ERR_OK, "%s", event_name(record->event));
    return out_span(&out);
}

static void unreachable(struct event_record *record)
{
    memset(record, 0xEE, sizeof *record);
    event_begin(record, EVENT_NetworkError, moment);
    event_text(record, span_str("10.0.0.1"));
    event_text(record, span_str("a.example"));
    event_number(record, 443);
    event_text(record, span_str("why"));
}

static void of_one_key(void **state)
{
    (void)state;
    struct event_record record;
    unreachable(&record);
    event_suppress(&record, 41);
    struct span text = line(&record, false);
    assert_true(span_ends_with(
        text, span_str("shows the addresses. 41 more like this one were not written.")));
    assert_non_null(strstr(place, " ERROR 403 NetworkError - Host a.example could not be"));
    struct span json = line(&record, true);
    assert_true(span_ends_with(json, span_str("\"client\":\"10.0.0.1\",\"host\":\"a.example\","
                                              "\"port\":443,\"reason\":\"why\","
                                              "\"suppressed\":41}")));
}

static void of_all_others(void **state)
{
    (void)state;
    struct event_record record;
    memset(&record, 0xEE, sizeof record);
    event_begin_others(&record, EVENT_TargetForbidden, 5);
    record.unix_ms = moment;
    unit_same(
        line(&record, false),
        span_str("2026-11-21T10:00:00.123Z ERROR 105 TargetForbidden - 5 more of this id were "
                 "not written."),
        "others");
    unit_same(line(&record, true),
              span_str("{\"time\":\"2026-11-21T10:00:00.123Z\",\"severity\":\"ERROR\",\"id\":105,"
                       "\"name\":\"TargetForbidden\",\"text\":\"5 more of this id were not "
                       "written.\",\"suppressed\":5}"),
              "others");
}

static void begin_longest(struct event_record *record, enum event event)
{
    static uint8_t nuls[EVENT_TEXT_MAX];
    event_begin(record, event, moment);
    for (const char *kind = kinds[event]; *kind; kind++) {
        if (*kind == 'T') {
            event_text(record, span_of(nuls, sizeof nuls));
        } else {
            event_number(record, UINT64_MAX);
        }
    }
}

static void the_longest_fits(void **state)
{
    (void)state;
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        struct event_record record;
        begin_longest(&record, (enum event)i);
        event_suppress(&record, UINT64_MAX);
        (void)line(&record, false);
        (void)line(&record, true);
        event_begin_others(&record, (enum event)i, UINT64_MAX);
        (void)line(&record, false);
        (void)line(&record, true);
    }
}

static void arguments_have_names(void **state)
{
    (void)state;
    struct event_record record;
    unreachable(&record);
    assert_true(span_is(event_find_text(&record, "client"), "10.0.0.1"));
    assert_true(span_is(event_find_text(&record, "reason"), "why"));
    assert_int_equal(event_find_number(&record, "port"), 443);
    assert_null(event_find_text(&record, "port").at); /* a number */
    assert_null(event_find_text(&record, "rule").at); /* of another event */
    assert_int_equal(event_find_number(&record, "host"), 0);
    event_begin(&record, EVENT_NetworkError, moment);
    assert_null(event_find_text(&record, "client").at); /* not given yet */
    event_text(&record, span_str(""));
    assert_non_null(event_find_text(&record, "client").at);
    assert_int_equal(event_find_text(&record, "client").len, 0);
}

static void of_nothing(void *arg)
{
    unreachable(arg);
    event_suppress(arg, 0);
}

static void of_no_others(void *arg)
{
    event_begin_others(arg, EVENT_NetworkError, 0);
}

static void too_early(void *arg)
{
    event_begin(arg, EVENT_NetworkError, moment);
    event_suppress(arg, 1);
}

static void with_an_argument(void *arg)
{
    event_begin_others(arg, EVENT_NetworkError, 1);
    event_text(arg, span_str("x"));
}

static void wrong_uses_trip_a_check(void **state)
{
    (void)state;
    static void (*const bodies[])(void *) = {of_nothing, of_no_others, too_early, with_an_argument};
    for (size_t i = 0; i < unit_count(bodies); i++) {
        struct event_record record;
        memset(&record, 0, sizeof record);
        unit_holds(strstr(unit_expect_check(bodies[i], &record), "event.c:"), "%zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_one_key),
        cmocka_unit_test(of_all_others),
        cmocka_unit_test(the_longest_fits),
        cmocka_unit_test(arguments_have_names),
        cmocka_unit_test(wrong_uses_trip_a_check),
    };
    return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
