/*
 * The resolver: who asked for what, what is known for how long, and the threads that wait for the
 * system. Everything below the lock is quick; no thread holds it while it asks.
 */
#include "io/resolve.h"

#include "base/hash.h"
#include "io/io_backend.h"
#include "sys/sys.h"

#include <string.h>

static struct span resolve_name(const struct resolve_entry *entry)
{
    return span_of(entry->name, entry->name_len);
}

/* An answer has addresses exactly when it is one. */
static void resolve_check_answer(const struct resolve_answer *answer)
{
    CHECK(answer->count <= IO_NAMES_MAX);
    CHECK((answer->result == ERR_OK) == (answer->count > 0));
}

/* The state says in which list an entry lies and whether anybody may wait for it. */
static void resolve_check_entry(const struct resolve *resolve, const struct resolve_entry *entry)
{
    CHECK(entry >= resolve->entries && entry < resolve->entries + RESOLVE_ENTRIES);
    CHECK(list_linked(&entry->order));
    switch (entry->state) {
    case RESOLVE_FREE:
        CHECK(list_empty(&entry->waiters));
        break;
    case RESOLVE_QUEUED:
        CHECK(!list_empty(&entry->waiters));
        CHECK(resolve->queued > 0);
        break;
    case RESOLVE_ASKED:
        CHECK(resolve->asked > 0);
        break;
    case RESOLVE_KNOWN:
        CHECK(list_empty(&entry->waiters));
        resolve_check_answer(&entry->answer);
        break;
    }
}

/* What is counted is bounded. A thread asks for one name at a time. */
static void resolve_check_counts(const struct resolve *resolve)
{
    CHECK(resolve->queued <= RESOLVE_QUEUE_MAX);
    CHECK((resolve->queued == 0) == list_empty(&resolve->queue));
    CHECK((resolve->asked == 0) == list_empty(&resolve->asking));
    CHECK(resolve->threads <= resolve->setup.threads_max);
    CHECK(resolve->asked <= (resolve->setup.queued ? RESOLVE_ENTRIES : resolve->threads));
}

static void resolve_lock(struct resolve *resolve)
{
    sys_lock_take(&resolve->lock);
    resolve_check_counts(resolve);
}

static void resolve_unlock(struct resolve *resolve)
{
    resolve_check_counts(resolve);
    sys_lock_give(&resolve->lock);
}

static struct resolve_entry **resolve_bucket(struct resolve *resolve, struct span name)
{
    uint8_t lower[IO_NAME_MAX];
    CHECK(name.len > 0 && name.len <= IO_NAME_MAX);
    for (size_t i = 0; i < name.len; i++) {
        lower[i] = span_lower(name.at[i]);
    }
    uint64_t hash = hash_keyed(resolve->setup.seed, span_of(lower, name.len));
    return &resolve->buckets[hash & (RESOLVE_BUCKETS - 1)];
}

static struct resolve_entry *resolve_find(struct resolve *resolve, struct span name)
{
    struct resolve_entry *entry = *resolve_bucket(resolve, name);
    while (entry && !span_equal_nocase(resolve_name(entry), name)) {
        entry = entry->same_hash;
    }
    CHECK(!entry || entry->state != RESOLVE_FREE);
    return entry;
}

static void resolve_init_entries(struct resolve *resolve)
{
    list_init(&resolve->free);
    list_init(&resolve->queue);
    list_init(&resolve->asking);
    list_init(&resolve->known);
    memset(resolve->buckets, 0, sizeof resolve->buckets);
    for (size_t i = 0; i < RESOLVE_ENTRIES; i++) {
        struct resolve_entry *entry = &resolve->entries[i];
        list_node_init(&entry->order);
        list_init(&entry->waiters);
        entry->state = RESOLVE_FREE;
        list_push_last(&resolve->free, &entry->order);
    }
}

void resolve_open(struct resolve *resolve, const struct resolve_setup *setup)
{
    CHECK(setup->threads_max <= RESOLVE_THREADS_MAX && setup->fixed_count <= RESOLVE_FIXED_MAX);
    for (uint32_t i = 0; i < setup->fixed_count; i++) {
        CHECK(setup->fixed[i].count > 0 && setup->fixed[i].count <= IO_NAMES_MAX);
    }
    resolve->setup = *setup;
    if (!resolve->setup.ask) {
        resolve->setup.ask = resolve_ask;
    }
    sys_lock_init(&resolve->lock);
    sys_signal_init(&resolve->work);
    resolve->queued = resolve->asked = resolve->threads = 0;
    resolve->stopping = false;
    resolve_init_entries(resolve);
}

