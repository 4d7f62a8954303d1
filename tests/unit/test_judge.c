/*
 * Proves the judge of a handshake: recorded ones under many rules, signatures included, and by hand
 * what resumed sessions are, in every order of ids, tickets and changes of the rules; and that
 * certificates which come back are known by what they say, with room for few of them.
 */
#include "gateway/judge.h"
#include "unit/assemble.h"
#include "unit/policy_rules.h"
#include "unit/tls_world.h"

enum { LEAVES = 2, SESSIONS = 8 };

static const uint64_t seed[2] = {7, 8};
static struct leaves leaves;
static struct sessions sessions;
static uint8_t scratch[PROOF_TRANSCRIPT_MAX];
static const struct judge_shop shop = {&leaves, &sessions, scratch};
static struct judge judge;
static struct world world;

static int open_all(void **state)
{
    (void)state;
    void *memory = malloc(leaves_size(LEAVES)), *more = malloc(sessions_size(SESSIONS));
    assert_true(memory && more);
    leaves_open(&leaves, memory, LEAVES, seed);
    sessions_open(&sessions, more, SESSIONS, seed);
    world_open(&world);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    leaves_shut(&leaves);
    sessions_shut(&sessions);
    world_close(&world);
    free(leaves.at);
    free(sessions.notes);
    return 0;
}

/* ---- recorded handshakes ---- */

static enum err ask(void *tunnel, enum tls_point point, const struct tls_facts *facts,
                    const struct tls_bytes *bytes)
{
    (void)tunnel;
    return judge_ask(&judge, point, facts, bytes);
}

static const char host[] = "workspace.ods.example.com";

static const struct {
    const char *talk, *host, *subject, *setting;
    enum err err;
    const char *rule;
} talks[] = {
    {"tls13", host, "x", "Ech=allow", ERR_OK,
     "always: the server named in TLS is the host of the CONNECT"},
    {"tls13", "other.example.com", "x", "Ech=allow", ERR_SNI_OTHER,
     "always: the server named in TLS is the host of the CONNECT"},
    {"tls13", "192.0.2.1", "x", "Ech=allow", ERR_SNI_OTHER,
     "always: the server named in TLS is the host of the CONNECT"},
    {"tls13", host, "x", "Tls13=refuse", ERR_TLS13_REFUSED, "Tls13"},
    {"tls13_certificate", host, "x", "Tls13=refuse", ERR_TLS13_REFUSED, "Tls13"},
    {"tls13_retry", host, "x", "Ech=allow", ERR_OK,
     "always: the server named in TLS is the host of the CONNECT"},
    {"tls12", host, "x", "MinimumTls=1.3", ERR_TLS_OLD, "MinimumTls"},
    {"tls12_offers_13", host, "x", "MinimumTls=1.3", ERR_TLS_OLD, "MinimumTls"},
    {"tls12_offers_13", host, "x", "Tls13=refuse", ERR_OK,
     "always: the server named in TLS is the host of the CONNECT"},
    {"tls11_certificate", host, "workspace-id", "Ech=allow", ERR_TLS_OLD, "MinimumTls"},
    {"tls11_certificate", host, "workspace-id", "MinimumTls=1.1", ERR_OK,
     "certificate workspace-id (local, row 101)"},
    {"tls10_certificate", host, "workspace-id", "MinimumTls=1.0", ERR_OK,
     "certificate workspace-id (local, row 101)"},
    {"no_sni", host, "x", "Ech=allow", ERR_SNI_MISSING, "MissingSni"},
    {"no_sni", host, "x", "MissingSni=allow", ERR_OK, "MissingSni"},
    {"no_sni", "192.0.2.1", "x", "Ech=allow", ERR_OK,
     "always: the server named in TLS is the host of the CONNECT"},
    {"tls12_certificate", host, "workspace-id", "Ech=allow", ERR_OK,
     "certificate workspace-id (local, row 101)"},
    {"tls12_certificate", host, "CN=agent-guid,O=Microsoft", "Ech=allow", ERR_OK,
     "certificate CN=agent-guid,O=Microsoft (local, row 101)"},
    {"tls12_certificate", host, "workspace-i", "Ech=allow", ERR_CERTIFICATE_UNLISTED,
     "list of certificates"},
    {"tls12_certificate", host, "O=Microsoft,CN=other", "Ech=allow", ERR_CERTIFICATE_UNLISTED,
     "list of certificates"},
    {"tls12_certificate", host, "x", "ClientCertificates=any", ERR_OK, "ClientCertificates"},
    {"tls12_certificate", host, "x", "ClientCertificates=required", ERR_CERTIFICATE_UNLISTED,
     "list of certificates"},
    {"tls12_certificate_rsa", host, "workspace-id", "Ech=allow", ERR_OK,
     "certificate workspace-id (local, row 101)"},
    {"tls12_certificate_ed25519", host, "workspace-id", "Ech=allow", ERR_OK,
     "certificate workspace-id (local, row 101)"},
    {"tls12_certificate_chain", host, "workspace-id", "Ech=allow", ERR_OK,
     "certificate workspace-id (local, row 101)"},
    {"tls12_certificate_none", host, "x", "Ech=allow", ERR_OK,
     "always: the server named in TLS is the host of the CONNECT"},
    {"tls12_certificate_none", host, "x", "ClientCertificates=required", ERR_CERTIFICATE_MISSING,
     "ClientCertificates"},
    {"tls12", host, "x", "ClientCertificates=required", ERR_OK,
     "always: the server named in TLS is the host of the CONNECT"},
    {"tls12_resumed_id", host, "x", "Ech=allow", ERR_OK,
     "always: the server named in TLS is the host of the CONNECT"},
    {"tls12_resumed_id", host, "x", "UnknownResumption=refuse", ERR_RESUMPTION_UNKNOWN,
     "UnknownResumption"},
    {"tls12_resumed_ticket", host, "x", "UnknownResumption=refuse", ERR_RESUMPTION_UNKNOWN,
     "UnknownResumption"},
};

