/*
 * The cmdlet library in trouble. First every allocation fails once, in every call, wherever it is
 * (SQLite's too, where it is linked in): the call says so, its change is there whole or not at all,
 * and the next one succeeds. Then several processes change one store at once through it: none
 * fails, and nothing is lost. The allocations are wrapped by the linker (--wrap).
 */
#include "fault/fault_store_crew.h"
#include "sys/files.h"
#include "unit/omsgw_calls.h"
#include "unit/test_store_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CREW = 8, EACH = 25, WORDS_MAX = 128, NTH_MAX = 100000 };

static unsigned calls_left; /* 0: none fails */

#define EXPECT(condition, ...)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "FAILED at line %d: %s: ", __LINE__, #condition);                \
            (void)fprintf(stderr, __VA_ARGS__);                                                    \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static bool fault_now(void)
{
    return calls_left > 0 && --calls_left == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *at, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *at, size_t size);

void *__wrap_malloc(size_t size)
{
    return fault_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fault_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *at, size_t size)
{
    return fault_now() ? NULL : __real_realloc(at, size);
}

/* ---- every allocation fails once ---- */

/* A change and what is asked to see whether it is there; each begins where the last one ended. */
static const struct {
    const char *words, *look, *seen; /* seen: in the answer when the change is there */
    int code;
} calls[] = {
    {"config_set LogLevel DEBUG HeaderTimeout 20", "config_get LogLevel", "\"value\":\"DEBUG\"",
     OMSGW_DONE},
    {"config_reset LogLevel", "config_get LogLevel", "\"value\":\"INFO\"", OMSGW_DONE},
    {"relay_set http://p.example.com:8080 alice secret", "relay_get", "p.example.com", OMSGW_DONE},
    {"relay_clear", "relay_get", "null,\"login\"", OMSGW_DONE},
    {"add hosts a.example.com *.b.example.com #why", "list hosts", "a.example.com", OMSGW_DONE},
    {"check c.b.example.com #mycert", "list hosts", "a.example.com", OMSGW_NO},
    {"check c.example.com", "list hosts", "a.example.com", OMSGW_NO},
    {"remove hosts a.example.com", "list hosts",
     "[{\"value\":\"*.b.example.com\",\"origin\":\"local\",\"comment\":\"why\"}]", OMSGW_DONE},
    {"remove hosts c.example.com", "list hosts", "\"*.b.example.com\"", OMSGW_ABSENT},
    {"add certificates mycert", "list certificates", "mycert", OMSGW_DONE},
    {"list certificates all", "list certificates", "mycert", OMSGW_DONE},
    {"history", "list hosts", "\"*.b.example.com\"", OMSGW_DONE},
    {"config_get", "list hosts", "\"*.b.example.com\"", OMSGW_DONE},
    {"relay_get", "list hosts", "\"*.b.example.com\"", OMSGW_DONE},
    {"status", "list hosts", "\"*.b.example.com\"", OMSGW_ABSENT},
};

static bool is_seen(const char *folder, size_t i)
{
    char *answer;
    int code = omsgw_call(folder, calls[i].look, &answer);
    EXPECT(code == OMSGW_DONE && answer, "%s: code %d\n", calls[i].look, code);
    bool seen = strstr(answer, calls[i].seen) != NULL;
    omsgw_free(answer);
    return seen;
}

/* Whether its nth allocation failed; *done: the change is in force. */
static bool fail_once(const char *folder, size_t i, unsigned nth, bool *done)
{
    char *answer;
    calls_left = nth;
    int code = omsgw_call(folder, calls[i].words, &answer);
    bool failed = calls_left == 0;
    calls_left = 0;
    EXPECT((code == OMSGW_NO_MEMORY) == !answer, "%s, %u: code %d, %s\n", calls[i].words, nth, code,
           answer ? answer : "NULL");
    EXPECT(failed || code == calls[i].code, "%s, %u: code %d, %s\n", calls[i].words, nth, code,
           answer ? answer : "NULL");
    EXPECT(code == calls[i].code || code == OMSGW_NO_MEMORY || code == OMSGW_FAILED,
           "%s, %u: code %d, %s\n", calls[i].words, nth, code, answer);
    omsgw_free(answer);
    *done = is_seen(folder, i);
    EXPECT(*done || code != calls[i].code, "%s, %u: lost\n", calls[i].words, nth);
    return failed;
}

