/*
 * Proves subjects: rows and their canonical text, what is refused and as which error, which
 * certificates fit which rows (the agents' shapes among them), how subjects are printed, and that
 * all short words are either refused or stand for themselves. Sentences: test_policy_golden.c.
 */
#include "policy/subject.h"

#include "unit/unit.h"

static enum err parse(struct span text, struct subject_row *row)
{
    char place[SUBJECT_WHY_MAX];
    struct out why;
    out_begin(&why, place, sizeof place);
    uint8_t *copy = unit_copy(text);
    enum err err = subject_parse(span_of(copy, text.len), row, &why);
    free(copy);
    unit_holds((err == ERR_OK) == (why.len == 0), "%s: %s", unit_show(text), place);
    unit_holds(out_end(&why) == ERR_OK, "%s", unit_show(text));
    return err;
}

static struct span text_of(const struct subject_row *row)
{
    return span_of(row->text, row->text_len);
}

static struct span pairs_of(const struct subject_row *row)
{
    return span_of(row->pairs, row->pairs_len);
}

static const struct {
    struct span given;
    const char *text;
    struct span pairs;
} accepted[] = {
    {SPAN("mycert"), "mycert", SPAN("CN\0mycert\0")},
    {SPAN("  My   Cert "), "My Cert", SPAN("CN\0my cert\0")},
    {SPAN("a, b;\"c\" <d>+#e"), "a, b;\"c\" <d>+#e", SPAN("CN\0a, b;\"c\" <d>+#e\0")},
    {SPAN("a\\=b"), "a\\=b", SPAN("CN\0a=b\0")},
    {SPAN("DOMAIN\\\\host"), "DOMAIN\\\\host", SPAN("CN\0domain\\host\0")},
    {SPAN("{0a1b}"), "{0a1b}", SPAN("CN\0{0a1b}\0")},
    {SPAN("CN=mycert"), "mycert", SPAN("CN\0mycert\0")},
    {SPAN("2.5.4.3=a\\, b=c"), "a, b\\=c", SPAN("CN\0a, b=c\0")},
    {SPAN("C=US,o=Contoso,CN=mycert"), "CN=mycert,O=Contoso,C=US",
     SPAN("CN\0mycert\0O\0contoso\0C\0us\0")},
    {SPAN("CN=b,1.2.4=y,CN=A,1.2.3=z,CN=b b"), "CN=A,CN=b,CN=b b,1.2.3=z,1.2.4=y",
     SPAN("CN\0a\0CN\0b\0CN\0b b\0001.2.3\0z\0001.2.4\0y\0")},
    {SPAN("O=b\\,c,CN=a\\\\"), "CN=a\\\\,O=b\\,c", SPAN("CN\0a\\\0O\0b,c\0")},
    {SPAN("commonname = mycert , o=Contoso"), "CN=mycert,O=Contoso",
     SPAN("CN\0mycert\0O\0contoso\0")},
    {SPAN("2.5.4.3=a+2.5.4.10=b"), "CN=a,O=b", SPAN("CN\0a\0O\0b\0")},
    {SPAN("E=a@b.example,S=Bayern"), "ST=Bayern,emailAddress=a@b.example",
     SPAN("ST\0bayern\0emailAddress\0a@b.example\0")},
    {SPAN("1.2.3=x"), "1.2.3=x", SPAN("1.2.3\0x\0")},
    {SPAN("0.0=x"), "0.0=x", SPAN("0.0\0x\0")},
    {SPAN("O=Contoso\\, Inc."), "O=Contoso\\, Inc.", SPAN("O\0contoso, inc.\0")},
    {SPAN("O=Contoso\\2C Inc."), "O=Contoso\\, Inc.", SPAN("O\0contoso, inc.\0")},
    {SPAN("O=a=b"), "O=a=b", SPAN("O\0a=b\0")},
    {SPAN("O=\\#a\\ "), "O=\\#a", SPAN("O\0#a\0")},
    {SPAN("O=a#"), "O=a#", SPAN("O\0a#\0")},
    {SPAN("O=\\\"\\+\\,\\;\\<\\=\\>\\\\"), "O=\\\"\\+\\,\\;\\<=\\>\\\\", SPAN("O\0\"+,;<=>\\\0")},
    {SPAN("O=B\\C3\\BC"
          "ro"),
     "O=B\xC3\xBC"
     "ro",
     SPAN("O\0b\xC3\xBC"
          "ro\0")},
    {SPAN("CN=a,CN=A"), "CN=a,CN=A", SPAN("CN\0a\0CN\0a\0")},
};

