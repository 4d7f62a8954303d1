/*
 * The assembler: one pass, lengths filled in where their braces close.
 */
#include "unit/assemble.h"

struct assembly {
    const char *text;
    uint8_t *place;
    size_t len, size;
};

static void assemble_byte(struct assembly *to, size_t byte)
{
    assert_true(to->len < to->size);
    to->place[to->len++] = (uint8_t)byte;
}

static void assemble_some(struct assembly *to);

/* The bytes between braces, then their length in front of them. */
static void assemble_scope(struct assembly *to, size_t width)
{
    size_t start = to->len;
    to->text += 2;
    assemble_some(to);
    unit_holds(*to->text == '}', "no } before %s", to->text);
    to->text++;
    size_t len = to->len - start;
    bool der = width == 0;
    width = !der ? width : len < 0x80 ? 1 : len < 0x100 ? 2 : 3;
    for (size_t i = 0; i < width; i++) {
        assemble_byte(to, 0);
    }
    memmove(to->place + start + width, to->place + start, len);
    for (size_t i = 0; i < width; i++) {
        to->place[start + i] = (uint8_t)(len >> 8 * (width - 1 - i));
    }
    if (der && width > 1) {
        to->place[start] = (uint8_t)(0x7F + width);
    }
}

static uint8_t assemble_digits(struct assembly *to)
{
    uint8_t high = 0, low = 0;
    unit_holds(span_hex_digit((uint8_t)to->text[0], &high) &&
                   span_hex_digit((uint8_t)to->text[1], &low),
               "%s", to->text);
    to->text += 2;
    return (uint8_t)(high << 4 | low);
}

static void assemble_repeated(struct assembly *to)
{
    size_t count = 0;
    for (to->text++; *to->text != ':'; to->text++) {
        count = count * 10 + (size_t)(*to->text - '0');
    }
    to->text++;
    uint8_t byte = assemble_digits(to);
    for (size_t i = 0; i < count; i++) {
        assemble_byte(to, byte);
    }
}

static void assemble_text(struct assembly *to)
{
    for (to->text++; *to->text != '\''; to->text++) {
        assemble_byte(to, (uint8_t)*to->text);
    }
    to->text++;
}

static void assemble_some(struct assembly *to)
{
    while (*to->text != '\0' && *to->text != '}') {
        if (to->text[0] == ' ') {
            to->text++;
        } else if (to->text[1] == '{') {
            assemble_scope(to, to->text[0] == 'd' ? 0 : (size_t)(to->text[0] - '0'));
        } else if (to->text[0] == '#') {
            assemble_repeated(to);
        } else if (to->text[0] == '\'') {
            assemble_text(to);
        } else if (to->text[0] == '@') {
            for (size_t i = 0; i < 32; i++) {
                assemble_byte(to, 0x40 + i);
            }
            to->text++;
        } else {
            assemble_byte(to, assemble_digits(to));
        }
    }
}

struct span assemble(const char *text, uint8_t *place, size_t size)
{
    struct assembly to = {text, place, 0, size};
    assemble_some(&to);
    unit_holds(*to.text == '\0', "left over: %s", to.text);
    return span_of(place, to.len);
}
