/*
 * Proves host patterns: what is accepted and its one form, what is refused and as which error,
 * lengths at their borders, every byte in a name, A-labels against those of RFC 3492, and that all
 * short words are either refused or stand for themselves. Sentences: test_policy_golden.c.
 */
#include "policy/pattern.h"

#include "unit/unit.h"

static enum err parse(struct span text, struct pattern *pattern)
{
    char place[PATTERN_WHY_MAX];
    struct out why;
    out_begin(&why, place, sizeof place);
    uint8_t *copy = unit_copy(text);
    enum err err = pattern_parse(span_of(copy, text.len), pattern, &why);
    free(copy);
    unit_holds((err == ERR_OK) == (why.len == 0), "%s: %s", unit_show(text), place);
    unit_holds(out_end(&why) == ERR_OK, "%s", unit_show(text));
    return err;
}

static enum err host(struct span text, struct pattern *pattern)
{
    uint8_t *copy = unit_copy(text);
    enum err err = pattern_host(span_of(copy, text.len), pattern);
    free(copy);
    return err;
}

static struct span printed(const struct pattern *pattern)
{
    static char place[PATTERN_NAME_MAX + 3];
    struct out out;
    out_begin(&out, place, sizeof place);
    pattern_print(pattern, &out);
    assert_int_equal(out_end(&out), ERR_OK);
    return out_span(&out);
}

static const struct {
    struct span given;
    enum pattern_kind kind;
    const char *form;
} accepted[] = {
    {SPAN("a.example.com"), PATTERN_NAME, "a.example.com"},
    {SPAN(" A.Example.COM. "), PATTERN_NAME, "a.example.com"},
    {SPAN("localhost"), PATTERN_NAME, "localhost"},
    {SPAN("0.example"), PATTERN_NAME, "0.example"},
    {SPAN("1.2.3.4a"), PATTERN_NAME, "1.2.3.4a"},
    {SPAN("a--b.r3---sn.example.com"), PATTERN_NAME, "a--b.r3---sn.example.com"},
    {SPAN("XN--Bcher-Kva.example"), PATTERN_NAME, "xn--bcher-kva.example"},
    {SPAN("B\xC3\xBC"
          "cher.example"),
     PATTERN_NAME, "xn--bcher-kva.example"},
    {SPAN("*.B\xC3\x9C"
          "CHER.example"),
     PATTERN_SUFFIX, "*.xn--bcher-kva.example"},
    {SPAN("*.example.com"), PATTERN_SUFFIX, "*.example.com"},
    {SPAN("*.Blob.Core.Windows.Net."), PATTERN_SUFFIX, "*.blob.core.windows.net"},
    {SPAN("*.my.github.io"), PATTERN_SUFFIX, "*.my.github.io"},
    {SPAN("*.example.co.uk"), PATTERN_SUFFIX, "*.example.co.uk"},
    {SPAN("*.co.com"), PATTERN_SUFFIX, "*.co.com"},
    {SPAN("192.0.2.1"), PATTERN_ADDRESS, "192.0.2.1"},
    {SPAN("2001:DB8:0::1"), PATTERN_ADDRESS, "2001:db8::1"},
    {SPAN("[2001:db8::1]"), PATTERN_ADDRESS, "2001:db8::1"},
    {SPAN("::FFFF:192.0.2.1"), PATTERN_ADDRESS, "::ffff:192.0.2.1"},
};

static void good_ones_have_one_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(accepted); i++) {
        struct pattern pattern, again;
        unit_holds(parse(accepted[i].given, &pattern) == ERR_OK, "%zu", i);
        unit_holds(pattern.kind == accepted[i].kind, "%zu", i);
        unit_same(printed(&pattern), span_str(accepted[i].form), "%zu", i);
        unit_holds(parse(span_str(accepted[i].form), &again) == ERR_OK, "%zu", i);
        unit_same(printed(&again), span_str(accepted[i].form), "%zu again", i);
    }
}

