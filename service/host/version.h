/*
 * The version of this build, as CMakeLists.txt at the root states it: "1.2.3".
 */
#ifndef HOST_VERSION_H
#define HOST_VERSION_H

const char *host_version(void);

#endif
