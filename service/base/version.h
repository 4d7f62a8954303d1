/*
 * The version of this build, as CMakeLists.txt at the root states it: "1.2.3".
 */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

const char *version_text(void);

#endif
