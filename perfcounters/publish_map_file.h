/*
 * What a system does for the map: one file of one size, mapped. For publish_map.c alone.
 */
#ifndef PERFCOUNTERS_PUBLISH_MAP_FILE_H
#define PERFCOUNTERS_PUBLISH_MAP_FILE_H

#include "perfcounters/publish_map.h"

enum { PUBLISH_MAP_FILE_SIZE = 4096 };

enum publish_map_use { PUBLISH_MAP_READ, PUBLISH_MAP_WRITE };

/*
 * To write: makes the file where it is missing, readable as its folder is, and reserves its place
 * on the disk. To read: ERR_ABSENT, or ERR_MAP when it is too short or no file.
 */
MUST_CHECK enum err publish_map_file_open(struct publish_map *map, const char *path,
                                          enum publish_map_use use);
void publish_map_file_shut(struct publish_map *map);

#endif
