/*
 * What a flood of refusals costs the sinks' thread: 100,000 records in ten seconds, each of one
 * client for another host, and one of another client in the middle. Nothing is asserted here.
 *
 *     bench_events_linux      lines, summaries, what was dropped, processor time of the thread
 *
 * The records are made in this thread; what the process needed besides is the sinks' thread's.
 */
#define _POSIX_C_SOURCE 200809L

#include "host/sinks.h"
#include "sys/thread.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { RECORDS = 100000, TICKS = 1000, TICK_MS = 10 };

static double used_s(clockid_t clock)
{
    struct timespec now;
    CHECK(clock_gettime(clock, &now) == 0);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void refuse(struct feed *feed, const char *client, const char *host)
{
    struct event_record record;
    event_begin(&record, EVENT_TargetForbidden, 1795255200123);
    event_text(&record, span_str(client));
    event_text(&record, span_str(host));
    event_number(&record, 443);
    event_text(&record, span_str(err_sentence(ERR_HOST_UNLISTED)));
    event_text(&record, span_str("list of allowed hosts"));
    (void)feed_event(feed, &record);
}

static void flood(struct feed *feed)
{
    char host[64];
    struct sys_lock lock;
    struct sys_signal never; /* what is waited for at most a tick, as a beat */
    sys_lock_init(&lock);
    sys_signal_init(&never);
    sys_lock_take(&lock);
    for (unsigned tick = 0; tick < TICKS; tick++) {
        for (unsigned i = 0; i < RECORDS / TICKS; i++) {
            (void)snprintf(host, sizeof host, "host-%06u.example.com", tick * 1000 + i);
            refuse(feed, "192.0.2.1", host);
        }
        if (tick == TICKS / 2) {
            refuse(feed, "192.0.2.2", "quiet.example.com");
        }
        sys_signal_wait_ms(&never, &lock, TICK_MS);
    }
    sys_lock_give(&lock);
    sys_signal_end(&never);
    sys_lock_end(&lock);
}

/* Lines of the other client, summaries, and how many records they all stand for. */
static void count_lines(FILE *stream)
{
    static char line[EVENT_LINE_MAX];
    uint64_t lines = 0, quiet = 0, summaries = 0, told = 0, dropped = 0, number;
    rewind(stream);
    while (fgets(line, sizeof line, stream)) {
        const char *suppressed = strstr(line, "\"suppressed\":"), *lost = strstr(line, "Dropped");
        const char *at = suppressed ? strchr(suppressed, ':') + 1
                         : lost     ? strstr(line, "\"number\":") + 9
                                    : "1}";
        CHECK(span_number(span_first(span_str(at), strcspn(at, "}")), 1, UINT64_MAX, &number) ==
              ERR_OK);
        *(suppressed ? &summaries : lost ? &dropped : &lines) += lost ? number : 1;
        quiet += !suppressed && strstr(line, "192.0.2.2");
        told += number;
    }
    (void)printf("%u records: %" PRIu64 " lines (%" PRIu64 " of the other client), %" PRIu64
                 " summaries, %" PRIu64 " dropped; told of: %" PRIu64 "\n",
                 RECORDS + 1, lines, quiet, summaries, dropped, told);
}

int main(void)
{
    struct sinks *sinks;
    FILE *stream = tmpfile();
    CHECK(stream);
    const struct sinks_setup setup = {.feeds = 1,
                                      .events = 1024,
                                      .accesses = 2,
                                      .sink = {.stream = stream, .form = SINK_JSON},
                                      .level = SEVERITY_INFO,
                                      .access_log = ""};
    CHECK(sinks_start(&setup, &sinks) == ERR_OK);
    flood(sinks_feed(sinks, 0));
    uint64_t events = atom_load(&sinks_counters(sinks)->at[COUNTER_events]);
    double mine_s = used_s(CLOCK_THREAD_CPUTIME_ID);
    sinks_stop(sinks);
    sinks_free(sinks, NULL);
    double all_s = used_s(CLOCK_PROCESS_CPUTIME_ID);
    (void)printf("counter events before the end: %" PRIu64 "\n", events);
    (void)printf("sinks' thread: %.3f s of processor, %.2f us a record; maker: %.3f s\n",
                 all_s - mine_s, (all_s - mine_s) * 1e6 / RECORDS, mine_s);
    count_lines(stream);
    (void)fclose(stream);
    return 0;
}
