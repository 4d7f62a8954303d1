/*
 * The small frame that every unit test stands in: cmocka with the headers it wants, rows of tables
 * that are named when they fail, a CHECK that is expected to fire, all words over an alphabet.
 *
 * A test file proves one unit. Its cases are tables where they can be; small inputs are enumerated.
 * It asks no clock and no chance, and waits for nothing.
 */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include "base/span.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cmocka expects the headers above to be there already. */
#include <cmocka.h>

/* mingw-w64 has two printf and names the one that knows %zu. */
#if defined(__MINGW_PRINTF_FORMAT)
#define UNIT_FORMAT(format, first) __attribute__((__format__(__MINGW_PRINTF_FORMAT, format, first)))
#elif defined(__GNUC__)
#define UNIT_FORMAT(format, first) __attribute__((__format__(__printf__, format, first)))
#else
#define UNIT_FORMAT(format, first)
#endif

#define unit_count(table) (sizeof(table) / sizeof((table)[0]))

/* Asserts the condition; the rest is printf's and names the row: unit_holds(ok, "%s", text). */
#define unit_holds(condition, ...)                                                                 \
    ((condition) ? (void)0 : unit_fail(__FILE__, __LINE__, #condition, __VA_ARGS__))

/* Asserts that two spans hold the same bytes and shows both when they do not. */
#define unit_same(got, want, ...) unit_same_at(__FILE__, __LINE__, got, want, __VA_ARGS__)

/*
 * Runs body(arg), which must trip a CHECK, and gives the sentence of that check (until the next
 * call). The body asserts nothing itself: a failed assertion would leave it another way.
 */
#define unit_expect_check(body, arg) unit_expect_check_at(__FILE__, __LINE__, #body, body, arg)

void unit_fail(const char *file, int line, const char *what, const char *format, ...)
    UNIT_FORMAT(4, 5);
void unit_same_at(const char *file, int line, struct span got, struct span want, const char *format,
                  ...) UNIT_FORMAT(5, 6);
const char *unit_expect_check_at(const char *file, int line, const char *name, void (*body)(void *),
                                 void *arg);

/* Bytes as a person can read them; the last few results stay valid. */
const char *unit_show(struct span bytes);

/*
 * The bytes in memory of exactly their size, so that the address sanitizer sees one byte too many.
 * Never NULL, also for no bytes; the caller frees it.
 */
uint8_t *unit_copy(struct span bytes);

/*
 * All words over an alphabet, the empty one first, up to `max` letters:
 *
 *     struct unit_words words = {.letters = 2, .alphabet = "ab", .max = 3};
 *     while (unit_words_next(&words)) { ... words.text, words.len ... }
 *
 * Without an alphabet only `index` is filled: a sequence of `letters` different steps.
 */
enum { UNIT_WORD_MAX = 16 };

struct unit_words {
    size_t letters, max, len;
    const char *alphabet;
    bool begun;
    uint8_t index[UNIT_WORD_MAX];
    uint8_t text[UNIT_WORD_MAX];
};

bool unit_words_next(struct unit_words *words);
struct span unit_word(const struct unit_words *words);

/*
 * Cuts one JSON string with its quotes off the front of *rest and puts what it means, as UTF-8, at
 * `place` (as large as *rest). False where it is not a string that every reader of JSON accepts.
 */
bool unit_json_string(struct span *rest, uint8_t *place, size_t *len);

#endif
