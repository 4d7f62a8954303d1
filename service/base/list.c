/*
 * The linked list's few moves.
 */
#include "base/list.h"

void list_init(struct list *list)
{
    list->ends = (struct list_node){&list->ends, &list->ends};
}

void list_node_init(struct list_node *node)
{
    *node = (struct list_node){NULL, NULL};
}

bool list_empty(const struct list *list)
{
    CHECK(list->ends.next && list->ends.prev);
    return list->ends.next == &list->ends;
}

bool list_linked(const struct list_node *node)
{
    CHECK(!node->next == !node->prev);
    return node->next != NULL;
}

static void list_insert(struct list_node *node, struct list_node *prev, struct list_node *next)
{
    CHECK(!list_linked(node));
    CHECK(prev->next == next && next->prev == prev);
    *node = (struct list_node){next, prev};
    prev->next = node;
    next->prev = node;
}

void list_push_first(struct list *list, struct list_node *node)
{
    list_insert(node, &list->ends, list->ends.next);
}

void list_push_last(struct list *list, struct list_node *node)
{
    list_insert(node, list->ends.prev, &list->ends);
}

void list_unlink(struct list_node *node)
{
    CHECK(list_linked(node));
    CHECK(node->prev->next == node && node->next->prev == node);
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_node_init(node);
}

struct list_node *list_first(const struct list *list)
{
    return list_empty(list) ? NULL : list->ends.next;
}

struct list_node *list_take_first(struct list *list)
{
    struct list_node *node = list_first(list);
    if (node) {
        list_unlink(node);
    }
    return node;
}

void list_append(struct list *to, struct list *from)
{
    CHECK(to != from);
    if (list_empty(from)) {
        return;
    }
    struct list_node *first = from->ends.next, *last = from->ends.prev;
    first->prev = to->ends.prev;
    to->ends.prev->next = first;
    last->next = &to->ends;
    to->ends.prev = last;
    list_init(from);
}
