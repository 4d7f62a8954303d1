/*
 * The one file that is compiled anew when the version changes.
 */
#include "base/version.h"

const char *version_text(void)
{
    return OMSGATEWAY_VERSION;
}
