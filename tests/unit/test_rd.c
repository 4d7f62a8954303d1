/*
 * Proves the bounded reader: a message cut at every place, scopes that cannot be left, marks that
 * reach every parent and stay, and all short messages of a small grammar against a slow reader
 * that counts positions by hand.
 */
#include "base/rd.h"
#include "unit/unit.h"

static const uint8_t counting[] = {0x81, 0x02, 0xFF, 0x04, 0x05, 0x06, 0x07, 0x88, 0x99};

/* One read of a number of `width` bytes. */
static uint64_t read_number(struct rd *rd, size_t width)
{
    switch (width) {
    case 1:
        return rd_u8(rd);
    case 2:
        return rd_u16(rd);
    case 3:
        return rd_u24(rd);
    default:
        return rd_u32(rd);
    }
}

/* Every width from every length of input: the big-endian value, or zero and ERR_SHORT. */
static void numbers_are_whole_or_zero(void **state)
{
    (void)state;
    static const struct {
        size_t width;
        uint64_t value;
    } rows[] = {
        {1, 0x81},
        {2, 0x8102},
        {3, 0x8102FF},
        {4, 0x8102FF04},
    };
    for (size_t i = 0; i < unit_count(rows); i++) {
        for (size_t len = 0; len <= sizeof counting; len++) {
            uint8_t *copy = unit_copy(span_of(counting, len));
            struct rd rd;
            rd_begin(&rd, span_of(copy, len));
            bool fits = len >= rows[i].width;
            unit_holds(read_number(&rd, rows[i].width) == (fits ? rows[i].value : 0), "u%zu of %zu",
                       rows[i].width * 8, len);
            unit_holds(rd_result(&rd) == (fits ? ERR_OK : ERR_SHORT), "u%zu of %zu",
                       rows[i].width * 8, len);
            unit_holds(rd.left.len == (fits ? len - rows[i].width : 0), "u%zu of %zu",
                       rows[i].width * 8, len);
            unit_holds(rd_more(&rd) == (fits && len > rows[i].width), "u%zu of %zu",
                       rows[i].width * 8, len);
            free(copy);
        }
    }
}

static void bytes_are_whole_or_none(void **state)
{
    (void)state;
    for (size_t len = 0; len <= sizeof counting; len++) {
        for (size_t count = 0; count <= len + 2; count++) {
            struct rd rd;
            rd_begin(&rd, span_of(counting, len));
            struct span got = rd_bytes(&rd, count);
            bool fits = count <= len;
            unit_same(got, span_of(counting, fits ? count : 0), "%zu of %zu", count, len);
            unit_holds(rd_result(&rd) == (fits ? ERR_OK : ERR_SHORT), "%zu of %zu", count, len);
            struct span rest = rd_rest(&rd);
            unit_same(rest, fits ? span_of(counting + count, len - count) : span_of(NULL, 0),
                      "%zu of %zu", count, len);
            unit_holds(!rd_more(&rd), "%zu of %zu", count, len);
        }
    }
    struct rd rd;
    rd_begin(&rd, span_of(counting, 4));
    unit_same(rd_bytes(&rd, SIZE_MAX), span_of(NULL, 0), "the largest count");
    assert_int_equal(rd_result(&rd), ERR_SHORT);
}

/* A message with scopes in it, and what each field holds when the message is long enough. */
static const uint8_t message[] = {
    0x16,                               /* type */
    0x00, 0x00, 0x0E,                   /* a body of 14 bytes */
    0x03, 0x04,                         /*   version */
    0x02, 0xAA, 0xBB,                   /*   a name of two bytes */
    0x00, 0x04, 0x13, 0x01, 0x13, 0x02, /*   a list of two numbers */
    0x00, 0x00, 0x00,                   /*   nothing, with its length */
    0xDE, 0xAD, 0xBE, 0xEF,             /* u32 */
    0x01, 0x02, 0x03, 0x04,             /* u32 */
};

static const struct {
    size_t end; /* bytes of the message that this field needs: its scope, if it is in one */
    uint64_t value;
} fields[] = {
    {1, 0x16},    {18, 0x0304}, {18, 0xAABB},     {18, 0x1301},
    {18, 0x1302}, {18, 2},      {22, 0xDEADBEEF}, {26, 0x01020304},
};

