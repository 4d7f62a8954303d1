/*
 * The machine: one function a state, each takes one byte. First the lines that differ (request and
 * status line), then the fields and the end, which are the same for both. A relay proxy's reply is
 * read as strictly as a client's request; only its errors have other names.
 */
#include "http/head.h"

#include <string.h>

static enum err head_on_field(struct head *head, uint8_t byte);
static enum err head_on_status(struct head *head, uint8_t byte);

enum { CR = '\r', LF = '\n', TAB = '\t', DEL = 0x7F };

static bool head_is_control(uint8_t byte)
{
    return byte < ' ' || byte == DEL;
}

/* What methods and names of fields are made of (RFC 9110, tchar). */
static bool head_is_token(uint8_t byte)
{
    static const struct span marks = SPAN("!#$%&'*+-.^_`|~");
    uint8_t lower = span_lower(byte);
    return (lower >= 'a' && lower <= 'z') || span_is_digit(byte) ||
           span_find(marks, byte) < marks.len;
}

static struct span head_text(const struct head *head)
{
    return span_of(head->text, head->text_len);
}

static enum err head_keep(struct head *head, uint8_t byte, enum err full)
{
    if (head->text_len == sizeof head->text) {
        return full;
    }
    head->text[head->text_len++] = byte;
    return ERR_OK;
}

static enum err head_on_line_end(struct head *head, uint8_t byte)
{
    head->on_byte = head_on_field;
    return byte == LF ? ERR_OK : ERR_LINE_END;
}

static enum err head_on_version(struct head *head, uint8_t byte)
{
    if (byte == CR) {
        head->http10 = span_is(head_text(head), "HTTP/1.0");
        head->on_byte = head_on_line_end;
        return head->http10 || span_is(head_text(head), "HTTP/1.1") ? ERR_OK : ERR_HTTP_VERSION;
    }
    if (byte == ' ' || head_is_control(byte)) {
        return byte == LF ? ERR_LINE_END : ERR_HEAD_LINE;
    }
    return head_keep(head, byte, ERR_HTTP_VERSION);
}

static enum err head_on_target(struct head *head, uint8_t byte)
{
    if (byte != ' ') {
        return head_is_control(byte) ? ERR_HEAD_LINE : head_keep(head, byte, ERR_TARGET_LONG);
    }
    if (head->text_len == 0) {
        return ERR_HEAD_LINE;
    }
    TRY(authority_parse(head_text(head), 0, &head->target));
    head->text_len = 0;
    head->on_byte = head_on_version;
    return ERR_OK;
}

/* With another method nothing behind it is looked at: it may be a URL with a secret in it. */
static enum err head_on_method(struct head *head, uint8_t byte)
{
    if (byte == ' ') {
        head->on_byte = head_on_target;
        return span_is(head_method(head), "CONNECT") ? ERR_OK : ERR_NOT_CONNECT;
    }
    if (!head_is_token(byte) || head->method_len == HEAD_METHOD_MAX) {
        return ERR_HEAD_LINE;
    }
    head->method[head->method_len++] = byte;
    return ERR_OK;
}

/* Protocols that do not begin with a method: the first byte, and one that must follow where. */
static const struct {
    uint8_t first, mask, at, least, most;
    enum err err;
} head_greetings[] = {
    {0x16, 0xFF, 1, 3, 3, ERR_GREETING_TLS},     /* a record of its handshake, version 3.x */
    {0x80, 0x80, 2, 1, 1, ERR_GREETING_SSL2},    /* two bytes of length, then a ClientHello */
    {0x04, 0xFF, 1, 1, 2, ERR_GREETING_SOCKS},   /* version 4, CONNECT or BIND */
    {0x05, 0xFF, 1, 1, 255, ERR_GREETING_SOCKS}, /* version 5, the number of its methods */
};

/* step is the greeting's row and text_len what was read of it. */
static enum err head_on_greeting(struct head *head, uint8_t byte)
{
    if (head->text_len++ < head_greetings[head->step].at) {
        return ERR_OK;
    }
    bool fits = byte >= head_greetings[head->step].least && byte <= head_greetings[head->step].most;
    return fits ? head_greetings[head->step].err : ERR_HEAD_LINE;
}

