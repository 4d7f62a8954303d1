/*
 * Asking the system for a name on Linux: getaddrinfo, which may wait for as long as it likes.
 */
#define _POSIX_C_SOURCE 200809L

#include "io/resolve.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static enum err resolve_result(int failed)
{
    /* EAI_NODATA is an extension; glibc's own answer for "no address of this family". */
    enum { RESOLVE_NODATA = -5 };
    return failed == EAI_NONAME || failed == RESOLVE_NODATA ? ERR_NAME_UNKNOWN : ERR_NAME_FAILED;
}

static bool resolve_take_addr(const struct sockaddr *from, struct addr *addr)
{
    *addr = (struct addr){ADDR_NONE, {0}};
    if (from->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)from;
        addr->family = ADDR_IPV4;
        memcpy(addr->bytes, &in->sin_addr, sizeof in->sin_addr);
    } else if (from->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)from;
        addr->family = ADDR_IPV6;
        memcpy(addr->bytes, &in6->sin6_addr, sizeof in6->sin6_addr);
    }
    return addr->family != ADDR_NONE;
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
        answer->os_error = (uint32_t)-failed;
        return;
    }
    for (struct addrinfo *i = found; i && answer->count < IO_NAMES_MAX; i = i->ai_next) {
        if (resolve_take_addr(i->ai_addr, &answer->addrs[answer->count])) {
            answer->count++;
        }
    }
    answer->result = answer->count > 0 ? ERR_OK : ERR_NAME_UNKNOWN;
    freeaddrinfo(found);
}