static enum err read_message(struct span bytes, uint64_t values[unit_count(fields)])
{
    struct rd rd, body, name, list, nothing;
    rd_begin(&rd, bytes);
    values[0] = rd_u8(&rd);
    rd_sub(&rd, &body, rd_u24(&rd));
    values[1] = rd_u16(&body);
    rd_sub8(&body, &name);
    values[2] = rd_u16(&name);
    rd_end(&name);
    rd_sub16(&body, &list);
    values[3] = rd_u16(&list);
    values[4] = rd_u16(&list);
    values[5] = 0;
    for (rd_end(&list); rd_more(&body); values[5]++) {
        rd_sub8(&body, &nothing);
        rd_end(&nothing);
        rd_sub16(&body, &nothing);
        values[5] += nothing.left.len == 0;
    }
    rd_end(&body);
    values[6] = rd_u32(&rd);
    values[7] = rd_u32(&rd);
    rd_end(&rd);
    return rd_result(&rd);
}

static void a_message_cut_at_every_place(void **state)
{
    (void)state;
    for (size_t len = 0; len <= sizeof message; len++) {
        uint8_t *copy = unit_copy(span_of(message, len));
        uint64_t values[unit_count(fields)];
        enum err err = read_message(span_of(copy, len), values);
        unit_holds(err == (len == sizeof message ? ERR_OK : ERR_SHORT), "%zu: %s", len,
                   err_name(err));
        for (size_t i = 0; i < unit_count(fields); i++) {
            unit_holds(values[i] == (len >= fields[i].end ? fields[i].value : 0),
                       "%zu, field %zu: %" PRIx64, len, i, values[i]);
        }
        free(copy);
    }
    uint8_t longer[sizeof message + 1] = {0};
    uint64_t values[unit_count(fields)];
    memcpy(longer, message, sizeof message);
    assert_int_equal(read_message(span_of(longer, sizeof longer), values), ERR_TRAILING);
}

/* Whatever the inner scope is asked for, it stays in its bytes; the outer has plenty. */
static void no_read_passes_the_end_of_its_scope(void **state)
{
    (void)state;
    static const size_t widths[] = {1, 2, 3, 4};
    for (size_t size = 0; size <= 7; size++) {
        for (size_t i = 0; i < unit_count(widths); i++) {
            struct rd outer, inner;
            rd_begin(&outer, span_of(counting, sizeof counting));
            rd_sub(&outer, &inner, size);
            unit_holds(outer.left.len == sizeof counting - size, "the outer moves at once");
            bool fits = widths[i] <= size;
            uint64_t value = read_number(&inner, widths[i]);
            unit_holds(fits || value == 0, "u%zu of %zu", widths[i] * 8, size);
            unit_holds(rd_result(&inner) == (fits ? ERR_OK : ERR_SHORT), "u%zu of %zu",
                       widths[i] * 8, size);
            unit_holds(rd_result(&outer) == rd_result(&inner), "u%zu of %zu", widths[i] * 8, size);
            uint8_t next = rd_u8(&outer);
            unit_holds(next == (fits ? counting[size] : 0), "u%zu of %zu", widths[i] * 8, size);
        }
    }
}

/* Each kind of length in front, each value of it around what is there. */
static void a_scope_has_its_length_or_is_short(void **state)
{
    (void)state;
    static void (*const subs[])(struct rd *, struct rd *) = {rd_sub8, rd_sub16};
    for (size_t i = 0; i < unit_count(subs); i++) {
        for (unsigned length = 0; length < 0x400; length++) {
            uint8_t bytes[3 + 0x200] = {0};
            size_t width = i + 1, room = 0x200;
            if (width == 1 && length > 0xFF) {
                break;
            }
            bytes[width - 1] = (uint8_t)length;
            if (width > 1) {
                bytes[width - 2] = (uint8_t)(length >> 8);
            }
            struct rd outer, inner;
            rd_begin(&outer, span_of(bytes, width + room));
            subs[i](&outer, &inner);
            bool fits = length <= room;
            unit_holds(rd_result(&outer) == (fits ? ERR_OK : ERR_SHORT), "%u in %zu", length,
                       width);
            unit_holds(rd_result(&inner) == rd_result(&outer), "%u in %zu", length, width);
            unit_holds(inner.left.len == (fits ? length : 0), "%u in %zu", length, width);
            unit_holds(outer.left.len == (fits ? room - length : 0), "%u in %zu", length, width);
            unit_holds(!fits || inner.left.at == bytes + width, "%u in %zu", length, width);
        }
    }
}

