/*
 * Proves what is read of a client's request: which heads are accepted, what each other one is
 * refused for, and that nothing else of them is kept. Each row is fed whole, cut at every place and
 * byte by byte, and judged by a second reader as well.
 */
#include "heads.h"
#include "unit/unit.h"

#define FIRST "CONNECT a.example:443 HTTP/1.1\r\n"
#define HOST  "Host: a.example:443\r\n"

static void judge_target(struct span bytes, const char *host, uint16_t port)
{
    struct heads_end end;
    heads_judge(false, bytes, &end);
    unit_holds(end.err == ERR_OK && end.done, "%s: %s", unit_show(bytes), err_name(end.err));
    unit_same(authority_host(&end.head.target), span_str(host), "%s", unit_show(bytes));
    unit_holds(end.head.target.port == port, "%s", unit_show(bytes));
    unit_same(head_method(&end.head), span_str("CONNECT"), "%s", unit_show(bytes));
}

static void judge_refusal(struct span bytes, enum err err)
{
    struct heads_end end;
    heads_judge(false, bytes, &end);
    unit_holds(end.err == err, "%s: %s", unit_show(bytes), err_name(end.err));
    unit_holds(err_event(err) == 104, "%s", err_name(err));
}

/* Requests as clients send them. */
static const struct {
    struct span bytes;
    const char *host;
    uint16_t port;
} accepted[] = {
    {SPAN("CONNECT a.example:443 HTTP/1.0\r\n\r\n"), "a.example", 443}, /* VM agent, socat, ncat */
    {SPAN("CONNECT a.example:443 HTTP/1.0\r\nHost: a.example\r\n\r\n"), "a.example", 443},
    {SPAN(FIRST HOST "\r\n"), "a.example", 443},
    {SPAN(FIRST HOST "Proxy-Authorization: Basic dTpw\r\n\r\n"), "a.example",
     443}, /* Linux agent */
    {SPAN(FIRST HOST "User-Agent: curl/7.88.1\r\nProxy-Connection: Keep-Alive\r\n\r\n"),
     "a.example", 443},
    {SPAN("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n"), "a.example", 443},
    {SPAN(FIRST "host:a.example\r\n\r\n"), "a.example", 443},
    {SPAN(FIRST "HOST: \t A.Example.:443 \t\r\n\r\n"), "a.example", 443},
    {SPAN("CONNECT A.EXAMPLE:443 HTTP/1.1\r\n" HOST "\r\n"), "a.example", 443},
    {SPAN("CONNECT a.example.:443 HTTP/1.1\r\n" HOST "\r\n"), "a.example", 443},
    {SPAN("CONNECT a.example:9443 HTTP/1.1\r\nHost: a.example:9443\r\n\r\n"), "a.example", 9443},
    {SPAN("CONNECT 192.0.2.1:443 HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n"), "192.0.2.1", 443},
    {SPAN("CONNECT [2001:DB8:0::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]\r\n\r\n"), "2001:db8::1",
     443},
    {SPAN("CONNECT [::1]:8443 HTTP/1.1\r\nHost: [0:0:0:0:0:0:0:1]:8443\r\n\r\n"), "::1", 8443},
    {SPAN(FIRST "A:\r\nB: \r\nC: \t\r\nD: a\tb \xC3\xA9\xFF\r\n" HOST "\r\n"), "a.example", 443},
    {SPAN(FIRST HOST "!#$%&'*+-.^_`|~09azAZ: every letter that a name may have\r\n\r\n"),
     "a.example", 443},
    /* What could lead elsewhere is not looked at. */
    {SPAN(FIRST HOST "X-Upstream-Https-Proxy: http://evil.example\r\n\r\n"), "a.example", 443},
    {SPAN(FIRST HOST "Forwarded: host=evil.example\r\nX-Forwarded-Host: evil.example\r\n\r\n"),
     "a.example", 443},
    {SPAN(FIRST HOST "Proxy-Authorization: a\r\nProxy-Authorization: b\r\n\r\n"), "a.example", 443},
    {SPAN(FIRST HOST "Hos: evil\r\nHostt: evil\r\nX-Host: evil\r\n\r\n"), "a.example", 443},
    {SPAN(FIRST HOST "Content-Lengt: 1\r\nContent-Length2: 1\r\nTransfer-Encoding2: x\r\n\r\n"),
     "a.example", 443},
    {SPAN(FIRST HOST "Expect: 100-continue\r\nUpgrade: h2c\r\nTE: trailers\r\n\r\n"), "a.example",
     443},
};