void resolve_shut(struct resolve *resolve)
{
    resolve_lock(resolve);
    resolve->stopping = true;
    sys_signal_all(&resolve->work);
    resolve_unlock(resolve);
    for (uint32_t i = 0; i < resolve->threads; i++) {
        sys_thread_join(&resolve->thread[i]);
    }
    for (size_t i = 0; i < RESOLVE_ENTRIES; i++) {
        CHECK(list_empty(&resolve->entries[i].waiters));
        resolve_check_entry(resolve, &resolve->entries[i]);
    }
    CHECK(resolve->asked == 0 || resolve->setup.queued);
    CHECK(resolve->queued == 0);
    sys_signal_end(&resolve->work);
    sys_lock_end(&resolve->lock);
}

void resolve_set_times(struct resolve *resolve, uint64_t positive_ms, uint64_t negative_ms)
{
    resolve_lock(resolve);
    resolve->setup.positive_ms = positive_ms;
    resolve->setup.negative_ms = negative_ms;
    resolve_unlock(resolve);
}

/* The entry is in no list any more: out of the hash, back to the free ones. */
static void resolve_release(struct resolve *resolve, struct resolve_entry *entry)
{
    CHECK(list_empty(&entry->waiters) && !list_linked(&entry->order));
    CHECK(entry->state != RESOLVE_FREE);
    struct resolve_entry **link = resolve_bucket(resolve, resolve_name(entry));
    while (*link != entry) {
        CHECK(*link);
        link = &(*link)->same_hash;
    }
    *link = entry->same_hash;
    entry->state = RESOLVE_FREE;
    list_push_first(&resolve->free, &entry->order);
    resolve_check_entry(resolve, entry);
}

/* A free entry, if need be the known one that was used longest ago; NULL: all are being asked. */
static struct resolve_entry *resolve_take_entry(struct resolve *resolve)
{
    if (list_empty(&resolve->free) && !list_empty(&resolve->known)) {
        struct list_node *oldest = list_take_first(&resolve->known);
        resolve_release(resolve, list_owner(oldest, struct resolve_entry, order));
    }
    struct list_node *node = list_take_first(&resolve->free);
    if (!node) {
        return NULL;
    }
    struct resolve_entry *entry = list_owner(node, struct resolve_entry, order);
    CHECK(entry->state == RESOLVE_FREE && list_empty(&entry->waiters));
    return entry;
}

/* How much of the queue, or of what is being asked, is a client's. */
static uint32_t resolve_share(const struct list *list, uint64_t client)
{
    uint32_t share = 0;
    list_each (node, list) {
        const struct resolve_entry *entry = list_owner(node, struct resolve_entry, order);
        CHECK(entry->state == RESOLVE_QUEUED || entry->state == RESOLVE_ASKED);
        share += entry->client == client ? 1 : 0;
    }
    return share;
}

static bool resolve_has_room(const struct resolve *resolve, uint64_t client)
{
    return resolve->queued < RESOLVE_QUEUE_MAX &&
           resolve_share(&resolve->queue, client) < RESOLVE_QUEUE_SHARE;
}

/* The first of the queue whose client leaves threads to others; NULL: none. */
static struct resolve_entry *resolve_find_next(const struct resolve *resolve)
{
    list_each (node, &resolve->queue) {
        struct resolve_entry *entry = list_owner(node, struct resolve_entry, order);
        if (resolve_share(&resolve->asking, entry->client) < RESOLVE_ASKED_SHARE) {
            return entry;
        }
    }
    return NULL;
}

/* Under the lock: the next name of the queue is now being asked. */
static struct resolve_entry *resolve_begin(struct resolve *resolve)
{
    struct resolve_entry *entry = resolve_find_next(resolve);
    if (!entry) {
        return NULL;
    }
    CHECK(entry->state == RESOLVE_QUEUED && resolve->queued > 0);
    CHECK(!list_empty(&entry->waiters));
    list_unlink(&entry->order);
    list_push_last(&resolve->asking, &entry->order);
    entry->state = RESOLVE_ASKED;
    resolve->queued--;
    resolve->asked++;
    resolve_check_entry(resolve, entry);
    return entry;
}

