/*
 * map_driver FOLDER AGE_MS gone|stopped|beats: writes a counters.map for the tests of `status`, as
 * a service left it so long ago that is gone or was stopped, or as one does that lives, until
 * somebody kills it.
 */
#include "perfcounters/publish_map.h"
#include "sys/files.h"
#include "sys/sys.h"
#include "unit/threads.h"

#include <stdio.h>
#include <string.h>

static void fill(struct publish_map_view *view, uint64_t age_ms, bool stopped)
{
    uint64_t now_ms = sys_unix_ms() - age_ms;
    *view = (struct publish_map_view){.pid = 4711,
                                      .start_ms = now_ms - 90061000, /* 1 d 01:01:01 */
                                      .heartbeat_ms = now_ms,
                                      .stop_ms = stopped ? now_ms : 0,
                                      .revision = 12,
                                      .listener_count = 2,
                                      .version = "1.2.3"};
    CHECK(endpoint_parse(span_str("0.0.0.0:8080"), &view->listeners[0]) == ERR_OK);
    CHECK(endpoint_parse(span_str("[2001:db8::1]:8080"), &view->listeners[1]) == ERR_OK);
    for (size_t i = 0; i < COUNTER_COUNT; i++) {
        view->counters.at[i] = i * 1000 + 7;
    }
}

int main(int argc, char **argv)
{
    struct publish_map map;
    struct publish_map_view view;
    uint64_t age_ms;
    CHECK(argc == 4);
    CHECK(span_number(span_str(argv[2]), 0, UINT32_MAX, &age_ms) == ERR_OK);
    CHECK(files_make_folder(argv[1]) == ERR_OK);
    CHECK(publish_map_open(&map, argv[1]) == ERR_OK);
    fill(&view, age_ms, strcmp(argv[3], "stopped") == 0);
    publish_map_write(&map, &view);
    CHECK(puts("written") >= 0 && fflush(stdout) == 0);
    while (strcmp(argv[3], "beats") == 0) {
        if (sys_unix_ms() > view.heartbeat_ms + 1000) {
            view.heartbeat_ms = sys_unix_ms();
            publish_map_write(&map, &view);
        }
        thread_pause();
    }
    publish_map_shut(&map);
    return 0;
}
