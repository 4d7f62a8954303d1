/*
 * Proves the table of a tunnel's life from its rows alone: every state is reached, every deadline
 * and every stop leads to the end, nothing goes in circles without a timer; and what of the engine
 * the simulator does not see closely: the order of addresses, and the deadline while bytes flow.
 */
#include "gateway/tunnel.h"
#include "tls/alert.h"
#include "unit/unit.h"

static const struct {
    const char *name, *time, *up, *down, *dial;
    enum err overdue;
} states[TUNNEL_STATES] = {
#define STATE(name, time, error, up, down, dial, words)                                            \
    [TUNNEL_##name] = {#name, #time, #up, #down, #dial, ERR_##error},
#define EVENT(name, words)
#define ROW(state, event, action, next)
#include "gateway/tunnel.def"
#undef STATE
#undef EVENT
#undef ROW
};

static const struct row {
    enum tunnel_state state;
    enum tunnel_event event;
    const char *action;
    enum tunnel_state next;
} rows[] = {
#define STATE(name, time, error, up, down, dial, words)
#define EVENT(name, words)
#define ROW(state, event, action, next)                                                            \
    {TUNNEL_##state, TUNNEL_EVENT_##event, #action, TUNNEL_##next},
#include "gateway/tunnel.def"
#undef STATE
#undef EVENT
#undef ROW
};

static const char *const event_names[TUNNEL_EVENTS] = {
#define STATE(name, time, error, up, down, dial, words)
#define EVENT(name, words) [TUNNEL_EVENT_##name] = #name,
#define ROW(state, event, action, next)
#include "gateway/tunnel.def"
#undef STATE
#undef EVENT
#undef ROW
};

static enum tunnel_state next_of(enum tunnel_state state, enum tunnel_event event)
{
    size_t i = 0;
    while (i < unit_count(rows) && (rows[i].state != state || rows[i].event != event)) {
        i++;
    }
    unit_holds(i < unit_count(rows), "%s in %s", event_names[event], states[state].name);
    return rows[i].next;
}

/* Between the first byte and the closing: what has an end of its own. */
static bool is_alive(enum tunnel_state state)
{
    return state != TUNNEL_FREE && state != TUNNEL_CLOSING;
}

static void the_functions_say_what_the_rows_say(void **state)
{
    (void)state;
    size_t legal = 0;
    for (size_t i = 0; i < unit_count(rows); i++) {
        unit_holds(tunnel_allows(rows[i].state, rows[i].event), "row %zu", i);
    }
    for (unsigned s = 0; s < TUNNEL_STATES; s++) {
        for (unsigned e = 0; e < TUNNEL_EVENTS; e++) {
            legal += tunnel_allows((enum tunnel_state)s, (enum tunnel_event)e) ? 1 : 0;
        }
    }
    unit_holds(legal == unit_count(rows), "%zu pairs, %zu rows: one stands there twice", legal,
               unit_count(rows));
}

/* Alone, without any other event, in as many steps as there are states. */
static void one_event_alone_ends_every_state(void **state)
{
    (void)state;
    static const enum tunnel_event ends[] = {TUNNEL_EVENT_DEADLINE, TUNNEL_EVENT_STOP};
    for (size_t i = 0; i < unit_count(ends); i++) {
        for (unsigned from = 0; from < TUNNEL_STATES; from++) {
            enum tunnel_state at = (enum tunnel_state)from;
            for (unsigned step = 0; is_alive(at) && step < TUNNEL_STATES; step++) {
                unit_holds(tunnel_allows(at, ends[i]), "%s in %s", event_names[ends[i]],
                           states[at].name);
                at = next_of(at, ends[i]);
            }
            unit_holds(!is_alive(at), "%s from %s", event_names[ends[i]], states[from].name);
        }
    }
}

static void an_end_leads_nowhere_else(void **state)
{
    (void)state;
    for (unsigned event = 0; event < TUNNEL_EVENTS; event++) {
        enum tunnel_event e = (enum tunnel_event)event;
        unit_holds(!tunnel_allows(TUNNEL_FREE, e), "%s in FREE", event_names[e]);
        unit_holds(tunnel_allows(TUNNEL_CLOSING, e) == (e == TUNNEL_EVENT_JOINED), "%s in CLOSING",
                   event_names[e]);
    }
    unit_holds(next_of(TUNNEL_CLOSING, TUNNEL_EVENT_JOINED) == TUNNEL_FREE, "JOINED");
}

/* Every state that a circle could go through has a time, and an error for when it is over. */
static void no_circle_lacks_a_timer(void **state)
{
    (void)state;
    for (unsigned s = 0; s < TUNNEL_STATES; s++) {
        enum tunnel_state at = (enum tunnel_state)s;
        bool fixed = strcmp(states[s].time, "0") != 0;
        unit_holds(fixed == (is_alive(at) && at != TUNNEL_RELAY), "%s", states[at].name);
        bool says = states[s].overdue != ERR_OK;
        unit_holds(says == (is_alive(at) && at != TUNNEL_LINGER), "%s", states[at].name);
        bool refuses = is_alive(at) && next_of(at, TUNNEL_EVENT_DEADLINE) == TUNNEL_REFUSE;
        bool told = at == TUNNEL_INSPECT ? alert_number(states[s].overdue) != ALERT_INTERNAL
                                         : reply_exists(states[s].overdue);
        unit_holds(!refuses || told, "%s", states[at].name);
    }
}

static void every_state_is_reached_and_every_event_used(void **state)
{
    (void)state;
    bool reached[TUNNEL_STATES] = {[TUNNEL_REQUEST] = true}, used[TUNNEL_EVENTS] = {false};
    for (size_t pass = 0; pass < TUNNEL_STATES; pass++) {
        for (size_t i = 0; i < unit_count(rows); i++) {
            reached[rows[i].next] = reached[rows[i].next] || reached[rows[i].state];
            used[rows[i].event] = true;
        }
    }
    for (unsigned s = 0; s < TUNNEL_STATES; s++) {
        unit_holds(reached[s], "%s", states[s].name);
    }
    for (unsigned e = 0; e < TUNNEL_EVENTS; e++) {
        unit_holds(used[e], "%s", event_names[e]);
    }
}

/* What is begun says where it leads: an action that led to two states would have to choose. */
static void an_action_has_one_aim(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(rows); i++) {
        for (size_t k = 0; k < i; k++) {
            unit_holds(strcmp(rows[i].action, rows[k].action) != 0 || rows[i].next == rows[k].next,
                       "%s leads to %s and %s", rows[i].action, states[rows[i].next].name,
                       states[rows[k].next].name);
        }
    }
}

/* Between our 200 and the bytes that nobody looks at lies the inspector: no row goes round it. */
static void nothing_is_relayed_that_was_not_inspected(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(rows); i++) {
        bool enters = rows[i].next == TUNNEL_RELAY && rows[i].state != TUNNEL_RELAY;
        unit_holds(!enters ||
                       (rows[i].state == TUNNEL_INSPECT && rows[i].event == TUNNEL_EVENT_PASS),
                   "row %zu", i);
        bool inspects = rows[i].next == TUNNEL_INSPECT;
        unit_holds(!inspects ||
                       (rows[i].state == TUNNEL_GREET && rows[i].event == TUNNEL_EVENT_SENT),
                   "row %zu", i);
    }
}

