/*
 * Asking the system for a name on Windows: GetAddrInfoW, which may wait for as long as it likes.
 * Winsock counts its users; each question is one, so that no loop needs to be open meanwhile.
 */
#include "io/resolve.h"

#include "base/utf.h"

#include <string.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include "sys/sys_sockaddr.h"

_Static_assert(sizeof(wchar_t) == sizeof(uint16_t), "UTF-16");

static enum err resolve_result(int failed)
{
    return failed == WSAHOST_NOT_FOUND || failed == WSANO_DATA ? ERR_NAME_UNKNOWN : ERR_NAME_FAILED;
}

static int resolve_find(const wchar_t *name, struct resolve_answer *answer)
{
    ADDRINFOW hints, *found = NULL;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    int failed = GetAddrInfoW(name, NULL, &hints, &found);
    if (failed != 0) {
        return failed;
    }
    for (const ADDRINFOW *i = found; i && answer->count < IO_NAMES_MAX; i = i->ai_next) {
        struct addr addr = sys_from_sockaddr(i->ai_addr).addr;
        if (addr.family != ADDR_NONE) {
            answer->addrs[answer->count++] = addr;
        }
    }
    FreeAddrInfoW(found);
    return answer->count > 0 ? 0 : WSANO_DATA;
}

void resolve_ask(struct span name, struct resolve_answer *answer)
{
    wchar_t wide[IO_NAME_MAX + 1];
    size_t len;
    WSADATA data;
    CHECK(name.len <= IO_NAME_MAX);
    *answer = (struct resolve_answer){.result = ERR_NAME_UNKNOWN};
    if (utf_to_16(name, wide, IO_NAME_MAX, &len) != ERR_OK) {
        return; /* no name of this world */
    }
    wide[len] = L'\0';
    int failed = WSAStartup(MAKEWORD(2, 2), &data);
    if (failed == 0) {
        failed = resolve_find(wide, answer);
        (void)WSACleanup();
    }
    answer->result = failed == 0 ? ERR_OK : resolve_result(failed);
}
