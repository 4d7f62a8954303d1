/*
 * Text for whoever reads a standard stream: UTF-8 to a file or pipe, and to a console what that
 * console shows rightly, whatever its code page is.
 */
#ifndef SYS_CONSOLE_H
#define SYS_CONSOLE_H

#include "base/span.h"

#include <stdio.h>

/* What cannot be written the stream remembers (ferror), where it is no console. */
void console_put(FILE *stream, struct span text);

#endif
