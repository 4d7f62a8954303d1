/*
 * paths.h on Linux.
 */
#define _POSIX_C_SOURCE 200809L

#include "sys/paths.h"

#include "base/out.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char SYS_FOLDER[] = "/var/lib/omsgateway";

enum { SYS_PASSWD_MAX = 4096 };

const char sys_separators[] = "/";

/* The folder for the user's own state: an XDG variable that is not absolute does not count. */
static enum err sys_user_folder(char *place)
{
    char state[PATHS_MAX];
    const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (xdg && xdg[0] == '/') {
        return paths_join(xdg, "omsgateway", place);
    }
    if (!home || home[0] != '/') {
        return ERR_FOLDER_NONE;
    }
    TRY(paths_join(home, ".local/state", state));
    return paths_join(state, "omsgateway", place);
}

/* Root may make the system's folder; anybody else uses it where the service's unit says so. */
static bool sys_may_use(const char *folder)
{
    return geteuid() == 0 || faccessat(AT_FDCWD, folder, R_OK | W_OK | X_OK, AT_EACCESS) == 0;
}

static enum err sys_choose(struct paths_data *data, enum paths_choice choice, const char *folder)
{
    data->choice = choice;
    return paths_join(folder, "", data->folder);
}

enum err paths_find_data(const char *given, struct paths_data *data)
{
    const char *environment = getenv("OMSGATEWAY_DATA");
    if (given) {
        return given[0] != '\0' ? sys_choose(data, PATHS_GIVEN, given) : ERR_FOLDER_NONE;
    }
    if (environment && environment[0] != '\0') {
        return sys_choose(data, PATHS_ENVIRONMENT, environment);
    }
    if (sys_may_use(SYS_FOLDER)) {
        return sys_choose(data, PATHS_SYSTEM, SYS_FOLDER);
    }
    data->choice = PATHS_USER;
    return sys_user_folder(data->folder);
}

void paths_user(char place[PATHS_USER_MAX])
{
    char room[SYS_PASSWD_MAX];
    struct passwd entry, *found = NULL;
    struct out out;
    out_begin(&out, place, PATHS_USER_MAX);
    if (getpwuid_r(geteuid(), &entry, room, sizeof room, &found) == 0 && found &&
        strlen(found->pw_name) < PATHS_USER_MAX) {
        out_str(&out, found->pw_name);
    } else {
        out_u64(&out, geteuid());
    }
    /* Root may be anybody: sudo says who. */
    const char *behind = geteuid() == 0 ? getenv("SUDO_USER") : NULL;
    if (behind && behind[0] != '\0' && strlen(behind) < 100 && out_is_plain(span_str(behind))) {
        out_str(&out, " (sudo: ");
        out_str(&out, behind);
        out_str(&out, ")");
    }
}