static const struct {
    struct span given;
    enum err err;
} refused[] = {
    {SPAN(""), ERR_HOST_EMPTY},
    {SPAN(" \t "), ERR_HOST_EMPTY},
    {SPAN("a.example.com b.example.com"), ERR_HOST_SEVERAL},
    {SPAN("a.example.com,b.example.com"), ERR_HOST_SEVERAL},
    {SPAN("a.example.com;b"), ERR_HOST_SEVERAL},
    {SPAN("a\nb"), ERR_HOST_SEVERAL},
    {SPAN("https://a.example.com"), ERR_HOST_URL},
    {SPAN("https://u:p@a.example.com:8443/x?y#z"), ERR_HOST_URL},
    {SPAN("a.example.com/"), ERR_HOST_URL},
    {SPAN("//a"), ERR_HOST_URL},
    {SPAN("/"), ERR_HOST_URL},
    {SPAN("user@a.example.com"), ERR_HOST_URL},
    {SPAN("\\\\server\\share"), ERR_HOST_URL},
    {SPAN("10.0.0.0/33"), ERR_HOST_URL},
    {SPAN("10.0.0.0/8"), ERR_HOST_NETWORK},
    {SPAN("10.0.0.1/8"), ERR_HOST_NETWORK},
    {SPAN("2001:db8::/32"), ERR_HOST_NETWORK},
    {SPAN("a.example.com:443"), ERR_HOST_PORT},
    {SPAN("a.example.com:"), ERR_HOST_PORT},
    {SPAN(":443"), ERR_HOST_PORT},
    {SPAN("[::1]:443"), ERR_HOST_PORT},
    {SPAN("192.0.2.1:443"), ERR_HOST_PORT},
    {SPAN("a*.example.com"), ERR_HOST_STAR},
    {SPAN("*a.example.com"), ERR_HOST_STAR},
    {SPAN("a.*.example.com"), ERR_HOST_STAR},
    {SPAN("*.*.example.com"), ERR_HOST_STAR},
    {SPAN("**"), ERR_HOST_STAR},
    {SPAN("a.example.*"), ERR_HOST_STAR},
    {SPAN("*"), ERR_HOST_WIDE},
    {SPAN("*.com"), ERR_HOST_WIDE},
    {SPAN("*.com."), ERR_HOST_WIDE},
    {SPAN("*.xn--p1ai"), ERR_HOST_WIDE},
    {SPAN("*.Co.Uk"), ERR_HOST_WIDE},
    {SPAN("*.GitHub.io"), ERR_HOST_WIDE},
    {SPAN("*."), ERR_HOST_DOT},
    {SPAN("."), ERR_HOST_DOT},
    {SPAN(".."), ERR_HOST_DOT},
    {SPAN(".example.com"), ERR_HOST_DOT},
    {SPAN("a..example.com"), ERR_HOST_DOT},
    {SPAN("a.example.com.."), ERR_HOST_DOT},
    {SPAN("-a.example.com"), ERR_HOST_HYPHEN},
    {SPAN("a-.example.com"), ERR_HOST_HYPHEN},
    {SPAN("_a.example.com"), ERR_HOST_LETTER},
    {SPAN("a%41.example.com"), ERR_HOST_LETTER},
    {SPAN("[a.example.com]"), ERR_HOST_LETTER},
    {SPAN("[192.0.2.1]"), ERR_HOST_LETTER},
    {SPAN("a\0.example.com"), ERR_HOST_LETTER},
    {SPAN("a\xCC\x81.example"), ERR_HOST_LETTER},    /* a combining mark */
    {SPAN("\xEF\xBD\x81.example"), ERR_HOST_LETTER}, /* a wide letter */
    {SPAN("a\xE3\x80\x82"
          "example"),
     ERR_HOST_LETTER}, /* an ideographic full stop */
    {SPAN("\xF0\x9F\x90\xA7.example"), ERR_HOST_LETTER},
    {SPAN("\xFF.example"), ERR_UTF},
    {SPAN("127.1"), ERR_HOST_NUMBER},
    {SPAN("2130706433"), ERR_HOST_NUMBER},
    {SPAN("0x7f000001"), ERR_HOST_NUMBER},
    {SPAN("0x"), ERR_HOST_NUMBER},
    {SPAN("010.0.0.1"), ERR_HOST_NUMBER},
    {SPAN("192.0.2.1."), ERR_HOST_NUMBER},
    {SPAN("a.example.0X1"), ERR_HOST_NUMBER},
    {SPAN("*.0.0.1"), ERR_HOST_NUMBER},
    {SPAN("*.192.0.2.1"), ERR_HOST_NUMBER},
    {SPAN("*.2001:db8::1"), ERR_HOST_NUMBER},
    {SPAN("2001:db8::g"), ERR_ADDRESS},
    {SPAN("a:b:c"), ERR_ADDRESS},
    {SPAN("fe80::1%eth0"), ERR_SCOPE},
};

