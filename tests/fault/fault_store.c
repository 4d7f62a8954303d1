/*
 * Every call that SQLite makes to its file system, and every allocation, fails once: a scenario
 * runs with the first call failing, then the second, and so on until a run passes untouched. What
 * must hold after each: no CHECK failed, the file is whole, the change is there entirely or not at
 * all (entirely, if that was said), nothing was taken for damaged, and the next change succeeds.
 */
#include "fault/fault_store_vfs.h"
#include "unit/test_store_world.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 4096, ERRORS = 3 };

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fault_fail(__LINE__, #condition);                                                      \
        }                                                                                          \
    } while (0)

static struct vfs_plan plan;
static const char *scenario_name, *folder;
static unsigned nth;
static char context[TEXT_MAX];

_Noreturn static void fault_fail(int line, const char *what)
{
    (void)vfs_disarm();
    (void)memory_disarm();
    (void)fprintf(stderr, "FAILED at line %d: %s; scenario %s, %s call %u, error %d\n%s\n", line,
                  what, scenario_name, vfs_call_name(plan.call), nth, plan.error, context);
    exit(1);
}

/* ---- scenarios ---- */

struct result {
    bool changed; /* the change was said to have succeeded */
    bool rescued;
};

/* What the store may hold in the end. */
static char before[TEXT_MAX], after[TEXT_MAX];

static void note(enum err err, const char *what)
{
    size_t len = strlen(context);
    (void)snprintf(context + len, sizeof context - len, "%s: %s\n", what, err_name(err));
}

static bool load(struct store *store, const char *what)
{
    uint64_t revision;
    enum err err = store_load(store, &(struct store_visitor){0}, &revision);
    note(err, what);
    return err == ERR_OK;
}

/* What the service and a command do beside each other, all day. */
static void live(struct result *result)
{
    uint64_t revision;
    struct store_rescue rescue;
    struct store *service = world_open(folder, STORE_SERVICE);
    struct store *command = world_open(folder, STORE_COMMAND);
    (void)load(service, "load");
    (void)store_poll(service);
    enum err err = world_change(command, 5, &revision);
    note(err, "change");
    result->changed = err == ERR_OK;
    (void)store_poll(service);
    if (load(service, "load again")) {
        note(store_keep_good(service), "keep");
    }
    (void)load(command, "command's load");
    result->rescued = store_take_rescue(service, &rescue) || store_take_rescue(command, &rescue);
    store_close(service);
    store_close(command);
}

static void copy_text(char *place, struct store *store)
{
    (void)snprintf(place, TEXT_MAX, "%s", world_print(store));
}

static uint64_t change_well(struct store *store, unsigned n)
{
    uint64_t revision = 0;
    enum err err = world_change(store, n, &revision);
    note(err, "change well");
    EXPECT(err == ERR_OK);
    return revision;
}

/* A store with three changes and a good copy. */
static void make_store(void)
{
    world_clean(folder);
    struct store *store = world_open(folder, STORE_SERVICE);
    for (unsigned n = 1; n <= 3; n++) {
        change_well(store, n);
    }
    EXPECT(load(store, "load"));
    EXPECT(store_keep_good(store) == ERR_OK);
    store_close(store);
}

static void make_nothing(void)
{
    world_clean(folder);
}

/* One that is damaged: whatever fails, in the end all that the good copy has is there. */
static void make_damaged(void)
{
    make_store();
    struct store *store = world_open(folder, STORE_COMMAND);
    change_well(store, 4);
    store_close(store);
    world_flip(folder, "gateway.db", 4096 + 3, 0xFF);
}

struct scenario {
    const char *name;
    void (*make)(void);
    bool damaged;
};

static const struct scenario scenarios[] = {
    {"a store", make_store, false},
    {"no store yet", make_nothing, false},
    {"a damaged store", make_damaged, true},
};

static void find_text(char *place)
{
    struct store *store = world_open(folder, STORE_SERVICE);
    copy_text(place, store);
    store_close(store);
}

/* What it comes to when nothing is done, and when nothing fails. */
static void find_texts(const struct scenario *scenario)
{
    struct result result = {false, false};
    scenario->make();
    find_text(before);
    scenario->make();
    live(&result);
    EXPECT(result.changed && result.rescued == scenario->damaged);
    find_text(after);
}

