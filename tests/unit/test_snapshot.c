/*
 * Proves snapshots: every row of many is found and nothing else, the first of equal rows is named,
 * nothing of the source is kept, wrong rows fail the whole and are named, whatever the seed is.
 */
#include "unit/policy_rules.h"

enum { MANY = 3000, TEXT_MAX = 64 };

static char texts[MANY][TEXT_MAX];
static struct policy_row rows[MANY];
static struct settings settings;

static enum err compile(size_t count, uint64_t seed, struct snapshot **snapshot, struct out *why)
{
    struct policy_source source = {
        .settings = &settings, .rows = rows, .row_count = count, .seed = {seed, ~seed}};
    settings_init(&settings);
    return policy_compile(&source, snapshot, why);
}

static void put_row(size_t i, enum policy_list list, const char *text)
{
    (void)snprintf(texts[i], sizeof texts[i], "%s", text);
    rows[i] = (struct policy_row){list, SNAPSHOT_LOCAL, i + 1, span_str(texts[i])};
}

static uint64_t find_host(const struct snapshot *snapshot, const char *text)
{
    struct pattern host;
    assert_int_equal(pattern_host(span_str(text), &host), ERR_OK);
    const struct snapshot_row *row = snapshot_find_host(snapshot, &host);
    return row ? row->id : 0;
}

static uint64_t find_subject(const struct snapshot *snapshot, const char *text)
{
    char place[SUBJECT_WHY_MAX];
    struct subject_row subject;
    struct out why;
    out_begin(&why, place, sizeof place);
    assert_int_equal(subject_parse(span_str(text), &subject, &why), ERR_OK);
    const struct snapshot_row *row =
        snapshot_find_subject(snapshot, span_of(subject.pairs, subject.pairs_len));
    return row ? row->id : 0;
}

/* A third each: names, wildcards, subjects. */
static void put_many(void)
{
    for (size_t i = 0; i < MANY; i++) {
        char text[TEXT_MAX];
        const char *form = i % 3 == 0   ? "h%zu.example.com"
                           : i % 3 == 1 ? "*.w%zu.example.com"
                                        : "CN=c%zu,O=Same";
        (void)snprintf(text, sizeof text, form, i);
        put_row(i, i % 3 == 2 ? POLICY_SUBJECTS : POLICY_HOSTS, text);
    }
}

static void every_row_is_found_and_nothing_else(void **state)
{
    (void)state;
    static const uint64_t seeds[] = {0, 1, UINT64_MAX, 0x123456789ABCDEF};
    for (size_t s = 0; s < unit_count(seeds); s++) {
        char place[POLICY_WHY_MAX], text[TEXT_MAX];
        struct snapshot *snapshot;
        struct out why;
        out_begin(&why, place, sizeof place);
        put_many();
        assert_int_equal(compile(MANY, seeds[s], &snapshot, &why), ERR_OK);
        memset(texts, 'x', sizeof texts); /* nothing of the source is kept */
        memset(rows, 0xFF, sizeof rows);
        for (size_t i = 0; i < MANY; i++) {
            (void)snprintf(text, sizeof text, "h%zu.example.com", i);
            unit_holds(find_host(snapshot, text) == (i % 3 == 0 ? i + 1 : 0), "%s", text);
            (void)snprintf(text, sizeof text, "a.b.w%zu.example.com", i);
            unit_holds(find_host(snapshot, text) == (i % 3 == 1 ? i + 1 : 0), "%s", text);
            (void)snprintf(text, sizeof text, "w%zu.example.com", i);
            unit_holds(find_host(snapshot, text) == 0, "%s", text);
            (void)snprintf(text, sizeof text, "O=same,CN=C%zu,CN=other", i);
            unit_holds(find_subject(snapshot, text) == (i % 3 == 2 ? i + 1 : 0), "%s", text);
        }
        policy_free(snapshot);
    }
}

static void the_first_of_equal_rows_is_named(void **state)
{
    (void)state;
    static const char *const hosts[] = {"b.example.com", "A.example.com", "a.example.com.",
                                        "*.example.com", "*.Example.com", "192.0.2.1",
                                        "192.0.2.1"};
    char place[POLICY_WHY_MAX];
    struct snapshot *snapshot;
    struct out why;
    size_t count = unit_count(hosts);
    out_begin(&why, place, sizeof place);
    for (size_t i = 0; i < count; i++) {
        put_row(i, POLICY_HOSTS, hosts[i]);
    }
    put_row(count++, POLICY_SUBJECTS, "CN=a,O=b");
    put_row(count++, POLICY_SUBJECTS, "a");
    put_row(count++, POLICY_SUBJECTS, "CN=a");
    assert_int_equal(compile(count, 7, &snapshot, &why), ERR_OK);
    assert_int_equal(find_host(snapshot, "a.example.com"), 2);
    assert_int_equal(find_host(snapshot, "c.example.com"), 4);
    assert_int_equal(find_host(snapshot, "192.0.2.1"), 6);
    assert_int_equal(find_subject(snapshot, "a"), 9);
    assert_int_equal(find_subject(snapshot, "CN=a,O=b"), 8);
    assert_int_equal(snapshot->subject_count, 3);
    policy_free(snapshot);
}

