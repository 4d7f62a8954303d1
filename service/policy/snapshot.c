/*
 * The hash table of a snapshot. Its seed comes from outside and is secret, because a downloaded
 * list is a stranger's: nobody can choose names that share a head.
 */
#include "policy/snapshot.h"

#include "base/hash.h"

#include <stdlib.h>

static uint32_t snapshot_hash(const uint64_t seed[2], struct span key)
{
    return (uint32_t)(hash_keyed(seed, key) >> 32);
}

struct span snapshot_text(const struct snapshot *snapshot, const struct snapshot_row *row)
{
    return span_of(snapshot->text + row->text, row->text_len);
}

static struct span snapshot_pairs(const struct snapshot *snapshot, const struct snapshot_row *row)
{
    return span_of(snapshot->text + row->text + row->text_len, row->pairs_len);
}

/* By what a row is found: its text, or one pair of its subject. */
static struct span snapshot_key(const struct snapshot *snapshot, const struct snapshot_row *row)
{
    return row->kind == SNAPSHOT_SUBJECT ? subject_key(snapshot_pairs(snapshot, row))
                                         : snapshot_text(snapshot, row);
}

/* `pairs`: of the subject that must match, of which the key is one; empty for hosts. */
static const struct snapshot_row *snapshot_find(const struct snapshot *snapshot, unsigned kind,
                                                struct span key, struct span pairs)
{
    uint32_t hash = snapshot_hash(snapshot->seed, key);
    uint32_t number = snapshot->heads[hash & (snapshot->head_count - 1)];
    while (number > 0) {
        const struct snapshot_row *row = &snapshot->rows[number - 1];
        if (row->hash == hash && row->kind == kind &&
            span_equal(snapshot_key(snapshot, row), key) &&
            subject_matches(snapshot_pairs(snapshot, row), pairs)) {
            return row;
        }
        number = row->next;
    }
    return NULL;
}

const struct snapshot_row *snapshot_find_host(const struct snapshot *snapshot,
                                              const struct pattern *host)
{
    struct span label, none = {NULL, 0}, name = pattern_span(host);
    const struct snapshot_row *row = snapshot_find(snapshot, host->kind, name, none);
    bool done = host->kind == PATTERN_ADDRESS;
    while (!row && span_cut(&name, '.', &done, &label)) {
        row = snapshot_find(snapshot, PATTERN_SUFFIX, name, none);
    }
    return row;
}

const struct snapshot_row *snapshot_find_subject(const struct snapshot *snapshot, struct span pairs)
{
    const struct snapshot_row *row = NULL;
    struct span pair, rest = pairs;
    while (!row && snapshot->subject_count > 0 && subject_cut_pair(&rest, &pair)) {
        row = snapshot_find(snapshot, SNAPSHOT_SUBJECT, pair, pairs);
    }
    return row;
}

static int snapshot_compare_ids(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;
    return *left < *right ? -1 : *left > *right;
}

bool snapshot_has_subject(const struct snapshot *snapshot, uint64_t id)
{
    return bsearch(&id, snapshot->subjects, snapshot->subject_count, sizeof id,
                   snapshot_compare_ids);
}

void snapshot_sort_subjects(struct snapshot *snapshot)
{
    for (uint32_t i = 0; i < snapshot->row_count; i++) {
        if (snapshot->rows[i].kind == SNAPSHOT_SUBJECT) {
            snapshot->subjects[snapshot->subject_count++] = snapshot->rows[i].id;
        }
    }
    qsort(snapshot->subjects, snapshot->subject_count, sizeof *snapshot->subjects,
          snapshot_compare_ids);
}

void snapshot_link(struct snapshot *snapshot, uint32_t number)
{
    struct snapshot_row *row = &snapshot->rows[number - 1];
    row->hash = snapshot_hash(snapshot->seed, snapshot_key(snapshot, row));
    uint32_t *head = &snapshot->heads[row->hash & (snapshot->head_count - 1)];
    row->next = *head;
    *head = number;
}