static void good_ones_have_one_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(accepted); i++) {
        struct subject_row row, again;
        enum err err = parse(accepted[i].given, &row);
        unit_holds(err == ERR_OK, "%s: %s", unit_show(accepted[i].given), err_name(err));
        unit_same(text_of(&row), span_str(accepted[i].text), "%zu", i);
        unit_same(pairs_of(&row), accepted[i].pairs, "%zu", i);
        unit_holds(parse(text_of(&row), &again) == ERR_OK, "%zu", i);
        unit_same(text_of(&again), text_of(&row), "%zu again", i);
        unit_same(pairs_of(&again), accepted[i].pairs, "%zu again", i);
    }
}

static const struct {
    struct span given;
    enum err err;
} refused[] = {
    {SPAN(""), ERR_SUBJECT_EMPTY},
    {SPAN("   "), ERR_SUBJECT_EMPTY},
    {SPAN("CN="), ERR_SUBJECT_EMPTY},
    {SPAN("CN= ,O=b"), ERR_SUBJECT_EMPTY},
    {SPAN("CN=\\ "), ERR_SUBJECT_EMPTY},
    {SPAN("a\nb"), ERR_SUBJECT_LETTER},
    {SPAN("CN=a\tb"), ERR_SUBJECT_LETTER},
    {SPAN("CN=a\0b"), ERR_SUBJECT_LETTER},
    {SPAN("CN=a\\00b"), ERR_SUBJECT_LETTER},
    {SPAN("CN=a\\7F"), ERR_SUBJECT_LETTER},
    {SPAN("CN=\\FF"), ERR_SUBJECT_LETTER},
    {SPAN("CN=a\\E2\\80\\8Bb"), ERR_SUBJECT_LETTER},
    {SPAN("a\xE2\x80\x8B"), ERR_SUBJECT_LETTER}, /* invisible */
    {SPAN("a\xC2\x9B"), ERR_SUBJECT_LETTER},     /* to a terminal a beginning of orders */
    {SPAN("O=\xE2\x80\xAE"), ERR_SUBJECT_LETTER},
    {SPAN("a\xC3"), ERR_SUBJECT_LETTER},
    {SPAN("Name=a"), ERR_SUBJECT_ATTRIBUTE},
    {SPAN("=a"), ERR_SUBJECT_ATTRIBUTE},
    {SPAN("C N=a"), ERR_SUBJECT_ATTRIBUTE},
    {SPAN("/O=a/CN=b"), ERR_SUBJECT_ATTRIBUTE},
    {SPAN("Subject: CN=a"), ERR_SUBJECT_ATTRIBUTE},
    {SPAN("2=a"), ERR_SUBJECT_ATTRIBUTE},
    {SPAN("2.=a"), ERR_SUBJECT_ATTRIBUTE},
    {SPAN("2.05=a"), ERR_SUBJECT_ATTRIBUTE},
    {SPAN("OID.2.5.4.3=a"), ERR_SUBJECT_ATTRIBUTE},
    {SPAN("2.18446744073709551616=a"), ERR_SUBJECT_ATTRIBUTE},
    {SPAN("O=Contoso, Inc."), ERR_SUBJECT_PART},
    {SPAN("CN=a,"), ERR_SUBJECT_PART},
    {SPAN(",CN=a"), ERR_SUBJECT_PART},
    {SPAN("CN=a+b"), ERR_SUBJECT_PART},
    {SPAN("CN=a\\"), ERR_SUBJECT_ESCAPE},
    {SPAN("CN=a\\x"), ERR_SUBJECT_ESCAPE},
    {SPAN("CN=a\\4"), ERR_SUBJECT_ESCAPE},
    {SPAN("CN=a\\4g"), ERR_SUBJECT_ESCAPE},
    {SPAN("DOMAIN\\host"), ERR_SUBJECT_ESCAPE},
    {SPAN("O=\"Contoso, Inc.\""), ERR_SUBJECT_QUOTE},
    {SPAN("CN=a;O=b"), ERR_SUBJECT_QUOTE},
    {SPAN("CN=<a>"), ERR_SUBJECT_QUOTE},
    {SPAN("CN=#0401"), ERR_SUBJECT_QUOTE},
    {SPAN("CN= #0401"), ERR_SUBJECT_QUOTE},
};

static void bad_ones_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(refused); i++) {
        struct subject_row row;
        enum err err = parse(refused[i].given, &row);
        unit_holds(err == refused[i].err, "%s: %s", unit_show(refused[i].given), err_name(err));
    }
}

/* As many bytes as a row may have, of each kind that grows or shrinks when it is brought to form.
 */
