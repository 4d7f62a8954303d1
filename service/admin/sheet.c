/*
 * sheet.h. Whether everything went out is for whoever takes it to know.
 */
#include "admin/sheet.h"

#include "base/utf.h"

static void sheet_put(const struct sheet *sheet, const char *text)
{
    sheet->put(sheet->context, span_str(text));
}

void sheet_put_json(const struct sheet *sheet, struct span text)
{
    sheet_put(sheet, "\"");
    while (text.len > 0) {
        char place[16];
        struct out out;
        out_begin(&out, place, sizeof place);
        out_json(&out, utf_cut(&text));
        sheet->put(sheet->context, span_first(span_after(out_span(&out), 1), out.len - 2));
    }
    sheet_put(sheet, "\"");
}

static void sheet_put_cell(const struct sheet *sheet, const struct sheet_column *column,
                           struct span cell)
{
    sheet_put_json(sheet, span_str(column->name));
    sheet_put(sheet, ":");
    if (!cell.at) {
        sheet_put(sheet, "null");
    } else if (column->bare) {
        sheet->put(sheet->context, cell);
    } else {
        sheet_put_json(sheet, cell);
    }
}

static void sheet_put_object(const struct sheet *sheet, const struct sheet_shape *shape,
                             const struct span *cells)
{
    sheet_put(sheet, shape->one ? "{" : sheet->rows > 0 ? ",\n {" : "[{");
    for (size_t i = 0; i < shape->count; i++) {
        sheet_put(sheet, i > 0 ? "," : "");
        sheet_put_cell(sheet, &shape->columns[i], cells[i]);
    }
    sheet_put(sheet, shape->one ? "}\n" : "}");
}

static void sheet_put_text(const struct sheet *sheet, const struct sheet_shape *shape,
                           const struct span *cells)
{
    if (shape->shown - shape->first == 1 && !cells[shape->first].at) {
        return;
    }
    for (size_t i = shape->first; i < shape->shown; i++) {
        sheet_put(sheet, i > shape->first ? "\t" : "");
        sheet->put(sheet->context, cells[i]);
    }
    sheet_put(sheet, "\n");
}

void sheet_row(struct sheet *sheet, const struct sheet_shape *shape, const struct span *cells)
{
    if (!cells) {
        sheet_put(sheet, !sheet->json ? "" : sheet->rows > 0 ? "]\n" : "[]\n");
    } else if (sheet->json) {
        sheet_put_object(sheet, shape, cells);
        sheet->rows++;
    } else {
        sheet_put_text(sheet, shape, cells);
    }
}
