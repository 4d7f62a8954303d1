/*
 * Fuzz target: a client's request, any bytes. However they are cut the end is the same, the second
 * reader agrees on what is a request, and what is accepted has a target that is printed and read
 * again as itself, also by the relay proxy it may be sent to.
 */
#include "fuzz.h"

#include "http/connect.h"
#include "http/reply.h"
#include "split_head.h"
#include "tests/unit/plain_head.h"

static void judge_target(const struct authority *target)
{
    char place[CONNECT_MAX];
    struct out out;
    struct split_end again;
    out_begin(&out, place, sizeof place);
    CHECK(connect_put(target, span_str(""), span_str(""), &out) == ERR_OK);
    split_head(false, out_span(&out), &again);
    CHECK(again.done && again.used == out.len);
    CHECK(authority_equal(&again.head.target, target));
    CHECK(addr_equal(&again.head.target.addr, &target->addr));
}

/* A refusal has a reply of its own, but for other protocols' greetings, and event 104. */
static void judge_refusal(const struct split_end *end)
{
    char place[REPLY_MAX];
    struct out out;
    CHECK(err_event(end->err) == 104);
    if (reply_exists(end->err)) {
        out_begin(&out, place, sizeof place);
        reply_put(end->err, 0, &out);
        CHECK(out_end(&out) == ERR_OK);
    } else {
        CHECK(end->used <= 3 && head_method(&end->head).len == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct split_end end;
    struct authority target;
    size_t len;
    struct span bytes = span_of(data, size);
    split_head(false, bytes, &end);
    CHECK(plain_request(bytes, &len, &target) == end.done);
    if (end.done) {
        CHECK(len == end.used && authority_equal(&target, &end.head.target));
        judge_target(&end.head.target);
    } else if (end.err != ERR_OK) {
        judge_refusal(&end);
    } else {
        CHECK(head_end(&end.head) == (size == 0 ? ERR_OK : ERR_HEAD_CUT));
    }
    return 0;
}
