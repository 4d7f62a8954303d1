/*
 * Fuzz target: settings. The input is lines of NAME=VALUE; in a line whose name is none
 * the first byte chooses a setting. What is accepted prints to a text that is accepted as the same;
 * what is refused changes nothing and gets a bounded sentence that a terminal shows as it is.
 */
#include "fuzz.h"

#include "base/utf.h"
#include "settings/settings.h"

#include <string.h>

/* The sentence is there exactly when something was wrong, whole, and nothing in it deceives. */
static void judge_why(const struct out *why, enum err err)
{
    char place[2 * SETTINGS_WHY_MAX];
    struct out escaped;
    CHECK(out_end(why) == ERR_OK && utf_valid(out_span(why)));
    CHECK((err == ERR_OK) == (why->len == 0));
    out_begin(&escaped, place, sizeof place);
    struct span rest = out_span(why), part;
    bool done = false;
    while (span_cut(&rest, '\\', &done, &part)) {
        out_escaped(&escaped, part); /* which doubles backslashes, and nothing else here */
        out_str(&escaped, done ? "" : "\\");
    }
    CHECK(span_equal(out_span(&escaped), out_span(why)));
}

static struct span print(const struct settings *settings, enum setting setting,
                         char place[SETTINGS_VALUE_MAX])
{
    struct out out;
    out_begin(&out, place, SETTINGS_VALUE_MAX);
    settings_print(settings, setting, &out);
    CHECK(out_end(&out) == ERR_OK && out.len > 0);
    return out_span(&out);
}

/* No field but its own: the fields lie in the table's order. */
static void judge_rest(const struct settings *before, const struct settings *after,
                       enum setting setting)
{
    size_t start = settings_row(setting)->offset, end = sizeof *after;
    if (setting + 1 < SETTING_COUNT) {
        end = settings_row(setting + 1)->offset;
    }
    CHECK(memcmp(before, after, start) == 0);
    CHECK(memcmp((const char *)before + end, (const char *)after + end, sizeof *after - end) == 0);
}

static void try_value(struct settings *settings, enum setting setting, struct span value)
{
    static struct settings before, again;
    char why_place[SETTINGS_WHY_MAX], first[SETTINGS_VALUE_MAX], second[SETTINGS_VALUE_MAX];
    struct out why;
    memcpy(&before, settings, sizeof before);
    out_begin(&why, why_place, sizeof why_place);
    enum err err = settings_parse(setting, value, settings, &why);
    judge_why(&why, err);
    if (err != ERR_OK) {
        CHECK(memcmp(&before, settings, sizeof before) == 0);
        CHECK(span_starts_with(out_span(&why), span_str(settings_row(setting)->name)));
        return;
    }
    struct span text = print(settings, setting, first);
    memcpy(&again, &before, sizeof again);
    CHECK(settings_parse(setting, text, &again, &why) == ERR_OK);
    CHECK(span_equal(text, print(&again, setting, second)));
    judge_rest(&before, settings, setting);
}

static void try_line(struct settings *settings, struct span line)
{
    char place[SETTINGS_WHY_MAX];
    struct out why;
    enum setting setting;
    size_t equals = span_find(line, '=');
    out_begin(&why, place, sizeof place);
    enum err err = settings_find(span_first(line, equals), &setting, &why);
    judge_why(&why, err);
    if (err == ERR_OK && equals < line.len) {
        try_value(settings, setting, span_after(line, equals + 1));
    } else if (line.len > 0) {
        try_value(settings, line.at[0] % SETTING_COUNT, span_after(line, 1));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct settings settings;
    struct span rest = {data, size}, line;
    bool done = false;
    char place[SETTINGS_WHY_MAX];
    struct out why;
    settings_init(&settings);
    for (unsigned lines = 0; lines < 16 && span_cut(&rest, '\n', &done, &line); lines++) {
        try_line(&settings, line);
    }
    out_begin(&why, place, sizeof place);
    enum setting first;
    judge_why(&why, settings_check(&settings, &first, &why));
    return 0;
}
