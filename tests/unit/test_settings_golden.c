/*
 * Proves the sentences about bad settings. All of them stand in tests/data/golden/settings.txt, to
 * be read by a person; `test_settings_golden --write` writes that file anew. Whatever the value is,
 * a sentence names the setting, shows a harmless and short form of it, and ends in a command that
 * does work.
 */
#include "base/utf.h"
#include "settings/settings.h"
#include "unit/unit.h"

/* SETTINGS_GOLDEN: the path of the file, from the build. */

static char why_place[SETTINGS_WHY_MAX];

/* Empty where the value is accepted. */
static struct span sentence_of(enum setting setting, struct span value)
{
    static struct settings settings;
    struct out why;
    out_begin(&why, why_place, sizeof why_place);
    uint8_t *copy = unit_copy(value);
    enum err err = settings_parse(setting, span_of(copy, value.len), &settings, &why);
    free(copy);
    unit_holds((err == ERR_OK) == (why.len == 0), "%s", unit_show(value));
    assert_int_equal(out_end(&why), ERR_OK);
    return out_span(&why);
}

static struct span bad_value(enum setting setting, struct span value)
{
    struct span sentence = sentence_of(setting, value);
    unit_holds(sentence.len > 0, "%s %s", settings_row(setting)->name, unit_show(value));
    return sentence;
}

static struct span bad_name(struct span name)
{
    struct out why;
    enum setting setting;
    out_begin(&why, why_place, sizeof why_place);
    unit_holds(settings_find(name, &setting, &why) == ERR_SETTING, "%s", unit_show(name));
    assert_int_equal(out_end(&why), ERR_OK);
    return out_span(&why);
}

static const struct span port_values[] = {SPAN("0"),     SPAN("65536"), SPAN("-1"),
                                          SPAN("08080"), SPAN("http"),  SPAN("8080s")};
static const struct span number_values[] = {SPAN("many"), SPAN("99999999999"), SPAN("1.5")};
static const struct span time_values[] = {SPAN("10x"),    SPAN("ten"),   SPAN("10 s"),
                                          SPAN("1001ms"), SPAN("010"),   SPAN("999h"),
                                          SPAN("-5"),     SPAN("1h30m"), SPAN("99999999999")};
static const struct span choice_values[] = {SPAN("nonsense"), SPAN("INFO,DEBUG")};
static const struct span networks_values[] = {
    SPAN("10.0.0.1/8"),           SPAN("10.0.0.0/33"), SPAN("192.168.0.0/16, 10.1.2.3/16"),
    SPAN("10.0.0.0/8,,10.0.0.1"), SPAN("10.1"),        SPAN("*,10.0.0.0/8"),
    SPAN("agents.example.com"),   SPAN("fe80::1%eth0")};
static const struct span ports_values[] = {SPAN("443,https"), SPAN("443,"), SPAN("0"),
                                           SPAN("443-8443"),
                                           SPAN("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17")};
static const struct span address_values[] = {SPAN("localhost"), SPAN("192.0.2.1:80"),
                                             SPAN("fe80::1%eth0"), SPAN("127.1")};
static const struct span endpoint_values[] = {SPAN("9100"), SPAN("localhost:9100"),
                                              SPAN("127.0.0.1:0"), SPAN("::1:9100"),
                                              SPAN("[fe80::1%eth0]:9100")};
static const struct span path_values[] = {SPAN("access.log"), SPAN("C:access.log"),
                                          SPAN("/var/log/"), SPAN("on")};

static const struct {
    const struct span *values;
    size_t count;
} by_type[SETTINGS_TYPE_COUNT] = {
    [SETTINGS_PORT] = {port_values, unit_count(port_values)},
    [SETTINGS_NUMBER] = {number_values, unit_count(number_values)},
    [SETTINGS_TIME] = {time_values, unit_count(time_values)},
    [SETTINGS_CHOICE] = {choice_values, unit_count(choice_values)},
    [SETTINGS_NETWORKS] = {networks_values, unit_count(networks_values)},
    [SETTINGS_PORTS] = {ports_values, unit_count(ports_values)},
    [SETTINGS_ADDRESS] = {address_values, unit_count(address_values)},
    [SETTINGS_ENDPOINT] = {endpoint_values, unit_count(endpoint_values)},
    [SETTINGS_PATH] = {path_values, unit_count(path_values)},
};

