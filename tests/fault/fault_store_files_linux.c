/*
 * Every system call that the store makes itself (files, folders, locks, the key of the secrets) and
 * the one allocation of its own fails once, with each error it may give; SQLite's own calls are the
 * business of fault_store.c. What must hold: the call that met it says so or does without; nothing
 * is lost that was there, no half file stays under its own name, no descriptor stays open, and the
 * next try succeeds. The calls are wrapped by the linker (--wrap).
 */
#define _DEFAULT_SOURCE

#include "sys/files.h"
#include "unit/test_store_world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_MAX = 4096, ERRORS = 6 };

static const struct {
    const char *call;
    int errors[ERRORS];
} faults[] = {
    {"open", {EACCES, EMFILE, ENOSPC, EIO, EROFS}},
    {"read", {EIO, EINTR}},
    {"write", {ENOSPC, EIO, EINTR, EDQUOT}},
    {"fsync", {EIO, ENOSPC}},
    {"close", {EIO}},
    {"stat", {EACCES, ELOOP}},
    {"mkdir", {EACCES, ENOSPC, EROFS}},
    {"mkstemp", {EACCES, ENOSPC, EMFILE}},
    {"fchown", {EPERM}},
    {"rename", {EACCES, ENOSPC, EIO}},
    {"link", {EACCES, EPERM, EIO}},
    {"unlink", {EACCES, EIO}},
    {"flock", {EINTR, ENOLCK}},
    {"calloc", {ENOMEM}},
};

static const char *folder, *failing_call, *scenario_name;
static int failing_error, calls_left, nth, descriptors;
static bool failed_once;
static char context[2 * TEXT_MAX];

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fault_fail(__LINE__, #condition);                                                      \
        }                                                                                          \
    } while (0)

_Noreturn static void fault_fail(int line, const char *what)
{
    (void)fprintf(stderr, "FAILED at line %d: %s; %s, %s call %d gave %s\n%s", line, what,
                  scenario_name, failing_call, nth, strerror(failing_error), context);
    exit(1);
}

static bool fault_now(const char *call)
{
    if (calls_left == 0 || strcmp(call, failing_call) != 0 || --calls_left != 0) {
        return false;
    }
    failed_once = true;
    errno = failing_error;
    return true;
}

/* The linker's names: __real_X is the system's, __wrap_X is what the store calls. */
#define WRAP(result, call, parameters, arguments)                                                  \
    result __real_##call parameters;                                                               \
    result __wrap_##call parameters;                                                               \
    result __wrap_##call parameters                                                                \
    {                                                                                              \
        return fault_now(#call) ? -1 : __real_##call arguments;                                    \
    }

WRAP(ssize_t, read, (int fd, void *to, size_t len), (fd, to, len))
WRAP(ssize_t, write, (int fd, const void *from, size_t len), (fd, from, len))
WRAP(int, fsync, (int fd), (fd))
WRAP(int, stat, (const char *path, struct stat *about), (path, about))
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(int, fchown, (int fd, uid_t user, gid_t group), (fd, user, group))
WRAP(int, rename, (const char *from, const char *to), (from, to))
WRAP(int, link, (const char *from, const char *to), (from, to))
WRAP(int, unlink, (const char *path), (path))
WRAP(int, flock, (int fd, int how), (fd, how))

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    int fd = fault_now("open") ? -1 : __real_open(path, flags, mode);
    descriptors += fd >= 0 ? 1 : 0;
    return fd;
}

int __real_mkstemp(char *path);
int __wrap_mkstemp(char *path);
int __wrap_mkstemp(char *path)
{
    int fd = fault_now("mkstemp") ? -1 : __real_mkstemp(path);
    descriptors += fd >= 0 ? 1 : 0;
    return fd;
}

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
    bool fails = fault_now("close"); /* and closes all the same, as Linux does */
    int result = __real_close(fd);
    descriptors--;
    return fails ? -1 : result;
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    return fault_now("calloc") ? NULL : __real_calloc(count, size);
}

/* ---- scenarios ---- */

static void note(const char *what, enum err err)
{
    size_t len = strlen(context);
    (void)snprintf(context + len, sizeof context - len, "%s: %s\n", what, err_name(err));
}

