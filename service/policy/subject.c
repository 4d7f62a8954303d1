/*
 * Subjects: reading rows, folding values, matching, printing. Knows names and values, no
 * certificate and no list.
 */
#include "policy/subject.h"

#include "base/utf.h"
#include "policy/say.h"

#include <string.h>

static const struct {
    const char *name, *oid;
} subject_names[] = {
#define ATTRIBUTE(name, oid) {name, oid},
#include "policy/attributes.def"
#undef ATTRIBUTE
};

enum { SUBJECT_NAMES = sizeof subject_names / sizeof subject_names[0] };

/* The printed name of an OID, or what was given. */
static struct span subject_name_of(struct span oid)
{
    for (size_t i = 0; i < SUBJECT_NAMES; i++) {
        if (span_is(oid, subject_names[i].oid)) {
            return span_str(subject_names[i].name);
        }
    }
    return oid;
}

/* The printed name of what stands before an equals sign: a name, or numbers between dots. */
static enum err subject_find_name(struct span text, struct span *name)
{
    struct span part;
    uint64_t number;
    size_t count = 0;
    text = span_trim(text);
    *name = subject_name_of(text);
    for (size_t i = 0; i < SUBJECT_NAMES; i++) {
        if (span_is_nocase(text, subject_names[i].name)) {
            *name = subject_name_of(span_str(subject_names[i].oid));
            return ERR_OK;
        }
    }
    for (bool done = false; span_cut(&text, '.', &done, &part); count++) {
        if (span_number(part, 0, UINT64_MAX, &number) != ERR_OK) {
            return ERR_SUBJECT_ATTRIBUTE;
        }
    }
    return count > 1 ? ERR_OK : ERR_SUBJECT_ATTRIBUTE;
}

static bool subject_is_one_of(uint8_t byte, const char *bytes)
{
    struct span all = span_str(bytes);
    return span_find(all, byte) < all.len;
}

/* Index of the first of these bytes that no backslash stands before, or text.len. */
static size_t subject_find(struct span text, const char *bytes)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\\') {
            i++;
        } else if (subject_is_one_of(text.at[i], bytes)) {
            return i;
        }
    }
    return text.len;
}

/* Cuts one byte off, as it is meant: behind a backslash comes a special byte, or two digits. */
static enum err subject_cut_byte(struct span *text, uint8_t *byte)
{
    uint8_t low;
    size_t used = 1;
    *byte = text->at[0];
    if (*byte == '\\') {
        if (text->len > 1 && subject_is_one_of(text->at[1], " \"#+,;<=>\\")) {
            *byte = text->at[1];
            used = 2;
        } else if (text->len > 2 && span_hex_digit(text->at[1], byte) &&
                   span_hex_digit(text->at[2], &low)) {
            *byte = (uint8_t)(*byte << 4 | low);
            used = 3;
        } else {
            return ERR_SUBJECT_ESCAPE;
        }
    }
    *text = span_after(*text, used);
    return ERR_OK;
}

/* Runs of spaces as one, none at the ends; small letters where asked. */
static void subject_put_folded(struct span value, bool small, struct out *out)
{
    bool begun = false, space = false;
    for (size_t i = 0; i < value.len; i++) {
        uint8_t byte = value.at[i];
        if (byte != ' ') {
            out_str(out, begun && space ? " " : "");
            out_char(out, (char)(small ? span_lower(byte) : byte));
            begun = true;
        }
        space = byte == ' ';
    }
}

static void subject_put_folded_pair(struct span name, struct span value, struct out *out)
{
    out_put(out, name);
    out_char(out, '\0');
    subject_put_folded(value, true, out);
    out_char(out, '\0');
}

/* A value with the backslashes it needs: those of RFC 4514, or the few of a bare one. */
static void subject_put_value(struct span value, bool bare, struct out *out)
{
    for (size_t i = 0; i < value.len; i++) {
        uint8_t byte = value.at[i];
        bool end = (byte == ' ' && (i == 0 || i + 1 == value.len)) || (byte == '#' && i == 0);
        if (byte < 0x20 || byte == 0x7F) {
            out_str(out, byte < 0x10 ? "\\0" : "\\");
            out_hex(out, byte);
            continue;
        }
        if (bare ? subject_is_one_of(byte, "\\=") : end || subject_is_one_of(byte, "\"+,;<>\\")) {
            out_char(out, '\\');
        }
        out_char(out, (char)byte);
    }
}

/* ---- a row ---- */

/* A row being made: its parts in order, each with a comma behind its text. */
struct subject_parts {
    char text[SUBJECT_TEXT_MAX + 2], pairs[SUBJECT_PAIRS_MAX];
    size_t text_len, pairs_len;
};

