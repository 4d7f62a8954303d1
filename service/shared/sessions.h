/*
 * Sessions of TLS up to 1.2 that were judged in a full handshake and completed, by the names under
 * which their clients may resume them: who resumes one shows no certificate, and is who it was
 * then. All loops share it. Bounded: the oldest session makes room for a new one, and none is
 * remembered longer than a day, which is what RFC 5246 lets a session live. It owns its notes and
 * one short lock; it knows neither TLS nor the rules.
 */
#ifndef SHARED_SESSIONS_H
#define SHARED_SESSIONS_H

#include "base/list.h"
#include "shared/table.h"
#include "sys/thread.h"

enum {
    SESSION_NAME = 32,        /* bytes: a digest of host and session id, or of host and ticket */
    SESSION_PAIRS_MAX = 1024, /* of a subject, see policy/subject.h */
    SESSION_TEXT_MAX = 512,   /* the same for a person; what is longer is cut */
    SESSION_LIFE_MS = 24 * 60 * 60 * 1000
};

/* A client's certificate, as far as anybody still asks for it. */
struct session_subject {
    uint16_t pairs_len, text_len;
    uint8_t pairs[SESSION_PAIRS_MAX];
    uint8_t text[SESSION_TEXT_MAX];
};

/* Who a client was. */
struct session_who {
    bool asked; /* the server wanted a certificate */
    bool shown; /* one came, with this subject; otherwise there is none */
    struct session_subject subject;
};

struct session_note;

struct sessions {
    struct sys_lock lock;
    struct table names;
    struct list ages; /* the oldest first */
    struct session_note *notes;
    struct session_subject *subjects; /* of each note; untouched where none was shown */
    uint32_t capacity, used;
};

size_t sessions_size(uint32_t capacity); /* bytes of memory */

/* `memory` comes from malloc or is aligned as well; `seed` is secret and random. */
void sessions_open(struct sessions *sessions, void *memory, uint32_t capacity,
                   const uint64_t seed[2]);
void sessions_shut(struct sessions *sessions); /* the memory is the caller's */

/* From now on that name is that client. */
void sessions_put(struct sessions *sessions, uint64_t now_ms, const uint8_t name[SESSION_NAME],
                  const struct session_who *who);
/* False: not known, or not any more; *who says nothing then. */
bool sessions_find(struct sessions *sessions, uint64_t now_ms, const uint8_t name[SESSION_NAME],
                   struct session_who *who);

void sessions_copy_subject(struct session_subject *to, const struct session_subject *from);

#endif
