/*
 * own.h. A file that is there is known by its identity, one that is not yet by its folder's and by
 * its name; a link that leads nowhere yet is followed by hand.
 */
#include "sys/own.h"

#include "base/out.h"
#include "sys/files.h"
#include "sys/paths.h"

/* What begins like one of these is ours, too: gateway.db-journal, gateway.db.good, ... */
static const char *const own_names[] = {"gateway.db",  "gateway.lock", "gateway.run",
                                        "activity.db", "secret.key",   "counters.map"};
static const char *const own_endings[] = {"", ".good", ".new", ".good.new", "-journal"};

enum {
    OWN_NAMES = sizeof own_names / sizeof own_names[0],
    OWN_ENDINGS = sizeof own_endings / sizeof own_endings[0],
    OWN_NAME_MAX = 40,
    OWN_LINKS_MAX = 40
};

static bool own_is_same(const char *path, const struct files_identity *wanted)
{
    struct files_identity found;
    return files_identify(path, &found) == ERR_OK && found.volume == wanted->volume &&
           found.file == wanted->file;
}

static bool own_has_name(struct span name)
{
    for (size_t i = 0; i < OWN_NAMES; i++) {
        struct span ours = span_str(own_names[i]);
        if (name.len >= ours.len && span_equal_nocase(span_first(name, ours.len), ours)) {
            return true;
        }
    }
    return false;
}

static bool own_put(char place[PATHS_MAX], const char *folder, const char *name, const char *ending)
{
    char whole[OWN_NAME_MAX];
    struct out out;
    out_begin(&out, whole, sizeof whole);
    out_str(&out, name);
    out_str(&out, ending);
    return out_end(&out) == ERR_OK && paths_join(folder, whole, place) == ERR_OK;
}

/* A file that is there, whatever leads to it. */
static bool own_is_there(const char *folder, const char *path)
{
    char place[PATHS_MAX];
    struct files_identity identity;
    if (files_identify(path, &identity) != ERR_OK) {
        return false;
    }
    for (size_t i = 0; i < OWN_NAMES * OWN_ENDINGS; i++) {
        if (own_put(place, folder, own_names[i / OWN_ENDINGS], own_endings[i % OWN_ENDINGS]) &&
            own_is_same(place, &identity)) {
            return true;
        }
    }
    return false;
}

/* Index behind the last separator, of either system. */
static size_t own_find_name(struct span path)
{
    size_t at = path.len;
    while (at > 0 && path.at[at - 1] != '/' && path.at[at - 1] != '\\') {
        at--;
    }
    return at;
}

/* A name in the folder itself, by whatever way; what lies there is a file or will be one. */
static bool own_is_in(const char *folder, const char *path)
{
    char place[PATHS_MAX];
    struct span whole = span_str(path);
    struct out out;
    struct files_identity identity;
    size_t name = own_find_name(whole);
    out_begin(&out, place, sizeof place);
    out_put(&out, span_first(whole, name)); /* with its separator: also where it is a link */
    return name > 0 && out_end(&out) == ERR_OK && files_identify(folder, &identity) == ERR_OK &&
           own_is_same(place, &identity) && own_has_name(span_after(whole, name));
}

/* What a link at `path` says, from the folder in which it lies; false where there is none. */
static bool own_follow(char path[PATHS_MAX])
{
    char link[PATHS_MAX], place[PATHS_MAX];
    struct span whole = span_str(path);
    struct out out;
    if (!sys_read_link(path, link)) {
        return false;
    }
    out_begin(&out, place, sizeof place);
    out_put(&out, span_first(whole, link[0] == '/' ? 0 : own_find_name(whole)));
    out_str(&out, link);
    struct out back;
    out_begin(&back, path, PATHS_MAX);
    out_put(&back, out_span(&out));
    return out_end(&out) == ERR_OK;
}

bool own_is_path(const char *folder, const char *path)
{
    char now[PATHS_MAX];
    struct out out;
    out_begin(&out, now, sizeof now);
    out_str(&out, path);
    bool fits = out_end(&out) == ERR_OK;
    for (int links = 0; fits && links < OWN_LINKS_MAX; links++) {
        if (own_is_there(folder, now) || own_is_in(folder, now)) {
            return true;
        }
        if (!own_follow(now)) {
            return false;
        }
    }
    return false; /* too long or too many links: the system opens it neither */
}
