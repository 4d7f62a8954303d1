/*
 * The replies. Owns the reason phrases, and which status has a field of its own.
 */
#include "http/reply.h"

static const struct {
    uint16_t status;
    const char *reason, *field; /* a whole line, or nothing */
} reply_rows[] = {
    {400, "Bad Request", ""},
    {403, "Forbidden", ""}, /* Go's clients print these words */
    {405, "Method Not Allowed", "Allow: CONNECT\r\n"},
    {408, "Request Timeout", ""},
    {431, "Request Header Fields Too Large", ""},
    {502, "Bad Gateway", ""},
    {503, "Service Unavailable", "Retry-After: 10\r\n"}, /* seconds */
    {504, "Gateway Timeout", ""},
};

struct span reply_granted(void)
{
    static const struct span granted = SPAN("HTTP/1.1 200 Connection established\r\n\r\n");
    return granted;
}

bool reply_exists(enum err err)
{
    return err_http_status(err) != 0;
}

static size_t reply_find_row(uint16_t status)
{
    size_t row = 0, count = sizeof reply_rows / sizeof reply_rows[0];
    while (row < count && reply_rows[row].status != status) {
        row++;
    }
    CHECK(row < count);
    return row;
}

/* The error's sentence with a capital and a full stop, as a line. */
static void reply_put_body(struct span sentence, struct out *out)
{
    uint8_t first = sentence.at[0];
    CHECK(first >= 'a' && first <= 'z');
    out_char(out, (char)(first - ('a' - 'A')));
    out_put(out, span_after(sentence, 1));
    out_str(out, ".\n");
}

void reply_put(enum err err, uint16_t relay_status, struct out *out)
{
    size_t row = reply_find_row(err_http_status(err));
    struct span sentence = span_str(err_sentence(err));
    CHECK(err_proxy_status(err)[0] != '\0');
    out_str(out, "HTTP/1.1 ");
    out_u64(out, reply_rows[row].status);
    out_str(out, " ");
    out_str(out, reply_rows[row].reason);
    out_str(out, "\r\nProxy-Status: omsgateway; error=");
    out_str(out, err_proxy_status(err));
    if (relay_status > 0) {
        out_str(out, "; received-status=");
        out_u64(out, relay_status);
    }
    out_str(out, "\r\n");
    out_str(out, reply_rows[row].field);
    out_str(out, "Content-Type: text/plain\r\nContent-Length: ");
    out_u64(out, sentence.len + 2);
    out_str(out, "\r\nConnection: close\r\n\r\n");
    reply_put_body(sentence, out);
}
