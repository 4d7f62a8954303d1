/*
 * The two hellos. Each extension that matters is a row of extensions.def and one function here.
 */
#include "tls/hello.h"

#include "base/hash.h"
#include "base/rd.h"

enum { HELLO_RANDOM = 32, HELLO_SESSION_ID = 32, HELLO_NAME = 253, HELLO_LABEL = 63 };

/* What the readers of extensions write to. */
struct hello {
    struct tls_facts *facts;
    struct tls_bytes *bytes;
    uint32_t seen; /* bit: row of the table */
    enum err bad;  /* what a field means is wrong, while its form is right */
};

struct hello_extension {
    uint16_t number;
    void (*read)(struct hello *hello, struct rd *data);
};

static bool hello_is_letter(uint8_t byte)
{
    uint8_t lower = span_lower(byte);
    return (lower >= 'a' && lower <= 'z') || span_is_digit(byte) || byte == '-';
}

static bool hello_is_label(struct span label)
{
    bool good = label.len >= 1 && label.len <= HELLO_LABEL && label.at[0] != '-' &&
                label.at[label.len - 1] != '-';
    for (size_t i = 0; i < label.len && good; i++) {
        good = hello_is_letter(label.at[i]);
    }
    return good;
}

/* An address in decimal has the form of a name; the judge knows that it is none. */
static bool hello_is_name(struct span name)
{
    struct span label;
    bool done = false, good = name.len >= 1 && name.len <= HELLO_NAME;
    while (good && span_cut(&name, '.', &done, &label)) {
        good = hello_is_label(label);
    }
    return good;
}

/* RFC 6066, 3: a list that could hold many kinds of names, and holds one of the only kind. */
static void hello_read_sni(struct hello *hello, struct rd *data)
{
    struct rd names, name;
    rd_sub16(data, &names);
    uint8_t kind = rd_u8(&names);
    rd_sub16(&names, &name);
    bool several = rd_more(&names);
    (void)rd_rest(&names);
    hello->bytes->sni = rd_rest(&name);
    hello->facts->has_sni = true;
    if (kind != 0 || several || !hello_is_name(hello->bytes->sni)) {
        hello->bad = ERR_SNI_INVALID;
    }
}

static void hello_read_alpn(struct hello *hello, struct rd *data)
{
    struct rd names;
    rd_sub16(data, &names);
    hello->bytes->alpn = names.left;
    hello->facts->has_alpn = true;
    if (!rd_more(&names)) {
        hello->bad = ERR_TLS_DECODE;
    }
    while (rd_more(&names)) {
        struct rd name;
        rd_sub8(&names, &name);
        if (rd_rest(&name).len == 0) {
            hello->bad = ERR_TLS_DECODE;
        }
    }
}

/* Empty: the client knows tickets and has none. */
static void hello_read_ticket(struct hello *hello, struct rd *data)
{
    hello->bytes->ticket = rd_rest(data);
}

static void hello_read_psk(struct hello *hello, struct rd *data)
{
    (void)rd_rest(data);
    hello->facts->has_psk = true;
}

static void hello_read_early_data(struct hello *hello, struct rd *data)
{
    (void)data; /* empty in a ClientHello */
    hello->facts->has_early_data = true;
}

static void hello_read_ech(struct hello *hello, struct rd *data)
{
    (void)rd_rest(data);
    hello->facts->has_ech = true;
}

/* GREASE, drafts and what is later than this program do not count: they cannot be chosen here. */
static void hello_read_versions(struct hello *hello, struct rd *data)
{
    struct rd versions;
    rd_sub8(data, &versions);
    hello->facts->offered = 0;
    if (!rd_more(&versions)) {
        hello->bad = ERR_TLS_DECODE;
    }
    while (rd_more(&versions)) {
        uint16_t version = rd_u16(&versions);
        if (version >= TLS_SSL3 && version <= TLS_1_3) {
            hello->facts->offered |= (uint8_t)(1U << (version - TLS_SSL3));
        }
    }
}

/* TLS 1.3 is chosen here, all others never. */
static void hello_read_version(struct hello *hello, struct rd *data)
{
    uint16_t legacy = hello->facts->chosen;
    hello->facts->chosen = rd_u16(data);
    if (legacy != TLS_1_2 || hello->facts->chosen != TLS_1_3) {
        hello->bad = ERR_TLS_VERSION;
    }
}

static void hello_read_certificate_type(struct hello *hello, struct rd *data)
{
    enum { X509 = 0 };
    if (rd_u8(data) != X509) {
        hello->bad = ERR_CERTIFICATE_UNREADABLE;
    }
}

static const struct hello_extension hello_client_extensions[] = {
#define CLIENT_EXTENSION(number, name, reader) {number, reader},
#define SERVER_EXTENSION(number, name, reader)
#include "tls/extensions.def"
#undef CLIENT_EXTENSION
#undef SERVER_EXTENSION
};

static const struct hello_extension hello_server_extensions[] = {
#define CLIENT_EXTENSION(number, name, reader)
#define SERVER_EXTENSION(number, name, reader) {number, reader},
#include "tls/extensions.def"
#undef CLIENT_EXTENSION
#undef SERVER_EXTENSION
};

