/*
 * Every byte of the store's file is made wrong in turn, in two ways, then every page: what a load
 * then gives is exactly what was put in, or the word that the file is damaged; nothing else, and
 * never a crash. On some of them the service and a change go on from the good copy; then every byte
 * of the good copy is made wrong, with the file itself lost: it serves, or the store is empty.
 */
#include "unit/test_store_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 4096, RESCUE_STEP = 61, PAGE = 4096 };

static const char *folder;
static char good_text[TEXT_MAX];
static struct span file_bytes, good_bytes;

#define EXPECT(condition, offset)                                                                  \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            flip_fail(__LINE__, #condition, offset);                                               \
        }                                                                                          \
    } while (0)

_Noreturn static void flip_fail(int line, const char *what, size_t offset)
{
    (void)fprintf(stderr, "FAILED at line %d: %s; byte %zu of page %zu\n", line, what,
                  offset % 4096, offset / 4096 + 1);
    exit(1);
}

static struct span read_file(const char *name)
{
    size_t len;
    uint8_t *bytes = world_read(folder, name, &len);
    return span_of(bytes, len);
}

static void make_store(void)
{
    uint64_t revision;
    world_clean(folder);
    struct store *store = world_open(folder, STORE_SERVICE);
    for (unsigned n = 1; n <= 13; n++) {
        EXPECT(world_change(store, n, &revision) == ERR_OK, 0);
    }
    (void)snprintf(good_text, sizeof good_text, "%s", world_print(store));
    EXPECT(store_keep_good(store) == ERR_OK, 0);
    store_close(store);
    file_bytes = read_file("gateway.db");
    good_bytes = read_file("gateway.db.good");
}

/* One bit, another one for each byte, or all bits. */
static uint8_t mask_of(size_t offset, int way)
{
    return (uint8_t)(way == 0 ? 1U << offset % 8 : 0xFFU);
}

/* What a command gets from the file as it is; true: the contents. */
static bool load_as_command(size_t offset)
{
    struct store *store = world_open(folder, STORE_COMMAND);
    const char *text = world_print(store);
    bool same = strcmp(text, good_text) == 0;
    EXPECT(same || strcmp(text, "ERR_STORE_DAMAGED") == 0, offset);
    store_close(store);
    return same;
}

/* The contents without their revision: a rescue has one of its own. */
static bool is_good(const char *text)
{
    size_t rows = (size_t)(strstr(good_text, "revision ") - good_text);
    return strncmp(text, good_text, rows) == 0 && strcmp(text + rows, "revision 14\n") == 0;
}

static void go_on(enum store_use use, size_t offset)
{
    struct store_rescue rescue;
    struct store *store = world_open(folder, use);
    if (use == STORE_SERVICE) {
        EXPECT(is_good(world_print(store)), offset);
    }
    EXPECT(world_set(store, "Later", "1") == 15, offset);
    EXPECT(store_take_rescue(store, &rescue) && rescue.from_good, offset);
    store_close(store);
    world_write(folder, "gateway.db", file_bytes);
    world_write(folder, "gateway.db.good", good_bytes);
    world_sweep(folder);
}

static void flip_file(unsigned step, int way)
{
    unsigned served = 0, damaged = 0, rescued = 0;
    for (size_t i = 0; i < file_bytes.len; i += step) {
        world_flip(folder, "gateway.db", i, mask_of(i, way));
        if (load_as_command(i)) {
            served++;
            world_flip(folder, "gateway.db", i, mask_of(i, way));
            continue;
        }
        damaged++;
        if (damaged % RESCUE_STEP == 0) {
            go_on(rescued++ % 2 == 0 ? STORE_SERVICE : STORE_COMMAND, i);
        } else {
            world_flip(folder, "gateway.db", i, mask_of(i, way));
        }
    }
    EXPECT(load_as_command(0), 0);
    EXPECT(damaged > served / 100, 0);
    (void)printf("%s of each byte: %u served as they were, %u damaged, %u of these set aside\n",
                 way == 0 ? "one bit" : "all bits", served, damaged, rescued);
}

/* One page becomes zeros, ones, or any other page; then the file ends before it. */
static void flip_pages(void)
{
    unsigned served = 0, damaged = 0;
    size_t pages = file_bytes.len / PAGE;
    uint8_t *copy = malloc(file_bytes.len);
    EXPECT(copy, 0);
    for (size_t i = 0; i < pages * (pages + 3); i++) {
        size_t page = i / (pages + 3), other = i % (pages + 3);
        memcpy(copy, file_bytes.at, file_bytes.len);
        if (other < pages) {
            memcpy(copy + page * PAGE, file_bytes.at + other * PAGE, PAGE);
        } else {
            memset(copy + page * PAGE, other == pages ? 0 : 0xFF, PAGE);
        }
        bool cut = other == pages + 2;
        world_write(folder, "gateway.db", span_of(copy, cut ? page * PAGE : file_bytes.len));
        bool same = load_as_command(page * PAGE);
        EXPECT(!same || !cut, page * PAGE);
        served += same ? 1 : 0;
        damaged += same ? 0 : 1;
    }
    free(copy);
    world_write(folder, "gateway.db", file_bytes);
    (void)printf("whole pages: %u served as they were, %u damaged\n", served, damaged);
}

static void flip_good(unsigned step)
{
    unsigned served = 0, empty = 0;
    for (size_t i = 0; i < good_bytes.len; i += step) {
        world_write(folder, "gateway.db.good", good_bytes);
        world_flip(folder, "gateway.db.good", i, mask_of(i, i % 2 == 0));
        world_remove(folder, "gateway.db");
        struct store *store = world_open(folder, STORE_SERVICE);
        const char *text = world_print(store);
        bool same = is_good(text);
        EXPECT(same || strcmp(text, "revision 1\n") == 0, i);
        served += same ? 1 : 0;
        empty += same ? 0 : 1;
        store_close(store);
    }
    (void)printf("the good copy: %u served as it was, %u empty\n", served, empty);
}

/* fault_store_flip [STEP [FOLDER]]: every STEPth byte. */
int main(int argc, char **argv)
{
    unsigned step = world_number(argc, argv, 1, 1);
    folder = world_folder(argc, argv, 2, "fault_store_flip.data");
    make_store();
    flip_file(step, 0);
    flip_file(step, 1);
    flip_pages();
    flip_good(step * 7);
    free((void *)(uintptr_t)file_bytes.at);
    free((void *)(uintptr_t)good_bytes.at);
    return 0;
}
