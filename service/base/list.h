/*
 * A doubly linked list whose nodes live inside their owners. Nothing is allocated and nothing is
 * searched: a node knows its neighbours. A node at rest points to nothing, so linking it twice or
 * unlinking it twice is caught.
 *
 *     struct thing { int value; struct list_node link; };
 *     list_each (node, &things) { struct thing *t = list_owner(node, struct thing, link); ... }
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include "base/check.h"

#include <stdbool.h>
#include <stddef.h>

struct list_node {
    struct list_node *next, *prev;
};

struct list {
    struct list_node ends; /* next: first, prev: last; points to itself when empty */
};

#define list_owner(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

/* The body must not unlink the node it stands on: take the first again and again for that. */
#define list_each(node, list)                                                                      \
    for (struct list_node *node = (list)->ends.next; node != &(list)->ends; node = node->next)

void list_init(struct list *list);
void list_node_init(struct list_node *node);

bool list_empty(const struct list *list);
bool list_linked(const struct list_node *node);

void list_push_first(struct list *list, struct list_node *node);
void list_push_last(struct list *list, struct list_node *node);
void list_unlink(struct list_node *node);

struct list_node *list_first(const struct list *list); /* NULL when empty */
struct list_node *list_take_first(struct list *list);  /* unlinked; NULL when empty */

/* Moves all nodes of `from` behind those of `to`. */
void list_append(struct list *to, struct list *from);

#endif
