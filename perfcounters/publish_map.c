/*
 * The map's words: where each fact lies, and how it is written and read whole. Opening files and
 * mapping them is publish_map_linux.c's and publish_map_windows.c's matter.
 */
#include "perfcounters/publish_map_file.h"

#include "base/out.h"
#include "sys/paths.h"

#include <string.h>

/* "OMSGMAP1" as its bytes lie in the file of a little-endian machine, and all of ours are. */
#define PUBLISH_MAP_MAGIC UINT64_C(0x3150414D47534D4F)

enum { PUBLISH_MAP_ENDPOINT_WORDS = 3, PUBLISH_MAP_TRIES = 1000 };

/* Where in the file, in words. The counters come first behind the head: perflib refers to them. */
enum {
    PUBLISH_MAP_AT_MAGIC,
    PUBLISH_MAP_AT_LAYOUT,
    PUBLISH_MAP_AT_TURN, /* odd while it is being written */
    PUBLISH_MAP_AT_PID,
    PUBLISH_MAP_AT_START,
    PUBLISH_MAP_AT_HEARTBEAT,
    PUBLISH_MAP_AT_STOP,
    PUBLISH_MAP_AT_REVISION,
    PUBLISH_MAP_AT_COUNTERS,
    PUBLISH_MAP_AT_VERSION = PUBLISH_MAP_AT_COUNTERS + COUNTER_COUNT,
    PUBLISH_MAP_AT_LISTENER_COUNT = PUBLISH_MAP_AT_VERSION + PUBLISH_MAP_VERSION / 8,
    PUBLISH_MAP_AT_LISTENERS,
    PUBLISH_MAP_WORDS =
        PUBLISH_MAP_AT_LISTENERS + PUBLISH_MAP_LISTENERS * PUBLISH_MAP_ENDPOINT_WORDS
};

_Static_assert(sizeof(struct atom_u64) == 8, "a word of the file is an atom");
_Static_assert(PUBLISH_MAP_WORDS * 8 <= PUBLISH_MAP_FILE_SIZE, "the file has room for all of it");
_Static_assert(PUBLISH_MAP_VERSION % 8 == 0, "the version is whole words");

/* A version of this program with other words or another table has another one. */
static uint64_t publish_map_layout(void)
{
    enum { PUBLISH_MAP_FORM = 1 }; /* raised when the words above change their places */
    return counter_layout() ^ ((uint64_t)PUBLISH_MAP_FORM << 32 | PUBLISH_MAP_WORDS);
}

static enum err publish_map_path(const char *folder, char place[PATHS_MAX])
{
    return paths_join(folder, "counters.map", place);
}

enum err publish_map_open(struct publish_map *map, const char *folder)
{
    char path[PATHS_MAX];
    *map = (struct publish_map){.mapped = NULL};
    TRY(publish_map_path(folder, path));
    return publish_map_file_open(map, path, PUBLISH_MAP_WRITE);
}

void publish_map_shut(struct publish_map *map)
{
    if (map->mapped) {
        publish_map_file_shut(map);
        map->mapped = NULL;
    }
}

void *publish_map_counter(const struct publish_map *map, enum counter which)
{
    struct atom_u64 *words = map->mapped;
    CHECK(words && (unsigned)which < COUNTER_COUNT);
    return &words[PUBLISH_MAP_AT_COUNTERS + which];
}

static void publish_map_put_bytes(struct atom_u64 *words, const void *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t word;
        memcpy(&word, (const uint8_t *)bytes + i * 8, sizeof word);
        atom_store(&words[i], word);
    }
}

static void publish_map_get_bytes(const struct atom_u64 *words, void *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t word = atom_load(&words[i]);
        memcpy((uint8_t *)bytes + i * 8, &word, sizeof word);
    }
}

static void publish_map_put_endpoint(struct atom_u64 *words, const struct endpoint *endpoint)
{
    publish_map_put_bytes(words, endpoint->addr.bytes, 2);
    atom_store(&words[2], (uint64_t)endpoint->addr.family << 16 | endpoint->port);
}

/* False: no endpoint of ours. */
static bool publish_map_get_endpoint(const struct atom_u64 *words, struct endpoint *endpoint)
{
    publish_map_get_bytes(words, endpoint->addr.bytes, 2);
    uint64_t rest = atom_load(&words[2]);
    endpoint->addr.family = rest >> 16 == ADDR_IPV6 ? ADDR_IPV6 : ADDR_IPV4;
    endpoint->port = (uint16_t)(rest & 0xFFFF);
    return rest >> 16 == ADDR_IPV6 || rest >> 16 == ADDR_IPV4;
}

static void publish_map_put(struct atom_u64 *words, const struct publish_map_view *view)
{
    CHECK(view->listener_count <= PUBLISH_MAP_LISTENERS);
    atom_store(&words[PUBLISH_MAP_AT_PID], view->pid);
    atom_store(&words[PUBLISH_MAP_AT_START], view->start_ms);
    atom_store(&words[PUBLISH_MAP_AT_HEARTBEAT], view->heartbeat_ms);
    atom_store(&words[PUBLISH_MAP_AT_STOP], view->stop_ms);
    atom_store(&words[PUBLISH_MAP_AT_REVISION], view->revision);
    for (size_t i = 0; i < COUNTER_COUNT; i++) {
        atom_store(&words[PUBLISH_MAP_AT_COUNTERS + i], view->counters.at[i]);
    }
    publish_map_put_bytes(&words[PUBLISH_MAP_AT_VERSION], view->version, PUBLISH_MAP_VERSION / 8);
    atom_store(&words[PUBLISH_MAP_AT_LISTENER_COUNT], view->listener_count);
    for (size_t i = 0; i < view->listener_count; i++) {
        publish_map_put_endpoint(&words[PUBLISH_MAP_AT_LISTENERS + i * PUBLISH_MAP_ENDPOINT_WORDS],
                                 &view->listeners[i]);
    }
}

