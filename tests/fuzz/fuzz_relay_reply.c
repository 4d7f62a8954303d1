/*
 * Fuzz target: a relay proxy's reply, any bytes. However they are cut the end is the same, the
 * second reader agrees on what grants a tunnel and where its bytes begin, and what is told of a
 * refusal is bounded and harmless.
 */
#include "fuzz.h"

#include "http/reply.h"
#include "split_head.h"
#include "tests/unit/plain_head.h"

static void judge_refusal(const struct split_end *end)
{
    char place[HEAD_SAID_MAX], shown[5 * HEAD_SAID_MAX], bytes[REPLY_MAX];
    struct out out, log;
    CHECK(err_event(end->err) == 403 && err_http_status(end->err) == 502);
    out_begin(&out, place, sizeof place);
    head_print_said(&end->head, end->err, &out);
    CHECK(out_end(&out) == ERR_OK);
    out_begin(&log, shown, sizeof shown);
    out_escaped(&log, out_span(&out)); /* as every log does it */
    CHECK(out_end(&log) == ERR_OK);
    for (size_t i = 0; i < log.len; i++) {
        CHECK((uint8_t)log.at[i] >= ' ' && log.at[i] != 0x7F);
    }
    out_begin(&out, bytes, sizeof bytes);
    reply_put(end->err, head_relay_status(&end->head, end->err), &out);
    CHECK(out_end(&out) == ERR_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct split_end end;
    size_t len;
    struct span bytes = span_of(data, size);
    split_head(true, bytes, &end);
    CHECK(plain_reply(bytes, &len) == end.done);
    if (end.done) {
        CHECK(len == end.used && end.head.status >= 200 && end.head.status <= 299);
    } else if (end.err != ERR_OK) {
        judge_refusal(&end);
    } else {
        CHECK(head_end(&end.head) == (size == 0 ? ERR_RELAY_SILENT : ERR_RELAY_CUT));
    }
    return 0;
}
