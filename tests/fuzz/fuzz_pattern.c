/*
 * Fuzz target: host patterns, and hosts decided by a few of them. What is accepted prints to a text
 * that is accepted again and prints the same; what is refused gets a whole sentence; a host that is
 * allowed equals a listed one or lies below a listed suffix.
 */
#include "fuzz.h"

#include "policy/decide.h"

static const char *const listed[] = {
    "a.example.com",      "*.example.com", "*.b.example.com", "x.org",
    "*.xn--bcher-kva.de", "192.0.2.1",     "2001:db8::1",     "*.co.com"};

enum { LISTED = sizeof listed / sizeof listed[0] };

static void try_pattern(struct span text)
{
    struct pattern pattern, again, host;
    char place[PATTERN_WHY_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    enum err err = pattern_parse(text, &pattern, &out);
    CHECK(out_end(&out) == ERR_OK && (out.len > 0) == (err != ERR_OK));
    if (err != ERR_OK) {
        return;
    }
    pattern_print(&pattern, &out);
    CHECK(out.len >= pattern.len && out.len <= PATTERN_NAME_MAX);
    enum err named = pattern_host(out_span(&out), &host);
    CHECK((named == ERR_OK) == (pattern.kind != PATTERN_SUFFIX));
    CHECK(named != ERR_OK || span_equal(pattern_span(&host), pattern_span(&pattern)));
    char printed[PATTERN_NAME_MAX + 1], unused_place[PATTERN_WHY_MAX];
    struct out copy, unused;
    out_begin(&copy, printed, sizeof printed);
    out_put(&copy, out_span(&out));
    out_begin(&unused, unused_place, sizeof unused_place);
    CHECK(pattern_parse(out_span(&copy), &again, &unused) == ERR_OK);
    CHECK(again.kind == pattern.kind && span_equal(pattern_span(&again), pattern_span(&pattern)));
}

static struct snapshot *compile_listed(void)
{
    static struct policy_row rows[LISTED];
    static struct settings settings;
    char place[POLICY_WHY_MAX];
    struct snapshot *snapshot = NULL;
    struct out why;
    struct policy_source source = {.settings = &settings, .rows = rows, .row_count = LISTED};
    for (size_t i = 0; i < LISTED; i++) {
        rows[i] = (struct policy_row){POLICY_HOSTS, SNAPSHOT_LOCAL, i, span_str(listed[i])};
    }
    settings_init(&settings);
    out_begin(&why, place, sizeof place);
    CHECK(policy_compile(&source, &snapshot, &why) == ERR_OK);
    return snapshot;
}

static void try_decision(struct span text)
{
    static struct snapshot *snapshot;
    struct policy_rule rule;
    struct pattern host;
    snapshot = snapshot ? snapshot : compile_listed();
    enum err err = policy_decide_host(snapshot, text, 443, &rule);
    bool fine = pattern_host(text, &host) == ERR_OK, found = false;
    for (size_t i = 0; i < LISTED && fine; i++) {
        struct span row = span_str(listed[i]), name = pattern_span(&host);
        bool star = row.at[0] == '*';
        found = found || (star ? name.len > row.len - 1 && span_ends_with(name, span_after(row, 1))
                               : span_equal(name, row));
    }
    CHECK((err == ERR_OK) == found);
    CHECK((err == ERR_OK) == (rule.row != NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = {data, size};
    try_pattern(text);
    try_decision(text);
    return 0;
}
