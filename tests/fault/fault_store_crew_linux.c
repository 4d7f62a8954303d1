/*
 * fault_store_crew.h on Linux.
 */
#define _POSIX_C_SOURCE 200809L

#include "fault/fault_store_crew.h"

#include "base/check.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const unsigned crew_stride = 1;

static struct member {
    pid_t pid;
    FILE *lines;
} crew[CREW_MAX];

void crew_start(unsigned who, const char *program, const char *const *arguments, size_t count)
{
    int ends[2];
    const char *words[6] = {program};
    CHECK(who < CREW_MAX && count <= 4 && pipe(ends) == 0);
    for (size_t i = 0; i < count; i++) {
        words[i + 1] = arguments[i];
    }
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        char *copies[6];
        memcpy(copies, words, sizeof copies); /* execv takes what it never writes to */
        if (dup2(ends[1], STDOUT_FILENO) >= 0 && close(ends[0]) == 0 && close(ends[1]) == 0) {
            (void)execv(program, copies);
        }
        _exit(126);
    }
    CHECK(close(ends[1]) == 0);
    crew[who] = (struct member){pid, fdopen(ends[0], "r")};
    CHECK(crew[who].lines);
}

bool crew_read(unsigned who, char line[CREW_LINE_MAX])
{
    if (!fgets(line, CREW_LINE_MAX, crew[who].lines)) {
        return false;
    }
    size_t len = strcspn(line, "\r\n");
    bool whole = line[len] != '\0'; /* a line that was cut by the end was not said */
    line[len] = '\0';
    return whole;
}

void crew_kill(unsigned who)
{
    CHECK(kill(crew[who].pid, SIGKILL) == 0);
}

int crew_wait(unsigned who)
{
    int status;
    CHECK(waitpid(crew[who].pid, &status, 0) == crew[who].pid);
    CHECK(fclose(crew[who].lines) == 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void crew_pause(void)
{
    CHECK(sched_yield() == 0);
}
