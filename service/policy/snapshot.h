/*
 * The rules in force: settings and rows in one block of memory that nothing changes until it is
 * given back, with a hash table over hosts, wildcards and subjects, so that a look-up costs one
 * probe for each label of the name, however many rows there are. compile.c makes it, off the data
 * path, and is the only file of this room that allocates.
 */
#ifndef POLICY_SNAPSHOT_H
#define POLICY_SNAPSHOT_H

#include "policy/pattern.h"
#include "policy/subject.h"
#include "settings/settings.h"

enum snapshot_origin {
#define ORIGIN(name, word) SNAPSHOT_##name,
#include "policy/origins.def"
#undef ORIGIN
    SNAPSHOT_ORIGINS
};

enum { SNAPSHOT_SUBJECT = PATTERN_KINDS }; /* a row's kind is that of its pattern, or this */

struct snapshot_row {
    uint64_t id;         /* the store's */
    uint32_t text;       /* where it begins; the pairs of a subject follow it */
    uint32_t hash, next; /* next: number of the next row with the same head, counted from 1 */
    uint16_t text_len, pairs_len;
    uint8_t kind, origin;
};

struct snapshot {
    struct settings settings;
    uint64_t seed[2];
    uint32_t row_count, own_count, subject_count, head_count;
    size_t bytes;         /* of the whole block */
    uint64_t *subjects;   /* subject_count ids of their rows, the least first */
    struct endpoint *own; /* our listeners */
    struct snapshot_row *rows;
    uint32_t *heads; /* head_count, a power of two: numbers of rows, 0 for none */
    uint8_t *text;
};

/* NULL: not listed. The exact row first, then the longest wildcard. */
const struct snapshot_row *snapshot_find_host(const struct snapshot *snapshot,
                                              const struct pattern *host);
const struct snapshot_row *snapshot_find_subject(const struct snapshot *snapshot,
                                                 struct span pairs);
/* Whether the row of a subject that had this id is there. */
bool snapshot_has_subject(const struct snapshot *snapshot, uint64_t id);

/* What a row says, of a wildcard what follows "*.". */
struct span snapshot_text(const struct snapshot *snapshot, const struct snapshot_row *row);

/* For compile.c: puts a filled row into the table; of two that say the same the later is found. */
void snapshot_link(struct snapshot *snapshot, uint32_t number);
void snapshot_sort_subjects(struct snapshot *snapshot); /* the same, when all rows are filled */

enum policy_list { POLICY_HOSTS, POLICY_SUBJECTS };

struct policy_row {
    enum policy_list list;
    enum snapshot_origin origin;
    uint64_t id;
    struct span text;
};

struct policy_source {
    const struct settings *settings;
    const struct policy_row *rows; /* of two that say the same the first is named */
    const struct endpoint *own;    /* our listeners: each address of this machine, if on all */
    size_t row_count, own_count;
    uint64_t seed[2]; /* secret and random */
    /* Hears of each wrong row, which is left out. NULL: one wrong row fails the whole. */
    void (*leave_out)(void *context, const struct policy_row *row, struct span why);
    void *context;
};

enum { POLICY_WHY_MAX = 8192 }; /* a place for *why that is never too small */

/* ERR_RULES: *why names the first wrong rows. ERR_MEMORY. Nothing of the source is kept. */
MUST_CHECK enum err policy_compile(const struct policy_source *source, struct snapshot **snapshot,
                                   struct out *why);
void policy_free(struct snapshot *snapshot);

#endif