static enum err head_on_first(struct head *head, uint8_t byte)
{
    enum { COUNT = sizeof head_greetings / sizeof head_greetings[0] };
    while (head->step < COUNT &&
           (byte & head_greetings[head->step].mask) != head_greetings[head->step].first) {
        head->step++;
    }
    if (head->step < COUNT) {
        head->text_len = 1;
        head->on_byte = head_on_greeting;
        return ERR_OK;
    }
    head->on_byte = head_on_method;
    return byte == ' ' ? ERR_HEAD_LINE : head_on_method(head, byte);
}

/* The line is whole: an interim reply goes on, a refusal needs no more of itself. */
static enum err head_judge_status(struct head *head)
{
    bool interim = head->status >= 100 && head->status < 200 && head->status != 101;
    if (interim) {
        return head->interims++ < HEAD_INTERIMS_MAX ? ERR_OK : ERR_RELAY_ANSWER;
    }
    if (head->status < 200 || head->status > 599) {
        return ERR_RELAY_ANSWER;
    }
    return head->status < 300 ? ERR_OK : head->status == 407 ? ERR_RELAY_LOGIN : ERR_RELAY_REFUSED;
}

static enum err head_on_status_end(struct head *head, uint8_t byte)
{
    TRY(head_on_line_end(head, byte));
    return head_judge_status(head);
}

static enum err head_on_reason(struct head *head, uint8_t byte)
{
    if (byte == CR) {
        head->on_byte = head_on_status_end;
    } else if (head_is_control(byte) && byte != TAB) {
        return ERR_RELAY_ANSWER;
    } else if (head->text_len <= HEAD_REASON_MAX) { /* one more says that there was more */
        head->text[head->text_len++] = byte;
    }
    return ERR_OK;
}

/* Many leave out the space before a reason phrase that is empty. */
static enum err head_on_status(struct head *head, uint8_t byte)
{
    static const char form[] = "HTTP/1.v ddd"; /* v: 0 or 1, d: a digit */
    char want = form[head->step];
    if (want == '\0') {
        head->on_byte = head_on_reason;
        return byte == ' ' ? ERR_OK : byte == CR ? head_on_reason(head, byte) : ERR_RELAY_ANSWER;
    }
    bool fits = want == 'v'   ? byte == '0' || byte == '1'
                : want == 'd' ? span_is_digit(byte)
                              : byte == (uint8_t)want;
    if (want == 'd' && fits) {
        head->status = (uint16_t)(head->status * 10 + (byte - '0'));
    }
    head->step++;
    return fits ? ERR_OK : ERR_RELAY_ANSWER;
}

/* The value is whole, without the blanks around it. */
static enum err head_judge_host(const struct head *head)
{
    struct authority host;
    if (authority_parse(span_trim(head_text(head)), 443, &host) != ERR_OK) {
        return ERR_HOST_FIELD_FORM;
    }
    return authority_equal(&host, &head->target) ? ERR_OK : ERR_HOST_FIELD_OTHER;
}

static enum err head_on_value_end(struct head *head, uint8_t byte)
{
    TRY(head_on_line_end(head, byte));
    return head->field == HEAD_FIELD_HOST ? head_judge_host(head) : ERR_OK;
}

static enum err head_on_value(struct head *head, uint8_t byte)
{
    bool blank = byte == ' ' || byte == TAB;
    if (byte == CR) {
        head->on_byte = head_on_value_end;
        return ERR_OK;
    }
    if (!blank && head_is_control(byte)) {
        return byte == LF ? ERR_LINE_END : ERR_FIELD_CONTROL;
    }
    if (head->field != HEAD_FIELD_HOST || (blank && head->text_len == 0)) {
        return ERR_OK;
    }
    return head_keep(head, byte, ERR_HOST_FIELD_FORM);
}

static enum head_field head_find_field(const struct head *head)
{
    static const struct {
        const char *name;
        enum head_field field;
    } known[] = {
        {"host", HEAD_FIELD_HOST},
        {"content-length", HEAD_FIELD_BODY},
        {"transfer-encoding", HEAD_FIELD_BODY},
    };
    struct span name = span_of(head->word, head->word_len);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (span_is_nocase(name, known[i].name)) {
            return known[i].field;
        }
    }
    return HEAD_FIELD_OTHER;
}

