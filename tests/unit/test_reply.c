/*
 * Proves the replies to clients. The bytes of all of them stand in tests/data/golden/replies.txt,
 * to be read by a person; `test_reply --write` writes that file anew. Each is well-formed, fits its
 * place, is as long as it says, and is what our own reader of replies takes for a refusal.
 */
#include "heads.h"
#include "http/reply.h"
#include "unit/unit.h"

/* REPLIES_GOLDEN: the path of the file, from the build. */

enum { GOLDEN_MAX = 64 * 1024 };

/* What a relay proxy may have said, for the errors that pass it on. */
static uint16_t relay_status_of(enum err err)
{
    return err == ERR_RELAY_LOGIN ? 407 : err == ERR_RELAY_REFUSED ? 403 : 0;
}

static struct span reply_of(enum err err)
{
    static char place[REPLY_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    reply_put(err, relay_status_of(err), &out);
    unit_holds(out_end(&out) == ERR_OK, "%s", err_name(err));
    return out_span(&out);
}

/* Line by line, their ends to be seen. */
static void put_bytes(const char *name, struct span bytes, struct out *out)
{
    out_str(out, "\n== ");
    out_str(out, name);
    out_str(out, "\n");
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.at[i] == '\r') {
            out_str(out, "\\r");
        } else if (bytes.at[i] == '\n') {
            out_str(out, "\\n\n");
        } else {
            out_put(out, span_of(bytes.at + i, 1));
        }
    }
}