static void expect_rule(const struct snapshot *snapshot, const char *want, size_t row)
{
    char place[POLICY_TEXT_MAX];
    struct out out;
    out_begin(&out, place, sizeof place);
    policy_print_rule(snapshot, &judge.rule, &out);
    unit_same(out_span(&out), span_str(want), "row %zu", row);
}

static void play(const char *name, const struct snapshot *snapshot, const char *to,
                 const struct world_cut *cut, size_t flip)
{
    struct world_talk talk;
    world_load(name, &talk);
    talk.bytes[flip] ^= flip > 0 ? 1 : 0;
    world.shop.judge = ask;
    judge_begin(&judge, &shop, snapshot, span_str(to));
    world_play(&world, &talk, cut);
    if (world.state == TLS_PASSED) {
        judge_passed(&judge, &world.tls.facts);
    }
    world_end(&world);
    judge_end(&judge);
    world_free(&talk);
}

static void recorded_handshakes_by_many_rules(void **state)
{
    (void)state;
    static const struct world_cut cuts[] = {{0, 0, 0}, {1, 0, 0}, {100, 0, 0}};
    for (size_t i = 0; i < unit_count(talks); i++) {
        struct snapshot *snapshot = rules_compile(
            &(struct rules){.subjects = {talks[i].subject}, .settings = {talks[i].setting}});
        for (size_t k = 0; k < unit_count(cuts); k++) {
            play(talks[i].talk, snapshot, talks[i].host, &cuts[k], 0);
            unit_holds(world.err == talks[i].err, "row %zu, %s: %s", i, talks[i].talk,
                       err_name(world.err));
            expect_rule(snapshot, talks[i].rule, i);
        }
        bool other = talks[i].err == ERR_SNI_OTHER;
        unit_same(span_of(judge.sni, judge.sni_len), span_str(other ? host : ""), "row %zu", i);
        policy_free(snapshot);
    }
}

/* Whoever has copied a certificate has no signature over this handshake: its random is another. */
static void a_certificate_without_its_key_is_a_copy(void **state)
{
    (void)state;
    static const char *const names[] = {"tls10_certificate", "tls11_certificate",
                                        "tls12_certificate", "tls12_certificate_rsa",
                                        "tls12_certificate_ed25519"};
    enum { IN_RANDOM = 20 };
    struct snapshot *snapshot = rules_compile(
        &(struct rules){.subjects = {"workspace-id"}, .settings = {"MinimumTls=1.0"}});
    for (size_t i = 0; i < unit_count(names); i++) {
        const struct world_cut whole = {0, 0, 0};
        play(names[i], snapshot, host, &whole, IN_RANDOM);
        unit_holds(world.err == ERR_PROOF_WRONG, "%s: %s", names[i], err_name(world.err));
    }
    policy_free(snapshot);
}

