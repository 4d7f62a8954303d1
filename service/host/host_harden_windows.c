/*
 * What this process may never do, given up at its start: run code made at run time, load more DLLs
 * from elsewhere than System32 (those that it is linked with are loaded by then, and Windows' own),
 * be extended by other programs' hooks, go on with a damaged heap or with a handle that is none. A
 * Windows that knows one of them not goes on without it.
 */
#include "host/host_windows.h"

#include <windows.h>

static void host_deny(PROCESS_MITIGATION_POLICY which, void *policy, SIZE_T size)
{
    (void)SetProcessMitigationPolicy(which, policy, size);
}

void host_harden(void)
{
    PROCESS_MITIGATION_DYNAMIC_CODE_POLICY code = {.ProhibitDynamicCode = 1};
    PROCESS_MITIGATION_EXTENSION_POINT_DISABLE_POLICY hooks = {.DisableExtensionPoints = 1};
    PROCESS_MITIGATION_STRICT_HANDLE_CHECK_POLICY handles = {
        .RaiseExceptionOnInvalidHandleReference = 1, .HandleExceptionsPermanentlyEnabled = 1};
    PROCESS_MITIGATION_IMAGE_LOAD_POLICY images = {.NoRemoteImages = 1,
                                                   .NoLowMandatoryLabelImages = 1};
    PROCESS_MITIGATION_FONT_DISABLE_POLICY fonts = {.DisableNonSystemFonts = 1};
    (void)HeapSetInformation(NULL, HeapEnableTerminationOnCorruption, NULL, 0);
    (void)SetDllDirectoryW(L"");
    (void)SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
    host_deny(ProcessDynamicCodePolicy, &code, sizeof code);
    host_deny(ProcessExtensionPointDisablePolicy, &hooks, sizeof hooks);
    host_deny(ProcessStrictHandleCheckPolicy, &handles, sizeof handles);
    host_deny(ProcessImageLoadPolicy, &images, sizeof images);
    host_deny(ProcessFontDisablePolicy, &fonts, sizeof fonts);
}
