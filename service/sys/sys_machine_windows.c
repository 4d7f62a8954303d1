/*
 * machine.h on Windows.
 */
#include <winsock2.h>

#include "sys/machine.h"

#include <iphlpapi.h>
#include <string.h>
#include <windows.h>
#include <ws2tcpip.h>

enum { MACHINE_ADAPTERS_BYTES = 64 * 1024 };

uint32_t machine_processors(void)
{
    DWORD count = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
    return count > 0 ? count : 1;
}

static bool machine_read_address(const SOCKET_ADDRESS *from, struct addr *addr)
{
    *addr = (struct addr){.family = ADDR_NONE};
    if (from->lpSockaddr->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, from->lpSockaddr, sizeof v4);
        addr->family = ADDR_IPV4;
        memcpy(addr->bytes, &v4.sin_addr, sizeof v4.sin_addr);
    } else if (from->lpSockaddr->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, from->lpSockaddr, sizeof v6);
        addr->family = ADDR_IPV6;
        memcpy(addr->bytes, &v6.sin6_addr, sizeof v6.sin6_addr);
    }
    return addr->family != ADDR_NONE;
}

static size_t machine_read_adapters(const IP_ADAPTER_ADDRESSES *adapter, struct addr *addrs,
                                    size_t max)
{
    size_t count = 0;
    for (; adapter; adapter = adapter->Next) {
        const IP_ADAPTER_UNICAST_ADDRESS *at = adapter->FirstUnicastAddress;
        for (; at && count < max; at = at->Next) {
            count += machine_read_address(&at->Address, &addrs[count]) ? 1 : 0;
        }
    }
    return count;
}

size_t machine_addresses(struct addr *addrs, size_t max)
{
    ULONG bytes = MACHINE_ADAPTERS_BYTES;
    IP_ADAPTER_ADDRESSES *first = HeapAlloc(GetProcessHeap(), 0, bytes);
    size_t count = 0;
    if (first && GetAdaptersAddresses(AF_UNSPEC,
                                      GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST |
                                          GAA_FLAG_SKIP_DNS_SERVER,
                                      NULL, first, &bytes) == NO_ERROR) {
        count = machine_read_adapters(first, addrs, max);
    }
    HeapFree(GetProcessHeap(), 0, first);
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
