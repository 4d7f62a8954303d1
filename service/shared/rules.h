/*
 * What is in force, as all loops share it: a snapshot of the rules and the relay proxy. Nothing in
 * it changes; a change of the configuration is a new one. Each loop holds it through a cell of its
 * own and counts its tunnels there without a lock; whoever gives back the last cell hands it to its
 * maker, on whatever thread that happens.
 */
#ifndef SHARED_RULES_H
#define SHARED_RULES_H

#include "base/atom.h"
#include "http/connect.h"
#include "policy/snapshot.h"

struct rules_relay {
    bool set;
    struct authority at;
    uint16_t user_len, password_len;
    uint8_t login[CONNECT_LOGIN_MAX]; /* user name, then password: wiped by whoever made it */
};

struct rules {
    struct snapshot *snapshot;
    struct rules_relay relay;
    struct atom_u64 holders;             /* cells not given back */
    void (*unused)(struct rules *rules); /* from any thread, once */
};

/* One loop's hold on rules. */
struct rules_cell {
    struct rules *rules;
    uint64_t users; /* tunnels that were begun under them and are not judged yet */
    bool current;   /* new tunnels begin under them */
};

/* Before the cells go to their loops: so many will be given back. */
void rules_init(struct rules *rules, uint64_t cells);

void rules_begin(struct rules_cell *cell, struct rules *rules);
void rules_take(struct rules_cell *cell);
void rules_give(struct rules_cell *cell);
void rules_retire(struct rules_cell *cell); /* others are current now */

#endif
