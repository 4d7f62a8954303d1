/*
 * Proves how a failed CHECK ends the process, in child processes: by SIGABRT, with the sentence on
 * stderr; the hook is called once, also when it returns, when it trips a CHECK itself, and when
 * several threads trip one at the same time.
 */
#include "base/atom.h"
#include "unit/threads.h"
#include "unit/unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *word)
{
    (void)fputs(word, stderr);
    (void)fflush(stderr);
}

static void returning_hook(const char *sentence)
{
    (void)sentence;
    say("[hook]");
}

static void failing_hook(const char *sentence)
{
    (void)sentence;
    say("[hook]");
    CHECK_NEVER("inside the hook");
}

static void trip(void)
{
    CHECK_NEVER("outside");
}

enum { THREADS = 3 };

static struct atom_u64 ready;

/* All threads are about to fail, or have failed; then they get turns to do what they must not. */
static void hook_that_all_others_outrun(const char *sentence)
{
    (void)sentence;
    say("[hook]");
    for (int turns = 0; turns < 10 || atom_load(&ready) < THREADS; turns++) {
        thread_pause();
    }
    say("[left]");
}

static void trip_with_the_others(void *arg)
{
    (void)arg;
    (void)atom_add(&ready, 1);
    trip();
}

static void trip_in_all_threads(void)
{
    for (int i = 0; i < THREADS; i++) {
        (void)thread_start(trip_with_the_others, NULL);
    }
    for (;;) {
        thread_pause();
    }
}

/* What a child says on stderr while it trips a CHECK; the status of its end is the answer. */
static int say_in_a_child(void (*body)(void), void (*hook)(const char *), char *said, size_t size)
{
    int ends[2], status = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]); /* who writes on and on then gets SIGPIPE */
        (void)dup2(ends[1], STDERR_FILENO);
        check_set_hook(hook);
        body();
    }
    (void)close(ends[1]);
    size_t used = 0;
    ssize_t more;
    while (used + 1 < size && (more = read(ends[0], said + used, size - 1 - used)) > 0) {
        used += (size_t)more;
    }
    said[used] = '\0';
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static size_t count_of(const char *text, const char *word)
{
    size_t count = 0;
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
        count++;
    }
    return count;
}

static void a_failed_check_aborts(void **state)
{
    (void)state;
    const struct {
        const char *name;
        void (*hook)(const char *);
        size_t hooks, inside, outside;
    } rows[] = {
        {"no hook", NULL, 0, 0, 1},
        {"a hook that returns", returning_hook, 1, 0, 1},
        {"a hook that fails", failing_hook, 1, 1, 0},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        char said[4096];
        int status = say_in_a_child(trip, rows[i].hook, said, sizeof said);
        unit_holds(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "%s: status %d, said %s",
                   rows[i].name, status, said);
        unit_holds(count_of(said, "[hook]") == rows[i].hooks, "%s: %s", rows[i].name, said);
        unit_holds(count_of(said, "CHECK failed: inside the hook\n") == rows[i].inside, "%s: %s",
                   rows[i].name, said);
        unit_holds(count_of(said, "CHECK failed: outside\n") == rows[i].outside, "%s: %s",
                   rows[i].name, said);
    }
}

/* One sentence, one call of the hook, to its end: the others wait. */
static void threads_that_fail_at_once_have_one_end(void **state)
{
    (void)state;
    for (int round = 0; round < 5; round++) {
        char said[4096];
        int status =
            say_in_a_child(trip_in_all_threads, hook_that_all_others_outrun, said, sizeof said);
        unit_holds(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "status %d, said %s", status,
                   said);
        unit_holds(count_of(said, "[hook][left]") == 1, "%s", said);
        unit_holds(count_of(said, "[hook]") == 1, "%s", said);
        unit_holds(count_of(said, "CHECK failed: outside\n") == 1, "%s", said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_check_aborts),
        cmocka_unit_test(threads_that_fail_at_once_have_one_end),
    };
    return cmocka_run_group_tests_name("check_linux", tests, NULL, NULL);
}
