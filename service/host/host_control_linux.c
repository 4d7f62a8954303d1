/*
 * control.h on Linux, where the service is systemd's: its unit comes with the package.
 */
#include "host/control.h"

static enum err host_leave(const struct control *control, const char *command)
{
    control->say("on this system the service is systemd's; what does this is", span_str(command));
    return ERR_SYSTEM;
}

enum err control_install(const struct control *control)
{
    return host_leave(control, "systemctl enable omsgateway");
}

enum err control_uninstall(const struct control *control)
{
    return host_leave(control, "systemctl disable --now omsgateway");
}

enum err control_start(const struct control *control)
{
    return host_leave(control, "systemctl start omsgateway");
}

enum err control_stop(const struct control *control)
{
    return host_leave(control, "systemctl stop omsgateway");
}
