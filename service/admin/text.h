/*
 * A text in memory that grows: what a verb gives and says, until it has ended and the data folder
 * is free again. Without memory it is failed, and nothing more is put.
 */
#ifndef ADMIN_TEXT_H
#define ADMIN_TEXT_H

#include "base/span.h"

struct text {
    char *at; /* ends in a NUL that is not counted; NULL: nothing was put */
    size_t len, room;
    bool failed;
};

void text_put(void *text, struct span more);
void text_str(struct text *text, const char *more);
struct span text_span(const struct text *text);
/* Gives its memory back; it is empty and well again. */
void text_free(struct text *text);

#endif
