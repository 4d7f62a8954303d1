/*
 * Proves what is cut out of a client's certificate: subject and key where they are, and nothing
 * where the DER is not exactly that of a certificate; cut at every length, each length in it wrong.
 */
#include "tls/certs.h"
#include "unit/assemble.h"

enum { CERT_MAX = 1 << 15 };

#define BODY(version, subject, key, more)                                                          \
    "30d{" version "02d{0102} 30d{0603} 30d{31d{}} 30d{'validity'}" subject key more "}"
#define CERT(version, subject, key, more)                                                          \
    "30d{" BODY(version, subject, key, more) "30d{0603} 03d{00 'signature'}}"
#define V3      "a0d{02 01 02}"
#define SUBJECT "30d{31d{30d{06 03 55 04 03 0c d{'agent'}}}}"
#define KEY     "30d{30d{06 01 00} 03d{00 #200:4b}}"

static const struct {
    const char *leaf;
    bool good;
} rows[] = {
    {CERT(V3, SUBJECT, KEY, ""), true},
    {CERT("", SUBJECT, KEY, ""), true},
    {CERT(V3, SUBJECT, KEY, "a3d{30d{'extensions'}}"), true},
    {CERT(V3, SUBJECT, KEY, "81d{00} 82d{00} a3d{}"), true},
    {CERT(V3, "30d{}", KEY, ""), true},
    {CERT(V3, "30d{#127:78}", KEY, ""), true},
    {CERT(V3, "30d{#128:78}", KEY, ""), true},
    {CERT(V3, "30d{#255:78}", KEY, ""), true},
    {CERT(V3, "30d{#256:78}", KEY, ""), true},
    {CERT(V3, "30d{#9000:78}", KEY, ""), true},
    {CERT(V3 V3, SUBJECT, KEY, ""), false},
    {CERT(V3, "31d{}", KEY, ""), false},
    {CERT(V3, SUBJECT, "03d{}", ""), false},
    {CERT(V3, SUBJECT, "", ""), false},
    {CERT(V3, "", "", ""), false},
    {CERT(V3, SUBJECT, KEY, "") " 00", false},
    {"30d{" BODY(V3, SUBJECT, KEY, "") "30d{}}", false},
    {"30d{" BODY(V3, SUBJECT, KEY, "") "03d{} 30d{}}", false},
    {"30d{" BODY(V3, SUBJECT, KEY, "") "30d{} 03d{} 00}", false},
    {"31d{" BODY(V3, SUBJECT, KEY, "") "30d{} 03d{}}", false},
    {"30d{" BODY("a0d{020102}", SUBJECT, KEY, "") "}", false},
    /* Lengths that are not DER: indefinite, long where short would do, zeros in front, too long. */
    {CERT(V3, "30 80 0000", KEY, ""), false},
    {CERT(V3, "30 8105 #5:78", KEY, ""), false},
    {CERT(V3, "30 820080 #128:78", KEY, ""), false},
    {CERT(V3, "30 8200ff #255:78", KEY, ""), false},
    {CERT(V3, "30 83000100 #256:78", KEY, ""), false},
    {CERT(V3, "30 84ffffffff", KEY, ""), false},
    {CERT(V3, "30 ff", KEY, ""), false},
    {CERT(V3, "1f 30 05 #5:78", KEY, ""), false},
    {"", false},
    {"30", false},
    {"'no certificate'", false},
};

/* The nth element with the tag 0x30 inside the body, by counting elements one after the other. */
static struct span find_element(struct span leaf, size_t nth)
{
    size_t at = 0;
    for (size_t step = 0;; step++) {
        size_t head = leaf.at[at + 1] < 0x80 ? 2 : leaf.at[at + 1] == 0x81 ? 3 : 4;
        size_t len = head == 2   ? leaf.at[at + 1]
                     : head == 3 ? leaf.at[at + 2]
                                 : (size_t)leaf.at[at + 2] << 8 | leaf.at[at + 3];
        if (step < 2) { /* into the certificate, into its body */
            at += head;
            continue;
        }
        nth -= leaf.at[at] == 0x30;
        if (nth == 0) {
            return span_of(leaf.at + at, head + len);
        }
        at += head + len;
    }
}

