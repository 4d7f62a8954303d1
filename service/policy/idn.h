/*
 * International names as the network carries them: each label with other letters than ASCII becomes
 * its A-label (RFC 3492, "xn--..."). The mapping is the small one of idn.def, letters of the living
 * scripts and their capitals, not all of UTS 46: what is not there is an error, never a guess,
 * because a name that nobody asks for would be listed in vain.
 */
#ifndef POLICY_IDN_H
#define POLICY_IDN_H

#include "base/out.h"

/*
 * Puts the name with small ASCII letters, everything else in it that is ASCII unchanged. ERR_UTF,
 * ERR_HOST_LETTER, or ERR_HOST_LONG for a label of more than 63 letters and for a full *out.
 */
MUST_CHECK enum err idn_put(struct span name, struct out *out);

#endif
