/*
 * text.h. It doubles, so that what is put is moved a few times at most.
 */
#include "admin/text.h"

#include <stdlib.h>
#include <string.h>

void text_put(void *context, struct span more)
{
    struct text *text = context;
    if (text->failed || more.len == 0) {
        return;
    }
    if (more.len >= text->room - text->len) { /* a byte for the NUL */
        size_t room = 2 * text->room + more.len + 64;
        char *at = realloc(text->at, room);
        text->failed = !at;
        if (!at) {
            return;
        }
        text->at = at;
        text->room = room;
    }
    memcpy(text->at + text->len, more.at, more.len);
    text->len += more.len;
    text->at[text->len] = '\0';
}

void text_str(struct text *text, const char *more)
{
    text_put(text, span_str(more));
}

struct span text_span(const struct text *text)
{
    return span_of(text->at, text->len);
}

void text_free(struct text *text)
{
    free(text->at);
    *text = (struct text){NULL, 0, 0, false};
}
