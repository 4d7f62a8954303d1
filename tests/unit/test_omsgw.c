/*
 * Proves the cmdlet library as its callers meet it: every export of omsgw.h, what it gives, notes,
 * warns of and refuses, by code, id, sentence and action; what a caller gets wrong; many threads.
 */
#include "psmodule/omsgw.h"

#include "base/version.h"
#include "unit/omsgw_calls.h"
#include "unit/test_store_world.h"
#include "unit/threads.h"
#include "unit/unit.h"

static const char FOLDER[] = "test_omsgw.data";

#define DONE     "{\"result\":null,\"notes\":[],\"warnings\":[],\"error\":null}"
#define NOTE(n)  "{\"result\":null,\"notes\":[\"" n "\"],\"warnings\":[],\"error\":null}"
#define WARN(w)  "{\"result\":null,\"notes\":[],\"warnings\":[\"" w "\"],\"error\":null}"
#define GIVES(r) "{\"result\":" r ",\"notes\":[],\"warnings\":[],\"error\":null}"
#define LISTEN_PORT(value)                                                                         \
    "[{\"name\":\"ListenPort\",\"value\":\"" value "\",\"default\":\"8080\",\"accepted\":"         \
    "\"a port from 1 to 65535\",\"restart\":false,\"description\":\"TCP port on which clients "    \
    "are accepted. A change moves the listener, tunnels stay.\"}]\n"
#define PRIVATE "special addresses: 10.1.2.3 is private, 10.0.0.0/8"
#define FAILS(id, sentence, how, action)                                                           \
    "{\"result\":null,\"notes\":[],\"warnings\":[],\"error\":{\"id\":\"" id                        \
    "\",\"sentence\":\"" sentence "\",\"how\":" how ",\"action\":" action "}}"

struct row {
    const char *words;
    int code;
    const char *answer;
};