static void what_clients_send_is_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(accepted); i++) {
        judge_target(accepted[i].bytes, accepted[i].host, accepted[i].port);
    }
}

static const struct {
    struct span bytes;
    enum err err;
} refused[] = {
    /* The first line. */
    {SPAN("\r\n" FIRST HOST "\r\n"), ERR_HEAD_LINE},
    {SPAN(" CONNECT a.example:443 HTTP/1.1\r\n"), ERR_HEAD_LINE},
    {SPAN("CONNECT\ta.example:443 HTTP/1.1\r\n"), ERR_HEAD_LINE},
    {SPAN("CONNECT  a.example:443 HTTP/1.1\r\n"), ERR_HEAD_LINE},
    {SPAN("CONNECT a.example:443  HTTP/1.1\r\n"), ERR_HEAD_LINE},
    {SPAN("CONNECT a.example:443\tHTTP/1.1\r\n"), ERR_HEAD_LINE},
    {SPAN("CONNECT a.example:443 HTTP/1.1 \r\n"), ERR_HEAD_LINE},
    {SPAN("CONNECT a.example:443 HTTP/1.1\t\r\n"), ERR_HEAD_LINE},
    {SPAN("CONNECT a.example:443 HTTP/1.1 x\r\n"), ERR_HEAD_LINE},
    {SPAN("CONNECT a.example:443\r\n"), ERR_HEAD_LINE},
    {SPAN("CONNECT \r\n"), ERR_HEAD_LINE},
    {SPAN("CONNECT\r\n"), ERR_HEAD_LINE},
    {SPAN("\n"), ERR_HEAD_LINE},
    {SPAN("\0"), ERR_HEAD_LINE},
    {SPAN("\xEF\xBB\xBF" FIRST), ERR_HEAD_LINE},
    {SPAN("CONNE\0CT a.example:443"), ERR_HEAD_LINE},
    {SPAN("CONN\xC3\x89"
          "CT a.example:443"),
     ERR_HEAD_LINE},
    {SPAN("\r\n\r\n\0\r\nQUIT\n"), ERR_HEAD_LINE},  /* PROXY protocol, version 2 */
    {SPAN("ABCDEFGHIJKLMNOPQRSTU"), ERR_HEAD_LINE}, /* longer than any method */
    {SPAN("CONNECT a.example:443 HTTP/1.1\n"), ERR_LINE_END},
    {SPAN("CONNECT a.example:443 HTTP/1.1\r\r\n"), ERR_LINE_END},
    {SPAN("CONNECT a.example:443 HTTP/1.1\rX"), ERR_LINE_END},
    {SPAN("CONNECT a.example:443 \r\n"), ERR_HTTP_VERSION},
    {SPAN("CONNECT a.example:443 HTTP/1.2\r\n"), ERR_HTTP_VERSION},
    {SPAN("CONNECT a.example:443 HTTP/2.0\r\n"), ERR_HTTP_VERSION},
    {SPAN("CONNECT a.example:443 HTTP/0.9\r\n"), ERR_HTTP_VERSION},
    {SPAN("CONNECT a.example:443 HTTP/1.10\r\n"), ERR_HTTP_VERSION},
    {SPAN("CONNECT a.example:443 HTTP/01.1\r\n"), ERR_HTTP_VERSION},
    {SPAN("CONNECT a.example:443 HTTP/1\r\n"), ERR_HTTP_VERSION},
    {SPAN("CONNECT a.example:443 HTTP/1.\r\n"), ERR_HTTP_VERSION},
    {SPAN("CONNECT a.example:443 http/1.1\r\n"), ERR_HTTP_VERSION},
    {SPAN("CONNECT a.example:443 HTTPS/1.1\r\n"), ERR_HTTP_VERSION},
    {SPAN("CONNECT a.example:443 ICY/1.1\r\n"), ERR_HTTP_VERSION},
    /* Lines and fields. */
    {SPAN(FIRST "Host: a.example:443\n\n"), ERR_LINE_END},
    {SPAN(FIRST "Host: a.example:443\r\r\n"), ERR_LINE_END},
    {SPAN(FIRST "A: b\rc\r\n"), ERR_LINE_END},
    {SPAN(FIRST "A: b\nHost: a.example:443\r\n\r\n"), ERR_LINE_END},
    {SPAN(FIRST HOST "\n"), ERR_LINE_END},
    {SPAN(FIRST HOST "\rX"), ERR_LINE_END},
    {SPAN(FIRST "\n"), ERR_LINE_END},
    {SPAN(FIRST " Host: a.example:443\r\n\r\n"), ERR_FIELD_FOLDED},
    {SPAN(FIRST HOST "A: b\r\n c\r\n\r\n"), ERR_FIELD_FOLDED},
    {SPAN(FIRST HOST "A: b\r\n\tc\r\n\r\n"), ERR_FIELD_FOLDED},
    {SPAN(FIRST "Host: a.example\r\n :443\r\n\r\n"), ERR_FIELD_FOLDED},
    {SPAN(FIRST HOST " \r\n\r\n"), ERR_FIELD_FOLDED},
    {SPAN(FIRST "Host : a.example:443\r\n"), ERR_FIELD_NAME},
    {SPAN(FIRST "Host\t: a.example:443\r\n"), ERR_FIELD_NAME},
    {SPAN(FIRST HOST "A\r\n"), ERR_FIELD_NAME},
    {SPAN(FIRST HOST "A\n"), ERR_FIELD_NAME},
    {SPAN(FIRST HOST ": a\r\n"), ERR_FIELD_NAME},
    {SPAN(FIRST HOST "A B: c\r\n"), ERR_FIELD_NAME},
    {SPAN(FIRST HOST "A\0: c\r\n"), ERR_FIELD_NAME},
    {SPAN(FIRST HOST "{: c\r\n"), ERR_FIELD_NAME},
    {SPAN(FIRST HOST "\xC3\xA9: c\r\n"), ERR_FIELD_NAME},
    {SPAN(FIRST HOST "A(: c\r\n"), ERR_FIELD_NAME},
    {SPAN(FIRST HOST "A: b\0\r\n"), ERR_FIELD_CONTROL},
    {SPAN(FIRST HOST "A: \x1B[31m\r\n"), ERR_FIELD_CONTROL},
    {SPAN(FIRST HOST "A: \x7F\r\n"), ERR_FIELD_CONTROL},
    {SPAN(FIRST "Host: a.example\0:443\r\n"), ERR_FIELD_CONTROL},
    /* Host. */
    {SPAN(FIRST "\r\n"), ERR_HOST_FIELD_NONE},
    {SPAN(FIRST "User-Agent: x\r\n\r\n"), ERR_HOST_FIELD_NONE},
    {SPAN(FIRST HOST HOST "\r\n"), ERR_HOST_FIELD_TWICE},
    {SPAN(FIRST HOST "A: b\r\nhOST: evil.example\r\n\r\n"), ERR_HOST_FIELD_TWICE},
    {SPAN("CONNECT a.example:443 HTTP/1.0\r\n" HOST HOST "\r\n"), ERR_HOST_FIELD_TWICE},
    {SPAN("CONNECT a.example:443 HTTP/1.0\r\nHost: b.example\r\n\r\n"), ERR_HOST_FIELD_OTHER},
    {SPAN(FIRST "Host: b.example:443\r\n\r\n"), ERR_HOST_FIELD_OTHER},
    {SPAN(FIRST "Host: a.example:444\r\n\r\n"), ERR_HOST_FIELD_OTHER},
    {SPAN(FIRST "Host: a.example:80\r\n\r\n"), ERR_HOST_FIELD_OTHER},
    {SPAN("CONNECT a.example:9443 HTTP/1.1\r\nHost: a.example\r\n\r\n"), ERR_HOST_FIELD_OTHER},
    {SPAN("CONNECT [::1]:443 HTTP/1.1\r\nHost: [::2]\r\n\r\n"), ERR_HOST_FIELD_OTHER},
    {SPAN(FIRST "Host: a.example.evil.example\r\n\r\n"), ERR_HOST_FIELD_OTHER},
    {SPAN(FIRST "Host:\r\n\r\n"), ERR_HOST_FIELD_FORM},
    {SPAN(FIRST "Host: \t \r\n\r\n"), ERR_HOST_FIELD_FORM},
    {SPAN(FIRST "Host: a.example:\r\n\r\n"), ERR_HOST_FIELD_FORM},
    {SPAN(FIRST "Host: a.example:0443\r\n\r\n"), ERR_HOST_FIELD_FORM},
    {SPAN(FIRST "Host: a.example:443, b.example\r\n\r\n"), ERR_HOST_FIELD_FORM},
    {SPAN(FIRST "Host: a.example b.example\r\n\r\n"), ERR_HOST_FIELD_FORM},
    {SPAN(FIRST "Host: u@a.example\r\n\r\n"), ERR_HOST_FIELD_FORM},
    {SPAN(FIRST "Host: http://a.example/\r\n\r\n"), ERR_HOST_FIELD_FORM},
    {SPAN(FIRST "Host: a.example..\r\n\r\n"), ERR_HOST_FIELD_FORM},
    /* A body, whatever its length. */
    {SPAN(FIRST HOST "Content-Length: 5\r\n\r\nhello"), ERR_BODY},
    {SPAN(FIRST HOST "content-length: 0\r\n\r\n"), ERR_BODY},
    {SPAN(FIRST HOST "Content-Length:\r\n\r\n"), ERR_BODY},
    {SPAN(FIRST HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), ERR_BODY},
    {SPAN("CONNECT a.example:443 HTTP/1.0\r\nTRANSFER-ENCODING: identity\r\n\r\n"), ERR_BODY},
    /* Other methods: the space behind them is the last byte that is looked at. */
    {SPAN("GET http://a.example/ HTTP/1.1\r\n"), ERR_NOT_CONNECT},
    {SPAN("connect a.example:443 HTTP/1.1\r\n"), ERR_NOT_CONNECT},
    {SPAN("CONNECTX a.example:443 HTTP/1.1\r\n"), ERR_NOT_CONNECT},
    {SPAN("CONNEC a.example:443 HTTP/1.1\r\n"), ERR_NOT_CONNECT},
    {SPAN("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), ERR_NOT_CONNECT},
    {SPAN("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"), ERR_NOT_CONNECT},
    {SPAN("OPTIONS * HTTP/1.1\r\n"), ERR_NOT_CONNECT},
    /* Other protocols. */
    {SPAN("\x16\x03\x01\x02\x00\x01"), ERR_GREETING_TLS},
    {SPAN("\x16\x03\x03"), ERR_GREETING_TLS},
    {SPAN("\x16\x02"), ERR_HEAD_LINE},
    {SPAN("\x80\x2E\x01\x00\x02"), ERR_GREETING_SSL2},
    {SPAN("\x80\x2E\x01\x03\x01"), ERR_GREETING_SSL2},
    {SPAN("\x80\x2E\x02"), ERR_HEAD_LINE},
    {SPAN("\x04\x01\x01\xBB\xC0\x00\x02\x01\x00"), ERR_GREETING_SOCKS},
    {SPAN("\x04\x02"), ERR_GREETING_SOCKS},
    {SPAN("\x04\x03"), ERR_HEAD_LINE},
    {SPAN("\x05\x01\x00"), ERR_GREETING_SOCKS},
    {SPAN("\x05\xFF"), ERR_GREETING_SOCKS},
    {SPAN("\x05\x00"), ERR_HEAD_LINE},
    {SPAN("\x15\x03"), ERR_HEAD_LINE},
};

static void what_is_wrong_is_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(refused); i++) {
        judge_refusal(refused[i].bytes, refused[i].err);
    }
}

