/*
 * The part of test_store_world.h that needs the system: the folder's listing, open files.
 */
#include "unit/test_store_world.h"

#include <windows.h>

void world_sweep(const char *folder)
{
    char pattern[PATHS_MAX];
    WIN32_FIND_DATAA entry;
    CHECK(paths_join(folder, "gateway.db.damaged-*", pattern) == ERR_OK);
    HANDLE listing = FindFirstFileA(pattern, &entry);
    if (listing == INVALID_HANDLE_VALUE) {
        return;
    }
    do {
        world_remove(folder, entry.cFileName);
    } while (FindNextFileA(listing, &entry));
    CHECK(FindClose(listing));
}

bool world_holds_open_files(void)
{
    return true;
}
