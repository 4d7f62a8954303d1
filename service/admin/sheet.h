/*
 * What a reading verb gives: rows with named columns, written as text (some of the columns, tabs
 * between them) or as JSON (an array of objects, or one object). Rows go out as they come, piece by
 * piece: a cell may be longer than any place.
 */
#ifndef ADMIN_SHEET_H
#define ADMIN_SHEET_H

#include "base/out.h"

struct sheet_column {
    const char *name;
    bool bare; /* a number, true, false or JSON made elsewhere: without quotes */
};

/* The text has the columns from `first` to below `shown`; those from `count` on are text only. */
struct sheet_shape {
    const struct sheet_column *columns;
    size_t count, first, shown;
    bool one; /* an object instead of an array of them */
};

struct sheet {
    bool json;
    void *context;
    void (*put)(void *context, struct span text);
    size_t rows;
};

/*
 * A cell for each column, and for those that are text only; at == NULL: there is none, and a row
 * whose only text that would be is not shown. No cells at all: the end of the array.
 */
void sheet_row(struct sheet *sheet, const struct sheet_shape *shape, const struct span *cells);

/* One text as a JSON string. */
void sheet_put_json(const struct sheet *sheet, struct span text);

#endif