static enum err open_store(enum store_use use, struct store **store)
{
    struct store_setup setup = {folder, "test", use};
    enum err err = store_open(&setup, store);
    note("open", err);
    EXPECT(err == ERR_OK || !*store);
    return err;
}

/* One change with a password; whether it was said to have succeeded. */
static bool change(struct store *store, unsigned n)
{
    uint64_t revision;
    enum err err = world_change(store, n, &revision);
    note("change", err);
    EXPECT(err == ERR_OK || err == ERR_DENIED || err == ERR_DISK_FULL || err == ERR_SYSTEM ||
           err == ERR_SECRET);
    return err == ERR_OK;
}

static bool live(void)
{
    struct store *store;
    uint64_t revision;
    bool changed = false;
    if (open_store(STORE_COMMAND, &store) == ERR_OK) {
        changed = change(store, 5); /* sets the relay */
        store_close(store);
    }
    if (open_store(STORE_SERVICE, &store) == ERR_OK) {
        note("load", store_load(store, &(struct store_visitor){0}, &revision));
        (void)store_poll(store);
        note("keep", store_keep_good(store));
        store_close(store);
    }
    return changed;
}

static void make_nothing(void)
{
    char path[PATHS_MAX];
    world_clean(folder);
    world_remove(folder, "gateway.lock");
    EXPECT(paths_join(folder, "", path) == ERR_OK);
    (void)rmdir(path);
}

static void make_store(void)
{
    world_clean(folder);
    struct store *store;
    uint64_t revision;
    EXPECT(open_store(STORE_SERVICE, &store) == ERR_OK);
    EXPECT(change(store, 1) && change(store, 2));
    EXPECT(store_load(store, &(struct store_visitor){0}, &revision) == ERR_OK);
    EXPECT(store_keep_good(store) == ERR_OK);
    store_close(store);
}

static void make_damaged(void)
{
    make_store();
    world_flip(folder, "gateway.db", 4096 + 3, 0xFF);
}

static void make_lost(void)
{
    make_store();
    world_remove(folder, "gateway.db");
}

static const struct {
    const char *name;
    void (*make)(void);
} scenarios[] = {
    {"nothing yet", make_nothing},
    {"a store", make_store},
    {"a damaged store", make_damaged},
    {"a lost store", make_lost},
};

/* The contents, with the world in order. */
static void print_now(char *place)
{
    struct store *store = world_open(folder, STORE_SERVICE);
    (void)snprintf(place, TEXT_MAX, "%s", world_print(store));
    store_close(store);
}

static bool fail_one(void (*make)(void), const char *before, const char *after)
{
    static char now[TEXT_MAX];
    struct store *store;
    calls_left = 0;
    context[0] = '\0';
    make();
    int open_before = descriptors;
    calls_left = nth;
    failed_once = false;
    bool changed = live();
    calls_left = 0;
    EXPECT(descriptors == open_before);
    print_now(now);
    size_t len = strlen(context);
    (void)snprintf(context + len, sizeof context - len, "now: %s", now);
    EXPECT(strcmp(now, after) == 0 || (!changed && strcmp(now, before) == 0));
    EXPECT(open_store(STORE_COMMAND, &store) == ERR_OK && change(store, 9));
    store_close(store);
    return failed_once;
}

/* What the store holds before and after the change when nothing fails. */
static void find_texts(void (*make)(void), char *before, char *after)
{
    make();
    print_now(before);
    make();
    EXPECT(live());
    print_now(after);
}

int main(int argc, char **argv)
{
    static char before[TEXT_MAX], after[TEXT_MAX];
    int total = 0;
    folder = world_folder(argc, argv, 1, "fault_store_files.data");
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        scenario_name = scenarios[i].name;
        calls_left = 0;
        find_texts(scenarios[i].make, before, after);
        for (size_t k = 0; k < sizeof faults / sizeof faults[0]; k++) {
            int count = 0;
            failing_call = faults[k].call;
            for (size_t e = 0; e < ERRORS && faults[k].errors[e] != 0; e++) {
                failing_error = faults[k].errors[e];
                for (nth = 1; fail_one(scenarios[i].make, before, after); nth++) {
                    count++;
                }
            }
            (void)printf("%-16s %-8s failed %d times\n", scenario_name, failing_call, count);
            total += count;
        }
    }
    (void)printf("fault_store_files: %d failures, each survived\n", total);
    return 0;
}
