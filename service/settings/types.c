/*
 * The types of settings: one row each, with what reads, what prints, and an example. Knows text
 * and fields; must not know any setting by its name.
 */
#include "settings/types.h"

#include <string.h>

/* With some types the default is a word that stands for "none given", in any case of letters. */
static bool types_is_word(const struct types_given *given)
{
    return span_is_nocase(given->text, given->row->standard);
}

static enum err types_parse_port(struct types_given *given, void *field)
{
    uint64_t number;
    TRY(span_number(given->text, given->row->min, given->row->max, &number));
    *(uint16_t *)field = (uint16_t)number;
    return ERR_OK;
}

static void types_print_port(const struct settings_row *row, const void *field, struct out *out)
{
    const uint16_t *port = field;
    CHECK(*port >= row->min && *port <= row->max);
    out_u64(out, *port);
}

static enum err types_parse_number(struct types_given *given, void *field)
{
    uint64_t number;
    TRY(span_number(given->text, given->row->min, given->row->max, &number));
    *(uint32_t *)field = (uint32_t)number;
    return ERR_OK;
}

static void types_print_number(const struct settings_row *row, const void *field, struct out *out)
{
    const uint32_t *number = field;
    CHECK(*number >= row->min && *number <= row->max);
    out_u64(out, *number);
}

