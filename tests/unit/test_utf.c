/*
 * Proves UTF-8 and UTF-16: every code point there and back, every sequence of one, two and three
 * bytes against the Unicode standard's own table, four bytes and 16-bit units at all borders, and
 * each place from nothing to enough.
 */
#include "base/utf.h"
#include "unit/unit.h"

/* Unicode 15, table 3-7: well-formed UTF-8, byte by byte. */
static const struct {
    size_t len;
    uint8_t least[4], most[4];
} well_formed[] = {
    {1, {0x00}, {0x7F}},
    {2, {0xC2, 0x80}, {0xDF, 0xBF}},
    {3, {0xE0, 0xA0, 0x80}, {0xE0, 0xBF, 0xBF}},
    {3, {0xE1, 0x80, 0x80}, {0xEC, 0xBF, 0xBF}},
    {3, {0xED, 0x80, 0x80}, {0xED, 0x9F, 0xBF}},
    {3, {0xEE, 0x80, 0x80}, {0xEF, 0xBF, 0xBF}},
    {4, {0xF0, 0x90, 0x80, 0x80}, {0xF0, 0xBF, 0xBF, 0xBF}},
    {4, {0xF1, 0x80, 0x80, 0x80}, {0xF3, 0xBF, 0xBF, 0xBF}},
    {4, {0xF4, 0x80, 0x80, 0x80}, {0xF4, 0x8F, 0xBF, 0xBF}},
};

/* Length of the well-formed sequence that the bytes begin with, 0 for none. */
static size_t slow_length(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < unit_count(well_formed); i++) {
        size_t fit = 0;
        while (fit < well_formed[i].len && fit < len && bytes[fit] >= well_formed[i].least[fit] &&
               bytes[fit] <= well_formed[i].most[fit]) {
            fit++;
        }
        if (fit == well_formed[i].len) {
            return fit;
        }
    }
    return 0;
}

static uint32_t slow_value(const uint8_t *bytes, size_t len)
{
    static const uint32_t lead_value[] = {0, 0, 0xC0, 0xE0, 0xF0};
    uint32_t value = bytes[0] - lead_value[len];
    for (size_t i = 1; i < len; i++) {
        value = value * 64 + (bytes[i] - 0x80U);
    }
    return value;
}

/* Lies behind the bytes: it would complete what is cut, so that one byte too many shows. */
enum { BEHIND = 0x80 };

/* The product's answer for these bytes is the table's answer. */
static void judge(const uint8_t *bytes, size_t len)
{
    struct span text = {bytes, len};
    uint32_t character = 0xDEAD;
    size_t want = slow_length(bytes, len);
    enum err err = utf_next(&text, &character);
    unit_holds(err == (want > 0 ? ERR_OK : ERR_UTF), "%s", unit_show(span_of(bytes, len)));
    unit_holds(text.at == bytes + want && text.len == len - want, "%s",
               unit_show(span_of(bytes, len)));
    unit_holds(character == (want > 0 ? slow_value(bytes, want) : 0xDEAD), "%s",
               unit_show(span_of(bytes, len)));
    size_t good = 0;
    for (size_t more = want; more > 0; more = slow_length(bytes + good, len - good)) {
        good += more;
    }
    unit_holds(utf_valid(span_of(bytes, len)) == (good == len), "%s",
               unit_show(span_of(bytes, len)));
}

static void nothing_is_valid_and_short(void **state)
{
    (void)state;
    struct span text = span_of(NULL, 0);
    uint32_t character;
    assert_int_equal(utf_next(&text, &character), ERR_SHORT);
    assert_true(utf_valid(text));
}

static void all_one_and_two_bytes(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        uint8_t bytes[3] = {(uint8_t)i, BEHIND, BEHIND};
        judge(bytes, 1);
        for (unsigned k = 0; k < 256; k++) {
            bytes[1] = (uint8_t)k;
            judge(bytes, 2);
        }
    }
}