/* The place of an attribute in attributes.def; numbers come behind all names. */
static size_t subject_place(struct span pair)
{
    size_t i = 0;
    struct span name = span_first(pair, span_find(pair, 0));
    while (i < SUBJECT_NAMES && !span_is(name, subject_names[i].name)) {
        i++;
    }
    return i;
}

/* The order of a row's pairs, in which the same subject is always the same text. */
static bool subject_is_before(struct span a, struct span b)
{
    size_t place = subject_place(a), other = subject_place(b);
    int difference = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);
    return place != other ? place < other : difference != 0 ? difference < 0 : a.len < b.len;
}

static enum err subject_insert_at(char *place, size_t max, size_t *len, size_t at, struct span more)
{
    if (more.len > max - *len) {
        return ERR_SUBJECT_LONG;
    }
    memmove(place + at + more.len, place + at, *len - at);
    memcpy(place + at, more.at, more.len);
    *len += more.len;
    return ERR_OK;
}

/* One pair and its text, behind what comes before it. */
static enum err subject_insert(struct subject_parts *parts, struct span text, struct span pair)
{
    struct span rest_text = span_of(parts->text, parts->text_len);
    struct span rest_pairs = span_of(parts->pairs, parts->pairs_len), one;
    size_t at_text = 0, at_pair = 0;
    while (subject_cut_pair(&rest_pairs, &one) && !subject_is_before(pair, one)) {
        size_t comma = subject_find(rest_text, ",");
        rest_text = span_after(rest_text, comma + 1);
        at_text += comma + 1;
        at_pair += one.len;
    }
    TRY(subject_insert_at(parts->text, sizeof parts->text, &parts->text_len, at_text, text));
    return subject_insert_at(parts->pairs, sizeof parts->pairs, &parts->pairs_len, at_pair, pair);
}

/* A value as it is meant, its spaces folded. */
static enum err subject_read_value(struct span value, struct out *folded)
{
    char place[SUBJECT_TEXT_MAX + 1];
    struct out meant;
    out_begin(&meant, place, sizeof place);
    for (uint8_t byte; value.len > 0; out_char(&meant, (char)byte)) {
        TRY(subject_cut_byte(&value, &byte));
    }
    subject_put_folded(out_span(&meant), false, folded);
    return folded->len == 0                  ? ERR_SUBJECT_EMPTY
           : !out_is_plain(out_span(folded)) ? ERR_SUBJECT_LETTER
                                             : ERR_OK;
}

/* One value of a row. */
static enum err subject_add(struct span name, struct span value, bool bare,
                            struct subject_parts *parts)
{
    char folded_place[SUBJECT_TEXT_MAX + 1], text_place[SUBJECT_TEXT_MAX + 2];
    char pair_place[SUBJECT_PAIRS_MAX];
    struct out folded, text, pair;
    out_begin(&folded, folded_place, sizeof folded_place);
    out_begin(&text, text_place, sizeof text_place);
    out_begin(&pair, pair_place, sizeof pair_place);
    TRY(subject_read_value(value, &folded));
    if (!bare) {
        out_put(&text, name);
        out_char(&text, '=');
    }
    subject_put_value(out_span(&folded), bare, &text);
    out_char(&text, ',');
    subject_put_folded_pair(name, out_span(&folded), &pair);
    return text.full || pair.full ? ERR_SUBJECT_LONG
                                  : subject_insert(parts, out_span(&text), out_span(&pair));
}

static enum err subject_add_all(struct span rest, struct subject_parts *parts)
{
    static const struct span hash = SPAN("#");
    for (bool more = true; more;) {
        struct span name, part = span_first(rest, subject_find(rest, ",+"));
        size_t equals = subject_find(part, "=");
        if (equals == part.len) {
            return ERR_SUBJECT_PART;
        }
        struct span value = span_after(part, equals + 1);
        TRY(subject_find_name(span_first(part, equals), &name));
        if (subject_find(value, "\";<>") < value.len || span_starts_with(span_trim(value), hash)) {
            return ERR_SUBJECT_QUOTE;
        }
        more = part.len < rest.len;
        bool bare = !more && parts->pairs_len == 0 && span_is(name, "CN"); /* it says the same */
        TRY(subject_add(name, value, bare, parts));
        rest = span_after(rest, more ? part.len + 1 : part.len);
    }
    return ERR_OK;
}

