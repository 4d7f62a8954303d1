/*
 * Decisions in words: the rule of one, what would allow what was refused, and `check`, which goes
 * through all of them without connecting.
 */
#ifndef POLICY_EXPLAIN_H
#define POLICY_EXPLAIN_H

#include "policy/decide.h"

enum { POLICY_TEXT_MAX = 8192 }; /* a place that is never too small for what is printed here */
enum { POLICY_ANSWERS_MAX = 4 };

/* What is asked, in words. Only `host` and `port` must be there. */
struct policy_question {
    struct span host;
    uint16_t port;
    const struct addr *addrs; /* what the host resolves to; one that is allowed is enough */
    size_t addr_count;
    struct span subject;       /* of the client's certificate, written as a row is */
    const struct addr *client; /* NULL: not judged, which is said where it would matter */
};

struct policy_answer {
    const char *what; /* "client", "host", "address", "certificate" */
    enum err err;
    struct policy_rule rule;
};

/* Decides in order, up to the first refusal. How many answers: the last one counts. */
size_t policy_check(const struct snapshot *snapshot, const struct policy_question *question,
                    struct policy_answer answers[POLICY_ANSWERS_MAX]);

/* "host *.example.com (local, row 12)", "AllowedPorts", ...: also for a line of a log. */
void policy_print_rule(const struct snapshot *snapshot, const struct policy_rule *rule,
                       struct out *out);
/* The command that would allow what was refused; nothing where no command would. */
void policy_print_remedy(const struct snapshot *snapshot, const struct policy_question *question,
                         const struct policy_answer *answer, struct out *out);
/* What TLS 1.3 hides from the list of certificates; NULL where it hides nothing. */
const char *policy_hidden(const struct settings *settings, size_t subject_count);
/* What the answers leave open, in one line; nothing where they leave nothing open. */
void policy_print_notes(const struct snapshot *snapshot, const struct policy_question *question,
                        struct out *out);
/* The lines of `check`: a line for each answer, the remedy, and what they leave open. */
void policy_explain(const struct snapshot *snapshot, const struct policy_question *question,
                    struct out *out);

#endif
