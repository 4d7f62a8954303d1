/*
 * Proves the sentences about rules: rows that are wrong, decisions explained, and the commands they
 * name. All of them stand in tests/data/golden/policy.txt, to be read by a person;
 * `test_policy_golden --write` writes that file anew. A sentence is one harmless line, and a
 * command that is called right is one that is accepted.
 */
#include "base/utf.h"
#include "policy/relay.h"
#include "unit/policy_rules.h"

/* POLICY_GOLDEN: the path of the file, from the build. */

static char why_place[SUBJECT_WHY_MAX];

/* Empty where the row is accepted. */
static struct span host_sentence(struct span text)
{
    struct pattern pattern;
    struct out why;
    out_begin(&why, why_place, sizeof why_place);
    enum err err = pattern_parse(text, &pattern, &why);
    unit_holds((err == ERR_OK) == (why.len == 0), "%s", unit_show(text));
    assert_int_equal(out_end(&why), ERR_OK);
    return out_span(&why);
}

static struct span subject_sentence(struct span text)
{
    struct subject_row row;
    struct out why;
    out_begin(&why, why_place, sizeof why_place);
    enum err err = subject_parse(text, &row, &why);
    unit_holds((err == ERR_OK) == (why.len == 0), "%s", unit_show(text));
    assert_int_equal(out_end(&why), ERR_OK);
    return out_span(&why);
}

static const struct span hosts[] = {
    SPAN(""),
    SPAN("a.example.com b.example.com"),
    SPAN("a.example.com,b.example.com"),
    SPAN("a.example.com, *.example.org,a.example.com; https://x 192.0.2.1"),
    SPAN("https://a.example.com"),
    SPAN("HTTPS://user:password@A.Example.com:8443/path?query#fragment"),
    SPAN("https://b\xC3\xBC"
         "cher.example/"),
    SPAN("https://*.example.com/"),
    SPAN("https://*.com/"),
    SPAN("https:///path"),
    SPAN("user@a.example.com"),
    SPAN("\\\\server\\share"),
    SPAN("http:\\\\a.example.com\\path"),
    SPAN("https:\\a.example.com"),
    SPAN("10.0.0.0/8"),
    SPAN("10.1.2.3/8"),
    SPAN("2001:db8::/32"),
    SPAN("a.example.com:443"),
    SPAN("a.example.com:8443"),
    SPAN("*.example.com:8443"),
    SPAN("a.example.com:0443"),
    SPAN("[2001:db8::1]:443"),
    SPAN(":443"),
    SPAN("*"),
    SPAN("*.com"),
    SPAN("*.co.uk"),
    SPAN("*.azurewebsites.net"),
    SPAN("*.azure.com"),
    SPAN("*.westeurope.cloudapp.azure.com"),
    SPAN("azgn*.servicebus.windows.net"),
    SPAN("winatp-gw-*.microsoft.com"),
    SPAN("*example.com"),
    SPAN("a.*.example.com"),
    SPAN("*.*.example.com"),
    SPAN("example.*"),
    SPAN(".example.com"),
    SPAN("a..example.com"),
    SPAN("-a.example.com"),
    SPAN("my_host.example.com"),
    SPAN("a%2eexample.com"),
    SPAN("\xF0\x9F\x90\xA7.example"),
    SPAN("\xFF.example"),
    SPAN("127.1"),
    SPAN("0x7f000001"),
    SPAN("010.1.2.3"),
    SPAN("*.192.0.2.1"),
    SPAN("fe80::1%eth0"),
    SPAN("2001:db8::1::2"),
    SPAN("[a.example.com]"),
    SPAN("a123456789-123456789-123456789-123456789-123456789-123456789-1234.example.com"),
    SPAN("a\0.example.com"),
    SPAN("a\x1b[31m.example.com"),
    SPAN("\xE2\x80\xAEmoc.elpmaxe"),
    SPAN("x\": fine; right would be: omsgateway host add evil.example"),
};

static const struct span subjects[] = {
    SPAN(""),
    SPAN("CN="),
    SPAN("Name=mycert"),
    SPAN("Subject: CN=mycert"),
    SPAN("/O=Microsoft/CN=mycert"),
    SPAN("2.5.4.03=mycert"),
    SPAN("O=Contoso, Inc."),
    SPAN("CN=agent 7, O=Contoso, Inc., C=US"),
    SPAN("CN=a,"),
    SPAN("O=\"Contoso, Inc.\", CN=agent 7"),
    SPAN("CN=\"agent 7\""),
    SPAN("CN=agent 7; O=Contoso"),
    SPAN("CN=<guid>"),
    SPAN("CN=#0403"),
    SPAN("O=50%, Inc."),
    SPAN("O=M\xC3\xBCller, Inc."),
    SPAN("DOMAIN\\host"),
    SPAN("CN=a\\"),
    SPAN("CN=a\\0"),
    SPAN("CN=a\\00b"),
    SPAN("a\nb"),
    SPAN("\xFF"),
    SPAN("a\": fine; right would be: omsgateway certificate add \"=b"),
};

