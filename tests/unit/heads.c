/*
 * Feeding heads. Knows what the ends of two ways must have in common.
 */
#include "heads.h"

#include "plain_head.h"
#include "unit/unit.h"

void heads_feed(bool relay, struct span bytes, size_t first, size_t rest, struct heads_end *end)
{
    *end = (struct heads_end){.err = ERR_OK};
    (relay ? head_begin_relay : head_begin)(&end->head);
    for (size_t piece = first; end->err == ERR_OK && !end->done && end->used < bytes.len;) {
        struct span left = span_after(bytes, end->used);
        size_t len = piece < left.len ? piece : left.len, used;
        uint8_t *copy = unit_copy(span_first(left, len));
        end->err = head_feed(&end->head, span_of(copy, len), &used, &end->done);
        free(copy);
        unit_holds(used <= len && (used == len || end->err != ERR_OK || end->done), "%s",
                   unit_show(bytes));
        end->used += used;
        piece = rest;
    }
    unit_holds(end->head.size == end->used, "%s", unit_show(bytes));
}

static struct span heads_text(const struct heads_end *end)
{
    return span_of(end->head.text, end->head.text_len);
}

static bool heads_is_same(const struct heads_end *a, const struct heads_end *b)
{
    bool same = a->err == b->err && a->done == b->done && a->used == b->used &&
                a->head.status == b->head.status && a->head.fields == b->head.fields &&
                span_equal(head_method(&a->head), head_method(&b->head)) &&
                span_equal(heads_text(a), heads_text(b));
    if (same && a->err == ERR_OK && !a->done) {
        return head_end(&a->head) == head_end(&b->head);
    }
    return same && (!a->done || a->head.relay || authority_equal(&a->head.target, &b->head.target));
}

static void heads_same(struct span bytes, const struct heads_end *a, const struct heads_end *b)
{
    unit_holds(heads_is_same(a, b), "%s: %s, %s", unit_show(bytes), err_name(a->err),
               err_name(b->err));
}

static void heads_compare(bool relay, struct span bytes, const struct heads_end *end)
{
    struct authority target;
    size_t len;
    bool plain = relay ? plain_reply(bytes, &len) : plain_request(bytes, &len, &target);
    unit_holds(plain == end->done, "%s: %s", unit_show(bytes), err_name(end->err));
    if (plain) {
        unit_holds(len == end->used, "%s", unit_show(bytes));
    }
    if (plain && !relay) {
        const struct authority *read = &end->head.target;
        unit_holds(authority_equal(&target, read) && addr_equal(&target.addr, &read->addr), "%s",
                   unit_show(bytes));
    }
}

void heads_agree(bool relay, struct span bytes, struct heads_end *end)
{
    struct heads_end other;
    heads_feed(relay, bytes, bytes.len, bytes.len, end);
    heads_feed(relay, bytes, 1, 1, &other);
    heads_same(bytes, end, &other);
    heads_compare(relay, bytes, end);
}

void heads_judge(bool relay, struct span bytes, struct heads_end *end)
{
    heads_agree(relay, bytes, end);
    for (size_t cut = 1; cut < bytes.len; cut += bytes.len < 1000 ? 1 : 499) {
        struct heads_end other;
        heads_feed(relay, bytes, cut, bytes.len, &other);
        heads_same(bytes, end, &other);
    }
}
