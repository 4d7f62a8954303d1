/*
 * Greetings: all rows at once, byte by byte.
 */
#include "tls/greeting.h"

struct greeting_row {
    struct span bytes, mask;
    enum err err;
    const char *words;
};

static const struct greeting_row greeting_rows[] = {
#define GREETING(name, error, bytes, mask, words) {SPAN(bytes), SPAN(mask), ERR_##error, words},
#define VERSION(number, words)
#include "tls/tls_names.def"
#undef GREETING
#undef VERSION
};

_Static_assert(GREETING_COUNT <= 32, "struct greeting has a bit for each");

bool greeting_add(struct greeting *greeting, uint8_t byte, enum greeting_kind *kind)
{
    bool open = false;
    *kind = GREETING_OTHER;
    for (size_t i = 0; i < GREETING_COUNT; i++) {
        const struct greeting_row *row = &greeting_rows[i];
        bool fits = !(greeting->gone >> i & 1) && greeting->len < row->bytes.len &&
                    !((byte ^ row->bytes.at[greeting->len]) & row->mask.at[greeting->len]);
        if (!fits) {
            greeting->gone |= (uint32_t)1 << i;
        } else if (greeting->len + 1U == row->bytes.len) {
            *kind = (enum greeting_kind)i;
        } else {
            open = true;
        }
    }
    greeting->len++;
    return !open || *kind != GREETING_OTHER;
}

enum err greeting_err(enum greeting_kind kind)
{
    CHECK(kind < GREETING_COUNT);
    return greeting_rows[kind].err;
}

const char *greeting_words(enum greeting_kind kind)
{
    CHECK(kind < GREETING_COUNT);
    return greeting_rows[kind].words;
}

const char *greeting_version(uint16_t version)
{
    switch (version) {
#define GREETING(name, error, bytes, mask, words)
#define VERSION(number, words)                                                                     \
    case number:                                                                                   \
        return words;
#include "tls/tls_names.def"
#undef GREETING
#undef VERSION
    default:
        return "an unknown version";
    }
}
