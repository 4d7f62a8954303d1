/*
 * Proves the reading of both hellos: extensions one by one, what is judged of a server name, which
 * versions count, and that every hello cut short, or with a byte too many, is none.
 */
#include "base/out.h"
#include "tls/hello.h"
#include "unit/assemble.h"

enum { HELLO_MAX = 1 << 12 };

#define CLIENT(extensions) "0303 @ 1{'id'} 2{1301 c02f} 1{00} 2{" extensions "}"
#define NAME(name)         "0000 2{2{00 2{" name "}}}"
#define VERSIONS(list)     "002b 2{1{" list "}}"
#define LABEL_63           "#63:61"
#define NAME_253           LABEL_63 " '.' " LABEL_63 " '.' " LABEL_63 " '.' #61:61"

static void print_facts(struct out *out, const struct tls_facts *facts,
                        const struct tls_bytes *bytes)
{
    out_hex(out, facts->offered_least);
    out_str(out, "-");
    out_hex(out, facts->offered_most);
    out_str(out, facts->has_sni ? " sni=" : "");
    out_put(out, bytes->sni);
    out_str(out, facts->has_alpn ? " alpn" : "");
    out_str(out, facts->has_ech ? " ech" : "");
    out_str(out, facts->has_psk ? " psk" : "");
    out_str(out, facts->has_early_data ? " early" : "");
    out_str(out, bytes->session_id.len > 0 ? " id" : "");
    out_str(out, bytes->ticket.len > 0 ? " ticket=" : "");
    out_put(out, bytes->ticket);
}

/* "facts", or the name of the error. */
static const char *read_client(struct span bytes, char *place, size_t size)
{
    struct tls_facts facts = {.offered = 0};
    struct tls_bytes found = {.scheme = 0};
    struct out out;
    enum err err = hello_read_client(bytes, &facts, &found);
    out_begin(&out, place, size);
    if (err == ERR_OK) {
        print_facts(&out, &facts, &found);
    } else {
        out_str(&out, err_name(err));
    }
    return place;
}

