/*
 * The simulator's runner.
 *
 *     sim SEED             one seed: what it drew, what became of it, its hash
 *     sim FIRST COUNT      so many seeds; prints the sum, and one hash over all hashes
 *
 * A checker that fails prints the seed: `sim SEED` then shows the same run again.
 */
#include "sim/town.h"

#include <stdio.h>
#include <string.h>

static struct town town;
static uint64_t running;

static void print_seed(const char *sentence)
{
    (void)fprintf(stderr, "seed %llu: %s\n", (unsigned long long)running, sentence);
}

static struct town_result run(uint64_t seed)
{
    running = seed;
    check_set_hook(print_seed);
    return town_run(&town, seed);
}

static int run_one(uint64_t seed)
{
    struct town_result result = run(seed);
    const struct sim_faults *faults = &result.faults;
    (void)printf("seed %llu: %u clients, %u complete, %u accepted, %llu ms, hash %016llx\n",
                 (unsigned long long)seed, (unsigned)result.clients, (unsigned)result.completed,
                 (unsigned)result.accepted, (unsigned long long)result.now_ms,
                 (unsigned long long)result.trace);
    (void)printf("rates in 10000: split_recv %u, split_send %u, delayed %u (up to %u ms), reset %u,"
                 " accept_fails %u, connect_fails %u, connect_hangs %u, name_fails %u; inbox %u\n",
                 (unsigned)faults->split_recv, (unsigned)faults->split_send,
                 (unsigned)faults->delayed, (unsigned)faults->delay_ms_max, (unsigned)faults->reset,
                 (unsigned)faults->accept_fails, (unsigned)faults->connect_fails,
                 (unsigned)faults->connect_hangs, (unsigned)faults->name_fails,
                 (unsigned)faults->inbox);
    return 0;
}

/* Two seeds are two networks: most seeds must draw other rates than the seed before. */
static int run_many(uint64_t first, uint64_t count)
{
    uint64_t clients = 0, completed = 0, hash = 0, differ = 0;
    struct sim_faults before = {0};
    for (uint64_t seed = first; seed < first + count; seed++) {
        struct town_result result = run(seed);
        differ += memcmp(&result.faults, &before, sizeof before) != 0 ? 1 : 0;
        before = result.faults;
        clients += result.clients;
        completed += result.completed;
        hash = hash * 31 + result.trace;
    }
    (void)printf("sim: %llu seeds passed, %llu with other rates than the one before, %llu clients,"
                 " %llu of them complete, hash %016llx\n",
                 (unsigned long long)count, (unsigned long long)differ, (unsigned long long)clients,
                 (unsigned long long)completed, (unsigned long long)hash);
    return completed > 0 && differ > count / 2 ? 0 : 1;
}

int main(int argc, char **argv)
{
    uint64_t seed = 0, count = 0;
    if (argc == 2 && span_number(span_str(argv[1]), 0, UINT64_MAX, &seed) == ERR_OK) {
        return run_one(seed);
    }
    if (argc == 3 && span_number(span_str(argv[1]), 0, UINT32_MAX, &seed) == ERR_OK &&
        span_number(span_str(argv[2]), 1, UINT32_MAX, &count) == ERR_OK) {
        return run_many(seed, count);
    }
    (void)fprintf(stderr, "usage: sim SEED | sim FIRST COUNT\n");
    return 2;
}
