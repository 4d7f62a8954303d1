/*
 * Proves what is read of a relay proxy's reply: what grants a tunnel, what each other reply is
 * called, what is told of it, and where the tunnel's own bytes begin.
 */
#include "heads.h"
#include "unit/unit.h"

#define OKAY "HTTP/1.1 200 OK\r\n"

static const struct {
    struct span bytes; /* up to the last byte that belongs to the head */
    uint16_t status;
} granted[] = {
    {SPAN("HTTP/1.1 200 Connection established\r\n\r\n"), 200},
    {SPAN("HTTP/1.0 200 Connection established\r\nProxy-agent: tinyproxy/1.11.1\r\n\r\n"), 200},
    {SPAN("HTTP/1.1 200 OK\r\nVia: 1.1 x\r\nProxy-Connection: Keep-Alive\r\nDate:\r\n\r\n"), 200},
    {SPAN("HTTP/1.1 200\r\n\r\n"), 200},
    {SPAN("HTTP/1.1 200 \r\n\r\n"), 200},
    {SPAN("HTTP/1.1 200 \xC3\xA9tabli\t!\r\n\r\n"), 200},
    /* RFC 9110: whatever they say about a body, behind a 2xx the tunnel begins. */
    {SPAN("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), 200},
    {SPAN("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), 200},
    {SPAN("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"), 200},
    {SPAN("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), 200},
    {SPAN("HTTP/1.1 200 OK\r\nConnection: close\r\nHost: a\r\nHost: b\r\n\r\n"), 200},
    {SPAN("HTTP/1.1 201 Created\r\n\r\n"), 201},
    {SPAN("HTTP/1.1 204 No Content\r\n\r\n"), 204},
    {SPAN("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/2\r\n\r\n"), 206},
    {SPAN("HTTP/1.1 299 \r\n\r\n"), 299},
    /* Interim replies. */
    {SPAN("HTTP/1.1 100 Continue\r\n\r\n" OKAY "\r\n"), 200},
    {SPAN("HTTP/1.1 103\r\nLink: </>\r\n\r\nHTTP/1.1 102 Wait\r\n\r\n" OKAY "\r\n"), 200},
    {SPAN("HTTP/1.0 199 x\r\n\r\n" OKAY "A: b\r\n\r\n"), 200},
};

static void any_2xx_grants(void **state)
{
    (void)state;
    static const struct span early = SPAN("\x16\x03\x03\x00\x7A\x02\r\n\r\nHTTP/1.1 403 no\r\n");
    for (size_t i = 0; i < unit_count(granted); i++) {
        char place[200];
        struct out out;
        struct heads_end end;
        out_begin(&out, place, sizeof place);
        out_put(&out, granted[i].bytes);
        out_put(&out, early);
        heads_judge(true, out_span(&out), &end);
        unit_holds(end.done && end.err == ERR_OK, "%s", unit_show(granted[i].bytes));
        unit_holds(end.used == granted[i].bytes.len, "%s", unit_show(granted[i].bytes));
        unit_holds(end.head.status == granted[i].status, "%s", unit_show(granted[i].bytes));
    }
}

#define WANTS_LOGIN "the relay proxy wants another user name and password"
#define HAS_REFUSED "the relay proxy refused the connection"
#define NO_HTTP     "the relay proxy's reply is no well-formed HTTP/1.1 or HTTP/1.0"
#define TOO_LARGE   "the relay proxy's reply has a head of more than 16 KiB or 64 fields"

static const struct {
    struct span bytes;
    enum err err;
    const char *said;
} refused[] = {
    {SPAN("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\n"),
     ERR_RELAY_LOGIN, WANTS_LOGIN ", saying 407 Proxy Authentication Required"},
    {SPAN("HTTP/1.1 407 \r\n"), ERR_RELAY_LOGIN, WANTS_LOGIN ", saying 407"},
    {SPAN("HTTP/1.0 403 Forbidden\r\nContent-Length: 4\r\n\r\nno!\n"), ERR_RELAY_REFUSED,
     HAS_REFUSED ", saying 403 Forbidden"},
    {SPAN("HTTP/1.1 403\r\n"), ERR_RELAY_REFUSED, HAS_REFUSED ", saying 403"},
    {SPAN("HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\n\r\n"), ERR_RELAY_REFUSED,
     HAS_REFUSED ", saying 302 Found"},
    {SPAN("HTTP/1.1 401 Unauthorized\r\n"), ERR_RELAY_REFUSED,
     HAS_REFUSED ", saying 401 Unauthorized"},
    {SPAN("HTTP/1.1 502 Bad Gateway\r\n"), ERR_RELAY_REFUSED,
     HAS_REFUSED ", saying 502 Bad Gateway"},
    {SPAN("HTTP/1.1 503 Service Unavailable\r\n"), ERR_RELAY_REFUSED,
     HAS_REFUSED ", saying 503 Service Unavailable"},
    {SPAN("HTTP/1.1 599 x\r\n"), ERR_RELAY_REFUSED, HAS_REFUSED ", saying 599 x"},
    {SPAN("HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 407 Log in\r\n"), ERR_RELAY_LOGIN,
     WANTS_LOGIN ", saying 407 Log in"},
    /* What could deceive who reads the log is made harmless there, and once. */
    {SPAN("HTTP/1.1 500 \xE2\x80\xAE\\\t\xFF\r\n"), ERR_RELAY_REFUSED,
     HAS_REFUSED ", saying 500 \xE2\x80\xAE\\\t\xFF"},
    {SPAN("HTTP/1.1 500 0123456789012345678901234567890123456789012345678901234567890123\r\n"),
     ERR_RELAY_REFUSED,
     HAS_REFUSED ", saying 500 0123456789012345678901234567890123456789012345678901234567890123"},
    {SPAN("HTTP/1.1 500 0123456789012345678901234567890123456789012345678901234567890123x\r\n"),
     ERR_RELAY_REFUSED,
     HAS_REFUSED
     ", saying 500 0123456789012345678901234567890123456789012345678901234567890123..."},
    /* Numbers that are no status here. */
    {SPAN("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"), ERR_RELAY_ANSWER,
     NO_HTTP ", saying 101 Switching Protocols"},
    {SPAN("HTTP/1.1 099 x\r\n"), ERR_RELAY_ANSWER, NO_HTTP},
    {SPAN("HTTP/1.1 000\r\n"), ERR_RELAY_ANSWER, NO_HTTP},
    {SPAN("HTTP/1.1 600 x\r\n"), ERR_RELAY_ANSWER, NO_HTTP ", saying 600 x"},
    {SPAN("HTTP/1.1 999 x\r\n"), ERR_RELAY_ANSWER, NO_HTTP ", saying 999 x"},
    {SPAN("HTTP/1.1 20\r\n"), ERR_RELAY_ANSWER, NO_HTTP},
    {SPAN("HTTP/1.1 2000 OK\r\n"), ERR_RELAY_ANSWER, NO_HTTP ", saying 200"},
    {SPAN("HTTP/1.1 -200 OK\r\n"), ERR_RELAY_ANSWER, NO_HTTP},
    {SPAN("HTTP/1.1 2x0 OK\r\n"), ERR_RELAY_ANSWER, NO_HTTP},
    {SPAN("HTTP/1.1 200OK\r\n"), ERR_RELAY_ANSWER, NO_HTTP ", saying 200"},
    {SPAN("HTTP/1.1 200\tOK\r\n"), ERR_RELAY_ANSWER, NO_HTTP ", saying 200"},
    /* Other lines, versions, protocols. */
    {SPAN("HTTP/1.1  200 OK\r\n"), ERR_RELAY_ANSWER, NO_HTTP},
    {SPAN(" HTTP/1.1 200 OK\r\n"), ERR_RELAY_ANSWER, NO_HTTP},
    {SPAN("\r\nHTTP/1.1 200 OK\r\n"), ERR_RELAY_ANSWER, NO_HTTP},
    {SPAN("HTTP/1.2 200 OK\r\n"), ERR_RELAY_ANSWER, NO_HTTP},
    {SPAN("HTTP/1.10 200 OK\r\n"), ERR_RELAY_ANSWER, NO_HTTP},
    {SPAN("HTTP/2 200\r\n"), ERR_RELAY_ANSWER, NO_HTTP},
    {SPAN("HTTP/1.v 200 OK\r\n"), ERR_RELAY_ANSWER, NO_HTTP},
    {SPAN("http/1.1 200 OK\r\n"), ERR_RELAY_ANSWER, NO_HTTP},
    {SPAN("ICY 200 OK\r\n"), ERR_RELAY_ANSWER, NO_HTTP},
    {SPAN("SSH-2.0-OpenSSH_9.2\r\n"), ERR_RELAY_ANSWER, NO_HTTP},
    {SPAN("220 mail.example ESMTP\r\n"), ERR_RELAY_ANSWER, NO_HTTP},
    {SPAN("\x15\x03\x01\x00\x02\x02\x16"), ERR_RELAY_ANSWER, NO_HTTP}, /* it expects TLS */
    {SPAN("\x05\xFF"), ERR_RELAY_ANSWER, NO_HTTP},
    {SPAN("CONNECT a.example:443 HTTP/1.1\r\n"), ERR_RELAY_ANSWER, NO_HTTP}, /* an echo */
    {SPAN("\0\0\0\0"), ERR_RELAY_ANSWER, NO_HTTP},
    /* Lines and fields, as strictly as a client's. */
    {SPAN("HTTP/1.1 200 OK\n\n"), ERR_RELAY_ANSWER, NO_HTTP ", saying 200 OK"},
    {SPAN("HTTP/1.1 200\n\n"), ERR_RELAY_ANSWER, NO_HTTP ", saying 200"},
    {SPAN("HTTP/1.1 403 no\n\n"), ERR_RELAY_ANSWER, NO_HTTP ", saying 403 no"},
    {SPAN("HTTP/1.1 200 OK\r\r\n"), ERR_RELAY_ANSWER, NO_HTTP ", saying 200 OK"},
    {SPAN("HTTP/1.1 200 O\0K\r\n"), ERR_RELAY_ANSWER, NO_HTTP ", saying 200 O"},
    {SPAN("HTTP/1.1 200 O\x1BK\r\n"), ERR_RELAY_ANSWER, NO_HTTP ", saying 200 O"},
    {SPAN(OKAY "\n"), ERR_RELAY_ANSWER, NO_HTTP ", saying 200 OK"},
    {SPAN(OKAY "\rX"), ERR_RELAY_ANSWER, NO_HTTP ", saying 200 OK"},
    {SPAN(OKAY "A: b\n\r\n"), ERR_RELAY_ANSWER, NO_HTTP ", saying 200 OK"},
    {SPAN(OKAY "A: b\0\r\n"), ERR_RELAY_ANSWER, NO_HTTP ", saying 200 OK"},
    {SPAN(OKAY "A\r\n"), ERR_RELAY_ANSWER, NO_HTTP ", saying 200 OK"},
    {SPAN(OKAY "A : b\r\n"), ERR_RELAY_ANSWER, NO_HTTP ", saying 200 OK"},
    {SPAN(OKAY "A: b\r\n c\r\n"), ERR_RELAY_ANSWER, NO_HTTP ", saying 200 OK"},
    {SPAN(OKAY "<html>\r\n"), ERR_RELAY_ANSWER, NO_HTTP ", saying 200 OK"},
    {SPAN("HTTP/1.1 100 Continue\r\n\r\n\r\n"), ERR_RELAY_ANSWER, NO_HTTP},
};

static void judge_said(struct span bytes, enum err err, const char *said)
{
    char place[HEAD_SAID_MAX];
    struct out out;
    struct heads_end end;
    heads_judge(true, bytes, &end);
    unit_holds(end.err == err, "%s: %s", unit_show(bytes), err_name(end.err));
    unit_holds(err_event(err) == 403 && err_http_status(err) == 502, "%s", err_name(err));
    out_begin(&out, place, sizeof place);
    head_print_said(&end.head, err, &out);
    assert_int_equal(out_end(&out), ERR_OK);
    unit_same(out_span(&out), span_str(said), "%s", unit_show(bytes));
}

static void what_is_refused_is_told_with_the_relays_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(refused); i++) {
        judge_said(refused[i].bytes, refused[i].err, refused[i].said);
    }
}

/* `interims` replies 100 with a field each, then a 200 of which the last field fills `size`. */
static struct span with_interims(size_t interims, size_t fields, size_t size)
{
    static char place[HEAD_SIZE_MAX + 100];
    struct out out;
    out_begin(&out, place, sizeof place);
    for (size_t i = 0; i < interims; i++) {
        out_str(&out, "HTTP/1.1 100 Continue\r\nA: b\r\n\r\n");
    }
    out_str(&out, OKAY);
    for (size_t i = 1; i < fields; i++) {
        out_str(&out, "A:b\r\n");
    }
    out_str(&out, "Filler:");
    while (out.len + 4 < size) {
        out_str(&out, "x");
    }
    out_str(&out, "\r\n\r\n");
    assert_int_equal(out_end(&out), ERR_OK);
    return out_span(&out);
}

static void judge_granted(struct span bytes)
{
    struct heads_end end;
    heads_judge(true, bytes, &end);
    unit_holds(end.done && end.used == bytes.len, "%s", err_name(end.err));
}

static void a_reply_has_bounds(void **state)
{
    (void)state;
    judge_granted(with_interims(HEAD_INTERIMS_MAX, 1, 0));
    judge_said(with_interims(HEAD_INTERIMS_MAX + 1, 1, 0), ERR_RELAY_ANSWER,
               NO_HTTP ", saying 100 Continue");
    judge_granted(with_interims(0, HEAD_FIELDS_MAX, 0));
    judge_said(with_interims(0, HEAD_FIELDS_MAX + 1, 0), ERR_RELAY_SIZE,
               TOO_LARGE ", saying 200 OK");
    judge_granted(with_interims(1, HEAD_FIELDS_MAX - 1, 0)); /* all of them are counted together */
    judge_said(with_interims(1, HEAD_FIELDS_MAX, 0), ERR_RELAY_SIZE, TOO_LARGE ", saying 200 OK");
    judge_granted(with_interims(3, 1, HEAD_SIZE_MAX));
    judge_said(with_interims(3, 1, HEAD_SIZE_MAX + 1), ERR_RELAY_SIZE, TOO_LARGE ", saying 200 OK");
}

/* A reason without an end: bounded, like all the rest. */
static void an_endless_reason_is_refused(void **state)
{
    (void)state;
    static char bytes[HEAD_SIZE_MAX + 1];
    static const char start[] = "HTTP/1.1 403 ";
    memset(bytes, 'x', sizeof bytes);
    memcpy(bytes, start, strlen(start));
    struct heads_end end;
    heads_judge(true, span_of(bytes, sizeof bytes), &end);
    assert_int_equal(end.err, ERR_RELAY_SIZE);
    assert_int_equal(end.used, HEAD_SIZE_MAX);
}

/* Whatever the reason is; and only of what the relay proxy did anything is said of it. */
static void what_is_said_fits(void **state)
{
    (void)state;
    static const struct span worst[] = {SPAN("\xFF"), SPAN("\xE2\x80\xAE"), SPAN("\xC2\x85"),
                                        SPAN("\t"), SPAN("\xF3\xA0\x80\x81")};
    for (size_t i = 0; i < unit_count(worst); i++) {
        char bytes[200], place[HEAD_SAID_MAX];
        struct out out;
        struct heads_end end;
        out_begin(&out, bytes, sizeof bytes);
        out_str(&out, "HTTP/1.1 407 ");
        while (out.len < 100) {
            out_put(&out, worst[i]);
        }
        out_str(&out, "\r\n");
        heads_judge(true, out_span(&out), &end);
        for (unsigned err = 0; err < ERR_COUNT; err++) {
            out_begin(&out, place, sizeof place);
            head_print_said(&end.head, (enum err)err, &out);
            bool relays = head_relay_status(&end.head, (enum err)err) == 407;
            unit_holds(relays == (strncmp(err_name((enum err)err), "RELAY_", 6) == 0 &&
                                  err_event((enum err)err) == 403),
                       "%s", err_name((enum err)err));
            unit_holds(out_end(&out) == ERR_OK && (out.len > 100 || !relays), "%s",
                       err_name((enum err)err));
        }
    }
}

static void an_early_end_is_told_from_silence(void **state)
{
    (void)state;
    static const struct span whole = SPAN("HTTP/1.1 100 x\r\n\r\n" OKAY "A: b\r\n\r\n");
    for (size_t len = 0; len < whole.len; len++) {
        struct heads_end end;
        heads_feed(true, span_first(whole, len), 1, 1, &end);
        unit_holds(end.err == ERR_OK && !end.done, "%zu", len);
        unit_holds(head_end(&end.head) == (len == 0 ? ERR_RELAY_SILENT : ERR_RELAY_CUT), "%zu",
                   len);
    }
}

/* A request's reader has nothing to say of a relay. */
static void a_request_says_nothing_of_a_relay(void **state)
{
    (void)state;
    char place[HEAD_SAID_MAX];
    struct out out;
    struct heads_end end;
    heads_feed(false, span_str("GET "), 9, 9, &end);
    out_begin(&out, place, sizeof place);
    head_print_said(&end.head, end.err, &out);
    unit_same(out_span(&out), span_str(err_sentence(ERR_NOT_CONNECT)), "GET");
}

static void every_byte_at_every_place_is_judged_alike_by_two_readers(void **state)
{
    (void)state;
    static const struct span reply = SPAN("HTTP/1.1 100 x\r\n\r\nHTTP/1.0 200 OK\r\nA: b\r\n\r\n");
    for (size_t at = 0; at < reply.len; at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            uint8_t place[100];
            struct heads_end end;
            memcpy(place, reply.at, reply.len);
            place[at] = (uint8_t)byte;
            heads_agree(true, span_of(place, reply.len), &end);
            memcpy(place + at + 1, reply.at + at, reply.len - at);
            heads_agree(true, span_of(place, reply.len + 1), &end);
            memcpy(place + at, reply.at + at + 1, reply.len - at - 1);
            heads_agree(true, span_of(place, reply.len - 1), &end);
        }
    }
}

static void all_status_lines_are_judged_alike_by_two_readers(void **state)
{
    (void)state;
    for (unsigned code = 0; code < 1000; code++) {
        for (unsigned form = 0; form < 4; form++) {
            static const char *const ends[] = {"", " ", " x", "0"};
            char place[100];
            struct heads_end end;
            int len = snprintf(place, sizeof place, "HTTP/1.1 %03u%s\r\n\r\n", code, ends[form]);
            heads_judge(true, span_of(place, (size_t)len), &end);
            enum err err = code < 100 || code > 599 || code == 101 || form == 3 ? ERR_RELAY_ANSWER
                           : code < 300                                         ? ERR_OK
                           : code == 407                                        ? ERR_RELAY_LOGIN
                                                                                : ERR_RELAY_REFUSED;
            unit_holds(end.err == err, "%s: %s", place, err_name(end.err));
            unit_holds(end.done == (err == ERR_OK && code >= 200), "%s", place);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_2xx_grants),
        cmocka_unit_test(what_is_refused_is_told_with_the_relays_words),
        cmocka_unit_test(a_reply_has_bounds),
        cmocka_unit_test(an_endless_reason_is_refused),
        cmocka_unit_test(what_is_said_fits),
        cmocka_unit_test(an_early_end_is_told_from_silence),
        cmocka_unit_test(a_request_says_nothing_of_a_relay),
        cmocka_unit_test(every_byte_at_every_place_is_judged_alike_by_two_readers),
        cmocka_unit_test(all_status_lines_are_judged_alike_by_two_readers),
    };
    return cmocka_run_group_tests_name("head_relay", tests, NULL, NULL);
}
