/*
 * Fuzz target: the bounded reader. The input's first byte says how many steps follow, the rest is
 * what they read. Each step is done twice: by rd, and on a model that is three numbers per scope;
 * both must agree, every span must lie in its scope, and bad must stay bad, for all parents too.
 */
#include "fuzz.h"

#include "base/rd.h"

enum { DEPTH = 8 };

struct model {
    size_t at, end; /* positions in the message */
    enum err bad;
};

struct world {
    struct span message;
    struct rd scopes[DEPTH];
    struct model models[DEPTH];
    size_t depth; /* index of the innermost */
};

static void model_mark(struct world *world, enum err bad)
{
    for (size_t i = 0; i <= world->depth; i++) {
        struct model *model = &world->models[i];
        model->bad = model->bad == ERR_OK ? bad : model->bad;
    }
}

/* Moves the innermost scope on; gives the position, or marks all and gives false. */
static bool model_read(struct world *world, size_t count, size_t *at)
{
    struct model *model = &world->models[world->depth];
    if (model->bad == ERR_OK && count > model->end - model->at) {
        model_mark(world, ERR_SHORT);
    }
    if (model->bad != ERR_OK) {
        return false;
    }
    *at = model->at;
    model->at += count;
    return true;
}

static uint64_t model_number(struct world *world, size_t width)
{
    size_t at;
    uint64_t value = 0;
    if (model_read(world, width, &at)) {
        for (size_t i = 0; i < width; i++) {
            value = value * 256 + world->message.at[at + i];
        }
    }
    return value;
}

static void try_number(struct world *world, struct rd *rd, size_t width)
{
    uint64_t want = model_number(world, width);
    uint64_t got = width == 1   ? rd_u8(rd)
                   : width == 2 ? rd_u16(rd)
                   : width == 3 ? rd_u24(rd)
                                : rd_u32(rd);
    CHECK(got == want);
}

static void try_bytes(struct world *world, struct span got, size_t count)
{
    size_t at;
    bool fits = model_read(world, count, &at);
    CHECK(got.len == (fits ? count : 0));
    CHECK(!fits || count == 0 || got.at == world->message.at + at);
}

/* A scope inside, with `width` bytes of length in front (0: the step says it). */
static void try_sub(struct world *world, struct rd *rd, size_t width, size_t count)
{
    struct rd *inner = &world->scopes[world->depth + 1];
    static void (*const subs[])(struct rd *, struct rd *) = {rd_sub8, rd_sub16};
    size_t at = 0;
    if (width > 0) {
        count = (size_t)model_number(world, width);
        subs[width - 1](rd, inner);
    } else {
        rd_sub(rd, inner, count);
    }
    bool fits = model_read(world, count, &at);
    enum err bad = world->models[world->depth].bad;
    world->depth++;
    world->models[world->depth] = (struct model){at, fits ? at + count : at, bad};
}

static void step(struct world *world, uint8_t code)
{
    static const size_t widths[] = {1, 2, 3, 4};
    struct rd *rd = &world->scopes[world->depth];
    struct model *model = &world->models[world->depth];
    size_t argument = code >> 4;
    switch (code & 0x0F) {
    case 5:
        try_bytes(world, rd_bytes(rd, argument), argument);
        break;
    case 6: {
        size_t left = model->bad == ERR_OK ? model->end - model->at : 0;
        try_bytes(world, rd_rest(rd), left);
        break;
    }
    case 7:
        rd_end(rd);
        if (model->bad == ERR_OK && model->at < model->end) {
            model_mark(world, ERR_TRAILING);
        }
        break;
    case 8:
    case 9:
    case 10:
        if (world->depth + 1 < DEPTH) {
            try_sub(world, rd, (code & 0x0F) - 8U, argument);
        }
        break;
    case 12: /* leave the scope, read or not */
        world->depth -= world->depth > 0;
        break;
    default:
        try_number(world, rd, widths[code % 4]);
    }
}

static void judge(const struct world *world)
{
    for (size_t i = 0; i <= world->depth; i++) {
        const struct rd *rd = &world->scopes[i];
        const struct model *model = &world->models[i];
        CHECK(rd_result(rd) == model->bad);
        CHECK(rd_more(rd) == (model->bad == ERR_OK && model->at < model->end));
        CHECK(model->bad == ERR_OK || rd->left.len == 0);
        CHECK(rd->left.len == 0 || (rd->left.at == world->message.at + model->at &&
                                    rd->left.len == model->end - model->at));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = {data, size};
    if (size == 0) {
        return 0;
    }
    size_t steps = data[0] < size - 1 ? data[0] : size - 1;
    struct world world = {.message = span_after(input, 1 + steps)};
    rd_begin(&world.scopes[0], world.message);
    world.models[0] = (struct model){0, world.message.len, ERR_OK};
    for (size_t i = 0; i < steps; i++) {
        step(&world, data[1 + i]);
        judge(&world);
    }
    return 0;
}