static const struct span any_values[] = {
    SPAN(""),
    SPAN("a\nb"),
    SPAN("a\0b"),
    SPAN("\xE2\x80\xAE"
         "0808"),
    SPAN("\x1b[31m\"\\"),
    SPAN("\xFF\xFE"),
    SPAN("\" is fine; for example: format C:"),
    SPAN("x123456789x123456789x123456789x123456789x123456789x123456789x123456789x123456789"),
};

static const struct span names[] = {
    SPAN(""),        SPAN("ListnPort"),   SPAN("Listen-Port"), SPAN("idletimeouts"),
    SPAN("Tls1.3"),  SPAN("AlowedPorts"), SPAN("Port"),        SPAN("Relay"),
    SPAN("a\nb\"c"), SPAN("\xFF")};

static const struct {
    enum setting first, second;
    const char *first_value, *second_value;
} pairs[] = {
    {SETTING_MaxTunnelsPerClient, SETTING_MaxTunnels, "20000", "10000"},
    {SETTING_StatusAddress, SETTING_ListenPort, "127.0.0.1:8080", "8080"},
    {SETTING_MinimumTls, SETTING_Tls13, "1.3", "refuse"},
};

static void put_line(struct out *out, const char *before, struct span text)
{
    out_str(out, before);
    out_put(out, text);
    out_str(out, "\n");
}

/* What the administrator reads about every setting, and about what is not accepted for it. */
static void put_setting(struct out *out, enum setting setting, bool first_of_type)
{
    const struct settings_row *row = settings_row(setting);
    out_str(out, "\n");
    put_line(out, "== ", span_str(row->name));
    put_line(out, "   ", span_str(row->description));
    put_line(out, "   accepted: ", span_str(row->accepted));
    for (size_t i = 0; i < by_type[row->type].count && (first_of_type || i < 1); i++) {
        put_line(out, "", bad_value(setting, by_type[row->type].values[i]));
    }
    for (size_t i = 0; setting == 0 && i < unit_count(any_values); i++) {
        put_line(out, "", bad_value(setting, any_values[i]));
    }
}

static void put_pair(struct out *out, size_t pair)
{
    struct settings settings;
    struct out why;
    settings_init(&settings);
    out_begin(&why, why_place, sizeof why_place);
    assert_int_equal(
        settings_parse(pairs[pair].first, span_str(pairs[pair].first_value), &settings, &why),
        ERR_OK);
    assert_int_equal(
        settings_parse(pairs[pair].second, span_str(pairs[pair].second_value), &settings, &why),
        ERR_OK);
    enum setting first;
    assert_int_equal(settings_check(&settings, &first, &why), ERR_CONFLICT);
    assert_int_equal(out_end(&why), ERR_OK);
    put_line(out, "", out_span(&why));
}

static struct span everything(void)
{
    static char place[128 * 1024];
    struct out out;
    bool seen[SETTINGS_TYPE_COUNT] = {false};
    out_begin(&out, place, sizeof place);
    out_str(&out, "Every sentence about a bad setting, one a line. Written by: "
                  "test_settings_golden --write\n");
    for (enum setting i = 0; i < SETTING_COUNT; i++) {
        enum settings_type type = settings_row(i)->type;
        put_setting(&out, i, !seen[type]);
        seen[type] = true;
    }
    out_str(&out, "\n== names that are none\n");
    for (size_t i = 0; i < unit_count(names); i++) {
        put_line(&out, "", bad_name(names[i]));
    }
    out_str(&out, "\n== settings that contradict each other\n");
    for (size_t i = 0; i < unit_count(pairs); i++) {
        put_pair(&out, i);
    }
    assert_int_equal(out_end(&out), ERR_OK);
    return out_span(&out);
}