/* One after the other, in one folder that begins empty. */
static const struct row story[] = {
    {"list hosts", OMSGW_DONE, GIVES("[]\n")},
    {"config_get ListenPort", OMSGW_DONE, GIVES(LISTEN_PORT("8080"))},
    {"config_set listenport 8443 LogLevel debug", OMSGW_DONE, DONE},
    {"config_get listenport", OMSGW_DONE, GIVES(LISTEN_PORT("8443"))},
    {"config_set MaxTunnels 9000", OMSGW_DONE,
     WARN("a restart of the gateway is needed for this setting: MaxTunnels")},
    {"config_set MaxTunnels 9000 LogLevel INFO", OMSGW_DONE, DONE},
    {"config_set Loops 0", OMSGW_DONE, DONE},
    {"config_set ListenPort 70000", OMSGW_WRONG,
     FAILS("RANGE",
           "ListenPort cannot be \\\"70000\\\": the number is outside the range that is allowed; "
           "accepted: a port from 1 to 65535",
           "\"for example\"", "\"config set ListenPort 8080\"")},
    {"config_set ListenPort 1 listenport 2", OMSGW_WRONG,
     FAILS("CONFLICT", "this setting is given twice: listenport", "null", "null")},
    {"config_reset ListenPort MaxTunnels", OMSGW_DONE,
     WARN("a restart of the gateway is needed for this setting: MaxTunnels")},
    {"config_reset ListenPort", OMSGW_DONE,
     NOTE("this setting has its default already: ListenPort")},
    {"add hosts b.example.com *.A.example.com #log_data", OMSGW_DONE, DONE},
    {"add hosts b.example.com", OMSGW_DONE, NOTE("\\\"b.example.com\\\" is on the list already")},
    {"list hosts", OMSGW_DONE,
     GIVES("[{\"value\":\"*.a.example.com\",\"origin\":\"local\",\"comment\":\"log data\"},\n"
           " {\"value\":\"b.example.com\",\"origin\":\"local\",\"comment\":\"log data\"}]\n")},
    {"add hosts c.example.com https://d.example.com/x", OMSGW_WRONG,
     FAILS("HOST_URL",
           "\\\"https://d.example.com/x\\\": this is a URL; only the host name in it is listed",
           "\"right would be\"", "\"host add d.example.com\"")},
    {"remove hosts b.example.com c.example.com", OMSGW_ABSENT,
     FAILS("ABSENT", "\\\"c.example.com\\\" is not on the list; near it: *.a.example.com",
           "\"all of it\"", "\"host list\"")},
    {"remove hosts B.example.com.", OMSGW_DONE, DONE},
    {"list hosts all", OMSGW_DONE,
     GIVES("[{\"value\":\"*.a.example.com\",\"origin\":\"local\",\"comment\":\"log data\"}]\n")},
    {"check x.a.example.com", OMSGW_DONE,
     GIVES("{\"host\":\"x.a.example.com\",\"port\":443,\"client\":null,\"allowed\":true,\"judged\":"
           "\"host\","
           "\"rule\":\"host *.a.example.com (local, row 2)\",\"reason\":null,\"remedy\":null,"
           "\"addresses\":[],\"relay\":null,\"note\":null}\n")},
    {"check x.a.example.com 10.1.2.3", OMSGW_NO,
     GIVES(
         "{\"host\":\"x.a.example.com\",\"port\":443,\"client\":null,\"allowed\":false,\"judged\":"
         "\"address\","
         "\"rule\":\"" PRIVATE "\",\"reason\":\"the host's address is a special one that "
         "AllowedNetworks does not list\",\"remedy\":\"omsgateway config set AllowedNetworks "
         "10.1.2.3\",\"addresses\":[{\"address\":\"10.1.2.3\",\"allowed\":false,\"rule\":\"" PRIVATE
         "\"}],\"relay\":null,\"note\":null}\n")},
    {"check x.a.example.com 10.1.2", OMSGW_WRONG,
     FAILS("ADDRESS",
           "not an IP address: four decimal numbers (192.0.2.1), or IPv6 (2001:db8::1): "
           "x.a.example.com",
           "null", "null")},
    {"relay_get", OMSGW_DONE,
     "{\"result\":{\"url\":null,\"login\":false}\n,\"notes\":[\"no relay proxy is set: targets are "
     "reached directly\"],\"warnings\":[],\"error\":null}"},
    {"relay_set http://Proxy.example.com:8080/ alice s3cret", OMSGW_DONE, DONE},
    {"relay_get", OMSGW_DONE,
     GIVES("{\"url\":\"http://proxy.example.com:8080\",\"login\":true}\n")},
    {"relay_clear", OMSGW_DONE, DONE},
    {"relay_clear", OMSGW_DONE, NOTE("no relay proxy was set: targets are reached directly")},
    {"add certificates mycert", OMSGW_DONE,
     WARN("TLS 1.3 encrypts the client's certificate: the list of certificates judges sessions up "
          "to "
          "TLS 1.2 only, unless Tls13 is set to refuse")},
    {"remove certificates mycert", OMSGW_DONE, DONE},
    {"status", OMSGW_ABSENT,
     FAILS("ABSENT", "no gateway has run on this data folder: test_omsgw.data", "null", "null")},
};

static void every_call_says_what_the_table_says(void **state)
{
    (void)state;
    world_clean(FOLDER);
    for (size_t i = 0; i < unit_count(story); i++) {
        const struct row *row = &story[i];
        unit_holds(omsgw_says(FOLDER, row->words, row->code, row->answer), "%s", row->words);
    }
}

/* Settings that contradict each other, however that came to be, are no error of a certificate. */
static void what_is_done_has_no_error(void **state)
{
    (void)state;
    char *answer;
    world_clean(FOLDER);
    struct store *store = world_open(FOLDER, STORE_COMMAND);
    world_set(store, "MaxTunnelsPerClient", "9");
    world_set(store, "MaxTunnels", "5");
    store_close(store);
    assert_int_equal(omsgw_call(FOLDER, "add certificates mycert", &answer), OMSGW_DONE);
    assert_non_null(strstr(answer, "\"error\":null"));
    assert_non_null(strstr(answer, "TLS 1.3"));
    omsgw_free(answer);
}

static void the_history_names_the_library(void **state)
{
    (void)state;
    char *answer;
    world_clean(FOLDER);
    assert_int_equal(omsgw_call(FOLDER, "add hosts a.example.com", &answer), OMSGW_DONE);
    omsgw_free(answer);
    assert_int_equal(omsgw_call(FOLDER, "history", &answer), OMSGW_DONE);
    assert_non_null(strstr(answer, "{\"result\":[{\"revision\":1,\"time\":\""));
    assert_non_null(strstr(answer, "\"program\":\"omsgw\",\"what\":\"host\",\"old\":null,"));
    omsgw_free(answer);
    omsgw_free(NULL);
    assert_string_equal(omsgw_version(), version_text());
}

