/*
 * answer.h. JSON is written by admin/sheet.h; here its pieces are put together.
 */
#include "psmodule/answer.h"

#include "crypto/begin.h"
#include "policy/say.h"
#include "psmodule/omsgw.h"

static void text_json(struct text *text, struct span value)
{
    struct sheet sheet = {.json = true, .context = text, .put = text_put};
    if (value.at) {
        sheet_put_json(&sheet, value);
    } else {
        text_str(text, "null");
    }
}

/* ---- what a verb gives and says ---- */

static void answer_row(void *context, const struct sheet_shape *shape, const struct span *cells)
{
    struct answer *answer = context;
    sheet_row(&answer->sheet, shape, cells);
}

/* The first reason is the error; more of them are worth a warning. */
static void answer_say(void *context, enum admin_tone tone, struct span sentence)
{
    struct answer *answer = context;
    struct span how, command;
    if (tone == ADMIN_WRONG && answer->wrong.len == 0) {
        (void)say_cut(sentence, &sentence, &how, &command);
        text_str(&answer->wrong, "\"sentence\":");
        text_json(&answer->wrong, sentence);
        text_str(&answer->wrong, ",\"how\":");
        text_json(&answer->wrong, how);
        text_str(&answer->wrong, ",\"action\":");
        text_json(&answer->wrong, command);
        return;
    }
    struct text *list = tone == ADMIN_NOTE ? &answer->notes : &answer->warnings;
    text_str(list, list->len > 0 ? "," : "");
    text_json(list, sentence);
}

const struct admin *answer_begin(struct answer *answer, const char *folder)
{
    crypto_begin();
    *answer = (struct answer){
        .admin = {folder, "omsgw", answer, answer_row, answer_say},
        .sheet = {.json = true, .context = &answer->result, .put = text_put},
    };
    return &answer->admin;
}

/* ---- the object ---- */

static enum omsgw_code answer_code(const struct answer *answer, enum err err)
{
    switch (err) {
    case ERR_OK:
        return OMSGW_DONE;
    case ERR_ABSENT:
        return OMSGW_ABSENT;
    case ERR_DENIED:
        return OMSGW_DENIED;
    case ERR_IN_USE:
    case ERR_STORE_BUSY:
    case ERR_STORE_HELD:
        return OMSGW_BUSY;
    case ERR_FOLDER_UNSAFE: /* rights help nobody there */
    case ERR_FOLDER_OPEN:
    case ERR_STORE_DAMAGED:
    case ERR_STORE_NEWER:
    case ERR_MAP:
    case ERR_RULES:
    case ERR_SECRET:
        return OMSGW_DAMAGED;
    case ERR_DISK_FULL:
        return OMSGW_FULL;
    case ERR_MEMORY:
    case ERR_STORE:
    case ERR_SYSTEM:
    case ERR_CRYPTO:
        return OMSGW_FAILED;
    default: /* of a decision nothing is said beside its row */
        return answer->wrong.len > 0 ? OMSGW_WRONG : OMSGW_NO;
    }
}

static void answer_put(const struct answer *answer, enum err err, struct text *json)
{
    text_str(json, "{\"result\":");
    bool whole = answer->wrong.len == 0 && answer->result.len > 0;
    text_put(json, whole ? text_span(&answer->result) : span_str("null"));
    text_str(json, ",\"notes\":[");
    text_put(json, text_span(&answer->notes));
    text_str(json, "],\"warnings\":[");
    text_put(json, text_span(&answer->warnings));
    text_str(json, "],\"error\":");
    if (answer->wrong.len > 0) {
        text_str(json, "{\"id\":\"");
        text_str(json, err_name(err));
        text_str(json, "\",");
        text_put(json, text_span(&answer->wrong));
        text_str(json, "}}");
    } else {
        text_str(json, "null}");
    }
}

int answer_end(struct answer *answer, enum err err, char **json)
{
    struct text whole = {NULL, 0, 0, false};
    int code = (int)answer_code(answer, err);
    bool failed = answer->result.failed || answer->notes.failed || answer->warnings.failed ||
                  answer->wrong.failed;
    if (!failed) {
        answer_put(answer, err, &whole);
    }
    text_free(&answer->result);
    text_free(&answer->notes);
    text_free(&answer->warnings);
    text_free(&answer->wrong);
    if (failed || whole.failed) {
        text_free(&whole);
        code = OMSGW_NO_MEMORY;
    }
    *json = whole.at;
    return code;
}
