/*
 * Proves ports and endpoints: every number from 0 to 70000 as a port, what is an address with a
 * port and what is not, and that the printed form is read back as the same.
 */
#include "base/addr.h"
#include "unit/unit.h"

static void every_number_is_a_port_or_not(void **state)
{
    (void)state;
    for (unsigned i = 0; i <= 70000; i++) {
        char text[16];
        uint16_t port = 4711;
        (void)snprintf(text, sizeof text, "%u", i);
        bool good = i >= 1 && i <= 65535;
        unit_holds(port_parse(span_str(text), &port) == (good ? ERR_OK : ERR_PORT), "%u", i);
        unit_holds(port == (good ? i : 4711), "%u: %u", i, port);
    }
}

static void what_is_no_port(void **state)
{
    (void)state;
    static const struct span rows[] = {
        SPAN(""),
        SPAN("00"),
        SPAN("01"),
        SPAN("0443"),
        SPAN("+443"),
        SPAN("-1"),
        SPAN(" 443"),
        SPAN("443 "),
        SPAN("443x"),
        SPAN("x"),
        SPAN("0x1BB"),
        SPAN("4e2"),
        SPAN("443."),
        SPAN("44 3"),
        SPAN("443\0"),
        SPAN("443\n"),
        SPAN("\0"),
        SPAN("https"),
        SPAN("99999999"),
        SPAN("4294967739"),
        SPAN("443,443"),
        SPAN("18446744073709552059"),
        SPAN("\xD9\xA4\xD9\xA4\xD9\xA3"),
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        uint8_t *copy = unit_copy(rows[i]);
        uint16_t port = 4711;
        enum err err = port_parse(span_of(copy, rows[i].len), &port);
        unit_holds(err == ERR_PORT && port == 4711, "%s", unit_show(rows[i]));
        free(copy);
    }
}

static const struct {
    struct span text;
    const char *addr;
    uint16_t port;
    const char *printed;
} endpoints[] = {
    {SPAN("192.0.2.1:443"), "192.0.2.1", 443, "192.0.2.1:443"},
    {SPAN("0.0.0.0:1"), "0.0.0.0", 1, "0.0.0.0:1"},
    {SPAN("255.255.255.255:65535"), "255.255.255.255", 65535, "255.255.255.255:65535"},
    {SPAN("[::]:8080"), "::", 8080, "[::]:8080"},
    {SPAN("[2001:DB8::1]:443"), "2001:db8::1", 443, "[2001:db8::1]:443"},
    {SPAN("[1:2:3:4:5:6:7:8]:9"), "1:2:3:4:5:6:7:8", 9, "[1:2:3:4:5:6:7:8]:9"},
    {SPAN("[::ffff:c000:201]:80"), "::ffff:192.0.2.1", 80, "[::ffff:192.0.2.1]:80"},
    {SPAN("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"),
     "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535,
     "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"},
};

static struct span print(const struct endpoint *endpoint, char place[ENDPOINT_TEXT_MAX])
{
    struct out out;
    out_begin(&out, place, ENDPOINT_TEXT_MAX);
    endpoint_print(endpoint, &out);
    assert_int_equal(out_end(&out), ERR_OK);
    return out_span(&out);
}

static void every_endpoint_is_read_and_printed(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(endpoints); i++) {
        uint8_t *copy = unit_copy(endpoints[i].text);
        struct endpoint endpoint;
        struct addr want;
        char place[ENDPOINT_TEXT_MAX];
        enum err err = endpoint_parse(span_of(copy, endpoints[i].text.len), &endpoint);
        unit_holds(err == ERR_OK, "%s: %s", unit_show(endpoints[i].text), err_name(err));
        assert_int_equal(addr_parse(span_str(endpoints[i].addr), &want), ERR_OK);
        unit_holds(addr_equal(&endpoint.addr, &want), "%s", unit_show(endpoints[i].text));
        unit_holds(endpoint.port == endpoints[i].port, "%s", unit_show(endpoints[i].text));
        unit_same(print(&endpoint, place), span_str(endpoints[i].printed), "%zu", i);
        free(copy);
    }
}