void publish_map_write(struct publish_map *map, const struct publish_map_view *view)
{
    struct atom_u64 *words = map->mapped;
    if (!words) {
        return;
    }
    uint64_t turn = atom_load(&words[PUBLISH_MAP_AT_TURN]) | 1; /* odd after a kill: goes on */
    atom_store(&words[PUBLISH_MAP_AT_TURN], turn);
    publish_map_put(words, view);
    atom_store(&words[PUBLISH_MAP_AT_LAYOUT], publish_map_layout());
    atom_store(&words[PUBLISH_MAP_AT_MAGIC], PUBLISH_MAP_MAGIC);
    atom_store(&words[PUBLISH_MAP_AT_TURN], turn + 1);
}

/* These have their places in every version that writes this magic number. */
static void publish_map_get_head(const struct atom_u64 *words, struct publish_map_view *view)
{
    view->pid = atom_load(&words[PUBLISH_MAP_AT_PID]);
    view->start_ms = atom_load(&words[PUBLISH_MAP_AT_START]);
    view->heartbeat_ms = atom_load(&words[PUBLISH_MAP_AT_HEARTBEAT]);
    view->stop_ms = atom_load(&words[PUBLISH_MAP_AT_STOP]);
    view->revision = atom_load(&words[PUBLISH_MAP_AT_REVISION]);
}

/* False: what lies there is nothing that we write. */
static bool publish_map_get(const struct atom_u64 *words, struct publish_map_view *view)
{
    bool good = true;
    for (size_t i = 0; i < COUNTER_COUNT; i++) {
        view->counters.at[i] = atom_load(&words[PUBLISH_MAP_AT_COUNTERS + i]);
    }
    publish_map_get_bytes(&words[PUBLISH_MAP_AT_VERSION], view->version, PUBLISH_MAP_VERSION / 8);
    view->listener_count = atom_load(&words[PUBLISH_MAP_AT_LISTENER_COUNT]);
    if (view->listener_count > PUBLISH_MAP_LISTENERS ||
        !memchr(view->version, '\0', PUBLISH_MAP_VERSION)) {
        return false;
    }
    for (size_t i = 0; i < view->listener_count; i++) {
        good &= publish_map_get_endpoint(
            &words[PUBLISH_MAP_AT_LISTENERS + i * PUBLISH_MAP_ENDPOINT_WORDS], &view->listeners[i]);
    }
    return good;
}

/*
 * The turn is loaded before and after; all loads acquire, so what lies between was read between. A
 * writer needs microseconds each second. One that died inside leaves the turn odd for good.
 */
static enum err publish_map_look(const struct atom_u64 *words, struct publish_map_view *view)
{
    for (int i = 0; i < PUBLISH_MAP_TRIES; i++) {
        uint64_t turn = atom_load(&words[PUBLISH_MAP_AT_TURN]);
        if (turn == 0 && atom_load(&words[PUBLISH_MAP_AT_MAGIC]) == 0) {
            return ERR_ABSENT; /* made just now, nothing was written yet */
        }
        bool ours = atom_load(&words[PUBLISH_MAP_AT_MAGIC]) == PUBLISH_MAP_MAGIC;
        if (ours) {
            publish_map_get_head(words, view);
        }
        bool good = ours && atom_load(&words[PUBLISH_MAP_AT_LAYOUT]) == publish_map_layout() &&
                    publish_map_get(words, view);
        if (turn % 2 == 0 && atom_load(&words[PUBLISH_MAP_AT_TURN]) == turn) {
            return good ? ERR_OK : ERR_MAP;
        }
    }
    return ERR_MAP;
}

enum err publish_map_read(const char *folder, struct publish_map_view *view)
{
    char path[PATHS_MAX];
    struct publish_map map = {.mapped = NULL};
    TRY(publish_map_path(folder, path));
    TRY(publish_map_file_open(&map, path, PUBLISH_MAP_READ));
    *view = (struct publish_map_view){.pid = 0};
    enum err err = publish_map_look(map.mapped, view);
    publish_map_shut(&map);
    return err;
}

enum publish_map_life publish_map_judge(const struct publish_map_view *view, uint64_t unix_ms,
                                        uint64_t *since_ms)
{
    /* The clock may have been set back since: a heartbeat from far ahead is none either. */
    uint64_t beat = view->heartbeat_ms;
    uint64_t apart = unix_ms > beat ? unix_ms - beat : beat - unix_ms;
    if (view->stop_ms != 0) {
        *since_ms = view->stop_ms;
        return PUBLISH_MAP_STOPPED;
    }
    bool runs = apart <= PUBLISH_MAP_SILENT_MS;
    *since_ms = runs ? view->start_ms : beat;
    return runs ? PUBLISH_MAP_RUNS : PUBLISH_MAP_GONE;
}
