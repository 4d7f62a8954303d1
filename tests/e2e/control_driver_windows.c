/*
 * control_driver CODE: sends a control to OMSGatewayService, as Windows or another program would,
 * and prints the state it answers with; the exit status is 0 where the service took it. 0 asks for
 * nothing: "STATE EXIT SPECIFIC" is printed as the service controller has them.
 */
#include "base/check.h"
#include "base/span.h"

#include <windows.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    uint64_t code;
    SERVICE_STATUS status;
    CHECK(argc == 2 && span_number(span_str(argv[1]), 0, 255, &code) == ERR_OK);
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
    CHECK(manager);
    SC_HANDLE service = OpenServiceW(manager, L"OMSGatewayService", SERVICE_ALL_ACCESS);
    CHECK(service);
    BOOL well = code == 0 ? QueryServiceStatus(service, &status)
                          : ControlService(service, (DWORD)code, &status);
    if (!well) {
        (void)printf("refused %lu\n", GetLastError());
        return 1;
    }
    (void)printf("%lu %lu %lu\n", status.dwCurrentState, status.dwWin32ExitCode,
                 status.dwServiceSpecificExitCode);
    return 0;
}
