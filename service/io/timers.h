/*
 * Timers: a heap of TIMER ops that needs no memory of its own, because its links lie in the ops
 * (a pairing heap). Owns the order of moments, nothing else; ops of the same moment end in the
 * order in which they were submitted.
 */
#ifndef IO_TIMERS_H
#define IO_TIMERS_H

#include "io/io.h"

void timers_add(struct io_op **heap, struct io_op *op);
void timers_remove(struct io_op **heap, struct io_op *op);
struct io_op *timers_first(struct io_op *heap); /* NULL: none */

#endif
