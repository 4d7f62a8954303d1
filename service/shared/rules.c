/*
 * Counting: tunnels in a cell, cells in the rules. Knows nothing of what the rules say.
 */
#include "shared/rules.h"

void rules_init(struct rules *rules, uint64_t cells)
{
    CHECK(cells > 0 && rules->snapshot && rules->unused);
    atom_store(&rules->holders, cells);
}

void rules_begin(struct rules_cell *cell, struct rules *rules)
{
    *cell = (struct rules_cell){.rules = rules, .current = true};
}

static void rules_settle(struct rules_cell *cell)
{
    if (cell->current || cell->users > 0) {
        return;
    }
    struct rules *rules = cell->rules;
    cell->rules = NULL;
    if (atom_add(&rules->holders, UINT64_MAX) == 1) { /* one less; it was the last */
        rules->unused(rules);                         /* the cell may lie in its memory */
    }
}

void rules_take(struct rules_cell *cell)
{
    CHECK(cell->rules && cell->current);
    cell->users++;
}

void rules_give(struct rules_cell *cell)
{
    CHECK(cell->rules && cell->users > 0);
    cell->users--;
    rules_settle(cell);
}

void rules_retire(struct rules_cell *cell)
{
    CHECK(cell->rules && cell->current);
    cell->current = false;
    rules_settle(cell);
}