static void the_row_of_a_subject_is_there_or_gone(void **state)
{
    (void)state;
    static const uint64_t ids[] = {30, UINT64_MAX, 10, 20};
    char place[POLICY_WHY_MAX];
    struct snapshot *snapshot;
    struct out why;
    out_begin(&why, place, sizeof place);
    for (size_t i = 0; i < unit_count(ids); i++) {
        put_row(i, POLICY_SUBJECTS, "CN=a");
        rows[i].id = ids[i];
    }
    put_row(unit_count(ids), POLICY_HOSTS,
            "a.example.com"); /* the store numbers all lists at once */
    assert_int_equal(compile(unit_count(ids) + 1, 7, &snapshot, &why), ERR_OK);
    for (uint64_t id = 0; id < 40; id++) {
        bool listed = id == 10 || id == 20 || id == 30;
        unit_holds(snapshot_has_subject(snapshot, id) == listed, "%d", (int)id);
    }
    assert_true(snapshot_has_subject(snapshot, UINT64_MAX));
    policy_free(snapshot);
}

static void an_empty_snapshot_finds_nothing(void **state)
{
    (void)state;
    char place[POLICY_WHY_MAX];
    struct snapshot *snapshot;
    struct out why;
    out_begin(&why, place, sizeof place);
    assert_int_equal(compile(0, 0, &snapshot, &why), ERR_OK);
    assert_int_equal(find_host(snapshot, "a.example.com"), 0);
    assert_int_equal(find_subject(snapshot, "a"), 0);
    policy_free(snapshot);
    policy_free(NULL);
}

static void wrong_rows_fail_the_whole(void **state)
{
    (void)state;
    char place[POLICY_WHY_MAX];
    struct snapshot *snapshot = NULL;
    struct out why;
    put_row(0, POLICY_HOSTS, "a.example.com");
    put_row(1, POLICY_HOSTS, "*.com");
    put_row(2, POLICY_SUBJECTS, "CN=");
    out_begin(&why, place, sizeof place);
    assert_int_equal(compile(3, 1, &snapshot, &why), ERR_RULES);
    assert_null(snapshot);
    assert_int_equal(out_end(&why), ERR_OK);
    assert_non_null(strstr(place, "row 2: \"*.com\": "));
    assert_non_null(strstr(place, " - row 3: \"CN=\": "));
    /* What would allow something in their place is no remedy, nor what removes other rows. */
    assert_null(strstr(place, " add "));
    assert_non_null(strstr(place, "; right would be: omsgateway host remove \"*.com\" - "));
    assert_non_null(strstr(place, "; right would be: omsgateway certificate remove \"CN=\""));
    put_row(1, POLICY_HOSTS, "$(halt).com");
    rows[2].origin = SNAPSHOT_AUTOMATIC;
    out_begin(&why, place, sizeof place);
    assert_int_equal(compile(3, 1, &snapshot, &why), ERR_RULES);
    assert_null(strstr(place, "omsgateway"));
    assert_null(strstr(place, "besides"));
}

static void count_wrong(void *context, const struct policy_row *row, struct span why)
{
    uint64_t *ids = context;
    *ids += row->id;
    assert_true(why.len > 0);
}

/* The good rows are found under their own numbers, as if the others had not been there. */
static void wrong_rows_are_left_out_where_somebody_hears_of_them(void **state)
{
    (void)state;
    uint64_t ids = 0;
    char place[POLICY_WHY_MAX];
    struct snapshot *snapshot;
    struct out why;
    struct policy_source source = {.settings = &settings,
                                   .rows = rows,
                                   .row_count = 5,
                                   .leave_out = count_wrong,
                                   .context = &ids};
    put_row(0, POLICY_HOSTS, "*.com");
    put_row(1, POLICY_HOSTS, "a.example.com");
    put_row(2, POLICY_SUBJECTS, "CN=");
    put_row(3, POLICY_SUBJECTS, "CN=b");
    put_row(4, POLICY_HOSTS, "-");
    settings_init(&settings);
    out_begin(&why, place, sizeof place);
    assert_int_equal(policy_compile(&source, &snapshot, &why), ERR_OK);
    assert_int_equal(why.len, 0);
    assert_int_equal(ids, 1 + 3 + 5);
    assert_int_equal(snapshot->row_count, 2);
    assert_int_equal(snapshot->subject_count, 1);
    assert_int_equal(find_host(snapshot, "a.example.com"), 2);
    assert_int_equal(find_host(snapshot, "b.com"), 0);
    assert_int_equal(find_subject(snapshot, "CN=b"), 4);
    policy_free(snapshot);
}

/* The longest sentences there are still fit. */
static void the_sentence_about_many_wrong_rows_fits(void **state)
{
    (void)state;
    static char text[500];
    char place[POLICY_WHY_MAX];
    struct snapshot *snapshot = NULL;
    struct out why;
    memset(text, '\x01', sizeof text);
    memcpy(text, "Name=", 5);
    for (size_t i = 0; i < 9; i++) {
        rows[i] = (struct policy_row){POLICY_SUBJECTS, SNAPSHOT_DOWNLOAD, UINT64_MAX - i,
                                      span_of(text, sizeof text)};
    }
    out_begin(&why, place, sizeof place);
    assert_int_equal(compile(9, 1, &snapshot, &why), ERR_RULES);
    assert_int_equal(out_end(&why), ERR_OK);
    assert_non_null(strstr(place, "wrong rows besides: 6"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_found_and_nothing_else),
        cmocka_unit_test(the_first_of_equal_rows_is_named),
        cmocka_unit_test(the_row_of_a_subject_is_there_or_gone),
        cmocka_unit_test(an_empty_snapshot_finds_nothing),
        cmocka_unit_test(wrong_rows_fail_the_whole),
        cmocka_unit_test(wrong_rows_are_left_out_where_somebody_hears_of_them),
        cmocka_unit_test(the_sentence_about_many_wrong_rows_fits),
    };
    return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
