/*
 * A-labels: the mapping of idn.def and the encoder of RFC 3492. Knows characters and dots; what
 * makes a name a host name is pattern.c's.
 */
#include "policy/idn.h"

#include "base/utf.h"

enum { LABEL_MAX = 63 };

struct idn_letters {
    uint32_t first, last, step;
    int32_t plus;
};

static const struct idn_letters idn_table[] = {
#define LETTERS(first, last, step, plus) {first, last, step, plus},
#include "policy/idn.def"
#undef LETTERS
};

/* The small form of a character; false where it is none that is taken. */
static bool idn_small(uint32_t *character)
{
    if (*character < 0x80) {
        *character = span_lower((uint8_t)*character);
        return true;
    }
    for (size_t i = 0; i < sizeof idn_table / sizeof idn_table[0]; i++) {
        const struct idn_letters *row = &idn_table[i];
        if (*character >= row->first && *character <= row->last &&
            (*character - row->first) % row->step == 0) {
            *character = (uint32_t)((int32_t)*character + row->plus);
            return true;
        }
    }
    return false;
}

/* RFC 3492, section 6.1: how far the bias moves after each letter. */
static uint32_t idn_adapt(uint32_t delta, uint32_t count, bool first)
{
    uint32_t k = 0;
    delta = first ? delta / 700 : delta / 2;
    delta += delta / count;
    for (; delta > 455; k += 36) {
        delta /= 35;
    }
    return k + 36 * delta / (delta + 38);
}

/* One number in the digits of RFC 3492, section 5. */
static void idn_put_number(uint32_t number, uint32_t bias, struct out *out)
{
    for (uint32_t k = 36;; k += 36) {
        uint32_t least = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
        uint32_t digit = number < least ? number : least + (number - least) % (36 - least);
        out_char(out, "abcdefghijklmnopqrstuvwxyz0123456789"[digit]);
        if (number < least) {
            return;
        }
        number = (number - least) / (36 - least);
    }
}

/* Section 6.3; a label of 63 letters cannot overflow 32 bits. */
static void idn_put_label(const uint32_t *label, uint32_t count, struct out *out)
{
    uint32_t ascii = 0, delta = 0, bias = 72, at = 0x80;
    for (uint32_t i = 0; i < count; i++) {
        ascii += label[i] < 0x80 ? 1 : 0;
    }
    out_str(out, ascii < count ? "xn--" : "");
    for (uint32_t i = 0; i < count; i++) {
        if (label[i] < 0x80) {
            out_char(out, (char)label[i]);
        }
    }
    out_str(out, ascii > 0 && ascii < count ? "-" : "");
    for (uint32_t done = ascii; done < count; delta++, at++) {
        uint32_t next = UINT32_MAX;
        for (uint32_t i = 0; i < count; i++) {
            next = label[i] >= at && label[i] < next ? label[i] : next;
        }
        delta += (next - at) * (done + 1);
        at = next;
        for (uint32_t i = 0; i < count; i++) {
            delta += label[i] < at ? 1 : 0;
            if (label[i] == at) {
                idn_put_number(delta, bias, out);
                bias = idn_adapt(delta, done + 1, done == ascii);
                delta = 0;
                done++;
            }
        }
    }
}

enum err idn_put(struct span name, struct out *out)
{
    uint32_t label[LABEL_MAX], count = 0;
    while (name.len > 0) {
        uint32_t character;
        TRY(utf_next(&name, &character));
        if (character == '.') {
            idn_put_label(label, count, out);
            out_char(out, '.');
            count = 0;
            continue;
        }
        if (count == LABEL_MAX) {
            return ERR_HOST_LONG;
        }
        if (!idn_small(&character)) {
            return ERR_HOST_LETTER;
        }
        label[count++] = character;
    }
    idn_put_label(label, count, out);
    return out->full ? ERR_HOST_LONG : ERR_OK;
}
