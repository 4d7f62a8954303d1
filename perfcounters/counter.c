/*
 * The table of counters in memory, the groups of refusals, and sums.
 */
#include "perfcounters/counter.h"

#include "base/hash.h"

static const struct counter_row {
    const char *name, *perfmon;
    enum counter_kind { COUNTER_TOTAL, COUNTER_LEVEL, COUNTER_PEAK } kind;
} counter_rows[COUNTER_COUNT] = {
#define COUNTER(name, kind, help, perfmon) [COUNTER_##name] = {#name, perfmon, COUNTER_##kind},
#include "perfcounters/counters.def"
#undef COUNTER
};

static const struct counter_row *counter_row(enum counter which)
{
    CHECK((unsigned)which < COUNTER_COUNT);
    return &counter_rows[which];
}

const char *counter_name(enum counter which)
{
    return counter_row(which)->name;
}

const char *counter_perfmon(enum counter which)
{
    return counter_row(which)->perfmon;
}

uint64_t counter_layout(void)
{
    uint64_t layout = 0;
    for (size_t i = 0; i < COUNTER_COUNT; i++) {
        const uint64_t seed[2] = {layout, (uint64_t)counter_rows[i].kind};
        layout = hash_keyed(seed, span_str(counter_rows[i].name));
    }
    return layout;
}

/* Groups by the event that err.def names; COUNTER_COUNT: an error that no event reports. */
static enum counter counter_of_event(uint16_t event)
{
    switch (event) {
    case 0:
        return COUNTER_COUNT;
    case 100:
        return COUNTER_refused_limit;
    case 104:
        return COUNTER_refused_request;
    case 105:
        return COUNTER_refused_host;
    case 106:
    case 402:
        return COUNTER_refused_tls;
    case 403:
        return COUNTER_failed_network;
    default: /* 400, 401 */
        return COUNTER_errors;
    }
}

static enum counter counter_of_err(enum err err)
{
    switch (err) {
    case ERR_CLIENT_UNLISTED:
        return COUNTER_refused_client;
    case ERR_PORT_UNLISTED:
        return COUNTER_refused_port;
    case ERR_ADDRESS_SPECIAL:
    case ERR_ADDRESS_PLATFORM:
    case ERR_ADDRESS_OWN:
        return COUNTER_refused_address;
    case ERR_CERTIFICATE_UNLISTED:
        return COUNTER_refused_certificate;
    default:
        return counter_of_event(err_event(err));
    }
}

void counter_refusal(struct counters *counters, enum err err)
{
    enum counter group = counter_of_err(err);
    if (group == COUNTER_COUNT) {
        return;
    }
    counter_add(counters, group, 1);
    if (group == COUNTER_refused_tls || group == COUNTER_refused_certificate) {
        counter_add(counters, COUNTER_rejections, 1);
    }
    if (group == COUNTER_failed_network) {
        counter_add(counters, COUNTER_errors, 1);
    }
}

void counter_pool(struct counters *counters, enum counter taken, const struct pool *pool)
{
    enum counter peak = (enum counter)(taken + 1), refused = (enum counter)(taken + 2);
    CHECK(counter_row(taken)->kind == COUNTER_LEVEL && counter_row(peak)->kind == COUNTER_PEAK);
    CHECK(counter_row(refused)->kind == COUNTER_TOTAL);
    counter_set(counters, taken, pool->taken);
    counter_set(counters, peak, pool->most_taken);
    counter_set(counters, refused, pool->refused);
}

static uint64_t counter_sum_one(const struct counters *const loops[], size_t count, size_t which)
{
    uint64_t sum = 0, peak = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t value = atom_load(&loops[i]->at[which]);
        sum += value; /* wraps where loops subtract what others added: meant */
        peak = value > peak ? value : peak;
    }
    switch (counter_rows[which].kind) {
    case COUNTER_PEAK:
        return peak;
    case COUNTER_LEVEL: /* seen between a subtraction and its addition it may look negative */
        return sum > INT64_MAX ? 0 : sum;
    default:
        return sum;
    }
}

void counter_sum(const struct counters *const loops[], size_t count, struct counter_sums *sums)
{
    for (size_t which = 0; which < COUNTER_COUNT; which++) {
        sums->at[which] = counter_sum_one(loops, count, which);
    }
}