static void resolve_copy(struct io_names *names, const struct resolve_answer *answer)
{
    CHECK(names->count == 0); /* nobody has answered before */
    names->count = answer->count;
    memcpy(names->addrs, answer->addrs, answer->count * sizeof answer->addrs[0]);
}

/* Somebody is to look at the queue, if there is anybody who waits for that. */
static void resolve_call(struct resolve *resolve)
{
    if (resolve->setup.queued) {
        resolve->setup.queued(resolve->setup.context, resolve);
    } else {
        sys_signal_one(&resolve->work);
    }
}

/* Under the lock: the answer goes to all who wait, and is kept if it may be. */
static void resolve_end(struct resolve *resolve, struct resolve_entry *entry,
                        const struct resolve_answer *answer, uint64_t now_ms)
{
    CHECK(entry->state == RESOLVE_ASKED);
    resolve_check_entry(resolve, entry);
    resolve_check_answer(answer);
    list_unlink(&entry->order);
    resolve->asked--;
    if (resolve->queued > 0) {
        resolve_call(resolve); /* what waits may have waited for this client's share */
    }
    struct list_node *node;
    while ((node = list_take_first(&entry->waiters))) {
        struct io_op *op = list_owner(node, struct io_op, link);
        CHECK(op->kind == IO_RESOLVE && op->arg.resolve.entry == entry);
        op->arg.resolve.entry = NULL;
        resolve_copy(op->arg.resolve.names, answer);
        op->result = answer->result;
        io_post_finished(op->loop, op);
    }
    uint64_t keep_ms =
        answer->result == ERR_OK ? resolve->setup.positive_ms : resolve->setup.negative_ms;
    if (keep_ms == 0) {
        resolve_release(resolve, entry);
        return;
    }
    entry->state = RESOLVE_KNOWN;
    entry->answer = *answer;
    entry->until_ms = now_ms + keep_ms;
    list_push_last(&resolve->known, &entry->order);
    resolve_check_entry(resolve, entry);
}

struct resolve_entry *resolve_next(struct resolve *resolve)
{
    resolve_lock(resolve);
    struct resolve_entry *entry = resolve_begin(resolve);
    resolve_unlock(resolve);
    return entry;
}

void resolve_answered(struct resolve *resolve, struct resolve_entry *entry,
                      const struct resolve_answer *answer, uint64_t now_ms)
{
    resolve_lock(resolve);
    resolve_end(resolve, entry, answer, now_ms);
    resolve_unlock(resolve);
}

static void resolve_thread(void *context)
{
    struct resolve *resolve = context;
    sys_thread_name("resolve");
    resolve_lock(resolve);
    while (!resolve->stopping) {
        struct resolve_entry *entry = resolve_begin(resolve);
        if (!entry) {
            sys_signal_wait(&resolve->work, &resolve->lock);
            continue;
        }
        resolve_unlock(resolve);
        struct resolve_answer answer = {.result = ERR_NAME_FAILED};
        resolve->setup.ask(resolve_name(entry), &answer);
        resolve_lock(resolve);
        resolve_end(resolve, entry, &answer, sys_monotonic_ms());
    }
    resolve_unlock(resolve);
}

/* Somebody must come for the queue: an idle thread, a new one, or the first that is done. */
static bool resolve_call_worker(struct resolve *resolve)
{
    CHECK(resolve->queued > 0);
    bool all_busy = resolve->asked + resolve->queued > resolve->threads;
    if (!resolve->setup.queued && all_busy && resolve->threads < resolve->setup.threads_max) {
        struct sys_thread *thread = &resolve->thread[resolve->threads];
        if (sys_thread_start(thread, resolve_thread, resolve) == ERR_OK) {
            resolve->threads++;
        }
    }
    resolve_call(resolve);
    return resolve->setup.queued || resolve->threads > 0;
}

/* Takes an entry out of the queue again: nobody waits for it, or nobody can ask. */
static void resolve_unqueue(struct resolve *resolve, struct resolve_entry *entry)
{
    CHECK(entry->state == RESOLVE_QUEUED && resolve->queued > 0);
    CHECK(list_empty(&entry->waiters));
    list_unlink(&entry->order);
    resolve->queued--;
    resolve_release(resolve, entry);
}