static void hello_read_extension(struct hello *hello, const struct hello_extension *rows,
                                 size_t count, struct rd *extensions)
{
    struct rd data;
    uint16_t number = rd_u16(extensions);
    rd_sub16(extensions, &data);
    for (size_t i = 0; i < count && rd_result(extensions) == ERR_OK; i++) {
        if (rows[i].number == number) {
            rows[i].read(hello, &data);
            rd_end(&data);
            hello->bad = hello->seen >> i & 1 ? ERR_TLS_DECODE : hello->bad;
            hello->seen |= (uint32_t)1 << i;
        }
    }
}

/* Old hellos end where extensions would begin. */
static void hello_read_extensions(struct hello *hello, const struct hello_extension *rows,
                                  size_t count, struct rd *body)
{
    struct rd extensions;
    if (!rd_more(body)) {
        return;
    }
    rd_sub16(body, &extensions);
    while (rd_more(&extensions)) {
        hello_read_extension(hello, rows, count, &extensions);
    }
    rd_end(body);
}

static struct span hello_read_session_id(struct hello *hello, struct rd *body)
{
    struct rd id;
    rd_sub8(body, &id);
    struct span bytes = rd_rest(&id);
    if (bytes.len > HELLO_SESSION_ID) {
        hello->bad = ERR_TLS_DECODE;
    }
    return bytes;
}

/* RFC 8446, appendix D: without supported_versions, what is later than TLS 1.2 means TLS 1.2. */
static uint8_t hello_offers_up_to(uint16_t version)
{
    uint16_t most = version > TLS_1_2 ? TLS_1_2 : version;
    return (uint8_t)(most < TLS_SSL3 ? 0 : (2U << (most - TLS_SSL3)) - 1);
}

static void hello_find_ends(struct tls_facts *facts)
{
    facts->offered_least = 0;
    facts->offered_most = 0;
    for (uint16_t version = TLS_SSL3; version <= TLS_1_3; version++) {
        if (facts->offered >> (version - TLS_SSL3) & 1) {
            facts->offered_least = facts->offered_least ? facts->offered_least : version;
            facts->offered_most = version;
        }
    }
}

/* The form comes first: what a field means counts only in a message that can be read. */
static enum err hello_result(const struct hello *hello, const struct rd *body)
{
    return rd_result(body) != ERR_OK ? ERR_TLS_DECODE : hello->bad;
}

enum err hello_read_client(struct span span, struct tls_facts *facts, struct tls_bytes *bytes)
{
    struct hello hello = {facts, bytes, 0, ERR_OK};
    struct rd body, ciphers, compressions;
    rd_begin(&body, span);
    facts->has_sni = facts->has_ech = facts->has_alpn = facts->has_early_data = false;
    facts->has_psk = false;
    facts->offered = hello_offers_up_to(rd_u16(&body));
    (void)rd_bytes(&body, HELLO_RANDOM);
    bytes->session_id = hello_read_session_id(&hello, &body);
    rd_sub16(&body, &ciphers);
    size_t ciphers_len = rd_rest(&ciphers).len;
    rd_sub8(&body, &compressions);
    if (ciphers_len == 0 || ciphers_len % 2 != 0 || rd_rest(&compressions).len == 0) {
        hello.bad = ERR_TLS_DECODE;
    }
    hello_read_extensions(&hello, hello_client_extensions,
                          sizeof hello_client_extensions / sizeof *hello_client_extensions, &body);
    hello_find_ends(facts);
    return hello_result(&hello, &body);
}

/* The random of a ServerHello that is a HelloRetryRequest: SHA-256 of those words (RFC 8446). */
static const uint8_t hello_retry[HELLO_RANDOM] = {
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};

enum err hello_read_server(struct span span, struct tls_facts *facts, struct tls_bytes *bytes,
                           bool *retry)
{
    struct hello hello = {facts, bytes, 0, ERR_OK};
    struct rd body;
    rd_begin(&body, span);
    uint16_t legacy = rd_u16(&body);
    facts->chosen = legacy;
    struct span random = rd_bytes(&body, HELLO_RANDOM);
    bytes->session_id = hello_read_session_id(&hello, &body);
    (void)rd_u16(&body); /* cipher suite */
    (void)rd_u8(&body);  /* compression */
    hello_read_extensions(&hello, hello_server_extensions,
                          sizeof hello_server_extensions / sizeof *hello_server_extensions, &body);
    if (legacy > TLS_1_2) {
        hello.bad = ERR_TLS_VERSION;
    }
    *retry = facts->chosen == TLS_1_3 && span_equal(random, span_of(hello_retry, HELLO_RANDOM));
    return hello_result(&hello, &body);
}

uint64_t hello_sum(const struct tls_facts *facts, const struct tls_bytes *bytes)
{
    const uint8_t head[] = {facts->offered, facts->has_sni, facts->has_ech, facts->has_alpn};
    const struct span parts[] = {{head, sizeof head}, bytes->sni, bytes->alpn};
    uint64_t sum[2] = {0, 0};
    for (; sum[1] < sizeof parts / sizeof *parts; sum[1]++) {
        sum[0] = hash_keyed(sum, parts[sum[1]]);
    }
    return sum[0];
}
