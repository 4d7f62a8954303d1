/*
 * Proves the values that settings have, type by type: bounds and what lies one beside them, every
 * suffix of a time, every word of a choice, lists in every order, what is refused and why; and that
 * what was printed is read as the same. A value that is refused changes nothing.
 */
#include "settings/settings.h"
#include "unit/unit.h"

static struct settings settings;

static enum err parse(enum setting setting, struct span value)
{
    char place[SETTINGS_WHY_MAX];
    struct out why;
    static struct settings before;
    memcpy(&before, &settings, sizeof settings);
    out_begin(&why, place, sizeof place);
    uint8_t *copy = unit_copy(value);
    enum err err = settings_parse(setting, span_of(copy, value.len), &settings, &why);
    free(copy);
    assert_int_equal(out_end(&why), ERR_OK);
    unit_holds((err == ERR_OK) == (why.len == 0), "%s", place);
    unit_holds(err == ERR_OK || memcmp(&settings, &before, sizeof settings) == 0, "%s", place);
    return err;
}

static struct span print(enum setting setting)
{
    static char place[SETTINGS_VALUE_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    settings_print(&settings, setting, &out);
    assert_int_equal(out_end(&out), ERR_OK);
    return out_span(&out);
}

/* Reads the text, expects it printed as `canonical`, and that this reads as itself. */
static void expect_canonical(enum setting setting, struct span text, struct span canonical)
{
    const char *name = settings_row(setting)->name;
    enum err err = parse(setting, text);
    unit_holds(err == ERR_OK, "%s %s: %s", name, unit_show(text), err_name(err));
    unit_same(print(setting), canonical, "%s %s", name, unit_show(text));
    assert_int_equal(parse(setting, canonical), ERR_OK);
    unit_same(print(setting), canonical, "%s %s", name, unit_show(text));
}

static void expect_number(enum setting setting, uint64_t number, const char *suffix, enum err want)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%" PRIu64 "%s", number, suffix);
    enum err err = parse(setting, span_str(text));
    unit_holds(err == want, "%s %s: %s", settings_row(setting)->name, text, err_name(err));
}

static bool is_numeric(enum setting setting)
{
    enum settings_type type = settings_row(setting)->type;
    return type == SETTINGS_PORT || type == SETTINGS_NUMBER || type == SETTINGS_TIME;
}

static void numbers_end_at_their_bounds(void **state)
{
    (void)state;
    for (enum setting i = 0; i < SETTING_COUNT; i++) {
        const struct settings_row *row = settings_row(i);
        if (!is_numeric(i)) {
            continue;
        }
        expect_number(i, row->min, "", ERR_OK);
        expect_number(i, row->max, "", ERR_OK);
        expect_number(i, (uint64_t)row->max + 1, "", ERR_RANGE);
        expect_number(i, UINT32_MAX, "", ERR_RANGE);
        expect_number(i, (uint64_t)UINT32_MAX + 1 + row->min, "", ERR_RANGE);
        expect_number(i, UINT64_MAX, "", ERR_RANGE);
        if (row->min > 0) {
            expect_number(i, row->min - 1, "", ERR_RANGE);
        }
        assert_int_equal(parse(i, span_str("99999999999999999999999")), ERR_RANGE);
    }
}

/* Every whole number that a setting can have, there and back. */
static void every_number_there_and_back(void **state)
{
    (void)state;
    for (enum setting i = 0; i < SETTING_COUNT; i++) {
        const struct settings_row *row = settings_row(i);
        for (uint32_t n = row->min; is_numeric(i) && n <= row->max; n++) {
            char text[16];
            (void)snprintf(text, sizeof text, "%" PRIu32, n);
            expect_number(i, n, "", ERR_OK);
            unit_same(print(i), span_str(text), "%s", row->name);
        }
    }
}

static void what_is_no_number(void **state)
{
    (void)state;
    static const char *const texts[] = {"+1",   "-1",   " 1",  "1 ",  "01",  "00",
                                        "0x10", "1e1",  "1.0", "1,",  "1_0", "x",
                                        "*",    "none", "off", "1\"", "١"};
    for (enum setting i = 0; i < SETTING_COUNT; i++) {
        bool time = settings_row(i)->type == SETTINGS_TIME;
        for (size_t k = 0; is_numeric(i) && k < unit_count(texts); k++) {
            enum err err = parse(i, span_str(texts[k]));
            unit_holds(err == ERR_NUMBER || (time && err == ERR_TIME), "%s %s: %s",
                       settings_row(i)->name, texts[k], err_name(err));
        }
    }
}