/* After the failure, with everything working again. */
static void judge(const struct scenario *scenario, const struct result *result)
{
    struct store *store = world_open(folder, STORE_SERVICE);
    const char *now = world_print(store);
    size_t len = strlen(context);
    (void)snprintf(context + len, sizeof context - len, "now: %s", now);
    bool is_after = strcmp(now, after) == 0;
    EXPECT(is_after || strcmp(now, before) == 0);
    EXPECT(is_after || !result->changed);
    EXPECT(scenario->damaged || !result->rescued);
    struct store_rescue rescue;
    bool late = store_take_rescue(store, &rescue);
    EXPECT(scenario->damaged || !late);
    change_well(store, 9);
    EXPECT(load(store, "load well") && store_keep_good(store) == ERR_OK);
    store_close(store);
}

/* ---- the loops ---- */

static bool fail_file_call(const struct scenario *scenario)
{
    struct result result = {false, false};
    context[0] = '\0';
    scenario->make();
    plan.nth = nth;
    vfs_arm(&plan);
    live(&result);
    bool failed = vfs_disarm();
    judge(scenario, &result);
    return failed;
}

static bool fail_allocation(const struct scenario *scenario, bool all_after)
{
    struct result result = {false, false};
    context[0] = '\0';
    scenario->make();
    memory_arm(nth, all_after);
    live(&result);
    bool failed = memory_disarm();
    judge(scenario, &result);
    return failed;
}

static const struct {
    enum vfs_call call;
    enum vfs_how how;
    int errors[ERRORS];
} faults[] = {
    {VFS_OPEN, VFS_ONCE, {SQLITE_CANTOPEN, SQLITE_IOERR}},
    {VFS_DELETE, VFS_ONCE, {SQLITE_IOERR_DELETE}},
    {VFS_ACCESS, VFS_ONCE, {SQLITE_IOERR_ACCESS}},
    {VFS_PATH, VFS_ONCE, {SQLITE_CANTOPEN}},
    {VFS_CLOSE, VFS_ONCE, {SQLITE_IOERR_CLOSE}},
    {VFS_READ, VFS_ONCE, {SQLITE_IOERR_READ}},
    {VFS_WRITE, VFS_ONCE, {SQLITE_IOERR_WRITE, SQLITE_FULL}},
    {VFS_TRUNCATE, VFS_ONCE, {SQLITE_IOERR_TRUNCATE}},
    {VFS_SYNC, VFS_ONCE, {SQLITE_IOERR_FSYNC}},
    {VFS_SIZE, VFS_ONCE, {SQLITE_IOERR_FSTAT}},
    {VFS_LOCK, VFS_ONCE, {SQLITE_IOERR_LOCK, SQLITE_BUSY}},
    {VFS_UNLOCK, VFS_ONCE, {SQLITE_IOERR_UNLOCK}},
    {VFS_RESERVED, VFS_ONCE, {SQLITE_IOERR_CHECKRESERVEDLOCK}},
    {VFS_CHANGE, VFS_DEAD, {SQLITE_IOERR}},
};

static unsigned fail_files(const struct scenario *scenario)
{
    unsigned total = 0;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        unsigned count = 0;
        for (size_t k = 0; k < ERRORS && faults[i].errors[k] != 0; k++) {
            plan = (struct vfs_plan){faults[i].call, faults[i].how, faults[i].errors[k], 0};
            for (nth = 1; fail_file_call(scenario); nth++) {
                count++;
            }
        }
        (void)printf("%-16s %-9s failed %u times\n", scenario->name, vfs_call_name(faults[i].call),
                     count);
        total += count;
    }
    return total;
}

static unsigned fail_memory(const struct scenario *scenario, unsigned step)
{
    unsigned total = 0;
    plan = (struct vfs_plan){VFS_ANY, VFS_ONCE, SQLITE_NOMEM, 0};
    for (int all_after = 0; all_after < 2; all_after++) {
        for (nth = 1; fail_allocation(scenario, all_after != 0); nth += step) {
            total++;
        }
    }
    (void)printf("%-16s memory    failed %u times\n", scenario->name, total);
    return total;
}

/* fault_store [STEP [FOLDER]]: of the allocations every STEPth fails; the store lies in FOLDER. */
int main(int argc, char **argv)
{
    unsigned total = 0, step = world_number(argc, argv, 1, 1);
    folder = world_folder(argc, argv, 2, "fault_store.data");
    (void)setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    memory_install();
    vfs_install();
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        scenario_name = scenarios[i].name;
        find_texts(&scenarios[i]);
        total += fail_files(&scenarios[i]);
        total += fail_memory(&scenarios[i], step);
    }
    (void)printf("fault_store: %u failures, each survived\n", total);
    return 0;
}
