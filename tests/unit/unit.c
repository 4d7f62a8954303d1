/*
 * The frame's few functions. Knows cmocka, CHECK's hook and nothing of the units under test.
 */
#include "unit/unit.h"

static jmp_buf unit_back;
static char unit_sentence[1024];

static void unit_print_row(const char *format, va_list args)
{
    char row[1024];
    (void)vsnprintf(row, sizeof row, format, args);
    print_error("row: %s\n", row);
}

void unit_fail(const char *file, int line, const char *what, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    unit_print_row(format, args);
    va_end(args);
    print_error("does not hold: %s\n", what);
    _fail(file, line);
}

void unit_same_at(const char *file, int line, struct span got, struct span want, const char *format,
                  ...)
{
    if (got.len == want.len && (got.len == 0 || memcmp(got.at, want.at, got.len) == 0)) {
        return;
    }
    va_list args;
    va_start(args, format);
    unit_print_row(format, args);
    va_end(args);
    print_error("got:  \"%s\"\n", unit_show(got));
    print_error("want: \"%s\"\n", unit_show(want));
    _fail(file, line);
}

static void unit_hook(const char *sentence)
{
    (void)snprintf(unit_sentence, sizeof unit_sentence, "%s", sentence);
    longjmp(unit_back, 1);
}

const char *unit_expect_check_at(const char *file, int line, const char *name, void (*body)(void *),
                                 void *arg)
{
    if (setjmp(unit_back) == 0) {
        check_set_hook(unit_hook);
        body(arg);
        check_set_hook(NULL);
        print_error("no CHECK fired in %s\n", name);
        _fail(file, line);
    }
    check_set_hook(NULL);
    return unit_sentence;
}

const char *unit_show(struct span bytes)
{
    static char places[4][512];
    static size_t turn;
    char *place = places[turn++ % 4];
    size_t used = 0;
    for (size_t i = 0; i < bytes.len && used + 8 < sizeof places[0]; i++) {
        bool plain = bytes.at[i] >= 0x20 && bytes.at[i] < 0x7F && bytes.at[i] != '\\';
        int more = plain ? snprintf(place + used, 8, "%c", bytes.at[i])
                         : snprintf(place + used, 8, "\\x%02x", bytes.at[i]);
        used += (size_t)more;
    }
    place[used] = '\0';
    return place;
}

uint8_t *unit_copy(struct span bytes)
{
    uint8_t *copy = malloc(bytes.len > 0 ? bytes.len : 1);
    assert_non_null(copy);
    if (bytes.len > 0) {
        memcpy(copy, bytes.at, bytes.len);
    }
    return copy;
}

bool unit_words_next(struct unit_words *words)
{
    if (!words->begun) {
        words->begun = true;
        return true;
    }
    size_t i = words->len;
    while (i > 0 && words->index[i - 1] + 1U == words->letters) {
        words->index[--i] = 0;
    }
    if (i > 0) {
        words->index[i - 1]++;
    } else {
        if (words->len == words->max || words->len == UNIT_WORD_MAX) {
            return false;
        }
        words->index[words->len++] = 0;
    }
    for (i = 0; words->alphabet && i < words->len; i++) {
        words->text[i] = (uint8_t)words->alphabet[words->index[i]];
    }
    return true;
}

struct span unit_word(const struct unit_words *words)
{
    return (struct span){words->text, words->len};
}

/* The UTF-8 of a code point that is no surrogate, not taken from the product; its length. */
static size_t unit_utf8(uint32_t character, uint8_t place[4])
{
    static const uint8_t leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t len = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        place[i] = (uint8_t)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    place[0] = (uint8_t)(leads[len] | character);
    return len;
}

/* The number of "uHHHH" at the front of the text, or -1. */
static int32_t unit_json_unit(struct span text)
{
    int32_t value = 0;
    if (text.len < 5 || text.at[0] != 'u') {
        return -1;
    }
    for (size_t i = 1; i < 5; i++) {
        const char *digits = "0123456789abcdef0123456789ABCDEF";
        const char *found = memchr(digits, text.at[i], 32);
        if (!found) {
            return -1;
        }
        value = value * 16 + (int32_t)((found - digits) % 16);
    }
    return value;
}

/* The escape behind a backslash: how many bytes of `text` it has, 0 for a wrong one. */
static size_t unit_json_escape(struct span text, uint8_t *place, size_t *len)
{
    const char *letters = "\"\\/bfnrt";
    const char *found = text.len > 0 ? memchr(letters, text.at[0], 8) : NULL;
    if (found) {
        place[(*len)++] = (uint8_t) "\"\\/\b\f\n\r\t"[found - letters];
        return 1;
    }
    int32_t value = unit_json_unit(text), low = -1;
    if (value < 0 || (value >= 0xDC00 && value <= 0xDFFF)) {
        return 0;
    }
    if (value < 0xD800 || value > 0xDBFF) {
        *len += unit_utf8((uint32_t)value, place + *len);
        return 5;
    }
    if (text.len >= 6 && text.at[5] == '\\') {
        low = unit_json_unit((struct span){text.at + 6, text.len - 6});
    }
    if (low < 0xDC00 || low > 0xDFFF) {
        return 0; /* half a pair means nothing */
    }
    *len += unit_utf8(0x10000 + (((uint32_t)value & 0x3FF) << 10 | ((uint32_t)low & 0x3FF)),
                      place + *len);
    return 11;
}

bool unit_json_string(struct span *rest, uint8_t *place, size_t *len)
{
    *len = 0;
    if (rest->len < 2 || rest->at[0] != '"') {
        return false;
    }
    for (size_t i = 1; i < rest->len; i++) {
        uint8_t byte = rest->at[i];
        if (byte == '"') {
            *rest = (struct span){rest->at + i + 1, rest->len - i - 1};
            return true;
        }
        if (byte < 0x20) {
            return false;
        }
        if (byte != '\\') {
            place[(*len)++] = byte;
            continue;
        }
        size_t used =
            unit_json_escape((struct span){rest->at + i + 1, rest->len - i - 1}, place, len);
        if (used == 0) {
            return false;
        }
        i += used;
    }
    return false;
}
