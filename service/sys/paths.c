/*
 * paths.h, the part that is the same everywhere.
 */
#include "sys/paths.h"

#include "base/out.h"

#include <string.h>

enum err paths_join(const char *folder, const char *name, char *place)
{
    struct out out;
    size_t len = strlen(folder);
    bool ends = len > 0 && strchr(sys_separators, folder[len - 1]);
    out_begin(&out, place, PATHS_MAX);
    out_str(&out, folder);
    if (name[0] != '\0' && !ends) {
        out_char(&out, sys_separators[0]);
    }
    out_str(&out, name);
    return out_end(&out);
}
