/*
 * Answers questions about rules on stdin, one a line, so that another implementation can ask the
 * same ones (the tests beside it). Words are separated by one space; text is
 * hexadecimal, "-" is empty. Rows, settings and listeners pile up until `compile`, and stay until
 * `clear`. A line that it does not know ends it.
 */
#include "policy/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1 << 16, WORDS_MAX = 16, ROWS_MAX = 4096, OWN_MAX = 16 };

static char line[LINE_MAX_BYTES], text_place[1 << 20];
static struct span words[WORDS_MAX];
static size_t word_count, text_used, row_count, own_count;
static struct policy_row rows[ROWS_MAX];
static struct endpoint own[OWN_MAX];
static struct settings settings;
static struct snapshot *snapshot;

/* The text that a word means; it stays until `clear`. */
static struct span text_of(struct span word)
{
    uint8_t *start = (uint8_t *)text_place + text_used;
    size_t len = span_is(word, "-") ? 0 : word.len / 2;
    CHECK(text_used + len <= sizeof text_place);
    for (size_t i = 0; i < len; i++) {
        uint8_t high, low;
        CHECK(span_hex_digit(word.at[2 * i], &high) && span_hex_digit(word.at[2 * i + 1], &low));
        start[i] = (uint8_t)(high << 4 | low);
    }
    text_used += len;
    return span_of(start, len);
}

static void put_hex(struct span text)
{
    (void)fputs(text.len == 0 ? " -" : " ", stdout);
    for (size_t i = 0; i < text.len; i++) {
        (void)printf("%02x", text.at[i]);
    }
}

static struct addr addr_of(struct span word)
{
    struct addr addr;
    CHECK(addr_parse(word, &addr) == ERR_OK);
    return addr;
}

static uint32_t number_of(struct span word)
{
    uint64_t number;
    CHECK(span_number(word, 0, UINT32_MAX, &number) == ERR_OK);
    return (uint32_t)number;
}

/* "OID=HEX,+OID=HEX": attributes, those behind a plus in one RDN with the one before. */
static size_t attributes_of(struct span word, struct subject_attribute *at)
{
    struct span part;
    size_t count = 0;
    for (bool done = span_is(word, "-"); span_cut(&word, ',', &done, &part); count++) {
        bool joined = part.at[0] == '+';
        part = span_after(part, joined ? 1 : 0);
        size_t equals = span_find(part, '=');
        at[count] = (struct subject_attribute){span_first(part, equals),
                                               text_of(span_after(part, equals + 1)), joined};
    }
    return count;
}

static struct span pairs_of(struct span word)
{
    static char place[LINE_MAX_BYTES];
    struct subject_attribute at[64];
    struct out out;
    size_t count = attributes_of(word, at);
    out_begin(&out, place, sizeof place);
    for (size_t i = 0; i < count; i++) {
        subject_put_pair(&at[i], &out);
    }
    return out_span(&out);
}

static void put_err(enum err err)
{
    (void)fputs(err_name(err), stdout);
}

static void answer_pattern(bool host)
{
    char place[PATTERN_WHY_MAX];
    struct pattern pattern;
    struct out out;
    out_begin(&out, place, sizeof place);
    enum err err = host ? pattern_host(text_of(words[1]), &pattern)
                        : pattern_parse(text_of(words[1]), &pattern, &out);
    CHECK(out_end(&out) == ERR_OK);
    put_err(err);
    if (err == ERR_OK) {
        pattern_print(&pattern, &out);
        put_hex(out_span(&out));
        (void)printf(" %d", (int)pattern.kind);
    } else if (!host) {
        put_hex(out_span(&out));
    }
}

static void answer_subject(void)
{
    char place[SUBJECT_WHY_MAX];
    struct subject_row row;
    struct out why;
    out_begin(&why, place, sizeof place);
    enum err err = subject_parse(text_of(words[1]), &row, &why);
    CHECK(out_end(&why) == ERR_OK);
    put_err(err);
    if (err == ERR_OK) {
        struct span pairs = span_of(row.pairs, row.pairs_len);
        put_hex(span_of(row.text, row.text_len));
        put_hex(pairs);
        (void)printf(" %d", subject_matches(pairs, pairs_of(words[2])));
    } else {
        put_hex(out_span(&why));
    }
}

static void answer_print(void)
{
    static char place[LINE_MAX_BYTES];
    struct subject_attribute at[64];
    struct out out;
    out_begin(&out, place, sizeof place);
    subject_print(at, attributes_of(words[1], at), &out);
    put_err(out_end(&out));
    put_hex(out_span(&out));
}