static enum err head_on_name(struct head *head, uint8_t byte)
{
    if (byte != ':') {
        if (head->word_len < HEAD_WORD_MAX) { /* when it is full, it is no name that matters */
            head->word[head->word_len++] = byte;
        }
        return head_is_token(byte) ? ERR_OK : ERR_FIELD_NAME;
    }
    head->on_byte = head_on_value;
    head->field = head->relay ? HEAD_FIELD_OTHER : head_find_field(head);
    if (head->field == HEAD_FIELD_HOST) {
        head->text_len = 0;
        return head->hosts++ == 0 ? ERR_OK : ERR_HOST_FIELD_TWICE;
    }
    return head->field == HEAD_FIELD_BODY ? ERR_BODY : ERR_OK;
}

static enum err head_on_end(struct head *head, uint8_t byte)
{
    if (byte != LF) {
        return ERR_LINE_END;
    }
    if (head->relay && head->status < 200) {
        head->status = head->text_len = 0;
        head->step = 0;
        head->on_byte = head_on_status;
        return ERR_OK;
    }
    head->on_byte = NULL;
    return head->relay || head->http10 || head->hosts == 1 ? ERR_OK : ERR_HOST_FIELD_NONE;
}

/* The first byte of a line behind the first line. */
static enum err head_on_field(struct head *head, uint8_t byte)
{
    if (byte == CR) {
        head->on_byte = head_on_end;
        return ERR_OK;
    }
    if (byte == ' ' || byte == TAB) {
        return ERR_FIELD_FOLDED;
    }
    if (!head_is_token(byte)) {
        return byte == LF ? ERR_LINE_END : ERR_FIELD_NAME;
    }
    if (head->fields++ == HEAD_FIELDS_MAX) {
        return ERR_HEAD_FIELDS;
    }
    head->word_len = 0;
    head->on_byte = head_on_name;
    return head_on_name(head, byte);
}

void head_begin(struct head *head)
{
    *head = (struct head){.on_byte = head_on_first};
}

void head_begin_relay(struct head *head)
{
    *head = (struct head){.on_byte = head_on_status, .relay = true};
}

/* What the fields' states call a client's mistake is the relay proxy's here. */
static enum err head_refuse(struct head *head, enum err err)
{
    head->on_byte = NULL;
    if (!head->relay || err == ERR_RELAY_LOGIN || err == ERR_RELAY_REFUSED) {
        return err;
    }
    return err == ERR_HEAD_SIZE || err == ERR_HEAD_FIELDS ? ERR_RELAY_SIZE : ERR_RELAY_ANSWER;
}

enum err head_feed(struct head *head, struct span bytes, size_t *used, bool *done)
{
    CHECK(head->on_byte);
    *done = false;
    for (*used = 0; *used < bytes.len && !*done;) {
        if (head->size == HEAD_SIZE_MAX) {
            return head_refuse(head, ERR_HEAD_SIZE);
        }
        head->size++;
        enum err err = head->on_byte(head, bytes.at[(*used)++]);
        if (err != ERR_OK) {
            return head_refuse(head, err);
        }
        *done = !head->on_byte;
    }
    return ERR_OK;
}

enum err head_end(const struct head *head)
{
    CHECK(head->on_byte);
    if (head->relay) {
        return head->size == 0 ? ERR_RELAY_SILENT : ERR_RELAY_CUT;
    }
    return head->size == 0 ? ERR_OK : ERR_HEAD_CUT;
}

struct span head_method(const struct head *head)
{
    return span_of(head->method, head->method_len);
}

_Static_assert(ERR_RELAY_SLOW - ERR_RELAY_LOGIN == 6, "what a relay proxy can do, in one group");

uint16_t head_relay_status(const struct head *head, enum err err)
{
    bool is_relays = err >= ERR_RELAY_LOGIN && err <= ERR_RELAY_SLOW;
    return head->relay && is_relays && head->status >= 100 ? head->status : 0;
}

void head_print_said(const struct head *head, enum err err, struct out *out)
{
    struct span reason = head_text(head);
    bool cut = reason.len > HEAD_REASON_MAX;
    uint16_t status = head_relay_status(head, err);
    out_str(out, err_sentence(err));
    if (status > 0) {
        out_str(out, ", saying ");
        out_u64(out, status);
        out_str(out, reason.len > 0 ? " " : "");
        out_put(out, span_first(reason, cut ? HEAD_REASON_MAX : reason.len));
        out_str(out, cut ? "..." : "");
    }
}
