/*
 * What a process does once before it uses anything else of this room.
 */
#ifndef CRYPTO_BEGIN_H
#define CRYPTO_BEGIN_H

/*
 * OpenSSL is not taken apart when the process ends: the system takes everything back, and OpenSSL
 * 3.5 may free twice on that way, which ended a command that had done its work with a crash.
 */
void crypto_begin(void);

#endif
