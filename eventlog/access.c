/*
 * Access records: filled by field, printed as one line of JSON in which each column is always
 * there. Text from a peer is escaped on its way out.
 */
#include "eventlog/access.h"

#include "base/utf.h"
#include "base/when.h"

#include <string.h>

static const struct access_place {
    const char *name;
    uint16_t start, max;
} access_places[ACCESS_TEXTS] = {
    [ACCESS_HOST] = {"host", 0, ACCESS_HOST_MAX},
    [ACCESS_RULE] = {"rule", ACCESS_HOST_MAX, ACCESS_RULE_MAX},
    [ACCESS_SNI] = {"sni", ACCESS_HOST_MAX + ACCESS_RULE_MAX, ACCESS_SNI_MAX},
    [ACCESS_SUBJECT] = {"subject", ACCESS_HOST_MAX + ACCESS_RULE_MAX + ACCESS_SNI_MAX,
                        ACCESS_SUBJECT_MAX},
};

static const struct access_tls {
    uint16_t version;
    const char *name;
} access_tls[] = {
    {0x0300, "SSL 3.0"}, {0x0301, "1.0"}, {0x0302, "1.1"}, {0x0303, "1.2"}, {0x0304, "1.3"}};

enum { ACCESS_TLS_COUNT = sizeof access_tls / sizeof access_tls[0] };

void access_begin(struct access_record *record)
{
    *record = (struct access_record){.resolve_ms = ACCESS_NEVER,
                                     .connect_ms = ACCESS_NEVER,
                                     .first_byte_ms = ACCESS_NEVER,
                                     .total_ms = ACCESS_NEVER};
}

void access_set(struct access_record *record, enum access_text which, struct span text)
{
    CHECK((unsigned)which < ACCESS_TEXTS);
    struct span kept = utf_first(text, access_places[which].max);
    if (kept.len > 0) {
        memcpy(record->text + access_places[which].start, kept.at, kept.len);
    }
    record->lens[which] = (uint16_t)kept.len;
}

struct span access_get(const struct access_record *record, enum access_text which)
{
    CHECK((unsigned)which < ACCESS_TEXTS && record->lens[which] <= access_places[which].max);
    return span_of(record->text + access_places[which].start, record->lens[which]);
}

static void access_print_name(const char *name, struct out *out)
{
    out_str(out, ",\"");
    out_str(out, name);
    out_str(out, "\":");
}

static void access_print_text(const char *name, struct span text, struct out *out)
{
    access_print_name(name, out);
    if (text.len > 0) {
        out_json(out, text);
    } else {
        out_str(out, "null");
    }
}

static void access_print_number(const char *name, uint64_t number, struct out *out)
{
    access_print_name(name, out);
    out_u64(out, number);
}

static void access_print_ms(const char *name, uint32_t ms, struct out *out)
{
    if (ms == ACCESS_NEVER) {
        access_print_text(name, span_of(NULL, 0), out);
    } else {
        access_print_number(name, ms, out);
    }
}

static void access_print_endpoint(const char *name, const struct endpoint *endpoint,
                                  struct out *out)
{
    char place[ENDPOINT_TEXT_MAX];
    struct out text;
    out_begin(&text, place, sizeof place);
    if (endpoint->addr.family != ADDR_NONE) {
        endpoint_print(endpoint, &text);
    }
    access_print_text(name, out_span(&text), out);
}

/* A version that we have no name for is shown as the number it is. */
static void access_print_tls(uint16_t version, struct out *out)
{
    char place[8];
    struct out text;
    out_begin(&text, place, sizeof place);
    for (size_t i = 0; i < ACCESS_TLS_COUNT; i++) {
        if (access_tls[i].version == version) {
            out_str(&text, access_tls[i].name);
        }
    }
    if (text.len == 0 && version != 0) {
        out_str(&text, "0x");
        out_hex(&text, version);
    }
    access_print_text("tls", out_span(&text), out);
}

void access_print(const struct access_record *record, struct out *out)
{
    out_str(out, "{\"time\":\"");
    when_print(record->unix_ms, out);
    out_char(out, '"');
    access_print_endpoint("client", &record->client, out);
    access_print_text("host", access_get(record, ACCESS_HOST), out);
    access_print_number("port", record->port, out);
    access_print_endpoint("server", &record->server, out);
    access_print_text("verdict", span_str(err_name(record->verdict)), out);
    access_print_text("rule", access_get(record, ACCESS_RULE), out);
    access_print_number("bytes_to_server", record->bytes_to_server, out);
    access_print_number("bytes_to_client", record->bytes_to_client, out);
    access_print_ms("resolve_ms", record->resolve_ms, out);
    access_print_ms("connect_ms", record->connect_ms, out);
    access_print_ms("first_byte_ms", record->first_byte_ms, out);
    access_print_ms("total_ms", record->total_ms, out);
    access_print_tls(record->tls, out);
    access_print_text("sni", access_get(record, ACCESS_SNI), out);
    access_print_text("subject", access_get(record, ACCESS_SUBJECT), out);
    out_char(out, '}');
}