/* From the connection on, an attempt that ends is late; while ending, whatever comes is dropped. */
static void handlers_fit_their_states(void **state)
{
    (void)state;
    for (unsigned s = TUNNEL_PARENT; s < TUNNEL_STATES; s++) {
        unit_holds(strcmp(states[s].dial, "dial_late") == 0, "%s", states[s].name);
    }
    for (unsigned s = TUNNEL_REFUSE; s < TUNNEL_STATES; s++) {
        unit_holds(strcmp(states[s].up, "tunnel_nothing") != 0 &&
                       strcmp(states[s].down, "tunnel_nothing") != 0,
                   "%s", states[s].name);
    }
}

static void call_nothing(void *arg)
{
    struct io_op op = {.kind = IO_RECV};
    tunnel_nothing(arg, &op);
}

static void call_raise(void *arg)
{
    tunnel_raise(arg, TUNNEL_EVENT_HEAD);
}

static void what_no_row_names_trips_a_check(void **state)
{
    (void)state;
    struct tunnel tunnel = {.state = TUNNEL_CONNECT};
    unit_holds(strstr(unit_expect_check(call_nothing, &tunnel), "tunnel.c:"), "nothing");
    unit_holds(strstr(unit_expect_check(call_raise, &tunnel), "tunnel.c:"), "raise");
}

/* ---- the order of addresses ---- */

