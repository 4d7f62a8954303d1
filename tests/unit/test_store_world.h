/*
 * A data folder for the tests of the store, and words to say what is in it: clean it, open it,
 * print everything a store loads as one text, read and damage its files. Knows no test frame: what
 * goes wrong here ends the test by a CHECK.
 */
#ifndef TESTS_UNIT_TEST_STORE_WORLD_H
#define TESTS_UNIT_TEST_STORE_WORLD_H

#include "store/change.h"

/* Makes the folder and removes every file of a store from it, also those that were set aside. */
void world_clean(const char *folder);
void world_sweep(const char *folder); /* only those */
void world_remove(const char *folder, const char *name);
bool world_holds_open_files(void); /* the system renames none that somebody has open */
/* Argument number i of a program as a number, or `otherwise`. */
unsigned world_number(int argc, char **argv, int i, unsigned otherwise);
/* The folder for a test: inside argument number i, or here. It stands until the next call. */
const char *world_folder(int argc, char **argv, int i, const char *name);

bool world_has(const char *folder, const char *name);

struct store *world_open(const char *folder, enum store_use use);

/* A file's bytes; the caller frees them. */
uint8_t *world_read(const char *folder, const char *name, size_t *len);
void world_write(const char *folder, const char *name, struct span bytes);
void world_flip(const char *folder, const char *name, size_t offset, uint8_t mask);

/*
 * Everything but the history, as lines: "revision 3", "setting ListenPort=8081",
 * "host local *.example.com #why", "relay http://p:8080 u secret". The text lives until the next
 * call; after an error it is "ERR_NAME".
 */
const char *world_print(struct store *store);
/* "3 alice test host: (none) -> x.example.com", newest first. */
const char *world_print_history(struct store *store);

/*
 * Change number n of a row of changes: any two differ, and each touches a setting and a rule; some
 * set or clear the relay. The error of the first call that failed; the change is ended.
 */
enum err world_change(struct store *store, unsigned n, uint64_t *revision);

struct store_rule world_rule(enum store_kind kind, const char *value, const char *comment);
/* One change with one setting in it, which must succeed; its revision. */
uint64_t world_set(struct store *store, const char *name, const char *value);

#endif
