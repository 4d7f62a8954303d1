/*
 * The words that sentences about rules share. Knows no rule.
 */
#include "policy/say.h"

void say_wrong(struct span text, enum err err, struct out *out)
{
    out_quoted(out, text);
    out_str(out, ": ");
    out_str(out, err_sentence(err));
}

void say_about(const char *what, struct span which, struct out *out)
{
    out_str(out, what);
    if (which.len > 0) {
        out_str(out, ": ");
        out_start(out, which, 200);
    }
}

struct span say_unlogged(struct span url)
{
    size_t user = span_find_last(url, '@');
    return user < url.len ? span_after(url, user) : url;
}

void say_right(bool known, const char *command, struct out *out)
{
    out_str(out, known ? "; right would be: omsgateway " : "; for example: omsgateway ");
    out_str(out, command);
}

bool say_is_plain(struct span text)
{
    bool before = false; /* two of them are one to some shells, at the end it keeps the quote */
    for (size_t i = 0; i < text.len; i++) {
        bool backslash = text.at[i] == '\\';
        if (span_find(span_str("\"$%!`"), text.at[i]) < 5 || (before && backslash)) {
            return false;
        }
        before = backslash;
    }
    return !before && out_is_plain(text);
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

bool say_cut(struct span why, struct span *sentence, struct span *how, struct span *command)
{
    struct span mark = SPAN(": omsgateway ");
    for (size_t i = say_behind_quotes(why), end = why.len; i < why.len; i++) {
        end = why.at[i] == ';' ? i : end;
        if (span_starts_with(span_after(why, i), mark) && end < why.len) {
            *sentence = span_first(why, end);
            *how = span_trim(span_first(span_after(why, end + 1), i - end - 1));
            *command = span_after(why, i + mark.len);
            return true;
        }
    }
    *sentence = why;
    *how = *command = (struct span){NULL, 0};
    return false;
}