static struct span cut_line(struct span *rest, bool *done)
{
    struct span line = {NULL, 0};
    return span_cut(rest, '\n', done, &line) ? line : line;
}

static void the_sentences_are_those_of_the_file(void **state)
{
    (void)state;
    static char file[128 * 1024];
    FILE *golden = fopen(SETTINGS_GOLDEN, "rb");
    unit_holds(golden, "%s cannot be read", SETTINGS_GOLDEN);
    struct span want = span_of(file, fread(file, 1, sizeof file, golden)), got = everything();
    (void)fclose(golden);
    bool got_done = false, want_done = false;
    for (size_t line = 1; !got_done || !want_done; line++) {
        unit_same(cut_line(&got, &got_done), cut_line(&want, &want_done), "line %zu", line);
    }
}

/* The value as it stands in a sentence, quotes included: `"...\"..."` or `"..."...`. */
static struct span cut_quoted(struct span *rest)
{
    size_t i = 1;
    unit_holds(rest->len > 1 && rest->at[0] == '"', "%s", why_place);
    while (i < rest->len && rest->at[i] != '"') {
        i += rest->at[i] == '\\' ? 2 : 1;
    }
    unit_holds(i < rest->len, "%s", why_place);
    struct span quoted = span_first(*rest, i + 1);
    *rest = span_after(*rest, i + 1);
    return quoted;
}

static void expect_start(struct span *rest, const char *start)
{
    unit_holds(span_starts_with(*rest, span_str(start)), "%s: %s", start, why_place);
    *rest = span_after(*rest, strlen(start));
}

/* One line, valid UTF-8 that a terminal shows as it is. */
static void judge_plain(struct span sentence)
{
    char place[2 * SETTINGS_WHY_MAX];
    struct out escaped;
    out_begin(&escaped, place, sizeof place);
    while (sentence.len > 0) {
        uint32_t character;
        struct span before = sentence;
        unit_holds(utf_next(&sentence, &character) == ERR_OK, "%s", unit_show(before));
        struct span one = span_first(before, before.len - sentence.len);
        out_begin(&escaped, place, sizeof place);
        out_escaped(&escaped, one);
        unit_holds(span_equal(out_span(&escaped), one) || character == '\\', "%s",
                   unit_show(before));
    }
}

/* NAME cannot be|have "VALUE": SENTENCE; accepted: WORDS; for example: COMMAND NAME VALUE */
static void judge_sentence(enum setting setting, struct span sentence, enum err *err)
{
    const struct settings_row *row = settings_row(setting);
    static struct settings settings;
    struct out why;
    struct span rest = sentence;
    char want[SETTINGS_WHY_MAX], example[SETTINGS_WHY_MAX];
    judge_plain(sentence);
    expect_start(&rest, row->name);
    bool entry = span_starts_with(rest, span_str(" cannot have "));
    expect_start(&rest, entry ? " cannot have " : " cannot be ");
    struct span quoted = cut_quoted(&rest);
    bool cut = span_ends_with(quoted, span_str("...\""));
    unit_holds(quoted.len <= 100 + 5 && (!cut || quoted.len > 81), "%s", why_place);
    expect_start(&rest, ": ");
    (void)snprintf(want, sizeof want, "; accepted: %s; for example: omsgateway config set %s ",
                   row->accepted, row->name);
    const char *from = strstr(why_place, want);
    unit_holds(from, "%s", why_place);
    (void)snprintf(example, sizeof example, "%s", from + strlen(want));
    unit_holds(strlen(example) > 0 && !strpbrk(example, " *?\"'\\$~|&<>()"), "%s", example);
    *err = ERR_OK;
    for (unsigned i = 1; i < ERR_COUNT; i++) {
        bool this = span_starts_with(rest, span_str(err_sentence((enum err)i)));
        *err = this ? (enum err)i : *err;
    }
    unit_holds(*err != ERR_OK, "%s", why_place);
    out_begin(&why, why_place, sizeof why_place);
    unit_holds(settings_parse(setting, span_str(example), &settings, &why) == ERR_OK, "%s",
               why_place);
}

