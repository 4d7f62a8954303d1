/*
 * Open ports and who comes in by them: for each ACCEPT that is out a tunnel stands ready. Where
 * tunnels or descriptors have run out nobody is accepted, and the next tunnel that ends, or the
 * next second, tries again; who waits meanwhile waits in the system's queue.
 */
#include "gateway/tunnel.h"

static void listener_arm(struct gateway_accept *accept)
{
    struct gateway_port *port = accept->port;
    CHECK(port->used && !io_is_out(&accept->op));
    if (!accept->tunnel) {
        accept->tunnel = tunnel_take(port->gateway);
    }
    if (accept->tunnel) {
        io_accept(&port->gateway->loop, &accept->op, &port->listener, &accept->tunnel->socket,
                  &accept->accepted);
    }
}

static void listener_disarm(struct gateway_accept *accept)
{
    CHECK(!io_is_out(&accept->op));
    if (accept->tunnel) {
        tunnel_give(accept->tunnel);
        accept->tunnel = NULL;
    }
}

/* The last ACCEPT has been told: the port is closed, its place is free. */
static void listener_ended(struct gateway_port *port)
{
    if (!io_is_listening(&port->listener)) {
        for (size_t i = 0; i < GATEWAY_ACCEPTS; i++) {
            listener_disarm(&port->accepts[i]);
        }
        port->used = false;
    }
}

static void listener_accepted(struct io_op *op)
{
    struct gateway_accept *accept = list_owner(op, struct gateway_accept, op);
    struct gateway_port *port = accept->port;
    struct tunnel *tunnel = accept->tunnel;
    CHECK(tunnel && port->used);
    if (op->result == ERR_OK) {
        accept->tunnel = NULL;
        tunnel_begin(tunnel, &accept->accepted.peer);
        listener_arm(accept);
    } else if (op->result == ERR_CLOSED) {
        listener_ended(port);
    } else if (op->result != ERR_EXHAUSTED) {
        listener_arm(accept); /* that client was gone before it came */
    }
}

/* A port that closes needs an ACCEPT to be told so; all of them may have failed meanwhile. */
static void listener_drain(struct gateway_port *port)
{
    for (size_t i = 0; port->listener.accepts_out == 0 && i < GATEWAY_ACCEPTS; i++) {
        listener_arm(&port->accepts[i]);
    }
}

void gateway_accept_more(struct gateway *gateway)
{
    for (size_t i = 0; i < GATEWAY_LISTENERS; i++) {
        struct gateway_port *port = &gateway->ports[i];
        for (size_t k = 0; port->used && !port->listener.closing && k < GATEWAY_ACCEPTS; k++) {
            if (!io_is_out(&port->accepts[k].op)) {
                listener_arm(&port->accepts[k]);
            }
        }
        if (port->used && port->listener.closing) {
            listener_drain(port);
        }
    }
}

static struct gateway_port *listener_find_place(struct gateway *gateway)
{
    for (size_t i = 0; i < GATEWAY_LISTENERS; i++) {
        if (!gateway->ports[i].used) {
            return &gateway->ports[i];
        }
    }
    return NULL;
}

enum err gateway_listen(struct gateway *gateway, const struct endpoint *at,
                        const struct gateway_port *sibling, struct gateway_port **port)
{
    struct gateway_port *place = listener_find_place(gateway);
    CHECK(gateway->rules && !gateway->draining);
    if (!place) {
        return ERR_EXHAUSTED;
    }
    TRY(io_listen(&gateway->loop, &place->listener, at, sibling ? &sibling->listener : NULL));
    place->gateway = gateway;
    place->used = true;
    for (size_t i = 0; i < GATEWAY_ACCEPTS; i++) {
        place->accepts[i].port = place;
        io_op_init(&place->accepts[i].op, listener_accepted);
        listener_arm(&place->accepts[i]);
    }
    *port = place;
    return ERR_OK;
}

void gateway_unlisten(struct gateway_port *port)
{
    CHECK(port->used);
    if (!port->listener.closing) {
        gateway_accept_more(port->gateway);
        io_unlisten(&port->gateway->loop, &port->listener);
    }
}
