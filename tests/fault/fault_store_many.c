/*
 * Eight programs change one store at once, each as fast as it can, while the service polls and
 * loads: no change is lost, none fails, the history has them all. Where OMSGATEWAY_PROGRAM names
 * the gateway, eight more do the same by its command line, a process a change. Printed: what a
 * change took, how long the unluckiest one waited for its turn, and how long the longest command.
 */
#include "fault/fault_store_crew.h"
#include "sys/sys.h"
#include "unit/test_store_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHANGES = 1000, WRITERS = 8 };

static const char PROGRAM[] = "OMSGATEWAY_PROGRAM";

#define EXPECT(condition, ...)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "FAILED at line %d: %s: ", __LINE__, #condition);                \
            (void)fprintf(stderr, __VA_ARGS__);                                                    \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* ---- one of the eight ---- */

static enum err add_host(struct store *store, const char *host, uint64_t *waited_ms)
{
    bool added;
    uint64_t revision, start = sys_monotonic_ms();
    struct store_rule rule = world_rule(STORE_HOST, host, "");
    TRY(store_begin(store));
    uint64_t waited = sys_monotonic_ms() - start;
    *waited_ms = waited > *waited_ms ? waited : *waited_ms;
    enum err err = store_add_rule(store, &rule, &added);
    if (err == ERR_OK && added) {
        return store_commit(store, &revision);
    }
    store_rollback(store);
    return err == ERR_OK ? ERR_EXISTS : err;
}

/* "write FOLDER WHO COUNT": waits for nobody; says its longest wait in the end. */
static int run_writer(char **argv)
{
    unsigned who = world_number(5, argv, 3, 1), count = world_number(5, argv, 4, 1);
    uint64_t waited_ms = 0;
    struct store *store = world_open(argv[2], STORE_COMMAND);
    for (unsigned i = 0; i < count; i++) {
        char host[64];
        (void)snprintf(host, sizeof host, "%u.%u.example.com", i, who);
        enum err err = add_host(store, host, &waited_ms);
        if (err != ERR_OK) {
            (void)fprintf(stderr, "%s: %s, %s\n", host, err_name(err), store_detail(store));
            return 3;
        }
    }
    store_close(store);
    (void)printf("%u\n", (unsigned)waited_ms);
    return 0;
}

/*
 * "call FOLDER WHO COUNT": the same through the command line; says how long its longest command
 * took, the process itself included.
 */
static int run_caller(char **argv)
{
    unsigned who = world_number(5, argv, 3, 1), count = world_number(5, argv, 4, 1);
    uint64_t longest_ms = 0;
    char data[PATHS_MAX + 8];
    (void)snprintf(data, sizeof data, "--data=%s", argv[2]);
    for (unsigned i = 0; i < count; i++) {
        char host[64];
        (void)snprintf(host, sizeof host, "%u.%u.example.com", i, who);
        uint64_t start = sys_monotonic_ms();
        crew_start(0, getenv(PROGRAM), (const char *[]){"host", "add", host, data}, 4);
        int status = crew_wait(0);
        if (status != 0) {
            (void)fprintf(stderr, "host add %s ended with %d\n", host, status);
            return 3;
        }
        uint64_t took_ms = sys_monotonic_ms() - start;
        longest_ms = took_ms > longest_ms ? took_ms : longest_ms;
    }
    (void)printf("%u\n", (unsigned)longest_ms);
    return 0;
}

/* ---- the one that watches ---- */

struct watch {
    unsigned loads, busy, rules, events;
    uint64_t revision;
};

static enum err count_rule(void *context, const struct store_rule *rule)
{
    struct watch *watch = context;
    (void)rule;
    watch->rules++;
    return ERR_OK;
}

static enum err count_event(void *context, const struct store_event *event)
{
    struct watch *watch = context;
    (void)event;
    watch->events++;
    return ERR_OK;
}

/* Loads what is new; the revision never goes back, and each revision has its one rule more. */
static void look(struct store *service, struct watch *watch)
{
    struct store_visitor visitor = {.context = watch, .rule = count_rule, .event = count_event};
    uint64_t revision;
    enum store_news news = store_poll(service);
    if (news != STORE_CHANGED) {
        watch->busy += news == STORE_BUSY ? 1 : 0;
        return;
    }
    watch->rules = watch->events = 0;
    enum err err = store_load(service, &visitor, &revision);
    if (err == ERR_STORE_BUSY) {
        watch->busy++;
        return;
    }
    EXPECT(err == ERR_OK, "%s, %s\n", err_name(err), store_detail(service));
    EXPECT(revision >= watch->revision && watch->rules == revision && watch->events == revision,
           "revision %u after %u, %u rules, %u events\n", (unsigned)revision,
           (unsigned)watch->revision, watch->rules, watch->events);
    watch->revision = revision;
    watch->loads++;
}

/* Members first to first + WRITERS - 1 of the crew. */
static void start_all(const char *folder, const char *program, const char *how, unsigned first,
                      unsigned each)
{
    char count[16], who[16];
    (void)snprintf(count, sizeof count, "%u", each);
    for (unsigned i = first; i < first + WRITERS; i++) {
        (void)snprintf(who, sizeof who, "%u", i + 1);
        crew_start(i, program, (const char *[]){how, folder, who, count}, 4);
    }
}

static uint64_t wait_for_all(unsigned first)
{
    uint64_t longest = 0, waited;
    char line[CREW_LINE_MAX];
    for (unsigned i = first; i < first + WRITERS; i++) {
        EXPECT(crew_read(i, line), "writer %u said nothing\n", i);
        EXPECT(span_number(span_str(line), 0, 10000000, &waited) == ERR_OK, "%s\n", line);
        longest = waited > longest ? waited : longest;
        int status = crew_wait(i);
        EXPECT(status == 0, "writer %u ended with %d\n", i, status);
    }
    return longest;
}

/* fault_store_many [CHANGES [FOLDER]] */
int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "write") == 0) {
        return run_writer(argv);
    }
    if (argc == 5 && strcmp(argv[1], "call") == 0) {
        return run_caller(argv);
    }
    const char *folder = world_folder(argc, argv, 2, "fault_store_many.data");
    unsigned all = getenv(PROGRAM) ? 2 * WRITERS : WRITERS;
    unsigned each = (world_number(argc, argv, 1, CHANGES) + all - 1) / all, changes = each * all;
    struct watch watch = {0};
    world_clean(folder);
    struct store *service = world_open(folder, STORE_SERVICE);
    uint64_t start = sys_monotonic_ms(), longest_call = 0;
    start_all(folder, argv[0], "write", 0, each);
    if (all > WRITERS) {
        start_all(folder, argv[0], "call", WRITERS, each);
    }
    while (watch.revision < changes / 2) {
        look(service, &watch);
        crew_pause();
    }
    uint64_t longest = wait_for_all(0);
    if (all > WRITERS) {
        longest_call = wait_for_all(WRITERS);
    }
    uint64_t took = sys_monotonic_ms() - start;
    look(service, &watch);
    EXPECT(watch.revision == changes, "%u\n", (unsigned)watch.revision);
    store_close(service);
    (void)printf("%u changes by %u programs in %u ms, %u us each; longest wait %u ms;"
                 " longest command %u ms; loaded %u times meanwhile, busy %u times\n",
                 changes, all, (unsigned)took, (unsigned)(took * 1000 / changes), (unsigned)longest,
                 (unsigned)longest_call, watch.loads, watch.busy);
    return 0;
}