static void lengths_end_where_they_should(void **state)
{
    (void)state;
    static const struct {
        const char *start, *piece;
        size_t most;
    } rows[] = {
        {"", "a", 512},         {"CN=", "a", 509},
        {"2.5.4.3=", "a", 504}, {"1.2=", "\xC3\xBC", 254},
        {"", "\\\\", 256},      {"O=", "\\,", 255},
        {"CN=a", ",C=a", 127},  {"E=a", ",E=a", 33}, /* 15 bytes each: emailAddress= is longer */
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        for (size_t count = 1; count <= rows[i].most + 1; count++) {
            char text[1200] = "";
            struct subject_row row;
            size_t at = strlen(rows[i].start);
            memcpy(text, rows[i].start, at);
            for (size_t k = 0; k < count; k++, at += strlen(rows[i].piece)) {
                memcpy(text + at, rows[i].piece, strlen(rows[i].piece) + 1);
            }
            enum err err = parse(span_str(text), &row);
            unit_holds(err == (count <= rows[i].most ? ERR_OK : ERR_SUBJECT_LONG), "%zu %zu: %s", i,
                       count, err_name(err));
        }
    }
}

enum { CERTIFICATE_MAX = 6 };

struct certificate {
    struct subject_attribute at[CERTIFICATE_MAX];
    size_t count;
};

#define ATTR(oid, value)                                                                           \
    {                                                                                              \
        SPAN(oid), SPAN(value), false                                                              \
    }
#define CN(value) ATTR("2.5.4.3", value)
#define O(value)  ATTR("2.5.4.10", value)
#define OU(value) ATTR("2.5.4.11", value)

#define WORKSPACE "0f7b2a4c-1111-2222-3333-444455556666"
#define GUID      "8d3e5f60-aaaa-bbbb-cccc-ddddeeeeffff"

/* The agents' subjects, as product.md section 3 has them. */
static const struct certificate linux_agent = {
    {CN(WORKSPACE), CN(GUID), OU("Linux Monitoring Agent"), O("Microsoft")}, 4};
static const struct certificate windows_agent = {
    {O("Microsoft"), OU("Microsoft Monitoring Agent"), CN("{" GUID "}"), CN(WORKSPACE)}, 4};
static const struct certificate other_variant = {
    {O("Microsoft"), OU("Agent"), CN(GUID), ATTR("0.9.2342.19200300.100.1.25", WORKSPACE)}, 4};
static const struct certificate twins = {{CN("Twin"), CN("TWIN "), O("A   B")}, 3};
static const struct certificate odd = {{CN("a\0b"), ATTR("1.2.3", "x"), O("")}, 3};
static const struct certificate forged = {{CN("x\0CN\0" WORKSPACE), O("Microsoft")}, 2};
static const struct certificate none = {{CN("")}, 0};

static const struct {
    const char *row;
    const struct certificate *certificate;
    bool fits;
} fits[] = {
    {WORKSPACE, &linux_agent, true},
    {WORKSPACE, &windows_agent, true},
    {WORKSPACE, &other_variant, false},
    {"0F7B2A4C-1111-2222-3333-444455556666", &linux_agent, true},
    {"0f7b2a4c-1111-2222-3333-444455556667", &linux_agent, false},
    {"0f7b2a4c", &linux_agent, false},
    {WORKSPACE " ", &linux_agent, true},
    {WORKSPACE "x", &linux_agent, false},
    {"x" WORKSPACE, &linux_agent, false},
    {"Microsoft", &linux_agent, false},
    {GUID, &linux_agent, true},
    {GUID, &windows_agent, false},
    {"{" GUID "}", &windows_agent, true},
    {"CN=" WORKSPACE, &linux_agent, true},
    {"CN=" WORKSPACE ",O=Microsoft", &windows_agent, true},
    {"O=microsoft,OU=linux  monitoring agent,CN=" WORKSPACE, &linux_agent, true},
    {"CN=" WORKSPACE ",O=Contoso", &linux_agent, false},
    {"CN=" WORKSPACE ",CN=" GUID, &linux_agent, true},
    {"CN=" WORKSPACE ",CN=" WORKSPACE, &linux_agent, false},
    {"DC=" WORKSPACE, &other_variant, true},
    {"DC=" WORKSPACE, &linux_agent, false},
    {"O=" WORKSPACE, &linux_agent, false},
    {"CN=twin", &twins, true},
    {"CN=twin,CN=Twin", &twins, true},
    {"CN=twin,CN=twin,CN=twin", &twins, false},
    {"twin", &twins, true},
    {"O=a b", &twins, true},
    {"O=a  B", &twins, true},
    {"O=ab", &twins, false},
    {"a", &odd, false},
    {"b", &odd, false},
    {"1.2.3=X", &odd, true},
    {"1.2.4=x", &odd, false},
    {WORKSPACE, &forged, false},
    {"x", &forged, false},
    {"O=Microsoft", &forged, true},
    {"a", &none, false},
};