static const struct rules listed = {
    .hosts = {"a.example.com", "*.example.com", "192.0.2.1", "login.microsoft.com"},
    .subjects = {"mycert", "CN=agent,O=Contoso"},
    .settings = {"AllowedNetworks=10.1.0.0/16,fd00::/8"},
    .own = {"192.0.2.7:443"},
};
static const struct rules strict = {
    .hosts = {"*.example.com"},
    .subjects = {"mycert"},
    .settings = {"AllowedPorts=443,8443", "Tls13=refuse"},
};

static const struct rules inside = {
    .hosts = {"a.example.com"},
    .settings = {"AllowedClients=::ffff:10.0.0.0/104"},
};

static const struct {
    const struct rules *rules;
    const char *host, *subject;
    uint16_t port;
    const char *addrs[3], *client;
} questions[] = {
    {&listed, "a.example.com", "", 443, {NULL}, NULL},
    {&listed, "B.Example.com.", "", 443, {NULL}, NULL},
    {&listed, "b.example.org", "", 443, {NULL}, NULL},
    {&listed, "*.example.org", "", 443, {NULL}, NULL},
    {&listed, "a b", "", 443, {NULL}, NULL},
    {&listed, "192.0.2.2", "", 443, {NULL}, NULL},
    {&listed, "[2001:db8::1]", "", 443, {NULL}, NULL},
    {&listed, "127.1", "", 443, {NULL}, NULL},
    {&listed, "a.example.com", "", 8443, {NULL}, NULL},
    {&strict, "a.example.com", "", 80, {NULL}, NULL},
    {&listed, "a.example.com", "", 443, {"8.8.8.8"}, NULL},
    {&listed, "a.example.com", "", 443, {"10.1.2.3"}, NULL},
    {&listed, "a.example.com", "", 443, {"10.2.3.4"}, NULL},
    {&strict, "a.example.com", "", 443, {"64:ff9b::10.2.3.4"}, NULL},
    {&listed, "a.example.com", "", 443, {"10.2.3.4", "8.8.8.8"}, NULL},
    {&listed, "a.example.com", "", 443, {"fe80::1", "127.0.0.1"}, NULL},
    {&listed, "a.example.com", "", 443, {"168.63.129.16"}, NULL},
    {&listed, "a.example.com", "", 443, {"192.0.2.7"}, NULL},
    {&listed, "a.example.com", "mycert", 443, {NULL}, NULL},
    {&listed, "a.example.com", "O=Contoso,CN=x,CN=agent", 443, {"8.8.8.8"}, NULL},
    {&listed, "a.example.com", "other", 443, {NULL}, NULL},
    {&listed, "a.example.com", "CN=$(reboot)", 443, {NULL}, NULL},
    {&listed, "a.example.com", "Name=x", 443, {NULL}, NULL},
    {&strict, "a.example.com", "mycert", 443, {NULL}, NULL},
    {&listed, "192.0.2.1", "mycert", 443, {NULL}, NULL},
    {&listed, "168.63.129.16", "", 443, {NULL}, NULL},
    {&listed, "192.0.2.7", "", 443, {NULL}, NULL},
    {&listed, "192.0.2.7", "", 444, {NULL}, NULL},
    {&inside, "a.example.com", "", 443, {NULL}, NULL},
    {&inside, "a.example.com", "", 443, {NULL}, "10.1.2.3"},
    {&inside, "a.example.com", "", 443, {NULL}, "::ffff:10.1.2.3"},
    {&inside, "a.example.com", "", 443, {NULL}, "192.0.2.7"},
};

static void put_question(struct out *out, size_t i)
{
    char place[POLICY_TEXT_MAX];
    struct addr addrs[3];
    struct out answer;
    struct policy_question question = {.host = span_str(questions[i].host),
                                       .port = questions[i].port,
                                       .subject = span_str(questions[i].subject),
                                       .addrs = addrs};
    out_str(out, "\ncheck ");
    out_str(out, questions[i].host);
    out_str(out, ":");
    out_u64(out, questions[i].port);
    for (; question.addr_count < 3 && questions[i].addrs[question.addr_count];
         question.addr_count++) {
        out_str(out, question.addr_count == 0 ? " at " : " and ");
        out_str(out, questions[i].addrs[question.addr_count]);
        addrs[question.addr_count] = rules_addr(questions[i].addrs[question.addr_count]);
    }
    out_str(out, questions[i].subject[0] ? " --subject " : "");
    out_str(out, questions[i].subject);
    struct addr client;
    if (questions[i].client) {
        out_str(out, " --client ");
        out_str(out, questions[i].client);
        client = rules_addr(questions[i].client);
        question.client = &client;
    }
    out_str(out, "\n");
    struct snapshot *snapshot = rules_compile(questions[i].rules);
    out_begin(&answer, place, sizeof place);
    policy_explain(snapshot, &question, &answer);
    assert_int_equal(out_end(&answer), ERR_OK);
    out_put(out, out_span(&answer));
    policy_free(snapshot);
}

