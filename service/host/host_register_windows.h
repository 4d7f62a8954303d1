/*
 * What Windows must know of the service beside its service controller. For host_control_windows.c.
 */
#ifndef HOST_HOST_REGISTER_WINDOWS_H
#define HOST_HOST_REGISTER_WINDOWS_H

#include "host/control.h"

/* Before the service starts: its first event needs it. Again is the same as once. */
void host_register(const struct control *control);
void host_unregister(const struct control *control);

#endif
