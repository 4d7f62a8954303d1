/*
 * cli_admin.h. Whether standard output took it all is asked once, at the end of the process.
 */
#include "host/cli/cli_admin.h"

#include "sys/console.h"

#include <stdio.h>

static void cli_admin_put(void *context, struct span text)
{
    (void)context;
    console_put(stdout, text);
}

static void cli_admin_row(void *context, const struct sheet_shape *shape, const struct span *cells)
{
    struct cli_admin *place = context;
    sheet_row(&place->sheet, shape, cells);
}

static void cli_admin_say(void *context, enum admin_tone tone, struct span sentence)
{
    (void)context;
    (void)tone; /* a person reads them all */
    cli_say(sentence);
}

const struct admin *cli_admin_begin(struct cli_admin *place, const struct cli_line *line)
{
    struct span folder = {NULL, 0};
    (void)cli_value(line, CLI_DATA, &folder);
    place->sheet = (struct sheet){.json = cli_has(line, CLI_JSON), .put = cli_admin_put};
    place->admin = (struct admin){.folder = (const char *)folder.at,
                                  .program = "omsgateway",
                                  .context = place,
                                  .row = cli_admin_row,
                                  .say = cli_admin_say};
    return &place->admin;
}

int cli_admin_status(enum err err)
{
    return err == ERR_OK ? CLI_DONE : CLI_FAILED;
}

struct admin_words cli_words(const struct cli_line *line)
{
    return (struct admin_words){(const char *const *)line->words, (size_t)line->count};
}