static struct span relay_sentence(struct span text)
{
    struct relay relay;
    struct out why;
    out_begin(&why, why_place, RELAY_WHY_MAX);
    enum err err = relay_parse(text, &relay, &why);
    unit_holds((err == ERR_OK) == (why.len == 0), "%s", unit_show(text));
    assert_int_equal(out_end(&why), ERR_OK);
    return out_span(&why);
}

static const struct span relays[] = {
    SPAN(""),
    SPAN("proxy.example.com/path"),
    SPAN("http:/proxy.example.com"),
    SPAN("http:\\\\proxy.example.com"),
    SPAN("2001:db8::1"),
    SPAN("socks5://proxy.example.com:1080"),
    SPAN("https://proxy.example.com:8080"),
    SPAN("https://proxy.example.com"),
    SPAN("http://proxy.example.com:"),
    SPAN("http://proxy.example.com:http"),
    SPAN("http://proxy.example.com:0"),
    SPAN("http://proxy.example.com:8080/path"),
    SPAN("http://proxy.example.com:8080//"),
    SPAN("http://proxy.example.com:8080?a=b"),
    SPAN("http://proxy.example.com:8080#a"),
    SPAN("http://alice:secret@proxy.example.com:8080"),
    SPAN("http://alice:sec@ret/@proxy.example.com:8080/path"),
    SPAN("alice@proxy.example.com:8080"),
    SPAN("http://alice:secret@"),
    SPAN("http://2001:db8::1:8080"),
    SPAN("http://*.example.com:8080"),
    SPAN("http://127.1:8080"),
    SPAN("http://my_proxy:8080"),
    SPAN("http:// proxy.example.com:8080"),
    SPAN("http://:8080"),
    SPAN("http://proxy.example.com:8080\r\nX: y"),
};

/* What a login is refused for; nothing of it is shown. */
static const struct span logins[] = {
    SPAN(""), SPAN("alice:secret"), SPAN("secret\r\n"), SPAN("sec\0ret"), SPAN("secret\xFF"),
};

static struct span login_sentence(struct span text, bool password)
{
    struct out why;
    out_begin(&why, why_place, RELAY_WHY_MAX);
    enum err err = password ? relay_check_password(text, &why) : relay_check_username(text, &why);
    unit_holds((err == ERR_OK) == (why.len == 0), "%s", unit_show(text));
    unit_holds(!strstr(why_place, "secret"), "%s", why_place);
    return out_span(&why);
}

static void put_relays(struct out *out)
{
    out_str(out, "\n== relay proxies that are not accepted\n");
    for (size_t i = 0; i < unit_count(relays); i++) {
        unit_holds(relay_sentence(relays[i]).len > 0, "%s", unit_show(relays[i]));
        unit_holds(!strstr(why_place, "sec"), "%s", why_place);
        out_str(out, why_place);
        out_str(out, "\n");
    }
    out_str(out, "\n== logins of relay proxies that are not accepted\n");
    for (size_t i = 0; i < 2 * unit_count(logins); i++) {
        if (login_sentence(logins[i / 2], i % 2 > 0).len > 0) {
            out_str(out, why_place);
            out_str(out, "\n");
        }
    }
}

static struct span everything(void)
{
    static char place[64 * 1024];
    struct out out;
    out_begin(&out, place, sizeof place);
    out_str(&out, "Every sentence about rules. Written by: test_policy_golden --write\n\n"
                  "== hosts that are not accepted\n");
    for (size_t i = 0; i < unit_count(hosts); i++) {
        unit_holds(host_sentence(hosts[i]).len > 0, "%s", unit_show(hosts[i]));
        out_str(&out, why_place);
        out_str(&out, "\n");
    }
    out_str(&out, "\n== subjects that are not accepted\n");
    for (size_t i = 0; i < unit_count(subjects); i++) {
        unit_holds(subject_sentence(subjects[i]).len > 0, "%s", unit_show(subjects[i]));
        out_str(&out, why_place);
        out_str(&out, "\n");
    }
    put_relays(&out);
    out_str(&out, "\n== decisions\n");
    for (size_t i = 0; i < unit_count(questions); i++) {
        put_question(&out, i);
    }
    assert_int_equal(out_end(&out), ERR_OK);
    return out_span(&out);
}

static struct span cut_line(struct span *rest, bool *done)
{
    struct span line = {NULL, 0};
    return span_cut(rest, '\n', done, &line) ? line : line;
}