static const struct {
    const char *text;
    uint32_t ms;
} types_units[] = {{"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 60 * 60 * 1000}};

/* 0: no unit of time. */
static uint64_t types_unit_ms(struct span unit)
{
    for (size_t i = 0; i < sizeof types_units / sizeof types_units[0]; i++) {
        if (span_is(unit, types_units[i].text)) {
            return types_units[i].ms;
        }
    }
    return 0;
}

/* What cannot be printed as a whole number of the row's unit is refused, never rounded. */
static enum err types_parse_time(struct types_given *given, void *field)
{
    const struct settings_row *row = given->row;
    size_t digits = 0;
    while (digits < given->text.len && span_is_digit(given->text.at[digits])) {
        digits++;
    }
    struct span suffix = span_after(given->text, digits);
    uint64_t number, row_ms = types_unit_ms(span_str(row->unit));
    uint64_t given_ms = suffix.len == 0 ? row_ms : types_unit_ms(suffix);
    CHECK(row_ms > 0);
    if (digits == 0 || given_ms == 0) {
        return ERR_TIME;
    }
    TRY(span_number(span_first(given->text, digits), 0, UINT32_MAX, &number));
    number *= given_ms;
    if (number < row->min * row_ms || number > row->max * row_ms) {
        return ERR_RANGE;
    }
    if (number % row_ms != 0) {
        return ERR_FINER;
    }
    *(uint32_t *)field = (uint32_t)number;
    return ERR_OK;
}

static void types_print_time(const struct settings_row *row, const void *field, struct out *out)
{
    const uint32_t *ms = field;
    uint64_t row_ms = types_unit_ms(span_str(row->unit));
    CHECK(row_ms > 0 && *ms % row_ms == 0);
    CHECK(*ms >= row->min * row_ms && *ms <= row->max * row_ms);
    out_u64(out, *ms / row_ms);
}

/* A choice lies in an enum of its own and is copied as the number that it is. */
_Static_assert(sizeof(enum settings_log_level) == sizeof(unsigned), "an enum is an unsigned");

static enum err types_parse_choice(struct types_given *given, void *field)
{
    for (const struct settings_value *value = given->row->values; value->word; value++) {
        if (span_is_nocase(given->text, value->word)) {
            memcpy(field, &value->number, sizeof value->number);
            return ERR_OK;
        }
    }
    return ERR_CHOICE;
}

static void types_print_choice(const struct settings_row *row, const void *field, struct out *out)
{
    unsigned number;
    memcpy(&number, field, sizeof number);
    const struct settings_value *value = row->values;
    while (value->word && value->number != number) {
        value++;
    }
    CHECK(value->word);
    out_str(out, value->word);
}

/* The next entry of a list, without the blanks around its comma. */
static bool types_next(struct span *rest, bool *done, struct span *entry)
{
    bool more = span_cut(rest, ',', done, entry);
    *entry = more ? span_trim(*entry) : *entry;
    return more;
}

static bool types_covers(const struct cidr *wide, const struct cidr *narrow)
{
    return wide->prefix <= narrow->prefix && cidr_contains(wide, &narrow->net);
}

/* The order of a list of networks: IPv4 first, then by address. */
static bool types_before(const struct cidr *a, const struct cidr *b)
{
    if (a->net.family != b->net.family) {
        return a->net.family < b->net.family;
    }
    return memcmp(a->net.bytes, b->net.bytes, sizeof a->net.bytes) < 0;
}

/* A network inside another says nothing new: only the wider one is kept, whichever came first. */
static enum err types_add_network(uint32_t max, const struct cidr *cidr,
                                  struct settings_networks *networks)
{
    uint32_t kept = 0, at = 0;
    for (uint32_t i = 0; i < networks->count; i++) {
        if (types_covers(&networks->at[i], cidr)) {
            return ERR_OK;
        }
        if (!types_covers(cidr, &networks->at[i])) {
            networks->at[kept++] = networks->at[i];
        }
    }
    networks->count = kept;
    if (kept == max) {
        return ERR_ENTRIES;
    }
    while (at < kept && types_before(&networks->at[at], cidr)) {
        at++;
    }
    memmove(&networks->at[at + 1], &networks->at[at], (kept - at) * sizeof *cidr);
    networks->at[at] = *cidr;
    networks->count++;
    return ERR_OK;
}

/* The word of a list that may be empty means no network; of one that may not, every one. */
static const struct settings_networks types_everywhere = {
    2, {{{ADDR_IPV4, {0}}, 0}, {{ADDR_IPV6, {0}}, 0}}};

/* ::ffff:10.0.0.0/104 is 10.0.0.0/8: clients and targets are compared as what they are. */
static void types_unmap(struct cidr *cidr)
{
    struct addr inner = addr_unmap(&cidr->net);
    if (inner.family != cidr->net.family && cidr->prefix >= 96) {
        *cidr = (struct cidr){inner, (uint8_t)(cidr->prefix - 96)};
    }
}

static enum err types_parse_networks(struct types_given *given, void *field)
{
    struct settings_networks networks = {0};
    struct span rest = given->text;
    bool done = false;
    CHECK(given->row->max <= SETTINGS_NETWORKS_MAX);
    if (types_is_word(given)) {
        *(struct settings_networks *)field = given->row->min > 0 ? types_everywhere : networks;
        return ERR_OK;
    }
    while (types_next(&rest, &done, &given->fault)) {
        struct cidr cidr;
        TRY(given->fault.len > 0 ? cidr_parse(given->fault, &cidr) : ERR_EMPTY);
        types_unmap(&cidr);
        TRY(types_add_network(given->row->max, &cidr, &networks));
    }
    *(struct settings_networks *)field = networks;
    return ERR_OK;
}

static void types_print_networks(const struct settings_row *row, const void *field, struct out *out)
{
    const struct settings_networks *networks = field;
    CHECK(networks->count >= row->min && networks->count <= row->max);
    if (networks->count == 0 || (row->min > 0 && settings_is_everywhere(networks))) {
        out_str(out, row->standard);
        return;
    }
    for (uint32_t i = 0; i < networks->count; i++) {
        out_str(out, i > 0 ? "," : "");
        cidr_print(&networks->at[i], out);
    }
}

static enum err types_add_port(uint32_t max, uint16_t port, struct settings_ports *ports)
{
    uint32_t at = 0;
    while (at < ports->count && ports->at[at] < port) {
        at++;
    }
    if (at < ports->count && ports->at[at] == port) {
        return ERR_OK;
    }
    if (ports->count == max) {
        return ERR_ENTRIES;
    }
    memmove(&ports->at[at + 1], &ports->at[at], (ports->count - at) * sizeof port);
    ports->at[at] = port;
    ports->count++;
    return ERR_OK;
}

static enum err types_parse_ports(struct types_given *given, void *field)
{
    struct settings_ports ports = {0};
    struct span rest = given->text;
    bool done = false;
    CHECK(given->row->max <= SETTINGS_PORTS_MAX);
    while (types_next(&rest, &done, &given->fault)) {
        uint16_t port;
        TRY(given->fault.len > 0 ? port_parse(given->fault, &port) : ERR_EMPTY);
        TRY(types_add_port(given->row->max, port, &ports));
    }
    *(struct settings_ports *)field = ports;
    return ERR_OK;
}

static void types_print_ports(const struct settings_row *row, const void *field, struct out *out)
{
    const struct settings_ports *ports = field;
    CHECK(ports->count >= row->min && ports->count <= row->max);
    for (uint32_t i = 0; i < ports->count; i++) {
        out_str(out, i > 0 ? "," : "");
        out_u64(out, ports->at[i]);
    }
}

void types_empty(const struct settings_row *row, void *field)
{
    CHECK(row->type == SETTINGS_NETWORKS || row->type == SETTINGS_PORTS);
    if (row->type == SETTINGS_NETWORKS) {
        *(struct settings_networks *)field = (struct settings_networks){0};
    } else {
        *(struct settings_ports *)field = (struct settings_ports){0};
    }
}

static enum err types_parse_address(struct types_given *given, void *field)
{
    struct addr addr = {ADDR_NONE, {0}};
    if (!types_is_word(given)) {
        TRY(addr_parse(given->text, &addr));
    }
    *(struct addr *)field = addr;
    return ERR_OK;
}

static void types_print_address(const struct settings_row *row, const void *field, struct out *out)
{
    const struct addr *addr = field;
    if (addr->family == ADDR_NONE) {
        out_str(out, row->standard);
    } else {
        addr_print(addr, out);
    }
}

static enum err types_parse_endpoint(struct types_given *given, void *field)
{
    struct endpoint endpoint = {{ADDR_NONE, {0}}, 0};
    if (!types_is_word(given)) {
        TRY(endpoint_parse(given->text, &endpoint));
    }
    *(struct endpoint *)field = endpoint;
    return ERR_OK;
}

static void types_print_endpoint(const struct settings_row *row, const void *field, struct out *out)
{
    const struct endpoint *endpoint = field;
    if (endpoint->port == 0) {
        out_str(out, row->standard);
    } else {
        endpoint_print(endpoint, out);
    }
}

/* Of either system: a configuration may be carried from one to the other. */
static bool types_is_absolute(struct span path)
{
    static const struct span root = SPAN("/"), share = SPAN("\\\\");
    if (span_starts_with(path, root) || span_starts_with(path, share)) {
        return true;
    }
    uint8_t drive = path.len < 3 ? 0 : span_lower(path.at[0]);
    return drive >= 'a' && drive <= 'z' && path.at[1] == ':' &&
           (path.at[2] == '/' || path.at[2] == '\\');
}

static enum err types_parse_path(struct types_given *given, void *field)
{
    struct settings_path path = {{0}};
    struct span text = given->text;
    uint8_t last = text.at[text.len - 1];
    CHECK(given->row->max <= SETTINGS_PATH_MAX);
    if (!types_is_word(given)) {
        if (!types_is_absolute(text) || last == '/' || last == '\\' || last == ' ') {
            return ERR_PATH;
        }
        if (text.len > given->row->max) {
            return ERR_LONG;
        }
        memcpy(path.text, text.at, text.len);
    }
    *(struct settings_path *)field = path;
    return ERR_OK;
}

static void types_print_path(const struct settings_row *row, const void *field, struct out *out)
{
    const struct settings_path *path = field;
    out_str(out, path->text[0] == '\0' ? row->standard : path->text);
}

static const struct {
    enum err (*parse)(struct types_given *given, void *field);
    void (*print)(const struct settings_row *row, const void *field, struct out *out);
    const char *example; /* NULL: the default */
} types_rows[SETTINGS_TYPE_COUNT] = {
    [SETTINGS_PORT] = {types_parse_port, types_print_port, NULL},
    [SETTINGS_NUMBER] = {types_parse_number, types_print_number, NULL},
    [SETTINGS_TIME] = {types_parse_time, types_print_time, NULL},
    [SETTINGS_CHOICE] = {types_parse_choice, types_print_choice, NULL},
    [SETTINGS_NETWORKS] = {types_parse_networks, types_print_networks, "10.0.0.0/8,2001:db8::/32"},
    [SETTINGS_PORTS] = {types_parse_ports, types_print_ports, "443,8443"},
    [SETTINGS_ADDRESS] = {types_parse_address, types_print_address, "192.0.2.10"},
    [SETTINGS_ENDPOINT] = {types_parse_endpoint, types_print_endpoint, "127.0.0.1:9100"},
    [SETTINGS_PATH] = {types_parse_path, types_print_path, NULL},
};

enum err types_parse(struct types_given *given, void *field)
{
    CHECK(given->row->type < SETTINGS_TYPE_COUNT && given->text.len > 0);
    return types_rows[given->row->type].parse(given, field);
}

void types_print(const struct settings_row *row, const void *field, struct out *out)
{
    CHECK(row->type < SETTINGS_TYPE_COUNT);
    types_rows[row->type].print(row, field, out);
}

const char *types_example(const struct settings_row *row)
{
    CHECK(row->type < SETTINGS_TYPE_COUNT);
    const char *example = types_rows[row->type].example;
    return example ? example : row->standard;
}