/* What deceives, ends quotes or lines, is no UTF-8, or looks like the rest of a sentence. */
static const struct span pieces[] = {SPAN("\""),
                                     SPAN("\\"),
                                     SPAN("\n"),
                                     SPAN("\0"),
                                     SPAN("\x1b"),
                                     SPAN("\xFF"),
                                     SPAN("\xE2"),
                                     SPAN("\xE2\x80\xAE"),
                                     SPAN("\xC2\x85"),
                                     SPAN("a"),
                                     SPAN("\": fine; acc"),
                                     SPAN(","),
                                     SPAN("\xF0\x9F\x90\xA7")};

static void nothing_of_the_value_is_raw(void **state)
{
    (void)state;
    struct unit_words words = {.letters = unit_count(pieces), .max = 3};
    size_t turn = 0;
    while (unit_words_next(&words)) {
        char value[64];
        struct out out;
        enum err err;
        out_begin(&out, value, sizeof value);
        for (size_t i = 0; i < words.len; i++) {
            out_put(&out, pieces[words.index[i]]);
        }
        /* The longest values are so many that each is for one setting, in turn. */
        bool longest = words.len == words.max;
        enum setting first = longest ? (enum setting)(turn++ % SETTING_COUNT) : 0;
        for (enum setting i = first; i < (longest ? first + 1 : SETTING_COUNT); i++) {
            struct span sentence = sentence_of(i, out_span(&out));
            if (sentence.len == 0) { /* two backslashes and a name: a path */
                unit_holds(i == SETTING_AccessLog, "%s", unit_show(out_span(&out)));
                continue;
            }
            judge_sentence(i, sentence, &err);
            unit_holds(words.len > 0 || err == ERR_EMPTY, "%s", err_name(err));
        }
        judge_plain(bad_name(out_span(&out)));
    }
}

/* However long the value is, and whatever its escapes are made of. */
static void a_sentence_is_bounded(void **state)
{
    (void)state;
    static uint8_t value[100 * 1000];
    for (size_t i = 0; i < unit_count(pieces); i++) {
        for (size_t len = 0; len < sizeof value; len += len < 120 ? 1 : 49 * 1000) {
            enum err err;
            for (size_t k = 0; k < len; k++) {
                value[k] = pieces[i].at[k % pieces[i].len];
            }
            for (enum setting k = 0; k < SETTING_COUNT && len > 0; k += 5) {
                struct span sentence = bad_value(k, span_of(value, len));
                bool cut = strstr(why_place, "...\": ") != NULL;
                unit_holds(len > 100 ? cut : len > 5 || !cut, "%zu: %s", len, why_place);
                judge_sentence(k, sentence, &err);
            }
            judge_plain(bad_name(span_of(value, len)));
        }
    }
}

/* A place that is too small gets a start of the sentence, never a part of a piece. */
static void a_small_place_is_not_overrun(void **state)
{
    (void)state;
    static struct settings settings;
    for (size_t size = 1; size < SETTINGS_WHY_MAX; size++) {
        char *place = malloc(size);
        struct out why;
        assert_non_null(place);
        out_begin(&why, place, size);
        assert_int_equal(
            settings_parse(SETTING_AllowedClients, span_str("10.0.0.1/8"), &settings, &why),
            ERR_HOST_BITS);
        assert_true(strlen(place) < size);
        free(place);
    }
}

static int write_golden(void)
{
    struct span text = everything();
    FILE *golden = fopen(SETTINGS_GOLDEN, "wb");
    if (!golden) {
        return EXIT_FAILURE;
    }
    bool done = fwrite(text.at, 1, text.len, golden) == text.len;
    return fclose(golden) == 0 && done ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sentences_are_those_of_the_file),
        cmocka_unit_test(nothing_of_the_value_is_raw),
        cmocka_unit_test(a_sentence_is_bounded),
        cmocka_unit_test(a_small_place_is_not_overrun),
    };
    if (argc == 2 && strcmp(argv[1], "--write") == 0) {
        return write_golden();
    }
    return cmocka_run_group_tests_name("settings_golden", tests, NULL, NULL);
}