/* Only a time takes a suffix, and the suffix only in its one spelling. */
static void suffixes_belong_to_times(void **state)
{
    (void)state;
    static const char *const suffixes[] = {"ms", "s", "m", "h"};
    static const char *const wrong[] = {"S",  "M",  "H",  "MS", "Ms",  "mS", "sec", "min", "d",
                                        " s", "s ", "sm", "ss", "0s0", "%",  "us",  "ks",  "s0"};
    for (enum setting i = 0; i < SETTING_COUNT; i++) {
        bool time = settings_row(i)->type == SETTINGS_TIME;
        for (size_t k = 0; is_numeric(i) && !time && k < unit_count(suffixes); k++) {
            expect_number(i, settings_row(i)->max, suffixes[k], ERR_NUMBER);
        }
        for (size_t k = 0; time && k < unit_count(wrong); k++) {
            expect_number(i, 10, wrong[k], ERR_TIME);
        }
        for (size_t k = 0; time && k < unit_count(suffixes); k++) {
            unit_holds(parse(i, span_str(suffixes[k])) == ERR_TIME, "%s", suffixes[k]);
        }
    }
}

/* The same second in every way of writing it; what is finer than a second is not rounded. */
static void every_suffix_of_every_time(void **state)
{
    (void)state;
    static const struct {
        const char *suffix;
        uint64_t ms;
    } units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
    for (enum setting i = 0; i < SETTING_COUNT; i++) {
        const struct settings_row *row = settings_row(i);
        for (uint64_t s = 0; row->type == SETTINGS_TIME && s <= row->max + 1U; s++) {
            for (size_t k = 0; k < unit_count(units); k++) {
                if (s * 1000 % units[k].ms != 0 || (s > 4000 && s % 60 > 1)) {
                    continue;
                }
                bool inside = s >= row->min && s <= row->max;
                char want[16];
                (void)snprintf(want, sizeof want, "%" PRIu64, s);
                expect_number(i, s * 1000 / units[k].ms, units[k].suffix,
                              inside ? ERR_OK : ERR_RANGE);
                if (inside) {
                    unit_same(print(i), span_str(want), "%s%s", want, units[k].suffix);
                }
            }
        }
    }
    expect_number(SETTING_HeaderTimeout, 1500, "ms", ERR_FINER);
    expect_number(SETTING_HeaderTimeout, 1001, "ms", ERR_FINER);
    expect_number(SETTING_HeaderTimeout, 299999, "ms", ERR_FINER);
    expect_number(SETTING_HeaderTimeout, 300001, "ms", ERR_RANGE);
    expect_number(SETTING_HeaderTimeout, 999, "ms", ERR_RANGE);
    expect_number(SETTING_ResolveCache, 1, "ms", ERR_FINER);
    expect_number(SETTING_ResolveCache, 0, "h", ERR_OK);
    expect_number(SETTING_IdleTimeout, UINT32_MAX, "h", ERR_RANGE);
    expect_number(SETTING_IdleTimeout, 5124095576031, "h", ERR_RANGE); /* 2^64 + 2048384 ms */
}

static void the_field_has_milliseconds(void **state)
{
    (void)state;
    expect_number(SETTING_IdleTimeout, 7 * 24, "h", ERR_OK);
    assert_int_equal(settings.idle_timeout_ms, 604800000);
    expect_number(SETTING_HeaderTimeout, 2, "m", ERR_OK);
    assert_int_equal(settings.header_timeout_ms, 120000);
    expect_number(SETTING_SendTimeout, 7000, "ms", ERR_OK);
    assert_int_equal(settings.send_timeout_ms, 7000);
}