static void bad_ones_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(refused); i++) {
        struct pattern pattern;
        enum err err = parse(refused[i].given, &pattern);
        unit_holds(err == refused[i].err, "%s: %s", unit_show(refused[i].given), err_name(err));
    }
}

/* `labels` of 63 letters with dots between them and `more` letters behind. */
static struct span long_name(size_t labels, size_t more, const char *start)
{
    static char place[512];
    struct out out;
    out_begin(&out, place, sizeof place);
    out_str(&out, start);
    for (size_t i = 0; i < labels * 64; i++) {
        out_char(&out, i % 64 == 63 ? '.' : 'a');
    }
    for (size_t i = 0; i < more; i++) {
        out_char(&out, 'b');
    }
    return out_span(&out);
}

static void lengths_end_where_they_should(void **state)
{
    (void)state;
    struct pattern pattern;
    assert_int_equal(parse(long_name(3, 61, ""), &pattern), ERR_OK);
    assert_int_equal(pattern.len, 253);
    assert_int_equal(parse(long_name(3, 62, ""), &pattern), ERR_HOST_LONG);
    assert_int_equal(parse(long_name(3, 59, "*."), &pattern), ERR_OK);
    assert_int_equal(parse(long_name(3, 60, "*."), &pattern), ERR_HOST_LONG);
    assert_int_equal(parse(long_name(0, 63, ""), &pattern), ERR_OK);
    assert_int_equal(parse(long_name(0, 64, ""), &pattern), ERR_HOST_LONG);
    assert_int_equal(host(long_name(3, 61, ""), &pattern), ERR_OK);
    assert_int_equal(host(long_name(3, 62, ""), &pattern), ERR_HOST_LONG);
    assert_int_equal(host(long_name(0, 64, ""), &pattern), ERR_HOST_LONG);
    assert_int_equal(host(long_name(7, 1, ""), &pattern), ERR_HOST_LONG);
    /* A label that is short enough until it is an A-label. */
    char grown[64 * 2 + 1] = "";
    for (size_t count = 1; count <= 63; count++) {
        memcpy(grown + 2 * (count - 1), "\xC3\xBC", 3);
        enum err err = parse(span_str(grown), &pattern);
        unit_holds(err == (count <= 57 ? ERR_OK : ERR_HOST_LONG), "%zu: %s", count, err_name(err));
    }
}

/* In the middle of a name, at its end and alone. */
static void every_byte_in_a_name(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        char text[] = "a?b.example";
        struct pattern pattern;
        text[1] = (char)byte;
        bool letter =
            byte &&
            strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", (int)byte);
        bool fine = letter || byte == '-' || byte == '.';
        unit_holds((host(span_of(text, 11), &pattern) == ERR_OK) == fine, "%u", byte);
        unit_holds((parse(span_of(text, 11), &pattern) == ERR_OK) == fine, "%u", byte);
        bool number = byte >= '0' && byte <= '9';
        unit_holds((host(span_of(text + 1, 1), &pattern) == ERR_OK) == (letter && !number), "%u",
                   byte);
    }
}

static void expect_wild(const char *start, const char *name, enum err want, bool lent)
{
    char text[PATTERN_NAME_MAX + 3];
    struct pattern pattern;
    (void)snprintf(text, sizeof text, "%s%s", start, name);
    enum err err = parse(span_str(text), &pattern);
    unit_holds(err == want, "%s: %s", text, err_name(err));
    unit_holds(err != ERR_OK || pattern_is_lent(&pattern) == lent, "%s", text);
}