static struct span everything(void)
{
    static char place[GOLDEN_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    out_str(&out, "The bytes of every reply, by error. Written by: test_reply --write\n");
    put_bytes("granted", reply_granted(), &out);
    for (unsigned err = 0; err < ERR_COUNT; err++) {
        if (reply_exists((enum err)err)) {
            put_bytes(err_name((enum err)err), reply_of((enum err)err), &out);
        }
    }
    assert_int_equal(out_end(&out), ERR_OK);
    return out_span(&out);
}

static struct span cut_line(struct span *rest)
{
    struct span line;
    bool done = false;
    return span_cut(rest, '\n', &done, &line) ? line : *rest;
}

static void the_replies_are_those_of_the_file(void **state)
{
    (void)state;
    static char file[GOLDEN_MAX];
    FILE *golden = fopen(REPLIES_GOLDEN, "rb");
    unit_holds(golden, "%s cannot be read", REPLIES_GOLDEN);
    struct span want = span_of(file, fread(file, 1, sizeof file, golden)), got = everything();
    (void)fclose(golden);
    for (size_t line = 1; got.len > 0 || want.len > 0; line++) {
        unit_same(cut_line(&got), cut_line(&want), "line %zu", line);
    }
}

static void a_grant_has_no_field(void **state)
{
    (void)state;
    struct heads_end end;
    unit_same(reply_granted(), span_str("HTTP/1.1 200 Connection established\r\n\r\n"), "200");
    heads_judge(true, reply_granted(), &end);
    assert_true(end.done && end.head.fields == 0);
    assert_false(reply_exists(ERR_OK));
    assert_false(reply_exists(ERR_GREETING_TLS));
    assert_true(reply_exists(ERR_NOT_CONNECT));
}

/* The value of a field that is there once; len 0: it is not there. */
static struct span field_of(struct span reply, const char *name)
{
    struct span value = span_str(""), line = cut_line(&reply);
    for (; line.len > 1; line = cut_line(&reply)) {
        size_t colon = span_find(line, ':');
        if (span_is(span_first(line, colon), name)) {
            unit_holds(value.len == 0, "%s", name);
            value = span_trim(span_first(span_after(line, colon + 1), line.len - colon - 2));
        }
    }
    return value;
}

static struct span body_of(struct span reply)
{
    static const struct span end = SPAN("\r\n\r\n");
    while (!span_starts_with(reply, end)) {
        reply = span_after(reply, 1);
    }
    return span_after(reply, end.len);
}

static void judge_reply(enum err err)
{
    struct span reply = reply_of(err), body = body_of(reply);
    const char *name = err_name(err);
    struct heads_end end;
    uint64_t len;
    unit_holds(span_number(field_of(reply, "Content-Length"), 1, 200, &len) == ERR_OK, "%s", name);
    unit_holds(len == body.len, "%s", name);
    unit_holds(body.at[0] >= 'A' && body.at[0] <= 'Z', "%s", name);
    unit_holds(span_find(body, '\n') == body.len - 1 && body.at[body.len - 2] == '.', "%s", name);
    unit_same(field_of(reply, "Connection"), span_str("close"), "%s", name);
    unit_same(field_of(reply, "Content-Type"), span_str("text/plain"), "%s", name);
    uint16_t status = err_http_status(err);
    unit_same(field_of(reply, "Allow"), span_str(status == 405 ? "CONNECT" : ""), "%s", name);
    unit_holds((field_of(reply, "Retry-After").len > 0) == (status == 503), "%s", name);
    unit_holds(field_of(reply, "Proxy-Authenticate").len == 0, "%s", name);
    unit_holds(span_starts_with(field_of(reply, "Proxy-Status"), span_str("omsgateway; error=")),
               "%s", name);
    heads_judge(true, reply, &end);
    unit_holds(end.err == ERR_RELAY_REFUSED && end.head.status == status, "%s", name);
}

static void every_reply_is_well_formed(void **state)
{
    (void)state;
    size_t replies = 0;
    for (unsigned err = 0; err < ERR_COUNT; err++) {
        if (reply_exists((enum err)err)) {
            judge_reply((enum err)err);
            replies++;
        }
    }
    assert_true(replies > 30);
}

static void the_relays_status_is_passed_on(void **state)
{
    (void)state;
    unit_same(field_of(reply_of(ERR_RELAY_LOGIN), "Proxy-Status"),
              span_str("omsgateway; error=proxy_configuration_error; received-status=407"), "407");
    for (unsigned status = 0; status < 1000; status++) {
        char place[REPLY_MAX], want[100];
        struct out out;
        out_begin(&out, place, sizeof place);
        reply_put(ERR_RELAY_ANSWER, (uint16_t)status, &out);
        assert_int_equal(out_end(&out), ERR_OK);
        (void)snprintf(want, sizeof want, "omsgateway; error=http_protocol_error%s%.0u",
                       status == 0 ? "" : "; received-status=", status);
        unit_same(field_of(out_span(&out), "Proxy-Status"), span_str(want), "%u", status);
    }
}

struct asked {
    enum err err;
    uint16_t relay_status;
};

static void ask(void *arg)
{
    const struct asked *asked = arg;
    char place[REPLY_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    reply_put(asked->err, asked->relay_status, &out);
}

static void what_has_no_reply_trips_a_check(void **state)
{
    (void)state;
    struct asked asked[] = {{ERR_OK, 0}, {ERR_GREETING_TLS, 0}, {ERR_GREETING_SOCKS, 407}};
    for (size_t i = 0; i < unit_count(asked); i++) {
        const char *sentence = unit_expect_check(ask, &asked[i]);
        unit_holds(strstr(sentence, "reply.c:"), "%s", sentence);
    }
}

static int write_golden(void)
{
    struct span text = everything();
    FILE *golden = fopen(REPLIES_GOLDEN, "wb");
    if (!golden) {
        return EXIT_FAILURE;
    }
    bool done = fwrite(text.at, 1, text.len, golden) == text.len;
    return fclose(golden) == 0 && done ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_replies_are_those_of_the_file),
        cmocka_unit_test(a_grant_has_no_field),
        cmocka_unit_test(every_reply_is_well_formed),
        cmocka_unit_test(the_relays_status_is_passed_on),
        cmocka_unit_test(what_has_no_reply_trips_a_check),
    };
    if (argc == 2 && strcmp(argv[1], "--write") == 0) {
        return write_golden();
    }
    return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