static void resolve_enqueue(struct resolve *resolve, struct io_op *op)
{
    const struct io_names *names = op->arg.resolve.names;
    struct resolve_entry *entry =
        resolve_has_room(resolve, names->client) ? resolve_take_entry(resolve) : NULL;
    if (!entry) {
        io_finish(op->loop, op, ERR_EXHAUSTED);
        return;
    }
    entry->state = RESOLVE_QUEUED;
    entry->client = names->client;
    entry->name_len = names->name_len;
    memcpy(entry->name, names->name, names->name_len);
    struct resolve_entry **bucket = resolve_bucket(resolve, resolve_name(entry));
    entry->same_hash = *bucket;
    *bucket = entry;
    list_push_last(&resolve->queue, &entry->order);
    resolve->queued++;
    if (!resolve_call_worker(resolve)) {
        resolve_unqueue(resolve, entry);
        io_finish(op->loop, op, ERR_EXHAUSTED);
        return;
    }
    op->arg.resolve.entry = entry;
    list_push_last(&entry->waiters, &op->link);
    resolve_check_entry(resolve, entry);
}

/* The name is known, or asked for already, or joins the queue. */
static void resolve_look_up(struct resolve *resolve, struct io_op *op)
{
    struct io_names *names = op->arg.resolve.names;
    struct resolve_entry *entry = resolve_find(resolve, span_of(names->name, names->name_len));
    if (entry) {
        resolve_check_entry(resolve, entry);
    }
    if (entry && entry->state == RESOLVE_KNOWN && entry->until_ms <= io_now_ms(op->loop)) {
        list_unlink(&entry->order);
        resolve_release(resolve, entry);
        entry = NULL;
    }
    if (!entry) {
        resolve_enqueue(resolve, op);
    } else if (entry->state == RESOLVE_KNOWN) {
        list_unlink(&entry->order);
        list_push_last(&resolve->known, &entry->order);
        resolve_copy(names, &entry->answer);
        io_finish(op->loop, op, entry->answer.result);
    } else {
        op->arg.resolve.entry = entry;
        list_push_last(&entry->waiters, &op->link);
    }
    CHECK((op->state == IO_SUBMITTED) == (op->arg.resolve.entry != NULL));
}

/* What needs neither lock nor thread: a literal address, a row of the table. */
static bool resolve_answer_here(const struct resolve *resolve, struct io_names *names)
{
    struct span name = span_of(names->name, names->name_len);
    if (addr_parse(name, &names->addrs[0]) == ERR_OK) {
        names->count = 1;
        return true;
    }
    for (uint32_t i = 0; i < resolve->setup.fixed_count; i++) {
        const struct resolve_fixed *fixed = &resolve->setup.fixed[i];
        if (span_equal_nocase(fixed->name, name)) {
            names->count = fixed->count;
            memcpy(names->addrs, fixed->addrs, fixed->count * sizeof fixed->addrs[0]);
            return true;
        }
    }
    return false;
}

void resolve_start(struct resolve *resolve, struct io_op *op)
{
    struct io_names *names = op->arg.resolve.names;
    names->count = 0;
    op->arg.resolve.entry = NULL;
    if (resolve_answer_here(resolve, names)) {
        io_finish(op->loop, op, ERR_OK);
        return;
    }
    resolve_lock(resolve);
    resolve_look_up(resolve, op);
    resolve_unlock(resolve);
}

void resolve_cancel(struct resolve *resolve, struct io_op *op)
{
    resolve_lock(resolve);
    struct resolve_entry *entry = op->arg.resolve.entry;
    CHECK(op->kind == IO_RESOLVE && op->state == IO_SUBMITTED);
    if (entry) { /* otherwise its answer is on its way */
        CHECK(entry->state == RESOLVE_QUEUED || entry->state == RESOLVE_ASKED);
        op->arg.resolve.entry = NULL;
        list_unlink(&op->link);
        if (entry->state == RESOLVE_QUEUED && list_empty(&entry->waiters)) {
            resolve_unqueue(resolve, entry);
        }
        resolve_check_entry(resolve, entry);
        io_finish(op->loop, op, ERR_CANCELLED);
    }
    resolve_unlock(resolve);
}
