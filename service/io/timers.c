/*
 * A pairing heap. Each op knows its first child, its next sibling, and `prev`: the parent when it
 * is a first child, otherwise the sibling before it.
 */
#include "io/timers.h"

/* Later of equals goes below, so that they leave in the order of their numbers. */
static bool timers_before(const struct io_op *a, const struct io_op *b)
{
    if (a->arg.timer.at_ms != b->arg.timer.at_ms) {
        return a->arg.timer.at_ms < b->arg.timer.at_ms;
    }
    CHECK(a->arg.timer.number != b->arg.timer.number);
    return a->arg.timer.number < b->arg.timer.number;
}

/* Both sides of every link agree, and what is below an op is not before it. */
static void timers_check_links(const struct io_op *op)
{
    const struct io_op *child = op->arg.timer.child, *next = op->arg.timer.next,
                       *prev = op->arg.timer.prev;
    CHECK(op->kind == IO_TIMER && op->state == IO_SUBMITTED);
    CHECK(!child || child->arg.timer.prev == op);
    CHECK(!child || timers_before(op, child));
    CHECK(!next || next->arg.timer.prev == op);
    CHECK(!prev || prev->arg.timer.child == op || prev->arg.timer.next == op);
}

/* Of a whole heap: nothing above it, nothing beside it. */
static void timers_check_top(const struct io_op *top)
{
    CHECK(!top->arg.timer.prev && !top->arg.timer.next);
    timers_check_links(top);
}

/* One heap of two; neither has siblings. */
static struct io_op *timers_meld(struct io_op *a, struct io_op *b)
{
    if (!a || !b) {
        return a ? a : b;
    }
    CHECK(a != b);
    timers_check_top(a);
    timers_check_top(b);
    if (timers_before(b, a)) {
        struct io_op *swap = a;
        a = b;
        b = swap;
    }
    b->arg.timer.next = a->arg.timer.child;
    b->arg.timer.prev = a;
    if (a->arg.timer.child) {
        a->arg.timer.child->arg.timer.prev = b;
    }
    a->arg.timer.child = b;
    timers_check_top(a);
    timers_check_links(b);
    return a;
}

static void timers_detach(struct io_op *op)
{
    op->arg.timer.next = NULL;
    op->arg.timer.prev = NULL;
}

/* Melds a chain of siblings in pairs from left to right, then the pairs from right to left. */
static struct io_op *timers_meld_siblings(struct io_op *first)
{
    struct io_op *pairs = NULL; /* linked through next, the last pair first */
    while (first) {
        struct io_op *a = first, *b = a->arg.timer.next;
        CHECK(!b || b->arg.timer.prev == a);
        first = b ? b->arg.timer.next : NULL;
        timers_detach(a);
        if (b) {
            timers_detach(b);
        }
        struct io_op *pair = timers_meld(a, b);
        CHECK(pair == a || pair == b);
        pair->arg.timer.next = pairs;
        pairs = pair;
    }
    struct io_op *heap = NULL;
    while (pairs) {
        struct io_op *pair = pairs;
        pairs = pair->arg.timer.next;
        timers_detach(pair);
        heap = timers_meld(heap, pair);
    }
    return heap;
}

void timers_add(struct io_op **heap, struct io_op *op)
{
    op->arg.timer.child = NULL;
    timers_detach(op);
    *heap = timers_meld(*heap, op);
    CHECK(*heap == op || op->arg.timer.prev);
}

/* Takes `op` out of its parent's chain of children. */
static void timers_cut(struct io_op *op)
{
    struct io_op *prev = op->arg.timer.prev, *next = op->arg.timer.next;
    CHECK(prev);
    if (prev->arg.timer.child == op) {
        prev->arg.timer.child = next;
    } else {
        prev->arg.timer.next = next;
    }
    if (next) {
        next->arg.timer.prev = prev;
    }
    timers_detach(op);
    timers_check_links(prev);
}

void timers_remove(struct io_op **heap, struct io_op *op)
{
    timers_check_links(op);
    struct io_op *below = timers_meld_siblings(op->arg.timer.child);
    op->arg.timer.child = NULL;
    if (*heap != op) {
        timers_cut(op);
        below = timers_meld(*heap, below);
    }
    CHECK(!op->arg.timer.prev && !op->arg.timer.next);
    *heap = below;
    CHECK(timers_first(*heap) != op);
}

struct io_op *timers_first(struct io_op *heap)
{
    if (heap) {
        timers_check_top(heap);
    }
    return heap;
}