/* ---- resumed sessions, by hand ---- */

enum { NOBODY = 0 }; /* no certificate */

/* A certificate whose one CN is that letter: the leaf is as good as any bytes, the key is any. */
static void fill_certificate(char letter, struct tls_bytes *bytes, uint8_t place[256])
{
    char text[] = "30 d{ 31 d{ 30 d{ 06 03 55 04 03 0c d{ '_' } } } }";
    memcpy(strchr(text, '_'), &letter, 1);
    bytes->subject = assemble(text, place, 100);
    bytes->key = assemble("30 2a 30 05 06 03 2b 65 70 03 21 00 #32:58", place + 100, 100);
    bytes->leaf = bytes->subject;
}

static struct judge *begin(const struct snapshot *snapshot, const char *to)
{
    static uint64_t now_ms = 1000;
    judge_begin(&judge, &shop, snapshot, span_str(to));
    judge.now_ms = now_ms++;
    return &judge;
}

static struct tls_facts facts_12(void)
{
    return (struct tls_facts){
        .offered_least = TLS_1_2, .offered_most = TLS_1_2, .has_sni = true, .asked = true};
}

static enum err say_hello(struct tls_facts *facts, const char *to, const char *id,
                          const char *ticket)
{
    const struct tls_bytes hello = {
        .sni = span_str(to), .session_id = span_str(id), .ticket = span_str(ticket)};
    const struct tls_bytes chosen = {.session_id = span_str(id)};
    TRY(judge_ask(&judge, TLS_AT_HELLO, facts, &hello));
    facts->chosen = TLS_1_2;
    return judge_ask(&judge, TLS_AT_CHOSEN, facts, &chosen);
}

static enum err give_ticket(struct tls_facts *facts, const char *ticket)
{
    const struct tls_bytes bytes = {.ticket = span_str(ticket)};
    return judge_ask(&judge, TLS_AT_TICKET, facts, &bytes);
}

/* A full handshake after which the server knows the client by these names. */
static enum err full(const struct snapshot *snapshot, const char *to, char letter, const char *id,
                     const char *ticket)
{
    struct tls_facts facts = facts_12();
    struct tls_bytes bytes = {.scheme = 0};
    uint8_t place[256];
    (void)begin(snapshot, to);
    TRY(say_hello(&facts, to, "", ""));
    judge.id_given.len = 0;
    TRY(judge_ask(&judge, TLS_AT_CHOSEN, &facts, &(struct tls_bytes){.session_id = span_str(id)}));
    facts.certificate = letter == NOBODY ? TLS_CERTIFICATE_NONE : TLS_CERTIFICATE_SHOWN;
    if (letter != NOBODY) {
        fill_certificate(letter, &bytes, place);
    }
    TRY(judge_ask(&judge, TLS_AT_CERTIFICATE, &facts, &bytes));
    TRY(give_ticket(&facts, ticket));
    judge_passed(&judge, &facts);
    judge_end(&judge);
    return ERR_OK;
}

/* One that is resumed by what the client offers; `renewed`: the server's new ticket. */
static enum err resume(const struct snapshot *snapshot, const char *to, const char *id,
                       const char *ticket, const char *renewed)
{
    const struct tls_bytes nothing = {.scheme = 0};
    struct tls_facts facts = facts_12();
    (void)begin(snapshot, to);
    facts.asked = false; /* nobody asks when a session is resumed */
    facts.resumed = true;
    TRY(say_hello(&facts, to, id, ticket));
    TRY(give_ticket(&facts, renewed));
    TRY(judge_ask(&judge, TLS_AT_RESUMED, &facts, &nothing));
    judge_passed(&judge, &facts);
    return ERR_OK;
}