static const struct {
    const char *hello, *facts;
} clients[] = {
    /* Versions. */
    {"0303 @ 1{} 2{c02f} 1{00}", "300-303"},
    {"0301 @ 1{} 2{c02f} 1{0001} 2{}", "300-301"},
    {"0300 @ 1{} 2{c02f} 1{00}", "300-300"},
    {"0002 @ 1{} 2{c02f} 1{00}", "0-0"},
    {"0304 @ 1{} 2{c02f} 1{00}", "300-303"},
    {"7f1c @ 1{} 2{c02f} 1{00}", "300-303"},
    {CLIENT(VERSIONS("0304")), "304-304 id"},
    {CLIENT(VERSIONS("0303 0304")), "303-304 id"},
    {CLIENT(VERSIONS("3a3a 0304 7f1c 0305 0301")), "301-304 id"},
    {CLIENT(VERSIONS("0300")), "300-300 id"},
    {CLIENT(VERSIONS("0a0a")), "0-0 id"},
    {CLIENT(VERSIONS("")), "TLS_DECODE"},
    {CLIENT(VERSIONS("03")), "TLS_DECODE"},
    {CLIENT("002b 2{1{0304} 00}"), "TLS_DECODE"},
    {CLIENT(VERSIONS("0304") VERSIONS("0304")), "TLS_DECODE"},
    /* Names. */
    {CLIENT(NAME("'a.test'")), "300-303 sni=a.test id"},
    {CLIENT(NAME("'A-1.b.Test'")), "300-303 sni=A-1.b.Test id"},
    {CLIENT(NAME("'localhost'")), "300-303 sni=localhost id"},
    {CLIENT(NAME("'xn--bcher-kva.test'")), "300-303 sni=xn--bcher-kva.test id"},
    {CLIENT(NAME("'1.2.3.4a'")), "300-303 sni=1.2.3.4a id"},
    {CLIENT(NAME("")), "SNI_INVALID"},
    {CLIENT(NAME("'.'")), "SNI_INVALID"},
    {CLIENT(NAME("'a.test.'")), "SNI_INVALID"},
    {CLIENT(NAME("'.a.test'")), "SNI_INVALID"},
    {CLIENT(NAME("'a..test'")), "SNI_INVALID"},
    {CLIENT(NAME("'a.test' 00")), "SNI_INVALID"},
    {CLIENT(NAME("'a' 00 '.test'")), "SNI_INVALID"},
    {CLIENT(NAME("'a_b.test'")), "SNI_INVALID"},
    {CLIENT(NAME("'*.test'")), "SNI_INVALID"},
    {CLIENT(NAME("'-a.test'")), "SNI_INVALID"},
    {CLIENT(NAME("'a-.test'")), "SNI_INVALID"},
    {CLIENT(NAME("'a.test:443'")), "SNI_INVALID"},
    {CLIENT(NAME("c3bc '.test'")), "SNI_INVALID"},
    {CLIENT(NAME("'192.0.2.1'")), "300-303 sni=192.0.2.1 id"},
    {CLIENT(NAME("'2130706433'")), "300-303 sni=2130706433 id"},
    {CLIENT(NAME("'::1'")), "SNI_INVALID"},
    {CLIENT(NAME("'[::1]'")), "SNI_INVALID"},
    {CLIENT(NAME(LABEL_63 "'.test'")),
     "300-303 sni="
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     ".test id"},
    {CLIENT(NAME(LABEL_63 "'a.test'")), "SNI_INVALID"},
    {CLIENT(NAME(NAME_253 "'a'")), "SNI_INVALID"},
    {CLIENT("0000 2{}"), "TLS_DECODE"},
    {CLIENT("0000 2{2{}}"), "TLS_DECODE"},
    {CLIENT("0000 2{2{00}}"), "TLS_DECODE"},
    {CLIENT("0000 2{2{00 2{'a.test'} 00}}"), "SNI_INVALID"},
    {CLIENT("0000 2{2{00 2{'a.test'}} 00}"), "TLS_DECODE"},
    {CLIENT("0000 2{2{00 2{'a.test'} 00 2{'b.test'}}}"), "SNI_INVALID"},
    {CLIENT("0000 2{2{00 2{'a.test'} 00 2{'a.test'}}}"), "SNI_INVALID"},
    {CLIENT("0000 2{2{01 2{'a.test'}}}"), "SNI_INVALID"},
    {CLIENT("0000 2{2{01 2{'a.test'} 00 2{'a.test'}}}"), "SNI_INVALID"},
    {CLIENT(NAME("'a.test'") NAME("'a.test'")), "TLS_DECODE"},
    {CLIENT(NAME("'a.test'") "1234 2{}" NAME("'b.test'")), "TLS_DECODE"},
    {CLIENT(NAME("'::1'") NAME("'a.test'")), "TLS_DECODE"},
    /* The others. */
    {CLIENT("0010 2{2{1{'h2'} 1{'http/1.1'}}}"), "300-303 alpn id"},
    {CLIENT("0010 2{2{}}"), "TLS_DECODE"},
    {CLIENT("0010 2{2{1{}}}"), "TLS_DECODE"},
    {CLIENT("0010 2{2{05 'h2'}}"), "TLS_DECODE"},
    {CLIENT("0023 2{}"), "300-303 id"},
    {CLIENT("0023 2{'ticket'}"), "300-303 id ticket=ticket"},
    {CLIENT("0029 2{2{'x'}}"), "300-303 psk id"},
    {CLIENT("002a 2{}"), "300-303 early id"},
    {CLIENT("002a 2{00}"), "TLS_DECODE"},
    {CLIENT("fe0d 2{00 0001}"), "300-303 ech id"},
    {CLIENT("ffce 2{00}"), "300-303 ech id"},
    {CLIENT("1234 2{} 1234 2{} 0a0a 2{00}"), "300-303 id"},
    /* The frame. */
    {"", "TLS_DECODE"},
    {"0303 @ 1{#32:49} 2{c02f} 1{00}", "300-303 id"},
    {"0303 @ 1{#33:49} 2{c02f} 1{00}", "TLS_DECODE"},
    {"0303 @ 1{} 2{} 1{00}", "TLS_DECODE"},
    {"0303 @ 1{} 2{c0} 1{00}", "TLS_DECODE"},
    {"0303 @ 1{} 2{c02f} 1{}", "TLS_DECODE"},
    {"0303 @ 1{} 2{c02f} 1{00} 00", "TLS_DECODE"},
    {"0303 @ 1{} 2{c02f} 1{00} 2{} 00", "TLS_DECODE"},
    {CLIENT("0010"), "TLS_DECODE"},
    {CLIENT("0010 0001"), "TLS_DECODE"},
    {CLIENT("0010 0001 00 00"), "TLS_DECODE"},
};

