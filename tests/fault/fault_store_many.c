/*
 * Eight programs change one store at once, each as fast as it can, while the service polls and
 * loads: no change is lost, none fails, the history has them all. Printed: what a change took and
 * how long the unluckiest one waited for its turn.
 */
#include "fault/fault_store_crew.h"
#include "sys/sys.h"
#include "unit/test_store_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHANGES = 1000 };

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

static void start_all(const char *folder, const char *program, unsigned each)
{
    char count[16], who[16];
    (void)snprintf(count, sizeof count, "%u", each);
    for (unsigned i = 0; i < CREW_MAX; i++) {
        (void)snprintf(who, sizeof who, "%u", i + 1);
        crew_start(i, program, (const char *[]){"write", folder, who, count}, 4);
    }
}

static uint64_t wait_for_all(void)
{
    uint64_t longest = 0, waited;
    char line[CREW_LINE_MAX];
    for (unsigned i = 0; i < CREW_MAX; i++) {
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
    const char *folder = world_folder(argc, argv, 2, "fault_store_many.data");
    unsigned each = (world_number(argc, argv, 1, CHANGES) + CREW_MAX - 1) / CREW_MAX;
    struct watch watch = {0};
    world_clean(folder);
    struct store *service = world_open(folder, STORE_SERVICE);
    uint64_t start = sys_monotonic_ms();
    start_all(folder, argv[0], each);
    while (watch.revision < each * CREW_MAX / 2) {
        look(service, &watch);
        crew_pause();
    }
    uint64_t longest = wait_for_all(), took = sys_monotonic_ms() - start;
    look(service, &watch);
    EXPECT(watch.revision == each * CREW_MAX, "%u\n", (unsigned)watch.revision);
    store_close(service);
    (void)printf("%u changes by %d programs in %u ms, %u us each; longest wait %u ms;"
                 " loaded %u times meanwhile, busy %u times\n",
                 each * CREW_MAX, CREW_MAX, (unsigned)took,
                 (unsigned)(took * 1000 / (each * CREW_MAX)), (unsigned)longest, watch.loads,
                 watch.busy);
    return 0;
}
