/*
 * Proves access records: golden lines, what a peer's bytes become, where long text is cut, and that
 * the longest line fits into the room kept for it.
 */
#include "eventlog/access.h"
#include "unit/unit.h"

static const uint64_t moment = UINT64_C(1795255200123);

static char place[ACCESS_LINE_MAX];

static struct span line(const struct access_record *record)
{
    struct out out;
    out_begin(&out, place, sizeof place);
    access_print(record, &out);
    assert_int_equal(out_end(&out), ERR_OK);
    return out_span(&out);
}

static void begin(struct access_record *record, const char *client)
{
    memset(record, 0xEE, sizeof *record);
    access_begin(record);
    record->unix_ms = moment;
    assert_int_equal(endpoint_parse(span_str(client), &record->client), ERR_OK);
}

static void a_tunnel(void **state)
{
    (void)state;
    struct access_record record;
    begin(&record, "10.0.0.5:50368");
    access_set(&record, ACCESS_HOST, span_str("a.ods.example.com"));
    record.port = 443;
    assert_int_equal(endpoint_parse(span_str("[2001:db8::7]:443"), &record.server), ERR_OK);
    access_set(&record, ACCESS_RULE, span_str("host *.ods.example.com (local, row 12)"));
    record.bytes_to_server = 1234;
    record.bytes_to_client = UINT64_MAX;
    record.resolve_ms = 0;
    record.connect_ms = 12;
    record.first_byte_ms = 30;
    record.total_ms = 4000000000;
    record.tls = 0x0303;
    access_set(&record, ACCESS_SNI, span_str("a.ods.example.com"));
    access_set(&record, ACCESS_SUBJECT, span_str("CN=one,CN=two,O=Contoso"));
    unit_same(line(&record),
              span_str("{\"time\":\"2026-11-21T10:00:00.123Z\",\"client\":\"10.0.0.5:50368\","
                       "\"host\":\"a.ods.example.com\",\"port\":443,"
                       "\"server\":\"[2001:db8::7]:443\",\"verdict\":\"OK\","
                       "\"rule\":\"host *.ods.example.com (local, row 12)\","
                       "\"bytes_to_server\":1234,\"bytes_to_client\":18446744073709551615,"
                       "\"resolve_ms\":0,\"connect_ms\":12,\"first_byte_ms\":30,"
                       "\"total_ms\":4000000000,\"tls\":\"1.2\",\"sni\":\"a.ods.example.com\","
                       "\"subject\":\"CN=one,CN=two,O=Contoso\"}"),
              "a tunnel");
}

static void a_refusal(void **state)
{
    (void)state;
    struct access_record record;
    begin(&record, "[2001:db8::1]:1");
    record.verdict = ERR_HOST_UNLISTED;
    access_set(&record, ACCESS_HOST, span_str("evil\n\"\x1b[31m"));
    record.port = 25;
    record.total_ms = 1;
    unit_same(line(&record),
              span_str("{\"time\":\"2026-11-21T10:00:00.123Z\",\"client\":\"[2001:db8::1]:1\","
                       "\"host\":\"evil\\u000a\\\"\\u001b[31m\",\"port\":25,\"server\":null,"
                       "\"verdict\":\"HOST_UNLISTED\",\"rule\":null,\"bytes_to_server\":0,"
                       "\"bytes_to_client\":0,\"resolve_ms\":null,\"connect_ms\":null,"
                       "\"first_byte_ms\":null,\"total_ms\":1,\"tls\":null,\"sni\":null,"
                       "\"subject\":null}"),
              "a refusal");
}

static void versions_have_names(void **state)
{
    (void)state;
    static const struct {
        uint16_t version;
        const char *want;
    } rows[] = {
        {0x0300, "\"tls\":\"SSL 3.0\""},
        {0x0301, "\"tls\":\"1.0\""},
        {0x0302, "\"tls\":\"1.1\""},
        {0x0303, "\"tls\":\"1.2\""},
        {0x0304, "\"tls\":\"1.3\""},
        {0x7F1C, "\"tls\":\"0x7f1c\""},
        {0, "\"tls\":null"},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct access_record record;
        begin(&record, "10.0.0.5:50368");
        record.tls = rows[i].version;
        unit_holds(strstr((const char *)line(&record).at, rows[i].want), "%s", rows[i].want);
    }
}

static void long_text_is_cut_in_its_own_place(void **state)
{
    (void)state;
    static const size_t most[ACCESS_TEXTS] = {ACCESS_HOST_MAX, ACCESS_RULE_MAX, ACCESS_SNI_MAX,
                                              ACCESS_SUBJECT_MAX};
    struct access_record record;
    uint8_t text[2000];
    begin(&record, "10.0.0.5:50368");
    for (size_t which = 0; which < ACCESS_TEXTS; which++) {
        memset(text, 'a' + (int)which, sizeof text);
        access_set(&record, (enum access_text)which, span_of(text, sizeof text));
    }
    for (size_t which = 0; which < ACCESS_TEXTS; which++) {
        memset(text, 'a' + (int)which, sizeof text);
        unit_same(access_get(&record, (enum access_text)which), span_of(text, most[which]), "%zu",
                  which);
    }
    memset(text, 'x', sizeof text);
    memcpy(text + ACCESS_HOST_MAX - 1, "\xC3\xBC", 2); /* a character over the end */
    access_set(&record, ACCESS_HOST, span_of(text, sizeof text));
    assert_int_equal(access_get(&record, ACCESS_HOST).len, ACCESS_HOST_MAX - 1);
    access_set(&record, ACCESS_HOST, span_str(""));
    assert_int_equal(access_get(&record, ACCESS_HOST).len, 0);
}

static void the_longest_line_fits(void **state)
{
    (void)state;
    struct access_record record;
    uint8_t text[2000];
    memset(text, 0x01, sizeof text);
    memset(&record, 0xFF, sizeof record);
    for (size_t which = 0; which < ACCESS_TEXTS; which++) {
        access_set(&record, (enum access_text)which, span_of(text, sizeof text));
    }
    record.verdict = ERR_CERTIFICATE_UNLISTED;
    record.client.addr.family = record.server.addr.family = ADDR_IPV6;
    record.resolve_ms = record.connect_ms = record.first_byte_ms = record.total_ms = 4294967294;
    assert_true(line(&record).len > (size_t)ACCESS_TEXT_MAX * 6);
}

static void no_such_text(void *arg)
{
    access_set(arg, ACCESS_TEXTS, span_str("x"));
}

static void a_wrong_text_trips_a_check(void **state)
{
    (void)state;
    struct access_record record;
    begin(&record, "10.0.0.5:50368");
    (void)unit_expect_check(no_such_text, &record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tunnel),
        cmocka_unit_test(a_refusal),
        cmocka_unit_test(versions_have_names),
        cmocka_unit_test(long_text_is_cut_in_its_own_place),
        cmocka_unit_test(the_longest_line_fits),
        cmocka_unit_test(a_wrong_text_trips_a_check),
    };
    return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