static void every_client_hello_reads_as_its_row_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(clients); i++) {
        uint8_t place[HELLO_MAX];
        char facts[512];
        struct span bytes = assemble(clients[i].hello, place, sizeof place);
        uint8_t *copy = unit_copy(bytes);
        const char *got = read_client(span_of(copy, bytes.len), facts, sizeof facts);
        unit_holds(strcmp(got, clients[i].facts) == 0, "%s: %s", clients[i].hello, got);
        free(copy);
    }
}

/* The longest name, which would be a long row. */
static void a_name_has_at_most_253_letters(void **state)
{
    (void)state;
    uint8_t place[HELLO_MAX];
    char facts[512];
    struct span bytes = assemble(CLIENT(NAME(NAME_253)), place, sizeof place);
    const char *got = read_client(bytes, facts, sizeof facts);
    assert_int_equal(strlen(got), strlen("300-303 sni= id") + 253);
}

/*
 * Cut anywhere, a hello without extensions and one with all of them are none; but the first is
 * whole before its (empty) extensions begin. A byte more is one too many.
 */
static void a_hello_cut_short_is_none(void **state)
{
    (void)state;
    uint8_t place[HELLO_MAX];
    char facts[512];
    struct span bytes = assemble(CLIENT(NAME("'a.test'") VERSIONS("0304") "0010 2{2{1{'h2'}}}"
                                                                          "002a 2{} fe0d 2{00}"),
                                 place, sizeof place);
    size_t bare = 2 + 32 + 3 + 6 + 2;
    for (size_t len = 0; len <= bytes.len; len++) {
        uint8_t *copy = unit_copy(span_first(bytes, len));
        const char *got = read_client(span_of(copy, len), facts, sizeof facts);
        const char *want = len == bytes.len ? "304-304 sni=a.test alpn ech early id"
                           : len == bare    ? "300-303 id"
                                            : "TLS_DECODE";
        unit_holds(strcmp(got, want) == 0, "%zu bytes: %s", len, got);
        free(copy);
    }
}

#define RETRY "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"

