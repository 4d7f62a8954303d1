/*
 * cli_admin.h. Whether standard output took it all is asked once, at the end of the process.
 */
#include "host/cli/cli_admin.h"

#include "sys/console.h"

#include <stdio.h>

static void cli_admin_row(void *context, const struct sheet_shape *shape, const struct span *cells)
{
    struct cli_admin *place = context;
    sheet_row(&place->sheet, shape, cells);
}

static void cli_admin_say(void *context, enum admin_tone tone, struct span sentence)
{
    struct cli_admin *place = context;
    (void)tone; /* a person reads them all */
    text_str(&place->said, CLI_WHO);
    text_put(&place->said, sentence);
    text_str(&place->said, "\n");
}

const struct admin *cli_admin_begin(struct cli_admin *place, const struct cli_line *line)
{
    struct span folder = {NULL, 0};
    (void)cli_value(line, CLI_DATA, &folder);
    *place = (struct cli_admin){
        .admin = {(const char *)folder.at, "omsgateway", place, cli_admin_row, cli_admin_say},
        .sheet = {.json = cli_has(line, CLI_JSON), .context = &place->given, .put = text_put},
    };
    return &place->admin;
}

int cli_admin_end(struct cli_admin *place, enum err err)
{
    bool failed = place->given.failed || place->said.failed;
    console_put(stdout, text_span(&place->given));
    console_put(stderr, text_span(&place->said));
    text_free(&place->given);
    text_free(&place->said);
    if (failed) {
        cli_complain(err_sentence(ERR_MEMORY), span_str("not all of it could be printed"));
    }
    return err == ERR_OK && !failed ? CLI_DONE : CLI_FAILED;
}

struct admin_words cli_words(const struct cli_line *line)
{
    return (struct admin_words){(const char *const *)line->words, (size_t)line->count};
}
