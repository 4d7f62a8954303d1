/*
 * The origin of the town: what comes goes back, and the end with it.
 */
#include "sim/town.h"

static void echo_rest(struct party *party)
{
    struct echo *echo = list_owner(party, struct echo, party);
    if (!echo->town->closing || echo->accepted_one) {
        echo_begin(echo, echo->town);
    }
}

static void echo_over(struct half *half)
{
    party_die(half->party, false);
}

static void echo_broken(struct half *half)
{
    party_die(half->party, true);
}

static void echo_on_accept(struct io_op *op)
{
    struct echo *echo = list_owner(op, struct echo, accept);
    echo->accepted_one = op->result == ERR_OK;
    if (op->result == ERR_OK) {
        half_begin(&echo->half);
    } else if (op->result == ERR_EXHAUSTED) {
        io_timer(echo->party.loop, &echo->timer, io_now_ms(op->loop) + TOWN_BACK_OFF_MS);
    } else {
        party_die(&echo->party, false);
    }
    party_step(&echo->party);
}

static void echo_accept(struct echo *echo)
{
    io_accept(echo->party.loop, &echo->accept, &echo->town->origin_port, &echo->socket,
              &echo->accepted);
}

static void echo_on_timer(struct io_op *op)
{
    struct echo *echo = list_owner(op, struct echo, timer);
    if (op->result == ERR_OK && io_is_listening(&echo->town->origin_port)) {
        echo_accept(echo);
    }
    party_step(&echo->party);
}

void echo_begin(struct echo *echo, struct town *town)
{
    *echo = (struct echo){.town = town};
    party_init(&echo->party, &town->other_loop, echo_rest);
    party_add_socket(&echo->party, &echo->socket);
    party_add_op(&echo->party, &echo->accept, echo_on_accept);
    party_add_op(&echo->party, &echo->timer, echo_on_timer);
    half_init(&echo->half, &echo->party, &echo->socket, &echo->socket, &town->pool);
    echo->half.over = echo_over;
    echo->half.broken = echo_broken;
    if (io_is_listening(&town->origin_port)) {
        echo_accept(echo);
    }
}