/* The suffix, so many parts below it, and everything above; one part further down is somebody's. */
static void expect_suffix(const char *name, size_t parts, enum err want)
{
    static const char *const below[] = {"*.", "*.a.", "*.b.a.", "*.c.b.a."};
    for (size_t i = 0; i <= parts + 1; i++) {
        enum err err = i > parts ? ERR_OK : want;
        expect_wild(below[i], name, err, i <= parts && want == ERR_OK);
    }
    for (const char *dot = strchr(name, '.'); want != ERR_OK && dot; dot = strchr(dot + 1, '.')) {
        expect_wild("*.", dot + 1, ERR_HOST_WIDE, false);
    }
    expect_wild("", name, ERR_OK, false);
    expect_wild("a.", name, ERR_OK, false);
    expect_wild("*.a", name, ERR_OK, false); /* no label's boundary: another name */
}

static void every_shared_suffix_is_too_wide(void **state)
{
    (void)state;
#define COUNTRY(word)       expect_suffix(word "nz", 0, ERR_HOST_WIDE);
#define SHARED(text, parts) expect_suffix(text, parts, ERR_HOST_WIDE);
#define LENT(text, parts)   expect_suffix(text, parts, ERR_OK);
#include "policy/suffixes.def"
#undef COUNTRY
#undef SHARED
#undef LENT
}

/* What agents, their management and automation need, by the lists of their makers. */
static void wildcards_that_agents_need_are_accepted(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool lent;
    } rows[] = {
        {"*.ods.opinsights.azure.com", true},
        {"*.oms.opinsights.azure.com", true},
        {"*.opinsights.azure.com", true},
        {"*.opinsights.azure.us", true},
        {"*.service.opinsights.azure.com", false},
        {"*.blob.core.windows.net", true},
        {"*.blob.core.usgovcloudapi.net", true},
        {"*.blob.core.chinacloudapi.cn", true},
        {"*.azure-automation.net", true},
        {"*.agentsvc.azure-automation.net", true},
        {"*.we.azure-automation.net", true},
        {"*.servicebus.windows.net", true},
        {"*.servicebus.chinacloudapi.cn", true},
        {"*.ingest.monitor.azure.com", true},
        {"*.westeurope.ingest.monitor.azure.com", true},
        {"*.handler.control.monitor.azure.com", false},
        {"*.in.applicationinsights.azure.com", false},
        {"*.his.arc.azure.com", false},
        {"*.his.arc.azure.us", false},
        {"*.gw.arc.azure.com", false},
        {"*.guestconfiguration.azure.com", false},
        {"*.guestnotificationservice.azure.com", false},
        {"*.waconazure.com", false},
        {"*.mms.microsoft.com", false},
        {"*.microsoft.com", false},
        {"*.microsoftonline.com", false},
        {"*.live.com", false},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        expect_wild("", rows[i].name, ERR_OK, rows[i].lent);
    }
    expect_wild("", "*.azure.com", ERR_HOST_WIDE, false);
    expect_wild("", "*.westeurope.cloudapp.azure.com", ERR_HOST_WIDE, false);
    expect_wild("", "*.core.windows.net", ERR_HOST_WIDE, false);
    expect_wild("", "*.windows.net", ERR_HOST_WIDE, false);
}

