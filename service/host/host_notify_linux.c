/*
 * What systemd is told, where it started us as a service of Type=notify: one datagram a word, to
 * the socket that NOTIFY_SOCKET names. One that does not arrive is passed over.
 */
#define _POSIX_C_SOURCE 200809L

#include "host/host.h"

#include "base/out.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void host_notify(struct span words)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t len = path ? strlen(path) : 0;
    if (len < 2 || len >= sizeof to.sun_path) {
        return;
    }
    memcpy(to.sun_path, path, len);
    if (to.sun_path[0] == '@') {
        to.sun_path[0] = '\0'; /* a name without a file */
    }
    int sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sender >= 0) {
        socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
        (void)sendto(sender, words.at, words.len, MSG_NOSIGNAL, (const struct sockaddr *)&to, size);
        (void)close(sender);
    }
}

void host_tell(enum host_state state, uint32_t wait_ms)
{
    static const char *const words[] = {
        [HOST_STARTING] = "EXTEND_TIMEOUT_USEC=",
        [HOST_RUNNING] = "READY=1\n",
        [HOST_STOPPING] = "STOPPING=1\nEXTEND_TIMEOUT_USEC=",
    };
    char place[80];
    struct out out;
    out_begin(&out, place, sizeof place);
    out_str(&out, words[state]);
    if (state != HOST_RUNNING) {
        out_u64(&out, (uint64_t)wait_ms * 1000);
    }
    host_notify(out_span(&out));
}