static enum err subject_judge(struct span text, struct subject_row *row)
{
    struct subject_parts parts = {.text_len = 0, .pairs_len = 0};
    if (text.len > SUBJECT_TEXT_MAX) {
        return ERR_SUBJECT_LONG;
    }
    TRY(subject_find(text, "=") == text.len ? subject_add(span_str("CN"), text, true, &parts)
                                            : subject_add_all(text, &parts));
    size_t len = parts.text_len - 1; /* without the last comma */
    if (len > SUBJECT_TEXT_MAX) {
        return ERR_SUBJECT_LONG;
    }
    memcpy(row->text, parts.text, len);
    row->text[len] = '\0';
    memcpy(row->pairs, parts.pairs, parts.pairs_len);
    row->text_len = (uint16_t)len;
    row->pairs_len = (uint16_t)parts.pairs_len;
    return ERR_OK;
}

/* ---- sentences ---- */

/* The text without quotes, and with a backslash before what seems to be a part of a value. */
static void subject_guess(struct span text, struct out *out)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.at[i];
        struct span name, rest = span_after(text, i + 1);
        size_t equals = subject_find(rest, "=,;+");
        bool pair = equals < rest.len && rest.at[equals] == '=' &&
                    subject_find_name(span_first(rest, equals), &name) == ERR_OK;
        bool mark = (byte == ',' || byte == ';') && pair;
        bool escaped = i > 0 && text.at[i - 1] == '\\';
        if (byte != '"' || escaped) {
            out_str(out, subject_is_one_of(byte, ",;<>") && !mark && !escaped ? "\\" : "");
            out_char(out, (char)(mark ? ',' : byte));
        }
    }
}

static void subject_explain(struct span text, enum err err, struct out *why)
{
    char place[2 * SUBJECT_TEXT_MAX];
    struct out guess;
    struct subject_row row;
    say_wrong(text, err, why);
    for (size_t i = 0; i < SUBJECT_NAMES && err == ERR_SUBJECT_ATTRIBUTE; i++) {
        out_str(why, i == 0 ? "; known are " : ", ");
        out_str(why, subject_names[i].name);
    }
    out_begin(&guess, place, sizeof place);
    subject_guess(span_first(text, text.len > SUBJECT_TEXT_MAX ? 0 : text.len), &guess);
    /* With a comma at the end it is the first word of a subject that lacks its quotes. */
    bool cut = text.len > 0 && text.at[text.len - 1] == ',';
    bool known = !cut && !guess.full && subject_judge(out_span(&guess), &row) == ERR_OK &&
                 say_is_plain(span_of(row.text, row.text_len));
    say_right(known, "certificate add \"", why);
    out_str(why, known ? row.text : "CN=mycert,O=Contoso\\, Inc.");
    out_char(why, '"');
}

enum err subject_parse(struct span text, struct subject_row *row, struct out *why)
{
    enum err err = subject_judge(text, row);
    if (err != ERR_OK) {
        subject_explain(text, err, why);
    }
    return err;
}

void subject_put_pair(const struct subject_attribute *attribute, struct out *pairs)
{
    /* With a NUL inside, one attribute could pass for two. No row has one, so it fits none. */
    if (span_find(attribute->value, 0) == attribute->value.len) {
        subject_put_folded_pair(subject_name_of(attribute->oid), attribute->value, pairs);
    }
}

bool subject_cut_pair(struct span *pairs, struct span *pair)
{
    size_t name = span_find(*pairs, 0);
    if (name == pairs->len) {
        return false;
    }
    size_t value = span_find(span_after(*pairs, name + 1), 0);
    *pair = span_first(*pairs, name + 1 + value + 1);
    *pairs = span_after(*pairs, pair->len);
    return true;
}

static size_t subject_count(struct span pairs, struct span wanted)
{
    struct span pair;
    size_t count = 0;
    while (subject_cut_pair(&pairs, &pair)) {
        count += span_equal(pair, wanted) ? 1 : 0;
    }
    return count;
}

bool subject_matches(struct span row, struct span pairs)
{
    struct span rest = row, pair;
    while (subject_cut_pair(&rest, &pair)) {
        if (subject_count(pairs, pair) < subject_count(row, pair)) {
            return false;
        }
    }
    return true;
}

struct span subject_key(struct span row)
{
    struct span pair, longest = {NULL, 0};
    while (subject_cut_pair(&row, &pair)) {
        longest = pair.len > longest.len ? pair : longest;
    }
    return longest;
}

void subject_print(const struct subject_attribute *at, size_t count, struct out *out)
{
    for (size_t i = count; i > 0; i--) {
        out_put(out, subject_name_of(at[i - 1].oid));
        out_char(out, '=');
        subject_put_value(at[i - 1].value, false, out);
        if (i > 1) {
            out_char(out, at[i - 1].joined ? '+' : ',');
        }
    }
}
