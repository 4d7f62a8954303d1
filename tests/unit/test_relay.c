/*
 * Proves the relay proxy's URL and login: the one form of what is accepted, the error of what is
 * not, that the form reads back as the same, and that every shorter or longer text is judged.
 */
#include "policy/relay.h"

#include "unit/unit.h"

static enum err parse(struct span text, struct relay *relay)
{
    static char place[RELAY_WHY_MAX];
    struct out why;
    out_begin(&why, place, sizeof place);
    enum err err = relay_parse(text, relay, &why);
    unit_holds(out_end(&why) == ERR_OK && (err == ERR_OK) == (why.len == 0), "%s", unit_show(text));
    return err;
}

static const struct {
    const char *text, *url;
} accepted[] = {
    {"http://proxy.example.com:8080", "http://proxy.example.com:8080"},
    {"HTTP://Proxy.Example.COM.:1", "http://proxy.example.com:1"},
    {" http://proxy:65535/ ", "http://proxy:65535"},
    {"proxy", "http://proxy:80"},
    {"10.80.2.200", "http://10.80.2.200:80"},
    {"Proxy.Example.com:8080", "http://proxy.example.com:8080"},
    {"proxy:8080/", "http://proxy:8080"},
    {"proxy/", "http://proxy:80"},
    {"http://proxy", "http://proxy:80"},
    {"http://proxy/", "http://proxy:80"},
    {"[2001:db8::1]", "http://[2001:db8::1]:80"},
    {"[2001:db8::1]:3128", "http://[2001:db8::1]:3128"},
    {"http://[2001:db8::1]", "http://[2001:db8::1]:80"},
    {"http://192.0.2.1:3128", "http://192.0.2.1:3128"},
    {"http://[2001:DB8:0::1]:80", "http://[2001:db8::1]:80"},
    {"http://b\xC3\xBC"
     "cher.example:8080",
     "http://xn--bcher-kva.example:8080"},
};

static void one_form_of_what_is_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(accepted); i++) {
        struct relay relay, again;
        char place[RELAY_URL_MAX];
        struct out out;
        unit_holds(parse(span_str(accepted[i].text), &relay) == ERR_OK, "%s", accepted[i].text);
        out_begin(&out, place, sizeof place);
        relay_print(&relay, &out);
        assert_int_equal(out_end(&out), ERR_OK);
        unit_same(out_span(&out), span_str(accepted[i].url), "%s", accepted[i].text);
        assert_int_equal(parse(out_span(&out), &again), ERR_OK);
        unit_same(pattern_span(&again.host), pattern_span(&relay.host), "%s", accepted[i].text);
        assert_int_equal(again.port, relay.port);
    }
}

static const struct {
    const char *text;
    enum err err;
} refused[] = {
    {"", ERR_EMPTY},
    {"proxy:", ERR_PORT},
    {"proxy:/", ERR_RELAY_SCHEME},
    {"proxy/x", ERR_RELAY_PATH},
    {"//proxy:8080", ERR_RELAY_PATH},
    {"http:\\\\proxy:8080", ERR_RELAY_SCHEME},
    {"2001:db8::1", ERR_ENDPOINT},
    {"*.example.com", ERR_HOST_LETTER},
    {"http:/proxy:8080", ERR_RELAY_SCHEME},
    {"socks5://proxy:8080", ERR_RELAY_SCHEME},
    {"HTTPS://proxy:8080", ERR_RELAY_HTTPS},
    {"http://a@proxy:8080", ERR_RELAY_URL_LOGIN},
    {"https://a:b@proxy", ERR_RELAY_URL_LOGIN},
    {"http://proxy:8080/x", ERR_RELAY_PATH},
    {"http://proxy:8080//", ERR_RELAY_PATH},
    {"http://proxy:8080?", ERR_RELAY_PATH},
    {"http://proxy:8080#", ERR_RELAY_PATH},
    {"http://proxy:8080\\", ERR_RELAY_PATH},
    {"http://", ERR_HOST_EMPTY},
    {"/", ERR_HOST_EMPTY},
    {"http://proxy:", ERR_PORT},
    {"http://proxy:080", ERR_PORT},
    {"http://proxy:65536", ERR_PORT},
    {"http://proxy:8080 x", ERR_PORT},
    {"http://:8080", ERR_HOST_EMPTY},
    {"http://a b:8080", ERR_HOST_SEVERAL},
    {"http:// a:8080", ERR_HOST_LETTER},
    {"http://*.example.com:8080", ERR_HOST_LETTER},
    {"http://2001:db8::1:8080", ERR_ENDPOINT},
    {"http://[2001:db8::1:8080", ERR_ADDRESS},
    {"http://127.1:8080", ERR_HOST_NUMBER},
    {"http://proxy:8080\r\nX: y", ERR_ENDPOINT},
};

