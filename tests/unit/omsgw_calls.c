/*
 * omsgw_calls.h: words cut, sorted, and given to the export that they name.
 */
#include "unit/omsgw_calls.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 64, TEXT_MAX = 4096 };

struct words {
    char text[TEXT_MAX];
    const char *at[WORDS_MAX];
    size_t count;
    const char *remark; /* NULL: none */
    int kind;
    bool all;
};

static void words_take(struct words *words, const char *word)
{
    if (word[0] == '#') {
        words->remark = word + 1;
    } else if (strcmp(word, "hosts") == 0 || strcmp(word, "certificates") == 0) {
        words->kind = word[0] == 'h' ? OMSGW_HOSTS : OMSGW_CERTIFICATES;
    } else if (strcmp(word, "all") == 0) {
        words->all = true;
    } else {
        CHECK(words->count < WORDS_MAX);
        words->at[words->count++] = word;
    }
}

static void words_cut(struct words *words, const char *text)
{
    *words = (struct words){.count = 0};
    CHECK(strlen(text) < sizeof words->text);
    memcpy(words->text, text, strlen(text) + 1);
    for (char *at = words->text; at;) {
        char *blank = strchr(at, ' ');
        if (blank) {
            *blank = '\0';
        }
        for (char *line = strchr(at, '_'); line && words->count > 0; line = strchr(line, '_')) {
            *line = ' ';
        }
        words_take(words, at);
        at = blank ? blank + 1 : NULL;
    }
}

int omsgw_call(const char *folder, const char *text, char **answer)
{
    struct words words;
    words_cut(&words, text);
    const char *name = words.at[0];
    const char *const *at = words.at + 1;
    size_t count = words.count - 1;
    const char *calls[OMSGW_CALLS] = {"config_get", "config_set",  "config_reset", "relay_get",
                                      "relay_set",  "relay_clear", "list",         "add",
                                      "remove",     "check",       "history",      "status"};
    size_t call = 0;
    while (call < OMSGW_CALLS && strcmp(calls[call], name) != 0) {
        call++;
    }
    switch (call) {
    case 0:
        return omsgw_config_get(folder, at[0], answer);
    case 1:
        return omsgw_config_set(folder, at, count, answer);
    case 2:
        return omsgw_config_reset(folder, at, count, answer);
    case 3:
        return omsgw_relay_get(folder, answer);
    case 4:
        return omsgw_relay_set(folder, at[0], count > 1 ? at[1] : NULL, count > 2 ? at[2] : NULL,
                               answer);
    case 5:
        return omsgw_relay_clear(folder, answer);
    case 6:
        return omsgw_list(folder, words.kind, words.all, answer);
    case 7:
        return omsgw_add(folder, words.kind, at, count, words.remark, answer);
    case 8:
        return omsgw_remove(folder, words.kind, at, count, answer);
    case 9:
        return omsgw_check(folder, at[0], NULL, words.remark, at + 1, count - 1, answer);
    case 10:
        return omsgw_history(folder, answer);
    default:
        CHECK(call == OMSGW_CALLS - 1);
        return omsgw_status(folder, answer);
    }
}

bool omsgw_says(const char *folder, const char *words, int code, const char *answer)
{
    char *said;
    int got = omsgw_call(folder, words, &said);
    bool same = got == code && said && strcmp(said, answer) == 0;
    if (!same) {
        (void)fprintf(stderr, "%s\ncode %d: %s\nnot  %d: %s\n", words, got, said ? said : "NULL",
                      code, answer);
    }
    omsgw_free(said);
    return same;
}