/*
 * What OpenSSL makes once in a process it never tries again, if that failed: not ours to mend, so
 * it is made before anything fails.
 */
static void begin_crypto(const char *folder)
{
    char *answer;
    world_clean(folder);
    int code = omsgw_call(folder, "relay_set http://p.example.com:8080 alice secret", &answer);
    EXPECT(code == OMSGW_DONE, "code %d, %s\n", code, answer ? answer : "NULL");
    omsgw_free(answer);
}

/* ---- as it was before a call ---- */

static const char *const kept_names[] = {"gateway.db", "gateway.db.good", "secret.key"};
enum { KEPT = sizeof kept_names / sizeof kept_names[0] };

struct kept {
    uint8_t *bytes[KEPT]; /* NULL: no such file */
    size_t len[KEPT];
};

static struct kept keep(const char *folder)
{
    struct kept kept = {.len = {0}};
    for (size_t i = 0; i < KEPT; i++) {
        if (world_has(folder, kept_names[i])) {
            kept.bytes[i] = world_read(folder, kept_names[i], &kept.len[i]);
        }
    }
    return kept;
}

static void put_back(const char *folder, const struct kept *kept)
{
    world_clean(folder);
    for (size_t i = 0; i < KEPT; i++) {
        if (kept->bytes[i]) {
            world_write(folder, kept_names[i], span_of(kept->bytes[i], kept->len[i]));
        }
    }
}

static void forget(struct kept *kept)
{
    for (size_t i = 0; i < KEPT; i++) {
        free(kept->bytes[i]);
    }
}

/* Every so many-th of them; behind the last one the call is whole, and the next one begins there.
 */
static unsigned fail_all(const char *folder, unsigned step)
{
    unsigned all = 0;
    begin_crypto(folder);
    world_clean(folder);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        bool done, failed = true;
        unsigned nth = 1;
        struct kept kept = keep(folder);
        for (; failed && nth < NTH_MAX; nth += step, all++) {
            put_back(folder, &kept);
            failed = fail_once(folder, i, nth, &done);
        }
        forget(&kept);
        EXPECT(nth < NTH_MAX, "%s comes to no end\n", calls[i].words);
    }
    return all;
}

/* ---- several processes ---- */

/* "add FOLDER WHO COUNT" */
static int run_member(char **argv)
{
    char words[WORDS_MAX], *answer;
    unsigned count = world_number(5, argv, 4, 1);
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(words, sizeof words, "add hosts h%u.m%s.example.com", i, argv[3]);
        int code = omsgw_call(argv[2], words, &answer);
        if (code != OMSGW_DONE) {
            (void)fprintf(stderr, "%s: code %d, %s\n", words, code, answer ? answer : "NULL");
            return 3;
        }
        omsgw_free(answer);
    }
    return 0;
}

static void run_crew(const char *program, const char *folder)
{
    char who[16], each[16], *answer;
    unsigned count = 0;
    world_clean(folder);
    (void)snprintf(each, sizeof each, "%u", (unsigned)EACH);
    for (unsigned i = 0; i < CREW; i++) {
        (void)snprintf(who, sizeof who, "%u", i);
        crew_start(i, program, (const char *[]){"add", folder, who, each}, 4);
    }
    for (unsigned i = 0; i < CREW; i++) {
        int status = crew_wait(i);
        EXPECT(status == 0, "process %u ended with %d\n", i, status);
    }
    EXPECT(omsgw_call(folder, "list hosts", &answer) == OMSGW_DONE, "%s\n", answer);
    for (const char *at = answer; (at = strstr(at, "\"value\"")); at++) {
        count++;
    }
    EXPECT(count == CREW * EACH, "%u hosts of %u\n", count, (unsigned)(CREW * EACH));
    omsgw_free(answer);
}

/* fault_omsgw [STEP [FOLDER]] */
int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "add") == 0) {
        return run_member(argv);
    }
    const char *folder = world_folder(argc, argv, 2, "fault_omsgw.data");
    unsigned failed = fail_all(folder, world_number(argc, argv, 1, 1));
    run_crew(argv[0], folder);
    (void)printf("%u allocations failed once; %u processes changed one store\n", failed,
                 (unsigned)CREW);
    return 0;
}