/* Every word in every mixture of capitals that its first four letters allow. */
static void every_word_of_every_choice(void **state)
{
    (void)state;
    for (enum setting i = 0; i < SETTING_COUNT; i++) {
        const struct settings_row *row = settings_row(i);
        for (size_t k = 0; row->values[k].word; k++) {
            for (unsigned mixture = 0; mixture < 16; mixture++) {
                char text[32];
                (void)snprintf(text, sizeof text, "%s", row->values[k].word);
                for (size_t at = 0; at < 4 && text[at] != '\0'; at++) {
                    bool letter = text[at] >= 'A';
                    text[at] = (char)(letter && (mixture >> at & 1) ? text[at] ^ 0x20 : text[at]);
                }
                expect_canonical(i, span_str(text), span_str(row->values[k].word));
            }
            char longer[32];
            (void)snprintf(longer, sizeof longer, "%sx", row->values[k].word);
            assert_int_equal(parse(i, span_str(longer)), ERR_CHOICE);
            assert_int_equal(parse(i, span_of(longer, strlen(longer) - 2)), ERR_CHOICE);
        }
    }
}

static void words_mean_their_constants(void **state)
{
    (void)state;
    assert_int_equal(parse(SETTING_LogLevel, span_str("ERROR")), ERR_OK);
    assert_int_equal(settings.log_level, LOG_LEVEL_ERROR);
    assert_true(LOG_LEVEL_DEBUG < LOG_LEVEL_INFO && LOG_LEVEL_INFO < LOG_LEVEL_WARNING &&
                LOG_LEVEL_WARNING < LOG_LEVEL_ERROR);
    assert_int_equal(parse(SETTING_MinimumTls, span_str("1.0")), ERR_OK);
    assert_int_equal(settings.minimum_tls, 0x0301); /* as on the wire, so that they compare */
    assert_int_equal(parse(SETTING_MinimumTls, span_str("1.1")), ERR_OK);
    assert_int_equal(settings.minimum_tls, 0x0302);
    assert_int_equal(parse(SETTING_MinimumTls, span_str("1.2")), ERR_OK);
    assert_int_equal(settings.minimum_tls, 0x0303);
    assert_int_equal(parse(SETTING_MinimumTls, span_str("1.3")), ERR_OK);
    assert_int_equal(settings.minimum_tls, 0x0304);
    assert_int_equal(parse(SETTING_Tls13, span_str("refuse")), ERR_OK);
    assert_int_equal(settings.tls13, TLS13_REFUSE);
    assert_int_equal(parse(SETTING_Ech, span_str("refuse")), ERR_OK);
    assert_int_equal(settings.ech, ECH_REFUSE);
    assert_int_equal(parse(SETTING_ClientCertificates, span_str("required")), ERR_OK);
    assert_int_equal(settings.client_certificates, CLIENT_CERTIFICATES_REQUIRED);
    assert_int_equal(parse(SETTING_ClientCertificates, span_str("any")), ERR_OK);
    assert_int_equal(settings.client_certificates, CLIENT_CERTIFICATES_ANY);
    assert_int_equal(parse(SETTING_MissingSni, span_str("allow")), ERR_OK);
    assert_int_equal(settings.missing_sni, MISSING_SNI_ALLOW);
    assert_int_equal(parse(SETTING_UnknownResumption, span_str("refuse")), ERR_OK);
    assert_int_equal(settings.unknown_resumption, UNKNOWN_RESUMPTION_REFUSE);
    assert_int_equal(parse(SETTING_OnRemove, span_str("close")), ERR_OK);
    assert_int_equal(settings.on_remove, ON_REMOVE_CLOSE);
}