static const struct {
    const char *to, *id, *ticket;
    enum err err, later; /* later: when B was taken off the list, and A never was on it */
} resumed[] = {
    {"a.test", "idB", "", ERR_OK, ERR_CERTIFICATE_UNLISTED},
    {"a.test", "", "ticketB", ERR_OK, ERR_CERTIFICATE_UNLISTED},
    {"a.test", "idB", "ticketB", ERR_OK, ERR_CERTIFICATE_UNLISTED},
    {"a.test", "made up", "ticketB", ERR_OK, ERR_CERTIFICATE_UNLISTED},
    {"a.test", "idC", "ticketB", ERR_RESUMPTION_MIXED, ERR_CERTIFICATE_UNLISTED},
    {"a.test", "idB", "ticketC", ERR_RESUMPTION_MIXED, ERR_RESUMPTION_MIXED},
    {"a.test", "idC", "ticketC", ERR_OK, ERR_OK},
    {"a.test", "idB", "made up", ERR_RESUMPTION_UNKNOWN, ERR_CERTIFICATE_UNLISTED},
    {"a.test", "idN", "", ERR_OK, ERR_OK},
    {"a.test", "", "ticketN", ERR_OK, ERR_OK},
    {"a.test", "idN", "ticketB", ERR_RESUMPTION_MIXED, ERR_CERTIFICATE_UNLISTED},
    {"a.test", "made up", "", ERR_RESUMPTION_UNKNOWN, ERR_RESUMPTION_UNKNOWN},
    {"a.test", "", "made up", ERR_RESUMPTION_UNKNOWN, ERR_RESUMPTION_UNKNOWN},
    {"a.test", "ticketB", "", ERR_RESUMPTION_UNKNOWN, ERR_RESUMPTION_UNKNOWN},
    {"a.test", "", "idB", ERR_RESUMPTION_UNKNOWN, ERR_RESUMPTION_UNKNOWN},
    {"b.test", "idB", "ticketB", ERR_RESUMPTION_UNKNOWN, ERR_RESUMPTION_UNKNOWN},
};

static void a_resumed_session_is_who_it_was(void **state)
{
    (void)state;
    const struct rules both = {.subjects = {"B", "C"}, .settings = {"UnknownResumption=refuse"}};
    const struct rules one = {.subjects = {"C"}, .settings = {"UnknownResumption=refuse"}};
    struct snapshot *now = rules_compile(&both), *later = rules_compile(&one);
    assert_int_equal(full(now, "a.test", 'B', "idB", "ticketB"), ERR_OK);
    assert_int_equal(full(now, "a.test", 'C', "idC", "ticketC"), ERR_OK);
    assert_int_equal(full(now, "a.test", NOBODY, "idN", "ticketN"), ERR_OK);
    assert_int_equal(full(now, "a.test", 'A', "idA", "ticketA"), ERR_CERTIFICATE_UNLISTED);
    judge_end(&judge);
    for (size_t i = 0; i < unit_count(resumed); i++) {
        enum err err = resume(now, resumed[i].to, resumed[i].id, resumed[i].ticket, "");
        unit_holds(err == resumed[i].err, "row %zu: %s", i, err_name(err));
        err = resume(later, resumed[i].to, resumed[i].id, resumed[i].ticket, "");
        unit_holds(err == resumed[i].later, "row %zu, later: %s", i, err_name(err));
    }
    policy_free(now);
    policy_free(later);
}

static void a_renewed_ticket_inherits(void **state)
{
    (void)state;
    const struct rules strict = {.subjects = {"B"}, .settings = {"UnknownResumption=refuse"}};
    const struct rules empty = {.subjects = {"C"}, .settings = {"UnknownResumption=refuse"}};
    const struct rules loose = {.subjects = {"C"}};
    struct snapshot *now = rules_compile(&strict), *later = rules_compile(&empty);
    struct snapshot *allows = rules_compile(&loose);
    assert_int_equal(full(now, "r.test", 'B', "", "first"), ERR_OK);
    assert_int_equal(resume(now, "r.test", "x", "first", "second"), ERR_OK);
    assert_int_equal(resume(now, "r.test", "x", "second", "third"), ERR_OK);
    unit_same(span_of(judge.who.subject.text, judge.who.subject.text_len), span_str("CN=B"), "who");
    assert_int_equal(resume(later, "r.test", "x", "third", "fourth"), ERR_CERTIFICATE_UNLISTED);
    assert_int_equal(resume(now, "r.test", "x", "fourth", ""), ERR_RESUMPTION_UNKNOWN);
    /* Of a session that nobody knows nothing is remembered, though it was allowed. */
    assert_int_equal(resume(allows, "r.test", "x", "fourth", "fifth"), ERR_OK);
    assert_int_equal(resume(now, "r.test", "x", "fifth", ""), ERR_RESUMPTION_UNKNOWN);
    policy_free(now);
    policy_free(later);
    policy_free(allows);
}

