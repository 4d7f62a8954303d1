/*
 * console.h on Linux, where a terminal takes UTF-8 like everything else.
 */
#include "sys/console.h"

void console_put(FILE *stream, struct span text)
{
    (void)(text.len > 0 ? fwrite(text.at, 1, text.len, stream) : 0);
}
