/*
 * The compiler of snapshots: reads every row once to judge and measure it, allocates one block,
 * reads them again into it. Knows patterns and subjects, not where rows are kept.
 */
#include "policy/say.h"
#include "policy/snapshot.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_NAMED = 3 };

/* One row, read. */
struct compile_row {
    unsigned kind;
    struct span text, pairs;
    struct pattern pattern;
    struct subject_row subject;
};

static enum err compile_read(const struct policy_row *row, struct compile_row *read,
                             struct out *why)
{
    if (row->list == POLICY_SUBJECTS) {
        TRY(subject_parse(row->text, &read->subject, why));
        read->kind = SNAPSHOT_SUBJECT;
        read->text = span_of(read->subject.text, read->subject.text_len);
        read->pairs = span_of(read->subject.pairs, read->subject.pairs_len);
        return ERR_OK;
    }
    TRY(pattern_parse(row->text, &read->pattern, why));
    read->kind = read->pattern.kind;
    read->text = pattern_span(&read->pattern);
    read->pairs = span_str("");
    return ERR_OK;
}

static void compile_put(struct snapshot *snapshot, uint32_t number, const struct policy_row *row,
                        const struct compile_row *read, size_t at)
{
    snapshot->rows[number] = (struct snapshot_row){.id = row->id,
                                                   .text = (uint32_t)at,
                                                   .text_len = (uint16_t)read->text.len,
                                                   .pairs_len = (uint16_t)read->pairs.len,
                                                   .kind = (uint8_t)read->kind,
                                                   .origin = (uint8_t)row->origin};
    memcpy(snapshot->text + at, read->text.at, read->text.len);
    memcpy(snapshot->text + at + read->text.len, read->pairs.at, read->pairs.len);
}

/* A row that is wrong goes off the list; what would be right in its place nobody asked for. */
static void compile_say(const struct policy_row *row, struct span wrong, struct out *why)
{
    struct span sentence, how, command;
    bool host = row->list == POLICY_HOSTS;
    (void)say_cut(wrong, &sentence, &how, &command);
    out_put(why, sentence);
    if (row->origin == SNAPSHOT_LOCAL && row->text.len <= SUBJECT_TEXT_MAX &&
        say_is_plain(row->text)) {
        say_right(true, host ? "host remove \"" : "certificate remove \"", why);
        out_put(why, row->text);
        out_char(why, '"');
    }
}

/* What the good rows need. */
struct compile_size {
    uint32_t rows;
    size_t bytes; /* of their texts */
};

/* Reads every row, into the snapshot where there is one. */
static enum err compile_rows(const struct policy_source *source, struct snapshot *snapshot,
                             struct compile_size *size, struct out *why)
{
    size_t count = 0;
    *size = (struct compile_size){0};
    for (uint32_t i = 0; i < source->row_count; i++) {
        char wrong_place[SUBJECT_WHY_MAX], place[SUBJECT_WHY_MAX];
        struct out wrong, sentence;
        struct compile_row read;
        out_begin(&wrong, wrong_place, sizeof wrong_place);
        out_begin(&sentence, place, sizeof place);
        if (compile_read(&source->rows[i], &read, &wrong) == ERR_OK) {
            if (snapshot) {
                compile_put(snapshot, size->rows, &source->rows[i], &read, size->bytes);
            }
            size->rows++;
            size->bytes += read.text.len + read.pairs.len;
            continue;
        }
        compile_say(&source->rows[i], out_span(&wrong), &sentence);
        if (source->leave_out && !snapshot) {
            source->leave_out(source->context, &source->rows[i], out_span(&sentence));
        } else if (!source->leave_out && ++count <= ROWS_NAMED) {
            out_str(why, count > 1 ? " - row " : "row ");
            out_u64(why, source->rows[i].id);
            out_str(why, ": ");
            out_put(why, out_span(&sentence));
        }
    }
    if (count > ROWS_NAMED) {
        out_str(why, " - and wrong rows besides: ");
        out_u64(why, count - ROWS_NAMED);
    }
    return count > 0 ? ERR_RULES : size->bytes > UINT32_MAX ? ERR_LONG : ERR_OK;
}

/* One block: the parts follow each other, those that need most alignment first. */
static struct snapshot *compile_allocate(const struct policy_source *source,
                                         const struct compile_size *size)
{
    struct snapshot plan = {.settings = *source->settings,
                            .seed = {source->seed[0], source->seed[1]},
                            .row_count = size->rows,
                            .own_count = (uint32_t)source->own_count,
                            .head_count = 16};
    while (plan.head_count < plan.row_count) {
        plan.head_count *= 2;
    }
    plan.bytes = sizeof plan + plan.row_count * sizeof *plan.rows +
                 plan.row_count * sizeof *plan.subjects + plan.own_count * sizeof *plan.own +
                 plan.head_count * sizeof *plan.heads + size->bytes;
    struct snapshot *snapshot = malloc(plan.bytes);
    if (snapshot) {
        *snapshot = plan;
        snapshot->rows = (void *)(snapshot + 1);
        snapshot->subjects = (void *)(snapshot->rows + plan.row_count);
        snapshot->own = (void *)(snapshot->subjects + plan.row_count);
        snapshot->heads = (void *)(snapshot->own + plan.own_count);
        snapshot->text = (void *)(snapshot->heads + plan.head_count);
    }
    return snapshot;
}

enum err policy_compile(const struct policy_source *source, struct snapshot **snapshot,
                        struct out *why)
{
    struct compile_size size;
    CHECK(source->row_count < UINT32_MAX / 2 && source->own_count < UINT32_MAX);
    TRY(compile_rows(source, NULL, &size, why));
    struct snapshot *made = compile_allocate(source, &size);
    if (!made) {
        return ERR_MEMORY;
    }
    for (size_t i = 0; i < source->own_count; i++) {
        made->own[i] = source->own[i];
    }
    memset(made->heads, 0, made->head_count * sizeof *made->heads);
    CHECK(compile_rows(source, made, &size, why) == ERR_OK); /* they were judged before */
    for (uint32_t number = made->row_count; number > 0; number--) {
        snapshot_link(made, number); /* the first row is linked last, and so found first */
    }
    snapshot_sort_subjects(made);
    *snapshot = made;
    return ERR_OK;
}

void policy_free(struct snapshot *snapshot)
{
    free(snapshot);
}
