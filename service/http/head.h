/*
 * The head of a message, read as it comes: a client's CONNECT, or a relay proxy's reply to ours. A
 * machine that is fed bytes in pieces of any size, looks at each once, and keeps only what is
 * needed, so no buffer belongs to it and a slow sender costs no more than a quick one. What it does
 * not keep, it cannot leak: no path, no query, no field but Host ever stays here.
 *
 *     head_begin(&head);
 *     TRY(head_feed(&head, bytes, &used, &done));     again with each piece, until done
 *     head.target, and what follows the first `used` bytes belongs to the tunnel
 *
 * A refusal is final: nothing behind it is looked at, whatever the client sends (RFC 9931).
 */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "http/authority.h"

enum {
    HEAD_SIZE_MAX = 16 * 1024, /* the heads of interim replies count, too */
    HEAD_FIELDS_MAX = 64,
    HEAD_INTERIMS_MAX = 8, /* replies 1xx before the relay proxy's real one */
    HEAD_METHOD_MAX = 20,  /* no method that anybody uses is longer */
    HEAD_REASON_MAX = 64,  /* of a longer reason phrase this much is kept */
    HEAD_WORD_MAX = 18,    /* one more than the longest name of a field that matters */
    HEAD_SAID_MAX = 512    /* a place that is never too small for head_print_said */
};

enum head_field { HEAD_FIELD_OTHER, HEAD_FIELD_HOST, HEAD_FIELD_BODY };

struct head {
    enum err (*on_byte)(struct head *head, uint8_t byte); /* its state; NULL: it is over */
    enum head_field field;                                /* the one being read */
    bool relay, http10;
    uint8_t method_len, word_len, fields, hosts, interims, step;
    uint16_t size;     /* bytes looked at; 0 at the end of the stream: somebody's probe */
    uint16_t status;   /* of the relay proxy's reply, 0: none yet */
    uint16_t text_len; /* what is being read; at the end the reason phrase */
    uint8_t method[HEAD_METHOD_MAX], word[HEAD_WORD_MAX], text[AUTHORITY_MAX];
    struct authority target; /* when done: what the client asks for */
};

void head_begin(struct head *head);       /* of a client's request */
void head_begin_relay(struct head *head); /* of a relay proxy's reply */

/*
 * Looks at the bytes up to the end of the head. ERR_OK with *done: it is complete, and a relay
 * proxy's reply was 2xx, whatever its fields say about a body; without: all bytes are used, more
 * must come. Anything else: why it is refused; the row of err.def says how. Never called again
 * after it was done or refused.
 */
MUST_CHECK enum err head_feed(struct head *head, struct span bytes, size_t *used, bool *done);

/* What it means that the stream ends before it is done; ERR_OK: a client that never sent a byte. */
MUST_CHECK enum err head_end(const struct head *head);

/* The method of a request as far as it was read: capitals or not, nothing a line could break on. */
struct span head_method(const struct head *head);

/* The status of a relay proxy's reply; 0: there is none, or the error is not about it. */
uint16_t head_relay_status(const struct head *head, enum err err);

/* The error's sentence, and what the relay proxy said, as it is: ", saying 403 Not today". */
void head_print_said(const struct head *head, enum err err, struct out *out);

#endif