enum { DEPTH = 5 };

/* Scope 0 over all bytes, and scope i + 1 over all but the last byte of what scope i has. */
static void nest(struct rd scopes[DEPTH])
{
    rd_begin(&scopes[0], span_of(counting, sizeof counting));
    for (size_t i = 0; i + 1 < DEPTH; i++) {
        rd_sub(&scopes[i], &scopes[i + 1], scopes[i].left.len - 1);
    }
}

/* An error at each depth, of each kind: it and all around it are bad and have nothing more. */
static void a_mark_reaches_every_parent_and_stays(void **state)
{
    (void)state;
    for (size_t depth = 0; depth < DEPTH; depth++) {
        for (int trailing = 0; trailing < 2; trailing++) {
            struct rd scopes[DEPTH];
            nest(scopes);
            if (trailing) {
                rd_end(&scopes[depth]);
            } else {
                (void)rd_bytes(&scopes[depth], scopes[depth].left.len + 1);
            }
            enum err want = trailing ? ERR_TRAILING : ERR_SHORT;
            for (size_t i = 0; i <= depth; i++) {
                struct rd late;
                unit_holds(rd_result(&scopes[i]) == want, "%zu of %zu", i, depth);
                unit_holds(!rd_more(&scopes[i]), "%zu of %zu", i, depth);
                unit_holds(rd_u8(&scopes[i]) == 0 && rd_u32(&scopes[i]) == 0, "%zu of %zu", i,
                           depth);
                unit_holds(rd_bytes(&scopes[i], 0).len == 0 && rd_rest(&scopes[i]).len == 0,
                           "%zu of %zu", i, depth);
                rd_sub(&scopes[i], &late, 0);
                unit_holds(rd_result(&late) == want && rd_u8(&late) == 0, "%zu of %zu", i, depth);
                rd_sub16(&scopes[i], &late);
                unit_holds(rd_result(&late) == want && !rd_more(&late), "%zu of %zu", i, depth);
                rd_end(&scopes[i]);
                unit_holds(rd_result(&scopes[i]) == want, "%zu of %zu: first stays", i, depth);
            }
        }
    }
}

static void the_end_of_a_used_up_scope_is_silent(void **state)
{
    (void)state;
    struct rd scopes[DEPTH];
    nest(scopes);
    for (size_t i = DEPTH; i > 0; i--) {
        (void)rd_rest(&scopes[i - 1]);
        rd_end(&scopes[i - 1]);
        unit_holds(rd_result(&scopes[i - 1]) == ERR_OK, "%zu", i - 1);
    }
}

static void an_empty_scope_is_fine_until_read(void **state)
{
    (void)state;
    struct rd outer, inner, innermost;
    rd_begin(&outer, span_of(NULL, 0));
    rd_sub(&outer, &inner, 0);
    rd_sub(&inner, &innermost, 0);
    unit_same(rd_rest(&innermost), span_of(NULL, 0), "nothing");
    unit_same(rd_bytes(&innermost, 0), span_of(NULL, 0), "nothing");
    rd_end(&innermost);
    rd_end(&inner);
    rd_end(&outer);
    assert_false(rd_more(&innermost));
    assert_int_equal(rd_result(&outer), ERR_OK);
    assert_int_equal(rd_u8(&innermost), 0);
    assert_int_equal(rd_result(&innermost), ERR_SHORT);
    assert_int_equal(rd_result(&inner), ERR_SHORT);
    assert_int_equal(rd_result(&outer), ERR_SHORT);
}

/*
 * The grammar: items to the end of their scope. 0 has nothing more; 1 a byte; 2 a length and items;
 * 3 a length and one byte exactly; 4 a length of two bytes and anything; all else two bytes.
 */
