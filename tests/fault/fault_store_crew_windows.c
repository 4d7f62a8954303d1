/*
 * fault_store_crew.h on Windows.
 */
#include "fault/fault_store_crew.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>
#include <windows.h>

enum { KILLED = 77 };

const unsigned crew_stride = 7; /* a program takes long to begin under Wine */

static struct member {
    HANDLE process, lines;
    char ahead[CREW_LINE_MAX * 4]; /* read, but not given out */
    size_t len;
} crew[CREW_MAX];

/* The words of a test have no quotes and need none but around them. */
static void join(char *line, size_t size, const char *word)
{
    size_t len = strlen(line);
    int more = snprintf(line + len, size - len, "%s\"%s\"", len > 0 ? " " : "", word);
    CHECK(more > 0 && (size_t)more < size - len);
}

static HANDLE start(const char *line, STARTUPINFOA *how)
{
    char own[1024]; /* CreateProcess may write in it */
    PROCESS_INFORMATION made;
    (void)snprintf(own, sizeof own, "%s", line);
    CHECK(CreateProcessA(NULL, own, NULL, NULL, TRUE, 0, NULL, NULL, how, &made));
    CHECK(CloseHandle(made.hThread));
    return made.hProcess;
}

void crew_start(unsigned who, const char *program, const char *const *arguments, size_t count)
{
    char line[1024] = "";
    HANDLE write_end;
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
    STARTUPINFOA how = {.cb = sizeof how, .dwFlags = STARTF_USESTDHANDLES};
    struct member *member = &crew[who];
    CHECK(who < CREW_MAX && CreatePipe(&member->lines, &write_end, &inherited, 0));
    CHECK(SetHandleInformation(member->lines, HANDLE_FLAG_INHERIT, 0));
    how.hStdOutput = write_end;
    how.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    join(line, sizeof line, program);
    for (size_t i = 0; i < count; i++) {
        join(line, sizeof line, arguments[i]);
    }
    member->process = start(line, &how);
    CHECK(CloseHandle(write_end));
    member->len = 0;
}

bool crew_read(unsigned who, char line[CREW_LINE_MAX])
{
    struct member *member = &crew[who];
    for (;;) {
        char *end = memchr(member->ahead, '\n', member->len);
        if (end) {
            size_t len = (size_t)(end - member->ahead), cut = len;
            cut -= cut > 0 && end[-1] == '\r' ? 1 : 0;
            CHECK(cut < CREW_LINE_MAX);
            memcpy(line, member->ahead, cut);
            line[cut] = '\0';
            member->len -= len + 1;
            memmove(member->ahead, end + 1, member->len);
            return true;
        }
        DWORD got = 0;
        CHECK(member->len < sizeof member->ahead);
        if (!ReadFile(member->lines, member->ahead + member->len,
                      (DWORD)(sizeof member->ahead - member->len), &got, NULL) ||
            got == 0) {
            return false;
        }
        member->len += got;
    }
}

void crew_kill(unsigned who)
{
    (void)TerminateProcess(crew[who].process, KILLED); /* it may just have ended by itself */
}

int crew_wait(unsigned who)
{
    DWORD status;
    CHECK(WaitForSingleObject(crew[who].process, INFINITE) == WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(crew[who].process, &status));
    CHECK(CloseHandle(crew[who].process) && CloseHandle(crew[who].lines));
    return status == KILLED ? -1 : (int)status;
}

void crew_pause(void)
{
    (void)SwitchToThread();
}
