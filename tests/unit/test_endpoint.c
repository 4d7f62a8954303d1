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

static void the_longest_just_fits(void **state)
{
    (void)state;
    struct endpoint endpoint = {{ADDR_IPV6, {0}}, 65535};
    char place[ENDPOINT_TEXT_MAX];
    struct out out;
    memset(endpoint.addr.bytes, 0xFF, sizeof endpoint.addr.bytes);
    assert_int_equal(print(&endpoint, place).len, ENDPOINT_TEXT_MAX - 1);
    out_begin(&out, place, sizeof place - 1);
    endpoint_print(&endpoint, &out);
    assert_int_equal(out_end(&out), ERR_LONG);
}

/* The same texts with port 0: a place to listen at, and nowhere to connect to. */
static void port_0_is_a_place_to_listen_at(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(endpoints); i++) {
        char text[ENDPOINT_TEXT_MAX], place[ENDPOINT_TEXT_MAX];
        struct endpoint endpoint = {.port = 4711}, whole;
        struct span host = span_first(endpoints[i].text, span_find_last(endpoints[i].text, ':'));
        int len = snprintf(text, sizeof text, "%.*s:0", (int)host.len, (const char *)host.at);
        assert_int_equal(endpoint_parse(span_of(text, (size_t)len), &endpoint), ERR_PORT);
        assert_int_equal(endpoint_parse_bind(span_of(text, (size_t)len), &endpoint), ERR_OK);
        assert_int_equal(endpoint_parse_bind(endpoints[i].text, &whole), ERR_OK);
        unit_holds(endpoint.port == 0 && whole.port == endpoints[i].port, "%s", text);
        unit_holds(addr_equal(&endpoint.addr, &whole.addr), "%s", text);
        struct span printed = print(&endpoint, place);
        unit_holds(span_ends_with(printed, span_str(":0")), "%s", unit_show(printed));
    }
}

static const struct {
    struct span text;
    enum err err;
} refused[] = {
    {SPAN(""), ERR_ENDPOINT}, /* no port */
    {SPAN("443"), ERR_ENDPOINT},
    {SPAN("192.0.2.1"), ERR_ENDPOINT},
    {SPAN("localhost"), ERR_ENDPOINT},
    {SPAN("["), ERR_ENDPOINT},
    {SPAN("[]"), ERR_ENDPOINT},
    {SPAN("[192.0.2.1]"), ERR_ENDPOINT},
    {SPAN("[::1]"), ERR_ENDPOINT},
    {SPAN("[2001:db8::1]"), ERR_ENDPOINT},
    {SPAN("[::1]443"), ERR_ENDPOINT},
    {SPAN("[::ffff:192.0.2.1]"), ERR_ENDPOINT},
    {SPAN("::"), ERR_ENDPOINT}, /* no brackets: where would the address end? */
    {SPAN(":::"), ERR_ENDPOINT},
    {SPAN("::1"), ERR_ENDPOINT},
    {SPAN("::1:80"), ERR_ENDPOINT},
    {SPAN("::1:443"), ERR_ENDPOINT},
    {SPAN("::1:"), ERR_ENDPOINT},
    {SPAN("::1:x"), ERR_ENDPOINT},
    {SPAN("2001:db8::1"), ERR_ENDPOINT},
    {SPAN("2001:db8::1:443"), ERR_ENDPOINT},
    {SPAN("2001:db8::"), ERR_ENDPOINT},
    {SPAN("::ffff:192.0.2.1"), ERR_ENDPOINT},
    {SPAN("::ffff:192.0.2.1:443"), ERR_ENDPOINT},
    {SPAN("fe80::1%eth0"), ERR_ENDPOINT},
    {SPAN("fe80::1%eth0:443"), ERR_ENDPOINT},
    {SPAN("1:2:3:4:5:6:7:8"), ERR_ENDPOINT},
    {SPAN("1:2:3:4:5:6:7:8:443"), ERR_ENDPOINT},
    {SPAN("a:b:443"), ERR_ENDPOINT},
    {SPAN("[::1:443"), ERR_ENDPOINT}, /* not both brackets, or not around the address */
    {SPAN("::1]:443"), ERR_ENDPOINT},
    {SPAN(" [::1]:443"), ERR_ENDPOINT},
    {SPAN("[::1] :443"), ERR_ENDPOINT},
    {SPAN("x[::1]:443"), ERR_ENDPOINT},
    {SPAN("[::1]x:443"), ERR_ENDPOINT},
    {SPAN("[::1]:443:443"), ERR_ENDPOINT},
    {SPAN("]::1[:443"), ERR_ENDPOINT},
    {SPAN("192.0.2.1:443:443"), ERR_ENDPOINT},
    {SPAN("http://192.0.2.1:443"), ERR_ENDPOINT},
    {SPAN("[192.0.2.1]:443"), ERR_ENDPOINT},
    {SPAN(":"), ERR_ADDRESS},
    {SPAN("[]:"), ERR_ADDRESS},
    {SPAN(":443"), ERR_ADDRESS},
    {SPAN("*:443"), ERR_ADDRESS},
    {SPAN("[]:443"), ERR_ADDRESS},
    {SPAN("[:443"), ERR_ADDRESS},
    {SPAN("]:443"), ERR_ADDRESS},
    {SPAN("][:443"), ERR_ADDRESS},
    {SPAN("[[::1]]:443"), ERR_ADDRESS},
    {SPAN("[ ::1]:443"), ERR_ADDRESS},
    {SPAN("[::1 ]:443"), ERR_ADDRESS},
    {SPAN("[:::]:443"), ERR_ADDRESS},
    {SPAN("[2001:db8::1::]:443"), ERR_ADDRESS},
    {SPAN("localhost:443"), ERR_ADDRESS},
    {SPAN("[localhost]:443"), ERR_ADDRESS},
    {SPAN("192.0.2.01:443"), ERR_ADDRESS},
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
    {SPAN("[::1]:0"), ERR_PORT},
    {SPAN("[::1]:00"), ERR_PORT},
    {SPAN("192.0.2.1:00"), ERR_PORT},
    {SPAN("192.0.2.1:-0"), ERR_PORT},
};

