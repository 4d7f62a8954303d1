/*
 * A program that changes the store is killed: first at each of its file calls in turn, then at
 * random moments, again and again in one store. Every change it acknowledged is there afterwards,
 * of the one it was in all or nothing, the file is whole and nothing is taken for damaged. What
 * must be there is known from a second store that gets the same changes in peace.
 */
#include "fault/fault_store_crew.h"
#include "fault/fault_store_vfs.h"
#include "unit/test_store_world.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 200, ROUNDS_PER_STORE = 20, ACKS_MAX = 12, PAUSES_MAX = 40, STEPS = 4 };

static char folder[PATHS_MAX], shadow[PATHS_MAX];
static const char *program;

#define EXPECT(condition, ...)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "FAILED at line %d: %s: ", __LINE__, #condition);                \
            (void)fprintf(stderr, __VA_ARGS__);                                                    \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* ---- the one that is killed ---- */

/* "write FOLDER FIRST NTH": changes from number FIRST on; NTH 0 is for ever. */
static int run_writer(char **argv)
{
    unsigned first = world_number(5, argv, 3, 1), nth = world_number(5, argv, 4, 1);
    bool at_call = nth < 100000; /* a number that no run comes to means: until somebody kills */
    (void)snprintf(folder, sizeof folder, "%s", argv[2]);
    struct store *store = world_open(folder, STORE_COMMAND);
    if (at_call) {
        vfs_install();
        vfs_arm(&(struct vfs_plan){VFS_ANY, VFS_EXIT, SQLITE_IOERR, nth});
    }
    for (unsigned n = first; !at_call || n < first + STEPS; n++) {
        uint64_t revision;
        enum err err = world_change(store, n, &revision);
        if (err != ERR_OK) {
            (void)fprintf(stderr, "change %u: %s, %s\n", n, err_name(err), store_detail(store));
            return 3;
        }
        (void)printf("%u\n", n);
        (void)fflush(stdout);
    }
    store_close(store);
    return 0;
}

static void start_writer(unsigned first, unsigned nth)
{
    char first_text[16], nth_text[16];
    (void)snprintf(first_text, sizeof first_text, "%u", first);
    (void)snprintf(nth_text, sizeof nth_text, "%u", nth);
    crew_start(0, program, (const char *[]){"write", folder, first_text, nth_text}, 4);
}

/* ---- the one that judges ---- */

/* The number of the last change that is in the store, 0 for none. */
static unsigned last_change(const char *text)
{
    const char *found = strstr(text, "setting Counter=");
    uint64_t number = 0;
    if (found) {
        found += strlen("setting Counter=");
        struct span digits = span_of(found, strcspn(found, "\n"));
        EXPECT(span_number(digits, 1, 1000000, &number) == ERR_OK, "%s\n", text);
    }
    return (unsigned)number;
}

/* Compares with the shadow, which is brought up to the same change first; that change's number. */
static unsigned judge(struct store *peace, unsigned acknowledged, const char *where)
{
    static char now[65536];
    uint64_t revision;
    struct store_rescue rescue;
    unsigned done = last_change(world_print(peace));
    struct store *store = world_open(folder, STORE_SERVICE);
    (void)snprintf(now, sizeof now, "%s", world_print(store));
    unsigned found = last_change(now);
    EXPECT(found == acknowledged || found == acknowledged + 1, "%s: %u acknowledged, now %s\n",
           where, acknowledged, now);
    EXPECT(!store_take_rescue(store, &rescue), "%s\n", where);
    store_close(store);
    for (unsigned n = done + 1; n <= found; n++) {
        EXPECT(world_change(peace, n, &revision) == ERR_OK, "%s\n", where);
    }
    const char *wanted = world_print(peace);
    EXPECT(strcmp(now, wanted) == 0, "%s: now\n%s, wanted\n%s", where, now, wanted);
    return found;
}

/* What it acknowledges until it ends or was killed. */
static unsigned read_acks(unsigned acknowledged, unsigned at_most)
{
    char line[CREW_LINE_MAX];
    uint64_t number;
    for (unsigned i = 0; i < at_most && crew_read(0, line); i++) {
        EXPECT(span_number(span_str(line), 1, 1000000, &number) == ERR_OK, "%s\n", line);
        EXPECT(number == acknowledged + 1, "%s after %u\n", line, acknowledged);
        acknowledged = (unsigned)number;
    }
    return acknowledged;
}

static struct store *begin_anew(void)
{
    world_clean(folder);
    world_clean(shadow);
    return world_open(shadow, STORE_COMMAND);
}

/* With the file lost as well: its copy has every change that was acknowledged. */
static void judge_copy(unsigned acknowledged, const char *where)
{
    world_remove(folder, "gateway.db");
    world_remove(folder, "gateway.db-journal");
    struct store *store = world_open(folder, STORE_SERVICE);
    unsigned found = last_change(world_print(store));
    EXPECT(found == acknowledged || found == acknowledged + 1, "%s: %u acknowledged, %u copied\n",
           where, acknowledged, found);
    store_close(store);
}

static void kill_at_each_call(void)
{
    char where[32];
    unsigned nth = 1;
    for (int status = 9; status == 9; nth += crew_stride) {
        struct store *peace = begin_anew();
        (void)snprintf(where, sizeof where, "call %u", nth);
        start_writer(1, nth);
        unsigned acknowledged = read_acks(0, STEPS + 1);
        status = crew_wait(0);
        EXPECT(status == 9 || status == 0, "%s: ended with %d\n", where, status);
        (void)judge(peace, acknowledged, where);
        store_close(peace);
        judge_copy(acknowledged, where);
    }
    (void)printf("killed at %u file calls of %d changes, one in %u\n", (nth - 1) / crew_stride - 1,
                 STEPS, crew_stride);
}

/* A generator of our own, so that a round can be run again. */
static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 16;
}

static void kill_at_random(unsigned rounds, uint32_t seed)
{
    struct store *peace = NULL;
    unsigned last = 0, total = 0;
    for (unsigned round = 0; round < rounds; round++) {
        char where[32];
        uint32_t random = seed + round;
        if (round % ROUNDS_PER_STORE == 0) {
            store_close(peace);
            peace = begin_anew();
            total += last;
            last = 0;
        }
        (void)snprintf(where, sizeof where, "seed %u", seed + round);
        (void)next_random(&random);
        start_writer(last + 1, 1000000);
        unsigned acknowledged = read_acks(last, next_random(&random) % ACKS_MAX);
        for (uint32_t i = next_random(&random) % PAUSES_MAX; i > 0; i--) {
            crew_pause();
        }
        crew_kill(0);
        acknowledged = read_acks(acknowledged, 1000000);
        EXPECT(crew_wait(0) == -1, "%s: it ended by itself\n", where);
        last = judge(peace, acknowledged, where);
    }
    store_close(peace);
    (void)printf("killed in %u rounds of %u changes: all acknowledged ones are there\n", rounds,
                 total + last);
}

/* fault_store_kill [ROUNDS [FOLDER]] */
int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "write") == 0) {
        return run_writer(argv);
    }
    program = argv[0];
    (void)snprintf(folder, sizeof folder, "%s",
                   world_folder(argc, argv, 2, "fault_store_kill.data"));
    (void)snprintf(shadow, sizeof shadow, "%s",
                   world_folder(argc, argv, 2, "fault_store_kill.shadow"));
    kill_at_each_call();
    kill_at_random(world_number(argc, argv, 1, ROUNDS), 1);
    return 0;
}
