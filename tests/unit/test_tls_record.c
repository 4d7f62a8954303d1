/*
 * Proves the smallest parts: headers of records at every split and of every kind, what first bytes
 * are called and when that is known, and the alert for each error.
 */
#include "tls/alert.h"
#include "tls/greeting.h"
#include "tls/record.h"
#include "unit/assemble.h"

static void a_header_is_a_header_at_every_split(void **state)
{
    (void)state;
    static const uint8_t header[] = {22, 3, 1, 0x12, 0x34};
    for (unsigned cuts = 0; cuts < 16; cuts++) { /* bit: a cut behind that byte */
        struct tls_record record = {.left = 0};
        bool complete = false;
        for (size_t at = 0; at < RECORD_HEADER;) {
            size_t len = 1;
            while (at + len < RECORD_HEADER && !(cuts >> (at + len - 1) & 1)) {
                len++;
            }
            assert_false(complete);
            assert_int_equal(tls_record_wants(&record), RECORD_HEADER - at);
            assert_int_equal(tls_record_add(&record, span_of(header + at, len), &complete), ERR_OK);
            at += len;
        }
        assert_true(complete);
        assert_int_equal(record.type, RECORD_HANDSHAKE);
        assert_int_equal(record.left, 0x1234);
    }
}

/* Each type, each first byte of the version, lengths around the limits. */
static void only_headers_of_tls_are_headers(void **state)
{
    (void)state;
    static const uint16_t lens[] = {0, 1, 16384, 16385, 16640, 16641, 65535};
    for (unsigned type = 0; type < 256; type++) {
        for (unsigned major = 0; major < 256; major++) {
            for (size_t i = 0; i < unit_count(lens); i++) {
                const uint8_t header[] = {(uint8_t)type, (uint8_t)major, 9, (uint8_t)(lens[i] >> 8),
                                          (uint8_t)lens[i]};
                struct tls_record record = {.left = 0};
                bool complete;
                size_t most = type == 23 ? 16640 : 16384;
                bool good = type >= 20 && type <= 23 && major == 3 && lens[i] <= most;
                enum err err = tls_record_add(&record, span_of(header, sizeof header), &complete);
                unit_holds(err == (good ? ERR_OK : ERR_TLS_RECORD), "%u %u %u", type, major,
                           lens[i]);
            }
        }
    }
}

/* Two records, stripped in two pieces at every split, for every count. */
static void a_strip_leaves_headers_out(void **state)
{
    (void)state;
    uint8_t place[64];
    struct span raw = assemble("'ab' 16 0303 2{'cdefg'} 16 0303 2{} 16 0303 2{'hi'}", place, 64);
    for (size_t split = 0; split <= raw.len; split++) {
        for (size_t count = 0; count <= 9; count++) {
            uint8_t *to = unit_copy(span_of("?????????", count));
            struct tls_record_strip strip = {{.left = 2}, to, count};
            tls_record_strip(&strip, span_first(raw, split));
            tls_record_strip(&strip, span_after(raw, split));
            assert_int_equal(strip.wanted, 0);
            unit_same(span_of(to, count), span_of("abcdefghi", count), "at %zu", split);
            free(to);
        }
    }
}

static const struct {
    const char *bytes;
    size_t known; /* after how many bytes it is known */
    enum err err;
    const char *words;
} greetings[] = {
    {"16 0301", 2, ERR_OK, "TLS"},
    {"16 0303", 2, ERR_OK, "TLS"},
    {"14 0303", 2, ERR_TLS_ORDER, "TLS without a ClientHello"},
    {"15 0303", 2, ERR_TLS_ORDER, "TLS without a ClientHello"},
    {"17 0303", 2, ERR_TLS_ORDER, "TLS without a ClientHello"},
    {"16 feff", 2, ERR_TLS_DATAGRAM, "DTLS"},
    {"16 02", 2, ERR_TLS_PLAIN, "no protocol that is known here"},
    {"80 2e 01 0002", 4, ERR_TLS_SSL2, "SSL 2.0"},
    {"ff ff 01 0301", 4, ERR_TLS_SSL2, "SSL 2.0 with an offer of TLS"},
    {"80 2e 01 0100", 4, ERR_TLS_PLAIN, "no protocol that is known here"},
    {"80 2e 04", 3, ERR_TLS_PLAIN, "no protocol that is known here"},
    {"'GET / HTTP/1.1'", 4, ERR_TLS_PLAIN, "HTTP"},
    {"'GETS'", 4, ERR_TLS_PLAIN, "no protocol that is known here"},
    {"'POST /'", 4, ERR_TLS_PLAIN, "HTTP"},
    {"'PUT /'", 4, ERR_TLS_PLAIN, "HTTP"},
    {"'PX'", 2, ERR_TLS_PLAIN, "no protocol that is known here"},
    {"'PRI * HTTP/2.0'", 4, ERR_TLS_PLAIN, "HTTP/2 without TLS"},
    {"'PROXY TCP4'", 4, ERR_TLS_PLAIN, "a PROXY protocol header"},
    {"'SSH-2.0-'", 4, ERR_TLS_PLAIN, "SSH"},
    {"05 0100", 1, ERR_TLS_PLAIN, "SOCKS"},
    {"04 01", 1, ERR_TLS_PLAIN, "SOCKS"},
    {"03 00 00 13", 2, ERR_TLS_PLAIN, "RDP"},
    {"00 0e 38", 3, ERR_TLS_PLAIN, "OpenVPN"},
    {"00 0e 39", 3, ERR_TLS_PLAIN, "no protocol that is known here"},
    {"00", 1, ERR_OK, NULL}, /* not known yet */
    {"'GET'", 3, ERR_OK, NULL},
    {"'g'", 1, ERR_TLS_PLAIN, "no protocol that is known here"},
};

