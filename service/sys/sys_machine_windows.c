/*
 * machine.h on Windows.
 */
#include <winsock2.h>

#include "sys/machine.h"

#include <iphlpapi.h>
#include <string.h>
#include <windows.h>
#include <ws2tcpip.h>

#include "sys/sys_sockaddr.h"

enum { MACHINE_ADAPTERS_BYTES = 64 * 1024, MACHINE_TRIES = 4 };

uint32_t machine_processors(void)
{
    DWORD count = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
    return count > 0 ? count : 1;
}

static size_t machine_read_adapters(const IP_ADAPTER_ADDRESSES *adapter, struct addr *addrs,
                                    size_t max)
{
    size_t count = 0;
    for (; adapter; adapter = adapter->Next) {
        const IP_ADAPTER_UNICAST_ADDRESS *at = adapter->FirstUnicastAddress;
        for (; at && count < max; at = at->Next) {
            addrs[count] = sys_from_sockaddr(at->Address.lpSockaddr).addr;
            count += addrs[count].family != ADDR_NONE ? 1 : 0;
        }
    }
    return count;
}

size_t machine_addresses(struct addr *addrs, size_t max)
{
    const ULONG flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
    ULONG bytes = MACHINE_ADAPTERS_BYTES, code = ERROR_BUFFER_OVERFLOW;
    size_t count = 0;
    /* When it was too small, `bytes` is what was missing; adapters may come meanwhile. */
    for (int i = 0; i < MACHINE_TRIES && code == ERROR_BUFFER_OVERFLOW; i++) {
        IP_ADAPTER_ADDRESSES *first = HeapAlloc(GetProcessHeap(), 0, bytes);
        code = first ? GetAdaptersAddresses(AF_UNSPEC, flags, NULL, first, &bytes)
                     : ERROR_NOT_ENOUGH_MEMORY;
        count = code == NO_ERROR ? machine_read_adapters(first, addrs, max) : 0;
        HeapFree(GetProcessHeap(), 0, first);
    }
    return count;
}

uint64_t machine_raise_descriptors(void)
{
    return UINT64_MAX; /* sockets are handles, of which a process may have millions */
}

uint64_t machine_process(void)
{
    return GetCurrentProcessId();
}

/* Windows Error Reporting, which writes them, is not asked; nor does a box wait for somebody. */
void machine_keep_dumps(bool keep)
{
    (void)SetErrorMode(SEM_FAILCRITICALERRORS | (keep ? 0 : SEM_NOGPFAULTERRORBOX));
}