static const struct {
    const char *from, *to; /* a small letter: IPv4, a capital: IPv6 */
} orders[] = {
    {"", ""},
    {"a", "a"},
    {"A", "A"},
    {"abc", "abc"},
    {"aA", "aA"},
    {"Aa", "Aa"},
    {"abA", "aAb"},
    {"ABa", "AaB"},
    {"aAB", "aAB"},
    {"abAB", "aAbB"},
    {"ABCa", "AaBC"},
    {"ABCabc", "AaBbCc"},
    {"abcA", "aAbc"},
    {"aAbBcC", "aAbBcC"},
    {"aABCbc", "aAbBcC"},
    {"abcdefghijklmnoA", "aAbcdefghijklmno"},
};

static void families_take_turns(void **state)
{
    (void)state;
    for (size_t i = 0; i < unit_count(orders); i++) {
        struct io_names names = {.count = (uint8_t)strlen(orders[i].from)};
        char got[IO_NAMES_MAX + 1] = "";
        for (uint8_t k = 0; k < names.count; k++) {
            char letter = orders[i].from[k];
            names.addrs[k].family = letter >= 'a' ? ADDR_IPV4 : ADDR_IPV6;
            names.addrs[k].bytes[0] = (uint8_t)letter;
        }
        dial_interleave(&names);
        for (uint8_t k = 0; k < names.count; k++) {
            got[k] = (char)names.addrs[k].bytes[0];
        }
        unit_same(span_str(got), span_str(orders[i].to), "%s", orders[i].from);
    }
}

/* ---- the deadline while bytes flow ---- */

enum { IDLE_MS = 10000 };

static const struct {
    uint64_t active_ms, up_ms, down_ms; /* when a half last sent something; 0: it does not */
    uint32_t send_ms;                   /* SendTimeout */
    uint64_t deadline_ms;
} deadlines[] = {
    {1000, 0, 0, 3000, 11000},      {5000, 0, 0, 3000, 15000},
    {1000, 1000, 0, 3000, 4000},    {5000, 0, 1000, 3000, 4000},
    {5000, 2000, 1000, 3000, 4000}, {5000, 1000, 2000, 3000, 4000},
    {1000, 9000, 0, 3000, 12000},   {1000, 0, 8000, 3000, 11000},
    {1000, 9000, 0, 60000, 19000},  {1000, 2000, 9000, 60000, 19000},
    {5000, 1000, 0, 60000, 15000},  {1000, 9000, 4000, 10000, 14000},
};

static void the_first_of_idle_and_stuck_counts(void **state)
{
    (void)state;
    static struct snapshot snapshot;
    static struct gateway gateway;
    struct rules rules = {.snapshot = &snapshot};
    struct rules_cell cell = {.rules = &rules, .current = true};
    snapshot.settings.idle_timeout_ms = IDLE_MS;
    gateway.rules = &cell;
    for (size_t i = 0; i < unit_count(deadlines); i++) {
        struct tunnel tunnel = {.gateway = &gateway, .active_ms = deadlines[i].active_ms};
        snapshot.settings.send_timeout_ms = deadlines[i].send_ms;
        uint64_t since[] = {deadlines[i].up_ms, deadlines[i].down_ms};
        for (size_t k = 0; k < TUNNEL_HALVES; k++) {
            struct half *half = &tunnel.halves[k];
            half->op.kind = since[k] > 0 ? IO_SEND : IO_RECV; /* a RECV is always out */
            half->op.state = IO_SUBMITTED;
            half->op.arg.send.moved_ms = since[k];
        }
        uint64_t got = relay_deadline_ms(&tunnel);
        unit_holds(got == deadlines[i].deadline_ms, "row %zu: %" PRIu64, i, got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_functions_say_what_the_rows_say),
        cmocka_unit_test(one_event_alone_ends_every_state),
        cmocka_unit_test(an_end_leads_nowhere_else),
        cmocka_unit_test(no_circle_lacks_a_timer),
        cmocka_unit_test(every_state_is_reached_and_every_event_used),
        cmocka_unit_test(an_action_has_one_aim),
        cmocka_unit_test(nothing_is_relayed_that_was_not_inspected),
        cmocka_unit_test(handlers_fit_their_states),
        cmocka_unit_test(what_no_row_names_trips_a_check),
        cmocka_unit_test(families_take_turns),
        cmocka_unit_test(the_first_of_idle_and_stuck_counts),
    };
    return cmocka_run_group_tests_name("tunnel", tests, NULL, NULL);
}
