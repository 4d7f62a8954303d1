/*
 * Proves err.def row by row: each error has a name, a sentence of the house's form, a status that
 * HTTP knows, and an RFC 9209 error type only where a reply is sent. A new row needs no new test.
 */
#include "unit/unit.h"

/* The error types of RFC 9209, section 2.3. */
static const char *const proxy_types[] = {
    "dns_timeout",
    "dns_error",
    "destination_not_found",
    "destination_unavailable",
    "destination_ip_prohibited",
    "destination_ip_unroutable",
    "connection_refused",
    "connection_terminated",
    "connection_timeout",
    "connection_read_timeout",
    "connection_write_timeout",
    "connection_limit_reached",
    "tls_protocol_error",
    "tls_certificate_error",
    "tls_alert_received",
    "http_request_error",
    "http_request_denied",
    "http_response_incomplete",
    "http_response_header_section_size",
    "http_response_header_size",
    "http_response_body_size",
    "http_response_trailer_section_size",
    "http_response_trailer_size",
    "http_response_transfer_coding",
    "http_response_content_coding",
    "http_response_timeout",
    "http_upgrade_failed",
    "http_protocol_error",
    "proxy_internal_response",
    "proxy_internal_error",
    "proxy_configuration_error",
    "proxy_loop_detected",
};

static bool is_proxy_type(const char *type)
{
    for (size_t i = 0; i < unit_count(proxy_types); i++) {
        if (strcmp(type, proxy_types[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void ok_is_zero_and_first(void **state)
{
    (void)state;
    assert_int_equal(ERR_OK, 0);
    assert_string_equal(err_name(ERR_OK), "OK");
    assert_int_equal(err_http_status(ERR_OK), 0);
    assert_int_equal(err_event(ERR_OK), 0);
}

static void every_name_is_capitals_and_there_once(void **state)
{
    (void)state;
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    for (unsigned i = 0; i < ERR_COUNT; i++) {
        const char *name = err_name((enum err)i);
        unit_holds(name && name[0] >= 'A' && name[0] <= 'Z', "row %u", i);
        unit_holds(strspn(name, letters) == strlen(name), "%s", name);
        for (unsigned k = 0; k < i; k++) {
            unit_holds(strcmp(name, err_name((enum err)k)) != 0, "%s", name);
        }
    }
}

static void every_sentence_has_the_form(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ERR_COUNT; i++) {
        const char *name = err_name((enum err)i), *sentence = err_sentence((enum err)i);
        unit_holds(sentence && strlen(sentence) >= 4, "%s", name);
        size_t len = strlen(sentence);
        unit_holds(sentence[0] >= 'a' && sentence[0] <= 'z', "%s: %s", name, sentence);
        unit_holds(!strchr(".!?,:; ", sentence[len - 1]), "%s: %s", name, sentence);
        unit_holds(len <= 100 && !strstr(sentence, "  "), "%s: %s", name, sentence);
        for (size_t k = 0; k < len; k++) {
            unit_holds(sentence[k] >= 0x20 && sentence[k] < 0x7F, "%s: %s", name, sentence);
        }
        for (unsigned k = 0; k < i; k++) {
            unit_holds(strcmp(sentence, err_sentence((enum err)k)) != 0, "%s: %s", name, sentence);
        }
    }
}

static void every_reply_is_one_that_http_knows(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ERR_COUNT; i++) {
        const char *name = err_name((enum err)i), *type = err_proxy_status((enum err)i);
        uint16_t http = err_http_status((enum err)i);
        unit_holds(http == 0 || (http >= 400 && http <= 599), "%s: %u", name, http);
        unit_holds(type, "%s", name);
        unit_holds(type[0] == '\0' || http != 0, "%s: %s without a reply", name, type);
        unit_holds(type[0] == '\0' || is_proxy_type(type), "%s: %s", name, type);
    }
}

/* The product's ids have three digits. */
static void every_event_is_an_id_or_none(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ERR_COUNT; i++) {
        uint16_t event = err_event((enum err)i);
        unit_holds(event == 0 || (event >= 100 && event <= 999), "%s: %u", err_name((enum err)i),
                   event);
    }
}

static unsigned asked; /* keeps the answers in use */

static void ask_name(void *arg)
{
    (void)err_name(*(const enum err *)arg);
}

static void ask_sentence(void *arg)
{
    (void)err_sentence(*(const enum err *)arg);
}

static void ask_http_status(void *arg)
{
    asked += err_http_status(*(const enum err *)arg);
}

static void ask_proxy_status(void *arg)
{
    (void)err_proxy_status(*(const enum err *)arg);
}

static void ask_event(void *arg)
{
    asked += err_event(*(const enum err *)arg);
}

static void what_is_no_row_trips_a_check(void **state)
{
    (void)state;
    enum err outside[] = {ERR_COUNT, (enum err)(ERR_COUNT + 1), (enum err) - 1,
                          (enum err)0x7FFFFFFF};
    void (*const asks[])(void *) = {ask_name, ask_sentence, ask_http_status, ask_proxy_status,
                                    ask_event};
    for (size_t i = 0; i < unit_count(outside); i++) {
        for (size_t k = 0; k < unit_count(asks); k++) {
            const char *sentence = unit_expect_check(asks[k], &outside[i]);
            unit_holds(strstr(sentence, "err.c:"), "%d: %s", (int)outside[i], sentence);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ok_is_zero_and_first),
        cmocka_unit_test(every_name_is_capitals_and_there_once),
        cmocka_unit_test(every_sentence_has_the_form),
        cmocka_unit_test(every_reply_is_one_that_http_knows),
        cmocka_unit_test(every_event_is_an_id_or_none),
        cmocka_unit_test(what_is_no_row_trips_a_check),
    };
    return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
