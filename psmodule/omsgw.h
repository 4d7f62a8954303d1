/*
 * omsgw.dll, libomsgw.so: the configuration of OMS Gateway for programs. The PowerShell module
 * stands on it; it may be called from C, C#, Python and whatever else calls C.
 *
 *     char *answer;
 *     const char *hosts[] = {"www.example.com", "*.ods.opinsights.azure.com"};
 *     int code = omsgw_add(NULL, OMSGW_HOSTS, hosts, 2, "log data", &answer);
 *     if (answer) {
 *         puts(answer);
 *     }
 *     omsgw_free(answer);
 *
 * Texts are UTF-8 with a NUL at their end. `folder` is the data folder; NULL: the one that
 * OMSGATEWAY_DATA names, else the service's own. Many values in one call are one change: all of
 * them or none, one revision; a gateway that runs follows within seconds.
 *
 * Every call but omsgw_version and omsgw_free returns a code and gives *answer, one JSON object, to
 * be given back to omsgw_free; NULL only with OMSGW_NO_MEMORY and OMSGW_MISUSED.
 *
 *     {"result": what the call says it gives, null where it failed or gives nothing,
 *      "notes": ["sentences worth knowing"], "warnings": ["sentences"],
 *      "error": null, or {"id": "HOST_URL", "sentence": "what is wrong",
 *                         "how": "right would be", "for example" or other such words, or null,
 *                         "action": "a command of omsgateway, without that name", or null}}
 *
 * Any number of threads and processes may call at once: nothing is kept between two calls, and
 * changes wait for each other. The library connects to nothing and starts no thread.
 */
#ifndef PSMODULE_OMSGW_H
#define PSMODULE_OMSGW_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum omsgw_code {
    OMSGW_DONE = 0,
    OMSGW_NO = 1,        /* no error, but the answer is no: see omsgw_check, omsgw_status */
    OMSGW_WRONG = 2,     /* a value that cannot be: the sentence says what can */
    OMSGW_ABSENT = 3,    /* there is no such thing */
    OMSGW_DENIED = 4,    /* it takes an administrator */
    OMSGW_BUSY = 5,      /* somebody else keeps the configuration busy */
    OMSGW_DAMAGED = 6,   /* what is stored, or where, cannot be used */
    OMSGW_FULL = 7,      /* the disk is full */
    OMSGW_FAILED = 8,    /* the system refused something; the sentence has its words */
    OMSGW_NO_MEMORY = 9, /* no answer could be made; a change may be in force all the same */
    OMSGW_MISUSED = 10   /* a pointer that is NULL, a list or kind that is none */
};

enum omsgw_kind { OMSGW_HOSTS = 0, OMSGW_CERTIFICATES = 1 };

const char *omsgw_version(void); /* "1.2.3" */
void omsgw_free(char *answer);   /* NULL is fine */

/*
 * One setting, or with name == NULL all of them, sorted: [{"name", "value", "default", "accepted",
 * "restart", "description"}]; restart: a change acts after the gateway's next start.
 */
int omsgw_config_get(const char *folder, const char *name, char **answer);
/* Name, value, name, value: `count` texts, an even number; each setting once. Gives nothing. */
int omsgw_config_set(const char *folder, const char *const *pairs, size_t count, char **answer);
/* Defaults again. Gives nothing. */
int omsgw_config_reset(const char *folder, const char *const *names, size_t count, char **answer);

/* {"url", "login"}: url is null where none is set; login says whether it has one, and never what.
 */
int omsgw_relay_get(const char *folder, char **answer);
/* http://host:port; username == NULL: no login. Both or neither of them. Gives nothing. */
int omsgw_relay_set(const char *folder, const char *url, const char *username, const char *password,
                    char **answer);
int omsgw_relay_clear(const char *folder, char **answer);

/* [{"value", "origin", "comment"}], sorted; all != 0: with those that were not added by hand. */
int omsgw_list(const char *folder, int kind, int all, char **answer);
/* What is there already is a note; a comment, where it is not NULL, replaces its own. Gives
 * nothing. */
int omsgw_add(const char *folder, int kind, const char *const *values, size_t count,
              const char *comment, char **answer);
/* What is not there is an error, OMSGW_ABSENT. Gives nothing. */
int omsgw_remove(const char *folder, int kind, const char *const *values, size_t count,
                 char **answer);

/*
 * May a client reach this host, or host:port, and by which rule? Judged as well are `client`, its
 * address, `subject`, that of its certificate, and `addresses`, which the host resolves to, where
 * they are given: not NULL, not 0.
 * {"host", "port", "client", "allowed", "judged", "rule", "reason", "remedy", "addresses":
 * [{"address", "allowed", "rule"}], "relay", "note"}; not allowed is OMSGW_NO.
 */
int omsgw_check(const char *folder, const char *host, const char *client, const char *subject,
                const char *const *addresses, size_t count, char **answer);

/* [{"revision", "time", "who", "program", "what", "old", "new"}], the newest first. */
int omsgw_history(const char *folder, char **answer);
/*
 * {"state": "running", "stopped" or "gone", "version", "pid", "started", "heartbeat", "uptime_s",
 * "revision", "listeners": [...], "counters": {...}}; not running is OMSGW_NO.
 */
int omsgw_status(const char *folder, char **answer);

#ifdef __cplusplus
}
#endif

#endif
