/*
 * Proves the settings by name: what settings.def says row by row, the defaults of the design, how
 * names are found and guessed, that no value holds what cannot stand in a line, and which settings
 * contradict each other. What values the types have is test_settings_values', the wording is
 * test_settings_golden's.
 */
#include "settings/settings.h"
#include "unit/unit.h"

static char why_place[SETTINGS_WHY_MAX];

/* Reads a value and gives its error; the sentence lies in why_place. */
static enum err parse(enum setting setting, struct span value, struct settings *settings)
{
    struct out why;
    out_begin(&why, why_place, sizeof why_place);
    uint8_t *copy = unit_copy(value);
    enum err err = settings_parse(setting, span_of(copy, value.len), settings, &why);
    free(copy);
    assert_int_equal(out_end(&why), ERR_OK);
    unit_holds((err == ERR_OK) == (why.len == 0), "%s", why_place);
    return err;
}

static enum err find(struct span name, enum setting *setting)
{
    struct out why;
    out_begin(&why, why_place, sizeof why_place);
    uint8_t *copy = unit_copy(name);
    enum err err = settings_find(span_of(copy, name.len), setting, &why);
    free(copy);
    assert_int_equal(out_end(&why), ERR_OK);
    unit_holds((err == ERR_OK) == (why.len == 0), "%s", why_place);
    return err;
}