static void every_greeting_is_known_as_soon_as_it_can_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(greetings); i++) {
        uint8_t place[32];
        struct span bytes = assemble(greetings[i].bytes, place, sizeof place);
        struct greeting greeting = {.len = 0};
        enum greeting_kind kind = GREETING_OTHER;
        size_t at = 0;
        bool known = false;
        while (at < bytes.len && !known) {
            known = greeting_add(&greeting, bytes.at[at++], &kind);
        }
        unit_holds(known == (greetings[i].words != NULL) && at == greetings[i].known, "%s: %zu",
                   greetings[i].bytes, at);
        if (known) {
            unit_holds(greeting_err(kind) == greetings[i].err, "%s", greetings[i].bytes);
            assert_string_equal(greeting_words(kind), greetings[i].words);
        }
    }
}

/* Four bytes at most are asked for, whatever they are. */
static void no_greeting_takes_longer_than_four_bytes(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x00, 0x01, 0x03, 0x16, 0x38, 0x80, 0xFE,
                                    'C',  'G',  'E',  'T',  ' ',  'P'};
    struct unit_words words = {.letters = sizeof bytes, .max = 4};
    while (unit_words_next(&words)) {
        struct greeting greeting = {.len = 0};
        enum greeting_kind kind;
        bool known = false;
        for (size_t i = 0; i < words.len && !known; i++) {
            known = greeting_add(&greeting, bytes[words.index[i]], &kind);
        }
        assert_true(known || words.len < 4);
    }
}

static void versions_have_names(void **state)
{
    (void)state;
    assert_string_equal(greeting_version(0x0300), "SSL 3.0");
    assert_string_equal(greeting_version(0x0301), "TLS 1.0");
    assert_string_equal(greeting_version(0x0304), "TLS 1.3");
    assert_string_equal(greeting_version(0x0305), "an unknown version");
    assert_string_equal(greeting_version(0), "an unknown version");
}

/* Every error whose event is one of a TLS refusal has an alert of its own, but what is our fault.
 */
static void every_refusal_of_tls_has_its_alert(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ERR_COUNT; i++) {
        enum err err = (enum err)i;
        uint8_t record[ALERT_SIZE];
        bool tls = err_event(err) == 106 || err_event(err) == 402;
        bool own = (tls && err != ERR_TLS_FULL) || err == ERR_CERTIFICATE_UNLISTED;
        unit_holds((alert_number(err) != ALERT_INTERNAL) == own, "%s: %u", err_name(err),
                   alert_number(err));
        alert_put(err, 0x0302, record);
        const uint8_t want[] = {21, 3, 2, 0, 2, 2, alert_number(err)};
        assert_memory_equal(record, want, sizeof want);
    }
    assert_int_equal(alert_number(ERR_SNI_OTHER), 112);
    assert_int_equal(alert_number(ERR_TLS_OLD), 70);
    assert_int_equal(alert_number(ERR_CERTIFICATE_UNLISTED), 49);
    assert_int_equal(alert_number(ERR_CERTIFICATE_UNREADABLE), 42);
    assert_int_equal(alert_number(ERR_TLS_DECODE), 50);
    assert_int_equal(alert_number(ERR_TLS_ORDER), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_a_header_at_every_split),
        cmocka_unit_test(only_headers_of_tls_are_headers),
        cmocka_unit_test(a_strip_leaves_headers_out),
        cmocka_unit_test(every_greeting_is_known_as_soon_as_it_can_be),
        cmocka_unit_test(no_greeting_takes_longer_than_four_bytes),
        cmocka_unit_test(versions_have_names),
        cmocka_unit_test(every_refusal_of_tls_has_its_alert),
    };
    return cmocka_run_group_tests_name("tls_record", tests, NULL, NULL);
}