/* RFC 3492, section 7.1, where its samples are letters only; then German and Greek. */
static const struct {
    const char *given, *label;
} labels[] = {
    {"\xD9\x84\xD9\x8A\xD9\x87\xD9\x85\xD8\xA7\xD8\xA8\xD8\xAA\xD9\x83\xD9\x84\xD9\x85\xD9\x88\xD8"
     "\xB4\xD8\xB9\xD8\xB1\xD8\xA8\xD9\x8A\xD8\x9F",
     NULL}, /* with its question mark */
    {"\xE4\xBB\x96\xE4\xBB\xAC\xE4\xB8\xBA\xE4\xBB\x80\xE4\xB9\x88\xE4\xB8\x8D\xE8\xAF\xB4\xE4\xB8"
     "\xAD\xE6\x96\x87",
     "xn--ihqwcrb4cv8a8dqg056pqjye"},
    {"\xD7\x9C\xD7\x9E\xD7\x94\xD7\x94\xD7\x9D\xD7\xA4\xD7\xA9\xD7\x95\xD7\x98\xD7\x9C\xD7\x90\xD7"
     "\x9E\xD7\x93\xD7\x91\xD7\xA8\xD7\x99\xD7\x9D\xD7\xA2\xD7\x91\xD7\xA8\xD7\x99\xD7\xAA",
     "xn--4dbcagdahymbxekheh6e0a7fei0b"},
    {"\xD0\x9F\xD0\xBE\xD1\x87\xD0\xB5\xD0\xBC\xD1\x83\xD0\xB6\xD0\xB5\xD0\xBE\xD0\xBD\xD0\xB8\xD0"
     "\xBD\xD0\xB5\xD0\xB3\xD0\xBE\xD0\xB2\xD0\xBE\xD1\x80\xD1\x8F\xD1\x82\xD0\xBF\xD0\xBE\xD1\x80"
     "\xD1\x83\xD1\x81\xD1\x81\xD0\xBA\xD0\xB8",
     "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l"},
    {"3\xE5\xB9\xB4"
     "B\xE7\xB5\x84\xE9\x87\x91\xE5\x85\xAB\xE5\x85\x88\xE7\x94\x9F",
     "xn--3b-ww4c5e180e575a65lsy2b"},
    {"\xE5\xAE\x89\xE5\xAE\xA4\xE5\xA5\x88\xE7\xBE\x8E\xE6\x81\xB5-with-SUPER-MONKEYS",
     "xn---with-super-monkeys-pc58ag80a8qai00g7n9n"},
    {"M\xC3\xBCnchen", "xn--mnchen-3ya"},
    {"stra\xC3\x9F"
     "e",
     "xn--strae-oqa"},
    {"\xCE\x91\xCE\x98\xCE\x97\xCE\x9D\xCE\x91", "xn--mxaard0a"},
    {"\xC5\xB8", "xn--wda"},
};

static void letters_become_a_labels(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(labels); i++) {
        struct pattern pattern;
        enum err err = parse(span_str(labels[i].given), &pattern);
        unit_holds(err == (labels[i].label ? ERR_OK : ERR_HOST_LETTER), "%zu: %s", i,
                   err_name(err));
        if (labels[i].label) {
            unit_same(printed(&pattern), span_str(labels[i].label), "%zu", i);
        }
    }
}

static void what_is_accepted_stands_for_itself(void **state)
{
    (void)state;
    struct unit_words words = {.letters = 9, .alphabet = "aZ0-.*:[]", .max = 6};
    while (unit_words_next(&words)) {
        struct pattern pattern, again, exact;
        char once[300];
        struct span text = unit_word(&words);
        bool named = host(text, &exact) == ERR_OK;
        if (parse(text, &pattern) != ERR_OK) {
            unit_holds(!named, "%s", unit_show(text));
            continue;
        }
        unit_holds(named == (pattern.kind != PATTERN_SUFFIX), "%s", unit_show(text));
        (void)snprintf(once, sizeof once, "%s", (const char *)printed(&pattern).at);
        unit_holds(parse(span_str(once), &again) == ERR_OK, "%s", once);
        unit_same(printed(&again), span_str(once), "%s", unit_show(text));
    }
}

/* A place that is too small gets a start of the sentence. */
static void a_small_place_is_not_overrun(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(refused); i++) {
        for (size_t size = 1; size < 300; size++) {
            char *place = malloc(size);
            struct pattern pattern;
            struct out why;
            assert_non_null(place);
            out_begin(&why, place, size);
            unit_holds(pattern_parse(refused[i].given, &pattern, &why) == refused[i].err, "%zu", i);
            unit_holds(strlen(place) < size, "%zu %zu", i, size);
            free(place);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_ones_have_one_form),
        cmocka_unit_test(bad_ones_are_named),
        cmocka_unit_test(lengths_end_where_they_should),
        cmocka_unit_test(every_byte_in_a_name),
        cmocka_unit_test(every_shared_suffix_is_too_wide),
        cmocka_unit_test(wildcards_that_agents_need_are_accepted),
        cmocka_unit_test(letters_become_a_labels),
        cmocka_unit_test(what_is_accepted_stands_for_itself),
        cmocka_unit_test(a_small_place_is_not_overrun),
    };
    return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