static void certificates_fit_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(fits); i++) {
        char place[1024];
        struct subject_row row;
        struct out pairs;
        out_begin(&pairs, place, sizeof place);
        for (size_t k = 0; k < fits[i].certificate->count; k++) {
            subject_put_pair(&fits[i].certificate->at[k], &pairs);
        }
        unit_holds(parse(span_str(fits[i].row), &row) == ERR_OK, "%s", fits[i].row);
        bool found = subject_matches(pairs_of(&row), out_span(&pairs));
        unit_holds(found == fits[i].fits, "%zu: %s", i, fits[i].row);
    }
}

static void the_longest_pair_is_the_key(void **state)
{
    (void)state;
    struct subject_row row;
    assert_int_equal(parse(span_str("O=abc,CN=abcd,OU=ab"), &row), ERR_OK);
    unit_same(subject_key(pairs_of(&row)), span_of("CN\0abcd", 8), "the key");
    assert_int_equal(parse(span_str("O=abc,L=abd"), &row), ERR_OK);
    unit_same(subject_key(pairs_of(&row)), span_of("O\0abc", 6), "the first of equals");
}

static const struct {
    struct certificate certificate;
    const char *text;
} prints[] = {
    {{{CN("a")}, 0}, ""},
    {{{CN("a")}, 1}, "CN=a"},
    {{{O("Microsoft"), OU("Agent"), CN("a"), CN("b")}, 4}, "CN=b,CN=a,OU=Agent,O=Microsoft"},
    {{{O("A"), {SPAN("2.5.4.3"), SPAN("b"), true}, {SPAN("2.5.4.11"), SPAN("c"), true}}, 3},
     "OU=c+CN=b+O=A"},
    {{{O("Contoso, Inc."), CN(" a ")}, 2}, "CN=\\ a\\ ,O=Contoso\\, Inc."},
    {{{CN("#1"), O("1#"), OU("\"+,;<=>\\")}, 3}, "OU=\\\"\\+\\,\\;\\<=\\>\\\\,O=1#,CN=\\#1"},
    {{{CN("\0\n\x1F\x7F")}, 1}, "CN=\\00\\0a\\1f\\7f"},
    {{{ATTR("1.2.3.4", "x"), CN("")}, 2}, "CN=,1.2.3.4=x"},
    {{{CN("B\xC3\xBC"
          "ro")},
      1},
     "CN=B\xC3\xBC"
     "ro"},
};

static void subjects_are_printed_as_rfc_4514_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(prints); i++) {
        char place[256];
        struct out out;
        out_begin(&out, place, sizeof place);
        subject_print(prints[i].certificate.at, prints[i].certificate.count, &out);
        assert_int_equal(out_end(&out), ERR_OK);
        unit_same(out_span(&out), span_str(prints[i].text), "%zu", i);
    }
}

static void what_is_accepted_stands_for_itself(void **state)
{
    (void)state;
    struct unit_words words = {.letters = 9, .alphabet = "CO=,\\ +#4", .max = 6};
    while (unit_words_next(&words)) {
        struct subject_row row, again;
        if (parse(unit_word(&words), &row) == ERR_OK) {
            unit_holds(parse(text_of(&row), &again) == ERR_OK, "%s", row.text);
            unit_same(text_of(&again), text_of(&row), "%s", row.text);
            unit_same(pairs_of(&again), pairs_of(&row), "%s", row.text);
            unit_holds(subject_matches(pairs_of(&row), pairs_of(&row)), "%s", row.text);
        }
    }
}

static void a_small_place_is_not_overrun(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(refused); i++) {
        for (size_t size = 1; size < 400; size++) {
            char *place = malloc(size);
            struct subject_row row;
            struct out why;
            assert_non_null(place);
            out_begin(&why, place, size);
            unit_holds(subject_parse(refused[i].given, &row, &why) == refused[i].err, "%zu", i);
            unit_holds(strlen(place) < size, "%zu %zu", i, size);
            free(place);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_ones_have_one_form),
        cmocka_unit_test(bad_ones_are_named),
        cmocka_unit_test(lengths_end_where_they_should),
        cmocka_unit_test(certificates_fit_rows),
        cmocka_unit_test(the_longest_pair_is_the_key),
        cmocka_unit_test(subjects_are_printed_as_rfc_4514_says),
        cmocka_unit_test(what_is_accepted_stands_for_itself),
        cmocka_unit_test(a_small_place_is_not_overrun),
    };
    return cmocka_run_group_tests_name("subject", tests, NULL, NULL);
}