static void expect_refused(enum err (*parse)(struct span text, struct endpoint *endpoint),
                           struct span text, enum err want)
{
    uint8_t *copy = unit_copy(text);
    struct endpoint endpoint, before;
    memset(&endpoint, 0x77, sizeof endpoint);
    memcpy(&before, &endpoint, sizeof before);
    enum err err = parse(span_of(copy, text.len), &endpoint);
    unit_holds(err == want, "%s: %s", unit_show(text), err_name(err));
    unit_holds(memcmp(&endpoint, &before, sizeof endpoint) == 0, "%s", unit_show(text));
    free(copy);
}

static void everything_else_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(refused); i++) {
        expect_refused(endpoint_parse, refused[i].text, refused[i].err);
        if (!span_ends_with(refused[i].text, span_str(":0"))) {
            expect_refused(endpoint_parse_bind, refused[i].text, refused[i].err);
        }
    }
}

/* What its parts say of the text, told from its last colon and the brackets around the host. */
static enum err slow_err(struct span text)
{
    struct addr addr;
    uint16_t port;
    size_t colon = span_find_last(text, ':');
    struct span host = span_first(text, colon);
    bool open = span_starts_with(host, span_str("[")), close = span_ends_with(host, span_str("]"));
    bool inside = open && close && host.len >= 2;
    if (colon == text.len || (!inside && span_find(host, ':') < host.len)) {
        return ERR_ENDPOINT;
    }
    enum err err = addr_parse(inside ? span_first(span_after(host, 1), host.len - 2) : host, &addr);
    if (err == ERR_OK && inside != (addr.family == ADDR_IPV6)) {
        return ERR_ENDPOINT;
    }
    return err != ERR_OK ? err : port_parse(span_after(text, colon + 1), &port);
}

/* All short texts of the letters that matter: no brackets and more than one colon is no endpoint.
 */
static void every_short_text_is_judged(void **state)
{
    (void)state;
    struct unit_words words = {.letters = 4, .alphabet = "[:]1", .max = 8};
    size_t good = 0;
    while (unit_words_next(&words)) {
        struct endpoint endpoint;
        struct span text = unit_word(&words);
        enum err err = endpoint_parse(text, &endpoint);
        enum err bind_err = endpoint_parse_bind(text, &endpoint); /* no letter is a 0 */
        size_t colon = span_find(text, ':');
        bool bare = !span_starts_with(text, span_str("[")) && span_find_last(text, ':') > colon;
        unit_holds(err == slow_err(text), "%s: %s", unit_show(text), err_name(err));
        unit_holds(err == bind_err, "%s: %s", unit_show(text), err_name(bind_err));
        unit_holds(err == ERR_ENDPOINT || (colon < text.len && !bare), "%s: %s", unit_show(text),
                   err_name(err));
        good += err == ERR_OK;
    }
    assert_int_equal(good, 3 + 4 + 3); /* [::]:1 to 111, [::1] and [1::], [::11], [1::1], [11::] */
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
            unit_holds(err == slow_err(span_of(copy, len)), "%s: %s", unit_show(span_of(copy, len)),
                       err_name(err));
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
        cmocka_unit_test(the_longest_just_fits),
        cmocka_unit_test(port_0_is_a_place_to_listen_at),
        cmocka_unit_test(everything_else_is_refused),
        cmocka_unit_test(every_short_text_is_judged),
        cmocka_unit_test(every_prefix_is_judged),
    };
    return cmocka_run_group_tests_name("endpoint", tests, NULL, NULL);
}
