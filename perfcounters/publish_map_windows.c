/*
 * The map's file on Windows. Making a mapping of the full size extends the file on the disk, so
 * writing cannot fail later. Everybody may open it beside us, nobody can shorten it while it is
 * mapped.
 */
#include "perfcounters/publish_map_file.h"

#include "sys/files.h"
#include "sys/sys_wide_windows.h"

static enum err publish_map_view(struct publish_map *map, HANDLE file, enum publish_map_use use)
{
    bool writes = use == PUBLISH_MAP_WRITE;
    HANDLE mapping = CreateFileMappingW(file, NULL, writes ? PAGE_READWRITE : PAGE_READONLY, 0,
                                        PUBLISH_MAP_FILE_SIZE, NULL);
    if (!mapping) {
        return files_err(GetLastError());
    }
    map->mapped = MapViewOfFile(mapping, writes ? FILE_MAP_WRITE : FILE_MAP_READ, 0, 0,
                                PUBLISH_MAP_FILE_SIZE);
    enum err err = map->mapped ? ERR_OK : files_err(GetLastError());
    CHECK(CloseHandle(mapping)); /* the view holds it */
    return err;
}

enum err publish_map_file_open(struct publish_map *map, const char *path, enum publish_map_use use)
{
    struct sys_wide wide;
    LARGE_INTEGER size;
    bool writes = use == PUBLISH_MAP_WRITE;
    TRY(sys_to_path(path, &wide));
    HANDLE file = CreateFileW(wide.text, writes ? GENERIC_READ | GENERIC_WRITE : GENERIC_READ,
                              FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              writes ? OPEN_ALWAYS : OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        return files_err(GetLastError());
    }
    bool fits = writes || (GetFileSizeEx(file, &size) && size.QuadPart >= PUBLISH_MAP_FILE_SIZE);
    enum err err = fits ? publish_map_view(map, file, use) : ERR_MAP;
    CHECK(CloseHandle(file));
    return err;
}

void publish_map_file_shut(struct publish_map *map)
{
    CHECK(UnmapViewOfFile(map->mapped));
}
