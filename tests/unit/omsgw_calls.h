/*
 * One call of the cmdlet library, named by words: "add hosts a.example.com b.example.com #why".
 * Every export that gives an answer can be called this way; the library behind it is the linked
 * one.
 */
#ifndef TESTS_UNIT_OMSGW_CALLS_H
#define TESTS_UNIT_OMSGW_CALLS_H

#include "psmodule/omsgw.h"

#include <stdbool.h>

enum { OMSGW_CALLS = 12 };

/*
 * The first word names the export without omsgw_; "hosts" and "certificates" are a kind, "all" is
 * all, "#TEXT" the comment or the certificate's subject. Words are parted by one blank each, and
 * "_" in one stands for a blank. A name that is no export's ends the test.
 */
int omsgw_call(const char *folder, const char *words, char **answer);
/* The same; whether code and answer are these. What differs is printed. */
bool omsgw_says(const char *folder, const char *words, int code, const char *answer);

#endif