static const struct {
    enum setting setting;
    struct span text, canonical;
} good[] = {
    {SETTING_ListenAddress, SPAN("*"), SPAN("*")},
    {SETTING_ListenAddress, SPAN("127.0.0.1"), SPAN("127.0.0.1")},
    {SETTING_ListenAddress, SPAN("0.0.0.0"), SPAN("0.0.0.0")},
    {SETTING_ListenAddress, SPAN("::"), SPAN("::")},
    {SETTING_ListenAddress, SPAN("2001:DB8:0:0::1"), SPAN("2001:db8::1")},
    {SETTING_OutboundAddress, SPAN("AUTOMATIC"), SPAN("automatic")},
    {SETTING_OutboundAddress, SPAN("192.0.2.7"), SPAN("192.0.2.7")},
    {SETTING_StatusAddress, SPAN("OFF"), SPAN("off")},
    {SETTING_StatusAddress, SPAN("127.0.0.1:9100"), SPAN("127.0.0.1:9100")},
    {SETTING_StatusAddress, SPAN("[0:0::1]:1"), SPAN("[::1]:1")},
    {SETTING_AccessLog, SPAN("oFF"), SPAN("off")},
    {SETTING_AccessLog, SPAN("/a"), SPAN("/a")},
    {SETTING_AccessLog, SPAN("/var/log/OMS Gateway/access.log"),
     SPAN("/var/log/OMS Gateway/access.log")},
    {SETTING_AccessLog, SPAN("C:\\Logs\\access.log"), SPAN("C:\\Logs\\access.log")},
    {SETTING_AccessLog, SPAN("z:/logs/access.log"), SPAN("z:/logs/access.log")},
    {SETTING_AccessLog, SPAN("a:/x"), SPAN("a:/x")},
    {SETTING_AccessLog, SPAN("\\\\server\\share\\x.log"), SPAN("\\\\server\\share\\x.log")},
    {SETTING_AccessLog, SPAN("/\xC3\xBC/\xF0\x9F\x90\xA7.log"),
     SPAN("/\xC3\xBC/\xF0\x9F\x90\xA7.log")},
    {SETTING_AccessLog, SPAN("/a,b;\"c'"), SPAN("/a,b;\"c'")},
};

static void values_that_are_fine(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(good); i++) {
        expect_canonical(good[i].setting, good[i].text, good[i].canonical);
    }
}

static const struct {
    enum setting setting;
    struct span text;
    enum err err;
} bad[] = {
    {SETTING_ListenAddress, SPAN("**"), ERR_ADDRESS},
    {SETTING_ListenAddress, SPAN("automatic"), ERR_ADDRESS}, /* another setting's word */
    {SETTING_ListenAddress, SPAN("off"), ERR_ADDRESS},
    {SETTING_ListenAddress, SPAN(" 127.0.0.1"), ERR_ADDRESS},
    {SETTING_ListenAddress, SPAN("127.0.0.1:80"), ERR_ADDRESS},
    {SETTING_ListenAddress, SPAN("127.1"), ERR_ADDRESS},
    {SETTING_ListenAddress, SPAN("localhost"), ERR_ADDRESS},
    {SETTING_ListenAddress, SPAN("fe80::1%eth0"), ERR_SCOPE},
    {SETTING_ListenAddress, SPAN("127.0.0.1,127.0.0.2"), ERR_ADDRESS},
    {SETTING_OutboundAddress, SPAN("*"), ERR_ADDRESS},
    {SETTING_OutboundAddress, SPAN("10.0.0.0/8"), ERR_ADDRESS},
    {SETTING_StatusAddress, SPAN("*"), ERR_ENDPOINT},
    {SETTING_StatusAddress, SPAN("9100"), ERR_ENDPOINT},
    {SETTING_StatusAddress, SPAN("127.0.0.1"), ERR_ENDPOINT},
    {SETTING_StatusAddress, SPAN("127.0.0.1:0"), ERR_PORT},
    {SETTING_StatusAddress, SPAN("127.0.0.1:65536"), ERR_PORT},
    {SETTING_StatusAddress, SPAN("localhost:9100"), ERR_ADDRESS},
    {SETTING_StatusAddress, SPAN("::1:9100"), ERR_ENDPOINT},
    {SETTING_AccessLog, SPAN("on"), ERR_PATH},
    {SETTING_AccessLog, SPAN("access.log"), ERR_PATH},
    {SETTING_AccessLog, SPAN("./access.log"), ERR_PATH},
    {SETTING_AccessLog, SPAN("~/access.log"), ERR_PATH},
    {SETTING_AccessLog, SPAN("C:access.log"), ERR_PATH},
    {SETTING_AccessLog, SPAN("C:"), ERR_PATH},
    {SETTING_AccessLog, SPAN("C;\\x"), ERR_PATH},
    {SETTING_AccessLog, SPAN("1:\\x"), ERR_PATH},
    {SETTING_AccessLog, SPAN("{:\\x"), ERR_PATH},
    {SETTING_AccessLog, SPAN("`:\\x"), ERR_PATH},
    {SETTING_AccessLog, SPAN("\\x"), ERR_PATH},
    {SETTING_AccessLog, SPAN("/"), ERR_PATH}, /* a folder */
    {SETTING_AccessLog, SPAN("/var/log/"), ERR_PATH},
    {SETTING_AccessLog, SPAN("C:\\"), ERR_PATH},
    {SETTING_AccessLog, SPAN("C:\\Logs\\"), ERR_PATH},
    {SETTING_AccessLog, SPAN("/var/log/x "), ERR_PATH},
    {SETTING_AccessLog, SPAN(" /var/log/x"), ERR_PATH},
    {SETTING_AccessLog, SPAN("off "), ERR_PATH},
};