static void subject_and_key_are_where_they_are(void **state)
{
    (void)state;
    static uint8_t place[CERT_MAX];
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct span bytes = assemble(rows[i].leaf, place, sizeof place), subject, key;
        uint8_t *copy = unit_copy(bytes);
        struct span leaf = {copy, bytes.len};
        enum err err = certs_cut(leaf, &subject, &key);
        unit_holds(err == (rows[i].good ? ERR_OK : ERR_CERTIFICATE_UNREADABLE), "%s: %s",
                   rows[i].leaf, err_name(err));
        if (rows[i].good) {
            unit_same(subject, find_element(leaf, 4), "%s", rows[i].leaf);
            unit_same(key, find_element(leaf, 5), "%s", rows[i].leaf);
        }
        free(copy);
    }
}

static void a_certificate_cut_short_is_none(void **state)
{
    (void)state;
    static uint8_t place[CERT_MAX];
    struct span bytes = assemble(rows[2].leaf, place, sizeof place), subject, key;
    for (size_t len = 0; len < bytes.len; len++) {
        uint8_t *copy = unit_copy(span_first(bytes, len));
        unit_holds(certs_cut(span_of(copy, len), &subject, &key) == ERR_CERTIFICATE_UNREADABLE,
                   "%zu bytes", len);
        free(copy);
    }
}

/* Any one byte another: an error, or spans that lie inside. */
static void a_wrong_byte_stays_inside(void **state)
{
    (void)state;
    static uint8_t place[CERT_MAX];
    struct span bytes = assemble(rows[0].leaf, place, sizeof place), subject, key;
    for (size_t at = 0; at < bytes.len; at++) {
        for (unsigned value = 0; value < 256; value++) {
            uint8_t *copy = unit_copy(bytes);
            copy[at] = (uint8_t)value;
            if (certs_cut(span_of(copy, bytes.len), &subject, &key) == ERR_OK) {
                assert_true(subject.at > copy && key.at == subject.at + subject.len);
                assert_true(key.at + key.len <= copy + bytes.len);
            }
            free(copy);
        }
    }
}

static void the_leaf_is_as_long_as_its_frame_says(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        size_t body_len;
        enum err err;
        size_t leaf_len;
    } heads[] = {
        {"000000", 3, ERR_OK, 0},
        {"000004 000001", 7, ERR_OK, 1},
        {"004003 004000", 0x4006, ERR_OK, 16384},
        {"0fffff 000010", 0x100002, ERR_OK, 16},
        {"004004 004001", 0x4007, ERR_TLS_LONG, 0},
        {"", 0, ERR_TLS_DECODE, 0},
        {"0000", 2, ERR_TLS_DECODE, 0},
        {"000000", 4, ERR_TLS_DECODE, 0},
        {"000001", 3, ERR_TLS_DECODE, 0},
        {"000001 00", 4, ERR_TLS_DECODE, 0},
        {"000003 000000", 6, ERR_TLS_DECODE, 0},
        {"000004 000002", 7, ERR_TLS_DECODE, 0},
        {"000004 000001", 8, ERR_TLS_DECODE, 0},
        {"000004 000001", 6, ERR_TLS_DECODE, 0},
    };
    for (size_t i = 0; i < unit_count(heads); i++) {
        uint8_t place[8];
        size_t leaf_len = 0;
        struct span head = assemble(heads[i].head, place, sizeof place);
        enum err err = certs_leaf_len(head, heads[i].body_len, &leaf_len);
        unit_holds(err == heads[i].err, "%s: %s", heads[i].head, err_name(err));
        unit_holds(err != ERR_OK || leaf_len == heads[i].leaf_len, "%s: %zu", heads[i].head,
                   leaf_len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subject_and_key_are_where_they_are),
        cmocka_unit_test(a_certificate_cut_short_is_none),
        cmocka_unit_test(a_wrong_byte_stays_inside),
        cmocka_unit_test(the_leaf_is_as_long_as_its_frame_says),
    };
    return cmocka_run_group_tests_name("tls_certs", tests, NULL, NULL);
}
