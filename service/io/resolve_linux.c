/*
 * Asking the system for a name on Linux: getaddrinfo, which may wait for as long as it likes.
 */
#define _POSIX_C_SOURCE 200809L

#include "io/resolve.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "sys/sys_sockaddr.h"

static enum err resolve_result(int failed)
{
    /* EAI_NODATA is an extension; glibc's own answer for "no address of this family". */
    enum { RESOLVE_NODATA = -5 };
    return failed == EAI_NONAME || failed == RESOLVE_NODATA ? ERR_NAME_UNKNOWN : ERR_NAME_FAILED;
}

void resolve_ask(struct span name, struct resolve_answer *answer)
{
    char text[IO_NAME_MAX + 1];
    CHECK(name.len <= IO_NAME_MAX);
    memcpy(text, name.at, name.len);
    text[name.len] = '\0';
    struct addrinfo hints, *found = NULL;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    int failed = getaddrinfo(text, NULL, &hints, &found);
    *answer = (struct resolve_answer){.result = resolve_result(failed)};
    if (failed != 0) {
        return;
    }
    for (struct addrinfo *i = found; i && answer->count < IO_NAMES_MAX; i = i->ai_next) {
        struct addr addr = sys_from_sockaddr(i->ai_addr).addr;
        if (addr.family != ADDR_NONE) {
            answer->addrs[answer->count++] = addr;
        }
    }
    answer->result = answer->count > 0 ? ERR_OK : ERR_NAME_UNKNOWN;
    freeaddrinfo(found);
}
