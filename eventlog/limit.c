/*
 * The limit of lines: for each id the keys of this minute, looked through one by one. Six hundred
 * hashes are a few cache lines; what a flood costs here is less than what its connections cost.
 */
#include "eventlog/limit.h"

#include "base/hash.h"

/* What tells two events of one client apart: the first of these that the event has. */
static const char *const limit_names[] = {"host", "rule", "reason", "step"};

enum { LIMIT_NAMES = sizeof limit_names / sizeof limit_names[0] };

static struct span limit_what(const struct event_record *record)
{
    struct span what = span_of(NULL, 0);
    for (size_t i = 0; i < LIMIT_NAMES && !what.at; i++) {
        what = event_find_text(record, limit_names[i]);
    }
    return what;
}

static bool limit_same(const struct event_record *a, const struct event_record *b)
{
    return a->event == b->event && span_equal(limit_what(a), limit_what(b)) &&
           span_equal(event_find_text(a, "client"), event_find_text(b, "client"));
}

/* No secret is in it: keys that meet are told apart by what they are, and cost one comparison. */
static struct limit_key limit_key_of(const struct event_record *record)
{
    const uint64_t none[2] = {0, 0};
    uint64_t client = hash_keyed(none, event_find_text(record, "client"));
    const uint64_t seed[2] = {client, (uint64_t)record->event};
    return (struct limit_key){.hash = hash_keyed(seed, limit_what(record)), .client_hash = client};
}

/* The id's place; the first of an id takes a free one, and there is one for each. */
static struct limit_id *limit_find_id(struct limit *limit, uint16_t id)
{
    for (size_t i = 0; i < LIMIT_IDS_MAX; i++) {
        if (limit->ids[i].id == 0) {
            limit->ids[i].id = id;
        }
        if (limit->ids[i].id == id) {
            return &limit->ids[i];
        }
    }
    CHECK_NEVER("more ids are limited than the table has");
}

static void limit_begin(struct limit_id *id, uint64_t now_ms)
{
    id->begun = true;
    id->begin_ms = now_ms;
    id->lines = 0;
    id->others = 0;
}

/* The key's place, or id->lines; *of_client: lines that its client got so far. */
static uint32_t limit_find_key(const struct limit_id *id, const struct limit_key *key,
                               const struct event_record *record, uint32_t *of_client)
{
    *of_client = 0;
    for (uint32_t i = 0; i < id->lines; i++) {
        if (id->keys[i].hash == key->hash && limit_same(&id->first[i], record)) {
            return i;
        }
        *of_client += id->keys[i].client_hash == key->client_hash;
    }
    return id->lines;
}

bool limit_pass(struct limit *limit, const struct event_record *record, uint64_t now_ms)
{
    uint32_t most = event_per_minute(record->event), of_client;
    CHECK(record->suppressed == 0 && most <= LIMIT_LINES_MAX);
    if (most == 0) {
        return true;
    }
    struct limit_id *id = limit_find_id(limit, event_id(record->event));
    if (!id->begun) {
        limit_begin(id, now_ms);
    }
    struct limit_key key = limit_key_of(record);
    uint32_t place = limit_find_key(id, &key, record, &of_client);
    if (place < id->lines) {
        id->keys[place].suppressed++;
        return false;
    }
    if (id->lines >= most || of_client >= most / 2) {
        id->others++;
        id->other = record->event;
        return false;
    }
    id->keys[id->lines] = key;
    id->first[id->lines] = *record;
    id->lines++;
    return true;
}

static void limit_end(struct limit_id *id, const struct limit_out *out)
{
    id->begun = false;
    for (uint32_t i = 0; i < id->lines; i++) {
        if (id->keys[i].suppressed > 0) {
            event_suppress(&id->first[i], id->keys[i].suppressed);
            out->write(out->context, &id->first[i]);
        }
    }
    if (id->others > 0) {
        struct event_record others;
        event_begin_others(&others, id->other, id->others);
        out->write(out->context, &others);
    }
}

void limit_tick(struct limit *limit, uint64_t now_ms, const struct limit_out *out)
{
    for (size_t i = 0; i < LIMIT_IDS_MAX; i++) {
        struct limit_id *id = &limit->ids[i];
        CHECK(!id->begun || now_ms >= id->begin_ms);
        if (id->begun && now_ms - id->begin_ms >= LIMIT_MINUTE_MS) {
            limit_end(id, out);
        }
    }
}

void limit_flush(struct limit *limit, const struct limit_out *out)
{
    for (size_t i = 0; i < LIMIT_IDS_MAX; i++) {
        if (limit->ids[i].begun) {
            limit_end(&limit->ids[i], out);
        }
    }
}