struct trace {
    size_t len;
    uint64_t values[64];
};

static void read_items(struct rd *rd, struct trace *trace)
{
    while (rd_more(rd)) {
        struct rd inner;
        uint8_t type = rd_u8(rd);
        trace->values[trace->len++] = type;
        switch (type) {
        case 0:
            break;
        case 1:
            trace->values[trace->len++] = rd_u8(rd);
            break;
        case 2:
            rd_sub8(rd, &inner);
            read_items(&inner, trace);
            break;
        case 3:
            rd_sub8(rd, &inner);
            trace->values[trace->len++] = rd_u8(&inner);
            rd_end(&inner);
            break;
        case 4:
            rd_sub16(rd, &inner);
            trace->values[trace->len++] = rd_rest(&inner).len;
            break;
        default:
            trace->values[trace->len++] = rd_u16(rd);
        }
    }
}

/* The same by hand over bytes[at] to bytes[end - 1]; the first error ends it. */
static enum err slow_items(const uint8_t *bytes, size_t at, size_t end, struct trace *trace)
{
    static const size_t needs[] = {0, 1, 1, 1, 2, 2}; /* bytes behind the type */
    while (at < end) {
        uint8_t type = bytes[at++];
        trace->values[trace->len++] = type;
        size_t need = needs[type];
        if (end - at < need) {
            return ERR_SHORT;
        }
        size_t number = need == 0 ? 0 : need == 1 ? bytes[at] : bytes[at] * 256U + bytes[at + 1];
        at += need;
        if (type == 1 || type == 5) {
            trace->values[trace->len++] = number;
        }
        if (type < 2 || type == 5) {
            continue;
        }
        if (number > end - at || (type == 3 && number == 0)) {
            return ERR_SHORT;
        }
        if (type == 2) {
            TRY(slow_items(bytes, at, at + number, trace));
        } else {
            trace->values[trace->len++] = type == 3 ? bytes[at] : number;
        }
        if (type == 3 && number > 1) {
            return ERR_TRAILING;
        }
        at += number;
    }
    return ERR_OK;
}

static void every_short_message_of_a_small_grammar(void **state)
{
    (void)state;
    struct unit_words words = {.letters = 6, .alphabet = "\0\1\2\3\4\5", .max = 7};
    while (unit_words_next(&words)) {
        uint8_t *copy = unit_copy(unit_word(&words));
        struct trace got = {0}, want = {0};
        struct rd rd;
        rd_begin(&rd, span_of(copy, words.len));
        read_items(&rd, &got);
        enum err err = slow_items(copy, 0, words.len, &want);
        unit_holds(rd_result(&rd) == err, "%s: %s, want %s", unit_show(unit_word(&words)),
                   err_name(rd_result(&rd)), err_name(err));
        unit_holds(err != ERR_OK ||
                       (got.len == want.len &&
                        memcmp(got.values, want.values, got.len * sizeof got.values[0]) == 0),
                   "%s", unit_show(unit_word(&words)));
        free(copy);
    }
}

static void sub_of_itself(void *arg)
{
    rd_sub(arg, arg, 0);
}

static void a_scope_inside_itself_trips_a_check(void **state)
{
    (void)state;
    struct rd rd;
    rd_begin(&rd, span_of(NULL, 0));
    assert_non_null(strstr(unit_expect_check(sub_of_itself, &rd), "rd.c:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_whole_or_zero),
        cmocka_unit_test(bytes_are_whole_or_none),
        cmocka_unit_test(a_message_cut_at_every_place),
        cmocka_unit_test(no_read_passes_the_end_of_its_scope),
        cmocka_unit_test(a_scope_has_its_length_or_is_short),
        cmocka_unit_test(a_mark_reaches_every_parent_and_stays),
        cmocka_unit_test(the_end_of_a_used_up_scope_is_silent),
        cmocka_unit_test(an_empty_scope_is_fine_until_read),
        cmocka_unit_test(every_short_message_of_a_small_grammar),
        cmocka_unit_test(a_scope_inside_itself_trips_a_check),
    };
    return cmocka_run_group_tests_name("rd", tests, NULL, NULL);
}
