/*
 * The part of test_store_world.h that needs the system: the folder's listing, open files.
 */
#define _POSIX_C_SOURCE 200809L

#include "unit/test_store_world.h"

#include <dirent.h>
#include <string.h>

void world_sweep(const char *folder)
{
    DIR *listing = opendir(folder);
    CHECK(listing);
    for (struct dirent *entry = readdir(listing); entry; entry = readdir(listing)) {
        if (strncmp(entry->d_name, "gateway.db.damaged-", 19) == 0) {
            world_remove(folder, entry->d_name);
        }
    }
    CHECK(closedir(listing) == 0);
}

bool world_holds_open_files(void)
{
    return false;
}
