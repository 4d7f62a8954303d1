/*
 * Fuzz target: subjects. The input is a row; what is accepted prints to a text that is accepted
 * again with the same pairs, and fits a certificate of just these pairs. The input is also a
 * certificate, attributes between line ends: what is printed is read again as the same pairs.
 */
#include "fuzz.h"

#include "base/utf.h"
#include "policy/subject.h"

static struct span pairs_of(const struct subject_row *row)
{
    return span_of(row->pairs, row->pairs_len);
}

static enum err parse(struct span text, struct subject_row *row)
{
    char place[SUBJECT_WHY_MAX];
    struct out why;
    out_begin(&why, place, sizeof place);
    enum err err = subject_parse(text, row, &why);
    CHECK(out_end(&why) == ERR_OK && (why.len > 0) == (err != ERR_OK));
    return err;
}

static void try_row(struct span text)
{
    struct subject_row row, again;
    struct span pair, rest;
    size_t pairs = 0;
    if (parse(text, &row) != ERR_OK) {
        return;
    }
    CHECK(utf_valid(span_of(row.text, row.text_len)) && row.text_len <= SUBJECT_TEXT_MAX);
    CHECK(parse(span_of(row.text, row.text_len), &again) == ERR_OK);
    CHECK(span_equal(span_of(row.text, row.text_len), span_of(again.text, again.text_len)));
    CHECK(span_equal(pairs_of(&row), pairs_of(&again)));
    CHECK(subject_matches(pairs_of(&row), pairs_of(&row)));
    for (rest = pairs_of(&row); subject_cut_pair(&rest, &pair); pairs++) {
        CHECK(pair.len >= 4 && pair.len <= subject_key(pairs_of(&row)).len);
        /* Without any one of its pairs a certificate does not fit. */
        char place[SUBJECT_PAIRS_MAX];
        struct out less;
        out_begin(&less, place, sizeof place);
        out_put(&less, span_first(pairs_of(&row), (size_t)(pair.at - (uint8_t *)row.pairs)));
        out_put(&less, rest);
        CHECK(!subject_matches(pairs_of(&row), out_span(&less)));
    }
    CHECK(pairs > 0 && rest.len == 0);
}

static void try_certificate(struct span text)
{
    static const struct span oids[] = {SPAN("2.5.4.3"), SPAN("2.5.4.10"), SPAN("1.2.3")};
    struct subject_attribute at[8];
    char place[16384], pairs_place[16384];
    struct out out, pairs;
    struct subject_row row;
    size_t count = 0;
    for (bool done = false; count < 8 && span_cut(&text, '\n', &done, &at[count].value); count++) {
        at[count].oid = oids[count % 3];
        at[count].joined = count % 4 == 1;
    }
    out_begin(&out, place, sizeof place);
    out_begin(&pairs, pairs_place, sizeof pairs_place);
    subject_print(at, count, &out);
    for (size_t i = 0; i < count; i++) {
        subject_put_pair(&at[i], &pairs);
    }
    if (!out.full && !pairs.full && parse(out_span(&out), &row) == ERR_OK) {
        CHECK(subject_matches(pairs_of(&row), out_span(&pairs)));
        CHECK(subject_matches(out_span(&pairs), pairs_of(&row)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = {data, size};
    try_row(text);
    try_certificate(text);
    return 0;
}