static void all_three_bytes_behind_a_long_lead(void **state)
{
    (void)state;
    for (uint32_t i = 0xE00000; i <= 0xFFFFFF; i++) {
        uint8_t bytes[4] = {(uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i, BEHIND};
        judge(bytes, 3);
    }
}

static void four_bytes_at_the_borders(void **state)
{
    (void)state;
    static const uint8_t ends[] = {0x00, 0x7F, 0x80, 0xBF, 0xC0, 0xFF};
    for (unsigned lead = 0xEF; lead < 0x100; lead++) {
        for (unsigned second = 0; second < 256; second++) {
            for (size_t i = 0; i < unit_count(ends) * unit_count(ends); i++) {
                uint8_t bytes[4] = {(uint8_t)lead, (uint8_t)second, ends[i % unit_count(ends)],
                                    ends[i / unit_count(ends)]};
                judge(bytes, 4);
            }
        }
    }
}

static bool is_scalar(uint32_t character)
{
    return character <= 0x10FFFF && (character < 0xD800 || character > 0xDFFF);
}

/* Every scalar value: 8 bits, 16 bits, and 8 again; the least number of bytes and units. */
static void every_character_there_and_back(void **state)
{
    (void)state;
    for (uint32_t character = 0; character <= 0x10FFFF; character++) {
        if (!is_scalar(character)) {
            continue;
        }
        uint8_t bytes[4];
        uint16_t units[3];
        char back[5];
        size_t len = utf_encode(character, bytes), count = 0, back_len = 0;
        unit_holds(slow_length(bytes, len) == len && slow_value(bytes, len) == character, "U+%04X",
                   (unsigned)character);
        unit_holds(utf_to_16(span_of(bytes, len), units, 3, &count) == ERR_OK, "U+%04X",
                   (unsigned)character);
        unit_holds(count == (character > 0xFFFF ? 2 : 1), "U+%04X", (unsigned)character);
        uint32_t value =
            count == 1 ? units[0] : 0x10000 + (units[0] - 0xD800U) * 0x400 + (units[1] - 0xDC00U);
        unit_holds(value == character, "U+%04X", (unsigned)character);
        unit_holds(utf_from_16(units, count, back, sizeof back, &back_len) == ERR_OK, "U+%04X",
                   (unsigned)character);
        unit_holds(back_len == len && memcmp(back, bytes, len) == 0, "U+%04X", (unsigned)character);
    }
}

/* What two 16-bit units mean, from the definition; false: they are not well-formed. */
static bool slow_from_16(const uint16_t *units, size_t len, uint8_t *place, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < len; i++) {
        bool high = units[i] / 0x400 == 0x36, low = units[i] / 0x400 == 0x37;
        if (low || (high && (i + 1 == len || units[i + 1] / 0x400 != 0x37))) {
            return false;
        }
        uint32_t value = units[i];
        if (high) {
            value = 0x10000 + (units[i] % 0x400U) * 0x400 + units[i + 1] % 0x400U;
            i++;
        }
        *count += utf_encode(value, place + *count);
    }
    return true;
}

static void judge_16(const uint16_t *units, size_t len)
{
    char got[16];
    uint8_t want[16];
    size_t got_len = 99, want_len;
    bool good = slow_from_16(units, len, want, &want_len);
    enum err err = utf_from_16(units, len, got, sizeof got, &got_len);
    unit_holds(err == (good ? ERR_OK : ERR_UTF), "%04X %04X %04X (%zu)", units[0], units[1],
               units[2], len);
    if (good) {
        unit_same(span_of(got, got_len), span_of(want, want_len), "%04X %04X %04X (%zu)", units[0],
                  units[1], units[2], len);
    }
}

static void units_of_16_bits(void **state)
{
    (void)state;
    static const uint16_t borders[] = {0,      0x41,   0x7F,   0x80,   0x7FF,
                                       0x800,  0xD7FF, 0xD800, 0xDBFF, 0xDC00,
                                       0xDFFF, 0xE000, 0xFFFD, 0xFFFE, 0xFFFF};
    const size_t n = unit_count(borders);
    uint16_t units[3] = {0, 0, 0};
    for (uint32_t i = 0; i <= 0xFFFF; i++) {
        units[0] = (uint16_t)i;
        judge_16(units, 1);
    }
    for (size_t i = 0; i < n * n * n; i++) {
        units[0] = borders[i / (n * n)];
        units[1] = borders[i / n % n];
        units[2] = borders[i % n];
        judge_16(units, 3);
        judge_16(units, 2);
    }
    judge_16(units, 0);
}

/* One character of each length, twice over: a, a-umlaut, euro, G clef. */
static const struct span sample = SPAN("a\xC3\xA4\xE2\x82\xAC\xF0\x9D\x84\x9E"
                                       "\xF0\x9D\x84\x9E\xE2\x82\xAC\xC3\xA4z");
static const uint16_t sample_units[] = {'a',    0xE4,   0x20AC, 0xD834, 0xDD1E,
                                        0xD834, 0xDD1E, 0x20AC, 0xE4,   'z'};