/* A program that calls it wrongly lives on, and nothing was done. */
static void misuse_is_a_code(void **state)
{
    (void)state;
    char *answer;
    const char *texts[] = {"ListenPort", "1", NULL};
    world_clean(FOLDER);
    assert_int_equal(omsgw_config_get(FOLDER, NULL, NULL), OMSGW_MISUSED);
    assert_int_equal(omsgw_config_set(FOLDER, texts, 1, &answer), OMSGW_MISUSED);
    assert_int_equal(omsgw_config_set(FOLDER, texts, 3, &answer), OMSGW_MISUSED);
    assert_null(answer);
    assert_int_equal(omsgw_config_set(FOLDER, NULL, 2, &answer), OMSGW_MISUSED);
    assert_int_equal(omsgw_config_reset(FOLDER, texts + 2, 1, &answer), OMSGW_MISUSED);
    assert_int_equal(omsgw_relay_get(FOLDER, NULL), OMSGW_MISUSED);
    assert_int_equal(omsgw_relay_set(FOLDER, NULL, "a", "b", &answer), OMSGW_MISUSED);
    assert_int_equal(omsgw_relay_set(FOLDER, "http://p:1", "a", NULL, &answer), OMSGW_MISUSED);
    assert_int_equal(omsgw_relay_set(FOLDER, "http://p:1", NULL, "b", &answer), OMSGW_MISUSED);
    assert_int_equal(omsgw_relay_clear(FOLDER, NULL), OMSGW_MISUSED);
    assert_int_equal(omsgw_list(FOLDER, 2, 0, &answer), OMSGW_MISUSED);
    assert_int_equal(omsgw_add(FOLDER, -1, texts, 1, NULL, &answer), OMSGW_MISUSED);
    assert_int_equal(omsgw_add(FOLDER, OMSGW_HOSTS, texts, 3, NULL, &answer), OMSGW_MISUSED);
    assert_int_equal(omsgw_remove(FOLDER, 7, texts, 1, &answer), OMSGW_MISUSED);
    assert_int_equal(omsgw_check(FOLDER, NULL, NULL, NULL, NULL, 0, &answer), OMSGW_MISUSED);
    assert_int_equal(omsgw_check(FOLDER, "a.example.com", NULL, NULL, texts, 3, &answer),
                     OMSGW_MISUSED);
    assert_int_equal(omsgw_history(FOLDER, NULL), OMSGW_MISUSED);
    assert_int_equal(omsgw_status(FOLDER, NULL), OMSGW_MISUSED);
    assert_false(world_has(FOLDER, "gateway.db"));
}

enum { CREW = 4, EACH = 10 };

struct member {
    struct thread *thread;
    unsigned number, wrong;
};

/* Adds hosts of its own, and reads the list that all write to. */
static void add_and_list(void *context)
{
    struct member *member = context;
    char words[64], *answer;
    for (unsigned i = 0; i < EACH; i++) {
        (void)snprintf(words, sizeof words, "add hosts h%u.m%u.example.com", i, member->number);
        member->wrong += omsgw_call(FOLDER, words, &answer) == OMSGW_DONE ? 0 : 1;
        omsgw_free(answer);
        member->wrong += omsgw_call(FOLDER, "list hosts", &answer) == OMSGW_DONE ? 0 : 1;
        member->wrong += answer && strstr(answer, words + strlen("add hosts ")) ? 0 : 1;
        omsgw_free(answer);
    }
}

static void threads_wait_for_each_other(void **state)
{
    (void)state;
    struct member members[CREW];
    char *answer;
    size_t count = 0;
    world_clean(FOLDER);
    for (unsigned i = 0; i < CREW; i++) {
        members[i] = (struct member){.number = i};
        members[i].thread = thread_start(add_and_list, &members[i]);
    }
    for (unsigned i = 0; i < CREW; i++) {
        thread_join(members[i].thread);
        unit_holds(members[i].wrong == 0, "thread %u: %u calls", i, members[i].wrong);
    }
    assert_int_equal(omsgw_list(FOLDER, OMSGW_HOSTS, 0, &answer), OMSGW_DONE);
    for (const char *at = answer; (at = strstr(at, "\"value\"")); at++) {
        count++;
    }
    assert_int_equal(count, CREW * EACH);
    omsgw_free(answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_says_what_the_table_says),
        cmocka_unit_test(what_is_done_has_no_error),
        cmocka_unit_test(the_history_names_the_library),
        cmocka_unit_test(misuse_is_a_code),
        cmocka_unit_test(threads_wait_for_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
