/*
 * The words that sentences about rules share. Knows no rule.
 */
#include "policy/say.h"

#include "base/utf.h"

enum { SHOWN_MAX = 100 };

void say_wrong(struct span text, enum err err, struct out *out)
{
    char place[SHOWN_MAX + 1];
    struct out shown;
    out_begin(&shown, place, sizeof place);
    while (text.len > 0 && !shown.full) {
        struct span all = text;
        uint32_t character;
        text = utf_next(&text, &character) == ERR_OK ? text : span_after(all, 1);
        struct span one = span_first(all, all.len - text.len);
        if (span_is(one, "\"")) {
            out_str(&shown, "\\\"");
        } else {
            out_escaped(&shown, one);
        }
    }
    out_str(out, "\"");
    out_put(out, out_span(&shown));
    out_str(out, shown.full ? "...\": " : "\": ");
    out_str(out, err_sentence(err));
}

void say_right(bool known, const char *command, struct out *out)
{
    out_str(out, known ? "; right would be: omsgateway " : "; for example: omsgateway ");
    out_str(out, command);
}

bool say_is_plain(struct span text)
{
    char place[1024];
    struct out escaped;
    size_t backslashes = 0;
    bool before = false; /* two of them are one to some shells, at the end it keeps the quote */
    for (size_t i = 0; i < text.len; i++) {
        bool backslash = text.at[i] == '\\';
        if (span_find(span_str("\"$%!`"), text.at[i]) < 5 || (before && backslash)) {
            return false;
        }
        before = backslash;
        backslashes += backslash ? 1 : 0;
    }
    out_begin(&escaped, place, sizeof place);
    out_escaped(&escaped, text);
    return !before && !escaped.full && escaped.len == text.len + backslashes;
}

/* Behind the text that a sentence may begin with, in its quotes. */
static size_t say_behind_quotes(struct span why)
{
    bool quoted = why.len > 0 && why.at[0] == '"';
    size_t i = 1;
    while (quoted && i < why.len && why.at[i] != '"') {
        i += why.at[i] == '\\' ? 2 : 1;
    }
    return quoted && i < why.len ? i : 0;
}

bool say_cut(struct span why, struct span *sentence, struct span *command)
{
    struct span mark = SPAN(": omsgateway ");
    for (size_t i = say_behind_quotes(why), end = why.len; i < why.len; i++) {
        end = why.at[i] == ';' ? i : end;
        if (span_starts_with(span_after(why, i), mark) && end < why.len) {
            *sentence = span_first(why, end);
            *command = span_after(why, i + mark.len);
            return true;
        }
    }
    *sentence = why;
    *command = (struct span){NULL, 0};
    return false;
}