static void values_that_are_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(bad); i++) {
        enum err err = parse(bad[i].setting, bad[i].text);
        unit_holds(err == bad[i].err, "%s %s: %s", settings_row(bad[i].setting)->name,
                   unit_show(bad[i].text), err_name(err));
    }
}

static void a_path_is_as_long_as_it_may_be(void **state)
{
    (void)state;
    char path[SETTINGS_PATH_MAX + 2];
    uint32_t max = settings_row(SETTING_AccessLog)->max;
    memset(path, 'x', sizeof path);
    path[0] = '/';
    expect_canonical(SETTING_AccessLog, span_of(path, max), span_of(path, max));
    assert_int_equal(strlen(settings.access_log.text), max);
    assert_int_equal(parse(SETTING_AccessLog, span_of(path, max + 1)), ERR_LONG);
    expect_canonical(SETTING_AccessLog, span_str("/y"),
                     span_str("/y")); /* nothing of the long one */
}

static void settings_that_nobody_parsed(void *arg)
{
    char place[SETTINGS_VALUE_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    settings_print(&settings, *(const enum setting *)arg, &out);
}

/* A field that no value makes is our own mistake. */
static void broken_fields_trip_a_check(void **state)
{
    (void)state;
    memset(&settings, 0xFF, sizeof settings);
    for (enum setting i = 0; i < SETTING_COUNT; i++) {
        enum settings_type type = settings_row(i)->type;
        if (type == SETTINGS_PATH || type == SETTINGS_ADDRESS || type == SETTINGS_ENDPOINT ||
            i == SETTING_ListenPort) {
            continue; /* 65535 is a port; the others hold no number of ours */
        }
        const char *sentence = unit_expect_check(settings_that_nobody_parsed, &i);
        unit_holds(strstr(sentence, "types.c:"), "%s: %s", settings_row(i)->name, sentence);
    }
    memset(&settings, 0, sizeof settings);
    static const enum setting zero_is_no_value[] = {SETTING_ListenPort,   SETTING_AllowedClients,
                                                    SETTING_AllowedPorts, SETTING_HeaderTimeout,
                                                    SETTING_MaxTunnels,   SETTING_MinimumTls};
    for (size_t i = 0; i < unit_count(zero_is_no_value); i++) {
        enum setting setting = zero_is_no_value[i];
        const char *sentence = unit_expect_check(settings_that_nobody_parsed, &setting);
        unit_holds(strstr(sentence, "types.c:"), "%s", settings_row(setting)->name);
    }
    settings_init(&settings);
}

static int begin(void **state)
{
    (void)state;
    settings_init(&settings);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_end_at_their_bounds),
        cmocka_unit_test(every_number_there_and_back),
        cmocka_unit_test(what_is_no_number),
        cmocka_unit_test(suffixes_belong_to_times),
        cmocka_unit_test(every_suffix_of_every_time),
        cmocka_unit_test(the_field_has_milliseconds),
        cmocka_unit_test(every_word_of_every_choice),
        cmocka_unit_test(words_mean_their_constants),
        cmocka_unit_test(values_that_are_fine),
        cmocka_unit_test(values_that_are_not),
        cmocka_unit_test(a_path_is_as_long_as_it_may_be),
        cmocka_unit_test(broken_fields_trip_a_check),
    };
    return cmocka_run_group_tests_name("settings_values", tests, begin, NULL);
}