static void a_long_host_field_is_refused(void **state)
{
    (void)state;
    static char bytes[20000];
    for (size_t len = 1; len < 600; len += 7) {
        int all =
            snprintf(bytes, sizeof bytes, FIRST "Host: a.example%*s:443\r\n\r\n", (int)len, "");
        judge_refusal(span_of(bytes, (size_t)all), ERR_HOST_FIELD_FORM);
    }
}

/* `count` fields of which the last one makes the head `size` bytes long. */
static struct span with_fields(size_t count, size_t size)
{
    static char place[HEAD_SIZE_MAX + 100];
    struct out out;
    out_begin(&out, place, sizeof place);
    out_str(&out, FIRST HOST);
    for (size_t i = 2; i < count; i++) {
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

static void a_head_has_16_kib_and_64_fields(void **state)
{
    (void)state;
    judge_target(with_fields(2, HEAD_SIZE_MAX), "a.example", 443);
    judge_refusal(with_fields(2, HEAD_SIZE_MAX + 1), ERR_HEAD_SIZE);
    judge_target(with_fields(HEAD_FIELDS_MAX, 0), "a.example", 443);
    judge_refusal(with_fields(HEAD_FIELDS_MAX + 1, 0), ERR_HEAD_FIELDS);
    judge_target(with_fields(HEAD_FIELDS_MAX, HEAD_SIZE_MAX), "a.example", 443);
}

/* Each byte is looked at once, in whatever pieces it comes: the pieces are gone afterwards. */
static void a_dripped_head_costs_no_more(void **state)
{
    (void)state;
    struct span bytes = with_fields(30, HEAD_SIZE_MAX);
    for (size_t piece = 1; piece <= bytes.len; piece *= 2) {
        struct heads_end end;
        heads_feed(false, bytes, piece, piece, &end);
        unit_holds(end.done && end.head.size == bytes.len && end.used == bytes.len, "%zu", piece);
    }
    assert_true(sizeof(struct head) <= 600);
}

static void what_follows_the_head_is_left(void **state)
{
    (void)state;
    static const struct span bytes = SPAN(FIRST HOST "\r\n\x16\x03\x01 GET / HTTP/1.1\r\n\r\n");
    struct heads_end end;
    heads_judge(false, bytes, &end);
    assert_true(end.done && end.used == strlen(FIRST HOST "\r\n"));
}

static void feed_again(void *arg)
{
    struct head *head = arg;
    size_t used;
    bool done;
    if (head_feed(head, span_str("\r\n" FIRST HOST "\r\n"), &used, &done) != ERR_OK || done) {
        head->size = 0;
    }
}

/* RFC 9931: a refused CONNECT is the last thing that is read on its connection. */
static void nothing_behind_a_refusal_is_parsed(void **state)
{
    (void)state;
    static const struct span bytes = SPAN(FIRST "Host: b.example\r\n\r\n" FIRST HOST "\r\n");
    struct heads_end end;
    heads_judge(false, bytes, &end);
    assert_int_equal(end.err, ERR_HOST_FIELD_OTHER);
    assert_int_equal(end.used, strlen(FIRST "Host: b.example\r\n"));
    assert_non_null(strstr(unit_expect_check(feed_again, &end.head), "head.c:"));
    heads_feed(false, span_str(FIRST HOST "\r\n"), 100, 100, &end);
    assert_true(end.done);
    assert_non_null(strstr(unit_expect_check(feed_again, &end.head), "head.c:"));
}

static bool keeps(const struct head *head, const char *secret)
{
    const char *bytes = (const char *)head;
    size_t len = strlen(secret);
    for (size_t i = 0; i + len <= sizeof *head; i++) {
        if (memcmp(bytes + i, secret, len) == 0) {
            return true;
        }
    }
    return false;
}

/* What a crash dump, a log or a reply could show of a request is what stays in the struct. */
static void no_secret_stays(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "POST http://u:SECRET@a.example/SECRET?key=SECRET HTTP/1.1\r\nX: SECRET\r\n\r\nSECRET",
        FIRST HOST "Proxy-Authorization: SECRET\r\nCookie: SECRET\r\n\r\nSECRET",
        FIRST "Proxy-Authorization: SECRET\r\n\r\n",
        FIRST HOST "Proxy-Authorization: SECRET\n",
    };
    for (size_t i = 0; i < unit_count(heads); i++) {
        for (size_t piece = 1; piece < 200; piece++) {
            struct heads_end end;
            heads_feed(false, span_str(heads[i]), piece, piece, &end);
            unit_holds(!keeps(&end.head, "SECRET"), "%s", heads[i]);
            unit_holds(keeps(&end.head, i == 0 ? "POST" : "CONNECT"), "%s", heads[i]);
        }
    }
}

static void a_method_is_bounded_and_plain(void **state)
{
    (void)state;
    struct heads_end end;
    heads_judge(false, span_str("POST http://a.example/ HTTP/1.1\r\n\r\n"), &end);
    unit_same(head_method(&end.head), span_str("POST"), "POST");
    assert_int_equal(end.used, strlen("POST "));
    heads_judge(false, span_str("ABCDEFGHIJKLMNOPQRST x"), &end);
    assert_int_equal(end.err, ERR_NOT_CONNECT);
    unit_same(head_method(&end.head), span_str("ABCDEFGHIJKLMNOPQRST"), "20");
    heads_judge(false, span_str("\x16\x03\x01"), &end);
    assert_int_equal(head_method(&end.head).len, 0);
}

static void the_end_of_the_stream_is_judged(void **state)
{
    (void)state;
    static const struct span whole = SPAN(FIRST HOST "\r\n");
    for (size_t len = 0; len < whole.len; len++) {
        struct heads_end end;
        heads_feed(false, span_first(whole, len), 1, 1, &end);
        unit_holds(end.err == ERR_OK && !end.done, "%zu", len);
        unit_holds(head_end(&end.head) == (len == 0 ? ERR_OK : ERR_HEAD_CUT), "%zu", len);
    }
}

enum change { REPLACED, PUT_BEFORE, LEFT_OUT, CHANGES };

/* The head with one byte replaced or put in, or with `byte` (one to four) bytes left out. */
static struct span changed(struct span head, size_t at, enum change change, uint8_t byte)
{
    static uint8_t place[100];
    size_t cut = change == REPLACED ? 1 : change == PUT_BEFORE ? 0 : 1 + byte % 4U;
    size_t put = change == LEFT_OUT ? 0 : 1;
    cut = cut > head.len - at ? head.len - at : cut;
    memcpy(place, head.at, at);
    place[at] = byte;
    memcpy(place + at + put, head.at + at + cut, head.len - at - cut);
    return span_of(place, head.len + put - cut);
}

static void every_small_change_is_judged_alike_by_two_readers(void **state)
{
    (void)state;
    static const struct span heads[] = {
        SPAN("CONNECT a.b:443 HTTP/1.1\r\nA: b\r\nHost: a.b\r\n\r\n"),
        SPAN("CONNECT [::1]:65535 HTTP/1.0\r\nHost:[::1]:65535\r\n\r\n"),
    };
    for (size_t i = 0; i < unit_count(heads); i++) {
        for (size_t at = 0; at < heads[i].len; at++) {
            for (unsigned byte = 0; byte < 256; byte++) {
                for (unsigned change = 0; change < (byte < 4 ? CHANGES : LEFT_OUT); change++) {
                    struct heads_end end;
                    heads_agree(false, changed(heads[i], at, change, (uint8_t)byte), &end);
                }
            }
        }
    }
}

static void judge_words(const char *before, const char *alphabet, const char *after, size_t max)
{
    struct unit_words words = {.letters = strlen(alphabet), .alphabet = alphabet, .max = max};
    while (unit_words_next(&words)) {
        char place[200];
        int len = snprintf(place, sizeof place, "%s%.*s%s", before, (int)words.len,
                           (const char *)words.text, after);
        struct heads_end end;
        heads_agree(false, span_of(place, (size_t)len), &end);
    }
}

static void all_short_targets_and_fields(void **state)
{
    (void)state;
    judge_words("CONNECT ", "a1:.[]0@", " HTTP/1.0\r\n\r\n", 5);
    judge_words("CONNECT [", ":1.a]", "]:1 HTTP/1.0\r\n\r\n", 6);
    judge_words("CONNECT 1:1 HTTP/1.0\r\n", "a: \r\n", "\r\n\r\n", 6);
    judge_words("CONNECT a:443 HTTP/1.1\r\nHost:", "a:4 .\r", "\r\n\r\n", 5);
    judge_words("CONNECT 1:1 HTTP/1.", "01\r\n ", "\r\n\r\n", 6);
    judge_words("", "\x05\x16\x03 \r\nA", "", 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_clients_send_is_accepted),
        cmocka_unit_test(what_is_wrong_is_told_apart),
        cmocka_unit_test(a_long_host_field_is_refused),
        cmocka_unit_test(a_head_has_16_kib_and_64_fields),
        cmocka_unit_test(a_dripped_head_costs_no_more),
        cmocka_unit_test(what_follows_the_head_is_left),
        cmocka_unit_test(nothing_behind_a_refusal_is_parsed),
        cmocka_unit_test(no_secret_stays),
        cmocka_unit_test(a_method_is_bounded_and_plain),
        cmocka_unit_test(the_end_of_the_stream_is_judged),
        cmocka_unit_test(every_small_change_is_judged_alike_by_two_readers),
        cmocka_unit_test(all_short_targets_and_fields),
    };
    return cmocka_run_group_tests_name("head", tests, NULL, NULL);
}
