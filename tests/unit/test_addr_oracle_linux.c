/*
 * Proves that our parser and the system's inet_pton read every text alike: what one accepts the
 * other accepts, with the same bytes. All words of seven letters over a small alphabet, and all
 * sequences of eight tokens, which reach the full and the overfull address.
 */
#include "base/addr.h"
#include "unit/unit.h"

#include <arpa/inet.h>

/* `text` ends in a NUL. Both say no, or both give the same family and bytes. */
static void judge(const char *text)
{
    struct addr addr;
    uint8_t bytes[16] = {0};
    enum addr_family family = ADDR_NONE;
    if (inet_pton(AF_INET, text, bytes) == 1) {
        family = ADDR_IPV4;
    } else if (inet_pton(AF_INET6, text, bytes) == 1) {
        family = ADDR_IPV6;
    }
    enum err err = addr_parse(span_str(text), &addr);
    unit_holds((err == ERR_OK) == (family != ADDR_NONE), "%s: ours says %s, inet_pton %s", text,
               err_name(err), family != ADDR_NONE ? "yes" : "no");
    if (err == ERR_OK) {
        unit_holds(addr.family == family, "%s", text);
        unit_same(span_of(addr.bytes, 16), span_of(bytes, 16), "%s", text);
    }
}

static void every_word_over_an_alphabet(void **state)
{
    (void)state;
    static const struct {
        const char *alphabet;
        size_t max;
    } rows[] = {
        {"01af:.", 7}, {"1:.", 10}, {"0.", 12}, {"2.56", 9}, {"g1:", 9}, {" 1.", 9}, {"F:", 14},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct unit_words words = {.letters = strlen(rows[i].alphabet), .max = rows[i].max};
        words.alphabet = rows[i].alphabet;
        while (unit_words_next(&words)) {
            char text[UNIT_WORD_MAX + 1] = {0};
            memcpy(text, words.text, words.len);
            judge(text);
        }
    }
}

/* Tokens reach what words of single letters cannot: eight groups, IPv4 at every place. */
static void every_sequence_of_tokens(void **state)
{
    (void)state;
    static const struct {
        const char *tokens[8];
        size_t count, max;
    } rows[] = {
        {{"1:", ":", "ab", "1.2.3.4", "ffff:"}, 5, 8},
        {{"1:", ":", "2"}, 3, 11},
        {{"0:", "::", "0", "00000", "1.2.3.4", "1.2.3", "255", "256"}, 8, 5},
        {{"0", "1", "255", "256", "01", ".", "1.", "65536"}, 8, 6},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct unit_words words = {.letters = rows[i].count, .max = rows[i].max};
        while (unit_words_next(&words)) {
            char text[256] = {0};
            size_t used = 0;
            for (size_t k = 0; k < words.len; k++) {
                const char *token = rows[i].tokens[words.index[k]];
                memcpy(text + used, token, strlen(token));
                used += strlen(token);
            }
            judge(text);
        }
    }
}

/* A valid text with one byte changed to each value, left out, or put twice. */
static void every_small_change_of_a_valid_text(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "0.0.0.0",
        "192.0.2.1",
        "255.255.255.255",
        "10.20.30.40",
        "::",
        "::1",
        "1::",
        "2001:db8::1",
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8",
        "1:2:3::5:6:7:8",
        "::ffff:192.0.2.1",
        "1:2:3:4:5:6:1.2.3.4",
        "1::1.2.3.4",
        "fe80::abcd:EF01",
        "0:0:0:0:0:0:0:0",
        "1:2:3:4:5::1.2.3.4",
        "::255.255.255.255",
        "2001:0db8:0000::00ff",
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        size_t len = strlen(rows[i]);
        for (size_t at = 0; at <= len; at++) {
            for (unsigned byte = 1; byte < 256; byte++) {
                char text[64] = {0};
                memcpy(text, rows[i], len);
                text[at] = (char)byte; /* at the end: one more */
                judge(text);
                memmove(text + at + 1, rows[i] + at, len - at); /* in between */
                judge(text);
            }
            char text[64] = {0};
            memcpy(text, rows[i], at); /* cut here, and then the rest without the next byte */
            judge(text);
            memcpy(text + at, rows[i] + at + (at < len), len - at - (at < len));
            judge(text);
        }
    }
}

/* What inet_ntop prints of any of these we read as the same address. */
static void what_the_system_prints_is_read(void **state)
{
    (void)state;
    for (unsigned pattern = 0; pattern < 0x10000; pattern++) {
        uint8_t bytes[16];
        char text[INET6_ADDRSTRLEN];
        struct addr addr;
        for (unsigned i = 0; i < 16; i++) {
            bytes[i] = (pattern >> i & 1) ? (uint8_t)(0xE1 + i) : 0;
        }
        assert_non_null(inet_ntop(AF_INET6, bytes, text, sizeof text));
        unit_holds(addr_parse(span_str(text), &addr) == ERR_OK, "%s", text);
        unit_same(span_of(addr.bytes, 16), span_of(bytes, 16), "%s", text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_over_an_alphabet),
        cmocka_unit_test(every_sequence_of_tokens),
        cmocka_unit_test(every_small_change_of_a_valid_text),
        cmocka_unit_test(what_the_system_prints_is_read),
    };
    return cmocka_run_group_tests_name("addr_oracle_linux", tests, NULL, NULL);
}
