/*
 * Notes in a table by name and in a list by age. What a subject is lies beside its note, so that
 * sessions without a certificate cost a hundred bytes.
 */
#include "shared/sessions.h"

#include <string.h>

struct session_note {
    struct table_node node;
    struct list_node age;
    uint64_t until_ms;
    uint8_t name[SESSION_NAME];
    bool asked, shown;
};

_Static_assert(sizeof(struct session_note) % sizeof(void *) == 0, "what follows is aligned");

/* In the memory the notes lie first, then the buckets, then the subjects. */
size_t sessions_size(uint32_t capacity)
{
    return capacity * (sizeof(struct session_note) + sizeof(struct session_subject)) +
           table_size(capacity);
}

void sessions_open(struct sessions *sessions, void *memory, uint32_t capacity,
                   const uint64_t seed[2])
{
    CHECK(memory && capacity > 0);
    uint8_t *buckets = (uint8_t *)memory + capacity * sizeof(struct session_note);
    *sessions = (struct sessions){.notes = memory, .capacity = capacity};
    sessions->subjects = (void *)(buckets + table_size(capacity));
    table_open(&sessions->names, buckets, capacity, seed);
    list_init(&sessions->ages);
    sys_lock_init(&sessions->lock);
}

void sessions_shut(struct sessions *sessions)
{
    sys_lock_end(&sessions->lock);
}

void sessions_copy_subject(struct session_subject *to, const struct session_subject *from)
{
    CHECK(from->pairs_len <= SESSION_PAIRS_MAX && from->text_len <= SESSION_TEXT_MAX);
    to->pairs_len = from->pairs_len;
    to->text_len = from->text_len;
    memcpy(to->pairs, from->pairs, from->pairs_len);
    memcpy(to->text, from->text, from->text_len);
}

static struct session_note *sessions_note_of(struct table_node *node)
{
    return list_owner(node, struct session_note, node);
}

static bool sessions_is_name(struct table_node *node, const void *name)
{
    return memcmp(sessions_note_of(node)->name, name, SESSION_NAME) == 0;
}

static struct session_note *sessions_look(const struct sessions *sessions, uint64_t hash,
                                          const uint8_t name[SESSION_NAME])
{
    struct table_node *node = table_find(&sessions->names, hash, sessions_is_name, name);
    return node ? sessions_note_of(node) : NULL;
}

static struct session_subject *sessions_subject(const struct sessions *sessions,
                                                const struct session_note *note)
{
    return &sessions->subjects[note - sessions->notes];
}

/* One that was never used, or the oldest, which is forgotten. */
static struct session_note *sessions_take(struct sessions *sessions)
{
    if (sessions->used < sessions->capacity) {
        struct session_note *fresh = &sessions->notes[sessions->used++];
        list_node_init(&fresh->age);
        return fresh;
    }
    struct session_note *oldest =
        list_owner(list_take_first(&sessions->ages), struct session_note, age);
    table_remove(&sessions->names, &oldest->node);
    return oldest;
}

void sessions_put(struct sessions *sessions, uint64_t now_ms, const uint8_t name[SESSION_NAME],
                  const struct session_who *who)
{
    uint64_t hash = table_hash(&sessions->names, span_of(name, SESSION_NAME));
    sys_lock_take(&sessions->lock);
    struct session_note *note = sessions_look(sessions, hash, name);
    if (note) {
        list_unlink(&note->age);
    } else {
        note = sessions_take(sessions);
        memcpy(note->name, name, SESSION_NAME);
        table_add(&sessions->names, &note->node, hash);
    }
    note->until_ms = now_ms + SESSION_LIFE_MS;
    note->asked = who->asked;
    note->shown = who->shown;
    if (who->shown) {
        sessions_copy_subject(sessions_subject(sessions, note), &who->subject);
    }
    list_push_last(&sessions->ages, &note->age);
    sys_lock_give(&sessions->lock);
}

bool sessions_find(struct sessions *sessions, uint64_t now_ms, const uint8_t name[SESSION_NAME],
                   struct session_who *who)
{
    uint64_t hash = table_hash(&sessions->names, span_of(name, SESSION_NAME));
    sys_lock_take(&sessions->lock);
    const struct session_note *note = sessions_look(sessions, hash, name);
    bool found = note && now_ms < note->until_ms;
    if (found) {
        who->asked = note->asked;
        who->shown = note->shown;
        if (note->shown) {
            sessions_copy_subject(&who->subject, sessions_subject(sessions, note));
        }
    }
    sys_lock_give(&sessions->lock);
    return found;
}