static struct span print(const struct settings *settings, enum setting setting)
{
    static char place[SETTINGS_VALUE_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    settings_print(settings, setting, &out);
    assert_int_equal(out_end(&out), ERR_OK);
    return out_span(&out);
}

/* The design's list: a default that changes by accident is found here. */
static const struct {
    enum setting setting;
    const char *name, *standard, *unit;
    bool live;
} design[] = {
    {SETTING_ListenPort, "ListenPort", "8080", "", true},
    {SETTING_ListenAddress, "ListenAddress", "*", "", true},
    {SETTING_AllowedClients, "AllowedClients", "*", "", true},
    {SETTING_AllowedPorts, "AllowedPorts", "443", "", true},
    {SETTING_AllowedNetworks, "AllowedNetworks", "none", "", true},
    {SETTING_OutboundAddress, "OutboundAddress", "automatic", "", true},
    {SETTING_LogLevel, "LogLevel", "INFO", "", true},
    {SETTING_MinimumTls, "MinimumTls", "1.2", "", true},
    {SETTING_Tls13, "Tls13", "allow", "", true},
    {SETTING_Ech, "Ech", "allow", "", true},
    {SETTING_ClientCertificates, "ClientCertificates", "listed", "", true},
    {SETTING_MissingSni, "MissingSni", "refuse", "", true},
    {SETTING_UnknownResumption, "UnknownResumption", "allow", "", true},
    {SETTING_OnRemove, "OnRemove", "keep", "", true},
    {SETTING_HeaderTimeout, "HeaderTimeout", "15", "s", true},
    {SETTING_ResolveTimeout, "ResolveTimeout", "5", "s", true},
    {SETTING_ResolveCache, "ResolveCache", "30", "s", true},
    {SETTING_ResolveFailureCache, "ResolveFailureCache", "5", "s", true},
    {SETTING_ConnectTimeout, "ConnectTimeout", "10", "s", true},
    {SETTING_HandshakeTimeout, "HandshakeTimeout", "30", "s", true},
    {SETTING_SendTimeout, "SendTimeout", "60", "s", true},
    {SETTING_IdleTimeout, "IdleTimeout", "600", "s", true},
    {SETTING_DrainTimeout, "DrainTimeout", "10", "s", true},
    {SETTING_MaxTunnels, "MaxTunnels", "10000", "", false},
    {SETTING_MaxTunnelsPerClient, "MaxTunnelsPerClient", "0", "", true},
    {SETTING_Loops, "Loops", "0", "", false},
    {SETTING_AccessLog, "AccessLog", "off", "", true},
    {SETTING_StatusAddress, "StatusAddress", "off", "", true},
    {SETTING_CrashDumps, "CrashDumps", "off", "", false},
};

static void the_table_is_the_designs(void **state)
{
    (void)state;
    struct settings settings;
    memset(&settings, 0x77, sizeof settings);
    settings_init(&settings);
    assert_int_equal(unit_count(design), SETTING_COUNT);
    for (size_t i = 0; i < unit_count(design); i++) {
        const struct settings_row *row = settings_row(design[i].setting);
        assert_string_equal(row->name, design[i].name);
        assert_string_equal(row->standard, design[i].standard);
        assert_string_equal(row->unit, design[i].unit);
        unit_holds(row->live == design[i].live, "%s", row->name);
        unit_same(print(&settings, design[i].setting), span_str(design[i].standard), "%s",
                  row->name);
        assert_int_equal(parse(design[i].setting, span_str(row->standard), &settings), ERR_OK);
        unit_same(print(&settings, design[i].setting), span_str(row->standard), "%s", row->name);
    }
}

/* The defaults as the engine meets them. */
static void the_fields_hold_the_defaults(void **state)
{
    (void)state;
    static struct settings settings;
    settings_init(&settings);
    assert_int_equal(settings.listen_port, 8080);
    assert_int_equal(settings.listen_address.family, ADDR_NONE);
    assert_int_equal(settings.allowed_clients.count, 2);
    assert_int_equal(settings.allowed_clients.at[0].net.family, ADDR_IPV4);
    assert_int_equal(settings.allowed_clients.at[1].net.family, ADDR_IPV6);
    assert_int_equal(settings.allowed_clients.at[0].prefix + settings.allowed_clients.at[1].prefix,
                     0);
    assert_int_equal(settings.allowed_ports.count, 1);
    assert_int_equal(settings.allowed_ports.at[0], 443);
    assert_int_equal(settings.allowed_networks.count, 0);
    assert_int_equal(settings.outbound_address.family, ADDR_NONE);
    assert_int_equal(settings.log_level, LOG_LEVEL_INFO);
    assert_int_equal(settings.minimum_tls, MINIMUM_TLS_1_2);
    assert_int_equal(settings.tls13, TLS13_ALLOW);
    assert_int_equal(settings.ech, ECH_ALLOW);
    assert_int_equal(settings.client_certificates, CLIENT_CERTIFICATES_LISTED);
    assert_int_equal(settings.missing_sni, MISSING_SNI_REFUSE);
    assert_int_equal(settings.unknown_resumption, UNKNOWN_RESUMPTION_ALLOW);
    assert_int_equal(settings.on_remove, ON_REMOVE_KEEP);
    assert_int_equal(settings.header_timeout_ms, 15000);
    assert_int_equal(settings.resolve_timeout_ms, 5000);
    assert_int_equal(settings.resolve_cache_ms, 30000);
    assert_int_equal(settings.resolve_failure_cache_ms, 5000);
    assert_int_equal(settings.connect_timeout_ms, 10000);
    assert_int_equal(settings.handshake_timeout_ms, 30000);
    assert_int_equal(settings.send_timeout_ms, 60000);
    assert_int_equal(settings.idle_timeout_ms, 600000);
    assert_int_equal(settings.drain_timeout_ms, 10000);
    assert_int_equal(settings.max_tunnels, 10000);
    assert_int_equal(settings.max_tunnels_per_client, 0);
    assert_int_equal(settings.loops, 0);
    assert_string_equal(settings.access_log.text, "");
    assert_int_equal(settings.status_address.port, 0);
    struct out why;
    enum setting first;
    out_begin(&why, why_place, sizeof why_place);
    assert_int_equal(settings_check(&settings, &first, &why), ERR_OK);
    assert_int_equal(why.len, 0);
}

static bool is_unit(const char *unit)
{
    static const char *const units[] = {"ms", "s", "m", "h"};
    bool found = false;
    for (size_t i = 0; i < unit_count(units); i++) {
        found = found || strcmp(unit, units[i]) == 0;
    }
    return found;
}

/* A row's numbers fit its field, its unit is one, its words are different and the first counts. */
static void judge_bounds(const struct settings_row *row)
{
    static const uint32_t most[SETTINGS_TYPE_COUNT] = {
        [SETTINGS_PORT] = 65535,
        [SETTINGS_NUMBER] = UINT32_MAX,
        [SETTINGS_TIME] = UINT32_MAX / 1000, /* every row's unit is s so far */
        [SETTINGS_NETWORKS] = SETTINGS_NETWORKS_MAX,
        [SETTINGS_PORTS] = SETTINGS_PORTS_MAX,
        [SETTINGS_PATH] = SETTINGS_PATH_MAX,
    };
    unit_holds(row->type < SETTINGS_TYPE_COUNT, "%s", row->name);
    unit_holds(row->max <= most[row->type], "%s", row->name);
    unit_holds(row->min < row->max || most[row->type] == 0, "%s", row->name);
    unit_holds(row->type != SETTINGS_PORT || row->min > 0, "%s", row->name);
    unit_holds(row->type != SETTINGS_PORTS || row->min == 1, "%s", row->name);
    unit_holds(row->type != SETTINGS_NETWORKS || row->min <= 1, "%s", row->name);
    unit_holds(row->offset < sizeof(struct settings), "%s", row->name);
    if (row->type == SETTINGS_TIME) {
        unit_holds(is_unit(row->unit) && strcmp(row->unit, "s") == 0, "%s", row->name);
    } else {
        unit_holds(row->unit[0] == '\0', "%s", row->name);
    }
}

static void judge_words(const struct settings_row *row)
{
    unit_holds((row->type == SETTINGS_CHOICE) == (row->values[0].word != NULL), "%s", row->name);
    for (size_t i = 0; row->values[i].word; i++) {
        unit_holds(i > 0 || strcmp(row->values[i].word, row->standard) == 0, "%s", row->name);
        unit_holds(strstr(row->accepted, row->values[i].word), "%s", row->name);
        for (size_t k = 0; k < i; k++) {
            unit_holds(!span_is_nocase(span_str(row->values[i].word), row->values[k].word), "%s",
                       row->name);
            unit_holds(row->values[i].number != row->values[k].number, "%s", row->name);
        }
    }
}

static void every_row_has_the_form(void **state)
{
    (void)state;
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    for (enum setting i = 0; i < SETTING_COUNT; i++) {
        const struct settings_row *row = settings_row(i);
        size_t len = strlen(row->name), end = strlen(row->description);
        unit_holds(row->name[0] >= 'A' && row->name[0] <= 'Z', "%s", row->name);
        unit_holds(len >= 3 && len <= 32 && strspn(row->name, letters) == len, "%s", row->name);
        unit_holds(end > 20 && row->description[end - 1] == '.', "%s", row->description);
        for (size_t k = 0; k < end; k++) {
            unit_holds(row->description[k] >= 0x20 && row->description[k] < 0x7F &&
                           row->description[k] != '|',
                       "%s: it stands in tables", row->description);
        }
        unit_holds(strlen(row->accepted) > 8 && !strchr(row->accepted, '|'), "%s", row->accepted);
        judge_bounds(row);
        judge_words(row);
        for (enum setting k = 0; k < i; k++) {
            unit_holds(!span_is_nocase(span_str(row->name), settings_row(k)->name), "%s",
                       row->name);
        }
    }
}

static void names_are_found_in_any_case(void **state)
{
    (void)state;
    for (enum setting i = 0; i < SETTING_COUNT; i++) {
        char name[40];
        enum setting found;
        size_t len = (size_t)snprintf(name, sizeof name, "%s", settings_row(i)->name);
        for (size_t k = 0; k <= len; k++) { /* each letter in the other case, one after the other */
            assert_int_equal(find(span_of(name, len), &found), ERR_OK);
            unit_holds(found == i, "%s", name);
            name[k] = (char)(name[k] >= 'A' && name[k] <= 'z' ? name[k] ^ 0x20 : name[k]);
        }
    }
}

/* One letter wrong, at any place: unless that is another setting's name, this one is meant. */
static void expect_guess(const char *name, size_t len, enum setting meant)
{
    enum setting found = SETTING_COUNT;
    char want[80];
    if (find(span_of(name, len), &found) == ERR_OK) {
        return; /* the change only changed the case */
    }
    unit_holds(found == SETTING_COUNT, "%s", name);
    (void)snprintf(want, sizeof want, "; did you mean %s?", settings_row(meant)->name);
    unit_holds(strstr(why_place, want), "%.*s: %s", (int)len, name, why_place);
}

static void a_slip_in_a_name_is_guessed(void **state)
{
    (void)state;
    for (enum setting i = 0; i < SETTING_COUNT; i++) {
        char name[40], wrong[96];
        size_t len = (size_t)snprintf(name, sizeof name, "%s", settings_row(i)->name);
        for (size_t k = 0; k < len; k++) {
            (void)snprintf(wrong, sizeof wrong, "%.*s%s", (int)k, name, name + k + 1);
            expect_guess(wrong, len - 1, i); /* left out */
            (void)snprintf(wrong, sizeof wrong, "%.*s#%s", (int)k, name, name + k + 1);
            expect_guess(wrong, len, i); /* another */
            (void)snprintf(wrong, sizeof wrong, "%.*s#%s", (int)k, name, name + k);
            expect_guess(wrong, len + 1, i); /* one more */
            if (k + 1 < len && len > 5) {
                (void)snprintf(wrong, sizeof wrong, "%.*s%c%c%s", (int)k, name, name[k + 1],
                               name[k], name + k + 2);
                expect_guess(wrong, len, i); /* two exchanged */
            }
        }
    }
}

static void near_and_far_from_each_name(void **state)
{
    (void)state;
    static const struct {
        struct span name;
        bool near;
    } names[] = {
        {SPAN(""), false},
        {SPAN("x"), false},
        {SPAN("Port"), false},
        {SPAN("Timeout"), false},
        {SPAN("Bananas"), false},
        {SPAN("ListenPort="), true},
        {SPAN("LISTENPRRT"), true},
        {SPAN("LISTENPXXT"), true},
        {SPAN("xxxListenPort"), true}, /* three letters of ten */
        {SPAN("xxxxListenPort"), false},
        {SPAN("ListenPortxxx"), true},
        {SPAN("ListenPortxxxx"), false},
        {SPAN("enPort"), false},
        {SPAN("tenPort"), true},
        {SPAN(" "), false},
        {SPAN("\0"), false},
        {SPAN("ListenPort\0ListenPort"), false},
        {SPAN("E"), false},
        {SPAN("Eh"), true},
        {SPAN("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), false},
        {SPAN("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), false},
        {SPAN("ListenPortListenPortListenPortListenPortListenPortListenPortListenPort"), false},
        {SPAN("\x1b[31m\xE2\x80\xAE\"\\"), false},
    };
    for (size_t i = 0; i < unit_count(names); i++) {
        enum setting found = SETTING_COUNT;
        unit_holds(find(names[i].name, &found) == ERR_SETTING, "%s", unit_show(names[i].name));
        assert_int_equal(found, SETTING_COUNT);
        unit_holds((strstr(why_place, "did you mean") != NULL) == names[i].near, "%s", why_place);
        unit_holds(names[i].near || strstr(why_place, "omsgateway config get"), "%s", why_place);
    }
}

static const struct {
    struct span value;
    enum err err;
} never[] = {
    {SPAN(""), ERR_EMPTY},
    {SPAN("\0"), ERR_CONTROL},
    {SPAN("8080\0"), ERR_CONTROL},
    {SPAN("\n"), ERR_CONTROL},
    {SPAN("off\n"), ERR_CONTROL},
    {SPAN("off\r"), ERR_CONTROL},
    {SPAN("\roff"), ERR_CONTROL},
    {SPAN("443,\t444"), ERR_CONTROL},
    {SPAN("\x7F"), ERR_CONTROL},
    {SPAN("/a\x1F"
          "b"),
     ERR_CONTROL},
    {SPAN("/var/log/a\nb"), ERR_CONTROL},
    {SPAN("/var/log/a\xC2\x85"), ERR_CONTROL},
    {SPAN("/var/log/a\xC2\xA0"), ERR_CONTROL},
    {SPAN("/var/log/\xE2\x80\xA8"), ERR_CONTROL},
    {SPAN("/var/log/\xE2\x80\xAEgol"), ERR_CONTROL},
    {SPAN("\xEF\xBB\xBF"
          "443"),
     ERR_CONTROL},
    {SPAN("\xFF"), ERR_UTF},
    {SPAN("/var/log/\xC0\xAF"), ERR_UTF},
    {SPAN("/var/log/\xED\xA0\x80"), ERR_UTF},
    {SPAN("/var/log/\xE2\x82"), ERR_UTF},
    {SPAN("/var/log/\xF4\x90\x80\x80"), ERR_UTF},
};

static void no_setting_takes_what_no_line_takes(void **state)
{
    (void)state;
    static struct settings settings, before;
    memset(&settings, 0x77, sizeof settings);
    memcpy(&before, &settings, sizeof settings);
    for (enum setting k = 0; k < SETTING_COUNT; k++) {
        for (size_t i = 0; i < unit_count(never); i++) {
            enum err err = parse(k, never[i].value, &settings);
            unit_holds(err == never[i].err, "%s %s: %s", settings_row(k)->name,
                       unit_show(never[i].value), err_name(err));
            unit_holds(memcmp(&settings, &before, sizeof settings) == 0, "%s",
                       settings_row(k)->name);
        }
    }
}

static const struct {
    enum setting first;
    const char *first_value;
    enum setting second;
    const char *second_value;
    bool fine;
} pairs[] = {
    {SETTING_MaxTunnelsPerClient, "100", SETTING_MaxTunnels, "100", true},
    {SETTING_MaxTunnelsPerClient, "101", SETTING_MaxTunnels, "100", false},
    {SETTING_MaxTunnelsPerClient, "0", SETTING_MaxTunnels, "1", true},
    {SETTING_MaxTunnelsPerClient, "2", SETTING_MaxTunnels, "1", false},
    {SETTING_StatusAddress, "127.0.0.1:8080", SETTING_ListenPort, "8080", false},
    {SETTING_StatusAddress, "[::1]:8080", SETTING_ListenPort, "8080", false},
    {SETTING_StatusAddress, "127.0.0.1:8081", SETTING_ListenPort, "8080", true},
    {SETTING_StatusAddress, "off", SETTING_ListenPort, "65535", true},
    {SETTING_MinimumTls, "1.3", SETTING_Tls13, "refuse", false},
    {SETTING_MinimumTls, "1.3", SETTING_Tls13, "allow", true},
    {SETTING_MinimumTls, "1.2", SETTING_Tls13, "refuse", true},
    {SETTING_MinimumTls, "1.0", SETTING_Tls13, "refuse", true},
};

/* The sentence names both with what they have, and does as it says. */
static void pairs_that_contradict(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(pairs); i++) {
        struct settings settings;
        struct out why;
        enum setting shut = pairs[i].first;
        char want[160];
        const char *first = settings_row(pairs[i].first)->name;
        settings_init(&settings);
        out_begin(&why, why_place, sizeof why_place);
        assert_int_equal(parse(pairs[i].first, span_str(pairs[i].first_value), &settings), ERR_OK);
        assert_int_equal(parse(pairs[i].second, span_str(pairs[i].second_value), &settings),
                         ERR_OK);
        enum err err = settings_check(&settings, &shut, &why);
        unit_holds(err == (pairs[i].fine ? ERR_OK : ERR_CONFLICT), "%s %s", first,
                   pairs[i].first_value);
        unit_holds((why.len == 0) == pairs[i].fine, "%s", why_place);
        if (!pairs[i].fine) {
            (void)snprintf(want, sizeof want, "%s (%s) and %s (%s) contradict each other: ", first,
                           pairs[i].first_value, settings_row(pairs[i].second)->name,
                           pairs[i].second_value);
            unit_holds(span_starts_with(out_span(&why), span_str(want)), "%s", why_place);
            (void)snprintf(want, sizeof want, "; for example: omsgateway config reset %s", first);
            unit_holds(span_ends_with(out_span(&why), span_str(want)), "%s", why_place);
        }
        assert_int_equal(shut, pairs[i].first);
        out_begin(&why, why_place, sizeof why_place);
        assert_int_equal(
            parse(pairs[i].first, span_str(settings_row(pairs[i].first)->standard), &settings),
            ERR_OK);
        unit_holds(settings_check(&settings, &shut, &why) == ERR_OK, "%s", why_place);
    }
}

/*
 * Every setting, so that a new one is thought about: what stands for a value that is wrong. "":
 * nothing at all.
 */
static const struct {
    const char *name, *shut;
} shuts[] = {
    {"ListenPort", "8080"},
    {"ListenAddress", "127.0.0.1"},
    {"AllowedClients", ""},
    {"AllowedPorts", ""},
    {"AllowedNetworks", "none"},
    {"OutboundAddress", "127.0.0.1"},
    {"LogLevel", "INFO"},
    {"MinimumTls", "1.3"},
    {"Tls13", "refuse"},
    {"Ech", "refuse"},
    {"ClientCertificates", "required"},
    {"MissingSni", "refuse"},
    {"UnknownResumption", "refuse"},
    {"OnRemove", "close"},
    {"HeaderTimeout", "15"},
    {"ResolveTimeout", "5"},
    {"ResolveCache", "30"},
    {"ResolveFailureCache", "5"},
    {"ConnectTimeout", "10"},
    {"HandshakeTimeout", "30"},
    {"SendTimeout", "60"},
    {"IdleTimeout", "600"},
    {"DrainTimeout", "10"},
    {"MaxTunnels", "10000"},
    {"MaxTunnelsPerClient", "0"},
    {"Loops", "0"},
    {"AccessLog", "off"},
    {"StatusAddress", "off"},
    {"CrashDumps", "off"},
};

static void what_is_wrong_lets_nothing_more_pass(void **state)
{
    (void)state;
    assert_int_equal(unit_count(shuts), SETTING_COUNT);
    for (enum setting i = 0; i < SETTING_COUNT; i++) {
        struct settings settings;
        assert_string_equal(shuts[i].name, settings_row(i)->name);
        settings_init(&settings);
        settings_shut(i, &settings);
        if (shuts[i].shut[0] != '\0') {
            unit_same(print(&settings, i), span_str(shuts[i].shut), "%s", shuts[i].name);
        } else {
            const uint8_t *field = (const uint8_t *)&settings + settings_row(i)->offset;
            assert_int_equal(*(const uint32_t *)(const void *)field, 0); /* the count of both */
        }
    }
}

static void ask_row(void *arg)
{
    (void)settings_row(*(const enum setting *)arg);
}

static void what_is_no_setting_trips_a_check(void **state)
{
    (void)state;
    enum setting outside[] = {SETTING_COUNT, (enum setting) - 1};
    for (size_t i = 0; i < unit_count(outside); i++) {
        assert_non_null(strstr(unit_expect_check(ask_row, &outside[i]), "settings.c:"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_the_designs),
        cmocka_unit_test(the_fields_hold_the_defaults),
        cmocka_unit_test(every_row_has_the_form),
        cmocka_unit_test(names_are_found_in_any_case),
        cmocka_unit_test(a_slip_in_a_name_is_guessed),
        cmocka_unit_test(near_and_far_from_each_name),
        cmocka_unit_test(no_setting_takes_what_no_line_takes),
        cmocka_unit_test(pairs_that_contradict),
        cmocka_unit_test(what_is_wrong_lets_nothing_more_pass),
        cmocka_unit_test(what_is_no_setting_trips_a_check),
    };
    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