static const struct {
    const char *hello;
    enum err err;
    uint16_t chosen;
    bool retry;
} servers[] = {
    {"0303 @ 1{} c02f 00", ERR_OK, 0x0303, false},
    {"0303 @ 1{} c02f 00 2{}", ERR_OK, 0x0303, false},
    {"0301 @ 1{#32:49} c02f 00 2{ff01 2{00}}", ERR_OK, 0x0301, false},
    {"0300 @ 1{} c02f 00", ERR_OK, 0x0300, false},
    {"0303 @ 1{} 1301 00 2{002b 2{0304} 0033 2{00}}", ERR_OK, 0x0304, false},
    {"0303" RETRY "1{} 1301 00 2{002b 2{0304}}", ERR_OK, 0x0304, true},
    {"0303" RETRY "1{} c02f 00", ERR_OK, 0x0303, false},
    {"0304 @ 1{} 1301 00", ERR_TLS_VERSION, 0, false},
    {"0304 @ 1{} 1301 00 2{002b 2{0304}}", ERR_TLS_VERSION, 0, false},
    {"0302 @ 1{} 1301 00 2{002b 2{0304}}", ERR_TLS_VERSION, 0, false},
    {"0303 @ 1{} 1301 00 2{002b 2{0303}}", ERR_TLS_VERSION, 0, false},
    {"0303 @ 1{} 1301 00 2{002b 2{7f1c}}", ERR_TLS_VERSION, 0, false},
    {"0303 @ 1{} 1301 00 2{002b 2{0304} 002b 2{0304}}", ERR_TLS_DECODE, 0, false},
    {"0303 @ 1{} 1301 00 2{002b 2{1{0304}}}", ERR_TLS_DECODE, 0, false},
    {"0303 @ 1{#33:49} c02f 00", ERR_TLS_DECODE, 0, false},
    {"0303 @ 1{} c02f", ERR_TLS_DECODE, 0, false},
    {"0303 @ 1{} c02f 00 00", ERR_TLS_DECODE, 0, false},
    {"", ERR_TLS_DECODE, 0, false},
};

static void every_server_hello_reads_as_its_row_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(servers); i++) {
        uint8_t place[HELLO_MAX];
        struct tls_facts facts = {.offered = 0};
        struct tls_bytes found = {.scheme = 0};
        bool retry;
        struct span bytes = assemble(servers[i].hello, place, sizeof place);
        uint8_t *copy = unit_copy(bytes);
        enum err err = hello_read_server(span_of(copy, bytes.len), &facts, &found, &retry);
        unit_holds(err == servers[i].err, "%s: %s", servers[i].hello, err_name(err));
        unit_holds(err != ERR_OK ||
                       (facts.chosen == servers[i].chosen && retry == servers[i].retry),
                   "%s: %x", servers[i].hello, facts.chosen);
        free(copy);
    }
}

/* Each thing that is judged changes the sum, and nothing else does. */
static void the_sum_is_of_what_is_judged(void **state)
{
    (void)state;
    static const struct {
        const char *hello;
        bool same;
    } rows[] = {
        {CLIENT(NAME("'a.test'") VERSIONS("0304")), true},
        {CLIENT(VERSIONS("0304") "1234 2{00}" NAME("'a.test'")), true},
        {"0303 #32:99 1{} 2{1302} 1{00} 2{" NAME("'a.test'") VERSIONS("0a0a 0304") "0029 2{00}}",
         true},
        {CLIENT(NAME("'a.tesu'") VERSIONS("0304")), false},
        {CLIENT(VERSIONS("0304")), false},
        {CLIENT(NAME("'a.test'") VERSIONS("0304 0303")), false},
        {CLIENT(NAME("'a.test'")), false},
        {CLIENT(NAME("'a.test'") VERSIONS("0304") "fe0d 2{00}"), false},
        {CLIENT(NAME("'a.test'") VERSIONS("0304") "0010 2{2{1{'h2'}}}"), false},
    };
    uint64_t first = 0;
    for (size_t i = 0; i < unit_count(rows); i++) {
        uint8_t place[HELLO_MAX];
        struct tls_facts facts = {.offered = 0};
        struct tls_bytes found = {.scheme = 0};
        struct span bytes = assemble(rows[i].hello, place, sizeof place);
        assert_int_equal(hello_read_client(bytes, &facts, &found), ERR_OK);
        uint64_t sum = hello_sum(&facts, &found);
        first = i == 0 ? sum : first;
        unit_holds((sum == first) == rows[i].same, "%s", rows[i].hello);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_client_hello_reads_as_its_row_says),
        cmocka_unit_test(a_name_has_at_most_253_letters),
        cmocka_unit_test(a_hello_cut_short_is_none),
        cmocka_unit_test(every_server_hello_reads_as_its_row_says),
        cmocka_unit_test(the_sum_is_of_what_is_judged),
    };
    return cmocka_run_group_tests_name("tls_hello", tests, NULL, NULL);
}
