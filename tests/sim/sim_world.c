/*
 * The simulated world apart from its sockets: chance and faults from the seed, the hash, and names
 * that take their time.
 */
#include "sim/io_sim.h"

#include <string.h>

uint64_t sim_random(struct sim_world *world)
{
    world->random += 0x9e3779b97f4a7c15; /* splitmix64 */
    uint64_t mixed = world->random;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    return mixed ^ mixed >> 31;
}

uint64_t sim_below(struct sim_world *world, uint64_t limit)
{
    CHECK(limit > 0);
    return sim_random(world) % limit;
}

bool sim_chance(struct sim_world *world, uint32_t in_10000)
{
    return in_10000 > 0 && sim_below(world, 10000) < in_10000;
}

void sim_begin(struct sim_world *world, uint64_t seed)
{
    struct sim_end *ends = world->ends;
    for (size_t i = 0; i < SIM_ENDS; i++) {
        ends[i].used = false; /* inboxes keep what they had: nobody reads it */
    }
    memset(world->listeners, 0, sizeof world->listeners);
    memset(world->questions, 0, sizeof world->questions);
    world->random = seed;
    world->now_ms = 1000;
    world->trace = 0xcbf29ce484222325;
    world->serial = world->progress = 0;
    world->any_address = false;
    world->absent = world->mute = world->slow = world->apart = (struct addr){.family = ADDR_NONE};
    world->next_port = 20000;
    world->resolve = NULL;
    world->queued = false;
    world->asking = 0;
    world->exhausted_ms = 0;
    world->answer = NULL;
    world->asked = NULL;
    world->faults = (struct sim_faults){.inbox = SIM_INBOX};
    list_init(&world->pending);
}

/* Zero, rare or frequent: a network that never resets but splits every byte is worth a run too. */
static uint32_t sim_draw_rate(struct sim_world *world, uint32_t most)
{
    static const uint32_t parts[] = {0, 0, 50, 10, 2, 1};
    uint32_t part = parts[sim_below(world, sizeof parts / sizeof parts[0])];
    return part == 0 ? 0 : most / part;
}

void sim_draw_faults(struct sim_world *world)
{
    struct sim_faults *faults = &world->faults;
    faults->split_recv = sim_draw_rate(world, 10000);
    faults->split_send = sim_draw_rate(world, 10000);
    faults->delayed = sim_draw_rate(world, 10000);
    faults->delay_ms_max = (uint32_t)sim_below(world, 200) + 1;
    faults->reset = sim_draw_rate(world, 500);
    faults->accept_fails = sim_draw_rate(world, 5000);
    faults->connect_fails = sim_draw_rate(world, 5000);
    faults->connect_hangs = sim_draw_rate(world, 3000);
    faults->name_fails = sim_draw_rate(world, 5000);
    faults->name_delay_ms_max = (uint32_t)sim_below(world, 3000) + 1;
    faults->inbox = (uint32_t)(16ULL << sim_below(world, 13));
}

void sim_end_faults(struct sim_world *world)
{
    uint32_t inbox = world->faults.inbox;
    world->exhausted_ms = 0;
    world->faults = (struct sim_faults){.inbox = inbox};
}

void sim_expect_rest(const struct sim_world *world)
{
    CHECK(list_empty(&world->pending));
    for (size_t i = 0; i < SIM_ENDS; i++) {
        CHECK(!world->ends[i].used);
    }
    for (size_t i = 0; i < SIM_LISTENERS; i++) {
        CHECK(!world->listeners[i].open);
    }
}

void sim_trace(struct sim_world *world, uint64_t value)
{
    world->trace = (world->trace ^ value) * 0x100000001b3;
}

/* By name: a new row in err.def renumbers the others, and must not change what a seed's hash is. */
void sim_trace_err(struct sim_world *world, enum err err)
{
    for (const char *name = err_name(err); *name; name++) {
        sim_trace(world, (uint8_t)*name);
    }
}

void sim_name_queued(void *context, struct resolve *resolve)
{
    struct sim_world *world = context;
    world->resolve = resolve;
    world->queued = true;
}

static void sim_take_questions(struct sim_world *world)
{
    for (size_t i = 0; i < SIM_QUESTIONS && world->queued; i++) {
        struct sim_question *question = &world->questions[i];
        if (question->entry) {
            continue;
        }
        question->entry = resolve_next(world->resolve);
        world->queued = question->entry != NULL;
        if (question->entry) {
            world->asking++;
            uint64_t most_ms = world->faults.name_delay_ms_max;
            question->due_ms = world->now_ms + (most_ms > 0 ? sim_below(world, most_ms) : 0);
            if (world->asked) {
                world->asked();
            }
        }
    }
}

static void sim_answer(struct sim_world *world, struct sim_question *question)
{
    struct resolve_answer answer = {.result = ERR_NAME_FAILED};
    struct span name = span_of(question->entry->name, question->entry->name_len);
    if (sim_chance(world, world->faults.name_fails) || world->answer(name, &answer)) {
        sim_trace_err(world, answer.result);
        world->progress++;
        resolve_answered(world->resolve, question->entry, &answer, world->now_ms);
        question->entry = NULL;
        world->asking--;
    }
}

void sim_answer_questions(struct sim_world *world)
{
    sim_take_questions(world);
    for (size_t i = 0; i < SIM_QUESTIONS && world->asking > 0; i++) {
        struct sim_question *question = &world->questions[i];
        if (question->entry && question->due_ms <= world->now_ms) {
            sim_answer(world, question);
        }
    }
}
