/*
 * What the client and we say to each other: its request, our 200, or our refusal and the moment in
 * which it reads it. Behind a refusal nothing is ever parsed.
 */
#include "gateway/tunnel.h"

enum { REQUEST_LINGER_BYTES = 64 * 1024 };

static void request_read(struct tunnel *tunnel)
{
    struct half *up = &tunnel->halves[TUNNEL_UP];
    CHECK(!up->buffer);
    io_recv(&tunnel->gateway->loop, &up->op, &tunnel->socket, &tunnel->gateway->bulk, NULL);
}

static void request_fail(struct tunnel *tunnel, enum err why)
{
    CHECK(why != ERR_OK && !tunnel->granted);
    tunnel_blame(tunnel, why);
    tunnel_raise(tunnel, TUNNEL_EVENT_REFUSED);
}

/* Over a limit nobody waits for the whole request: the slot that says so is needed again. */
void request_begin(struct tunnel *tunnel)
{
    struct gateway *gateway = tunnel->gateway;
    head_begin(&tunnel->setup->head);
    enum err err = quota_take(gateway->setup.quota, &tunnel->client.addr);
    tunnel->counted = err == ERR_OK;
    if (err == ERR_OK) {
        request_read(tunnel);
    } else {
        gateway->over++;
        request_fail(tunnel, err);
    }
}

/* The head is whole: whether its host, port and client are allowed. */
static void request_decide(struct tunnel *tunnel)
{
    const struct policy_request request = {.client = tunnel->client.addr,
                                           .host = authority_host(&tunnel->target),
                                           .port = tunnel->target.port};
    CHECK(tunnel->counted && !tunnel->rules);
    /* What is in force now: it may have changed since the client came. */
    tunnel->rules = tunnel->gateway->rules;
    rules_take(tunnel->rules);
    enum err err =
        policy_decide_request(tunnel->rules->rules->snapshot, &request, &tunnel->setup->rule);
    err = err == ERR_OK && tunnel->gateway->draining ? ERR_STOPPING : err;
    if (err == ERR_OK) {
        tunnel_raise(tunnel, TUNNEL_EVENT_HEAD);
    } else {
        request_fail(tunnel, err);
    }
}

static void request_read_head(struct tunnel *tunnel, struct half *up)
{
    struct head *head = &tunnel->setup->head;
    size_t used;
    bool done;
    enum err err = head_feed(head, span_of(up->op.arg.recv.buffer, up->op.bytes), &used, &done);
    tunnel_keep(up, err == ERR_OK ? used : up->op.bytes);
    if (err != ERR_OK && !reply_exists(err)) {
        tunnel_blame(tunnel, err);
        tunnel_raise(tunnel, TUNNEL_EVENT_FOREIGN);
    } else if (err != ERR_OK) {
        request_fail(tunnel, err);
    } else if (done) {
        tunnel->target = head->target;
        report_request(tunnel);
        request_decide(tunnel);
    } else {
        request_read(tunnel);
    }
}

void request_came(struct tunnel *tunnel, struct io_op *op)
{
    struct half *up = &tunnel->halves[TUNNEL_UP];
    CHECK(op->kind == IO_RECV && tunnel->counted && !tunnel->rules);
    if (op->result != ERR_OK) {
        tunnel_blame(tunnel, op->result);
        tunnel_raise(tunnel, TUNNEL_EVENT_BROKEN);
    } else if (op->bytes > 0) {
        request_read_head(tunnel, up);
    } else {
        enum err err = head_end(&tunnel->setup->head);
        tunnel_blame(tunnel, err);
        if (err == ERR_OK) {
            counter_add(&tunnel->gateway->counters, COUNTER_probes, 1);
        }
        tunnel_raise(tunnel, err == ERR_OK ? TUNNEL_EVENT_QUIET : TUNNEL_EVENT_REFUSED);
    }
}

static void request_say(struct tunnel *tunnel, struct span bytes)
{
    CHECK(bytes.len > 0 && !io_is_out(&tunnel->say));
    io_send(&tunnel->gateway->loop, &tunnel->say, &tunnel->socket, bytes);
}

void request_grant(struct tunnel *tunnel)
{
    CHECK(tunnel->counted && tunnel->rules && tunnel->server); /* allowed, and connected */
    CHECK(tunnel->why == ERR_OK && !tunnel->granted);
    tunnel->connected_ms = tunnel_now_ms(tunnel);
    report_grant(tunnel);
    request_say(tunnel, reply_granted());
}

/* The way to the server is given up at once; a RECV from the client may go on. */
void request_refuse(struct tunnel *tunnel)
{
    struct tunnel_setup *setup = tunnel->setup;
    struct half *up = &tunnel->halves[TUNNEL_UP], *down = &tunnel->halves[TUNNEL_DOWN];
    struct out reply;
    CHECK(!tunnel->granted && !io_is_out(&tunnel->say));
    tunnel_blame(tunnel, ERR_STOPPING); /* nothing else comes here without a reason */
    for (size_t i = 0; i < TUNNEL_DIALS; i++) {
        tunnel_cancel(tunnel, &tunnel->dials[i].op);
    }
    if (up->op.kind == IO_SEND) {
        tunnel_cancel(tunnel, &up->op);
    }
    tunnel_cancel(tunnel, &down->op);
    tunnel_drop(up);
    report_refusal(tunnel);
    out_begin(&reply, (char *)setup->reply, sizeof setup->reply);
    reply_put(tunnel->why, head_relay_status(&setup->head, tunnel->why), &reply);
    request_say(tunnel, out_span(&reply));
    parent_leave(tunnel);
}

/* A client of another protocol would not understand any reply. */
void request_hang_up(struct tunnel *tunnel)
{
    CHECK(tunnel->why != ERR_OK && !reply_exists(tunnel->why));
    report_refusal(tunnel);
    tunnel_close(tunnel);
}

/* Whatever the client still sends is read, so that it sees the reply and not a reset. */
void request_linger(struct tunnel *tunnel)
{
    CHECK(!io_is_out(&tunnel->say) && (tunnel->why != ERR_OK || tunnel->granted));
    io_shutdown(&tunnel->gateway->loop, &tunnel->say, &tunnel->socket);
    if (!io_is_out(&tunnel->halves[TUNNEL_UP].op)) {
        request_read(tunnel);
    }
}

void request_lingered(struct tunnel *tunnel, struct io_op *op)
{
    struct half *up = &tunnel->halves[TUNNEL_UP];
    bool came = op->kind == IO_RECV && op->bytes > 0;
    if (came) {
        tunnel->lingered += op->bytes;
        tunnel_keep(up, op->bytes);
    }
    if (op->kind == IO_SEND) { /* to the relay proxy, or the server */
        tunnel_drop(up);
        parent_leave(tunnel);
    }
    if (tunnel->state != TUNNEL_LINGER) {
        return; /* what comes next is read when the reply is out */
    }
    if (op->kind != IO_RECV || (came && tunnel->lingered < REQUEST_LINGER_BYTES)) {
        request_read(tunnel);
    } else {
        bool broke = op->result != ERR_OK;
        tunnel_raise(tunnel, broke ? TUNNEL_EVENT_BROKEN : TUNNEL_EVENT_ENOUGH);
    }
}
