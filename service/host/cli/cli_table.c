/*
 * cli_table.h. Whether standard output took it all is asked once, at the end of the process.
 */
#include "host/cli/cli_table.h"

#include "base/utf.h"

#include <stdio.h>

void cli_table_begin(struct cli_table *table, bool json, const struct cli_column *columns,
                     size_t count, size_t shown)
{
    *table = (struct cli_table){.columns = columns, .count = count, .shown = shown, .json = json};
}

static void table_put(struct span text)
{
    (void)(text.len > 0 ? fwrite(text.at, 1, text.len, stdout) : 0);
}

/* Piece by piece: a cell may be longer than any place. */
static void table_put_json(struct span text)
{
    (void)putchar('"');
    while (text.len > 0) {
        char place[16];
        struct out out;
        uint32_t character;
        struct span all = text;
        text = utf_next(&text, &character) == ERR_OK ? text : span_after(all, 1);
        out_begin(&out, place, sizeof place);
        out_json(&out, span_first(all, all.len - text.len));
        table_put(span_first(span_after(out_span(&out), 1), out.len - 2)); /* quotes off */
    }
    (void)putchar('"');
}

static void table_put_cell(const struct cli_column *column, struct span cell)
{
    table_put_json(span_str(column->name));
    (void)putchar(':');
    if (!cell.at) {
        table_put(span_str("null"));
    } else if (column->bare) {
        table_put(cell);
    } else {
        table_put_json(cell);
    }
}

void cli_table_row(struct cli_table *table, const struct span *cells)
{
    if (table->json) {
        table_put(span_str(table->one ? "{" : table->rows > 0 ? ",\n {" : "[{"));
        for (size_t i = 0; i < table->count; i++) {
            table_put(span_str(i > 0 ? "," : ""));
            table_put_cell(&table->columns[i], cells[i]);
        }
        table_put(span_str(table->one ? "}\n" : "}"));
    } else {
        for (size_t i = table->first; i < table->shown; i++) {
            table_put(span_str(i > table->first ? "\t" : ""));
            table_put(cells[i]);
        }
        (void)putchar('\n');
    }
    table->rows++;
}

int cli_table_end(const struct cli_table *table, int status)
{
    if (status == CLI_DONE && table->json && !table->one) {
        table_put(span_str(table->rows > 0 ? "]\n" : "[]\n"));
    }
    return status;
}
