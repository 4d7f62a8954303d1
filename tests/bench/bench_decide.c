/*
 * What a decision costs, with 10 rows and with 100,000, and what compiling 100,000 costs. Nothing
 * is asserted here: it prints one line a figure.
 *
 *     bench_decide     nanoseconds a decision (processor time, the best of several turns)
 *
 * "one client" asks the same few names again and again, as agents do; "all names" goes through as
 * many different names as there are rows, so that no cache of the processor holds what is needed:
 * the names themselves come from memory then, with 10 rows as with 100,000.
 */
#include "policy/decide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FEW = 10, MANY = 100000, NAME_MAX = 64, ASKS = 200000, TURNS = 15, SAME = 8 };

static char names[MANY][NAME_MAX]; /* what is asked: hits, hits below wildcards, misses by turns */
static char texts[MANY][NAME_MAX]; /* what is listed */
static struct policy_row rows[MANY];
static struct settings settings;

static double now_s(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static void fill(void)
{
    for (unsigned i = 0; i < MANY; i++) {
        bool wildcard = i % 2 == 1;
        (void)snprintf(texts[i], NAME_MAX,
                       wildcard ? "*.w%05u.example.com" : "host%05u.example.com", i);
        (void)snprintf(names[i], NAME_MAX,
                       i % 4 == 3 ? "nothing%05u.example.org"
                       : wildcard ? "a.w%05u.example.com"
                                  : "Host%05u.example.com",
                       i);
        rows[i] = (struct policy_row){POLICY_HOSTS, SNAPSHOT_LOCAL, i + 1, span_str(texts[i])};
    }
}

static struct snapshot *compile(size_t count)
{
    static char place[POLICY_WHY_MAX];
    struct snapshot *snapshot = NULL;
    struct policy_source source = {
        .settings = &settings, .rows = rows, .row_count = count, .seed = {0x1234, 0x5678}};
    struct out why;
    out_begin(&why, place, sizeof place);
    double begin = now_s();
    CHECK(policy_compile(&source, &snapshot, &why) == ERR_OK);
    (void)printf("compile %zu rows: %.3f s, %zu bytes\n", count, now_s() - begin, snapshot->bytes);
    return snapshot;
}

static unsigned allowed; /* keeps the answers in use */

/* Nanoseconds a decision, over the first `distinct` names. */
static double ask(const struct snapshot *snapshot, size_t distinct)
{
    struct policy_request request = {.client = {ADDR_IPV4, {10, 0, 0, 1}}, .port = 443};
    double begin = now_s();
    for (size_t i = 0; i < ASKS; i++) {
        struct policy_rule rule;
        request.host = span_str(names[i * 7919 % distinct]);
        allowed += policy_decide_request(snapshot, &request, &rule) == ERR_OK;
    }
    return (now_s() - begin) / ASKS * 1e9;
}

static void compare(const char *what, const struct snapshot *few, const struct snapshot *many,
                    size_t distinct)
{
    double best_few = 1e9, best_many = 1e9;
    for (int i = 0; i < TURNS; i++) { /* by turns, so that a busy machine disturbs both */
        double one = ask(few, distinct), other = ask(many, distinct);
        best_few = one < best_few ? one : best_few;
        best_many = other < best_many ? other : best_many;
    }
    (void)printf("decide, %s: %.0f ns with %d rows, %.0f ns with %d rows, ratio %.2f\n", what,
                 best_few, FEW, best_many, MANY, best_many / best_few);
}

/* An address that is judged by the whole table, and one in a handshake's first look. */
static void others(const struct snapshot *many)
{
    struct policy_target target = {{{ADDR_IPV6, {0x26, 6, 0x47}}, 443}, false};
    struct policy_tls tls = {.host = span_str("host00000.example.com"),
                             .sni = span_str("host00000.example.com"),
                             .offered_least = 0x0303,
                             .offered_most = 0x0304};
    struct policy_rule rule;
    double begin = now_s();
    for (int i = 0; i < ASKS; i++) {
        allowed += policy_decide_target(many, &target, &rule) == ERR_OK;
    }
    double middle = now_s();
    for (int i = 0; i < ASKS; i++) {
        allowed += policy_decide_tls(many, &tls, &rule) == ERR_OK;
    }
    (void)printf("decide an address: %.0f ns, a ClientHello: %.0f ns\n",
                 (middle - begin) / ASKS * 1e9, (now_s() - middle) / ASKS * 1e9);
}

int main(void)
{
    settings_init(&settings);
    fill();
    struct snapshot *few = compile(FEW), *many = compile(MANY);
    compare("one client", few, many, SAME);
    compare("a thousand names", few, many, 1000);
    compare("all names", few, many, MANY);
    others(many);
    policy_free(few);
    policy_free(many);
    return allowed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
