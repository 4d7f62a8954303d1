/*
 * The city's runner.
 *
 *     sim_city SEED             one seed: each step of each tunnel, what was drawn, the hash
 *     sim_city FIRST COUNT      so many seeds; prints the sums, the rows of the tunnel's table that
 *                               no seed has come to, and one hash over all hashes
 *
 * A checker that fails prints the seed: `sim_city SEED` then shows the same run again.
 */
#include "sim/city.h"

#include <stdio.h>

enum { ALL_ROWS_FROM = 1000 }; /* so many seeds come to every row of the table */

static struct city city;
static uint64_t running;

static void print_client(const struct city_client *client)
{
    (void)fprintf(stderr, "client %u: %s, head %s, %s%s%s%s%s%s%s%stalk %d, early %u of %u\n",
                  (unsigned)client->number, client->host ? client->host->name : "no host",
                  err_name(client->head_err), client->deaf ? "deaf, " : "",
                  client->faulty ? "early, " : "", client->drained ? "drained, " : "",
                  client->granted ? "granted, " : "", client->refused ? "refused, " : "",
                  client->shut            ? "shut, "
                  : client->aborts_ms > 0 ? "aborts, "
                                          : "",
                  client->eof ? "ended, " : "", client->reset ? "reset, " : "", (int)client->talk,
                  (unsigned)client->early, (unsigned)client->total);
    (void)fprintf(stderr,
                  "sent %u, received %u, %u records: %s; answered %s, rules %u to %u\n%.*s\n",
                  (unsigned)client->sent, (unsigned)client->received, (unsigned)client->records,
                  err_name(client->record.verdict),
                  client->answer ? err_name(client->answer->err) : "nothing",
                  (unsigned)city.rules[client->first_rules].kind,
                  (unsigned)city.rules[client->last_rules].kind, (int)client->said_len,
                  (const char *)client->said);
    (void)fprintf(stderr, "TLS in manner %u, cut to %u; heard %u, and %u bytes of an alert (%u)\n",
                  (unsigned)(client->shake - city_shake(0)), (unsigned)client->side.cut,
                  (unsigned)client->heard, (unsigned)client->alert_len, (unsigned)client->alert[6]);
    (void)fprintf(stderr, "recorded: %llu to the server, %llu to the client\n",
                  (unsigned long long)client->record.bytes_to_server,
                  (unsigned long long)client->record.bytes_to_client);
    if (client->talk >= 0) {
        const struct city_talk *talk = &city.talks[client->talk];
        (void)fprintf(stderr, "its server received %u, had %u to say%s%s\n",
                      (unsigned)talk->received, (unsigned)talk->total,
                      talk->shut ? ", said all" : "", talk->ended ? ", heard the end" : "");
    }
}

static void print_seed(const char *sentence)
{
    (void)fflush(stdout);
    (void)fprintf(stderr, "seed %llu: %s\n", (unsigned long long)running, sentence);
    if (city.judged) {
        print_client(city.judged);
    }
}

static struct city_result run(uint64_t seed)
{
    running = seed;
    check_set_hook(print_seed);
    return city_run(&city, seed);
}

static int run_one(uint64_t seed)
{
    city.told = true;
    struct city_result result = run(seed);
    const struct sim_faults *faults = &result.faults;
    (void)printf("seed %llu: %u clients, %u granted, %u complete, %u denied, "
                 "%u refused, %llu ms, "
                 "hash %016llx\n",
                 (unsigned long long)seed, (unsigned)result.clients, (unsigned)result.granted,
                 (unsigned)result.complete, (unsigned)result.denied, (unsigned)result.refused,
                 (unsigned long long)result.now_ms, (unsigned long long)result.trace);
    (void)printf("rates in 10000: split_recv %u, split_send %u, delayed %u (up to %u ms), reset %u,"
                 " accept_fails %u, connect_fails %u, connect_hangs %u, name_fails %u; inbox %u\n",
                 (unsigned)faults->split_recv, (unsigned)faults->split_send,
                 (unsigned)faults->delayed, (unsigned)faults->delay_ms_max, (unsigned)faults->reset,
                 (unsigned)faults->accept_fails, (unsigned)faults->connect_fails,
                 (unsigned)faults->connect_hangs, (unsigned)faults->name_fails,
                 (unsigned)faults->inbox);
    return 0;
}

static int run_many(uint64_t first, uint64_t count)
{
    uint64_t clients = 0, granted = 0, complete = 0, denied = 0, refused = 0, hash = 0;
    for (uint64_t seed = first; seed < first + count; seed++) {
        struct city_result result = run(seed);
        clients += result.clients;
        granted += result.granted;
        complete += result.complete;
        denied += result.denied;
        refused += result.refused;
        hash = hash * 31 + result.trace;
    }
    uint32_t unvisited = city_unvisited();
    (void)printf("sim_city: %llu seeds passed, %llu clients, %llu granted, %llu complete, "
                 "%llu denied, %llu refused, %u rows not visited, hash %016llx\n",
                 (unsigned long long)count, (unsigned long long)clients,
                 (unsigned long long)granted, (unsigned long long)complete,
                 (unsigned long long)denied, (unsigned long long)refused, (unsigned)unvisited,
                 (unsigned long long)hash);
    bool lively = granted > clients / 10 && complete > clients / 50 && refused > clients / 10 &&
                  denied > clients / 50;
    bool few = count < ALL_ROWS_FROM;
    return few || (lively && unvisited == 0) ? 0 : 1;
}

int main(int argc, char **argv)
{
    uint64_t seed = 0, count = 0;
    int status = 2;
    city_begin();
    if (argc == 2 && span_number(span_str(argv[1]), 0, UINT64_MAX, &seed) == ERR_OK) {
        status = run_one(seed);
    } else if (argc == 3 && span_number(span_str(argv[1]), 0, UINT32_MAX, &seed) == ERR_OK &&
               span_number(span_str(argv[2]), 1, UINT32_MAX, &count) == ERR_OK) {
        status = run_many(seed, count);
    } else {
        (void)fprintf(stderr, "usage: sim_city SEED | sim_city FIRST COUNT\n");
    }
    city_end();
    return status;
}
