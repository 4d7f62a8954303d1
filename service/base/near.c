/*
 * near.h: the distance of Levenshtein, one row of its table at a time.
 */
#include "base/near.h"

size_t near_distance(struct span from, struct span to)
{
    size_t row[NEAR_MAX + 1]; /* of the table: from the letters so far to each start */
    if (from.len > NEAR_MAX || to.len > NEAR_MAX) {
        return SIZE_MAX;
    }
    for (size_t k = 0; k <= to.len; k++) {
        row[k] = k;
    }
    for (size_t i = 0; i < from.len; i++) {
        size_t across = row[0];
        row[0] = i + 1;
        for (size_t k = 0; k < to.len; k++) {
            size_t exchange = across + (span_lower(from.at[i]) != span_lower(to.at[k]));
            size_t change = (row[k] < row[k + 1] ? row[k] : row[k + 1]) + 1;
            across = row[k + 1];
            row[k + 1] = exchange < change ? exchange : change;
        }
    }
    return row[to.len];
}

bool near_enough(size_t distance, struct span known)
{
    return distance <= known.len / 3;
}
