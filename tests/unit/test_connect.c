/*
 * Proves the request that the relay proxy gets: its exact bytes, that our own reader accepts it,
 * that credentials come out of the base64 as they went in, and that none can end their field.
 */
#include "heads.h"
#include "http/connect.h"
#include "unit/unit.h"

static struct authority target_of(const char *text)
{
    struct authority target;
    assert_int_equal(authority_parse(span_str(text), 0, &target), ERR_OK);
    return target;
}

static const struct {
    const char *target, *user, *password, *request;
} rows[] = {
    {"a.example:443", "", "", "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n"},
    {"[2001:DB8::1]:8443", "", "",
     "CONNECT [2001:db8::1]:8443 HTTP/1.1\r\nHost: [2001:db8::1]:8443\r\n\r\n"},
    /* The example of RFC 7617, and its second one, in UTF-8. */
    {"A.Example.:443", "Aladdin", "open sesame",
     "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n"
     "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"},
    {"a.example:443", "test", "123\xC2\xA3",
     "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n"
     "Proxy-Authorization: Basic dGVzdDoxMjPCow==\r\n\r\n"},
    {"a.example:443", "u", "",
     "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n"
     "Proxy-Authorization: Basic dTo=\r\n\r\n"},
    {"a.example:443", "", "p",
     "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n"
     "Proxy-Authorization: Basic OnA=\r\n\r\n"},
    {"a.example:443", "u", ":p:",
     "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n"
     "Proxy-Authorization: Basic dTo6cDo=\r\n\r\n"},
    {"a.example:443", "u", "\xFF\xFE\xFB",
     "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n"
     "Proxy-Authorization: Basic dTr//vs=\r\n\r\n"},
};

static void the_bytes_are_these(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct authority target = target_of(rows[i].target);
        char place[CONNECT_MAX];
        struct out out;
        struct heads_end end;
        out_begin(&out, place, sizeof place);
        enum err err =
            connect_put(&target, span_str(rows[i].user), span_str(rows[i].password), &out);
        unit_holds(err == ERR_OK, "%s: %s", rows[i].request, err_name(err));
        unit_same(out_span(&out), span_str(rows[i].request), "%zu", i);
        heads_judge(false, out_span(&out), &end);
        unit_holds(end.done && authority_equal(&end.head.target, &target), "%s", rows[i].request);
    }
}

/* Base64 as the other side reads it; how many bytes. */
static size_t decode(struct span text, uint8_t *place)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t len = 0, bits = 0;
    uint32_t value = 0;
    assert_int_equal(text.len % 4, 0);
    for (size_t i = 0; i < text.len && text.at[i] != '='; i++) {
        const char *digit = strchr(digits, text.at[i]);
        assert_true(text.at[i] != 0 && digit);
        value = value << 6 | (uint32_t)(digit - digits);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            place[len++] = (uint8_t)(value >> bits);
        }
    }
    return len;
}

static void judge_login(struct span user, struct span password)
{
    static const struct span field = SPAN("Basic "), end = SPAN("\r\n\r\n");
    static uint8_t place[2 * CONNECT_LOGIN_MAX];
    char request[CONNECT_MAX];
    struct authority target = target_of("a:1");
    struct out out;
    out_begin(&out, request, sizeof request);
    assert_int_equal(connect_put(&target, user, password, &out), ERR_OK);
    struct span text = out_span(&out);
    while (!span_starts_with(text, field)) {
        text = span_after(text, 1);
    }
    text = span_after(text, field.len);
    assert_true(span_ends_with(text, end));
    size_t len = decode(span_first(text, text.len - end.len), place);
    assert_int_equal(len, user.len + 1 + password.len);
    unit_same(span_of(place, user.len), user, "user");
    assert_int_equal(place[user.len], ':');
    unit_same(span_of(place + user.len + 1, password.len), password, "password");
}

static void every_length_comes_out_as_it_went_in(void **state)
{
    (void)state;
    static uint8_t bytes[CONNECT_LOGIN_MAX];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(0x80 + i * 37 % 0x80);
    }
    for (size_t user = 0; user < 8; user++) {
        for (size_t password = 1; password < 40; password++) {
            judge_login(span_of(bytes, user), span_of(bytes + user, password));
        }
    }
    judge_login(span_of(bytes, 0), span_of(bytes, CONNECT_LOGIN_MAX));
    judge_login(span_of(bytes, CONNECT_LOGIN_MAX), span_of(bytes, 0));
    judge_login(span_of(bytes, 255), span_of(bytes + 255, CONNECT_LOGIN_MAX - 255));
}

static void what_could_end_the_field_is_refused(void **state)
{
    (void)state;
    struct authority target = target_of("a.example:443");
    static uint8_t long_one[CONNECT_LOGIN_MAX + 1];
    memset(long_one, 'a', sizeof long_one);
    char place[CONNECT_MAX];
    struct out out;
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t text[] = {'a', (uint8_t)byte, 'b'};
        bool control = byte < 0x20 || byte == 0x7F;
        out_begin(&out, place, sizeof place);
        enum err user = connect_put(&target, span_of(text, 3), span_str("p"), &out);
        unit_holds(user == (control || byte == ':' ? ERR_LOGIN : ERR_OK), "%u", byte);
        out_begin(&out, place, sizeof place);
        enum err password = connect_put(&target, span_str("u"), span_of(text, 3), &out);
        unit_holds(password == (control ? ERR_LOGIN : ERR_OK), "%u", byte);
    }
    for (size_t user = 0; user <= sizeof long_one; user++) {
        out_begin(&out, place, sizeof place);
        assert_int_equal(connect_put(&target, span_of(long_one, user),
                                     span_of(long_one, sizeof long_one - user), &out),
                         ERR_LOGIN);
        assert_int_equal(out.len, 0);
    }
}

/* CONNECT_MAX is enough for the longest, and one byte less than needed is said. */
static void the_place_is_bounded(void **state)
{
    (void)state;
    static char name[AUTHORITY_MAX + 1], place[CONNECT_MAX];
    static uint8_t login[CONNECT_LOGIN_MAX];
    memset(name, 'a', AUTHORITY_HOST_MAX);
    memcpy(name + AUTHORITY_HOST_MAX, ":65535", 7);
    memset(login, 'x', sizeof login);
    struct authority target = target_of(name);
    struct span user = span_of(login, 200), password = span_of(login, CONNECT_LOGIN_MAX - 200);
    struct out out;
    out_begin(&out, place, sizeof place);
    assert_int_equal(connect_put(&target, user, password, &out), ERR_OK);
    size_t needed = out.len;
    for (size_t size = 1; size <= needed; size += 13) {
        char *small = malloc(size);
        assert_non_null(small);
        out_begin(&out, small, size);
        assert_int_equal(connect_put(&target, user, password, &out), ERR_LONG);
        free(small);
    }
    out_begin(&out, place, needed);
    assert_int_equal(connect_put(&target, user, password, &out), ERR_LONG);
    out_begin(&out, place, needed + 1);
    assert_int_equal(connect_put(&target, user, password, &out), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bytes_are_these),
        cmocka_unit_test(every_length_comes_out_as_it_went_in),
        cmocka_unit_test(what_could_end_the_field_is_refused),
        cmocka_unit_test(the_place_is_bounded),
    };
    return cmocka_run_group_tests_name("connect", tests, NULL, NULL);
}