/* ERR_OK stands for any error: which of the parts is to blame is not always plain. */
static const struct {
    struct span text;
    enum err err;
} refused[] = {
    {SPAN(""), ERR_ENDPOINT},
    {SPAN("443"), ERR_ENDPOINT},
    {SPAN("192.0.2.1"), ERR_ENDPOINT},
    {SPAN("::1:443"), ERR_ENDPOINT}, /* an address by itself: where would it end? */
    {SPAN("1:2:3:4:5:6:7:8:443"), ERR_ENDPOINT},
    {SPAN("[192.0.2.1]:443"), ERR_ENDPOINT},
    {SPAN(":443"), ERR_ADDRESS},
    {SPAN("*:443"), ERR_ADDRESS},
    {SPAN("[]:443"), ERR_ADDRESS},
    {SPAN("[:443"), ERR_ADDRESS},
    {SPAN("]:443"), ERR_ADDRESS},
    {SPAN("[[::1]]:443"), ERR_ADDRESS},
    {SPAN("[::1:443"), ERR_ADDRESS},
    {SPAN("::1]:443"), ERR_ADDRESS},
    {SPAN(" [::1]:443"), ERR_ADDRESS},
    {SPAN("[ ::1]:443"), ERR_ADDRESS},
    {SPAN("[::1] :443"), ERR_ADDRESS},
    {SPAN("x[::1]:443"), ERR_ADDRESS},
    {SPAN("localhost:443"), ERR_ADDRESS},
    {SPAN("192.0.2.1:443:443"), ERR_ADDRESS},
    {SPAN("192.0.2.01:443"), ERR_ADDRESS},
    {SPAN("http://192.0.2.1:443"), ERR_ADDRESS},
    {SPAN("[fe80::1%eth0]:443"), ERR_SCOPE},
    {SPAN("192.0.2.1:"), ERR_PORT},
    {SPAN("192.0.2.1:0"), ERR_PORT},
    {SPAN("192.0.2.1:0443"), ERR_PORT},
    {SPAN("192.0.2.1:65536"), ERR_PORT},
    {SPAN("192.0.2.1: 443"), ERR_PORT},
    {SPAN("192.0.2.1:443 "), ERR_PORT},
    {SPAN("192.0.2.1:443/"), ERR_PORT},
    {SPAN("192.0.2.1:443\0"), ERR_PORT},
    {SPAN("[::1]:"), ERR_PORT},
    {SPAN("[::1]:x"), ERR_PORT},
    {SPAN("[::1]"), ERR_OK},
    {SPAN("[::1]443"), ERR_OK},
    {SPAN("2001:db8::1"), ERR_OK},
    {SPAN("::"), ERR_OK},
    {SPAN(":"), ERR_OK},
    {SPAN("[]"), ERR_OK},
    {SPAN("[]:"), ERR_OK},
};

static void everything_else_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(refused); i++) {
        uint8_t *copy = unit_copy(refused[i].text);
        struct endpoint endpoint, before;
        memset(&endpoint, 0x77, sizeof endpoint);
        memcpy(&before, &endpoint, sizeof before);
        enum err err = endpoint_parse(span_of(copy, refused[i].text.len), &endpoint);
        unit_holds(err != ERR_OK && (err == refused[i].err || refused[i].err == ERR_OK), "%s: %s",
                   unit_show(refused[i].text), err_name(err));
        unit_holds(memcmp(&endpoint, &before, sizeof endpoint) == 0, "%s",
                   unit_show(refused[i].text));
        free(copy);
    }
}

/* Each text cut at each place: an endpoint from where its port has begun, and none before. */
static void every_prefix_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(endpoints); i++) {
        struct span text = endpoints[i].text;
        for (size_t len = 0; len <= text.len; len++) {
            uint8_t *copy = unit_copy(span_first(text, len));
            struct endpoint endpoint;
            enum err err = endpoint_parse(span_of(copy, len), &endpoint);
            bool whole = len > span_find_last(text, ':') + 1;
            unit_holds((err == ERR_OK) == whole, "%s", unit_show(span_of(copy, len)));
            free(copy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_is_a_port_or_not),
        cmocka_unit_test(what_is_no_port),
        cmocka_unit_test(every_endpoint_is_read_and_printed),
        cmocka_unit_test(everything_else_is_refused),
        cmocka_unit_test(every_prefix_is_judged),
    };
    return cmocka_run_group_tests_name("endpoint", tests, NULL, NULL);
}