static void the_sentences_are_those_of_the_file(void **state)
{
    (void)state;
    static char file[64 * 1024];
    FILE *golden = fopen(POLICY_GOLDEN, "rb");
    unit_holds(golden, "%s cannot be read", POLICY_GOLDEN);
    struct span want = span_of(file, fread(file, 1, sizeof file, golden)), got = everything();
    (void)fclose(golden);
    bool got_done = false, want_done = false;
    for (size_t line = 1; !got_done || !want_done; line++) {
        unit_same(cut_line(&got, &got_done), cut_line(&want, &want_done), "line %zu", line);
    }
}

/* One line, valid UTF-8 that a terminal shows as it is. */
static void judge_plain(struct span sentence)
{
    while (sentence.len > 0) {
        char place[16];
        uint32_t character;
        struct span before = sentence;
        struct out escaped;
        unit_holds(utf_next(&sentence, &character) == ERR_OK, "%s", unit_show(before));
        struct span one = span_first(before, before.len - sentence.len);
        out_begin(&escaped, place, sizeof place);
        out_escaped(&escaped, one);
        unit_holds(span_equal(out_span(&escaped), one) || character == '\\', "%s",
                   unit_show(before));
    }
}

/* What follows the last of these words, or nothing. */
static const char *behind(const char *text, const char *words)
{
    const char *found = NULL;
    for (const char *at = strstr(text, words); at; at = strstr(at + 1, words)) {
        found = at + strlen(words);
    }
    return found;
}

/* The command that a sentence calls right, if it names a host or a subject, is accepted. */
static void judge_command(struct span sentence, bool subject)
{
    char text[SUBJECT_WHY_MAX];
    judge_plain(sentence);
    (void)snprintf(text, sizeof text, "%s", why_place);
    const char *right = behind(text, subject ? " certificate add \"" : " host add ");
    if (!right) {
        unit_holds(!subject && strstr(text, " config set AllowedNetworks "), "%s", text);
        return;
    }
    size_t len = strlen(right) - (subject ? 1 : 0);
    const char *more = subject ? NULL : strstr(right, " and: ");
    struct span command = span_of(right, more ? (size_t)(more - right) : len);
    struct span word = command;
    bool done = subject; /* several hosts are words of their own */
    do {
        (void)(subject || span_cut(&command, ' ', &done, &word));
        struct span again = subject ? subject_sentence(word) : host_sentence(word);
        unit_holds(again.len == 0, "%s", text);
    } while (!done);
}

static const struct span pieces[] = {SPAN("\""),           SPAN("\\"),   SPAN("\n"),  SPAN("\0"),
                                     SPAN("\xE2\x80\xAE"), SPAN("\xFF"), SPAN("a"),   SPAN(","),
                                     SPAN("*."),           SPAN("CN="),  SPAN("://"), SPAN(":80"),
                                     SPAN("\xC3\xBC"),     SPAN("%")};

static void nothing_of_the_text_is_raw(void **state)
{
    (void)state;
    struct unit_words words = {.letters = unit_count(pieces), .max = 4};
    while (unit_words_next(&words)) {
        char text[64];
        struct out out;
        out_begin(&out, text, sizeof text);
        for (size_t i = 0; i < words.len; i++) {
            out_put(&out, pieces[words.index[i]]);
        }
        if (host_sentence(out_span(&out)).len > 0) {
            judge_command(span_str(why_place), false);
        }
        if (subject_sentence(out_span(&out)).len > 0) {
            judge_command(span_str(why_place), true);
        }
    }
}

static void a_sentence_is_bounded(void **state)
{
    (void)state;
    static uint8_t text[100 * 1000];
    for (size_t i = 0; i < unit_count(pieces); i++) {
        for (size_t len = 0; len < sizeof text; len += len < 300 ? 1 : 49 * 1000) {
            for (size_t k = 0; k < len; k++) {
                text[k] = pieces[i].at[k % pieces[i].len];
            }
            judge_plain(host_sentence(span_of(text, len)));
            judge_plain(subject_sentence(span_of(text, len)));
            judge_plain(relay_sentence(span_of(text, len)));
        }
    }
}

static int write_golden(void)
{
    struct span text = everything();
    FILE *golden = fopen(POLICY_GOLDEN, "wb");
    if (!golden) {
        return EXIT_FAILURE;
    }
    bool done = fwrite(text.at, 1, text.len, golden) == text.len;
    return fclose(golden) == 0 && done ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sentences_are_those_of_the_file),
        cmocka_unit_test(nothing_of_the_text_is_raw),
        cmocka_unit_test(a_sentence_is_bounded),
    };
    if (argc == 2 && strcmp(argv[1], "--write") == 0) {
        return write_golden();
    }
    return cmocka_run_group_tests_name("policy_golden", tests, NULL, NULL);
}
