/*
 * omsgw.h: each export is a verb of admin/ and the answer to it. What a caller may get wrong is
 * asked before anything is done; his process is not ours to end.
 */
#include "psmodule/omsgw.h"

#include "base/version.h"
#include "psmodule/answer.h"

#include <stdlib.h>

_Static_assert((int)OMSGW_HOSTS == (int)STORE_HOST, "both lists have the store's numbers");

/* Whether there is a place for the answer, and each of the texts is there. */
static bool call_is_good(char **answer, const char *const *texts, size_t count)
{
    if (!answer) {
        return false;
    }
    *answer = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!texts || !texts[i]) {
            return false;
        }
    }
    return true;
}

static bool call_is_list(int kind)
{
    return kind == OMSGW_HOSTS || kind == OMSGW_CERTIFICATES;
}

static struct span call_text(const char *text)
{
    return text ? span_str(text) : (struct span){NULL, 0};
}

const char *omsgw_version(void)
{
    return version_text();
}

void omsgw_free(char *answer)
{
    free(answer);
}

/* ---- settings ---- */

int omsgw_config_get(const char *folder, const char *name, char **answer)
{
    struct answer place;
    if (!call_is_good(answer, NULL, 0)) {
        return OMSGW_MISUSED;
    }
    const struct admin *admin = answer_begin(&place, folder);
    return answer_end(&place,
                      name ? admin_get_setting(admin, span_str(name)) : admin_list_settings(admin),
                      answer);
}

int omsgw_config_set(const char *folder, const char *const *pairs, size_t count, char **answer)
{
    struct answer place;
    struct admin_words words = {pairs, count};
    if (!call_is_good(answer, pairs, count) || count % 2 > 0) {
        return OMSGW_MISUSED;
    }
    const struct admin *admin = answer_begin(&place, folder);
    return answer_end(&place, admin_set_settings(admin, &words), answer);
}

int omsgw_config_reset(const char *folder, const char *const *names, size_t count, char **answer)
{
    struct answer place;
    struct admin_words words = {names, count};
    if (!call_is_good(answer, names, count)) {
        return OMSGW_MISUSED;
    }
    const struct admin *admin = answer_begin(&place, folder);
    return answer_end(&place, admin_reset_settings(admin, &words), answer);
}

int omsgw_history(const char *folder, char **answer)
{
    struct answer place;
    if (!call_is_good(answer, NULL, 0)) {
        return OMSGW_MISUSED;
    }
    const struct admin *admin = answer_begin(&place, folder);
    return answer_end(&place, admin_list_history(admin), answer);
}

/* ---- relay proxy ---- */

int omsgw_relay_get(const char *folder, char **answer)
{
    struct answer place;
    if (!call_is_good(answer, NULL, 0)) {
        return OMSGW_MISUSED;
    }
    const struct admin *admin = answer_begin(&place, folder);
    return answer_end(&place, admin_get_relay(admin), answer);
}

int omsgw_relay_set(const char *folder, const char *url, const char *username, const char *password,
                    char **answer)
{
    struct answer place;
    struct admin_relay relay = {call_text(url), username != NULL, call_text(username),
                                call_text(password)};
    if (!call_is_good(answer, &url, 1) || !username != !password) {
        return OMSGW_MISUSED;
    }
    const struct admin *admin = answer_begin(&place, folder);
    return answer_end(&place, admin_set_relay(admin, &relay), answer);
}

int omsgw_relay_clear(const char *folder, char **answer)
{
    struct answer place;
    if (!call_is_good(answer, NULL, 0)) {
        return OMSGW_MISUSED;
    }
    const struct admin *admin = answer_begin(&place, folder);
    return answer_end(&place, admin_clear_relay(admin), answer);
}

/* ---- hosts and certificates ---- */

int omsgw_list(const char *folder, int kind, int all, char **answer)
{
    struct answer place;
    if (!call_is_good(answer, NULL, 0) || !call_is_list(kind)) {
        return OMSGW_MISUSED;
    }
    const struct admin *admin = answer_begin(&place, folder);
    return answer_end(&place, admin_list_rules(admin, (enum store_kind)kind, all != 0), answer);
}

int omsgw_add(const char *folder, int kind, const char *const *values, size_t count,
              const char *comment, char **answer)
{
    struct answer place;
    struct admin_words words = {values, count};
    if (!call_is_good(answer, values, count) || !call_is_list(kind)) {
        return OMSGW_MISUSED;
    }
    const struct admin *admin = answer_begin(&place, folder);
    return answer_end(
        &place, admin_add_rules(admin, (enum store_kind)kind, &words, call_text(comment)), answer);
}

int omsgw_remove(const char *folder, int kind, const char *const *values, size_t count,
                 char **answer)
{
    struct answer place;
    struct admin_words words = {values, count};
    if (!call_is_good(answer, values, count) || !call_is_list(kind)) {
        return OMSGW_MISUSED;
    }
    const struct admin *admin = answer_begin(&place, folder);
    return answer_end(&place, admin_remove_rules(admin, (enum store_kind)kind, &words), answer);
}

/* ---- decision, state ---- */

/* The addresses that the caller found, as those of the host. */
static enum err call_resolve(void *context, struct span host, struct addr addrs[ADMIN_ADDRS_MAX],
                             size_t *count)
{
    const struct admin_words *given = context;
    (void)host;
    for (*count = 0; *count < given->count && *count < ADMIN_ADDRS_MAX; (*count)++) {
        TRY(addr_parse(span_str(given->at[*count]), &addrs[*count]));
    }
    return ERR_OK;
}

int omsgw_check(const char *folder, const char *host, const char *client, const char *subject,
                const char *const *addresses, size_t count, char **answer)
{
    struct answer place;
    struct admin_words words = {addresses, count};
    struct admin_question question = {.host = call_text(host),
                                      .client = call_text(client),
                                      .subject = call_text(subject),
                                      .resolve = count > 0 ? call_resolve : NULL,
                                      .context = &words};
    if (!call_is_good(answer, &host, 1) || !call_is_good(answer, addresses, count)) {
        return OMSGW_MISUSED;
    }
    const struct admin *admin = answer_begin(&place, folder);
    return answer_end(&place, admin_check_host(admin, &question), answer);
}

int omsgw_status(const char *folder, char **answer)
{
    struct answer place;
    if (!call_is_good(answer, NULL, 0)) {
        return OMSGW_MISUSED;
    }
    const struct admin *admin = answer_begin(&place, folder);
    return answer_end(&place, admin_get_status(admin), answer);
}
