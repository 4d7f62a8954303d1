/*
 * The made-up names, and the resolver with threads that asks for them.
 */
#include "conform/backends.h"

static struct resolve resolver;
static struct sys_lock lock;
static struct sys_signal released;
static bool holding;
static uint32_t times_asked;

static const struct resolve_fixed fixed[] = {
    {.name = SPAN("fixed.test"), .count = 1, .addrs = {{ADDR_IPV4, {192, 0, 2, 9}}}},
};

static bool is_slow(struct span name)
{
    return name.len > 4 && span_is(span_first(name, 4), "slow");
}

static void answer_now(struct span name, struct resolve_answer *answer)
{
    bool good = span_is_nocase(name, "good.test"), slow = is_slow(name);
    *answer = (struct resolve_answer){.result = ERR_NAME_UNKNOWN};
    if (good || slow) {
        answer->result = ERR_OK;
        answer->count = 1;
        answer->addrs[0] = (struct addr){ADDR_IPV4, {192, 0, 2, good ? 1 : 2}};
    } else if (span_is(name, "failing.test")) {
        answer->result = ERR_NAME_FAILED;
    }
}

static void ask_and_wait(struct span name, struct resolve_answer *answer)
{
    sys_lock_take(&lock);
    times_asked++;
    while (holding && is_slow(name)) {
        sys_signal_wait(&released, &lock);
    }
    sys_lock_give(&lock);
    answer_now(name, answer);
}

bool backend_answer(struct span name, struct resolve_answer *answer)
{
    if (holding && is_slow(name)) {
        return false;
    }
    answer_now(name, answer);
    return true;
}

void backend_count_asked(void)
{
    times_asked++;
}

void backend_hold_slow_names(bool hold)
{
    sys_lock_take(&lock);
    holding = hold;
    sys_signal_all(&released);
    sys_lock_give(&lock);
}

uint32_t backend_times_asked(void)
{
    sys_lock_take(&lock);
    uint32_t asked = times_asked;
    sys_lock_give(&lock);
    return asked;
}

void backend_begin_resolver(struct conform *conform, const struct resolve_setup *how)
{
    struct resolve_setup setup = *how;
    setup.positive_ms = setup.negative_ms = BACKEND_KEPT_MS;
    setup.threads_max = RESOLVE_THREADS_MAX;
    setup.fixed = fixed;
    setup.fixed_count = sizeof fixed / sizeof fixed[0];
    sys_lock_init(&lock);
    sys_signal_init(&released);
    holding = false;
    times_asked = 0;
    resolve_open(&resolver, &setup);
    conform->resolve = conform->setup.resolve = &resolver;
}

void backend_begin_threads(struct conform *conform)
{
    struct resolve_setup setup = {.ask = ask_and_wait};
    backend_begin_resolver(conform, &setup);
}

void backend_end_resolver(struct conform *conform)
{
    backend_hold_slow_names(false);
    resolve_shut(conform->resolve);
    sys_signal_end(&released);
    sys_lock_end(&lock);
}