static void every_prefix_is_judged(void **state)
{
    (void)state;
    for (size_t len = 0; len <= sample.len; len++) {
        uint8_t *copy = unit_copy(span_first(sample, len));
        size_t good = 0, more, count = 99;
        uint16_t units[unit_count(sample_units)];
        while ((more = slow_length(copy + good, len - good)) > 0) {
            good += more;
        }
        unit_holds(utf_valid(span_of(copy, len)) == (good == len), "%zu", len);
        enum err err = utf_to_16(span_of(copy, len), units, unit_count(units), &count);
        unit_holds(err == (good == len ? ERR_OK : ERR_UTF), "%zu", len);
        free(copy);
    }
}

static void every_place_to_16(void **state)
{
    (void)state;
    for (size_t max = 0; max <= unit_count(sample_units) + 1; max++) {
        uint16_t place[unit_count(sample_units) + 2];
        size_t count = 99;
        memset(place, 0xA5, sizeof place);
        enum err err = utf_to_16(sample, place, max, &count);
        bool fits = max >= unit_count(sample_units);
        unit_holds(err == (fits ? ERR_OK : ERR_LONG), "%zu", max);
        unit_holds(count == (fits ? unit_count(sample_units) : 99), "%zu", max);
        unit_holds(!fits || memcmp(place, sample_units, sizeof sample_units) == 0, "%zu", max);
        for (size_t i = max; i < unit_count(place); i++) {
            unit_holds(place[i] == 0xA5A5, "%zu at %zu", max, i);
        }
    }
}

static void every_place_from_16(void **state)
{
    (void)state;
    for (size_t max = 0; max <= sample.len + 1; max++) {
        char place[64];
        size_t count = 99;
        memset(place, 0x5A, sizeof place);
        enum err err = utf_from_16(sample_units, unit_count(sample_units), place, max, &count);
        bool fits = max >= sample.len;
        unit_holds(err == (fits ? ERR_OK : ERR_LONG), "%zu", max);
        unit_holds(count == (fits ? sample.len : 99), "%zu", max);
        unit_holds(!fits || memcmp(place, sample.at, sample.len) == 0, "%zu", max);
        for (size_t i = max; i < sizeof place; i++) {
            unit_holds(place[i] == 0x5A, "%zu at %zu", max, i);
        }
    }
}

static void nothing_needs_no_place(void **state)
{
    (void)state;
    size_t count = 99;
    assert_int_equal(utf_to_16(span_of(NULL, 0), NULL, 0, &count), ERR_OK);
    assert_int_equal(count, 0);
    count = 99;
    assert_int_equal(utf_from_16(NULL, 0, NULL, 0, &count), ERR_OK);
    assert_int_equal(count, 0);
}

static void encode(void *arg)
{
    uint8_t place[4];
    *(uint32_t *)arg = (uint32_t)utf_encode(*(uint32_t *)arg, place);
}

static void what_is_no_character_is_not_encoded(void **state)
{
    (void)state;
    static const uint32_t rows[] = {0xD800,   0xD801,   0xDBFF,   0xDC00,    0xDFFF,
                                    0x110000, 0x1FFFFF, 0x200000, 0xFFFFFFFF};
    for (size_t i = 0; i < unit_count(rows); i++) {
        uint32_t character = rows[i];
        const char *sentence = unit_expect_check(encode, &character);
        unit_holds(strstr(sentence, "utf.c:"), "U+%04X", (unsigned)rows[i]);
    }
}

/* At every length: never inside a sequence, never more than a sequence too short. */
static void the_first_bytes_are_whole_characters(void **state)
{
    (void)state;
    static const char text[] = "a\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80z";
    static const size_t want[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
    for (size_t max = 0; max < unit_count(want); max++) {
        unit_holds(utf_first(span_str(text), max).len == want[max], "%zu", max);
    }
    static const uint8_t broken[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80};
    assert_int_equal(utf_first(span_of(broken, sizeof broken), 5).len, 5);
    assert_int_equal(utf_first(span_of(NULL, 0), 5).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_valid_and_short),
        cmocka_unit_test(all_one_and_two_bytes),
        cmocka_unit_test(all_three_bytes_behind_a_long_lead),
        cmocka_unit_test(four_bytes_at_the_borders),
        cmocka_unit_test(every_character_there_and_back),
        cmocka_unit_test(units_of_16_bits),
        cmocka_unit_test(every_prefix_is_judged),
        cmocka_unit_test(every_place_to_16),
        cmocka_unit_test(every_place_from_16),
        cmocka_unit_test(nothing_needs_no_place),
        cmocka_unit_test(what_is_no_character_is_not_encoded),
        cmocka_unit_test(the_first_bytes_are_whole_characters),
    };
    return cmocka_run_group_tests_name("utf", tests, NULL, NULL);
}
