/*
 * The simulator under the suite: pieces and delays from a seed, but no faults that the real
 * backends do not show either when both ends are well.
 */
#include "conform/backends.h"

#include "sim/io_sim.h"

static struct sim_world world;
static uint64_t next_seed;

void backend_begin_sim(struct conform *conform)
{
    sim_begin(&world, ++next_seed);
    world.faults.split_recv = world.faults.split_send = world.faults.delayed = 3000;
    world.faults.delay_ms_max = 3;
    world.answer = backend_answer;
    world.asked = backend_count_asked;
    conform->setup.backend = &io_sim;
    conform->setup.world = &world;
    conform->tells_resets = true;
    conform->turns_away = true;
    struct resolve_setup setup = {.queued = sim_name_queued, .context = &world};
    backend_begin_resolver(conform, &setup);
}

void backend_end_sim(struct conform *conform)
{
    backend_end_resolver(conform);
}
