/*
 * store_driver FOLDER NAME VALUE: puts one setting into the store of a data folder, unjudged; with
 * `host` as the name one allowed host. An administrator, for tests that need one early.
 */
#include "store/change.h"

#include <string.h>

static void put(struct store *store, const char *name, const char *value)
{
    const struct store_rule rule = {
        .kind = STORE_HOST, .origin = STORE_LOCAL, .value = span_str(value)};
    bool added;
    if (strcmp(name, "host") == 0) {
        CHECK(store_add_rule(store, &rule, &added) == ERR_OK);
    } else {
        CHECK(store_set_setting(store, span_str(name), span_str(value)) == ERR_OK);
    }
}

int main(int argc, char **argv)
{
    struct store *store;
    uint64_t revision;
    CHECK(argc == 4);
    const struct store_setup setup = {
        .folder = argv[1], .program = "store_driver", .use = STORE_COMMAND};
    CHECK(store_open(&setup, &store) == ERR_OK);
    CHECK(store_begin(store) == ERR_OK);
    put(store, argv[2], argv[3]);
    CHECK(store_commit(store, &revision) == ERR_OK);
    store_close(store);
    return 0;
}
