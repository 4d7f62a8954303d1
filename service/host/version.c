/*
 * The one file that is compiled anew when the version changes.
 */
#include "host/version.h"

const char *host_version(void)
{
    return OMSGATEWAY_VERSION;
}
