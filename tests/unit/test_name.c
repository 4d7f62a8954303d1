/*
 * Proves the reading of Names: every alphabet of X.509 as UTF-8, attributes in one RDN, what is no
 * text refused; and every way to cut a good one or to change a byte of it ends in a refusal or in
 * attributes that keep to their promises.
 */
#include "crypto/name.h"

#include "base/out.h"
#include "base/utf.h"
#include "unit/unit.h"

/* What a visitor writes down: oid=value, "+" in front where it is joined, a bar behind each. */
static enum err write_down(void *context, const struct name_attribute *attribute)
{
    struct out *out = context;
    unit_holds(attribute->value.len > 0 && utf_valid(attribute->value), "%zu",
               attribute->value.len);
    unit_holds(span_find(attribute->value, 0) == attribute->value.len, "a NUL");
    out_str(out, attribute->joined ? "+" : "");
    out_put(out, attribute->oid);
    out_char(out, '=');
    out_put(out, attribute->value);
    out_char(out, '|');
    return ERR_OK;
}

#define ATTRIBUTE(type, value)                                                                     \
    "\x31\x0c\x30\x0a\x06\x03\x55\x04" type value /* of five bytes with their header */
#define SET(one) "\x30\x0e" one

static const struct {
    const char *what, *der;
    size_t len;
    const char *text; /* NULL: refused */
} rows[] = {
#define ROW(what, der, text)                                                                       \
    {                                                                                              \
        what, der, sizeof(der) - 1, text                                                           \
    }
    ROW("UTF8String", SET(ATTRIBUTE("\x03", "\x0c\x03\xc3\xbc!")), "2.5.4.3=\xc3\xbc!|"),
    ROW("PrintableString",
        SET(ATTRIBUTE("\x0a", "\x13\x03"
                              "abc")),
        "2.5.4.10=abc|"),
    ROW("IA5String",
        SET(ATTRIBUTE("\x0a", "\x16\x03"
                              "a@c")),
        "2.5.4.10=a@c|"),
    ROW("T61String is read as Latin 1",
        SET(ATTRIBUTE("\x03", "\x14\x03"
                              "a\xfc"
                              "c")),
        "2.5.4.3=a\xc3\xbc"
        "c|"),
    ROW("BMPString", "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x1e\x02\x4e\x2d",
        "2.5.4.3=\xe4\xb8\xad|"),
    ROW("UniversalString", "\x30\x0f\x31\x0d\x30\x0b\x06\x03\x55\x04\x03\x1c\x04\x00\x01\xf4\x27",
        "2.5.4.3=\xf0\x9f\x90\xa7|"),
    ROW("two RDNs of one type",
        "\x30\x18\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01"
        "a\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01"
        "b",
        "2.5.4.3=a|2.5.4.3=b|"),
    ROW("two attributes in one RDN",
        "\x30\x16\x31\x14\x30\x08\x06\x03\x55\x04\x03\x0c\x01"
        "a\x30\x08\x06\x03\x55\x04\x0a\x0c\x01"
        "b",
        "2.5.4.3=a|+2.5.4.10=b|"),
    ROW("no attribute at all", "\x30\x00", ""),
    ROW("a NUL inside",
        SET(ATTRIBUTE("\x03", "\x0c\x03"
                              "a\0c")),
        NULL),
    ROW("no UTF-8",
        SET(ATTRIBUTE("\x03", "\x0c\x03"
                              "a\xff"
                              "c")),
        NULL),
    ROW("half a surrogate", "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x1e\x02\xd8\x00", NULL),
    ROW("an empty value", "\x30\x0b\x31\x09\x30\x07\x06\x03\x55\x04\x03\x0c\x00", NULL),
    ROW("a number for a text", SET(ATTRIBUTE("\x03", "\x02\x03\x01\x02\x03")), NULL),
    ROW("a byte behind it", "\x30\x00\x00", NULL),
    ROW("no sequence", "\x31\x00", NULL),
    ROW("nothing", "", NULL),
#undef ROW
};

static enum err read_text(struct span der, char *place, size_t size)
{
    struct out out;
    out_begin(&out, place, size);
    return name_read(der, &out, write_down);
}

static void names_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(rows); i++) {
        char place[1024];
        enum err err = read_text(span_of(rows[i].der, rows[i].len), place, sizeof place);
        unit_holds(err == (rows[i].text ? ERR_OK : ERR_CERTIFICATE_UNREADABLE), "%s: %s",
                   rows[i].what, err_name(err));
        unit_holds(!rows[i].text || strcmp(place, rows[i].text) == 0, "%s: %s", rows[i].what,
                   place);
    }
}

static void every_cut_and_every_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(rows); i++) {
        char place[1024];
        uint8_t copy[64];
        unit_holds(rows[i].len <= sizeof copy, "%s", rows[i].what);
        for (size_t len = 0; rows[i].text && len < rows[i].len; len++) {
            enum err err = read_text(span_of(rows[i].der, len), place, sizeof place);
            unit_holds(err == ERR_CERTIFICATE_UNREADABLE, "%s, cut at %zu", rows[i].what, len);
        }
        for (size_t at = 0; at < rows[i].len; at++) {
            for (unsigned byte = 0; byte < 256; byte++) {
                memcpy(copy, rows[i].der, rows[i].len);
                copy[at] = (uint8_t)byte;
                enum err err = read_text(span_of(copy, rows[i].len), place, sizeof place);
                unit_holds(err == ERR_OK || err == ERR_CERTIFICATE_UNREADABLE, "%s, byte %zu: %s",
                           rows[i].what, at, err_name(err));
            }
        }
    }
}

static enum err refuse(void *context, const struct name_attribute *attribute)
{
    (void)attribute;
    ++*(int *)context;
    return ERR_LONG;
}

static void an_error_of_the_visitor_ends_it(void **state)
{
    (void)state;
    int visits = 0;
    static const char two[] = "\x30\x18\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01"
                              "a\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01"
                              "b";
    assert_int_equal(name_read(span_of(two, sizeof two - 1), &visits, refuse), ERR_LONG);
    assert_int_equal(visits, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read),
        cmocka_unit_test(every_cut_and_every_byte),
        cmocka_unit_test(an_error_of_the_visitor_ends_it),
    };
    return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