static void put_rule(enum err err, const struct policy_rule *rule)
{
    char place[POLICY_TEXT_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    policy_print_rule(snapshot, rule, &out);
    CHECK(out_end(&out) == ERR_OK);
    put_err(err);
    (void)printf(" %" PRIu64, rule->row ? rule->row->id : 0);
    put_hex(out_span(&out));
}

static void answer_request(void)
{
    struct policy_rule rule;
    struct policy_request request = {addr_of(words[1]), text_of(words[2]),
                                     (uint16_t)number_of(words[3])};
    enum err err = policy_decide_request(snapshot, &request, &rule);
    put_rule(err, &rule);
}

static void answer_target(void)
{
    struct policy_rule rule;
    struct policy_target target = {{addr_of(words[1]), (uint16_t)number_of(words[2])},
                                   number_of(words[3]) == 1};
    enum err err = policy_decide_target(snapshot, &target, &rule);
    put_rule(err, &rule);
}

static void answer_tls(void)
{
    struct policy_rule rule;
    struct policy_tls tls = {.host = text_of(words[1]),
                             .sni = text_of(words[2]),
                             .offered_least = (uint16_t)number_of(words[3]),
                             .offered_most = (uint16_t)number_of(words[4]),
                             .chosen = (uint16_t)number_of(words[5]),
                             .early = number_of(words[6]) == 1,
                             .ech = number_of(words[7]) == 1,
                             .asked = number_of(words[8]) == 1,
                             .certificate = (enum policy_certificate)number_of(words[9]),
                             .resumed = (enum policy_resumed)number_of(words[10]),
                             .subject = pairs_of(words[11])};
    enum err err = policy_decide_tls(snapshot, &tls, &rule);
    put_rule(err, &rule);
}

static void answer_explain(void)
{
    static char place[POLICY_TEXT_MAX];
    struct addr addrs[16];
    struct out out;
    struct policy_question question = {.host = text_of(words[1]),
                                       .port = (uint16_t)number_of(words[2]),
                                       .subject = text_of(words[3]),
                                       .addrs = addrs};
    for (size_t i = 4; i < word_count; i++) {
        addrs[question.addr_count++] = addr_of(words[i]);
    }
    out_begin(&out, place, sizeof place);
    policy_explain(snapshot, &question, &out);
    put_err(out_end(&out));
    put_hex(out_span(&out));
}

static void answer_set(void)
{
    char place[SETTINGS_WHY_MAX];
    enum setting setting;
    struct out why;
    out_begin(&why, place, sizeof place);
    enum err err = settings_find(words[1], &setting, &why);
    put_err(err == ERR_OK ? settings_parse(setting, text_of(words[2]), &settings, &why) : err);
}

static void answer_row(void)
{
    CHECK(row_count < ROWS_MAX);
    rows[row_count++] = (struct policy_row){(enum policy_list)number_of(words[1]),
                                            (enum snapshot_origin)number_of(words[2]),
                                            number_of(words[3]), text_of(words[4])};
    put_err(ERR_OK);
}

static void answer_own(void)
{
    CHECK(own_count < OWN_MAX);
    put_err(endpoint_parse(words[1], &own[own_count++]));
}

static void answer_compile(void)
{
    static char place[POLICY_WHY_MAX];
    struct policy_source source = {.settings = &settings,
                                   .rows = rows,
                                   .own = own,
                                   .row_count = row_count,
                                   .own_count = own_count,
                                   .seed = {number_of(words[1]), 2}};
    struct out why;
    policy_free(snapshot);
    snapshot = NULL;
    out_begin(&why, place, sizeof place);
    enum err err = policy_compile(&source, &snapshot, &why);
    CHECK(out_end(&why) == ERR_OK);
    put_err(err);
    put_hex(out_span(&why));
}

static void answer_clear(void)
{
    row_count = own_count = text_used = 0;
    settings_init(&settings);
    put_err(ERR_OK);
}

static void answer_host(void)
{
    answer_pattern(true);
}

static void answer_pattern_row(void)
{
    answer_pattern(false);
}

static const struct {
    const char *name;
    size_t words;
    void (*answer)(void);
} questions[] = {
    {"pattern", 2, answer_pattern_row},
    {"host", 2, answer_host},
    {"subject", 3, answer_subject},
    {"print", 2, answer_print},
    {"set", 3, answer_set},
    {"row", 5, answer_row},
    {"own", 2, answer_own},
    {"compile", 2, answer_compile},
    {"clear", 1, answer_clear},
    {"request", 4, answer_request},
    {"target", 4, answer_target},
    {"tls", 11, answer_tls},
    {"explain", 4, answer_explain},
};

/* False where the line is no question. */
static bool answer_line(struct span rest)
{
    bool done = false;
    word_count = 0;
    while (word_count < WORDS_MAX && span_cut(&rest, ' ', &done, &words[word_count])) {
        word_count++;
    }
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        if (span_is(words[0], questions[i].name) && word_count >= questions[i].words) {
            size_t used = text_used;
            questions[i].answer();
            text_used = span_is(words[0], "row") ? text_used : used;
            text_used = span_is(words[0], "clear") ? 0 : text_used;
            (void)putchar('\n');
            return true;
        }
    }
    return false;
}

int main(void)
{
    settings_init(&settings);
    while (fgets(line, sizeof line, stdin)) {
        struct span text = span_str(line);
        if (!answer_line(span_first(text, text.len - (text.len > 0 ? 1 : 0)))) {
            (void)fprintf(stderr, "policy_driver: not a question: %s", line);
            return EXIT_FAILURE;
        }
    }
    policy_free(snapshot);
    return EXIT_SUCCESS;
}
