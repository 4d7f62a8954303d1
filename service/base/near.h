/*
 * What was probably meant: how far two words are from each other, for sentences that help.
 */
#ifndef BASE_NEAR_H
#define BASE_NEAR_H

#include "base/span.h"

enum { NEAR_MAX = 255 };

/*
 * How many letters to put in, leave out or exchange to make one word of the other, case not
 * counted. SIZE_MAX where one of them is longer than NEAR_MAX.
 */
size_t near_distance(struct span from, struct span to);

/* Whether a word at this distance may have been meant: a third of it may be wrong. */
bool near_enough(size_t distance, struct span known);

#endif