static void each_fault_has_its_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(refused); i++) {
        struct relay relay;
        enum err err = parse(span_str(refused[i].text), &relay);
        unit_holds(err == refused[i].err, "%s: %s", refused[i].text, err_name(err));
    }
}

/* In memory of exactly their size; what is accepted when cut is another one, but one. */
static void every_start_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(accepted); i++) {
        struct span text = span_str(accepted[i].text);
        for (size_t len = 0; len <= text.len; len++) {
            struct relay relay, again;
            char place[RELAY_URL_MAX];
            struct out out;
            uint8_t *copy = unit_copy(span_first(text, len));
            enum err err = parse(span_of(copy, len), &relay);
            free(copy);
            unit_holds(err == ERR_OK || len < text.len, "%s", unit_show(text));
            if (err == ERR_OK) {
                out_begin(&out, place, sizeof place);
                relay_print(&relay, &out);
                unit_holds(parse(out_span(&out), &again) == ERR_OK, "%s", place);
            }
        }
    }
}

static void a_host_of_any_length(void **state)
{
    (void)state;
    static char text[400];
    for (size_t labels = 1; labels < 80; labels++) {
        struct relay relay;
        struct out out;
        out_begin(&out, text, sizeof text);
        out_str(&out, "http://");
        for (size_t i = 0; i < labels; i++) {
            out_str(&out, i > 0 ? ".ab" : "xy");
        }
        out_str(&out, ":65535");
        enum err want = 3 * labels - 1 <= PATTERN_NAME_MAX ? ERR_OK : ERR_HOST_LONG;
        assert_int_equal(parse(out_span(&out), &relay), want);
        if (want == ERR_OK) {
            char place[RELAY_URL_MAX];
            struct out url;
            out_begin(&url, place, sizeof place);
            relay_print(&relay, &url);
            assert_int_equal(out_end(&url), ERR_OK);
            unit_same(out_span(&url), out_span(&out), "%zu", labels);
        }
    }
}

static const struct {
    struct span text;
    enum err username, password;
} logins[] = {
    {SPAN("a"), ERR_OK, ERR_OK},
    {SPAN("DOMAIN\\alice b@c"), ERR_OK, ERR_OK},
    {SPAN("\xC3\xBC\xE2\x80\xAE"), ERR_OK, ERR_OK},
    {SPAN(""), ERR_EMPTY, ERR_EMPTY},
    {SPAN("a:b"), ERR_RELAY_COLON, ERR_OK},
    {SPAN("a\r"), ERR_CONTROL, ERR_CONTROL},
    {SPAN("a\n"), ERR_CONTROL, ERR_CONTROL},
    {SPAN("\0"), ERR_CONTROL, ERR_CONTROL},
    {SPAN("a\x1F"), ERR_CONTROL, ERR_CONTROL},
    {SPAN("a\x7F"), ERR_CONTROL, ERR_CONTROL},
    {SPAN("a\xC3"), ERR_UTF, ERR_UTF},
};

static enum err check(struct span text, bool password)
{
    char place[RELAY_WHY_MAX];
    struct out why;
    out_begin(&why, place, sizeof place);
    enum err err = password ? relay_check_password(text, &why) : relay_check_username(text, &why);
    unit_holds((err == ERR_OK) == (why.len == 0), "%s", unit_show(text));
    return err;
}

static void logins_are_text_of_one_line(void **state)
{
    (void)state;
    static uint8_t longest[RELAY_PASSWORD_MAX + 1];
    for (size_t i = 0; i < unit_count(logins); i++) {
        assert_int_equal(check(logins[i].text, false), logins[i].username);
        assert_int_equal(check(logins[i].text, true), logins[i].password);
    }
    memset(longest, 'a', sizeof longest);
    assert_int_equal(check(span_of(longest, RELAY_USERNAME_MAX), false), ERR_OK);
    assert_int_equal(check(span_of(longest, RELAY_USERNAME_MAX + 1), false), ERR_LONG);
    assert_int_equal(check(span_of(longest, RELAY_PASSWORD_MAX), true), ERR_OK);
    assert_int_equal(check(span_of(longest, RELAY_PASSWORD_MAX + 1), true), ERR_LONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_form_of_what_is_accepted), cmocka_unit_test(each_fault_has_its_error),
        cmocka_unit_test(every_start_is_judged),        cmocka_unit_test(a_host_of_any_length),
        cmocka_unit_test(logins_are_text_of_one_line),
    };
    return cmocka_run_group_tests_name("relay", tests, NULL, NULL);
}
