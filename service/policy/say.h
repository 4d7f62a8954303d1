/*
 * The form of every sentence about a rule that is wrong: the text as it was given, what is wrong,
 * and the command that would be right.
 */
#ifndef POLICY_SAY_H
#define POLICY_SAY_H

#include "base/out.h"

/* `"text": sentence`, the text safe for a terminal and not longer than a line. */
void say_wrong(struct span text, enum err err, struct out *out);

/* `what`, or `what: which`, that safe for a terminal, with "..." behind its first two lines. */
void say_about(const char *what, struct span which, struct out *out);

/*
 * What of a URL may be shown: not what stands before an @, where a password may be, and with `@` in
 * front the rest does not look like all of it.
 */
struct span say_unlogged(struct span url);

/* `; right would be: omsgateway COMMAND`, or, where nobody knows what was meant, `; for example`.
 */
void say_right(bool known, const char *command, struct out *out);

/*
 * Cuts a sentence before its `; HOW: omsgateway COMMAND`, whoever wrote it, for those who have
 * other commands. False: it has none.
 */
bool say_cut(struct span why, struct span *sentence, struct span *how, struct span *command);

/* Whether a text means itself between double quotes, in every shell. */
bool say_is_plain(struct span text);

#endif