/* Where a certificate is required, one who showed none does not come back without one. */
static void what_was_not_shown_is_remembered_too(void **state)
{
    (void)state;
    const struct rules listed = {.subjects = {"B"}};
    const struct rules required = {.subjects = {"B"}, .settings = {"ClientCertificates=required"}};
    struct snapshot *now = rules_compile(&listed), *later = rules_compile(&required);
    assert_int_equal(full(now, "n.test", NOBODY, "none", ""), ERR_OK);
    assert_int_equal(full(now, "n.test", 'B', "some", ""), ERR_OK);
    assert_int_equal(resume(later, "n.test", "none", "", ""), ERR_CERTIFICATE_MISSING);
    assert_int_equal(resume(later, "n.test", "some", "", ""), ERR_OK);
    policy_free(now);
    policy_free(later);
}

/* ---- certificates that come back ---- */

static void few_leaves_are_kept_and_all_are_read(void **state)
{
    (void)state;
    static const char order[] = "ABABCABCDAADDCB";
    char kept[LEAVES + 1] = "";
    for (size_t i = 0; order[i] != '\0'; i++) {
        struct tls_bytes bytes = {.scheme = 0};
        struct evp_pkey_st *key, *again;
        struct leaf *leaf;
        uint8_t place[256];
        char want[] = "CN=_";
        want[3] = order[i];
        fill_certificate(order[i], &bytes, place);
        assert_int_equal(leaves_find(&leaves, bytes.leaf, bytes.subject, &leaf), ERR_OK);
        unit_same(span_of(leaf->subject.text, leaf->subject.text_len), span_str(want), "%zu", i);
        bool had_key = leaf->key != NULL, known = strchr(kept, order[i]) != NULL;
        unit_holds(i < LEAVES || had_key == known, "%zu: %c among %s", i, order[i], kept);
        assert_int_equal(leaves_share_key(leaf, bytes.key, &key), ERR_OK);
        assert_int_equal(leaves_share_key(leaf, span_of(NULL, 0), &again), ERR_OK);
        assert_ptr_equal(key, again);
        proof_key_free(key);
        proof_key_free(again);
        kept[0] = i == 0 || kept[1] != order[i] ? kept[1] : kept[0];
        kept[1] = order[i];
        kept[0] = kept[0] == '\0' ? order[i] : kept[0];
    }
}

static const char *const unreadable[] = {
    "30 00 00",
    "30 d{ 31 d{ 30 d{ 06 03 55 04 03 0c d{ } } } }",
    "30 d{ 31 d{ 30 d{ 06 03 55 04 03 0c d{ 'a' 00 'b' } } } }",
    "30 d{ 31 d{ 30 d{ 06 03 55 04 03 0c d{ #1025:41 } } } }",
    "30 d{ 31 d{ 30 d{ 06 03 55 04 03 0c d{ #600:41 } } } 31 d{ 30 d{ 06 03 55 04 03 0c d{ #600:41 "
    "} } } "
    "}",
};

static void what_cannot_be_read_is_refused_again_and_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(unreadable); i++) {
        uint8_t place[1500];
        struct leaf *leaf;
        struct span name = assemble(unreadable[i], place, sizeof place);
        for (int turn = 0; turn < 2; turn++) {
            enum err err = leaves_find(&leaves, name, name, &leaf);
            unit_holds(err == ERR_CERTIFICATE_UNREADABLE, "row %zu: %s", i, err_name(err));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_handshakes_by_many_rules),
        cmocka_unit_test(a_certificate_without_its_key_is_a_copy),
        cmocka_unit_test(a_resumed_session_is_who_it_was),
        cmocka_unit_test(a_renewed_ticket_inherits),
        cmocka_unit_test(what_was_not_shown_is_remembered_too),
        cmocka_unit_test(few_leaves_are_kept_and_all_are_read),
        cmocka_unit_test(what_cannot_be_read_is_refused_again_and_again),
    };
    return cmocka_run_group_tests_name("judge", tests, open_all, close_all);
}
